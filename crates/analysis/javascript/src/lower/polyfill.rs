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
    /// Lowers what only happens where something that programs bring along is missing.
    pub(super) fn where_absent<T>(
        &mut self,
        name: Option<&'a str>,
        lower: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let outer = self.absent;
        self.absent = name.or(outer);
        let result = lower(self);
        self.absent = outer;
        result
    }

    /// True if an assignment brings what is missing: the one that was asked for, or its kin beside it.
    pub(super) fn is_stand_in(&self, target: &AssignmentTarget<'a>) -> bool {
        self.absent.is_some()
            && target
                .as_member_expression()
                .and_then(MemberExpression::static_property_name)
                .is_some_and(|name| BROUGHT.contains(&name))
    }
}

/// What `x.fetch || …` asks for.
pub(super) fn asked<'a>(test: &Expression<'a>) -> Option<&'a str> {
    let member = test.get_inner_expression().as_member_expression()?;
    let name = match member {
        MemberExpression::StaticMemberExpression(m) => m.property.name.as_str(),
        _ => return None,
    };
    BROUGHT.contains(&name).then_some(name)
}

/// What `!x.fetch && …`, `if (!x.fetch) …` asks for.
pub(super) fn missed<'a>(test: &Expression<'a>) -> Option<&'a str> {
    match test.get_inner_expression() {
        Expression::UnaryExpression(not) if not.operator == UnaryOperator::LogicalNot => {
            asked(&not.argument)
        }
        _ => None,
    }
}
