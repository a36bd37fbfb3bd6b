//! What the rules on changes share.

use foretaste_engine::prelude::*;
use foretaste_model::CapabilityGroup;

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
