//! The outside: starts the inside, answers it, and takes down what it does.

mod address;
mod memory;
mod process;
mod signals;
mod start;
mod trace;

use std::ffi::OsString;
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use foretaste_behaviour::{Action, BehaviourFinding, CanaryPlace, Record, finding, rules};
use foretaste_model::Verdict;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::os::fd::AsFd;

use crate::budget::Budget;
use crate::canaries::Canaries;
use crate::contained::backend;
use crate::contained::channel::{Channel, Message};
use crate::contained::failure::Stage;
use crate::error::RunError;
use crate::host::Host;
use crate::network::{Authority, Callers, Gatekeeper};
use crate::overlay::change::Change;
use crate::overlay::commit::{self, Applied};
use crate::overlay::folders::{self, RunFolder, Tree};
use crate::overlay::review::{self, Review};
use crate::policy::Policy;
use crate::policy::file::Denied;
use crate::policy::phases::Phases;
use crate::policy::registries::RegistryAccess;
use crate::prepare::{self, Prepared};

use signals::Signals;

/// How often the supervisor looks at the clock.
const TICK: Duration = Duration::from_millis(200);
/// Addresses whose callers are known at one time.
const MAX_CALLERS: usize = 1 << 16;

/// What to run.
#[derive(Clone, Debug)]
pub struct Request {
    /// The program and its arguments.
    pub command: Vec<OsString>,
    /// Commands that do the same one after the other, if it is to run in phases.
    pub phases: Option<Phases>,
    /// What it may do.
    pub policy: Policy,
    /// Who runs it.
    pub host: Host,
    /// This binary, which is started again as the inside.
    pub binary: PathBuf,
    /// What becomes of what it writes to its standard streams.
    pub output: Output,
}

/// What becomes of what a command writes to its standard streams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Output {
    /// It goes where this process's goes.
    #[default]
    Inherited,
    /// The end of it is kept, and nothing can be read.
    Kept,
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
    /// The end of what it wrote to its standard streams, if that was kept. Hostile text.
    pub output: String,
    /// How long it took.
    pub took: Duration,
    /// How long it took until the command was started.
    pub start: Duration,
    /// What it changed.
    pub review: Review,
    /// What the rules say.
    pub findings: Vec<BehaviourFinding>,
    /// Keeps the changes until they are decided on.
    folder: RunFolder,
    /// Ends this process in order when it is told to, if the run had this process's terminal.
    signals: Option<Signals>,
}

impl Finished {
    /// The verdict over what it did.
    pub fn verdict(&self) -> Verdict {
        finding::verdict(
            &self.findings,
            self.record.is_complete() && self.ended != Ended::Lost,
        )
    }

    /// Applies the changes that `wanted` picks to the host.
    ///
    /// # Errors
    /// As [`commit::apply`].
    pub fn apply(&self, wanted: impl Fn(&Change) -> bool) -> Result<Applied, RunError> {
        // whoever sends a signal meanwhile waits: changes are applied as a whole
        let _held = self.signals.as_ref().map(Signals::hold);
        commit::apply(&self.review, &self.trees, &self.folder.journal(), wanted)
    }
}

/// What the parts of the supervisor share.
#[derive(Debug)]
pub(crate) struct Shared {
    began: Instant,
    record: Mutex<Record>,
    callers: Mutex<Callers>,
    canaries: Option<Canaries>,
}

impl Shared {
    /// Microseconds since the run began.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// A process connects to an address.
    pub(crate) fn calls(&self, address: IpAddr, port: u16, process: Option<usize>) {
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if callers.len() < MAX_CALLERS {
            callers.insert((address, port), process);
        }
    }

    /// Who connected to an address last.
    pub(crate) fn caller(&self, address: IpAddr, port: u16) -> Option<usize> {
        self.callers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&(address, port))
            .copied()
            .flatten()
    }

    /// Looks for canaries in a name.
    pub(crate) fn inspect_name(&self, name: &str, process: Option<usize>) {
        if let Some(canaries) = &self.canaries {
            self.add_all(canaries.in_name(name), process);
        }
    }

    /// Looks for canaries in arguments.
    pub(crate) fn inspect_arguments(&self, arguments: &str, program: &str, process: Option<usize>) {
        if let Some(canaries) = &self.canaries {
            self.add_all(canaries.in_arguments(arguments, program), process);
        }
    }

    /// What the cloud's metadata service would say.
    pub(crate) fn metadata(&self, path: &str) -> Option<String> {
        self.canaries.as_ref()?.metadata(path)
    }

    /// Looks for canaries.
    pub(crate) fn inspect(
        &self,
        bytes: &[u8],
        place: CanaryPlace,
        detail: &str,
        process: Option<usize>,
    ) {
        if let Some(canaries) = &self.canaries {
            self.add_all(canaries.in_bytes(bytes, place, detail), process);
        }
    }

    fn add_all(&self, actions: Vec<Action>, process: Option<usize>) {
        let now = self.now();
        for action in actions {
            self.record(|record| record.add(now, process, action));
        }
    }

    /// Changes the record.
    pub(crate) fn record<T>(&self, act: impl FnOnce(&mut Record) -> T) -> T {
        act(&mut self.record.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Runs a command to its end.
///
/// # Errors
/// It could not be contained, and nothing of it ran; or the supervisor failed, and everything of it was killed.
pub fn run(request: &Request) -> Result<Finished, RunError> {
    let backend = backend::of(request.policy.isolation);
    backend.is_there().map_err(RunError::NotPermitted)?;
    let runs = request.host.state.join("runs");
    let taken_back = folders::sweep(&runs);
    let folder = RunFolder::new(&runs)?;
    let wall = SystemTime::now();
    let network = &request.policy.network;
    let is_opened =
        network.registry == RegistryAccess::Read && !network.registries.hosts.is_empty();
    let authority = if network.denied == Denied::Refuse && !is_opened {
        None
    } else {
        let made = Authority::new().map_err(|error| RunError::Supervise {
            what: "certificates",
            source: io::Error::other(error),
        });
        Some(Arc::new(made?))
    };
    let canaries = if request.policy.record.no_canaries {
        None
    } else {
        Some(Canaries::new().map_err(|source| RunError::Supervise {
            what: "canaries",
            source,
        })?)
    };
    let commands = match &request.phases {
        None => vec![request.command.clone()],
        Some(phases) => {
            let first = std::iter::once(&phases.fetch);
            first.chain(&phases.build).cloned().collect()
        }
    };
    let pem = authority.as_ref().map(|authority| authority.pem());
    let Prepared {
        plan,
        trees,
        mut notes,
    } = prepare::prepare(
        &commands,
        &request.policy,
        &request.host,
        &folder,
        pem,
        canaries.as_ref(),
    )?;
    if !taken_back.is_empty() {
        notes.push(
            "an earlier run ended while its changes were being applied: they were taken back"
                .to_owned(),
        );
    }
    let shared = Arc::new(Shared {
        began: Instant::now(),
        record: Mutex::default(),
        callers: Mutex::default(),
        canaries,
    });
    let (channel, theirs) = Channel::pair().map_err(supervise("the channel"))?;
    let (mut inside, kept) = start::start(&request.binary, &plan, theirs, request.output)?;
    // what takes signals stays until this process ends: one run of many in it leaves them to who started it
    let signals = match request.output {
        Output::Inherited => Some(Signals::new(folder.path()).map_err(of_signals)?),
        Output::Kept => None,
    };
    let limit = Duration::from_secs(request.policy.limits.time);
    let gatekeeper = Gatekeeper::new(network.clone(), authority, Arc::clone(&shared));
    let (mut tracers, mut gate) = (Vec::new(), None);
    let mut budget: Option<Budget> = None;
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
            Message::Listening => {
                let working = gatekeeper.start(received.fds);
                gate = Some(working.map_err(|source| RunError::Supervise {
                    what: "the network",
                    source,
                })?);
            }
            Message::Go => {}
            Message::Begun => {
                inside.begun(received.pid).map_err(supervise("process 1"))?;
                let begun = Budget::begin(received.pid, &plan.limits);
                budget = Some(begun.map_err(|source| RunError::Supervise {
                    what: "the budget",
                    source,
                })?);
            }
            Message::Filtered { .. } | Message::Isolated => {
                // what comes second builds; nobody of the first is left
                if started.is_some() {
                    gatekeeper.end_fetching();
                }
                if let Some(signals) = &signals {
                    signals.forward_to(received.pid).map_err(of_signals)?;
                }
                if let Some(budget) = &mut budget {
                    budget.hold(received.pid);
                }
                if let Message::Filtered { listener, landlock } = received.message {
                    if landlock.is_none() && tracers.is_empty() {
                        notes.push(
                            "reduced: this kernel has no Landlock; the mounts alone keep files apart"
                                .to_owned(),
                        );
                    }
                    let listener = start::fetch(received.pid, listener)
                        .map_err(supervise("the filter's listener"))?;
                    tracers.push(trace::start(
                        listener,
                        &plan,
                        Arc::clone(&shared),
                        u32::try_from(received.pid).unwrap_or(0),
                    ));
                }
                started.get_or_insert(shared.began.elapsed());
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
    if let Some(signals) = &signals {
        signals.command_ended();
    }
    inside.silence();
    drop(gate);
    for tracer in tracers {
        if tracer.join().is_err() {
            shared.record(|record| record.gaps.push("the recorder died".to_owned()));
        }
    }
    let mut record = shared.record(std::mem::take);
    let took = shared.began.elapsed();
    let output = kept.and_then(|kept| kept.join().ok()).unwrap_or_default();
    let review = match &shared.canaries {
        None => Review::of(&trees, wall, &mut review::start),
        Some(canaries) => {
            let mut search = canaries.in_files(shared.now(), &mut record);
            Review::of(&trees, wall, &mut search)
        }
    };
    let findings = rules::judge(&record);
    // meanwhile the kernel took the mounts down, which takes it some milliseconds
    inside.end();
    drop(budget);
    Ok(Finished {
        ended,
        record,
        trees,
        notes,
        output,
        took,
        start: started.unwrap_or(took),
        review,
        findings,
        folder,
        signals,
    })
}

const fn of_signals(source: io::Error) -> RunError {
    RunError::Supervise {
        what: "signals",
        source,
    }
}

fn supervise(what: &'static str) -> impl FnOnce(Errno) -> RunError {
    move |errno| RunError::Supervise {
        what,
        source: io::Error::from_raw_os_error(errno as i32),
    }
}
