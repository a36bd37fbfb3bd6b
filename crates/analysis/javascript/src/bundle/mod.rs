//! Modules that a bundler packed into one file.
//!
//! webpack (and ncc) and browserify keep a table of functions and a function that gives a module by its number; esbuild
//! and Bun wrap each module in a function that runs it once. What one module asks of another is looked up here by the
//! shape of the bundler's own code, whatever names a minifier left, so that the analysis sees a call of that module and
//! its exports instead of a call of any of them.

mod collect;

use std::rc::Rc;

use oxc_ast::ast::{Expression, Program, PropertyKey};
use oxc_semantic::Scoping;
use rustc_hash::{FxHashMap, FxHashSet};

use self::collect::{Entry, Parts};
use crate::ir::SymId;

/// Index of a packed module.
pub(crate) type ModuleId = u32;
/// A place in the text.
pub(crate) type Range = (u32, u32);

/// Every bundler's own code makes one of these for each module.
const MARKS: [&str; 2] = ["exports:{}", "exports: {}"];

/// What a module's function is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Given {
    Module,
    Exports,
    Require,
    Other,
}

/// A function that gives modules of one table by their keys.
#[derive(Clone, Debug)]
struct Require {
    table: usize,
    /// What this module calls the others, if not by their keys.
    names: Option<FxHashMap<String, String>>,
}

/// The modules of a file.
#[derive(Debug, Default)]
pub(crate) struct Bundle {
    /// What the function of each module is given.
    pub(crate) modules: Vec<Rc<[Given]>>,
    tables: Vec<FxHashMap<String, ModuleId>>,
    functions: FxHashMap<Range, ModuleId>,
    requires: FxHashMap<SymId, Require>,
    wrapped: FxHashMap<SymId, ModuleId>,
    getters: FxHashSet<SymId>,
    copies: FxHashSet<SymId>,
    /// Where the bundler's own code calls any module.
    dispatches: FxHashSet<Range>,
    starts: FxHashMap<Range, Vec<ModuleId>>,
}

impl Bundle {
    /// The module whose function stands here.
    pub(crate) fn function(&self, range: Range) -> Option<ModuleId> {
        self.functions.get(&range).copied()
    }

    /// True for a function that gives modules.
    pub(crate) fn is_require(&self, symbol: SymId) -> bool {
        self.requires.contains_key(&symbol)
    }

    /// The module that a function gives for a key.
    pub(crate) fn required(&self, symbol: SymId, key: &str) -> Option<ModuleId> {
        let require = self.requires.get(&symbol)?;
        let key = match &require.names {
            Some(names) => names.get(key)?,
            None => key,
        };
        self.tables.get(require.table)?.get(key).copied()
    }

    /// The module that a wrapper runs.
    pub(crate) fn wrapped(&self, symbol: SymId) -> Option<ModuleId> {
        self.wrapped.get(&symbol).copied()
    }

    /// True for a variable with a function that gives what `require.n` was given.
    pub(crate) fn is_getter(&self, symbol: SymId) -> bool {
        self.getters.contains(&symbol)
    }

    /// True for a variable with a copy of a wrapped module, which has the module itself as its default.
    pub(crate) fn is_copy(&self, symbol: SymId) -> bool {
        self.copies.contains(&symbol)
    }

    /// True for the call with which the bundler's own code runs whichever module is asked for.
    pub(crate) fn is_dispatch(&self, range: Range) -> bool {
        self.dispatches.contains(&range)
    }

    /// The modules that a call runs first.
    pub(crate) fn starts(&self, range: Range) -> &[ModuleId] {
        self.starts.get(&range).map_or(&[], Vec::as_slice)
    }

    fn table(&mut self, entries: &[Entry], order: &Rc<[Given]>) -> usize {
        let mut table = FxHashMap::default();
        for entry in entries {
            let module = self.module(entry, order);
            table.insert(entry.key.clone(), module);
        }
        self.tables.push(table);
        self.tables.len() - 1
    }

    fn module(&mut self, entry: &Entry, order: &Rc<[Given]>) -> ModuleId {
        let module = self.modules.len() as ModuleId;
        self.modules.push(Rc::clone(order));
        self.functions.insert(entry.range, module);
        module
    }
}

/// Looks for packed modules.
pub(crate) fn read(program: &Program<'_>, scoping: &Scoping, text: &str) -> Bundle {
    let has = |mark: &&str| memchr::memmem::find(text.as_bytes(), mark.as_bytes()).is_some();
    if !MARKS.iter().any(has) {
        return Bundle::default();
    }
    assemble(collect::collect(program, scoping))
}

fn assemble(parts: Parts) -> Bundle {
    let mut bundle = Bundle::default();
    for runtime in parts.runtimes {
        let Some(entries) = parts.tables.get(&runtime.table) else {
            continue;
        };
        let order = Rc::from(runtime.order);
        let table = bundle.table(entries, &order);
        bundle.dispatches.insert(runtime.call);
        let by_key = Require { table, names: None };
        bundle.requires.insert(runtime.own, by_key.clone());
        let position = order.iter().position(|g| *g == Given::Require);
        for entry in entries {
            if let Some(Some(symbol)) = position.and_then(|p| entry.params.get(p)) {
                bundle.requires.insert(*symbol, by_key.clone());
            }
        }
    }
    for packed in parts.packed {
        let order = Rc::from([Given::Require, Given::Module, Given::Exports]);
        let table = bundle.table(&packed.entries, &order);
        for entry in packed.entries {
            if let Some(Some(symbol)) = entry.params.first() {
                let names = entry.names;
                bundle.requires.insert(*symbol, Require { table, names });
            }
        }
        let of_table = bundle.tables.get(table);
        let first = packed.starts.iter();
        let first = first.filter_map(|key| of_table?.get(key).copied());
        let first = first.collect();
        bundle.starts.insert(packed.call, first);
    }
    let order = Rc::from([Given::Exports, Given::Module]);
    for wrapped in &parts.wrapped {
        if parts.wrappers.contains(&wrapped.wrapper) {
            let module = bundle.module(&wrapped.entry, &order);
            bundle.wrapped.insert(wrapped.symbol, module);
        }
    }
    for (variable, inner) in parts.copies {
        if bundle.wrapped.contains_key(&inner) {
            bundle.copies.insert(variable);
        }
    }
    for (variable, require) in parts.getters {
        if bundle.is_require(require) {
            bundle.getters.insert(variable);
        }
    }
    bundle
}

/// The key of a module, where one is asked for.
pub(crate) fn key_of(expression: &Expression<'_>) -> Option<String> {
    match expression.get_inner_expression() {
        Expression::StringLiteral(s) => Some(s.value.to_string()),
        Expression::NumericLiteral(n) => Some(n.value.to_string()),
        // `require(require.s = 0)`
        Expression::AssignmentExpression(a) => match a.right.get_inner_expression() {
            Expression::AssignmentExpression(_) => None,
            right => key_of(right),
        },
        _ => None,
    }
}

/// The key of a module in the table.
fn key_in(key: &PropertyKey<'_>) -> Option<String> {
    match key {
        PropertyKey::StaticIdentifier(id) => Some(id.name.to_string()),
        key => key_of(key.as_expression()?),
    }
}
