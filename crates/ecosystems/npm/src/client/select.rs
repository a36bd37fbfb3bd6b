//! Which version a request means, as npm chooses it (`npm-pick-manifest`).

use nodejs_semver::{Range, Version as Semver};

use super::packument::Packument;

/// The version that `wanted` means: an exact version, a dist-tag, or a range; without it, the tag `latest`.
///
/// A range takes `latest` if that satisfies it, else the highest version, those that are not deprecated first.
/// Without a `latest` tag, the highest version that is no pre-release. None if nothing fits.
pub(super) fn choose(packument: &Packument, wanted: Option<&str>) -> Option<String> {
    let tags = packument.dist_tags.as_ref();
    let tag = |name: &str| {
        let version = tags?.get(name)?;
        packument.versions.contains_key(version).then_some(version)
    };
    let latest = tag("latest");
    let Some(wanted) = wanted.map(str::trim) else {
        return latest.cloned().or_else(|| highest(packument, |_| true));
    };
    let plain = wanted.strip_prefix(['v', '=']).unwrap_or(wanted);
    if packument.versions.contains_key(plain) {
        return Some(plain.to_owned());
    }
    if let Some(version) = tag(wanted) {
        return Some(version.clone());
    }
    let range = Range::parse(wanted).ok()?;
    let fits = |version: &Semver| version.satisfies(&range);
    match latest {
        Some(version) if Semver::parse(version).is_ok_and(|v| fits(&v)) => Some(version.clone()),
        _ => highest(packument, fits),
    }
}

/// The highest version that fits: neither deprecated nor a pre-release if there is such a one.
fn highest(packument: &Packument, fits: impl Fn(&Semver) -> bool) -> Option<String> {
    packument
        .versions
        .iter()
        .filter_map(|(text, version)| Some((Semver::parse(text).ok()?, text, version)))
        .filter(|(semver, ..)| fits(semver))
        .max_by(|(a, _, of_a), (b, _, of_b)| {
            let rank = |semver: &Semver, usable: bool| (usable, !semver.is_prerelease());
            rank(a, of_a.deprecation().is_none())
                .cmp(&rank(b, of_b.deprecation().is_none()))
                .then_with(|| a.cmp(b))
        })
        .map(|(_, text, _)| text.clone())
}

/// Every version in ascending order; what is no version at all comes first.
pub(super) fn ascending(packument: &Packument) -> Vec<&str> {
    let mut versions: Vec<_> = packument
        .versions
        .keys()
        .map(|text| (Semver::parse(text).ok(), text.as_str()))
        .collect();
    versions.sort();
    versions.into_iter().map(|(_, text)| text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packument() -> Packument {
        serde_json::from_str(
            r#"{"dist-tags": {"latest": "2.1.0", "next": "3.0.0-rc.1", "gone": "9.9.9"},
                "versions": {"1.0.0": {}, "1.4.0": {}, "1.5.0": {"deprecated": "bad"}, "2.0.0": {},
                             "2.1.0": {}, "2.2.0": {}, "3.0.0-rc.1": {}, "odd": {}}}"#,
        )
        .expect("a packument")
    }

    #[test]
    fn requests_mean_what_npm_takes_them_to_mean() {
        for (wanted, expected) in [
            (None, Some("2.1.0")),
            (Some("1.0.0"), Some("1.0.0")),
            (Some("v1.0.0"), Some("1.0.0")),
            (Some("next"), Some("3.0.0-rc.1")),
            (Some("^1"), Some("1.4.0")),
            (Some("1.5.0"), Some("1.5.0")),
            (Some("~1.5"), Some("1.5.0")),
            (Some(">=2"), Some("2.1.0")),
            (Some("2.2.x"), Some("2.2.0")),
            (Some("odd"), Some("odd")),
            (Some("gone"), None),
            (Some("7"), None),
            (Some("!!"), None),
        ] {
            assert_eq!(
                choose(&packument(), wanted).as_deref(),
                expected,
                "{wanted:?}"
            );
        }
    }

    #[test]
    fn without_latest_the_highest_release_is_taken() {
        let mut packument = packument();
        packument.dist_tags = None;
        assert_eq!(choose(&packument, None).as_deref(), Some("2.2.0"));
        assert_eq!(ascending(&packument).last(), Some(&"3.0.0-rc.1"));
    }

    proptest::proptest! {
        #[test]
        fn any_request_is_answered_without_a_panic(wanted in "\\PC{0,300}") {
            let _ = choose(&packument(), Some(&wanted));
        }
    }
}
