//! A process that looks like a CI runner's own, with planted secrets in its memory and environment: whoever looks into it is
//! after those.
//!
//! It is `cat` under another name, which waits for input that never comes. It begins inside the command's Landlock domain,
//! because nobody could look into it otherwise, and before the filter, so that it asks nobody anything.

use std::ffi::{CString, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use nix::unistd::{ForkResult, dup2_stdin, execve, pipe};
use serde::{Deserialize, Serialize};

use super::failure::{At, Failure, Stage};
use crate::sys::fork;

/// The process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Decoy {
    /// The program, in the run.
    pub(crate) program: PathBuf,
    /// All of its environment.
    pub(crate) environment: Vec<(OsString, OsString)>,
}

impl Decoy {
    /// Starts it as nobody's child but process 1's, so that the command does not wait for it.
    ///
    /// # Errors
    /// The kernel gives no process. A program that cannot be started is no error: there is no decoy then.
    pub(super) fn start(&self) -> Result<(), Failure> {
        match fork::beside().at(Stage::Command, "decoy")? {
            ForkResult::Parent { .. } => Ok(()),
            ForkResult::Child => {
                self.become_it();
                std::process::exit(0);
            }
        }
    }

    /// Returns only if that fails.
    fn become_it(&self) {
        let text = |bytes: &[u8]| CString::new(bytes).ok();
        let environment: Vec<CString> = self
            .environment
            .iter()
            .filter_map(|(name, value)| text(&[name.as_bytes(), b"=", value.as_bytes()].concat()))
            .collect();
        let Some(program) = text(self.program.as_os_str().as_bytes()) else {
            return;
        };
        // the end that is written to is this process's own, so that what is read never ends
        let Ok((reader, writer)) = pipe() else { return };
        if dup2_stdin(&reader).is_err() {
            return;
        }
        std::mem::forget(writer);
        let _ = execve(&program, &[&program], &environment);
    }
}
