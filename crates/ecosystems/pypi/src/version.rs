//! PEP 440 versions, with a fallback for the old ones that are none.

use std::cmp::Ordering;
use std::str::FromStr as _;

use uv_pep440::{Version, VersionSpecifiers};

/// A version as an index spells it, ordered as clients order.
#[derive(Clone, Debug)]
pub struct PypiVersion {
    text: Box<str>,
    parsed: Option<Version>,
}

impl PypiVersion {
    /// Reads a version. Text that is no PEP 440 version is kept; it sorts before all others (`pip` ignores such).
    pub fn new(text: &str) -> Self {
        let text = text.trim();
        Self {
            parsed: (text.len() <= 256)
                .then(|| Version::from_str(text).ok())
                .flatten(),
            text: text.into(),
        }
    }

    /// The version as spelt.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// True if it follows PEP 440.
    pub const fn is_valid(&self) -> bool {
        self.parsed.is_some()
    }

    /// True for alpha, beta, release candidate and development versions.
    pub fn is_prerelease(&self) -> bool {
        self.parsed.as_ref().is_none_or(Version::any_prerelease)
    }

    /// True if both are the same version: `1.0` and `1.0.0`, `1.0-1` and `1.0.post1`.
    pub fn same(&self, other: &Self) -> bool {
        match (&self.parsed, &other.parsed) {
            (Some(a), Some(b)) => a == b,
            _ => self.text == other.text,
        }
    }
}

impl PartialEq for PypiVersion {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for PypiVersion {}

impl PartialOrd for PypiVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for PypiVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.parsed, &other.parsed) {
            (Some(a), Some(b)) => a.cmp(b),
            (Some(_), None) => Ordering::Greater,
            (None, Some(_)) => Ordering::Less,
            (None, None) => self.text.cmp(&other.text),
        }
    }
}

/// Whether a Python version satisfies `Requires-Python`. What cannot be read excludes nothing, as in pip.
pub fn python_allowed(requires_python: &str, python: &Version) -> bool {
    if requires_python.len() > 1_024 {
        return true;
    }
    VersionSpecifiers::from_str(requires_python)
        .map_or(true, |specifiers| specifiers.contains(python))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_as_pep_440_says_and_keeps_legacy_versions_below() {
        let mut versions: Vec<PypiVersion> = [
            "1.10",
            "1.9",
            "1.10rc1",
            "2004b-z",
            "1!0.1",
            "1.10.post1",
            "1.10.dev3",
        ]
        .map(PypiVersion::new)
        .into();
        versions.sort();
        let order: Vec<&str> = versions.iter().map(PypiVersion::as_str).collect();
        assert_eq!(
            order,
            [
                "2004b-z",
                "1.9",
                "1.10.dev3",
                "1.10rc1",
                "1.10",
                "1.10.post1",
                "1!0.1"
            ]
        );
    }

    #[test]
    fn equal_versions_may_be_spelt_differently() {
        for (a, b, same) in [
            ("1.0", "1.0.0", true),
            ("1.0-1", "1.0.post1", true),
            ("v1.0", "1", true),
            ("1.0", "1.0+local", false),
            ("legacy!", "legacy!", true),
        ] {
            assert_eq!(
                PypiVersion::new(a).same(&PypiVersion::new(b)),
                same,
                "{a} {b}"
            );
        }
    }

    #[test]
    fn requires_python_decides_and_nonsense_does_not() {
        let python = Version::from_str("3.11.7").expect("a version");
        for (text, allowed) in [
            (">=3.8", true),
            (">=3.12", false),
            (">=2.7, !=3.0.*, !=3.1.*", true),
            ("<3", false),
            ("", true),
            ("three or more", true),
        ] {
            assert_eq!(python_allowed(text, &python), allowed, "{text}");
        }
    }
}
