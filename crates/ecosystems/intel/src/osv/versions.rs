//! Which versions come after a release.

use std::cmp::Ordering;
use std::str::FromStr as _;

use foretaste_model::{Ecosystem, ReleaseId};

/// The versions above the release's own, ascending, each once. Where the release's version cannot be read, all of
/// them in the given order.
pub(crate) fn above(versions: Vec<Box<str>>, release: &ReleaseId) -> Vec<Box<str>> {
    let mut kept: Vec<Box<str>> = Vec::new();
    for version in versions {
        let after = compare(release.ecosystem, &version, &release.version);
        if after.is_none_or(Ordering::is_gt) && !kept.contains(&version) {
            kept.push(version);
        }
    }
    if kept
        .iter()
        .all(|v| compare(release.ecosystem, v, v).is_some())
    {
        kept.sort_by(|a, b| compare(release.ecosystem, a, b).unwrap_or(Ordering::Equal));
    }
    kept
}

/// Compares two versions as their ecosystem does; none if one of them is no version there.
pub fn compare(ecosystem: Ecosystem, a: &str, b: &str) -> Option<Ordering> {
    if ecosystem == Ecosystem::Pypi {
        let read = |text: &str| uv_pep440::Version::from_str(text).ok();
        return Some(read(a)?.cmp(&read(b)?));
    }
    // those whose versions are not semantic ones are read as such where they can be
    let read = |text: &str| semver::Version::parse(text.trim_start_matches('v')).ok();
    Some(read(a)?.cmp_precedence(&read(b)?))
}
