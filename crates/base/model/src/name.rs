//! Normalised package names and release identities.

use std::fmt;

use packageurl::PackageUrl;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Ecosystem;

/// A package name in the form in which its ecosystem compares names.
///
/// PyPI: PEP 503 (`re.sub(r"[-_.]+", "-", name).lower()`). npm: as written (names are case-sensitive for old
/// packages, and registries compare exactly). crates.io: as written; `-` and `_` are the same crate, see [`Self::key`].
/// composer, NuGet and VS Code: lower case. Maven: `group:artifact`. The others as written.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct PackageName(Box<str>);

impl PackageName {
    /// Normalises `raw` for `ecosystem`.
    pub fn new(ecosystem: Ecosystem, raw: &str) -> Self {
        let raw = raw.trim();
        Self(match ecosystem {
            Ecosystem::Pypi => pep503(raw).into(),
            Ecosystem::Packagist | Ecosystem::NuGet | Ecosystem::VsCode => {
                raw.to_lowercase().into()
            }
            Ecosystem::Npm
            | Ecosystem::Cargo
            | Ecosystem::RubyGems
            | Ecosystem::Go
            | Ecosystem::Maven
            | Ecosystem::Actions => raw.into(),
        })
    }

    /// The normalised name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two spellings of one package have in common: lower case, and `_` read as `-`.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase().replace('_', "-")
    }
}

impl fmt::Display for PackageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn pep503(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in raw.chars() {
        if matches!(c, '-' | '_' | '.') {
            if !out.ends_with('-') {
                out.push('-');
            }
        } else {
            out.extend(c.to_lowercase());
        }
    }
    out
}

/// One release: a package and one of its versions.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct ReleaseId {
    /// The ecosystem.
    pub ecosystem: Ecosystem,
    /// The normalised name.
    pub name: PackageName,
    /// The version, as the registry spells it.
    pub version: Box<str>,
}

impl ReleaseId {
    /// Builds a release identity, normalising the name.
    pub fn new(ecosystem: Ecosystem, name: &str, version: &str) -> Self {
        Self {
            ecosystem,
            name: PackageName::new(ecosystem, name),
            version: version.into(),
        }
    }

    /// The package URL (<https://github.com/package-url/purl-spec>), e.g. `pkg:pypi/requests@2.32.0`.
    pub fn purl(&self) -> String {
        let name = self.name.as_str();
        let parts = match self.ecosystem {
            Ecosystem::Npm | Ecosystem::Packagist => name.split_once('/'),
            Ecosystem::Go | Ecosystem::Actions => name.rsplit_once('/'),
            Ecosystem::Maven => name.split_once(':'),
            Ecosystem::VsCode => name.split_once('.'),
            Ecosystem::Pypi | Ecosystem::Cargo | Ecosystem::RubyGems | Ecosystem::NuGet => None,
        };
        let (namespace, name) = parts.map_or((None, name), |(scope, rest)| (Some(scope), rest));
        let Ok(mut purl) = PackageUrl::new(self.ecosystem.id(), name) else {
            return format!("pkg:{}/{}@{}", self.ecosystem.id(), self.name, self.version);
        };
        if let Some(scope) = namespace {
            let _ = purl.with_namespace(scope);
        }
        if !self.version.is_empty() {
            let _ = purl.with_version(&*self.version);
        }
        purl.to_string()
    }
}

impl fmt::Display for ReleaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pypi_names_compare_by_pep_503() {
        for raw in ["Friendly-Bard", "friendly.bard", "FRIENDLY_--bard"] {
            assert_eq!(
                PackageName::new(Ecosystem::Pypi, raw).as_str(),
                "friendly-bard"
            );
        }
    }

    #[test]
    fn purls_follow_the_specification() {
        let purl = |e, n: &str, v: &str| ReleaseId::new(e, n, v).purl();
        assert_eq!(
            purl(Ecosystem::Pypi, "Django", "5.2"),
            "pkg:pypi/django@5.2"
        );
        assert_eq!(
            purl(Ecosystem::Npm, "@babel/core", "7.0.0"),
            "pkg:npm/%40babel/core@7.0.0"
        );
        assert_eq!(
            purl(Ecosystem::Cargo, "serde_json", "1.0.1"),
            "pkg:cargo/serde_json@1.0.1"
        );
        assert_eq!(
            purl(Ecosystem::Maven, "org.acme:lib", "1.0"),
            "pkg:maven/org.acme/lib@1.0"
        );
        assert_eq!(
            purl(Ecosystem::Go, "example.org/a/b", "v1.2.3"),
            "pkg:golang/example.org/a/b@v1.2.3"
        );
        assert_eq!(
            purl(Ecosystem::VsCode, "Acme.Theme", "1.0.0"),
            "pkg:vscode-extension/acme/theme@1.0.0"
        );
    }
}
