//! The second step, process 1 of the run: builds the root, gives up every privilege, starts the command, reaps.

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitStatus, wait};
use nix::unistd::{ForkResult, Pid, sethostname};
use rustix::process::DumpableBehavior;

use super::channel::{Channel, Message};
use super::failure::{At, Failure, Stage};
use super::plan::Plan;
use super::{backend, gate, privileges};
use crate::rootfs::build;
use crate::sys::fork;

/// Runs the commands, each to its end, until one fails. When this process ends, the kernel kills whatever the command left behind.
///
/// # Errors
/// What failed before a command ran.
pub(super) fn run(channel: &Channel, plan: &Plan) -> Result<(), Failure> {
    gate::die_with_parent()?;
    channel
        .write(&Message::Begun)
        .at(Stage::Namespaces, "channel")?;
    sethostname(&plan.hostname).at(Stage::Namespaces, "hostname")?;
    build::build(&plan.root, &plan.steps)?;
    let backend = backend::of(plan.isolation);
    if !backend.needs_privileges() {
        privileges::give_up()?;
    }
    // nothing of the run may look into this process, which no filter holds
    let may_be_looked_into = |behavior| {
        rustix::process::set_dumpable_behavior(behavior).at(Stage::Privileges, "dumpable")
    };
    may_be_looked_into(DumpableBehavior::NotDumpable)?;
    let mut ended = None;
    for command in &plan.commands {
        let child = match fork::fork_single_threaded().at(Stage::Command, "command")? {
            ForkResult::Child => {
                // the supervisor may: it fetches the filter's listener
                let Err(failure) = may_be_looked_into(DumpableBehavior::Dumpable)
                    .and_then(|()| backend.become_it(channel, plan, command));
                let _ = channel.write(&Message::Failed(failure));
                std::process::exit(127);
            }
            ForkResult::Parent { child } => child,
        };
        let how = end_of(child)?;
        let is_done = how == Message::Exited(0);
        ended = Some(how);
        if !is_done {
            break;
        }
        if plan.commands.len() > 1 {
            end_all()?;
        }
    }
    let ended = ended.ok_or_else(|| Failure::new(Stage::Plan, Errno::EINVAL, "no command"))?;
    channel.write(&ended).at(Stage::Command, "channel")
}

/// Waits for the end of a process, and reaps whatever else ends meanwhile.
fn end_of(child: Pid) -> Result<Message, Failure> {
    loop {
        match wait() {
            Ok(WaitStatus::Exited(pid, code)) if pid == child => return Ok(Message::Exited(code)),
            Ok(WaitStatus::Signaled(pid, signal, _)) if pid == child => {
                return Ok(Message::Signalled(signal as i32));
            }
            Err(Errno::EINTR) | Ok(_) => {}
            Err(errno) => return Err(Failure::new(Stage::Command, errno, "wait")),
        }
    }
}

/// Ends every process of the run but this one.
fn end_all() -> Result<(), Failure> {
    loop {
        match kill(Pid::from_raw(-1), Signal::SIGKILL) {
            Ok(()) => {}
            Err(Errno::ESRCH) => return Ok(()),
            Err(errno) => return Err(Failure::new(Stage::Command, errno, "kill")),
        }
        loop {
            match wait() {
                Err(Errno::ECHILD) => break,
                Err(Errno::EINTR) | Ok(_) => {}
                Err(errno) => return Err(Failure::new(Stage::Command, errno, "wait")),
            }
        }
    }
}
