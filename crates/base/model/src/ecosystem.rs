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
}

impl Ecosystem {
    /// Every ecosystem, in the order in which reports list them.
    pub const ALL: [Self; 3] = [Self::Pypi, Self::Npm, Self::Cargo];

    /// The identifier used in targets, policies and the purl type: `pypi`, `npm`, `cargo`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Pypi => "pypi",
            Self::Npm => "npm",
            Self::Cargo => "cargo",
        }
    }

    /// The name people use: `PyPI`, `npm`, `crates.io`.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Pypi => "PyPI",
            Self::Npm => "npm",
            Self::Cargo => "crates.io",
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
            _ => None,
        }
    }
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}
