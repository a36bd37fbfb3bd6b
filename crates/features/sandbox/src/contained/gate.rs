//! The first step: namespaces and network.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsRawFd;

use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::{SigHandler, Signal, signal};
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, getgid, getuid};

use super::backend::{self, Isolation};
use super::channel::{Channel, Message};
use super::failure::{At, Failure, Stage};
use super::plan::Plan;
use super::warden;
use crate::network::{interface, listeners};
use crate::sys::{fork, inherit};

/// The numbers of the inherited descriptors.
const CHANNEL: i32 = 3;
const PLAN: i32 = 4;
/// Signals that are for the command, which shares the terminal's foreground with this process.
pub(super) const FOR_THE_COMMAND: [Signal; 4] = [
    Signal::SIGINT,
    Signal::SIGQUIT,
    Signal::SIGTERM,
    Signal::SIGHUP,
];

/// Enters, and waits for the end of the run.
///
/// # Errors
/// What failed, after the supervisor was told.
pub(super) fn enter() -> Result<(), Failure> {
    let channel = Channel::of(inherit::take(CHANNEL).at(Stage::Plan, "channel")?);
    let done = go(&channel);
    if let Err(failure) = &done {
        // without a supervisor nobody is left to be told
        let _ = channel.write(&Message::Failed(failure.clone()));
    }
    done
}

fn go(channel: &Channel) -> Result<(), Failure> {
    let plan = read_plan()?;
    die_with_parent()?;
    for signal_ in FOR_THE_COMMAND {
        ignore(signal_)?;
    }
    namespaces(plan.isolation)?;
    interface::take_every_address()?;
    let sockets = listeners::open(&plan.ports)?;
    let fds: Vec<i32> = sockets.iter().map(AsRawFd::as_raw_fd).collect();
    let listening = Message::Listening;
    channel
        .send(&listening, &fds)
        .at(Stage::Network, "channel")?;
    match fork::fork_single_threaded().at(Stage::Namespaces, "process 1")? {
        ForkResult::Child => {
            let done = warden::run(channel, &plan);
            if let Err(failure) = &done {
                let _ = channel.write(&Message::Failed(failure.clone()));
            }
            std::process::exit(i32::from(done.is_err()));
        }
        ForkResult::Parent { child } => loop {
            match waitpid(child, None) {
                Err(Errno::EINTR) => {}
                // process 1 told the supervisor how the command ended
                _ => return Ok(()),
            }
        },
    }
}

fn read_plan() -> Result<Plan, Failure> {
    let mut bytes = Vec::new();
    let mut file = File::from(inherit::take(PLAN).at(Stage::Plan, "plan")?);
    file.read_to_end(&mut bytes).at(Stage::Plan, "plan")?;
    postcard::from_bytes(&bytes).map_err(|_| Failure::new(Stage::Plan, Errno::EBADMSG, "plan"))
}

/// When the supervisor dies, so does this process, and with process 1 the whole run.
pub(super) fn die_with_parent() -> Result<(), Failure> {
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))
        .at(Stage::Namespaces, "death signal")
}

/// Makes the user namespace first: it gives the right to the others.
fn namespaces(isolation: Isolation) -> Result<(), Failure> {
    let (uid, gid) = (getuid(), getgid());
    let inside = if backend::of(isolation).needs_privileges() {
        (0, 0)
    } else {
        (uid.as_raw(), gid.as_raw())
    };
    unshare(CloneFlags::CLONE_NEWUSER).at(Stage::UserNamespace, "user")?;
    let write = |path: &str, content: String| -> Result<(), Failure> {
        std::fs::OpenOptions::new()
            .write(true)
            .open(path)
            .and_then(|mut file| file.write_all(content.as_bytes()))
            .at(Stage::UserMap, path)
    };
    write("/proc/self/setgroups", "deny".to_owned())?;
    write("/proc/self/uid_map", format!("{} {uid} 1", inside.0))?;
    write("/proc/self/gid_map", format!("{} {gid} 1", inside.1))?;
    let others = CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWPID
        | CloneFlags::CLONE_NEWNET
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWUTS
        | CloneFlags::CLONE_NEWCGROUP;
    unshare(others).at(Stage::Namespaces, "mount, pid, net, ipc, uts, cgroup")
}

#[allow(unsafe_code)]
fn ignore(which: Signal) -> Result<(), Failure> {
    // SAFETY: no handler runs, and the previous one is not used.
    unsafe { signal(which, SigHandler::SigIgn) }
        .at(Stage::Namespaces, which.as_str())
        .map(drop)
}
