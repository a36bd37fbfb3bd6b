//! Signals to this process: before, while and after the command runs.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nix::sys::signal::{SigSet, Signal};

use crate::overlay::folders;

/// What a signal means now.
#[derive(Debug)]
pub(super) enum State {
    /// Nothing runs yet: everything ends, because the inside dies with this process.
    Before,
    /// It is for this process. What the terminal sends reaches the command by itself, because it is in the same
    /// foreground; what was sent to the supervisor alone is passed on, once.
    Runs { command: OwnedFd, asked: bool },
    /// Nobody wants to know what the command changed.
    Ended,
}

/// Takes signals until the process ends.
#[derive(Debug)]
pub(super) struct Signals {
    state: Arc<Mutex<State>>,
}

impl Signals {
    /// Takes the signals over. Threads started from now on leave them alone. `folder` is the run's.
    ///
    /// # Errors
    /// No thread can be started.
    pub(super) fn new(folder: &Path) -> io::Result<Self> {
        let mut taken = SigSet::empty();
        for signal in [
            Signal::SIGINT,
            Signal::SIGQUIT,
            Signal::SIGTERM,
            Signal::SIGHUP,
        ] {
            taken.add(signal);
        }
        taken.thread_block()?;
        let state = Arc::new(Mutex::new(State::Before));
        let (shared, folder) = (Arc::clone(&state), folder.to_owned());
        std::thread::Builder::new()
            .name("signals".into())
            .spawn(move || {
                while let Ok(signal) = taken.wait() {
                    take(signal, &shared, &folder);
                }
            })?;
        Ok(Self { state })
    }

    /// From now on the command gets what was sent to this process alone.
    ///
    /// # Errors
    /// It is gone already.
    pub(super) fn forward_to(&self, pid: i32) -> io::Result<()> {
        use rustix::process::{Pid, PidfdFlags, pidfd_open};
        let pid = Pid::from_raw(pid).ok_or(io::ErrorKind::NotFound)?;
        // by descriptor, because the number may be another process's when a signal comes
        let command = pidfd_open(pid, PidfdFlags::empty())?;
        *self.hold() = State::Runs {
            command,
            asked: false,
        };
        Ok(())
    }

    /// From now on a signal ends this process.
    pub(super) fn command_ended(&self) {
        *self.hold() = State::Ended;
    }

    /// Keeps signals waiting.
    pub(super) fn hold(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn take(signal: Signal, state: &Mutex<State>, folder: &Path) {
    let by_terminal = matches!(signal, Signal::SIGINT | Signal::SIGQUIT);
    let mut state = lock(state);
    match &mut *state {
        State::Runs { .. } if by_terminal => return,
        State::Runs { command, asked } if !*asked => {
            *asked = true;
            if let Some(signal) = rustix::process::Signal::from_named_raw(signal as i32) {
                // it may have ended just now
                let _ = rustix::process::pidfd_send_signal(command, signal);
            }
            return;
        }
        State::Ended => folders::remove(folder),
        State::Before | State::Runs { .. } => {}
    }
    std::process::exit(128 + signal as i32);
}
