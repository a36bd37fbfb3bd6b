//! What could not be checked, as notifications of the invocation.

use std::collections::BTreeMap;

use foretaste_model::report::{ReleaseReport, Report};
use foretaste_model::words::counted;

use super::location::name;
use super::message;
use super::model::{Configuration, Descriptor, DescriptorReference, Invocation, Notification};
use crate::select::{is_gap, not_tasted};

/// The kinds of notifications: id, level, description.
const KINDS: [(&str, &str, &str); 4] = [
    (
        "incomplete",
        "error",
        "Part of a release could not be vetted: it is not clear",
    ),
    ("check-skipped", "warning", "A check could not run"),
    ("artifact-not-tasted", "note", "An artifact was left out"),
    (
        "policy",
        "warning",
        "A part of the policy is expired or has no effect",
    ),
];

const INCOMPLETE: usize = 0;
const SKIPPED: usize = 1;
const NOT_TASTED: usize = 2;
const POLICY: usize = 3;

/// The kinds, for the driver.
pub(super) fn descriptors() -> Vec<Descriptor> {
    KINDS
        .iter()
        .map(|(id, level, text)| Descriptor {
            id: (*id).to_owned(),
            short_description: message(text),
            default_configuration: Configuration { level },
            ..Descriptor::default()
        })
        .collect()
}

/// The invocation with its notifications.
pub(super) fn invocation(report: &Report) -> Invocation {
    let mut notifications: Vec<Notification> =
        report.releases.iter().flat_map(of_release).collect();
    notifications.extend(report.policy_notes.iter().map(|note| notice(POLICY, note)));
    Invocation {
        execution_successful: true,
        tool_execution_notifications: notifications,
    }
}

fn of_release(release: &ReleaseReport) -> Vec<Notification> {
    let name = name(release);
    let mut notices: Vec<Notification> = release
        .incomplete
        .iter()
        .map(|reason| notice(INCOMPLETE, &format!("{name}: {reason}")))
        .collect();
    let mut skipped: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    for skip in &release.checks.skipped {
        skipped.entry(&skip.reason).or_default().push(&skip.check);
    }
    for (reason, checks) in skipped {
        let text = format!(
            "{name}: {} skipped ({reason}): {}",
            counted(checks.len(), "check"),
            checks.join(", ")
        );
        let mut skip = notice(SKIPPED, &text);
        if !is_gap(reason.kind) {
            skip.level = "note";
        }
        notices.push(skip);
    }
    for (reason, files) in not_tasted(release) {
        let text = format!(
            "{name}: {} not tasted ({reason}): {}",
            counted(files.len(), "artifact"),
            files.join(", ")
        );
        notices.push(notice(NOT_TASTED, &text));
    }
    notices
}

fn notice(kind: usize, text: &str) -> Notification {
    let (id, level) = KINDS.get(kind).map_or(("", "none"), |k| (k.0, k.1));
    Notification {
        descriptor: DescriptorReference { id, index: kind },
        level,
        message: message(text),
    }
}
