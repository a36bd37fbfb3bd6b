//! What a condition says of a name: `if (name.startsWith(".env")) …`, `names.filter((n) => /\.pem$/.test(n))`.
//!
//! Whoever picks files by a name that keeps secrets reads secrets, whatever the folder is. Where such a condition holds,
//! the variable it asks about is read as that name. The variable itself stays as it is: the condition holds in one branch.

use foretaste_observe::names::secret_file;
use oxc_ast::ast::{
    Argument, ArrayExpressionElement, ArrowFunctionBody, BindingPattern, Expression,
    FormalParameters, Function, FunctionBody, Statement,
};
use oxc_span::Span;
use oxc_syntax::operator::{BinaryOperator, LogicalOperator, UnaryOperator};
use rustc_hash::FxHashMap;

use super::Lowerer;
use crate::ir::{NodeId, Op, SymId};
use crate::names;
use crate::strings::{HOLE, StrId};

/// A variable, or a member of one: `entry.name`.
pub(super) type Place = (SymId, StrId);

/// Conditions that hold at the present place, and what was written down to read conditions.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    /// What is known of variables here, the latest last.
    holding: Vec<(Place, StrId)>,
    /// Variables that hold a pattern, or a list of names.
    patterns: FxHashMap<SymId, &'static str>,
    /// Functions that ask about their first parameter, or a member of it.
    predicates: FxHashMap<SymId, (StrId, StrId)>,
}

/// How a name is compared with a text.
#[derive(Clone, Copy, Debug)]
enum Part {
    Start,
    End,
    Whole,
    Somewhere,
}

impl<'a> Lowerer<'a, '_> {
    /// How many conditions hold; [`Lowerer::forget_conditions`] goes back to that.
    pub(super) const fn conditions(&self) -> usize {
        self.conditions.holding.len()
    }

    pub(super) fn forget_conditions(&mut self, count: usize) {
        self.conditions.holding.truncate(count);
    }

    /// Lowers what only happens where a test holds.
    pub(super) fn where_holds<T>(
        &mut self,
        test: &Expression<'a>,
        lower: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let count = self.conditions();
        self.assume(test, true);
        let result = lower(self);
        self.forget_conditions(count);
        result
    }

    /// From here on a test holds, or does not.
    pub(super) fn assume(&mut self, test: &Expression<'a>, holds: bool) {
        match test.get_inner_expression() {
            Expression::UnaryExpression(not) if not.operator == UnaryOperator::LogicalNot => {
                self.assume(&not.argument, !holds);
            }
            Expression::LogicalExpression(both) => {
                let certain = match both.operator {
                    LogicalOperator::And => holds,
                    LogicalOperator::Or => !holds,
                    LogicalOperator::Coalesce => false,
                };
                // of `a || b` one holds: either says what is picked
                if certain || (holds && both.operator == LogicalOperator::Or) {
                    self.assume(&both.left, holds);
                    self.assume(&both.right, holds);
                }
            }
            test => {
                if let Some((place, name)) = self.asked(test, holds) {
                    self.conditions.holding.push((place, name));
                }
            }
        }
    }

    /// Behind `if (!name.endsWith(".pem")) continue;` the name is one.
    pub(super) fn assume_behind(&mut self, test: &Expression<'a>, consequent: &Statement<'a>) {
        if leaves(consequent) {
            self.assume(test, false);
        }
    }

    /// A node that reads a place, as the name that the conditions say.
    pub(super) fn narrowed(&mut self, node: NodeId, place: Place, span: Span) -> NodeId {
        let known = self.conditions.holding.iter().rev();
        let Some(name) = known.clone().find(|(p, _)| *p == place).map(|(_, n)| *n) else {
            return node;
        };
        self.push(
            Op::Narrow {
                value: node,
                name,
                member: StrId::NONE,
                list: false,
            },
            span,
        )
    }

    /// The result of `names.filter(test)`: a list of such names.
    pub(super) fn picked(
        &mut self,
        result: NodeId,
        callee: &Expression<'a>,
        arguments: &[Argument<'a>],
        span: Span,
    ) -> NodeId {
        let Expression::StaticMemberExpression(method) = callee.get_inner_expression() else {
            return result;
        };
        let list = match method.property.name.as_str() {
            "filter" => true,
            "find" | "findLast" => false,
            _ => return result,
        };
        let test = arguments.first().and_then(Argument::as_expression);
        let Some((member, name)) = test.and_then(|test| self.predicate(test)) else {
            return result;
        };
        self.push(
            Op::Narrow {
                value: result,
                name,
                member,
                list,
            },
            span,
        )
    }

    /// A variable is declared with a value that conditions may use later.
    pub(super) fn note_condition(&mut self, pattern: &BindingPattern<'a>, value: &Expression<'a>) {
        let Some(sym) = names::declared(pattern).map(|s| s.index() as SymId) else {
            return;
        };
        if let Some(name) = self.pattern_in(value) {
            self.conditions.patterns.insert(sym, name);
        } else if let Some(asked) = self.predicate(value) {
            self.conditions.predicates.insert(sym, asked);
        }
    }

    /// A function is declared that may be a condition.
    pub(super) fn note_predicate(&mut self, sym: SymId, function: &Function<'a>) {
        if let Some(body) = &function.body
            && let Some(asked) = self.predicate_of(&function.params, body)
        {
            self.conditions.predicates.insert(sym, asked);
        }
    }

    /// The member of its first parameter (none: the parameter itself) that a function asks about, and the name.
    fn predicate(&mut self, function: &Expression<'a>) -> Option<(StrId, StrId)> {
        match function.get_inner_expression() {
            Expression::ArrowFunctionExpression(f) => match &f.body {
                ArrowFunctionBody::FunctionBody(body) => self.predicate_of(&f.params, body),
                body => self.asked_of(&f.params, body.as_expression()?),
            },
            Expression::FunctionExpression(f) => self.predicate_of(&f.params, f.body.as_ref()?),
            Expression::Identifier(id) => {
                let sym = self.symbol(id)?;
                self.conditions.predicates.get(&sym).copied()
            }
            _ => None,
        }
    }

    fn predicate_of(
        &mut self,
        params: &FormalParameters<'a>,
        body: &FunctionBody<'a>,
    ) -> Option<(StrId, StrId)> {
        match &body.statements[..] {
            [Statement::ReturnStatement(r)] => self.asked_of(params, r.argument.as_ref()?),
            _ => None,
        }
    }

    /// What a test says of the first parameter.
    fn asked_of(
        &mut self,
        params: &FormalParameters<'a>,
        test: &Expression<'a>,
    ) -> Option<(StrId, StrId)> {
        let count = self.conditions();
        self.assume(test, true);
        let mut found = None;
        match &params.items.first()?.pattern {
            BindingPattern::ObjectPattern(object) => {
                for property in &object.properties {
                    let sym = names::declared(&property.value).map(|s| s.index() as SymId);
                    if let Some((_, name)) = self.held(count, |(s, _)| Some(s) == sym)
                        && let Some(key) = property.key.static_name()
                    {
                        found = Some((self.ir.strings.fold(key.into_owned()), name));
                    }
                }
            }
            pattern => {
                let sym = names::declared(pattern).map(|s| s.index() as SymId);
                found = self
                    .held(count, |(s, _)| Some(s) == sym)
                    .map(|((_, member), name)| (member, name));
            }
        }
        self.forget_conditions(count);
        found
    }

    fn held(&self, from: usize, is: impl Fn(Place) -> bool) -> Option<(Place, StrId)> {
        let held = self.conditions.holding.get(from..)?;
        held.iter().find(|(place, _)| is(*place)).copied()
    }

    /// The place that a test asks about, and the name that it asks for.
    fn asked(&mut self, test: &Expression<'a>, holds: bool) -> Option<(Place, StrId)> {
        let (place, name, part) = match test {
            Expression::BinaryExpression(b) => {
                let equal = match b.operator {
                    BinaryOperator::Equality | BinaryOperator::StrictEquality => true,
                    BinaryOperator::Inequality | BinaryOperator::StrictInequality => false,
                    _ => return None,
                };
                if equal != holds {
                    return None;
                }
                let ((asked, Expression::StringLiteral(name))
                | (Expression::StringLiteral(name), asked)) = (&b.left, &b.right)
                else {
                    return None;
                };
                // what is asked for may be an ending alone: `extname(name) === ".pem"`
                let is_ending = name.value.starts_with('.');
                let part = if is_ending { Part::End } else { Part::Whole };
                (asked, name.value.to_string(), part)
            }
            Expression::CallExpression(call) if holds => {
                let first = call.arguments.first()?.as_expression()?;
                let Expression::StaticMemberExpression(m) = call.callee.get_inner_expression()
                else {
                    let Expression::Identifier(id) = call.callee.get_inner_expression() else {
                        return None;
                    };
                    let asked = self.conditions.predicates.get(&self.symbol(id)?).copied()?;
                    let (sym, own) = self.place(first)?;
                    let member = if own == StrId::NONE { asked.0 } else { own };
                    return Some(((sym, member), asked.1));
                };
                match m.property.name.as_str() {
                    "startsWith" => (&m.object, text_of(first)?, Part::Start),
                    "endsWith" => (&m.object, text_of(first)?, Part::End),
                    "includes" | "match" | "has" | "test" | "exec" => {
                        if let Some(name) = self.pattern_in(&m.object) {
                            (first, name.to_owned(), Part::Somewhere)
                        } else if let Some(name) = self.pattern_in(first) {
                            (&m.object, name.to_owned(), Part::Somewhere)
                        } else {
                            (&m.object, text_of(first)?, Part::Somewhere)
                        }
                    }
                    _ => return None,
                }
            }
            _ => return None,
        };
        secret_file(&name)?;
        let place = self.place(place)?;
        let name = match part {
            Part::Start => format!("{name}{HOLE}"),
            Part::End => format!("{HOLE}{name}"),
            Part::Whole => name,
            Part::Somewhere => format!("{HOLE}{name}{HOLE}"),
        };
        Some((place, self.ir.strings.fold(name)))
    }

    /// The secret file that a pattern or a list of names is about.
    fn pattern_in(&self, e: &Expression<'a>) -> Option<&'static str> {
        match e.get_inner_expression() {
            Expression::RegExpLiteral(r) => secret_file(r.regex.pattern.text.as_str()),
            Expression::ArrayExpression(list) => list
                .elements
                .iter()
                .take(64)
                .filter_map(ArrayExpressionElement::as_expression)
                .filter_map(text_of)
                .find_map(|text| secret_file(&text)),
            Expression::NewExpression(new) => {
                let name = new.callee.get_identifier_reference()?.name.as_str();
                let given = new.arguments.first()?.as_expression()?;
                match name {
                    "Set" => self.pattern_in(given),
                    "RegExp" => secret_file(&text_of(given)?),
                    _ => None,
                }
            }
            Expression::Identifier(id) => self.conditions.patterns.get(&self.symbol(id)?).copied(),
            _ => None,
        }
    }

    /// The variable, or member of one, whose text an expression asks about.
    fn place(&mut self, e: &Expression<'a>) -> Option<Place> {
        match e.get_inner_expression() {
            Expression::Identifier(id) => Some((self.symbol(id)?, StrId::NONE)),
            Expression::StaticMemberExpression(m) => {
                let Expression::Identifier(id) = m.object.get_inner_expression() else {
                    return None;
                };
                let key = self.name(m.property.name.as_str());
                Some((self.symbol(id)?, key))
            }
            Expression::CallExpression(call) => {
                let callee = call.callee.get_inner_expression();
                let name = match callee {
                    Expression::StaticMemberExpression(m) => m.property.name.as_str(),
                    Expression::Identifier(id) => id.name.as_str(),
                    _ => return None,
                };
                match (name, callee) {
                    (
                        "toLowerCase" | "toUpperCase" | "replace" | "replaceAll" | "trim"
                        | "toString",
                        Expression::StaticMemberExpression(m),
                    ) => self.place(&m.object),
                    ("basename" | "extname" | "normalize" | "String", _) => {
                        self.place(call.arguments.first()?.as_expression()?)
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

fn text_of(e: &Expression<'_>) -> Option<String> {
    match e.get_inner_expression() {
        Expression::StringLiteral(s) => Some(s.value.to_string()),
        _ => None,
    }
}

/// True for a statement behind which nothing of its list runs.
fn leaves(statement: &Statement<'_>) -> bool {
    match statement {
        Statement::ReturnStatement(_)
        | Statement::ContinueStatement(_)
        | Statement::BreakStatement(_)
        | Statement::ThrowStatement(_) => true,
        Statement::BlockStatement(block) => block.body.last().is_some_and(leaves),
        _ => false,
    }
}
