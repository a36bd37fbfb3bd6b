//! Python's `<`, and sorting by it.

use std::cmp::Ordering;

use super::value::Val;

/// Containers within one another that are compared.
const MAX_DEPTH: u32 = 20;

/// How two values compare; none if that is not known, or Python raises an error.
pub(super) fn order(a: &Val, b: &Val) -> Option<Ordering> {
    order_at(a, b, 0)
}

fn order_at(a: &Val, b: &Val, depth: u32) -> Option<Ordering> {
    if depth > MAX_DEPTH {
        return None;
    }
    let all = |a: &[Val], b: &[Val]| {
        for (a, b) in a.iter().zip(b) {
            match order_at(a, b, depth + 1)? {
                Ordering::Equal => {}
                other => return Some(other),
            }
        }
        Some(a.len().cmp(&b.len()))
    };
    match (a, b) {
        (Val::Str(a), Val::Str(b)) => Some(a.text.cmp(&b.text)),
        (Val::Bytes(a), Val::Bytes(b)) => Some(a.cmp(b)),
        (Val::Tuple(a), Val::Tuple(b)) => all(a, b),
        (Val::List(a), Val::List(b)) => all(&a.try_borrow().ok()?, &b.try_borrow().ok()?),
        (Val::Float(_), _) | (_, Val::Float(_)) => {
            let float = |v: &Val| match v {
                Val::Float(f) => Some(*f),
                v => v.as_int().map(|i| i as f64),
            };
            float(a)?.partial_cmp(&float(b)?)
        }
        _ => Some(a.as_int()?.cmp(&b.as_int()?)),
    }
}

/// The items, sorted by the keys in front of them; equal ones keep their order. None if some do not compare.
///
/// The standard library's sort wants a total order and panics without one. Values of hostile code have none: a number
/// may equal two others that differ, once it is rounded. A plain merge gives some order then, as Python does.
pub(super) fn sorted(mut keyed: Vec<(Val, Val)>) -> Option<Vec<(Val, Val)>> {
    if keyed.len() < 2 {
        return Some(keyed);
    }
    let mut merged = Vec::with_capacity(keyed.len());
    let right = sorted(keyed.split_off(keyed.len() / 2))?;
    let (mut left, mut right) = (
        sorted(keyed)?.into_iter().peekable(),
        right.into_iter().peekable(),
    );
    while let (Some((a, _)), Some((b, _))) = (left.peek(), right.peek()) {
        let from = if order(b, a)?.is_lt() {
            &mut right
        } else {
            &mut left
        };
        merged.extend(from.next());
    }
    merged.extend(left);
    merged.extend(right);
    Some(merged)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sort(keys: Vec<Val>) -> Option<Vec<i128>> {
        let keyed = keys.into_iter().zip((0..).map(Val::Int)).collect();
        Some(sorted(keyed)?.iter().filter_map(|p| p.1.as_int()).collect())
    }

    #[test]
    fn values_of_several_kinds_have_no_order() {
        assert_eq!(sort(vec![Val::str("a"), Val::Int(1)]), None);
        assert_eq!(sort(vec![Val::None, Val::None]), None);
        assert_eq!(sort(vec![Val::Float(f64::NAN), Val::Int(1)]), None);
        assert_eq!(sort(vec![Val::Unknown(0)]), Some(vec![0]));
    }

    #[test]
    fn a_list_within_itself_ends() {
        let list = Val::list(Vec::new());
        if let Val::List(inner) = &list {
            inner.borrow_mut().push(list.clone());
        }
        assert_eq!(order(&list, &list), None);
    }

    fn any_value() -> impl Strategy<Value = Val> {
        prop_oneof![
            any::<i128>().prop_map(Val::Int),
            (0..3_i128).prop_map(|i| Val::Int((1 << 53) + i)),
            any::<f64>().prop_map(Val::Float),
            Just(Val::Float(9_007_199_254_740_992.0)),
            "[ab]{0,2}".prop_map(Val::str),
            Just(Val::None),
            Just(Val::Unknown(0)),
        ]
    }

    proptest! {
        #[test]
        fn it_sorts_as_the_standard_library_does(numbers in prop::collection::vec(0..40_i128, 0..80)) {
            let mut expected: Vec<i128> = (0..numbers.len() as i128).collect();
            expected.sort_by_key(|i| numbers[*i as usize]);
            prop_assert_eq!(sort(numbers.into_iter().map(Val::Int).collect()), Some(expected));
        }

        #[test]
        fn nothing_loses_a_value_or_panics(values in prop::collection::vec(any_value(), 0..80)) {
            let count = values.len();
            prop_assert!(sort(values).is_none_or(|s| s.len() == count));
        }

        #[test]
        fn numbers_without_a_total_order_are_sorted_somehow(
            values in prop::collection::vec(
                prop_oneof![
                    (0..3_i128).prop_map(|i| Val::Int((1 << 53) + i)),
                    Just(Val::Float(9_007_199_254_740_992.0)),
                ],
                0..200,
            )
        ) {
            let count = values.len();
            prop_assert_eq!(sort(values).map(|s| s.len()), Some(count));
        }
    }
}
