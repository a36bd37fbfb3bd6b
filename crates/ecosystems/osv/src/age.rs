//! How long ago, in words.

use foretaste_model::words::counted;
use jiff::SignedDuration;

/// `20 min`, `3 h`, `12 days`: one unit, rounded down.
pub fn age(age: SignedDuration) -> String {
    let minutes = age.as_mins().max(0);
    match minutes {
        0..=119 => format!("{minutes} min"),
        120..=2_879 => format!("{} h", minutes / 60),
        _ => counted(minutes / 1_440, "day"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_has_one_unit() {
        let shown = [-5, 0, 119, 180, 2_879, 2_880].map(|m| age(SignedDuration::from_mins(m)));
        assert_eq!(
            shown,
            ["0 min", "0 min", "119 min", "3 h", "47 h", "2 days"]
        );
    }
}
