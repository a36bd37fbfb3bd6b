//! The parts of bundles in a syntax tree.

use oxc_ast::ast::{
    Argument, ArrayExpressionElement, ArrowFunctionExpression, BindingPattern, CallExpression,
    Expression, FormalParameters, Function, IdentifierReference, ObjectExpression,
    ObjectPropertyKind, Program, VariableDeclarator,
};
use oxc_ast_visit::{Visit, walk};
use oxc_semantic::Scoping;
use oxc_syntax::scope::ScopeFlags;
use rustc_hash::{FxHashMap, FxHashSet};

use super::{Given, Range, key_in, key_of};
use crate::ir::SymId;
use crate::names;

/// A module's function in a table.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) range: Range,
    pub(super) params: Vec<Option<SymId>>,
    /// browserify: what the module calls the others.
    pub(super) names: Option<FxHashMap<String, String>>,
}

/// webpack: a function that calls one function of a table, and gives itself to it.
#[derive(Debug)]
pub(super) struct Runtime {
    pub(super) own: SymId,
    pub(super) table: SymId,
    pub(super) order: Vec<Given>,
    pub(super) call: Range,
}

/// browserify: a table with names, and where it begins.
#[derive(Debug)]
pub(super) struct Packed {
    pub(super) call: Range,
    pub(super) entries: Vec<Entry>,
    pub(super) starts: Vec<String>,
}

/// esbuild, Bun: a variable with a wrapped module.
#[derive(Debug)]
pub(super) struct Wrapped {
    pub(super) symbol: SymId,
    pub(super) wrapper: SymId,
    pub(super) entry: Entry,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) tables: FxHashMap<SymId, Vec<Entry>>,
    pub(super) runtimes: Vec<Runtime>,
    pub(super) packed: Vec<Packed>,
    pub(super) wrapped: Vec<Wrapped>,
    /// Functions that give a function which makes a module's `{exports: {}}`.
    pub(super) wrappers: FxHashSet<SymId>,
    /// `var x = require.n(y)`: the variable, and `require`.
    pub(super) getters: Vec<(SymId, SymId)>,
    /// `var x = toESM(require_y())`: the variable, and `require_y`.
    pub(super) copies: Vec<(SymId, SymId)>,
}

pub(super) fn collect(program: &Program<'_>, scoping: &Scoping) -> Parts {
    let mut collector = Collector {
        scoping,
        parts: Parts::default(),
        open: Vec::new(),
        name: None,
    };
    collector.visit_program(program);
    collector.parts
}

/// A function around the current place.
#[derive(Clone, Copy, Debug)]
struct Open {
    own: Option<SymId>,
    first: Option<SymId>,
}

struct Collector<'s> {
    scoping: &'s Scoping,
    parts: Parts,
    open: Vec<Open>,
    /// The variable that the next function is given to.
    name: Option<SymId>,
}

impl Collector<'_> {
    fn symbol(&self, id: &IdentifierReference<'_>) -> Option<SymId> {
        names::referred(self.scoping, id).map(|s| s.index() as SymId)
    }

    fn symbol_of(&self, expression: &Expression<'_>) -> Option<SymId> {
        match expression.get_inner_expression() {
            Expression::Identifier(id) => self.symbol(id),
            _ => None,
        }
    }

    /// `table[id](module, module.exports, require)`, with or without `.call`.
    fn dispatch(&mut self, call: &CallExpression<'_>) {
        let (index, skipped) = match call.callee.get_inner_expression() {
            Expression::ComputedMemberExpression(index) => (index, 0),
            Expression::StaticMemberExpression(m) if m.property.name == "call" => {
                match m.object.get_inner_expression() {
                    Expression::ComputedMemberExpression(index) => (index, 1),
                    _ => return,
                }
            }
            _ => return,
        };
        let Some(table) = self.symbol_of(&index.object) else {
            return;
        };
        let Some(asked) = self.symbol_of(&index.expression) else {
            return;
        };
        let Some(own) = self
            .open
            .iter()
            .rev()
            .find(|o| o.first == Some(asked))
            .and_then(|o| o.own)
        else {
            return;
        };
        let arguments = call.arguments.iter().skip(skipped);
        let order: Vec<Given> = arguments.map(|a| self.given(a, own)).collect();
        if order.contains(&Given::Exports) {
            self.parts.runtimes.push(Runtime {
                own,
                table,
                order,
                call: (call.span.start, call.span.end),
            });
        }
    }

    fn given(&self, argument: &Argument<'_>, own: SymId) -> Given {
        match argument {
            Argument::StaticMemberExpression(m) if m.property.name == "exports" => Given::Exports,
            Argument::Identifier(id) if self.symbol(id) == Some(own) => Given::Require,
            Argument::Identifier(_) => Given::Module,
            _ => Given::Other,
        }
    }

    /// `(function …)({1: [function (require, module, exports) {…}, {"./x": 2}]}, {}, [1])`.
    fn packed(&mut self, call: &CallExpression<'_>) {
        let [Argument::ObjectExpression(table), _, starts, ..] = &call.arguments[..] else {
            return;
        };
        let Argument::ArrayExpression(starts) = starts else {
            return;
        };
        let entries: Vec<Entry> = entries_of(table)
            .filter(|entry| entry.names.is_some())
            .collect();
        if !entries.is_empty() {
            let starts = starts.elements.iter();
            let starts = starts.filter_map(|e| key_of(e.as_expression()?));
            self.parts.packed.push(Packed {
                call: (call.span.start, call.span.end),
                entries,
                starts: starts.collect(),
            });
        }
    }

    fn bound(&mut self, symbol: SymId, value: &Expression<'_>) {
        if let Some(entries) = table(value) {
            self.parts.tables.insert(symbol, entries);
            return;
        }
        let Expression::CallExpression(call) = value.get_inner_expression() else {
            return;
        };
        match call.callee.get_inner_expression() {
            Expression::StaticMemberExpression(m) if m.property.name == "n" => {
                if let Some(require) = self.symbol_of(&m.object) {
                    self.parts.getters.push((symbol, require));
                }
            }
            Expression::Identifier(wrapper) => {
                let wrapper = self.symbol(wrapper);
                let first = call.arguments.first().and_then(Argument::as_expression);
                if let Some(Expression::CallExpression(inner)) = first
                    && let Some(inner) = self.symbol_of(&inner.callee)
                {
                    self.parts.copies.push((symbol, inner));
                }
                let module = first.and_then(|e| match e.get_inner_expression() {
                    Expression::ObjectExpression(one) if one.properties.len() == 1 => {
                        entries_of(one).next()
                    }
                    function => entry(String::new(), function),
                });
                if let (Some(wrapper), Some(entry)) = (wrapper, module) {
                    self.parts.wrapped.push(Wrapped {
                        symbol,
                        wrapper,
                        entry,
                    });
                }
            }
            _ => {}
        }
    }

    fn enter(&mut self, own: Option<SymId>, params: &FormalParameters<'_>) {
        let own = own.or(self.name.take());
        let first = params.items.first().and_then(|p| symbol_in(&p.pattern));
        self.open.push(Open { own, first });
    }
}

impl<'a> Visit<'a> for Collector<'_> {
    fn visit_function(&mut self, it: &Function<'a>, flags: ScopeFlags) {
        let own = it.id.as_ref().and_then(|id| id.symbol_id.get());
        self.enter(own.map(|s| s.index() as SymId), &it.params);
        walk::walk_function(self, it, flags);
        self.open.pop();
    }

    fn visit_arrow_function_expression(&mut self, it: &ArrowFunctionExpression<'a>) {
        self.enter(None, &it.params);
        walk::walk_arrow_function_expression(self, it);
        self.open.pop();
    }

    fn visit_variable_declarator(&mut self, it: &VariableDeclarator<'a>) {
        if let Some(value) = &it.init
            && let Some(symbol) = symbol_in(&it.id)
        {
            self.bound(symbol, value);
            self.name = matches!(
                value.get_inner_expression(),
                Expression::FunctionExpression(_) | Expression::ArrowFunctionExpression(_)
            )
            .then_some(symbol);
        }
        walk::walk_variable_declarator(self, it);
        self.name = None;
    }

    fn visit_call_expression(&mut self, it: &CallExpression<'a>) {
        self.dispatch(it);
        self.packed(it);
        let params = match it.callee.get_inner_expression() {
            Expression::FunctionExpression(f) => Some(&f.params),
            Expression::ArrowFunctionExpression(f) => Some(&f.params),
            _ => None,
        };
        if let Some(params) = params {
            for (param, argument) in params.items.iter().zip(&it.arguments) {
                if let Some(symbol) = symbol_in(&param.pattern)
                    && let Some(entries) = argument.as_expression().and_then(table)
                {
                    self.parts.tables.insert(symbol, entries);
                }
            }
        }
        walk::walk_call_expression(self, it);
    }

    fn visit_object_expression(&mut self, it: &ObjectExpression<'a>) {
        if let [ObjectPropertyKind::ObjectProperty(only)] = &it.properties[..]
            && key_in(&only.key).as_deref() == Some("exports")
            && matches!(&only.value, Expression::ObjectExpression(o) if o.properties.is_empty())
        {
            // the function that makes it is given back by the wrapper
            let outer = self.open.iter().rev().skip(1).take(2);
            let wrappers = outer.filter_map(|o| o.own);
            self.parts.wrappers.extend(wrappers);
        }
        walk::walk_object_expression(self, it);
    }
}

fn symbol_in(pattern: &BindingPattern<'_>) -> Option<SymId> {
    names::declared(pattern).map(|s| s.index() as SymId)
}

/// The functions of a table.
fn table(value: &Expression<'_>) -> Option<Vec<Entry>> {
    let entries: Vec<Entry> = match value.get_inner_expression() {
        Expression::ObjectExpression(object) => entries_of(object).collect(),
        Expression::ArrayExpression(array) => array
            .elements
            .iter()
            .enumerate()
            .filter(|(_, e)| !matches!(e, ArrayExpressionElement::Elision(_)))
            .filter_map(|(index, e)| entry(index.to_string(), e.as_expression()?))
            .collect(),
        _ => return None,
    };
    (!entries.is_empty()).then_some(entries)
}

fn entries_of(object: &ObjectExpression<'_>) -> impl Iterator<Item = Entry> {
    object.properties.iter().filter_map(|property| {
        let ObjectPropertyKind::ObjectProperty(property) = property else {
            return None;
        };
        entry(key_in(&property.key)?, &property.value)
    })
}

fn entry(key: String, value: &Expression<'_>) -> Option<Entry> {
    let (span, params, names) = match value.get_inner_expression() {
        Expression::FunctionExpression(f) => (f.span, &f.params, None),
        Expression::ArrowFunctionExpression(f) => (f.span, &f.params, None),
        Expression::ArrayExpression(pair) => {
            let [first, ArrayExpressionElement::ObjectExpression(names)] = &pair.elements[..]
            else {
                return None;
            };
            let ArrayExpressionElement::FunctionExpression(f) = first else {
                return None;
            };
            let asked = names.properties.iter().filter_map(|property| {
                let ObjectPropertyKind::ObjectProperty(property) = property else {
                    return None;
                };
                Some((key_in(&property.key)?, key_of(&property.value)?))
            });
            (f.span, &f.params, Some(asked.collect()))
        }
        _ => return None,
    };
    Some(Entry {
        key,
        range: (span.start, span.end),
        params: params.items.iter().map(|p| symbol_in(&p.pattern)).collect(),
        names,
    })
}
