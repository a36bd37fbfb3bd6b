//! What users ask to have tasted.

use std::path::PathBuf;
use std::str::FromStr;

use packageurl::PackageUrl;
use thiserror::Error;

use crate::{Ecosystem, PackageName};

/// One thing to audit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// A package in a registry: `pypi:flask@3.0.3`, `npm:@babel/core`, `pkg:cargo/serde@1`.
    Package {
        /// The ecosystem.
        ecosystem: Ecosystem,
        /// The normalised name.
        name: PackageName,
        /// The version asked for; the newest one if none.
        version: Option<Box<str>>,
    },
    /// A local archive or folder.
    Path(PathBuf),
}

/// Why a target could not be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum TargetError {
    /// The prefix before the colon is no ecosystem.
    #[error(
        "`{prefix}` in `{text}` is no ecosystem; use `pypi:`, `npm:`, `crates:`, `gem:`, `composer:`, `go:`, `nuget:`, `maven:`, a purl or a path"
    )]
    UnknownEcosystem {
        /// The prefix.
        prefix: String,
        /// The whole argument.
        text: String,
    },
    /// The purl is malformed.
    #[error("`{text}` is not a package URL: {reason}")]
    BadPurl {
        /// The whole argument.
        text: String,
        /// Why.
        reason: String,
    },
    /// The name is not one the ecosystem allows.
    #[error("`{name}` is not a valid {ecosystem} package name")]
    BadName {
        /// The ecosystem.
        ecosystem: Ecosystem,
        /// The name.
        name: String,
    },
    /// Nothing was given.
    #[error("the target is empty")]
    Empty,
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.is_empty() {
            return Err(TargetError::Empty);
        }
        if text.starts_with("pkg:") {
            return from_purl(text);
        }
        let looks_like_path =
            text.starts_with(['.', '/', '~', '\\']) || std::path::Path::new(text).is_absolute();
        match text.split_once(':') {
            Some((prefix, rest)) if !looks_like_path => match Ecosystem::from_prefix(prefix) {
                Some(ecosystem) => {
                    let (name, version) = split_version(ecosystem, rest);
                    package(ecosystem, name, version)
                }
                None if text.contains(['/', '\\']) => Ok(Self::Path(text.into())),
                None => Err(TargetError::UnknownEcosystem {
                    prefix: prefix.into(),
                    text: text.into(),
                }),
            },
            _ => Ok(Self::Path(text.into())),
        }
    }
}

fn from_purl(text: &str) -> Result<Target, TargetError> {
    let purl = PackageUrl::from_str(text).map_err(|e| TargetError::BadPurl {
        text: text.into(),
        reason: e.to_string(),
    })?;
    let ecosystem =
        Ecosystem::from_prefix(purl.ty()).ok_or_else(|| TargetError::UnknownEcosystem {
            prefix: purl.ty().into(),
            text: text.into(),
        })?;
    let name = purl.namespace().map_or_else(
        || purl.name().to_owned(),
        |ns| {
            let between = match ecosystem {
                Ecosystem::Maven => ':',
                Ecosystem::VsCode => '.',
                _ => '/',
            };
            format!("{ns}{between}{}", purl.name())
        },
    );
    package(ecosystem, &name, purl.version())
}

fn package(ecosystem: Ecosystem, name: &str, version: Option<&str>) -> Result<Target, TargetError> {
    if !is_valid_name(ecosystem, name) {
        return Err(TargetError::BadName {
            ecosystem,
            name: name.into(),
        });
    }
    let version = version
        .map(str::trim)
        .filter(|v| !v.is_empty() && *v != "latest")
        .map(Into::into);
    Ok(Target::Package {
        ecosystem,
        name: PackageName::new(ecosystem, name),
        version,
    })
}

/// Splits `flask@3.0.3`, `flask==3.0.3`, `@babel/core@7` into name and version.
fn split_version(ecosystem: Ecosystem, text: &str) -> (&str, Option<&str>) {
    if ecosystem == Ecosystem::Pypi
        && let Some((name, version)) = text.split_once("==")
    {
        return (name.trim(), Some(version));
    }
    match text.rfind('@') {
        Some(at) if at > 0 => (&text[..at], Some(&text[at + 1..])),
        _ => (text, None),
    }
}

/// Whether a registry of this ecosystem could hold a package of this name (case and separators aside).
pub fn is_valid_name(ecosystem: Ecosystem, name: &str) -> bool {
    let plain = |s: &str, extra: &[char]| {
        !s.is_empty()
            && s.len() <= 214
            && s.chars()
                .all(|c| c.is_ascii_alphanumeric() || extra.contains(&c))
    };
    match ecosystem {
        Ecosystem::Pypi => {
            plain(name, &['-', '_', '.'])
                && name.starts_with(|c: char| c.is_ascii_alphanumeric())
                && name.ends_with(|c: char| c.is_ascii_alphanumeric())
        }
        Ecosystem::Npm => {
            let bare = |s: &str| {
                plain(s, &['-', '_', '.', '~', '!', '\'', '(', ')', '*']) && s != "." && s != ".."
            };
            match name.strip_prefix('@') {
                Some(scoped) => scoped
                    .split_once('/')
                    .is_some_and(|(scope, rest)| bare(scope) && bare(rest)),
                None => bare(name),
            }
        }
        Ecosystem::Cargo => plain(name, &['-', '_']) && name.len() <= 64,
        Ecosystem::RubyGems | Ecosystem::NuGet => {
            plain(name, &['-', '_', '.']) && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        }
        Ecosystem::Packagist => {
            let part = |s: &str| plain(s, &['-', '_', '.']) && s != "." && s != "..";
            name.split_once('/')
                .is_some_and(|(vendor, rest)| part(vendor) && part(rest))
        }
        Ecosystem::Go | Ecosystem::Actions => {
            plain(name, &['-', '_', '.', '~', '/', '+', '!'])
                && name
                    .split('/')
                    .all(|part| !part.is_empty() && part != "." && part != "..")
        }
        Ecosystem::Maven => name.split_once(':').is_some_and(|(group, artifact)| {
            plain(group, &['-', '_', '.'])
                && plain(artifact, &['-', '_', '.'])
                && !group.starts_with('.')
                && !group.contains("..")
                && !artifact.starts_with('.')
        }),
        Ecosystem::VsCode => name.split_once('.').is_some_and(|(publisher, rest)| {
            plain(publisher, &['-', '_']) && plain(rest, &['-', '_', '.'])
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, TargetError> {
        text.parse().map(|t| match t {
            Target::Package {
                ecosystem,
                name,
                version,
            } => {
                format!(
                    "{} {name} {}",
                    ecosystem.id(),
                    version.as_deref().unwrap_or("-")
                )
            }
            Target::Path(path) => format!("path {}", path.display()),
        })
    }

    #[test]
    fn reads_every_form_users_write() {
        for (text, expected) in [
            ("pypi:requests", "pypi requests -"),
            ("pypi:Flask@3.0.3", "pypi flask 3.0.3"),
            ("pip:flask==3.0.3", "pypi flask 3.0.3"),
            ("npm:@babel/core", "npm @babel/core -"),
            ("npm:@babel/core@7.1.0", "npm @babel/core 7.1.0"),
            ("crates:serde", "cargo serde -"),
            ("pkg:pypi/django@5.2", "pypi django 5.2"),
            ("pkg:npm/%40babel/core@7.0.0", "npm @babel/core 7.0.0"),
            ("gem:rails@7.1.0", "gem rails 7.1.0"),
            ("composer:Acme/Pad", "composer acme/pad -"),
            ("go:example.org/a/b@v1.0.0", "golang example.org/a/b v1.0.0"),
            ("maven:org.acme:lib@1.0", "maven org.acme:lib 1.0"),
            ("pkg:maven/org.acme/lib@1.0", "maven org.acme:lib 1.0"),
            ("nuget:Acme.Pad@1.0", "nuget acme.pad 1.0"),
            ("./dist/x-1.0.tar.gz", "path ./dist/x-1.0.tar.gz"),
            ("some/dir", "path some/dir"),
            ("x.whl", "path x.whl"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn refuses_what_no_registry_could_hold() {
        assert!(matches!(
            read("pypi:../etc/passwd"),
            Err(TargetError::BadName { .. })
        ));
        assert!(matches!(read("npm:@a"), Err(TargetError::BadName { .. })));
        assert!(matches!(
            read("conda:rails"),
            Err(TargetError::UnknownEcosystem { .. })
        ));
        assert_eq!(read(" "), Err(TargetError::Empty));
    }
}
