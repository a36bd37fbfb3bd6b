//! Three-valued inputs: known, or skipped with a reason. Never a silent pass.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something a check needs: either known, or not, with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Knowledge<T> {
    /// It is known.
    Known(T),
    /// It could not be had; the checks that need it are reported as skipped.
    Skipped(SkipReason),
}

impl<T> Knowledge<T> {
    /// The value, if known.
    pub const fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Skipped(_) => None,
        }
    }

    /// The reason, if not known.
    pub const fn skipped(&self) -> Option<&SkipReason> {
        match self {
            Self::Known(_) => None,
            Self::Skipped(reason) => Some(reason),
        }
    }

    /// Shorthand for a skip.
    pub fn skip(kind: SkipKind, detail: impl Into<Box<str>>) -> Self {
        Self::Skipped(SkipReason::new(kind, detail))
    }
}

/// Why a check did not run.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct SkipReason {
    /// The class of reason.
    pub kind: SkipKind,
    /// The particulars, e.g. `the index has no upload times`.
    pub detail: Box<str>,
}

impl SkipReason {
    /// Builds a reason.
    pub fn new(kind: SkipKind, detail: impl Into<Box<str>>) -> Self {
        Self {
            kind,
            detail: detail.into(),
        }
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.detail.is_empty() {
            f.write_str(self.kind.id())
        } else {
            write!(f, "{}: {}", self.kind.id(), self.detail)
        }
    }
}

/// The classes of reasons for a skipped check.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum SkipKind {
    /// `--offline`, or the network is down.
    Offline,
    /// The service asked to slow down.
    RateLimited,
    /// The registry or service does not offer it.
    Unsupported,
    /// No endpoint or token is configured.
    NotConfigured,
    /// The request or the work failed.
    Failed,
    /// It does not apply to this kind of target (e.g. a local folder has no publisher).
    NotApplicable,
    /// Switched off by policy or flag.
    Disabled,
}

impl SkipKind {
    /// A short human form.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::RateLimited => "rate-limited",
            Self::Unsupported => "not offered",
            Self::NotConfigured => "not configured",
            Self::Failed => "failed",
            Self::NotApplicable => "not applicable",
            Self::Disabled => "disabled",
        }
    }
}
