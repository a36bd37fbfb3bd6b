//! For how long an answer may be used without asking again (RFC 9111, the part that matters for a private cache).

use std::time::Duration;

/// What `Cache-Control` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Freshness {
    /// Not to be kept.
    NoStore,
    /// Fresh for this long.
    For(Duration),
    /// The server does not say.
    Unstated,
}

/// A year: more is never believed.
const LONGEST: u64 = 365 * 24 * 3_600;

/// Reads `Cache-Control` and `Age`.
pub(super) fn freshness(cache_control: Option<&str>, age: Option<&str>) -> Freshness {
    let Some(text) = cache_control else {
        return Freshness::Unstated;
    };
    let mut found = Freshness::Unstated;
    for directive in text.split(',') {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "no-store" => return Freshness::NoStore,
            "no-cache" => found = Freshness::For(Duration::ZERO),
            "max-age" if found != Freshness::For(Duration::ZERO) => {
                if let Ok(seconds) = value.trim().trim_matches('"').parse::<u64>() {
                    let age = age.and_then(|a| a.trim().parse().ok()).unwrap_or(0);
                    let seconds = seconds.min(LONGEST).saturating_sub(age);
                    found = Freshness::For(Duration::from_secs(seconds));
                }
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_directives_that_matter() {
        let fresh = |s| Freshness::For(Duration::from_secs(s));
        for (control, age, expected) in [
            (None, None, Freshness::Unstated),
            (Some("public"), None, Freshness::Unstated),
            (Some("max-age=600, public"), None, fresh(600)),
            (Some("max-age=600"), Some("100"), fresh(500)),
            (Some("max-age=600"), Some("900"), fresh(0)),
            (Some("Max-Age=\"60\""), None, fresh(60)),
            (Some("no-cache, max-age=600"), None, fresh(0)),
            (Some("max-age=600, no-cache"), None, fresh(0)),
            (Some("no-store"), None, Freshness::NoStore),
            (Some("max-age=99999999999"), None, fresh(LONGEST)),
            (Some("max-age=x"), None, Freshness::Unstated),
        ] {
            assert_eq!(freshness(control, age), expected, "{control:?} {age:?}");
        }
    }
}
