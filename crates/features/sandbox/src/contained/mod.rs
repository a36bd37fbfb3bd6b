//! The inside: this binary again, in a process that has one thread and becomes the contained command in three steps.
//!
//! The *gate* enters the namespaces and makes the network; the *warden* is process 1 of the run: it builds the root,
//! gives up every privilege, and reaps; the *command* limits itself, installs the filter and becomes the program.

pub(crate) mod backend;
pub(crate) mod channel;
mod command;
pub(crate) mod decoy;
pub(crate) mod failure;
mod gate;
mod gvisor;
pub(crate) mod plan;
mod privileges;
mod warden;

use std::process::ExitCode;

/// The hidden command of the binary that enters here.
pub const COMMAND: &str = "__contain";

/// Becomes the contained command. The plan and the channel to the supervisor are inherited.
pub fn main() -> ExitCode {
    // no failure here reaches the user but by the supervisor, which waits for it
    ExitCode::from(match gate::enter() {
        Ok(()) => 0,
        Err(_) => 1,
    })
}
