//! Puts together what the sources tell: who did it, for which name, in which step, and whether the policy allows it.

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::IpAddr;
use std::path::Path;

use foretaste_behaviour::{Access, Action, Process, Record, attribution, sensitive};

use crate::alert::egress::{self, Egress};
use crate::installs::Installs;
use crate::names::Names;
use crate::observation::{Connect, Observation, Started};
use crate::policy::{Policy, Who};
use crate::scope::Scope;
use crate::source::proc;

/// Microseconds for which an event waits for what other sources tell late: who forked, which name an address has.
const PATIENCE: u64 = 250_000;
/// Microseconds for which a question may follow the connection that it goes through.
const MEMORY: u64 = 5_000_000;

/// What is known so far.
#[derive(Clone, Debug)]
pub(crate) struct Collector {
    /// Processes and events.
    pub(crate) record: Record,
    /// Steps, by entry.
    pub(crate) steps: Vec<Option<String>>,
    /// What was installed.
    pub(crate) installs: Installs,
    /// Connections that were not let through, and connections and names that are not allowed.
    pub(crate) counts: Counts,
    names: Names,
    policy: Policy,
    scope: Scope,
    resolvers: Vec<IpAddr>,
    waiting: VecDeque<(u64, Observation)>,
    /// Who connected where, so that the same connection seen on the wire is not told again.
    seen: HashSet<(IpAddr, u16, &'static str)>,
    /// Who asked which name server last, and when.
    askers: HashMap<IpAddr, (u64, u32)>,
    /// True if another source than the wire tells who connects.
    attributes: bool,
}

/// Figures for counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Connections and datagrams.
    pub connections: u64,
    /// Connections and names that are not on the allow-list and were let through.
    pub alerts: u64,
    /// Connections and names that were stopped.
    pub blocked: u64,
    /// Names that were looked up.
    pub names: u64,
}

impl Collector {
    /// Nothing is known. `attributes` says that another source than the wire tells who connects.
    pub(crate) fn new(
        policy: Policy,
        scope: Scope,
        resolvers: Vec<IpAddr>,
        attributes: bool,
    ) -> Self {
        Self {
            record: Record::default(),
            steps: Vec::new(),
            installs: Installs::default(),
            counts: Counts::default(),
            names: Names::default(),
            policy,
            scope,
            resolvers,
            waiting: VecDeque::new(),
            seen: HashSet::new(),
            askers: HashMap::new(),
            attributes,
        }
    }

    /// The policy in force.
    pub(crate) const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Takes one observation.
    pub(crate) fn take(&mut self, time: u64, observation: Observation) {
        match observation {
            // who is whose child must be known before what children do
            Observation::Fork { parent, child } => {
                self.scope.fork(parent, child);
                if self.scope.holds(child)
                    && let Some(entry) = self.entry(parent)
                {
                    self.record.adopt(child, entry);
                }
            }
            Observation::Exec(started) => {
                if self.scope.holds(started.pid) {
                    self.exec(time, started);
                }
            }
            Observation::Answer { name, addresses } => self.names.learn(&name, &addresses),
            Observation::Lost(count) => self.record.left_out += count,
            Observation::Gap(what) => self.gap(what),
            Observation::Tampered { what } => {
                self.gap(format!("the monitor was tampered with: {what}"));
            }
            other => self.waiting.push_back((time, other)),
        }
        self.flush(time.saturating_sub(PATIENCE));
    }

    /// Takes everything that waits.
    pub(crate) fn finish(&mut self) {
        self.flush(u64::MAX);
        self.record.events.sort_by_key(|event| event.time);
    }

    /// Takes what has waited long enough at this moment.
    pub(crate) fn tick(&mut self, now: u64) {
        self.flush(now.saturating_sub(PATIENCE));
    }

    fn gap(&mut self, what: String) {
        if !self.record.gaps.contains(&what) {
            self.record.gaps.push(what);
        }
    }

    fn flush(&mut self, until: u64) {
        while let Some((time, _)) = self.waiting.front()
            && *time <= until
            && let Some((time, observation)) = self.waiting.pop_front()
        {
            match observation {
                Observation::Connect(connect) => self.connect(time, &connect),
                Observation::Query {
                    pid,
                    name,
                    kind,
                    resolver,
                    protocol,
                    denied,
                } => {
                    self.query(time, (pid, resolver, protocol), (name, kind), denied);
                }
                Observation::RawSocket { pid, kind } if self.scope.holds(pid) => {
                    self.raw(time, pid, kind);
                }
                Observation::Write { pid, path, sha256 } if self.scope.holds(pid) => {
                    let entry = self.entry(pid);
                    self.installs.written(&path, sha256, time, entry);
                    if may_start(&path) && self.record.write(entry, path.clone()) {
                        self.record.add(time, entry, Action::Write { path });
                    }
                }
                Observation::Read { pid, path } if self.scope.holds(pid) => {
                    if let Some(what) = sensitive::what(&path) {
                        let entry = self.entry(pid);
                        let what = what.to_owned();
                        self.record
                            .add(time, entry, Action::SensitiveRead { path, what });
                    }
                }
                _ => {}
            }
        }
    }

    fn exec(&mut self, time: u64, started: Started) {
        let parent = match self.record.entry(started.pid) {
            Some(entry) => Some(entry),
            None if started.parent > 1 => self.entry(started.parent),
            None => None,
        };
        let mut directory = started.directory;
        if directory.is_empty() {
            directory = proc::directory(started.pid)
                .or_else(|| Some(self.record.processes.get(parent?)?.directory.clone()))
                .unwrap_or_default();
        }
        let package = attribution::package(&started.arguments, Path::new(&directory));
        let step = started
            .step
            .or_else(|| self.steps.get(parent?).cloned().flatten());
        let program = match (&*started.program, started.arguments.is_empty()) {
            ("", true) => "(ended before it could be read)".to_owned(),
            _ => started.program,
        };
        let process = Process {
            pid: started.pid,
            parent,
            program,
            arguments: started.arguments,
            directory,
            package,
        };
        let entry = self.record.start(time, process);
        self.set_step(entry, step);
    }

    fn set_step(&mut self, entry: usize, step: Option<String>) {
        if self.steps.len() <= entry {
            self.steps.resize(entry + 1, None);
        }
        self.steps[entry] = step;
    }

    /// The entry of a process; one that ran before the monitor is introduced.
    fn entry(&mut self, pid: u32) -> Option<usize> {
        if let Some(entry) = self.record.entry(pid) {
            return Some(entry);
        }
        if pid == std::process::id() {
            return None;
        }
        let started = proc::started(pid)?;
        let parent = match started.parent {
            0 | 1 => None,
            parent => self.entry(parent),
        };
        let step = started.step.clone();
        let entry = self.record.introduce(Process {
            pid,
            parent,
            package: attribution::package(&started.arguments, Path::new(&started.directory)),
            program: started.program,
            arguments: started.arguments,
            directory: started.directory,
        });
        self.set_step(entry, step);
        Some(entry)
    }

    fn reason(&self, entry: Option<usize>, egress: Egress<'_>) -> Option<String> {
        let programs: Vec<&str> = self
            .record
            .ancestry(entry)
            .map(|process| process.program.as_str())
            .collect();
        let step = entry.and_then(|entry| self.steps.get(entry)?.as_deref());
        let who = Who {
            programs: &programs,
            step,
        };
        egress::reason(egress, who, &self.policy, &self.resolvers)
    }

    fn connect(&mut self, time: u64, connect: &Connect) {
        let address = connect.address.to_canonical();
        let key = (address, connect.port, connect.protocol);
        if connect.on_wire && self.attributes {
            // the command's own connections are told with their process, other people's are not its business
            if self.scope.is_command() || self.seen.contains(&key) {
                return;
            }
        } else if connect.on_wire && connect.protocol == "udp" && self.seen.contains(&key) {
            // one of many datagrams
            return;
        }
        if connect.redirected
            || connect.pid.is_some_and(|pid| !self.scope.holds(pid))
            || self.is_probe(connect)
        {
            return;
        }
        if connect.port == 53
            && let Some(pid) = connect.pid
        {
            self.askers.insert(address, (time, pid));
        }
        if self.seen.len() > 100_000 {
            self.seen.clear();
        }
        self.seen.insert(key);
        let entry = connect.pid.and_then(|pid| self.entry(pid));
        let names = self.names.of(address);
        let egress = Egress {
            address,
            port: connect.port,
            protocol: connect.protocol,
            names: &names,
        };
        let mut reason = self.reason(entry, egress);
        if connect.denied && reason.is_none() {
            reason = Some("stopped: it is allowed for another program or step, or its name was not looked up here".to_owned());
        }
        let action = Action::Connection {
            address: address.to_string(),
            port: connect.port,
            protocol: connect.protocol.to_owned(),
            host: names.last().map(|name| (*name).to_owned()),
            access: access(connect.denied),
            reason,
            sent: 0,
            received: 0,
        };
        self.counts.connections += 1;
        self.count(&action);
        self.record.add(time, entry, action);
    }

    fn raw(&mut self, time: u64, pid: u32, kind: &str) {
        let entry = self.entry(pid);
        let action = Action::Connection {
            address: "anywhere".to_owned(),
            port: 0,
            protocol: kind.to_owned(),
            host: None,
            access: Access::Allowed,
            reason: Some(format!(
                "a {kind} socket sends past every hook for connections"
            )),
            sent: 0,
            received: 0,
        };
        self.count(&action);
        self.record.add(time, entry, action);
    }

    /// glibc connects a datagram socket to learn which of its addresses it would use, and sends nothing.
    fn is_probe(&self, connect: &Connect) -> bool {
        let is_datagram = connect.protocol == "udp" && !connect.on_wire && !connect.denied;
        is_datagram
            && (connect.port == 0
                || self.waiting.iter().take(512).any(|(_, other)| match other {
                    Observation::Connect(other) => {
                        other.pid == connect.pid
                            && other.protocol == "tcp"
                            && other.port == connect.port
                    }
                    _ => false,
                }))
    }

    fn query(
        &mut self,
        time: u64,
        (pid, resolver, protocol): (Option<u32>, IpAddr, &str),
        (name, kind): (String, String),
        denied: bool,
    ) {
        // a socket that was closed at once tells no more who asked; whoever just connected to this server did
        let pid = pid.or_else(|| {
            let (when, asker) = self.askers.get(&resolver.to_canonical())?;
            (time.saturating_sub(*when) < MEMORY).then_some(*asker)
        });
        let is_somebodys = pid.map_or(self.scope.is_command() && self.attributes, |pid| {
            !self.scope.holds(pid)
        });
        if is_somebodys && !denied {
            return;
        }
        let entry = pid.and_then(|pid| self.entry(pid));
        let action = Action::Name {
            reason: egress::name_reason(&name, &self.policy),
            name,
            kind,
            resolver: if protocol == "tcp" {
                format!("{resolver} over TCP")
            } else {
                resolver.to_string()
            },
            access: access(denied),
        };
        self.counts.names += 1;
        self.count(&action);
        self.record.add(time, entry, action);
    }

    fn count(&mut self, action: &Action) {
        match action {
            Action::Connection {
                access: Access::Denied,
                ..
            }
            | Action::Name {
                access: Access::Denied,
                ..
            } => self.counts.blocked += 1,
            Action::Connection {
                reason: Some(_), ..
            }
            | Action::Name {
                reason: Some(_), ..
            } => {
                self.counts.alerts += 1;
            }
            _ => {}
        }
    }
}

/// True for a place from which something is started or configured. What a build writes elsewhere, thousands of files, is told
/// as installs alone.
fn may_start(path: &str) -> bool {
    const PLACES: &[&str] = &[
        "/etc/",
        "/tmp/",
        "/var/tmp/",
        "/dev/shm/",
        "/var/spool/",
        "/lib/systemd/",
    ];
    // what packages bring is theirs; only what Python reads at its start counts there
    const STORES: &[&str] = &[
        "/registry/src/",
        "/node_modules/",
        "-packages/",
        "/.cache/",
        "/pkg/mod/",
        "/gems/",
    ];
    let is_packages = STORES.iter().any(|store| path.contains(store));
    let is_place = path.contains("/.") || PLACES.iter().any(|place| path.starts_with(place));
    is_place && !is_packages || path.ends_with(".pth") || path.ends_with("customize.py")
}

const fn access(denied: bool) -> Access {
    if denied {
        Access::Denied
    } else {
        Access::Allowed
    }
}
