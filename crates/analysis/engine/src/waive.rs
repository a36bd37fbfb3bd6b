//! Applying waivers.

use foretaste_model::{Digest, Finding, ReleaseId};
use foretaste_policy::Waiver;

use crate::Clock;

/// Marks the findings that a waiver covers and returns the indices of the waivers that were used.
pub(crate) fn apply(
    waivers: &[Waiver],
    release: Option<&ReleaseId>,
    digests: &[&Digest],
    clock: &Clock,
    findings: &mut [Finding],
) -> Vec<usize> {
    let Some(release) = release else {
        return Vec::new();
    };
    let mut used = Vec::new();
    for (index, waiver) in waivers.iter().enumerate() {
        let digest_fits = waiver
            .digest
            .as_ref()
            .is_none_or(|wanted| digests.iter().any(|digest| digest.to_string() == *wanted));
        let is_expired = || waiver.expires.is_some_and(|last| clock.is_over(last));
        if !waiver.covers(release) || !digest_fits || is_expired() {
            continue;
        }
        for finding in findings
            .iter_mut()
            .filter(|f| *f.rule == *waiver.rule && f.waived.is_none())
        {
            finding.waived = Some(waiver.reason.as_str().into());
            used.push(index);
        }
    }
    used.dedup();
    used
}
