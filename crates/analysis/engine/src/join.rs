//! Findings that are made after a release was judged: what it did when it ran.

use foretaste_model::report::ReleaseReport;
use foretaste_model::{Digest, Finding, ReleaseId, RuleGroup, Verdict};
use foretaste_policy::Policy;
use jiff::Timestamp;

use crate::{Clock, score, waive};

/// Adds findings to a report; order, score and verdict follow. `group` tells the group of each rule of the report.
/// Returns the indices of the waivers that were used.
pub fn join(
    report: &mut ReleaseReport,
    found: Vec<Finding>,
    group: impl Fn(&str) -> RuleGroup,
    policy: &Policy,
    now: Timestamp,
) -> Vec<usize> {
    let mut found: Vec<Finding> = found
        .into_iter()
        .filter_map(|finding| {
            let settings = policy.rules.get(&*finding.rule);
            if settings.is_some_and(|settings| settings.enabled == Some(false)) {
                return None;
            }
            Some(match settings.and_then(|settings| settings.severity) {
                Some(severity) => finding.severity(severity),
                None => finding,
            })
        })
        .collect();
    let release = report
        .ecosystem
        .zip(report.version.as_deref())
        .map(|(ecosystem, version)| ReleaseId::new(ecosystem, &report.name, version));
    let digests = report.artifacts.iter().filter_map(|a| a.digest.as_ref());
    let digests: Vec<&Digest> = digests.collect();
    let used = waive::apply(
        &policy.waivers,
        release.as_ref(),
        &digests,
        &Clock::at(now),
        &mut found,
    );
    for finding in &mut found {
        finding.weight = score::weight(finding);
    }
    report.findings.extend(found);
    report.findings.sort_by(score::heavier_first);
    let all = report.findings.iter().map(|f| (f, group(&f.rule)));
    report.score = score::Sum::of(all).score();
    report.verdict = score::verdict(report.score, policy.thresholds);
    if !report.incomplete.is_empty() {
        report.verdict = report.verdict.max(Verdict::Incomplete);
    }
    used
}
