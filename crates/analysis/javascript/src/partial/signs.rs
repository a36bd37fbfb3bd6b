//! Texts that brackets and signs add up to: `(![] + [])[+[]]` is an `f`.
//!
//! JSFuck and its relatives write names with nothing but what the language says of its own values.

use oxc_ast::ast::{BinaryExpression, Expression};
use oxc_syntax::operator::{BinaryOperator, UnaryOperator};

use super::Evaluation;
use super::value::{Unknown, Val};

/// Methods of lists of whose own text letters are taken.
const OF_LISTS: &[&str] = &[
    "at", "concat", "entries", "every", "fill", "filter", "find", "flat", "flatMap", "forEach",
    "join", "keys", "map", "pop", "push", "reverse", "shift", "slice", "some", "sort", "splice",
    "values",
];
/// Sums that are kept, and characters of one.
const MAX_SUMS: usize = 4096;
const MAX_SUM: usize = 1 << 16;

/// What a member of a value is, where only its text matters.
pub(super) fn member<'a>(object: &Val<'a>, key: &str) -> Option<Val<'a>> {
    let native = |name: &str| Val::Opaque(format!("function {name}() {{ [native code] }}").into());
    match (object, key) {
        (Val::List(_), key) if OF_LISTS.contains(&key) => Some(native(key)),
        (Val::List(_), "constructor") => Some(native("Array")),
        (Val::Text(_), "constructor") => Some(native("String")),
        (Val::Number(_), "constructor") => Some(native("Number")),
        (Val::Bool(_), "constructor") => Some(native("Boolean")),
        (Val::List(_), _) => Some(Val::Undefined).filter(|_| key == "undefined" || key.is_empty()),
        _ => None,
    }
}

/// A whole number with the digits of a base from 2 to 36.
pub(super) fn in_radix(mut number: u64, radix: u32) -> String {
    let mut digits = Vec::new();
    loop {
        digits.extend(char::from_digit((number % u64::from(radix)) as u32, radix));
        number /= u64::from(radix);
        if number == 0 {
            break;
        }
    }
    digits.iter().rev().collect()
}

pub(super) fn is_sum(b: &BinaryExpression<'_>) -> bool {
    b.operator == BinaryOperator::Addition
}

pub(super) fn is_sum_of(e: &Expression<'_>) -> bool {
    matches!(e, Expression::BinaryExpression(b) if is_sum(b))
}

/// True for an expression whose first value is an empty list, or one of one element, perhaps behind signs.
pub(super) fn begins_with_signs(e: &Expression<'_>) -> bool {
    let mut at = e;
    // what stands first in a name or payload is near
    for _ in 0..10_000 {
        at = match at {
            Expression::ArrayExpression(list) => return list.elements.len() <= 1,
            Expression::BinaryExpression(b) => &b.left,
            Expression::ParenthesizedExpression(p) => &p.expression,
            Expression::ComputedMemberExpression(m) => &m.object,
            Expression::CallExpression(call) => &call.callee,
            Expression::UnaryExpression(u)
                if matches!(
                    u.operator,
                    UnaryOperator::LogicalNot | UnaryOperator::UnaryPlus
                ) =>
            {
                &u.argument
            }
            _ => return false,
        };
    }
    false
}

impl<'a> Evaluation<'a, '_> {
    /// Evaluates a sum on its own.
    pub(super) fn sum(&mut self, b: &'a BinaryExpression<'a>) -> Result<(), Unknown> {
        self.within_sum = is_sum_of(&b.left);
        let left = self.expression(&b.left)?;
        self.within_sum = false;
        let right = self.expression(&b.right)?;
        let value = self.binary(b.operator, left, &right)?;
        self.note_sum(b, &value);
        Ok(())
    }

    /// Notes the text that a sum of signs gives.
    pub(super) fn note_sum(&mut self, b: &BinaryExpression<'a>, value: &Val<'a>) {
        let Val::Text(text) = value else { return };
        let kept = self.unpacked.sums.len() < MAX_SUMS && text.units.len() <= MAX_SUM;
        if self.depth == 0 && self.loops == 0 && kept && begins_with_signs(&b.left) {
            let range = (b.span.start, b.span.end);
            self.unpacked.sums.insert(range, text.to_utf8());
        }
    }
}
