//! `[names]`

use std::path::PathBuf;

use foretaste_model::Ecosystem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Names that others may imitate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct NameSettings {
    /// The organisation's own package names; `*` stands for anything: `["acme-*", "@acme/*"]`. They are compared on
    /// this machine and sent to no registry.
    #[schemars(extend("items" = {"type": "string", "format": "name-pattern"}))]
    pub(crate) internal: Vec<String>,
    /// Lists of popular names in place of the built-in ones.
    pub(crate) popular: PopularLists,
}

/// Files with one package name a line, the most popular first; paths are relative to the policy file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct PopularLists {
    /// Popular Python packages.
    #[schemars(extend("format" = "path"))]
    pub pypi: Option<PathBuf>,
    /// Popular npm packages.
    #[schemars(extend("format" = "path"))]
    pub npm: Option<PathBuf>,
    /// Popular Rust crates.
    #[schemars(extend("format" = "path"))]
    pub cargo: Option<PathBuf>,
}

impl PopularLists {
    /// The user's list for an ecosystem.
    pub fn of(&self, ecosystem: Ecosystem) -> Option<&PathBuf> {
        match ecosystem {
            Ecosystem::Pypi => self.pypi.as_ref(),
            Ecosystem::Npm => self.npm.as_ref(),
            Ecosystem::Cargo => self.cargo.as_ref(),
            // no list is known for the others yet
            Ecosystem::RubyGems
            | Ecosystem::Packagist
            | Ecosystem::Go
            | Ecosystem::NuGet
            | Ecosystem::Maven
            | Ecosystem::VsCode
            | Ecosystem::Actions => None,
        }
    }
}
