//! Runs a command below a session.

use std::path::Path;
use std::sync::mpsc::{TryRecvError, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};

use foretaste_behaviour::Action;
use foretaste_io::{Environment, Program, files};
use foretaste_monitor::policy::Policy;
use foretaste_monitor::{Locked, Report, Session, Settings};

/// Sessions see what this process starts: one at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// A turn, or none where the tests were left out on purpose.
pub(crate) fn turn() -> Option<MutexGuard<'static, ()>> {
    if std::env::var_os("FORETASTE_UNPRIVILEGED").is_some() {
        println!("left out: needs root and eBPF");
        return None;
    }
    Some(ALONE.lock().unwrap_or_else(PoisonError::into_inner))
}

/// A policy from TOML.
pub(crate) fn policy(text: &str) -> Policy {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("monitor.toml");
    files::write(&path, text.as_bytes()).expect("written");
    Policy::read(&path).expect("a policy")
}

/// How a command is watched.
#[derive(Default)]
pub(crate) struct Watch<'a> {
    pub(crate) policy: &'a str,
    pub(crate) project: Option<&'a Path>,
    pub(crate) lesser: bool,
}

impl Watch<'_> {
    /// Runs a shell command below a session.
    pub(crate) fn run(&self, script: &str) -> Report {
        let locked = self.project.map_or_else(Locked::default, |project| {
            Locked::of_project(project, &Environment::below(project)).expect("a project")
        });
        let mut session = Session::open(Settings {
            policy: policy(self.policy),
            locked,
            watched: "a test".to_owned(),
            command: true,
            lesser: self.lesser,
        })
        .expect("a session; FORETASTE_UNPRIVILEGED=1 leaves these tests out");
        let program = Program::new("/bin/bash").args(["-c", script]);
        let (sender, receiver) = channel();
        let runner = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            sender
                .send(runtime.block_on(program.run_in_the_open()))
                .expect("heard");
        });
        let mut code = None;
        session.collect(|| match receiver.try_recv() {
            Ok(done) => {
                code = done.ok();
                true
            }
            Err(TryRecvError::Empty) => false,
            Err(TryRecvError::Disconnected) => true,
        });
        runner.join().expect("the command ran");
        let (report, lines) = session.finish(code);
        assert!(lines.len() >= report.events.len());
        let by_kernel = report.sources.iter().any(|about| about.name == "eBPF");
        assert_eq!(by_kernel, !self.lesser, "{:?}", report.unavailable);
        report
    }
}

/// The details of a finding.
pub(crate) fn details(report: &Report, rule: &str) -> Vec<String> {
    report
        .findings
        .iter()
        .filter(|finding| finding.rule == rule)
        .flat_map(|finding| finding.details.clone())
        .collect()
}

/// True if a connection to this port was seen, by a program with this name.
pub(crate) fn connected(report: &Report, program: &str, to: &str, to_port: u16) -> bool {
    report.events.iter().any(|event| {
        let by = event.process.and_then(|at| report.processes.get(at));
        by.is_some_and(|process| process.program.rsplit('/').next().is_some_and(|name| name.starts_with(program)))
            && matches!(&event.action, Action::Connection { address, port, .. } if address == to && *port == to_port)
    })
}
