//! The second step, process 1 of the run: builds the root, gives up every privilege, starts the command, reaps.

use nix::errno::Errno;
use nix::sys::wait::{WaitStatus, wait};
use nix::unistd::{ForkResult, sethostname};
use rustix::process::DumpableBehavior;

use super::channel::{Channel, Message};
use super::failure::{At, Failure, Stage};
use super::plan::Plan;
use super::{command, gate, privileges};
use crate::rootfs::build;
use crate::sys::fork;

/// Runs the command to its end. When this process ends, the kernel kills whatever the command left behind.
///
/// # Errors
/// What failed before the command ran.
pub(super) fn run(channel: &Channel, plan: &Plan) -> Result<(), Failure> {
    gate::die_with_parent()?;
    sethostname(&plan.hostname).at(Stage::Namespaces, "hostname")?;
    build::build(&plan.root, &plan.steps)?;
    privileges::give_up()?;
    // nothing of the run may look into this process, which no filter holds
    let may_be_looked_into = |behavior| {
        rustix::process::set_dumpable_behavior(behavior).at(Stage::Privileges, "dumpable")
    };
    may_be_looked_into(DumpableBehavior::NotDumpable)?;
    match fork::fork_single_threaded().at(Stage::Command, "command")? {
        ForkResult::Child => {
            // the supervisor may: it fetches the filter's listener
            let failure = may_be_looked_into(DumpableBehavior::Dumpable)
                .err()
                .unwrap_or_else(|| command::become_it(channel, plan));
            let _ = channel.write(&Message::Failed(failure));
            std::process::exit(127);
        }
        ForkResult::Parent { child } => loop {
            match wait() {
                Ok(WaitStatus::Exited(pid, code)) if pid == child => {
                    return channel
                        .write(&Message::Exited(code))
                        .at(Stage::Command, "channel");
                }
                Ok(WaitStatus::Signaled(pid, signal, _)) if pid == child => {
                    return channel
                        .write(&Message::Signalled(signal as i32))
                        .at(Stage::Command, "channel");
                }
                Err(Errno::EINTR) | Ok(_) => {}
                Err(errno) => return Err(Failure::new(Stage::Command, errno, "wait")),
            }
        },
    }
}
