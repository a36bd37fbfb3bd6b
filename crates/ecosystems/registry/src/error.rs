//! Why a registry gave no answer.

use foretaste_io::{CommandError, FileError, HttpError, SafeUrl};
use foretaste_model::{Ecosystem, PackageName, SkipKind, SkipReason};
use thiserror::Error;

use crate::EndpointError;

/// A failed look-up or download.
#[derive(Debug, Error)]
pub enum RegistryError {
    /// Every endpoint says that it has no such package.
    #[error("{ecosystem} has no package `{name}` (asked {})", list(indexes))]
    NotFound {
        /// The ecosystem.
        ecosystem: Ecosystem,
        /// The name.
        name: PackageName,
        /// Who was asked.
        indexes: Vec<SafeUrl>,
    },
    /// The package exists, the version does not.
    #[error("`{name}` has no version {version}{}", near_note(near))]
    NoSuchVersion {
        /// The name.
        name: PackageName,
        /// What was asked for.
        version: String,
        /// The most similar versions that exist, best first, few.
        near: Vec<String>,
    },
    /// The package exists but offers nothing to install.
    #[error("`{name}` has no release that could be vetted: {reason}")]
    NoRelease {
        /// The name.
        name: PackageName,
        /// Why, e.g. that the registry holds it in quarantine.
        reason: String,
    },
    /// The registry wants (other) credentials.
    #[error("{source}; {hint}")]
    Unauthorized {
        /// The answer.
        source: HttpError,
        /// What to do.
        hint: String,
    },
    /// No endpoint is configured, and the client's own default could not be learnt.
    #[error("no {ecosystem} registry is configured: {hint}")]
    NotConfigured {
        /// The ecosystem.
        ecosystem: Ecosystem,
        /// Which setting to make.
        hint: String,
    },
    /// A configured URL is unusable.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// A client's configuration file cannot be understood.
    #[error("cannot read {path}: {reason}")]
    Configuration {
        /// The path.
        path: String,
        /// Why.
        reason: String,
    },
    /// The registry's answer cannot be understood.
    #[error("cannot understand {what}: {reason}")]
    Malformed {
        /// Which answer.
        what: String,
        /// Why.
        reason: String,
    },
    /// The network.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The disk.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file that somebody else was fetching.
    #[error("the file broke off on its way")]
    BrokeOff,
    /// A client program that was asked.
    #[error(transparent)]
    Command(#[from] CommandError),
}

impl RegistryError {
    /// A refusal, with the advice that fits: `where_to_put` names the places where this ecosystem's credentials are
    /// read from, e.g. `netrc or the index URL`.
    pub fn unauthorized(source: HttpError, where_to_put: Option<&str>) -> Self {
        let sent = matches!(
            source,
            HttpError::Unauthorized {
                with_credentials: true,
                ..
            }
        );
        let places = where_to_put.unwrap_or("netrc or the registry's URL");
        let hint = if sent {
            format!("the credentials from {places} were refused")
        } else {
            format!("credentials are read from {places}")
        };
        Self::Unauthorized { source, hint }
    }

    /// The reason to report for a check that needed the registry. Infrastructure failure is never an accusation.
    pub fn skip_reason(&self) -> SkipReason {
        let kind = match self {
            Self::Http(error) => return error.skip_reason(),
            Self::Unauthorized { .. } | Self::NotConfigured { .. } | Self::Endpoint(_) => {
                SkipKind::NotConfigured
            }
            _ => SkipKind::Failed,
        };
        SkipReason::new(kind, self.to_string())
    }
}

fn list(urls: &[SafeUrl]) -> String {
    urls.iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

fn near_note(near: &[String]) -> String {
    if near.is_empty() {
        String::new()
    } else {
        format!("; it has {}", near.join(", "))
    }
}
