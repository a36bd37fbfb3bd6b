//! Versions, as each ecosystem orders them.

mod dotted;
mod gem;
mod maven;

use std::cmp::Ordering;
use std::str::FromStr as _;

use foretaste_model::{Ecosystem, ReleaseId};

use dotted::{Composer, NuGet};
use gem::Gem;
use maven::Maven;

/// Bytes of a version that is read.
const MAX_VERSION: usize = 256;

/// A version that its ecosystem understands.
#[derive(Clone, Debug)]
pub enum Version {
    /// PEP 440.
    Python(uv_pep440::Version),
    /// Semantic versioning 2.0: npm, cargo, Go, editor extensions, actions.
    Semantic(semver::Version),
    /// `Gem::Version`.
    Gem(Gem),
    /// Composer's normalised form.
    Composer(Composer),
    /// `NuGetVersion`.
    NuGet(NuGet),
    /// Maven's `ComparableVersion`.
    Maven(Maven),
}

impl Version {
    /// Reads a version; none if its ecosystem does not understand it.
    pub fn read(ecosystem: Ecosystem, text: &str) -> Option<Self> {
        if text.len() > MAX_VERSION {
            return None;
        }
        match ecosystem {
            Ecosystem::Pypi => uv_pep440::Version::from_str(text).ok().map(Self::Python),
            Ecosystem::Npm
            | Ecosystem::Cargo
            | Ecosystem::Go
            | Ecosystem::VsCode
            | Ecosystem::Actions => semantic(text).map(Self::Semantic),
            Ecosystem::RubyGems => Gem::read(text).map(Self::Gem),
            Ecosystem::Packagist => Composer::read(text).map(Self::Composer),
            Ecosystem::NuGet => NuGet::read(text).map(Self::NuGet),
            Ecosystem::Maven => Maven::read(text).map(Self::Maven),
        }
    }

    /// The order of two versions of one ecosystem. Build metadata does not count; local parts do.
    pub fn order(&self, other: &Self) -> Option<Ordering> {
        Some(match (self, other) {
            (Self::Python(a), Self::Python(b)) => a.cmp(b),
            (Self::Semantic(a), Self::Semantic(b)) => a.cmp_precedence(b),
            (Self::Gem(a), Self::Gem(b)) => a.cmp(b),
            (Self::Composer(a), Self::Composer(b)) => a.cmp(b),
            (Self::NuGet(a), Self::NuGet(b)) => a.cmp(b),
            (Self::Maven(a), Self::Maven(b)) => a.cmp(b),
            _ => return None,
        })
    }

    /// The order of a release against a boundary that an advisory names. As in PEP 440's specifiers, a local part
    /// (`1.13.0+cu117`, somebody's build of 1.13.0) counts only if the boundary has one.
    pub fn against(&self, bound: &Self) -> Option<Ordering> {
        match (self, bound) {
            (Self::Python(version), Self::Python(bound)) if bound.local().is_empty() => {
                Some(version.clone().without_local().cmp(bound))
            }
            _ => self.order(bound),
        }
    }
}

/// A semantic version as npm and Go write it: blanks, `v` and `=` before it, missing numbers are zeros.
fn semantic(text: &str) -> Option<semver::Version> {
    let text = text
        .trim()
        .trim_start_matches(|c: char| matches!(c, 'v' | '=') || c.is_whitespace());
    if let Ok(version) = semver::Version::parse(text) {
        return Some(version);
    }
    let end = text.find(['-', '+']).unwrap_or(text.len());
    let (numbers, rest) = text.split_at(end);
    let padded = match numbers.matches('.').count() {
        0 => format!("{numbers}.0.0{rest}"),
        1 => format!("{numbers}.0{rest}"),
        _ => return None,
    };
    semver::Version::parse(&padded).ok()
}

/// Compares two versions as their ecosystem does; none if one of them is no version there.
pub fn compare(ecosystem: Ecosystem, a: &str, b: &str) -> Option<Ordering> {
    Version::read(ecosystem, a)?.order(&Version::read(ecosystem, b)?)
}

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

#[cfg(test)]
mod tests {
    use super::*;

    /// Each list is ascending.
    #[test]
    fn each_ecosystem_has_its_own_order() {
        for (ecosystem, versions) in [
            (
                Ecosystem::Pypi,
                &[
                    "1.0.dev1",
                    "1.0a1",
                    "1.0",
                    "1.0+x",
                    "1.0.post1",
                    "1.10",
                    "1!0.1",
                ][..],
            ),
            (
                Ecosystem::Npm,
                &["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0", "v1.2", "1.10.0"],
            ),
            (
                Ecosystem::Go,
                &[
                    "v0.0.0-20210101000000-abcdef",
                    "v0.0.1",
                    "v1.2.3-pre",
                    "1.2.3",
                ],
            ),
            (
                Ecosystem::RubyGems,
                &["1.0.a", "1.0.b1", "1.0.rc2", "1.0", "1.0.1", "1.0.10"],
            ),
            (
                Ecosystem::Packagist,
                &[
                    "1.0-dev",
                    "v1.0-alpha1",
                    "1.0.0-beta",
                    "1.0.0RC1",
                    "1.0",
                    "1.0-p1",
                    "1.0.0.1",
                ],
            ),
            (
                Ecosystem::NuGet,
                &["1.0.0-ALPHA.2", "1.0.0-alpha.10", "1.0", "1.0.0.1", "1.0.1"],
            ),
            (
                Ecosystem::Maven,
                &[
                    "1-alpha-1",
                    "1-beta",
                    "1-m2",
                    "1-rc",
                    "1-SNAPSHOT",
                    "1",
                    "1-sp",
                    "1-foo",
                    "1-1",
                    "1.0.1",
                    "1.10",
                ],
            ),
        ] {
            for (i, a) in versions.iter().enumerate() {
                for (j, b) in versions.iter().enumerate() {
                    assert_eq!(
                        compare(ecosystem, a, b),
                        Some(i.cmp(&j)),
                        "{ecosystem} {a} {b}"
                    );
                }
            }
        }
    }

    #[test]
    fn other_spellings_are_the_same_version() {
        for (ecosystem, a, b) in [
            (Ecosystem::Pypi, "1.0", "v1.0.0"),
            (Ecosystem::Npm, "1.0.0+a", "=v1.0.0+b"),
            (Ecosystem::RubyGems, "1.0.0", "1"),
            (Ecosystem::Packagist, "v1.0", "1.0.0.0"),
            (Ecosystem::NuGet, "1.0.0+meta", "1.0"),
            (Ecosystem::Maven, "1.0.0", "1-ga"),
            (Ecosystem::Maven, "1-rc", "1.cr"),
            (Ecosystem::Maven, "1a1", "1-alpha-1"),
        ] {
            assert_eq!(compare(ecosystem, a, b), Some(Ordering::Equal), "{a} {b}");
        }
    }

    #[test]
    fn what_is_no_version_is_not_ordered() {
        let long = "1".repeat(300);
        for ecosystem in Ecosystem::ALL {
            assert_eq!(compare(ecosystem, &long, "1"), None, "{ecosystem}");
        }
        assert_eq!(compare(Ecosystem::Npm, "1.2.3.4", "1.0.0"), None);
        assert_eq!(compare(Ecosystem::RubyGems, "1..2", "1"), None);
    }
}
