//! One watch: sources are opened, events collected, and at the end judged.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::Value;
use thiserror::Error;

use crate::collector::{Collector, Counts};
use crate::export::{self, Scene};
use crate::guard::{Guard, Server};
use crate::installs::Locked;
use crate::observation::Observation;
use crate::policy::{Mode, Policy};
use crate::report::{self, Frame, Report};
use crate::scope::Scope;
use crate::source::ebpf::{Ebpf, Orders};
use crate::source::{About, Files, Outlet, Packets, Processes, Source, SourceError, Stop};

/// How often what waits is looked at though nothing new happens.
const TICK: Duration = Duration::from_millis(500);

/// What is watched, and how.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The policy.
    pub policy: Policy,
    /// What the project's locks fix, read before the job runs.
    pub locked: Locked,
    /// What is watched, in words.
    pub watched: String,
    /// Only what this process starts is watched, not the whole machine.
    pub command: bool,
    /// Do not use eBPF though the kernel allows it.
    pub lesser: bool,
}

/// Why nothing can be watched.
#[derive(Debug, Error)]
pub enum MonitorError {
    /// No source that tells processes works.
    #[error("nothing can be watched here: {}\n  hint: run it as root, outside of containers", reasons.join("; "))]
    NoSource {
        /// Why, for each source.
        reasons: Vec<String>,
    },
    /// The policy wants something stopped, and this kernel has nothing to stop it with.
    #[error(
        "the policy says `mode = \"block\"`, and nothing can be blocked here: {why}; nothing was started\n  hint: `mode = \"audit\"` tells without stopping"
    )]
    CannotBlock {
        /// Why.
        why: String,
    },
    /// The system refused something that is always there.
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// A watch that runs.
pub struct Session {
    settings: Settings,
    collector: Collector,
    receiver: Receiver<(u64, Observation)>,
    lost: Arc<AtomicU64>,
    stop: Stop,
    threads: Vec<JoinHandle<()>>,
    sources: Vec<About>,
    unavailable: Vec<String>,
    begin: Instant,
    began: Timestamp,
    host: String,
    /// Events of which lines were given.
    told: usize,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Opens every source that the kernel allows. What happens from now on is seen.
    ///
    /// # Errors
    /// No process can be seen, or the policy wants something stopped that cannot be stopped here.
    pub fn open(settings: Settings) -> Result<Self, MonitorError> {
        let begin = Instant::now();
        let (outlet, receiver, lost) = Outlet::new(begin);
        let stop = Stop::new()?;
        let mut unavailable = Vec::new();
        let mut sources: Vec<Box<dyn Source>> = Vec::new();
        let resolvers = crate::resolvers::of_machine();
        let blocks = settings.policy.mode == Mode::Block;
        let mut threads = Vec::new();
        let kernel = if settings.lesser {
            Err(SourceError {
                what: "eBPF",
                why: "it was not wanted".to_owned(),
            })
        } else {
            open_kernel(&settings, &resolvers, &outlet, &stop, &mut threads)
        };
        let attributes = kernel.is_ok();
        match kernel {
            Ok(source) => sources.push(Box::new(source)),
            Err(error) if blocks => {
                return Err(MonitorError::CannotBlock {
                    why: error.to_string(),
                });
            }
            Err(error) => {
                unavailable.push(error.to_string());
                match Processes::open() {
                    Ok(source) => sources.push(Box::new(source)),
                    Err(error) => unavailable.push(error.to_string()),
                }
            }
        }
        if sources.is_empty() {
            return Err(MonitorError::NoSource {
                reasons: unavailable,
            });
        }
        match Packets::open(!attributes) {
            Ok(source) => sources.push(Box::new(source)),
            Err(error) => unavailable.push(error.to_string()),
        }
        match Files::open() {
            Ok(source) => sources.push(Box::new(source)),
            Err(error) => unavailable.push(error.to_string()),
        }
        let about = sources.iter().map(|source| source.about()).collect();
        threads.extend(
            sources
                .into_iter()
                .map(|source| spawn(source, &outlet, &stop)),
        );
        let scope = if settings.command {
            Scope::command()
        } else {
            Scope::machine()
        };
        Ok(Self {
            collector: Collector::new(settings.policy.clone(), scope, resolvers, attributes),
            settings,
            receiver,
            lost,
            stop,
            threads,
            sources: about,
            unavailable,
            begin,
            began: Timestamp::now(),
            host: host_name(),
            told: 0,
        })
    }

    /// Collects until `until` says that it is over.
    pub fn collect(&mut self, mut until: impl FnMut() -> bool) {
        while !until() {
            match self.receiver.recv_timeout(TICK) {
                Ok((time, observation)) => self.collector.take(time, observation),
                Err(RecvTimeoutError::Timeout) => {
                    let now = self.begin.elapsed().as_micros() as u64;
                    self.collector.tick(now);
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Lines in the fields of ECS for what was seen since the last call.
    pub fn lines(&mut self) -> Vec<Value> {
        let now = self.begin.elapsed().as_micros() as u64;
        self.collector.tick(now);
        self.rest()
    }

    fn rest(&mut self) -> Vec<Value> {
        let record = &self.collector.record;
        let scene = Scene {
            began: self.began,
            watched: &self.settings.watched,
            host: &self.host,
            processes: &record.processes,
            steps: &self.collector.steps,
        };
        let fresh = record.events.get(self.told..).unwrap_or(&[]);
        let lines = fresh
            .iter()
            .map(|event| export::event(&scene, event))
            .collect();
        self.told = record.events.len();
        lines
    }

    /// The names of the sources.
    pub fn names(&self) -> Vec<&'static str> {
        self.sources.iter().map(|about| about.name).collect()
    }

    /// Figures so far.
    pub fn figures(&self) -> Figures {
        Figures {
            programs: self.collector.record.processes.len() as u64,
            counts: self.collector.counts,
            lost: self.collector.record.left_out + self.lost.load(Ordering::Relaxed),
        }
    }

    /// What would be told if it ended now.
    pub fn report(&self) -> Report {
        let mut collector = self.collector.clone();
        tell_lost(&self.lost, &mut collector);
        report::make(collector, &self.settings.locked, self.frame(None))
    }

    fn frame(&self, exit_code: Option<i32>) -> Frame {
        Frame {
            began: self.began,
            took: self.begin.elapsed().as_micros() as u64,
            watched: self.settings.watched.clone(),
            sources: self.sources.clone(),
            unavailable: self.unavailable.clone(),
            exit_code,
        }
    }

    /// Stops the sources, takes what they still have, and judges. Gives the report, and the lines that [`Self::lines`] did
    /// not give yet, with those for installs and findings.
    pub fn finish(mut self, exit_code: Option<i32>) -> (Report, Vec<Value>) {
        self.stop.stop();
        for thread in self.threads.drain(..) {
            // a source that died has told less: the report says so
            if thread.join().is_err() {
                let what = Observation::Gap("a source ended before its time".to_owned());
                self.collector.take(0, what);
            }
        }
        while let Ok((time, observation)) = self.receiver.try_recv() {
            self.collector.take(time, observation);
        }
        tell_lost(&self.lost, &mut self.collector);
        self.collector.tick(u64::MAX);
        let mut lines = self.rest();
        let frame = self.frame(exit_code);
        let report = report::make(self.collector, &self.settings.locked, frame);
        let scene = Scene {
            began: report.began,
            watched: &report.watched,
            host: &self.host,
            processes: &report.processes,
            steps: &report.steps,
        };
        lines.extend(
            report
                .installs
                .iter()
                .map(|install| export::install(&scene, install)),
        );
        lines.extend(
            report
                .findings
                .iter()
                .map(|finding| export::finding(&scene, finding, &report.events)),
        );
        (report, lines)
    }
}

/// Figures for counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Programs that were started.
    pub programs: u64,
    /// Connections and names.
    pub counts: Counts,
    /// Events that were not seen or kept.
    pub lost: u64,
}

impl From<&Report> for Figures {
    fn from(report: &Report) -> Self {
        Self {
            programs: report.processes.len() as u64,
            counts: report.counts,
            lost: report.left_out,
        }
    }
}

/// What found no place on its way is missing in what was collected.
fn tell_lost(lost: &AtomicU64, collector: &mut Collector) {
    let lost = lost.load(Ordering::Relaxed);
    if lost > 0 {
        collector.take(0, Observation::Lost(lost));
    }
}

/// The name of this machine.
pub(crate) fn host_name() -> String {
    let name = rustix::system::uname();
    name.nodename().to_string_lossy().into_owned()
}

/// Loads the programs of the kernel, and what blocking needs besides.
fn open_kernel(
    settings: &Settings,
    resolvers: &[IpAddr],
    outlet: &Outlet,
    stop: &Stop,
    threads: &mut Vec<JoinHandle<()>>,
) -> Result<Ebpf, SourceError> {
    let block = settings.policy.mode == Mode::Block;
    let server = block.then(|| Server::bind(resolvers)).transpose()?;
    let orders = Orders {
        whole: !settings.command,
        block,
        names: server.as_ref().map(Server::ports).unwrap_or_default(),
    };
    let (source, list) = Ebpf::open(orders)?;
    if let Some(server) = server {
        let guard = Guard::new(&settings.policy, list)?;
        threads.push(guard.serve(server, outlet.clone(), stop.clone()));
    }
    Ok(source)
}

fn spawn(mut source: Box<dyn Source>, outlet: &Outlet, stop: &Stop) -> JoinHandle<()> {
    let (outlet, stop) = (outlet.clone(), stop.clone());
    std::thread::spawn(move || source.run(&outlet, &stop))
}
