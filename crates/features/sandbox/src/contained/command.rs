//! The third step: limits, Landlock, the filter, and the program.

use std::convert::Infallible;
use std::ffi::{CString, OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::sys::signal::{SigHandler, SigSet, SigmaskHow, Signal, signal, sigprocmask};

use super::backend::Backend;
use super::channel::{Channel, Message};
use super::failure::{At, Failure, Stage};
use super::gate;
use super::plan::Plan;
use crate::seccomp::filter;
use crate::sys::notify;
use crate::{landlock, limits};

/// The kernel of this machine, with a filter before it.
pub(crate) struct Filtered;

impl Backend for Filtered {
    fn become_it(
        &self,
        channel: &Channel,
        plan: &Plan,
        command: &[OsString],
    ) -> Result<Infallible, Failure> {
        let arguments = command.iter().map(text).collect::<Result<Vec<_>, _>>()?;
        let environment = plan
            .environment
            .iter()
            .map(|(name, value)| {
                text(OsStr::from_bytes(
                    &[name.as_bytes(), b"=", value.as_bytes()].concat(),
                ))
            })
            .collect::<Result<Vec<_>, _>>()?;
        nix::unistd::chdir(&plan.directory).at(Stage::Command, &plan.directory)?;
        let program = find(plan, command)?;
        limits::apply(&plan.limits)?;
        let landlock = landlock::confine(&plan.writable)?;
        if let Some(decoy) = &plan.decoy {
            decoy.start()?;
        }
        plain_signals()?;
        let listener =
            notify::install(&filter::program(plan.watch)).at(Stage::Filter, "seccomp")?;
        let say = Message::Filtered { listener, landlock };
        channel.write(&say).at(Stage::Filter, "channel")?;
        // the supervisor fetches the listener meanwhile; from here on it answers
        wait_for_go(channel)?;
        nix::unistd::execve(&text(program.as_os_str())?, &arguments, &environment)
            .at(Stage::Command, &program)
    }
}

/// Waits until the supervisor is ready.
pub(super) fn wait_for_go(channel: &Channel) -> Result<(), Failure> {
    match channel.receive() {
        Ok(Some(received)) if received.message == Message::Go => Ok(()),
        _ => Err(Failure::new(Stage::Filter, Errno::EPIPE, "supervisor")),
    }
}

/// Signals as every program expects them: nothing ignored, nothing blocked.
#[allow(unsafe_code)]
pub(super) fn plain_signals() -> Result<(), Failure> {
    for which in gate::FOR_THE_COMMAND.into_iter().chain([Signal::SIGPIPE]) {
        // SAFETY: no handler runs, and the previous one is not used.
        unsafe { signal(which, SigHandler::SigDfl) }.at(Stage::Command, which.as_str())?;
    }
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None).at(Stage::Command, "signals")
}

/// Looks the program up in the `PATH` of the run.
fn find(plan: &Plan, command: &[OsString]) -> Result<PathBuf, Failure> {
    let name = command.first().map_or(OsStr::new(""), |name| name);
    if name.as_bytes().contains(&b'/') {
        return Ok(PathBuf::from(name));
    }
    let path = plan
        .environment
        .iter()
        .find(|(name, _)| name == "PATH")
        .map(|(_, value)| value.clone());
    std::env::split_paths(&path.unwrap_or_default())
        .map(|folder| folder.join(name))
        .find(|file| is_program(file))
        .ok_or_else(|| Failure::new(Stage::Command, Errno::ENOENT, name))
}

fn is_program(file: &Path) -> bool {
    file.is_file() && nix::unistd::access(file, nix::unistd::AccessFlags::X_OK).is_ok()
}

fn text(value: &(impl AsRef<OsStr> + ?Sized)) -> Result<CString, Failure> {
    let value = value.as_ref();
    CString::new(value.as_bytes()).map_err(|_| Failure::new(Stage::Command, Errno::EINVAL, value))
}
