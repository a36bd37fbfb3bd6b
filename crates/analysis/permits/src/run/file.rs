//! The policy file.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::environment::EnvironmentPolicy;
use super::hosts::HostPattern;
use super::isolation::Isolation;
use super::limits::Limits;
use super::preset::Preset;
use super::registries::{Registries, RegistryAccess};
use super::watch::Watch;
use crate::read::{self, PolicyError};

/// What a run may do. Everything that is not said here is refused.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Policy {
    /// A package manager whose needs are added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<Preset>,
    /// What stands between the command and this machine's kernel.
    pub isolation: Isolation,
    /// Hosts.
    pub network: NetworkPolicy,
    /// Folders.
    pub files: FilesPolicy,
    /// Variables.
    pub environment: EnvironmentPolicy,
    /// Budgets.
    pub limits: Limits,
    /// What is recorded.
    pub record: RecordPolicy,
}

/// The section `[network]`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct NetworkPolicy {
    /// Hosts that may be connected to. Nothing else can be reached.
    pub allow: Vec<HostPattern>,
    /// What meets a connection to any other host.
    pub denied: Denied,
    /// Every public host may be connected to, to see which are needed. No file can say so.
    #[serde(skip)]
    pub learn: bool,
    /// Allowed hosts that may be in a private network. An allowed name that leads there is refused otherwise.
    pub private: Vec<HostPattern>,
    /// Hosts that can still be reached when everything was fetched, in a run in phases.
    pub build: Vec<HostPattern>,
    /// What may be done at the registry that the package manager is configured to use.
    pub registry: RegistryAccess,
    /// That registry. No file can say so.
    #[serde(skip)]
    pub registries: Registries,
    /// Where a host really is, instead of where its name leads.
    pub addresses: std::collections::BTreeMap<String, std::net::SocketAddr>,
}

/// What meets a connection that is not allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Denied {
    /// A listener of the supervisor that takes down what would have been sent, and answers `403`.
    #[default]
    Trap,
    /// The name does not exist, the connection is reset.
    Refuse,
    /// As a trap, but the answer is `200`, so that what comes next is seen as well.
    #[serde(skip)]
    Pretend,
}

/// The section `[files]`. Relative paths count from the project's folder, `~/` from the home.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct FilesPolicy {
    /// Folders that are shown besides the system and the project.
    pub read: Vec<PathBuf>,
    /// Folders that can be changed besides the project; the changes are part of the review.
    pub write: Vec<PathBuf>,
    /// Files and folders that are not shown.
    pub hide: Vec<PathBuf>,
}

/// The section `[record]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct RecordPolicy {
    /// Which system calls are recorded.
    pub watch: Watch,
    /// No canaries are planted.
    pub no_canaries: bool,
    /// Sleeps of a second or more end at once.
    pub skip_sleeps: bool,
}

impl Policy {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or says something that is not understood: a misspelt key never widens or narrows silently.
    pub fn read(path: &Path) -> Result<Self, PolicyError> {
        read::policy(path, Self::of_text)
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// What it says wrong, with line and column.
    pub fn of_text(text: &str) -> Result<Self, String> {
        read::toml(text)
    }
}

#[cfg(test)]
mod tests {
    use foretaste_io::files;

    use super::*;

    #[test]
    fn an_unknown_key_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("run.toml");
        files::write(&path, b"[network]\nalow = [\"a.example\"]\n").expect("written");
        let error = Policy::read(&path).expect_err("misspelt").to_string();
        assert!(
            error.contains("alow") && error.contains("line 2"),
            "{error}"
        );
    }

    #[test]
    fn everything_is_refused_by_default() {
        let policy: Policy = toml::from_str("").expect("empty is valid");
        assert!(policy.network.allow.is_empty() && policy.files.write.is_empty());
    }
}
