//! `[sources]`

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::IndexUrl;

/// Services that are asked about a package. One that is switched off is reported as skipped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct SourceSettings {
    /// Advisories and known malware in the OSV format.
    pub osv: WebService,
    /// Repositories on GitHub. The token is read from the environment.
    pub github: WebApi,
    /// Repositories on GitLab. The token is read from the environment.
    pub gitlab: WebApi,
    /// Whether the domains of e-mail addresses and home pages exist.
    pub dns: Switch,
    /// When the domains of e-mail addresses and home pages were registered.
    pub rdap: WebService,
}

/// A service with one address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct WebService {
    /// Whether it is asked.
    pub enabled: bool,
    /// Its address, in place of the public service's.
    pub url: Option<IndexUrl>,
}

/// A code host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct WebApi {
    /// Whether it is asked.
    pub enabled: bool,
    /// The address of its API, in place of the public host's.
    pub api: Option<IndexUrl>,
}

/// A source without an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Switch {
    /// Whether it is asked.
    pub enabled: bool,
}

impl Default for WebService {
    fn default() -> Self {
        Self {
            enabled: true,
            url: None,
        }
    }
}

impl Default for WebApi {
    fn default() -> Self {
        Self {
            enabled: true,
            api: None,
        }
    }
}

impl Default for Switch {
    fn default() -> Self {
        Self { enabled: true }
    }
}
