//! What can go wrong with a run.

use std::path::PathBuf;

use foretaste_io::FileError;
use thiserror::Error;

use crate::contained::failure::{Failure, Stage};
use crate::policy::PolicyError;

/// Why a run did not take place, or its result could not be used.
#[derive(Debug, Error)]
pub enum RunError {
    /// The policy cannot be used.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A file of the run cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The kernel does not permit what containment needs. Nothing ran.
    #[error("cannot contain the command: {}{}; nothing was run\n  hint: {}", stage_words(.0.stage), about(.0), hint(.0))]
    NotPermitted(Failure),
    /// The command does not exist or cannot be started.
    #[error("cannot run `{program}`: {reason}", program = .0.what, reason = .0.reason())]
    Command(Failure),
    /// The supervisor itself failed.
    #[error("cannot supervise the run: {what}: {source}; nothing of it is kept")]
    Supervise {
        /// What was being done.
        what: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// The run's folder and the tree's are not what they were.
    #[error("cannot apply the change to {}: {reason}", path.display())]
    Commit {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

impl RunError {
    /// The exit code that shells use for it.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Command(failure) if failure.errno == libc::ENOENT => 127,
            Self::Command(_) => 126,
            Self::Policy(_) => 2,
            _ => 3,
        }
    }
}

/// What was being done.
const fn stage_words(stage: Stage) -> &'static str {
    match stage {
        Stage::Plan => "the plan did not arrive",
        Stage::UserNamespace => "no user namespace could be made",
        Stage::UserMap => "the user could not be mapped into the user namespace",
        Stage::Namespaces => "no namespaces could be made",
        Stage::Network => "no network of its own could be made",
        Stage::Root => "the file system could not be built",
        Stage::Overlay => "no folder for changes could be laid over the tree",
        Stage::Processes => "no /proc of its own could be mounted",
        Stage::Privileges => "the privileges could not be given up",
        Stage::Limits => "the limits could not be set",
        Stage::Landlock => "Landlock refused",
        Stage::Filter => "the system call filter could not be installed",
        Stage::Isolation => "gVisor could not be started",
        Stage::Command => "the command could not be started",
    }
}

fn about(failure: &Failure) -> String {
    format!(" ({}: {})", failure.what, failure.reason())
}

/// What the user can do.
fn hint(failure: &Failure) -> &'static str {
    match failure.stage {
        Stage::UserNamespace | Stage::UserMap | Stage::Namespaces | Stage::Network => {
            "`foretaste doctor` tells what this kernel allows; on Ubuntu 23.10 and later an AppArmor profile must permit `userns`"
        }
        Stage::Processes => {
            "in a container, /proc must not be masked (`--security-opt systempaths=unconfined`); see `foretaste doctor`"
        }
        Stage::Overlay => {
            "the tree must not hold other mounts, and the run's folder must not lie on an overlay (set FORETASTE_STATE_DIR)"
        }
        Stage::Isolation => {
            "its program must be /usr/bin/runsc (Debian and Ubuntu: `apt install runsc`)"
        }
        _ => "`foretaste doctor` tells what this kernel allows",
    }
}
