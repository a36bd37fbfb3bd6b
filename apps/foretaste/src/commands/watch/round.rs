//! A round: judge again, note, tell.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use foretaste_audit::{Reading, Requested};
use foretaste_io::{Environment, files};
use foretaste_model::report::Report;
use foretaste_model::words::counted;
use foretaste_model::{Target, Verdict};
use foretaste_report::escape::visible;
use foretaste_watch::{Book, Event, deliver};
use jiff::{SignedDuration, Timestamp};

use super::sender;
use crate::cli::Global;
use crate::commands::audit;
use crate::configuration;
use crate::exit::Code;
use crate::printer::Printer;
use crate::process;

/// The shortest time between two rounds.
const SHORTEST: Duration = Duration::from_mins(1);

/// One round, or one every so often.
pub(super) fn run(
    global: &Global,
    book: &Book,
    every: Option<&str>,
    fail_on: Verdict,
    printer: Printer,
) -> Result<Code> {
    let Some(every) = every else {
        return once(global, book, fail_on, printer);
    };
    let span: SignedDuration = every
        .parse()
        .with_context(|| format!("`{every}` is no time; write it as 30m, 1h or 24h"))?;
    let pause = Duration::try_from(span).unwrap_or_default();
    if pause < SHORTEST {
        bail!("a round every {every} is too often; the least is 1m");
    }
    loop {
        // what fails in one round may work in the next
        if let Err(error) = once(global, book, fail_on, printer) {
            Printer::error(&error);
        }
        std::thread::sleep(pause);
    }
}

fn once(global: &Global, book: &Book, fail_on: Verdict, printer: Printer) -> Result<Code> {
    let environment = Environment::of_process();
    let now = process::now(&environment)?;
    let _alone = book.hold_run()?;
    let contents = book.read()?;
    if contents.watched.is_empty() {
        bail!("nothing is watched\n  hint: `foretaste watch add DIR|LOCK|pypi:NAME`");
    }
    let mut grave = false;
    let mut incomplete = false;
    let mut out = String::new();
    for watched in &contents.watched {
        match judge(global, &watched.target, now, printer) {
            Ok(report) => {
                let events = book.change(|c| c.record(&watched.target, &report, now))?;
                grave |= events.iter().any(|e| is_grave(e, fail_on));
                tell(&mut out, &watched.target, &events);
            }
            Err(error) => {
                incomplete = true;
                printer.note(&format!(
                    "{} could not be judged: {error:#}",
                    watched.target
                ));
            }
        }
    }
    Printer::data(&out)?;
    let runtime = process::single()?;
    let sender = sender(global, &environment)?;
    let done = runtime.block_on(deliver(book, &sender, now))?;
    for failure in &done.failures {
        incomplete = true;
        printer.note(&format!(
            "`{}` was not told: {}; next try from {}",
            failure.sink,
            failure.why,
            failure.next.strftime("%Y-%m-%d %H:%M UTC")
        ));
    }
    printer.note(&format!(
        "{} judged; {} sent, {} waiting",
        contents.watched.len(),
        counted(done.sent, "message"),
        done.waiting + done.failures.len()
    ));
    Ok(match (grave, incomplete) {
        (true, _) => Code::Findings,
        (false, true) => Code::Incomplete,
        (false, false) => Code::Clear,
    })
}

/// True for what became worse, at or above the threshold.
fn is_grave(event: &Event, fail_on: Verdict) -> bool {
    event.kind != foretaste_watch::EventKind::Better
        && event.level != Verdict::Incomplete
        && event.level >= fail_on
}

fn tell(out: &mut String, target: &str, events: &[Event]) {
    if events.is_empty() {
        let _ = writeln!(out, "{}: as before", visible(target));
    }
    for event in events {
        let _ = writeln!(
            out,
            "{}: {} {} {}",
            visible(target),
            event.level.id(),
            visible(&event.release),
            event.kind.title()
        );
        for finding in &event.findings {
            let _ = writeln!(out, "    {}", visible(finding));
        }
    }
}

/// An environment is told by what its makers leave in it; any other folder is what it holds.
fn reading(target: &Target) -> Reading {
    let Target::Path(path) = target else {
        return Reading::ByContent;
    };
    let is_installed = path
        .file_name()
        .is_some_and(|n| n == "node_modules" || n == "site-packages" || n == "dist-packages");
    if files::is_dir(path) && (is_installed || files::is_file(&path.join("pyvenv.cfg"))) {
        Reading::Environment
    } else {
        Reading::ByContent
    }
}

/// What a target is worth now. Facts that are kept are used; the registry is asked whether there is news.
pub(super) fn judge(
    global: &Global,
    target: &str,
    now: Timestamp,
    printer: Printer,
) -> Result<Report> {
    let environment = Environment::of_process();
    let configuration = configuration::load(global, &environment)?;
    let environment = configuration.environment(environment);
    let mut options = audit::plain_options(global, environment, configuration);
    let parsed = target.parse::<Target>()?;
    options.reading = reading(&parsed);
    options.now = now;
    let requested = [Requested {
        text: target.to_owned(),
        target: parsed,
    }];
    let outcome = audit::with_auditor(options, printer, async |auditor, progress| {
        auditor.audit(&requested, progress).await
    })?;
    Ok(outcome.report)
}
