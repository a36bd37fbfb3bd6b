//! Words of messages that every crate builds alike.

use std::fmt::Display;

/// A count with its noun: `1 day`, `3 days`. For nouns that take an `s`.
pub fn counted<N: Copy + Display + PartialEq + From<u8>>(count: N, noun: &str) -> String {
    let end = if count == N::from(1) { "" } else { "s" };
    format!("{count} {noun}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_many() {
        assert_eq!(counted(0_i64, "day"), "0 days");
        assert_eq!(counted(1_u32, "day"), "1 day");
        assert_eq!(counted(2_usize, "hour"), "2 hours");
    }
}
