//! A program that goes through the environment for the variables with its own prefix does not read all of it.

use foretaste_model::Capability;
use foretaste_observe::taint::{Mark, Origin};
use ruff_python_ast::{Expr, Stmt, UnaryOp};

use super::Interpreter;
use crate::value::{Shape, Value};

/// Shorter prefixes tell nothing.
const MIN_PREFIX: usize = 3;

impl<'a> Interpreter<'a> {
    /// What a loop over `iterable` works on: of the whole environment, those variables whose names its tests let pass.
    pub(super) fn chosen(
        &mut self,
        iterable: Value,
        target: &'a Expr,
        tests: impl Iterator<Item = &'a Expr>,
    ) -> Value {
        let is_whole = |origin: Origin| matches!(origin, Origin::Source(mark) if mark.capability == Capability::EnvironmentReadAll);
        let whole = self
            .taints
            .trails(iterable.taint)
            .iter()
            .find_map(|t| self.taints.origin_of(*t).filter(|o| is_whole(*o)));
        let Some(Origin::Source(whole)) = whole else {
            return iterable;
        };
        let prefix = tests
            .filter_map(|test| prefix(target, test))
            .find_map(|constant| {
                let value = self.eval(constant);
                self.text_of(value).map(str::to_owned)
            })
            .filter(|p| p.len() >= MIN_PREFIX);
        let Some(prefix) = prefix else {
            return iterable;
        };
        let Shape::Str(name) = self.text(format!("{prefix}*")).shape else {
            return iterable;
        };
        let own = self.taints.origin(Origin::Source(Mark {
            capability: Capability::EnvironmentRead,
            constant: name.0 + 1,
            ..whole
        }));
        let others = self.taints.filter(iterable.taint, |o| !is_whole(o));
        Value {
            taint: self.union(others, own),
            ..iterable
        }
    }
}

/// What stands before everything else in the body of a loop: `if T: ...` as its only statement, `if not T: continue`.
pub(super) fn first_test(body: &[Stmt]) -> Option<&Expr> {
    let Some(Stmt::If(first)) = body.first() else {
        return None;
    };
    match (&*first.test, &*first.body) {
        (Expr::UnaryOp(unary), [Stmt::Continue(_)]) if unary.op == UnaryOp::Not => {
            Some(&unary.operand)
        }
        (test, _) if body.len() == 1 && first.elif_else_clauses.is_empty() => Some(test),
        _ => None,
    }
}

/// The argument of `NAME.startswith(...)`, where the loop calls each variable `NAME`.
fn prefix<'e>(target: &Expr, test: &'e Expr) -> Option<&'e Expr> {
    let name = match target {
        Expr::Tuple(pair) => pair.elts.first()?.as_name_expr()?,
        target => target.as_name_expr()?,
    };
    match test {
        Expr::BoolOp(all) if all.op.is_and() => {
            all.values.iter().find_map(|part| prefix(target, part))
        }
        Expr::Call(call) => {
            let method = call.func.as_attribute_expr()?;
            let of = match &*method.value {
                // NAME.upper().startswith(...)
                Expr::Call(inner) => &inner.func.as_attribute_expr()?.value,
                of => of,
            };
            (method.attr.as_str() == "startswith" && of.as_name_expr()?.id == name.id)
                .then(|| call.arguments.args.first())
                .flatten()
        }
        _ => None,
    }
}
