//! What compilers make of `async` and `await` for older engines, read back.
//!
//! TypeScript wraps a generator in `__awaiter`, or drives a function with `__generator`, whose steps are `return [4, value]`
//! and `state.sent()`; Babel's regenerator writes `return value` and `state.sent`. Much of what is published was compiled
//! so, and what is waited for is what everything after it works with.

use oxc_ast::ast::{Argument, ArrayExpressionElement, BindingPattern, Expression, Function};
use oxc_span::Span;

use super::Lowerer;
use crate::ir::{NodeId, Op, SymId};

/// How a function is resumed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Machine {
    /// `yield` waits: what it gives is what was waited for, and nothing is returned by it.
    awaits: bool,
    /// The parameter that holds the state, in a function that steps through a `switch`.
    state: Option<SymId>,
    /// What was waited for last, in the order of the source.
    awaited: NodeId,
    /// The list of what a generator yields; 0 before it does.
    yields: NodeId,
}

impl Machine {
    /// A generator that stands for an `async` function.
    const AWAITING: Self = Self {
        awaits: true,
        state: None,
        awaited: 0,
        yields: 0,
    };
}

/// Steps of `__generator` (TypeScript's helpers): return, yield.
const RETURN: f64 = 2.0;
const YIELD: f64 = 4.0;

impl<'a> Lowerer<'a, '_> {
    /// The value of a call of a helper for asynchronous functions; none for any other call.
    pub(super) fn asynchronous(
        &mut self,
        callee: &Expression<'a>,
        arguments: &[Argument<'a>],
        span: Span,
    ) -> Option<NodeId> {
        let (name, owner) = callee_name(callee)?;
        let of_regenerator = || owner.is_some_and(is_regenerator);
        match name {
            "__awaiter" => {
                let body = function(arguments.last()?)?;
                body.generator
                    .then(|| self.run_machine(body, Machine::AWAITING, true, span))
            }
            "__generator" => {
                let body = function(arguments.get(1)?)?;
                let machine = stepped(body)?;
                Some(self.run_machine(body, machine, true, span))
            }
            "wrap" | "w" if of_regenerator() => {
                let body = function(arguments.first()?)?;
                let machine = stepped(body)?;
                Some(self.run_machine(body, machine, false, span))
            }
            "mark" | "m" if of_regenerator() => {
                Some(self.expression(arguments.first()?.as_expression()?))
            }
            "_asyncToGenerator" | "asyncToGenerator" | "_async_to_generator" => {
                match function(arguments.first()?) {
                    Some(body) if body.generator => {
                        Some(self.machine_function(body, Machine::AWAITING, false))
                    }
                    _ => Some(self.expression(arguments.first()?.as_expression()?)),
                }
            }
            _ => self.sent(callee, span),
        }
    }

    fn run_machine(
        &mut self,
        body: &Function<'a>,
        machine: Machine,
        same_this: bool,
        span: Span,
    ) -> NodeId {
        let callee = self.machine_function(body, machine, same_this);
        let args = self.ir.list(&[]);
        self.push(Op::Call { callee, args }, span)
    }

    /// True if a `yield` of the function being lowered waits.
    pub(super) const fn yield_waits(&self) -> bool {
        self.machine.awaits
    }

    /// What a generator gives is one list of all that it yields.
    pub(super) fn yielded(&mut self, value: NodeId, span: Span) {
        if self.machine.yields == 0 {
            let list = self.ir.list(&[]);
            self.machine.yields = self.push(Op::Array(list), span);
            self.push(Op::Return(self.machine.yields), span);
        }
        let object = self.machine.yields;
        self.push(
            Op::SetIndex {
                object,
                index: 0,
                value,
            },
            span,
        );
    }

    /// Lowers what a step of a driven function returns; false in any other function.
    pub(super) fn step(&mut self, argument: &Expression<'a>, span: Span) -> bool {
        let Some(state) = self.machine.state else {
            return false;
        };
        match argument {
            Expression::ArrayExpression(step) => {
                let mut parts = step
                    .elements
                    .iter()
                    .filter_map(ArrayExpressionElement::as_expression);
                let Some(Expression::NumericLiteral(kind)) = parts.next() else {
                    return false;
                };
                let value = parts.next().map_or(0, |e| self.expression(e));
                if (kind.value - YIELD).abs() < 0.5 {
                    self.machine.awaited = value;
                } else if (kind.value - RETURN).abs() < 0.5 {
                    self.push(Op::Return(value), span);
                }
            }
            Expression::CallExpression(call) if self.method_of(&call.callee, state).is_some() => {
                let value = call
                    .arguments
                    .get(1)
                    .and_then(Argument::as_expression)
                    .map_or(0, |e| self.expression(e));
                if matches!(self.method_of(&call.callee, state), Some("abrupt" | "a")) {
                    self.push(Op::Return(value), span);
                }
            }
            waited => self.machine.awaited = self.expression(waited),
        }
        true
    }

    /// What was waited for, where `state.sent` or `state.v` is read or `state.sent()` called.
    pub(super) fn sent(&mut self, read: &Expression<'a>, span: Span) -> Option<NodeId> {
        let state = self.machine.state?;
        matches!(self.method_of(read, state)?, "sent" | "v")
            .then(|| self.push(Op::Same(self.machine.awaited), span))
    }

    /// The name of a member of the state.
    fn method_of(&self, e: &Expression<'a>, state: SymId) -> Option<&'a str> {
        let Expression::StaticMemberExpression(m) = e else {
            return None;
        };
        let Expression::Identifier(id) = &m.object else {
            return None;
        };
        (self.symbol(id) == Some(state)).then_some(m.property.name.as_str())
    }
}

/// The last name of a callee, and what it is a member of: `__awaiter`, `(0, tslib_1.__awaiter)`.
fn callee_name<'e, 'a>(
    callee: &'e Expression<'a>,
) -> Option<(&'a str, Option<&'e Expression<'a>>)> {
    match callee {
        Expression::Identifier(id) => Some((id.name.as_str(), None)),
        Expression::StaticMemberExpression(m) => Some((m.property.name.as_str(), Some(&m.object))),
        Expression::ParenthesizedExpression(p) => callee_name(&p.expression),
        Expression::SequenceExpression(s) => callee_name(s.expressions.last()?),
        _ => None,
    }
}

/// True for `regeneratorRuntime`, `_regenerator()`, `_regenerator.default`.
fn is_regenerator(owner: &Expression<'_>) -> bool {
    let name = match owner {
        Expression::CallExpression(call) => return is_regenerator(&call.callee),
        Expression::ParenthesizedExpression(p) => return is_regenerator(&p.expression),
        Expression::SequenceExpression(s) => {
            return s.expressions.last().is_some_and(is_regenerator);
        }
        Expression::StaticMemberExpression(m) => return is_regenerator(&m.object),
        Expression::Identifier(id) => id.name.as_str(),
        _ => return false,
    };
    name.contains("egenerator")
}

fn function<'e, 'a>(argument: &'e Argument<'a>) -> Option<&'e Function<'a>> {
    match argument.as_expression()? {
        Expression::FunctionExpression(f) => Some(f),
        _ => None,
    }
}

/// The machine of a function whose only parameter is the state.
fn stepped(body: &Function<'_>) -> Option<Machine> {
    let [state] = &body.params.items[..] else {
        return None;
    };
    let BindingPattern::BindingIdentifier(id) = &state.pattern else {
        return None;
    };
    Some(Machine {
        state: Some(id.symbol_id.get()?.index() as SymId),
        ..Machine::default()
    })
}
