//! "Did you mean …?"

/// The known word that `word` most likely stands for, if one is near: same letters with other separators or case, or
/// at most one edit in three letters.
pub fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace(['_', '-', ' '], "");
    let wanted = plain(word);
    let allowed = (wanted.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&wanted, &plain(candidate)), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

/// The hint for an unknown word: the near one, or the list of what is known.
pub(crate) fn hint<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
    what: &str,
) -> Option<Box<str>> {
    if let Some(near) = closest(word, known.clone()) {
        return Some(format!("did you mean `{near}`?").into());
    }
    let listed: Vec<String> = known.into_iter().map(|k| format!("`{k}`")).collect();
    (1..=16)
        .contains(&listed.len())
        .then(|| format!("{what}: {}", listed.join(", ")).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let known = ["fail-on", "thresholds", "rules", "names"];
        for (word, expected) in [
            ("fail_on", Some("fail-on")),
            ("failOn", Some("fail-on")),
            ("fial-on", Some("fail-on")),
            ("treshold", Some("thresholds")),
            ("ruls", Some("rules")),
            ("zzz", None),
            ("", None),
        ] {
            assert_eq!(closest(word, known), expected, "{word}");
        }
    }
}
