//! The outside: starts the inside, answers it, and takes down what it does.

mod memory;
mod start;
mod trace;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use foretaste_behaviour::Record;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::os::fd::AsFd;

use crate::contained::channel::{Channel, Message};
use crate::contained::failure::Stage;
use crate::error::RunError;
use crate::host::Host;
use crate::overlay::Review;
use crate::overlay::change::Change;
use crate::overlay::commit::{self, Applied};
use crate::overlay::folders::{self, RunFolder, Tree};
use crate::policy::Policy;
use crate::prepare::{self, Prepared};

/// How often the supervisor looks at the clock.
const TICK: Duration = Duration::from_millis(200);

/// What to run.
#[derive(Clone, Debug)]
pub struct Request {
    /// The program and its arguments.
    pub command: Vec<OsString>,
    /// What it may do.
    pub policy: Policy,
    /// Who runs it.
    pub host: Host,
    /// This binary, which is started again as the inside.
    pub binary: PathBuf,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With a code.
    Code(i32),
    /// By a signal.
    Signal(i32),
    /// It took longer than the policy allows.
    TooLong,
    /// The inside died without a word: it was killed, or memory ran out.
    Lost,
}

impl Ended {
    /// The code that a shell gives.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Code(code) => code as u8,
            Self::Signal(signal) => 128 + signal as u8,
            Self::TooLong => 124,
            Self::Lost => 137,
        }
    }
}

/// A run that took place.
#[derive(Debug)]
pub struct Finished {
    /// How it ended.
    pub ended: Ended,
    /// What it did.
    pub record: Record,
    /// The trees that it may have changed.
    pub trees: Vec<Tree>,
    /// What the user should know.
    pub notes: Vec<String>,
    /// How long it took.
    pub took: Duration,
    /// How long it took until the command was started.
    pub start: Duration,
    /// What it changed.
    pub review: Review,
    /// Keeps the changes until they are decided on.
    folder: RunFolder,
}

impl Finished {
    /// Applies the changes that `wanted` picks to the host.
    ///
    /// # Errors
    /// As [`commit::apply`].
    pub fn apply(&self, wanted: impl Fn(&Change) -> bool) -> Result<Applied, RunError> {
        commit::apply(&self.review, &self.trees, &self.folder.journal(), wanted)
    }
}

/// What the parts of the supervisor share.
#[derive(Debug)]
pub(crate) struct Shared {
    began: Instant,
    record: Mutex<Record>,
}

impl Shared {
    /// Microseconds since the run began.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// Changes the record.
    pub(crate) fn record<T>(&self, act: impl FnOnce(&mut Record) -> T) -> T {
        act(&mut self
            .record
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

/// Runs a command to its end.
///
/// # Errors
/// It could not be contained, and nothing of it ran; or the supervisor failed, and everything of it was killed.
pub fn run(request: &Request) -> Result<Finished, RunError> {
    let runs = request.host.state.join("runs");
    let taken_back = folders::sweep(&runs);
    let folder = RunFolder::new(&runs)?;
    let wall = SystemTime::now();
    let Prepared {
        plan,
        trees,
        mut notes,
    } = prepare::prepare(&request.command, &request.policy, &request.host, &folder)?;
    if !taken_back.is_empty() {
        notes.push(
            "an earlier run ended while its changes were being applied: they were taken back"
                .to_owned(),
        );
    }
    let shared = Arc::new(Shared {
        began: Instant::now(),
        record: Mutex::new(Record::default()),
    });
    let (channel, theirs) = Channel::pair().map_err(supervise("the channel"))?;
    let mut inside = start::start(&request.binary, &plan, theirs)?;
    let signals = start::Signals::new().map_err(|source| RunError::Supervise {
        what: "signals",
        source,
    })?;
    let limit = Duration::from_secs(request.policy.limits.time);
    let mut tracer = None;
    let mut started = None;
    let ended = loop {
        if shared.began.elapsed() > limit {
            break Ended::TooLong;
        }
        let mut fds = [PollFd::new(channel.as_fd(), PollFlags::POLLIN)];
        let timeout = PollTimeout::try_from(TICK).unwrap_or(PollTimeout::ZERO);
        match poll(&mut fds, timeout) {
            Ok(0) | Err(Errno::EINTR) => continue,
            Ok(_) => {}
            Err(errno) => return Err(supervise("the channel")(errno)),
        }
        let Some(received) = channel.receive().map_err(supervise("the channel"))? else {
            break Ended::Lost;
        };
        match received.message {
            Message::Listening { .. } | Message::Go => {}
            Message::Filtered { listener, landlock } => {
                if landlock.is_none() {
                    notes.push(
                        "reduced: this kernel has no Landlock; the mounts alone keep files apart"
                            .to_owned(),
                    );
                }
                signals.forward_to(received.pid);
                let listener = start::fetch(received.pid, listener)
                    .map_err(supervise("the filter's listener"))?;
                tracer = Some(trace::start(
                    listener,
                    plan.watch,
                    Arc::clone(&shared),
                    u32::try_from(received.pid).unwrap_or(0),
                ));
                started = Some(shared.began.elapsed());
                channel
                    .send(&Message::Go, &[])
                    .map_err(supervise("the channel"))?;
            }
            Message::Failed(failure) if failure.stage == Stage::Command => {
                return Err(RunError::Command(failure));
            }
            Message::Failed(failure) => return Err(RunError::NotPermitted(failure)),
            Message::Exited(code) => break Ended::Code(code),
            Message::Signalled(signal) => break Ended::Signal(signal),
        }
    };
    inside.end();
    if let Some(tracer) = tracer
        && tracer.join().is_err()
    {
        shared.record(|record| record.gaps.push("the recorder died".to_owned()));
    }
    let record = shared.record(std::mem::take);
    let took = shared.began.elapsed();
    let review = Review::of(&trees, wall);
    Ok(Finished {
        ended,
        record,
        trees,
        notes,
        took,
        start: started.unwrap_or(took),
        review,
        folder,
    })
}

fn supervise(what: &'static str) -> impl FnOnce(Errno) -> RunError {
    move |errno| RunError::Supervise {
        what,
        source: io::Error::from_raw_os_error(errno as i32),
    }
}

/// The package whose code a program runs, as far as its folder tells.
fn package(_arguments: &[String], _directory: &std::path::Path) -> Option<String> {
    None
}

/// What a path holds that is secret.
fn sensitive(_path: &[u8]) -> Option<&'static str> {
    None
}
