//! Watches one command.

use std::ffi::OsString;
use std::sync::mpsc::{TryRecvError, channel};

use anyhow::{Context as _, Result, bail};
use foretaste_io::{Environment, Program};
use foretaste_monitor::policy::Policy;
use foretaste_monitor::{Locked, Session, Settings};

use super::args::{ShowOptions, TellOptions, WatchOptions};
use super::show;
use super::tell::Tell;
use crate::exit::Code;
use crate::printer::Printer;
use crate::process;

/// Runs the command and tells what was seen.
///
/// # Errors
/// The policy or the project cannot be read, nothing can be watched, or the command cannot be started.
pub(super) fn run(
    watch: &WatchOptions,
    tell: &TellOptions,
    how: &ShowOptions,
    command: &[OsString],
    printer: Printer,
) -> Result<Code> {
    let environment = Environment::of_process();
    let words: Vec<String> = command
        .iter()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let program = program(&environment, &words)?;
    let tell = Tell::new(tell, &environment)?;
    let mut session = match Session::open(settings(watch, &environment, words.join(" "), true)?) {
        Ok(session) => session,
        Err(error) => {
            Printer::error(&error.into());
            return Ok(Code::Incomplete);
        }
    };
    let program = program.args(command.iter().skip(1).cloned());
    let (sender, receiver) = channel();
    let runtime = process::single()?;
    let runner = std::thread::spawn(move || {
        // nobody listens any more only if this process ends
        let _ = sender.send(runtime.block_on(program.run_in_the_open()));
    });
    let mut ended = None;
    session.collect(|| {
        match receiver.try_recv() {
            Ok(done) => ended = Some(done),
            Err(TryRecvError::Empty) => return false,
            Err(TryRecvError::Disconnected) => {}
        }
        true
    });
    if runner.join().is_err() {
        bail!("the thread that waits for the command ended before its time");
    }
    let code = ended.context("the command was lost")?;
    let (report, lines) = session.finish(code.as_ref().ok().copied());
    let code = code?;
    tell.last(&report, &lines);
    show::show(&report, how, printer)?;
    show::code(
        how,
        report.findings.iter().map(|finding| finding.verdict),
        report.left_out == 0 && report.gaps.is_empty(),
        u8::try_from(code).unwrap_or(255),
    )
}

/// What to watch, by the options.
pub(super) fn settings(
    watch: &WatchOptions,
    environment: &Environment,
    watched: String,
    command: bool,
) -> Result<Settings> {
    Ok(Settings {
        policy: watch
            .policy
            .as_deref()
            .map(Policy::read)
            .transpose()?
            .unwrap_or_default(),
        locked: Locked::of_project(&watch.project, environment)?,
        watched,
        command,
        lesser: watch.no_ebpf,
    })
}

fn program(environment: &Environment, words: &[String]) -> Result<Program> {
    let name = words.first().context("no command was given")?;
    if name.contains('/') {
        return Ok(Program::new(name));
    }
    let Some(path) = environment.which(name) else {
        bail!("there is no program `{name}` on PATH");
    };
    Ok(Program::new(path))
}
