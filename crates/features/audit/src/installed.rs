//! Locked releases that no registry can be asked about, tasted as they lie installed beside the lock.

use std::sync::Arc;

use foretaste_model::report::{ReleaseReport, SkippedCheck};
use foretaste_model::{SkipKind, SkipReason, Verdict};

use crate::auditor::Auditor;
use crate::project::Job;
use crate::{Progress, Stats};

/// The name under which a report says that the registry's file was not compared with the lock.
const LOCKED_FILE_CHECK: &str = "locked-file";

impl Auditor {
    /// The audit of a release; where it is incomplete and copies of the release lie installed, theirs: the most worrying of
    /// them. That the lock's hash was not compared with anything is said, because installed files are not what was hashed.
    pub(crate) async fn or_as_installed(
        self: &Arc<Self>,
        job: &Job,
        done: (ReleaseReport, Vec<usize>, Stats),
        progress: &Arc<dyn Progress>,
    ) -> (ReleaseReport, Vec<usize>, Stats) {
        if done.0.verdict != Verdict::Incomplete || job.installed.is_empty() {
            return done;
        }
        let text = &job.requested.text;
        let (mut worst, mut stats): (Option<(ReleaseReport, Vec<usize>)>, _) = (None, done.2);
        for copy in &job.installed {
            let (report, waivers, cost) = self.audit_path(text, copy, None, progress).await;
            stats += cost;
            let is_worse = worst.as_ref().is_none_or(|(worst, _)| {
                (worst.verdict, worst.score) < (report.verdict, report.score)
            });
            if is_worse {
                worst = Some((report, waivers));
            }
        }
        let Some((mut report, waivers)) = worst else {
            return (done.0, done.1, stats);
        };
        let detail = "what is installed was tasted instead of the locked file, whose hash was compared with nothing";
        report.checks.skipped.push(SkippedCheck {
            check: LOCKED_FILE_CHECK.into(),
            reason: SkipReason::new(SkipKind::Offline, detail),
        });
        report.checks.skipped.sort_by(|a, b| a.check.cmp(&b.check));
        (report, waivers, stats)
    }
}
