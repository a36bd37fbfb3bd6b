//! Whose events count.

use std::collections::HashSet;

/// The processes that are watched.
#[derive(Clone, Debug)]
pub(crate) enum Scope {
    /// All but the monitor itself.
    Machine {
        /// The monitor.
        own: u32,
    },
    /// What the monitor started, and what descends from that.
    Command {
        /// The monitor.
        own: u32,
        /// Processes that descend from it.
        members: HashSet<u32>,
    },
}

impl Scope {
    /// Every process.
    pub(crate) fn machine() -> Self {
        Self::Machine {
            own: std::process::id(),
        }
    }

    /// What this process starts.
    pub(crate) fn command() -> Self {
        Self::Command {
            own: std::process::id(),
            members: HashSet::new(),
        }
    }

    /// A process made another.
    pub(crate) fn fork(&mut self, parent: u32, child: u32) {
        if let Self::Command { own, members } = self {
            if parent == *own || members.contains(&parent) {
                members.insert(child);
            } else {
                // the number belonged to a member that ended
                members.remove(&child);
            }
        }
    }

    /// True if what this process does counts.
    pub(crate) fn holds(&self, pid: u32) -> bool {
        match self {
            Self::Machine { own } => pid != *own,
            Self::Command { members, .. } => members.contains(&pid),
        }
    }

    /// True if only a command is watched.
    pub(crate) const fn is_command(&self) -> bool {
        matches!(self, Self::Command { .. })
    }
}
