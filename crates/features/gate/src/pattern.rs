//! Packages by name and version, with wildcards.

use foretaste_model::{Ecosystem, PackageName, ReleaseId};
use foretaste_names::{canonical, matches_glob};

/// `pypi:acme-*`, `npm:@acme/*@1.*`, `acme-*` (of any ecosystem).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackagePattern {
    ecosystem: Option<Ecosystem>,
    name: Box<str>,
    version: Option<Box<str>>,
}

impl PackagePattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// It names no ecosystem that is known, or would match nearly everything.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (ecosystem, rest) = match text.split_once(':') {
            Some((prefix, rest)) => {
                let found = Ecosystem::from_prefix(prefix);
                (
                    Some(found.ok_or_else(|| format!("`{prefix}` is no ecosystem"))?),
                    rest,
                )
            }
            None => (None, text),
        };
        let (name, version) = match rest.rfind('@') {
            Some(at) if at > 0 => (&rest[..at], Some(rest[at + 1..].into())),
            _ => (rest, None),
        };
        let fixed = name.chars().filter(|c| c.is_alphanumeric()).count();
        if fixed == 0 || (name.contains('*') && fixed < 2) {
            return Err(format!("`{text}` would match nearly every package"));
        }
        Ok(Self {
            ecosystem,
            name: name.into(),
            version,
        })
    }

    /// Patterns as programs write them: one spelling of the ecosystems that are served, ASCII, and enough that stands for
    /// itself.
    pub(crate) const PLAIN: &str = "^((pypi|npm|cargo):)?(@?[!-)+-9;-?A-~]*[A-Za-z0-9][!-)+-9;-?A-~]*|@?[!-9;-?A-~]*[A-Za-z0-9][!-9;-?A-~]*[A-Za-z0-9][!-9;-?A-~]*)(@[!-9;-?A-~]*)?$";

    /// True if a text that can be read is one that [`Self::PLAIN`] describes.
    pub(crate) fn is_plain(text: &str) -> bool {
        let (prefix, rest) = text.split_once(':').unwrap_or(("", text));
        matches!(prefix, "" | "pypi" | "npm" | "cargo")
            && !text.starts_with(':')
            && rest.bytes().all(|b| b.is_ascii_graphic() && b != b':')
            && rest.strip_prefix('@').unwrap_or(rest).matches('@').count() <= 1
    }

    /// True if it covers a package, whatever the version.
    pub fn covers_package(&self, ecosystem: Ecosystem, name: &PackageName) -> bool {
        self.ecosystem.is_none_or(|e| e == ecosystem)
            && matches_glob(
                &fold(ecosystem, &self.name),
                &fold(ecosystem, name.as_str()),
            )
    }

    /// True if it covers a release.
    pub fn covers(&self, release: &ReleaseId) -> bool {
        self.covers_package(release.ecosystem, &release.name)
            && self
                .version
                .as_ref()
                .is_none_or(|version| matches_glob(version, &release.version))
    }
}

/// Names that an ecosystem's clients take for the same are the same here.
fn fold(ecosystem: Ecosystem, name: &str) -> String {
    canonical(ecosystem, &name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_cover_what_clients_take_for_the_same() {
        let covers = |pattern: &str, ecosystem, name: &str, version: &str| {
            PackagePattern::parse(pattern)
                .expect(pattern)
                .covers(&ReleaseId::new(ecosystem, name, version))
        };
        assert!(covers("acme-*", Ecosystem::Pypi, "Acme_Corp.Utils", "1.0"));
        assert!(covers("acme_*", Ecosystem::Pypi, "acme-corp-utils", "1.0"));
        assert!(covers("acme-*", Ecosystem::Cargo, "acme_core", "1.0.0"));
        assert!(covers("npm:@acme/*", Ecosystem::Npm, "@acme/ui", "1.0.0"));
        assert!(!covers(
            "npm:@acme/*",
            Ecosystem::Npm,
            "@acme-x/ui",
            "1.0.0"
        ));
        assert!(!covers("pypi:acme-*", Ecosystem::Npm, "acme-ui", "1.0.0"));
        assert!(covers(
            "crates:time@0.1.*",
            Ecosystem::Cargo,
            "time",
            "0.1.45"
        ));
        assert!(!covers(
            "crates:time@0.1.*",
            Ecosystem::Cargo,
            "time",
            "0.3.0"
        ));
        assert!(!covers("acme", Ecosystem::Pypi, "acme-utils", "1"));
        assert!(covers(
            "*acme*utils",
            Ecosystem::Pypi,
            "my-acme-corp-utils",
            "1"
        ));
    }

    #[test]
    fn what_would_match_everything_is_refused() {
        assert!(PackagePattern::parse("*").is_err());
        assert!(PackagePattern::parse("npm:@*/*").is_err());
        assert!(PackagePattern::parse("gitlab:acme").is_err());
    }
}
