//! Versions of Go modules (<https://go.dev/ref/mod#versions>).

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use thiserror::Error;

/// A version of a Go module. What stands behind `+` (`+incompatible`) does not count.
#[derive(Clone, Debug)]
pub struct GoVersion {
    text: Box<str>,
    parsed: semver::Version,
}

/// A text that is no version of a Go module.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{0}` is no version of a Go module")]
pub struct GoVersionError(String);

impl GoVersion {
    /// True for `v1.2.3-pre` and for pseudo-versions.
    pub fn is_prerelease(&self) -> bool {
        !self.parsed.pre.is_empty()
    }

    /// If it names a commit without a tag (`v0.0.0-20191109021931-daa7c04131f5`): the time of the commit and the
    /// beginning of its hash.
    pub fn pseudo(&self) -> Option<(Timestamp, &str)> {
        let plain = self.text.split('+').next()?;
        let (before, commit) = plain.rsplit_once('-')?;
        let stamp = before.rsplit(['-', '.']).next()?;
        let fits = commit.len() == 12
            && commit.bytes().all(|b| b.is_ascii_alphanumeric())
            && stamp.len() == 14;
        if !fits {
            return None;
        }
        let civil = DateTime::strptime("%Y%m%d%H%M%S", stamp).ok()?;
        let time = TimeZone::UTC.to_timestamp(civil).ok()?;
        Some((time, commit))
    }

    /// The major version.
    pub const fn major(&self) -> u64 {
        self.parsed.major
    }
}

impl FromStr for GoVersion {
    type Err = GoVersionError;

    /// With or without the `v` (advisories leave it out); `v1` and `v1.2` are short for `v1.0.0` and `v1.2.0`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = text.strip_prefix('v').unwrap_or(text);
        let short = plain.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let parsed = match plain.matches('.').count() {
            0 if short => semver::Version::parse(&format!("{plain}.0.0")),
            1 if short => semver::Version::parse(&format!("{plain}.0")),
            _ => semver::Version::parse(plain),
        };
        Ok(Self {
            text: text.into(),
            parsed: parsed.map_err(|_| GoVersionError(text.chars().take(256).collect()))?,
        })
    }
}

impl Ord for GoVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parsed.cmp_precedence(&other.parsed)
    }
}

impl PartialOrd for GoVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for GoVersion {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for GoVersion {}

impl fmt::Display for GoVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> GoVersion {
        text.parse().expect(text)
    }

    #[test]
    fn the_order_is_that_of_semantic_versions() {
        let ascending = [
            "v0.0.0-20180101000000-aaaaaaaaaaaa",
            "v0.0.0-20191109021931-daa7c04131f5",
            "v0.9.0",
            "v1.0.0-alpha.9",
            "v1.0.0-alpha.10",
            "v1.0.0",
            "1.2",
            "v1.2.4-0.20191109021931-daa7c04131f5",
            "v1.2.4",
            "v2.0.0+incompatible",
        ];
        for pair in ascending.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
        }
        assert_eq!(version("v2.0.0+incompatible"), version("2.0.0"));
        assert!("latest".parse::<GoVersion>().is_err());
    }

    #[test]
    fn pseudo_versions_name_a_commit() {
        for text in [
            "v0.0.0-20191109021931-daa7c04131f5",
            "v1.2.4-0.20191109021931-daa7c04131f5",
            "v1.2.3-pre.0.20191109021931-daa7c04131f5",
            "v2.0.1-0.20191109021931-daa7c04131f5+incompatible",
        ] {
            let version = version(text);
            let (time, commit) = version.pseudo().expect(text);
            assert_eq!(time.to_string(), "2019-11-09T02:19:31Z");
            assert_eq!(commit, "daa7c04131f5");
        }
        assert!(version("v1.0.0-rc1").pseudo().is_none());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "v?\\PC*") {
            if let Ok(version) = text.parse::<GoVersion>() {
                let _ = version.pseudo();
            }
        }
    }
}
