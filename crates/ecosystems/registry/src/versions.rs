//! Similar versions, for "no such version" messages.

/// How many are named.
const SHOWN: usize = 5;

/// The versions most similar to `wanted`, best first, at most five. `available` is in ascending order; of equally
/// similar ones the newest comes first.
pub fn near_versions<'a>(
    wanted: &str,
    available: impl DoubleEndedIterator<Item = &'a str>,
) -> Vec<String> {
    let mut scored: Vec<(usize, &str)> = available
        .rev()
        .map(|version| {
            let common = wanted
                .split(['.', '-', '+'])
                .zip(version.split(['.', '-', '+']))
                .take_while(|(a, b)| a == b)
                .count();
            (common, version)
        })
        .collect();
    // More equal leading parts first, then fewer edits; the sort is stable, so newer first among equals.
    scored.sort_by_key(|(common, version)| {
        (
            std::cmp::Reverse(*common),
            strsim::levenshtein(wanted, version),
        )
    });
    scored
        .into_iter()
        .take(SHOWN)
        .map(|(_, version)| version.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefers_the_same_series() {
        let available = ["1.0", "1.9.9", "2.0.0", "2.0.1", "2.1.0", "3.0"];
        assert_eq!(
            near_versions("2.0.2", available.into_iter()),
            ["2.0.1", "2.0.0", "2.1.0", "3.0", "1.9.9"]
        );
        assert!(near_versions("1", [].into_iter()).is_empty());
    }
}
