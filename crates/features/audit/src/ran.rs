//! What packages did when they were run: their files for those who run them, and the findings back into the report.

use std::sync::Arc;

use foretaste_io::digests;
use foretaste_model::report::{IndexDigest, ReleaseReport, Summary};
use foretaste_model::{Finding, PackageName, RuleGroup};

use crate::Outcome;
use crate::advice::advice;
use crate::auditor::Auditor;

impl Auditor {
    /// The bytes of the artifacts of a release of a registry that were tasted: those very bytes, or none.
    ///
    /// # Errors
    /// The registry does not give them any more, or gives others.
    pub async fn fetch_tasted(
        self: &Arc<Self>,
        report: &ReleaseReport,
    ) -> Result<Vec<(Box<str>, Vec<u8>)>, String> {
        let ecosystem = report.ecosystem.ok_or("its ecosystem is not known")?;
        let registry = self.registry(ecosystem).await.map_err(|e| e.to_string())?;
        let name = PackageName::new(ecosystem, &report.name);
        let record = registry.outline(&name, report.version.as_deref()).await;
        let record = record.map_err(|e| e.to_string())?;
        let mut files = Vec::new();
        for artifact in &record.artifacts {
            let mut all = report.artifacts.iter();
            let Some(tasted) = all.find(|tasted| tasted.filename == artifact.filename) else {
                continue;
            };
            let limit = self.taster().limits().artifact_bytes;
            let download = registry.download(artifact, limit).await;
            let download = download.map_err(|e| e.to_string())?;
            let same = digests::check(&download.bytes, tasted.digest.as_slice());
            if same == IndexDigest::Mismatch {
                return Err(format!(
                    "{} is served with other bytes than were tasted",
                    artifact.filename
                ));
            }
            files.push((artifact.filename.clone(), download.bytes));
        }
        Ok(files)
    }

    /// Adds findings to releases of an outcome, by their place in its report. `group` tells the group of each rule.
    pub fn join(
        &self,
        outcome: &mut Outcome,
        found: Vec<(usize, Vec<Finding>)>,
        group: impl Fn(&str) -> RuleGroup,
    ) {
        let (policy, now) = (&self.options().policy, self.options().now);
        for (at, findings) in found {
            let Some(report) = outcome.report.releases.get_mut(at) else {
                continue;
            };
            let before = report.verdict;
            let used = foretaste_engine::join(report, findings, &group, policy, now);
            outcome.used_waivers.extend(used);
            if report.verdict != before {
                report.advice = advice(report.verdict, &report.findings, &report.name);
            }
        }
        outcome.report.summary = Summary::of(&outcome.report.releases);
        outcome.report.policy_notes =
            self.policy_notes(&outcome.report.releases, &outcome.used_waivers);
    }
}
