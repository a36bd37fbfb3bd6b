//! The registries that a package manager is configured to use, as far as a run needs them.

use std::path::PathBuf;

use foretaste_io::{Credentials, Secret};
use serde::{Deserialize, Serialize};
use url::Url;

use super::hosts::HostPattern;

/// What a run may do at the registry that its package manager is configured to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RegistryAccess {
    /// Read: `GET` and `HEAD` pass, so that nothing can be published. The connection is opened for that by the supervisor, with
    /// the run's own authority towards the command and the usual ones towards the registry.
    #[default]
    Read,
    /// Everything; the connection is passed on unopened.
    Open,
}

/// Where they are, and how this user is known there.
#[derive(Clone, Debug, Default)]
pub struct Registries {
    /// Their hosts, and those of their files.
    pub hosts: Vec<HostPattern>,
    /// The hosts that stand in the configuration itself: they may be in a private network.
    pub configured: Vec<HostPattern>,
    /// Certificate authorities of the package manager's configuration, besides the system's.
    pub bundles: Vec<PathBuf>,
    /// Who the user is there. It stays outside the run, and is added to what is read.
    pub credentials: Credentials,
}

impl Registries {
    /// The value of `Authorization` for a URL.
    pub fn authorization(&self, url: &Url) -> Option<Secret> {
        self.credentials.find(url).map(|auth| auth.header())
    }
}
