//! Stand-ins for what an old environment lacks. Where it is there, as in every one of today, nothing is replaced.

use oxc_ast::ast::{AssignmentTarget, Expression, MemberExpression};
use oxc_syntax::operator::UnaryOperator;

use super::Lowerer;

/// What programs bring along where it is missing.
const BROUGHT: [&str; 6] = [
    "fetch",
    "XMLHttpRequest",
    "Headers",
    "Request",
    "Response",
    "WebSocket",
];

impl<'a> Lowerer<'a, '_> {
    /// Lowers what, if `absent`, only happens where something that programs bring along is missing.
    pub(super) fn where_absent<T>(
        &mut self,
        absent: bool,
        lower: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let outer = self.absent;
        self.absent |= absent;
        let result = lower(self);
        self.absent = outer;
        result
    }

    /// True if an assignment brings what is missing: the one that was asked for, or its kin beside it.
    pub(super) fn is_stand_in(&self, target: &AssignmentTarget<'a>) -> bool {
        self.absent
            && target
                .as_member_expression()
                .and_then(MemberExpression::static_property_name)
                .is_some_and(|name| BROUGHT.contains(&name))
    }
}

/// True for `x.fetch` in `x.fetch || …`.
pub(super) fn asks(test: &Expression<'_>) -> bool {
    match test.get_inner_expression() {
        Expression::StaticMemberExpression(m) => BROUGHT.contains(&m.property.name.as_str()),
        _ => false,
    }
}

/// True for `!x.fetch` in `!x.fetch && …`, `if (!x.fetch) …`.
pub(super) fn misses(test: &Expression<'_>) -> bool {
    match test.get_inner_expression() {
        Expression::UnaryExpression(not) => {
            not.operator == UnaryOperator::LogicalNot && asks(&not.argument)
        }
        _ => false,
    }
}
