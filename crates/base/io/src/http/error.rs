//! What can go wrong with a request; always with the URL, never with credentials.

use std::path::PathBuf;
use std::time::Duration;

use foretaste_model::{SkipKind, SkipReason};
use thiserror::Error;

use crate::SafeUrl;

/// A failed request.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum HttpError {
    /// 404 or 410.
    #[error("{url} does not exist (answered {status})")]
    NotFound {
        /// The URL.
        url: SafeUrl,
        /// The status.
        status: u16,
    },
    /// 401 or 403.
    #[error("{url} answered {status}{}", quoted(message))]
    Unauthorized {
        /// The URL.
        url: SafeUrl,
        /// The status.
        status: u16,
        /// The start of the answer's text, as the server wrote it (untrusted).
        message: String,
        /// True if credentials were sent.
        with_credentials: bool,
    },
    /// 429, after every retry.
    #[error("{url} asks to slow down (answered 429{})", retry_note(*retry_after))]
    RateLimited {
        /// The URL.
        url: SafeUrl,
        /// How long the server wants us to wait.
        retry_after: Option<Duration>,
    },
    /// No answer in time, after every retry.
    #[error("{url} did not answer in time")]
    Timeout {
        /// The URL.
        url: SafeUrl,
    },
    /// The answer is larger than the caller can bear.
    #[error("{url} is larger than the limit of {limit} bytes")]
    TooLarge {
        /// The URL.
        url: SafeUrl,
        /// The limit.
        limit: u64,
    },
    /// Another unwelcome status, after every retry.
    #[error("{url} answered {status}{}", quoted(message))]
    Status {
        /// The URL.
        url: SafeUrl,
        /// The status.
        status: u16,
        /// The start of the answer's text, as the server wrote it (untrusted).
        message: String,
    },
    /// The connection, TLS or the body failed, after every retry.
    #[error("cannot get {url}: {reason}")]
    Transport {
        /// The URL.
        url: SafeUrl,
        /// Why.
        reason: String,
    },
    /// The answer came, and this disk did not take it.
    #[error("cannot save {url} as {}: {reason}", path.display())]
    Disk {
        /// The URL.
        url: SafeUrl,
        /// The path.
        path: PathBuf,
        /// What went wrong, without the path.
        reason: String,
    },
    /// Offline, and the answer is not in the cache.
    #[error("{url} is not in the cache, and the network is switched off (--offline)")]
    Offline {
        /// The URL.
        url: SafeUrl,
    },
    /// A bundle of certificate authorities cannot be used.
    #[error("cannot use the certificates of {}: {reason}", path.display())]
    CaBundle {
        /// The path.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The client could not be set up.
    #[error("cannot set up the HTTP client: {reason}")]
    Setup {
        /// Why.
        reason: String,
    },
}

fn quoted(message: &str) -> String {
    if message.is_empty() {
        String::new()
    } else {
        format!(": {message:?}")
    }
}

fn retry_note(retry_after: Option<Duration>) -> String {
    retry_after.map_or_else(String::new, |d| format!(", retry after {} s", d.as_secs()))
}

impl HttpError {
    /// True for 404 and 410: the server knows that it is not there.
    pub const fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    /// What went wrong, for those whom the layout of this disk does not concern.
    pub fn without_path(&self) -> String {
        match self {
            Self::Disk { url, reason, .. } => format!("cannot save {url}: {reason}"),
            Self::CaBundle { reason, .. } => {
                format!("cannot use a bundle of certificates: {reason}")
            }
            other => other.to_string(),
        }
    }

    /// The reason to report for a check that needed this answer.
    pub fn skip_reason(&self) -> SkipReason {
        let kind = match self {
            Self::Offline { .. } => SkipKind::Offline,
            Self::RateLimited { .. } => SkipKind::RateLimited,
            Self::NotFound { .. } => SkipKind::Unsupported,
            Self::Unauthorized { .. } => SkipKind::NotConfigured,
            _ => SkipKind::Failed,
        };
        SkipReason::new(kind, self.to_string())
    }
}
