//! The watch of a whole machine: a process of its own, and a folder in which it leaves what it saw.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use foretaste_io::{Environment, Program, files};
use foretaste_model::Verdict;
use foretaste_monitor::report::human;
use foretaste_monitor::source::ebpf;
use foretaste_monitor::{Report, Session};
use serde_json::Value;

use super::args::{ShowOptions, StateOptions, TellOptions, WatchOptions};
use super::show;
use super::tell::Tell;
use super::watch::settings;
use crate::exit::Code;
use crate::printer::Printer;
use crate::process;

/// How long a watch may take to begin, and to end.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often what is new is sent.
const SENDING: Duration = Duration::from_secs(5);

/// How often somebody who wants a report is looked for.
const LOOKING: Duration = Duration::from_millis(200);

/// The files of the state.
struct State(PathBuf);

impl State {
    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// What a file says; nothing if it is not there.
    fn text(&self, name: &str) -> String {
        files::read_config(&self.file(name))
            .ok()
            .flatten()
            .unwrap_or_default()
    }

    /// The process that watches, if it lives.
    fn pid(&self) -> Option<u32> {
        let pid: u32 = files::read_config(&self.file("pid"))
            .ok()??
            .trim()
            .parse()
            .ok()?;
        let command = files::read_start(Path::new(&format!("/proc/{pid}/cmdline")), 4096)
            .ok()?
            .0;
        // numbers are given out again
        command
            .windows(7)
            .any(|word| word == b"__watch")
            .then_some(pid)
    }

    fn was_started(&self) -> bool {
        files::exists(&self.file("pid"))
    }
}

/// Starts it.
pub(super) fn start(
    watch: &WatchOptions,
    tell: &TellOptions,
    place: &StateOptions,
) -> Result<Code> {
    let environment = Environment::of_process();
    let state = State(std::path::absolute(&place.state)?);
    if let Some(pid) = state.pid() {
        bail!("a watch runs already: process {pid}\n  hint: foretaste monitor stop");
    }
    // what is wrong with the options is told here, not in a file
    drop(settings(watch, &environment, String::new(), false)?);
    drop(Tell::new(
        &TellOptions {
            metrics_listen: None,
            ..tell.clone()
        },
        &environment,
    )?);
    files::create_dir(&state.0)?;
    for name in [
        "ready",
        "pid",
        "report.json",
        "report.txt",
        "report-all.txt",
        "wanted",
    ] {
        files::remove(&state.file(name))?;
    }
    let binary = std::env::current_exe().context("cannot find this program itself")?;
    let program = Program::new(binary)
        .args(arguments(watch, tell, &state)?)
        // a runner ends what carries its mark when a step is over
        .env_remove("RUNNER_TRACKING_ID");
    let pid = program.start_detached(&state.file("log"))?;
    let begin = Instant::now();
    while !files::exists(&state.file("ready")) {
        let alive = files::read_config(Path::new(&format!("/proc/{pid}/stat")))
            .ok()
            .flatten()
            .is_some_and(|stat| !stat.contains(") Z "));
        if !alive || begin.elapsed() > PATIENCE {
            let log = state.text("log");
            Printer::warn(&format!(
                "the watch did not begin; it said:\n{}",
                log.trim_end()
            ));
            return Ok(Code::Incomplete);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let seen = state.text("ready");
    Printer::data(&format!(
        "the whole machine is watched by process {pid} through {}\n",
        seen.trim_end()
    ))?;
    Ok(Code::Clear)
}

fn arguments(watch: &WatchOptions, tell: &TellOptions, state: &State) -> Result<Vec<OsString>> {
    let mut words: Vec<OsString> = ["monitor", "__watch", "--state"].map(Into::into).into();
    words.push(state.0.clone().into());
    words.extend([
        "--project".into(),
        std::path::absolute(&watch.project)?.into(),
    ]);
    if let Some(policy) = &watch.policy {
        words.extend(["--policy".into(), std::path::absolute(policy)?.into()]);
    }
    if watch.no_ebpf {
        words.push("--no-ebpf".into());
    }
    for place in &tell.export {
        words.extend(["--export".into(), place.into()]);
    }
    if tell.sinks {
        words.push("--sinks".into());
    }
    if let Some(path) = &tell.metrics {
        words.extend(["--metrics".into(), std::path::absolute(path)?.into()]);
    }
    if let Some(address) = &tell.metrics_listen {
        words.extend(["--metrics-listen".into(), address.to_string().into()]);
    }
    Ok(words)
}

/// Watches until it is told to end.
pub(super) fn watch(
    watch: &WatchOptions,
    tell: &TellOptions,
    place: &StateOptions,
) -> Result<Code> {
    let environment = Environment::of_process();
    let state = State(place.state.clone());
    let ended = Arc::new(AtomicBool::new(false));
    let heard = ended.clone();
    let runtime = process::single()?;
    let mut signal = {
        let _inside = runtime.enter();
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?
    };
    std::thread::spawn(move || {
        runtime.block_on(signal.recv());
        heard.store(true, Ordering::Release);
    });
    let mut session = match Session::open(settings(
        watch,
        &environment,
        "this machine".to_owned(),
        false,
    )?) {
        Ok(session) => session,
        Err(error) => {
            Printer::error(&error.into());
            return Ok(Code::Incomplete);
        }
    };
    let tell = Tell::new(tell, &environment)?;
    files::write_atomic(
        &state.file("pid"),
        std::process::id().to_string().as_bytes(),
    )?;
    files::write_atomic(&state.file("ready"), session.names().join(", ").as_bytes())?;
    let mut sent = Instant::now();
    while !ended.load(Ordering::Acquire) {
        let looked = Instant::now();
        session.collect(|| ended.load(Ordering::Acquire) || looked.elapsed() > LOOKING);
        if files::exists(&state.file("wanted")) {
            write(&state, &session.report())?;
            files::remove(&state.file("wanted"))?;
        }
        if sent.elapsed() > SENDING {
            tell.fresh(&mut session);
            sent = Instant::now();
        }
    }
    let (report, lines) = session.finish(None);
    write(&state, &report)?;
    tell.last(&report, &lines);
    files::remove(&state.file("ready"))?;
    Ok(Code::Clear)
}

/// What programs of others did is nobody else's business.
fn write(state: &State, report: &Report) -> Result<()> {
    files::write_private(
        &state.file("report.txt"),
        human::write(report, false).as_bytes(),
    )?;
    files::write_private(
        &state.file("report-all.txt"),
        human::write(report, true).as_bytes(),
    )?;
    let text = foretaste_report::json::print(report)?;
    // last: whoever waits for it finds the others too
    Ok(files::write_private(
        &state.file("report.json"),
        text.as_bytes(),
    )?)
}

/// Ends it and shows what it saw.
pub(super) fn stop(how: &ShowOptions, place: &StateOptions, printer: Printer) -> Result<Code> {
    let state = State(std::path::absolute(&place.state)?);
    let Some(pid) = state.pid() else {
        let left = ebpf::sweep();
        if left > 0 {
            printer.note(&format!(
                "what a killed watch had stopped is let through again ({left} taken away)"
            ));
        }
        if state.was_started() && !files::exists(&state.file("report.json")) {
            let log = state.text("log");
            Printer::warn(&format!(
                "the watch was started and did not live to its end: what happened is not known\n{}",
                log.trim_end()
            ));
            return Ok(Code::Incomplete);
        }
        if state.was_started() {
            return shown(&state, how, printer);
        }
        bail!("no watch runs\n  hint: foretaste monitor start");
    };
    files::remove(&state.file("report.json"))?;
    terminate(pid)?;
    let begin = Instant::now();
    while state.pid().is_some() {
        if begin.elapsed() > PATIENCE {
            bail!(
                "process {pid} does not end; what it saw stands in {}",
                state.0.display()
            );
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    if !files::exists(&state.file("report.json")) {
        Printer::warn("the watch ended without a report: what happened is not known");
        return Ok(Code::Incomplete);
    }
    let log = state.text("log");
    if !log.trim().is_empty() {
        printer.note(&format!("the watch said: {}", log.trim_end()));
    }
    shown(&state, how, printer)
}

fn terminate(pid: u32) -> Result<()> {
    let number = i32::try_from(pid)
        .ok()
        .and_then(rustix::process::Pid::from_raw)
        .context("the number of the watch is none")?;
    rustix::process::kill_process(number, rustix::process::Signal::TERM)
        .with_context(|| format!("cannot end process {pid}"))
}

/// Shows what was seen so far.
pub(super) fn report(how: &ShowOptions, place: &StateOptions, printer: Printer) -> Result<Code> {
    let state = State(std::path::absolute(&place.state)?);
    if state.pid().is_some() {
        files::write(&state.file("wanted"), b"")?;
        let begin = Instant::now();
        while files::exists(&state.file("wanted")) {
            if begin.elapsed() > PATIENCE || state.pid().is_none() {
                bail!("the watch does not answer\n  hint: foretaste monitor stop");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    } else if !files::exists(&state.file("report.json")) {
        bail!(
            "no watch runs, and none left a report in {}\n  hint: foretaste monitor start",
            state.0.display()
        );
    }
    shown(&state, how, printer)
}

fn shown(state: &State, how: &ShowOptions, printer: Printer) -> Result<Code> {
    let json = files::read_text(&state.file("report.json"), 1 << 30)?;
    let text = match (&*how.format, printer.verbose) {
        ("json", _) => json.clone(),
        (_, true) => files::read_text(&state.file("report-all.txt"), 1 << 28)?,
        _ => files::read_text(&state.file("report.txt"), 1 << 28)?,
    };
    match &how.output {
        Some(path) => files::write_atomic(path, text.as_bytes())?,
        None => Printer::data(&text)?,
    }
    let report: Value =
        serde_json::from_str(&json).context("the report of the watch is no JSON")?;
    let found = report["findings"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|finding| finding["verdict"].as_str().and_then(crate::cli::verdict));
    let is_whole = report["verdict"].as_str().and_then(crate::cli::verdict)
        != Some(Verdict::Incomplete)
        && report["gaps"].as_array().is_none_or(Vec::is_empty)
        && report["left_out"].as_u64().is_none_or(|count| count == 0);
    show::code(how, found, is_whole, 0)
}
