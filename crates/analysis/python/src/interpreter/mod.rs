//! An abstract interpreter over one module: it runs every function once with unknown parameters and follows names,
//! constants, object kinds and tainted data as it goes.
//!
//! It never runs code: a "run" binds names to [`Value`]s. The module body runs first, in order; functions run when the
//! body calls them, the rest afterwards. A function that is called with constants or functions is run once more with
//! them, within bounds, so that small helpers (decoders, senders) are seen through.

mod absorb;
mod access;
mod api;
mod builtins;
mod call;
mod class;
mod comprehension;
mod conversion;
mod environment;
mod expression;
mod files;
mod fold;
mod function;
mod given;
mod hooks;
mod late;
mod logs;
mod mails;
mod narrow;
mod packed;
mod payees;
mod pieces;
mod prepared;
mod report;
mod setup;
mod sink;
mod statement;
mod transform;

use foretaste_model::Limits;
use foretaste_model::facts::FunctionKind;
use foretaste_observe::identifier::Identifiers;
use foretaste_observe::taint::{Mark, SetId, Taints};
use foretaste_observe::{Budget, FactsBuilder};
use ruff_python_ast::Stmt;
use rustc_hash::{FxHashMap, FxHashSet};

use self::class::Class;
use self::function::Func;
use self::setup::SetupCall;
use self::sink::{Event, Write, WriteKey};
use crate::layer::Layers;
use crate::symbols::{SymId, Symbols};
use crate::value::{Constants, Shape, Value};

pub(crate) use self::builtins::{codec_decode, is_builtin};

/// Nesting of expressions that is followed; deeper ones are unknown values. Real code stays below 100.
const MAX_DEPTH: u32 = 600;
/// Modules that are meant where nothing binds their names.
const MODULES: &[&str] = &[
    "base64",
    "ctypes",
    "marshal",
    "os",
    "requests",
    "shutil",
    "socket",
    "subprocess",
    "sys",
    "urllib",
    "zlib",
];
/// Functions that run within one another.
const MAX_CALLS: u32 = 24;

/// A namespace.
#[derive(Debug, Default)]
pub(crate) struct Scope<'a> {
    vars: FxHashMap<&'a str, Value>,
    parent: Option<u32>,
    is_class: bool,
    /// Names that the scope declares `global` or `nonlocal`.
    outer: Vec<&'a str>,
}

/// What is running.
#[derive(Debug)]
struct Frame {
    /// The index of the function in the facts.
    fact: u32,
    /// The function, unless it is the module body.
    func: Option<u32>,
    scope: u32,
    /// The class whose body is running.
    class: Option<u32>,
    returned: Value,
    /// Branches and loops around the current statement: above 0, names keep what they were bound to before as well.
    branches: u32,
    loops: u32,
    /// True while something runs again that has run before.
    again: bool,
    events: Vec<Event>,
}

pub(crate) struct Interpreter<'a> {
    pub(crate) facts: FactsBuilder<'a>,
    pub(crate) layers: Layers,
    pub(crate) setup: Option<SetupCall>,
    budget: Budget,
    symbols: Symbols,
    constants: Constants<'a>,
    taints: Taints,
    lists: Vec<Vec<Value>>,
    dicts: Vec<Vec<(Value, Value)>>,
    partials: Vec<(Value, Vec<Value>)>,
    namespaces: Vec<Value>,
    /// The call whose value is about to be bound to the name that it looks up.
    kept_name: Option<(u32, u32)>,
    scopes: Vec<Scope<'a>>,
    functions: Vec<Func<'a>>,
    classes: Vec<Class<'a>>,
    identifiers: Identifiers<'a>,
    frame: Frame,
    depth: u32,
    calls: u32,
    inlined: u32,
    /// Modules of which every name was imported.
    stars: Vec<SymId>,
    writes: FxHashMap<WriteKey, Write>,
    /// Names of other modules that were replaced, with what passes through them.
    intercepted: Vec<(SymId, SetId)>,
    /// Archives that are packed in memory.
    packings: Vec<packed::Packing<'a>>,
    /// Functions that read a variable of the module that may be filled later.
    readers: FxHashMap<&'a str, Vec<u32>>,
    /// Functions that read one before it was filled.
    late: Vec<u32>,
    /// Requests that were made.
    prepared: Vec<prepared::Prepared>,
    /// True if the file sends anything.
    sends: bool,
    /// Where records of the log go, if a handler sends them to another machine.
    remote_log: Option<Mark>,
    /// Parameters that are handed to a wallet's library: function, position, where.
    to_wallets: Vec<(u32, u32, Mark)>,
    /// The paths of open files, by the label of the file.
    opened: FxHashMap<u32, Vec<WriteKey>>,
    /// Beginnings of literals that were looked at already.
    /// Functions and lambdas by the place of their definition: one that is defined again is the same one.
    definitions: FxHashMap<(u32, u32), u32>,
    classified: FxHashSet<u32>,
    docstring: Option<&'a str>,
    python2: bool,
    /// Code is executed, or names are reached, that this reading does not see through.
    hidden: bool,
}

impl<'a> Interpreter<'a> {
    pub(crate) fn new(mut facts: FactsBuilder<'a>, limits: &Limits, python2: bool) -> Self {
        let length = facts.places().text().len() as u32;
        let module = facts.function("<module>", FunctionKind::Module, (0, length), None);
        Self {
            budget: Budget::for_file(length as usize, limits),
            facts,
            layers: Layers::default(),
            setup: None,
            symbols: Symbols::default(),
            constants: Constants::default(),
            taints: Taints::default(),
            lists: Vec::new(),
            dicts: Vec::new(),
            partials: Vec::new(),
            namespaces: Vec::new(),
            kept_name: None,
            scopes: vec![Scope::default()],
            functions: Vec::new(),
            classes: Vec::new(),
            identifiers: Identifiers::default(),
            frame: Frame {
                fact: module,
                func: None,
                scope: 0,
                class: None,
                returned: Value::UNKNOWN,
                branches: 0,
                loops: 0,
                again: false,
                events: Vec::new(),
            },
            depth: 0,
            calls: 0,
            inlined: 0,
            stars: Vec::new(),
            writes: FxHashMap::default(),
            intercepted: Vec::new(),
            packings: Vec::new(),
            readers: FxHashMap::default(),
            late: Vec::new(),
            prepared: Vec::new(),
            sends: false,
            remote_log: None,
            to_wallets: Vec::new(),
            opened: FxHashMap::default(),
            definitions: FxHashMap::default(),
            classified: FxHashSet::default(),
            docstring: None,
            python2,
            hidden: false,
        }
    }

    /// Runs a module and everything it defines.
    pub(crate) fn run(&mut self, body: &'a [Stmt]) {
        if let Some(Stmt::Expr(first)) = body.first()
            && let ruff_python_ast::Expr::StringLiteral(text) = &*first.value
        {
            self.docstring = Some(text.value.to_str());
        }
        self.body(body);
        self.scope_flows();
        let mut next = 0;
        while next < self.functions.len() {
            self.run_function(next as u32);
            next += 1;
        }
        self.rerun_classes();
        self.rerun_late();
        while next < self.functions.len() {
            self.run_function(next as u32);
            next += 1;
        }
        self.betrayed();
        self.prepared_arrive();
        self.offer();
        self.facts.set_identifiers(self.identifiers.stats());
    }

    /// True if the file executes text or reaches names in a way that only evaluating it tells.
    pub(crate) const fn wants_evaluation(&self) -> bool {
        self.hidden
    }

    pub(crate) const fn is_exhausted(&self) -> bool {
        self.budget.is_exhausted()
    }

    /// Finishes into the builder and what was decoded on the way.
    pub(crate) fn into_parts(self) -> (FactsBuilder<'a>, Layers, Option<SetupCall>) {
        (self.facts, self.layers, self.setup)
    }

    // ── names ──

    fn lookup(&mut self, name: &'a str) -> Value {
        if let Some((scope, found)) = self.find_in(name) {
            if scope == 0 {
                self.note_read(name, found);
            }
            return found;
        }
        match name {
            "__file__" | "__path__" => return Value::UNKNOWN,
            "__doc__" => {
                if let Some(doc) = self.docstring {
                    return Value::of(Shape::Str(self.constants.borrow_text(doc)));
                }
            }
            _ => {}
        }
        self.ambient(name)
    }

    /// A name that the file does not bind: a builtin, or from a module of which every name was imported.
    fn ambient(&mut self, name: &str) -> Value {
        for module in self.stars.clone() {
            let id = self.symbols.child(module, name);
            if self.symbols.is_known(id) {
                return Value::of(Shape::Api(id));
            }
        }
        if builtins::is_builtin(name) {
            return Value::of(Shape::Api(self.symbols.root(name)));
        }
        // `from .imports import *` brings modules along, and code that forgot an import still tells what it wants
        if MODULES.binary_search(&name).is_ok() {
            return Value::of(Shape::Api(self.symbols.root(name)));
        }
        // or it is of a module of the package itself
        let own = self
            .stars
            .iter()
            .rfind(|m| self.symbols.name(**m).starts_with('.'));
        match own.copied() {
            Some(module) if !name.starts_with('_') => {
                Value::of(Shape::Api(self.symbols.child(module, name)))
            }
            _ => Value::UNKNOWN,
        }
    }

    /// The value of a name that the file binds.
    fn find(&self, name: &str) -> Option<Value> {
        self.find_in(name).map(|(_, value)| value)
    }

    /// What a name stands for, and in which scope it was bound.
    fn find_in(&self, name: &str) -> Option<(u32, Value)> {
        let mut at = Some(self.frame.scope);
        while let Some(index) = at {
            let scope = self.scopes.get(index as usize)?;
            if let Some(value) = scope.vars.get(name) {
                return Some((index, *value));
            }
            at = scope.parent;
        }
        None
    }

    /// Binds a name. In a branch, what was known before stays possible.
    fn bind(&mut self, name: &'a str, value: Value) {
        self.identifiers.add(name);
        let mut at = self.frame.scope;
        if let Some(scope) = self.scopes.get(at as usize)
            && scope.outer.contains(&name)
        {
            at = self.owner(scope.parent, name);
        }
        let weak = self.frame.branches > 0 || at != self.frame.scope;
        let mut value = value;
        if weak && let Some(old) = self.scopes.get(at as usize).and_then(|s| s.vars.get(name)) {
            value = self.join(*old, value);
        }
        let old = self
            .scopes
            .get_mut(at as usize)
            .and_then(|scope| scope.vars.insert(name, value));
        if at == 0 {
            let old = old.map_or(SetId::EMPTY, |o| o.taint);
            self.note_filled(name, old, value.taint);
        }
    }

    /// What a name of this very scope stands for, if it has been bound here.
    fn own(&self, name: &str) -> Option<Value> {
        let scope = self.scopes.get(self.frame.scope as usize)?;
        scope.vars.get(name).copied()
    }

    /// Binds a name as if nothing had been there.
    fn rebind(&mut self, name: &'a str, value: Value) {
        self.identifiers.add(name);
        if let Some(scope) = self.scopes.get_mut(self.frame.scope as usize) {
            scope.vars.insert(name, value);
        }
    }

    /// The outer scope in which a `global` or `nonlocal` name lives.
    fn owner(&self, from: Option<u32>, name: &str) -> u32 {
        let mut at = from;
        while let Some(index) = at {
            let Some(scope) = self.scopes.get(index as usize) else {
                break;
            };
            if scope.vars.contains_key(name) {
                return index;
            }
            at = scope.parent;
        }
        0
    }

    // ── values ──

    /// Either of two values; the second one is the newer.
    fn join(&mut self, old: Value, new: Value) -> Value {
        let taint = self.taints.union(new.taint, old.taint);
        let pick = if new.shape.is_telling() || !old.shape.is_telling() {
            new
        } else {
            old
        };
        pick.with(taint)
    }

    fn union(&mut self, a: SetId, b: SetId) -> SetId {
        self.taints.union(a, b)
    }

    fn text(&mut self, text: String) -> Value {
        match self.constants.make_text(text) {
            Some(id) => Value::of(Shape::Str(id)),
            None => Value::UNKNOWN,
        }
    }

    fn bytes(&mut self, bytes: Vec<u8>) -> Value {
        match self.constants.make_bytes(bytes) {
            Some(id) => Value::of(Shape::Bytes(id)),
            None => Value::UNKNOWN,
        }
    }

    fn list(&mut self, values: Vec<Value>) -> Value {
        let mut taint = SetId::EMPTY;
        for value in &values {
            taint = self.taints.union(taint, value.taint);
        }
        self.lists.push(values);
        Value::of(Shape::List(self.lists.len() as u32 - 1)).with(taint)
    }

    fn elements(&self, list: u32) -> &[Value] {
        self.lists.get(list as usize).map_or(&[], |l| l)
    }
}
