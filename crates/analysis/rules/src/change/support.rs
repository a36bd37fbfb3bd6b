//! What the rules on changes share.

use std::collections::BTreeMap;

use foretaste_engine::prelude::*;
use foretaste_engine::{Lapse, LapseKind};
use foretaste_model::CapabilityGroup;

/// Things that are named in one sentence; every one of them is a place. So many, because what is harmless could be put before
/// what is not.
const MAX_NAMED: usize = 20;

/// What a capability contributes to an attack; none if it is an ordinary one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// Data can leave or arrive.
    Network,
    /// Something can be started or evaluated.
    Execution,
    /// Something worth stealing can be read.
    Loot,
    /// It can stay, spread or rise.
    Foothold,
}

/// The part that a capability plays.
pub(super) const fn part(capability: Capability) -> Option<Part> {
    Some(match capability {
        Capability::ProcessShell | Capability::ProcessSpawn | Capability::CodeEval => {
            Part::Execution
        }
        Capability::EnvironmentReadAll
        | Capability::Screen
        | Capability::Keyboard
        | Capability::Clipboard
        | Capability::ProcessMemory => Part::Loot,
        Capability::SystemPersist | Capability::SystemPrivilege | Capability::PackageInstall => {
            Part::Foothold
        }
        _ => match capability.group() {
            CapabilityGroup::Network => Part::Network,
            CapabilityGroup::Credential => Part::Loot,
            _ => return None,
        },
    })
}

/// `a, b and c`.
pub(super) fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// A project's lapses of one kind in its policies as one finding, which says of each file what `says` begins. None if there
/// are none.
pub(super) fn policies(
    scene: &Scene<'_>,
    kind: LapseKind,
    says: &str,
    told: impl FnOnce(String) -> Finding,
) -> Option<Finding> {
    let mut files: BTreeMap<&str, Vec<&Lapse>> = BTreeMap::new();
    for lapse in scene.lapses.iter().filter(|lapse| lapse.kind == kind) {
        files.entry(&lapse.file).or_default().push(lapse);
    }
    if files.is_empty() {
        return None;
    }
    let sentences = files.iter().map(|(file, lapses)| {
        let named = lapses.iter().take(MAX_NAMED).map(|lapse| &*lapse.subject);
        let named = named.collect::<Vec<_>>().join(", ");
        match lapses.len().saturating_sub(MAX_NAMED) {
            0 => format!("{file} {says} {named}"),
            more => format!("{file} {says} {named} and {more} more"),
        }
    });
    let mut finding = told(sentences.collect::<Vec<_>>().join("; "));
    let evidence = files.values().flatten().map(|lapse| Evidence {
        span: (lapse.span.line > 0).then_some(lapse.span),
        ..Evidence::file("", &lapse.file, &*lapse.subject)
    });
    finding.evidence = evidence.collect();
    Some(finding)
}
