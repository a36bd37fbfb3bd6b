//! What a program has of the parts of a string table.

use oxc_ast::ast::{
    Argument, ArrayExpressionElement, ArrowFunctionExpression, AssignmentExpression,
    AssignmentTarget, BinaryExpression, BindingPattern, CallExpression, Expression,
    FormalParameters, Function as AstFunction, FunctionBody, IdentifierReference,
    ObjectPropertyKind, Program, Statement, StringLiteral, VariableDeclarator,
};
use oxc_ast_visit::{Visit, walk};
use oxc_semantic::Scoping;
use oxc_syntax::operator::{AssignmentOperator, BinaryOperator, UnaryOperator};
use oxc_syntax::scope::ScopeFlags;
use rustc_hash::FxHashMap;

use crate::names;

/// The alphabet in the decoder of every table that has one.
const ALPHABET: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=";
/// How many functions outward a part counts for.
const NEAREST: usize = 8;
/// Fewer strings are no table.
const LEAST: usize = 3;

/// An expression over constants, variables and calls.
#[derive(Clone, Debug)]
pub(super) enum Expr {
    Number(f64),
    Text(String),
    Symbol(u32),
    Property(u32, String),
    Minus(Box<Self>),
    Binary(char, Box<Self>, Box<Self>),
    ParseInt(Box<Self>),
    Call(u32, Vec<Self>),
}

/// An array of strings, or the function that gives it.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) strings: Vec<String>,
    pub(super) range: (u32, u32),
}

/// A function.
#[derive(Debug, Default)]
pub(super) struct Function {
    pub(super) params: Vec<u32>,
    /// Of the function in it that takes its place.
    pub(super) inner_params: Vec<u32>,
    /// What it gives, if that is all it does.
    pub(super) result: Option<Expr>,
    /// What becomes of its first parameter: a position.
    pub(super) position: Option<Expr>,
    /// Variables that it names.
    pub(super) names: Vec<u32>,
    /// It holds the alphabet of a decoder.
    pub(super) alphabet: bool,
    /// It combines characters with a key.
    pub(super) cipher: bool,
    /// A sum over numbers at the beginning of strings.
    sum: Option<Expr>,
    /// It moves elements from one end of a list to the other.
    turns: bool,
}

/// The parts.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    pub(super) tables: FxHashMap<u32, Table>,
    pub(super) functions: FxHashMap<u32, Function>,
    pub(super) aliases: FxHashMap<u32, u32>,
    pub(super) constants: FxHashMap<u32, Expr>,
    pub(super) objects: FxHashMap<u32, FxHashMap<String, Expr>>,
    /// Table, target, and the sum that must meet it.
    pub(super) rotations: Vec<(u32, Expr, Option<Expr>)>,
    pub(super) calls: Vec<((u32, u32), Expr)>,
}

pub(super) fn collect(program: &Program<'_>, scoping: &Scoping) -> Shapes {
    let mut collector = Collector {
        scoping,
        shapes: Shapes::default(),
        open: Vec::new(),
        name: None,
        turned: Vec::new(),
    };
    collector.visit_program(program);
    let Collector {
        mut shapes, turned, ..
    } = collector;
    for (table, target, sum) in turned {
        if shapes.tables.contains_key(&table) {
            shapes.rotations.push((table, target, sum));
        }
    }
    shapes
}

struct Collector<'s> {
    scoping: &'s Scoping,
    shapes: Shapes,
    /// Functions around the current place.
    open: Vec<Function>,
    /// The variable that the next function is given to.
    name: Option<u32>,
    turned: Vec<(u32, Expr, Option<Expr>)>,
}

impl Collector<'_> {
    fn symbol(&self, id: &IdentifierReference<'_>) -> Option<u32> {
        names::referred(self.scoping, id).map(|s| s.index() as u32)
    }

    fn expr(&self, expression: &Expression<'_>, depth: u32) -> Option<Expr> {
        if depth > 64 {
            return None;
        }
        Some(match expression.get_inner_expression() {
            Expression::NumericLiteral(n) => Expr::Number(n.value),
            Expression::StringLiteral(s) => Expr::Text(s.value.to_string()),
            Expression::Identifier(id) => Expr::Symbol(self.symbol(id)?),
            Expression::UnaryExpression(u) if u.operator == UnaryOperator::UnaryNegation => {
                Expr::Minus(Box::new(self.expr(&u.argument, depth + 1)?))
            }
            Expression::BinaryExpression(b) => {
                let sign = match b.operator {
                    BinaryOperator::Addition => '+',
                    BinaryOperator::Subtraction => '-',
                    BinaryOperator::Multiplication => '*',
                    BinaryOperator::Division => '/',
                    BinaryOperator::Remainder => '%',
                    _ => return None,
                };
                Expr::Binary(
                    sign,
                    Box::new(self.expr(&b.left, depth + 1)?),
                    Box::new(self.expr(&b.right, depth + 1)?),
                )
            }
            Expression::StaticMemberExpression(m) => match &m.object {
                Expression::Identifier(id) => {
                    Expr::Property(self.symbol(id)?, m.property.name.to_string())
                }
                _ => return None,
            },
            Expression::ComputedMemberExpression(m) => match (&m.object, &m.expression) {
                (Expression::Identifier(id), Expression::StringLiteral(key)) => {
                    Expr::Property(self.symbol(id)?, key.value.to_string())
                }
                _ => return None,
            },
            Expression::CallExpression(call) => return self.call(call, depth),
            _ => return None,
        })
    }

    fn call(&self, call: &CallExpression<'_>, depth: u32) -> Option<Expr> {
        let Expression::Identifier(id) = &call.callee else {
            return None;
        };
        if call.arguments.len() > 8 {
            return None;
        }
        let mut args = Vec::new();
        for argument in &call.arguments {
            args.push(self.expr(argument.as_expression()?, depth + 1)?);
        }
        match self.symbol(id) {
            Some(symbol) => Some(Expr::Call(symbol, args)),
            None if id.name == "parseInt" => {
                Some(Expr::ParseInt(Box::new(args.into_iter().next()?)))
            }
            None => None,
        }
    }

    fn enter(&mut self, params: &FormalParameters<'_>) {
        let params = params
            .items
            .iter()
            .map(|p| match &p.pattern {
                BindingPattern::BindingIdentifier(id) => {
                    id.symbol_id.get().map_or(u32::MAX, |s| s.index() as u32)
                }
                _ => u32::MAX,
            })
            .collect();
        self.open.push(Function {
            params,
            ..Function::default()
        });
    }

    fn leave(&mut self, name: Option<u32>) -> Option<Expr> {
        let function = self.open.pop()?;
        let sum = function.sum.clone().filter(|_| function.turns);
        if let Some(name) = name {
            self.shapes.functions.insert(name, function);
        }
        sum
    }

    fn result(&self, body: &FunctionBody<'_>) -> Option<Expr> {
        match &body.statements[..] {
            [Statement::ReturnStatement(r)] => self.expr(r.argument.as_ref()?, 0),
            _ => None,
        }
    }

    /// `const strings = ['...', ...]` in a function, or on its own.
    fn strings(init: &Expression<'_>) -> Option<Vec<String>> {
        let Expression::ArrayExpression(array) = init else {
            return None;
        };
        if array.elements.len() < LEAST {
            return None;
        }
        array
            .elements
            .iter()
            .map(|e| match e {
                ArrayExpressionElement::StringLiteral(s) => Some(s.value.to_string()),
                _ => None,
            })
            .collect()
    }
}

impl<'a> Visit<'a> for Collector<'_> {
    fn visit_function(&mut self, function: &AstFunction<'a>, flags: ScopeFlags) {
        let given = self.name.take();
        let own = function
            .id
            .as_ref()
            .and_then(|id| id.symbol_id.get())
            .map(|s| s.index() as u32);
        let name = own.or(given);
        self.enter(&function.params);
        if let Some(body) = &function.body {
            let result = self.result(body);
            if let Some(open) = self.open.last_mut() {
                open.result = result;
            }
            // the function that gives the table
            if let Some(Statement::VariableDeclaration(d)) = body.statements.first()
                && let [declarator] = &d.declarations[..]
                && let Some(strings) = declarator.init.as_ref().and_then(Self::strings)
                && let (Some(name), true) = (name, body.statements.len() <= 4)
            {
                let range = (function.span.start, function.span.end);
                self.shapes.tables.insert(name, Table { strings, range });
            }
        }
        walk::walk_function(self, function, flags);
        self.leave(name);
    }

    fn visit_arrow_function_expression(&mut self, function: &ArrowFunctionExpression<'a>) {
        let name = self.name.take();
        self.enter(&function.params);
        walk::walk_arrow_function_expression(self, function);
        self.leave(name);
    }

    fn visit_variable_declarator(&mut self, declarator: &VariableDeclarator<'a>) {
        let symbol = names::declared(&declarator.id);
        if let (Some(symbol), Some(init)) = (symbol, &declarator.init) {
            let written = self.scoping.symbol_is_mutated(symbol);
            let symbol = symbol.index() as u32;
            if let Some(strings) = Self::strings(init) {
                let range = (declarator.span.start, declarator.span.end);
                self.shapes
                    .tables
                    .entry(symbol)
                    .or_insert(Table { strings, range });
            }
            match (self.expr(init, 0), init) {
                (Some(Expr::Symbol(target)), _) => {
                    self.shapes.aliases.insert(symbol, target);
                }
                (Some(expr), _) => {
                    if let Some(open) = self.open.last_mut()
                        && open.sum.is_none()
                        && sums(&expr, 0)
                    {
                        open.sum = Some(expr);
                    } else if !written {
                        self.shapes.constants.insert(symbol, expr);
                    }
                }
                (None, Expression::ObjectExpression(object)) => {
                    let mut known = FxHashMap::default();
                    for property in &object.properties {
                        if let ObjectPropertyKind::ObjectProperty(p) = property
                            && let Some(key) = p.key.static_name()
                            && let Some(value) = self.expr(&p.value, 0)
                        {
                            known.insert(key.to_string(), value);
                        }
                    }
                    self.shapes.objects.insert(symbol, known);
                }
                _ => {}
            }
            if matches!(
                init,
                Expression::FunctionExpression(_) | Expression::ArrowFunctionExpression(_)
            ) {
                self.name = Some(symbol);
            }
        }
        walk::walk_variable_declarator(self, declarator);
        self.name = None;
    }

    fn visit_assignment_expression(&mut self, assignment: &AssignmentExpression<'a>) {
        if assignment.operator == AssignmentOperator::Assign
            && let AssignmentTarget::AssignmentTargetIdentifier(id) = &assignment.left
            && let Some(symbol) = self.symbol(id)
        {
            let first = self.open.last().and_then(|f| f.params.first()).copied();
            if first == Some(symbol)
                && let Some(position) = self.expr(&assignment.right, 0)
            {
                let params = self
                    .open
                    .last()
                    .map(|f| f.params.clone())
                    .unwrap_or_default();
                for open in self.open.iter_mut().rev().take(NEAREST) {
                    if open.position.is_none() {
                        open.inner_params.clone_from(&params);
                        open.position = Some(position.clone());
                    }
                }
            }
        }
        walk::walk_assignment_expression(self, assignment);
    }

    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        if let Some(expr) = self.call(call, 0)
            && matches!(expr, Expr::Call(..))
        {
            self.shapes
                .calls
                .push(((call.span.start, call.span.end), expr));
        }
        // (function (table, target) { ... })(table, 123)
        if let Expression::FunctionExpression(function) = call.callee.get_inner_expression() {
            let table = call.arguments.first().and_then(Argument::as_expression);
            let table = match table.map(|e| self.expr(e, 0)) {
                Some(Some(Expr::Symbol(symbol))) => Some(symbol),
                _ => None,
            };
            let target = call.arguments.get(1).and_then(Argument::as_expression);
            let target = target.and_then(|e| self.expr(e, 0));
            if let (Some(table), Some(target)) = (table, target) {
                self.enter(&function.params);
                walk::walk_function(self, function, ScopeFlags::Function);
                let turns = self.open.last().is_some_and(|f| f.turns);
                let sum = self.leave(None);
                if turns {
                    self.turned.push((table, target, sum));
                }
                return;
            }
        }
        walk::walk_call_expression(self, call);
    }

    fn visit_string_literal(&mut self, text: &StringLiteral<'a>) {
        let value = text.value.as_str();
        for open in self.open.iter_mut().rev().take(NEAREST) {
            open.alphabet |= value == ALPHABET;
            open.turns |= value == "shift";
        }
    }

    fn visit_identifier_name(&mut self, name: &oxc_ast::ast::IdentifierName<'a>) {
        if name.name == "shift" {
            for open in self.open.iter_mut().rev().take(NEAREST) {
                open.turns = true;
            }
        }
    }

    fn visit_binary_expression(&mut self, binary: &BinaryExpression<'a>) {
        if binary.operator == BinaryOperator::BitwiseXOR {
            for open in self.open.iter_mut().rev().take(NEAREST) {
                open.cipher = true;
            }
        }
        walk::walk_binary_expression(self, binary);
    }

    fn visit_identifier_reference(&mut self, id: &IdentifierReference<'a>) {
        if let Some(symbol) = self.symbol(id) {
            for open in self.open.iter_mut().rev().take(NEAREST) {
                if open.names.len() < 64 && !open.names.contains(&symbol) {
                    open.names.push(symbol);
                }
            }
        }
    }
}

/// True if an expression takes numbers from texts.
fn sums(expr: &Expr, depth: u32) -> bool {
    depth < 64
        && match expr {
            Expr::ParseInt(_) => true,
            Expr::Minus(inner) => sums(inner, depth + 1),
            Expr::Binary(_, left, right) => sums(left, depth + 1) || sums(right, depth + 1),
            _ => false,
        }
}
