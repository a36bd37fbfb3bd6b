//! Who is told when a verdict on what was served became worse: the application gives the gate its way to people.

use async_trait::async_trait;
use foretaste_model::{ReleaseId, Verdict};

/// A file was served, and its verdict is worse now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// The release it belongs to.
    pub release: ReleaseId,
    /// Its name.
    pub filename: String,
    /// The verdict under which it was served.
    pub before: Verdict,
    /// The verdict now.
    pub now: Verdict,
    /// What decided it, the heaviest first.
    pub reasons: Vec<String>,
    /// Whom it was served to.
    pub served_to: Vec<String>,
}

/// Tells people. The log of the gate has the alert already.
#[async_trait]
pub trait Alarm: Send + Sync {
    /// Tells of an alert, now or, if nobody can be reached, later.
    async fn tell(&self, alert: Alert);
}
