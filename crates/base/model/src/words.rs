//! Words of messages that every crate builds alike.

use std::fmt::Display;

/// A count with its noun: `1 day`, `3 days`, `2 entries`. For nouns that take an `s`, or `ies` for their `y`.
pub fn counted<N: Copy + Display + PartialEq + From<u8>>(count: N, noun: &str) -> String {
    let vowels = ['a', 'e', 'i', 'o', 'u'];
    match noun.strip_suffix('y') {
        _ if count == N::from(1) => format!("{count} {noun}"),
        Some(stem) if !stem.ends_with(vowels) => format!("{count} {stem}ies"),
        _ => format!("{count} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_many() {
        assert_eq!(counted(0_i64, "day"), "0 days");
        assert_eq!(counted(1_u32, "day"), "1 day");
        assert_eq!(counted(2_usize, "hour"), "2 hours");
        assert_eq!(counted(1_usize, "entry"), "1 entry");
        assert_eq!(counted(2_usize, "more entry"), "2 more entries");
    }
}
