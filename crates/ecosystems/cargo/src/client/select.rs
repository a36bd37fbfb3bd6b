//! Which version a request means.

use semver::{Version, VersionReq};

use super::index::Entry;

/// The entry that `wanted` means: an exact version (yanked or not), or a cargo requirement such as `1.2` or `>=1, <2`.
///
/// Without it, and within a requirement: the newest that is neither yanked nor a pre-release, else the newest
/// pre-release, else the newest at all.
pub(super) fn choose<'a>(entries: &'a [Entry], wanted: Option<&str>) -> Option<&'a Entry> {
    let Some(wanted) = wanted.map(str::trim) else {
        return newest(entries.iter());
    };
    let plain = wanted.strip_prefix(['=', 'v']).unwrap_or(wanted).trim();
    let without_build = |v: &str| v.split('+').next().unwrap_or(v).to_owned();
    let exact = entries.iter().find(|e| e.vers == plain);
    if let Some(entry) = exact.or_else(|| {
        entries
            .iter()
            .find(|e| without_build(&e.vers) == without_build(plain))
    }) {
        return Some(entry);
    }
    // cargo would read a full version as `^1.2.3`; whoever asks about one release means that one
    if Version::parse(plain).is_ok() {
        return None;
    }
    let requirement = VersionReq::parse(wanted).ok()?;
    newest(
        entries
            .iter()
            .filter(|e| Version::parse(&e.vers).is_ok_and(|v| requirement.matches(&v))),
    )
}

fn newest<'a>(entries: impl Iterator<Item = &'a Entry>) -> Option<&'a Entry> {
    entries
        .filter_map(|e| Some((Version::parse(&e.vers).ok()?, e)))
        .max_by(|(a, of_a), (b, of_b)| {
            (!of_a.yanked, a.pre.is_empty())
                .cmp(&(!of_b.yanked, b.pre.is_empty()))
                .then_with(|| a.cmp(b))
        })
        .map(|(_, entry)| entry)
}

/// The entries in ascending order of their versions.
pub(super) fn ascending(entries: &[Entry]) -> Vec<&Entry> {
    let mut sorted: Vec<_> = entries
        .iter()
        .map(|e| (Version::parse(&e.vers).ok(), e))
        .collect();
    sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
    sorted.into_iter().map(|(_, e)| e).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::index;

    fn entries() -> Vec<Entry> {
        let line = |(version, yanked): (&str, bool)| {
            format!("{{\"name\":\"a\",\"vers\":\"{version}\",\"yanked\":{yanked}}}\n")
        };
        let text: String = [
            ("1.0.0", false),
            ("1.2.0+b1", false),
            ("1.3.0", true),
            ("2.0.0-rc.1", false),
        ]
        .map(line)
        .concat();
        index::read(&text).0
    }

    #[test]
    fn requests_mean_what_cargo_takes_them_to_mean() {
        for (wanted, expected) in [
            (None, Some("1.2.0+b1")),
            (Some("1.3.0"), Some("1.3.0")),
            (Some("1.2.0"), Some("1.2.0+b1")),
            (Some("1"), Some("1.2.0+b1")),
            (Some("=1.0.0"), Some("1.0.0")),
            (Some(">=2.0.0-rc"), Some("2.0.0-rc.1")),
            (Some("~1.3"), Some("1.3.0")),
            (Some("1.0.1"), None),
            (Some("9"), None),
            (Some("??"), None),
        ] {
            let entries = entries();
            let found = choose(&entries, wanted).map(|e| e.vers.as_str());
            assert_eq!(found, expected, "{wanted:?}");
        }
    }

    #[test]
    fn a_pre_release_or_a_yanked_version_is_chosen_only_if_there_is_no_other() {
        let mut entries = entries();
        entries.retain(|e| e.yanked || e.vers.contains('-'));
        assert_eq!(
            choose(&entries, None).map(|e| e.vers.as_str()),
            Some("2.0.0-rc.1")
        );
        entries.retain(|e| e.yanked);
        assert_eq!(
            choose(&entries, None).map(|e| e.vers.as_str()),
            Some("1.3.0")
        );
    }
}
