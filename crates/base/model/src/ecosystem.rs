//! Package ecosystems.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A package ecosystem: a registry protocol, a naming rule and a way to install.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Ecosystem {
    /// The Python Package Index and what speaks its protocol (PEP 503, PEP 691).
    Pypi,
    /// The npm registry and what speaks its protocol.
    Npm,
    /// crates.io and other cargo registries (sparse index).
    Cargo,
    /// Ruby gems.
    RubyGems,
    /// PHP packages for composer.
    Packagist,
    /// Go modules.
    Go,
    /// .NET packages.
    NuGet,
    /// Java packages: Maven repositories.
    Maven,
    /// Extensions of Visual Studio Code.
    VsCode,
    /// GitHub Actions.
    Actions,
}

impl Ecosystem {
    /// Every ecosystem, in the order in which reports list them.
    pub const ALL: [Self; 10] = [
        Self::Pypi,
        Self::Npm,
        Self::Cargo,
        Self::RubyGems,
        Self::Packagist,
        Self::Go,
        Self::NuGet,
        Self::Maven,
        Self::VsCode,
        Self::Actions,
    ];

    /// The identifier used in targets, policies and the purl type: `pypi`, `npm`, `cargo`, `gem`, ...
    pub const fn id(self) -> &'static str {
        match self {
            Self::Pypi => "pypi",
            Self::Npm => "npm",
            Self::Cargo => "cargo",
            Self::RubyGems => "gem",
            Self::Packagist => "composer",
            Self::Go => "golang",
            Self::NuGet => "nuget",
            Self::Maven => "maven",
            Self::VsCode => "vscode-extension",
            Self::Actions => "githubactions",
        }
    }

    /// The name people use: `PyPI`, `npm`, `crates.io`.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Pypi => "PyPI",
            Self::Npm => "npm",
            Self::Cargo => "crates.io",
            Self::RubyGems => "RubyGems",
            Self::Packagist => "Packagist",
            Self::Go => "Go",
            Self::NuGet => "NuGet",
            Self::Maven => "Maven",
            Self::VsCode => "VSCode",
            Self::Actions => "GitHub Actions",
        }
    }

    /// The ecosystem name in OSV records (<https://ossf.github.io/osv-schema/#defined-ecosystems>).
    pub const fn osv(self) -> &'static str {
        self.title()
    }

    /// Reads an ecosystem from what users write before the colon: `pypi:`, `pip:`, `npm:`, `crates:`, `cargo:`.
    pub fn from_prefix(prefix: &str) -> Option<Self> {
        match prefix.to_ascii_lowercase().as_str() {
            "pypi" | "pip" | "python" => Some(Self::Pypi),
            "npm" | "node" => Some(Self::Npm),
            "cargo" | "crates" | "crate" | "crates.io" => Some(Self::Cargo),
            "gem" | "rubygems" | "ruby" => Some(Self::RubyGems),
            "composer" | "packagist" | "php" => Some(Self::Packagist),
            "golang" | "go" => Some(Self::Go),
            "nuget" => Some(Self::NuGet),
            "maven" => Some(Self::Maven),
            "vscode-extension" | "vscode" => Some(Self::VsCode),
            "githubactions" => Some(Self::Actions),
            _ => None,
        }
    }
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}
