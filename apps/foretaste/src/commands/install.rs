//! `foretaste install`: one command behind a gate of its own.

use foretaste_model::words::counted;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use foretaste_gate::{Client, Event, EventKind, LeftOut, Server, Session, Settings};
use foretaste_io::files::TemporaryDir;
use foretaste_io::{Environment, Program};

use super::gate::{self, serve};
use super::guard;
use crate::cli::{Global, InstallArgs};
use crate::exit::Code;
use crate::printer::Printer;

/// Runs the command and passes on how it ended.
///
/// # Errors
/// The command is no client that is known, names sources that no gate can vet, or cannot be started.
pub(crate) fn run(global: &Global, args: &InstallArgs, printer: Printer) -> Result<Code> {
    let environment = Environment::of_process();
    let Some(client) = Client::of_command(&args.command) else {
        bail!(
            "`{}` is no package manager that is known\n  hint: pip, uv, poetry, npm, pnpm, yarn and cargo are, also as `python -m pip`",
            args.command.join(" ")
        );
    };
    let (program, words) = args.command.split_first().context("no command was given")?;
    let path = locate(program, &environment)?;
    let settings = Settings {
        listen: "127.0.0.1:0".to_owned(),
        ..match &args.settings {
            Some(path) => gate::settings(path)?,
            None => Settings {
                // verdicts of the last command are good for this one
                data: environment
                    .cache_dir()
                    .context("there is no folder for caches; set FORETASTE_CACHE_DIR")?
                    .join("install"),
                ..Settings::default()
            },
        }
    };
    let scratch = TemporaryDir::new(None)?;
    let (code, events, left_out, troubles) = serve::runtime()?.block_on(async {
        let gate = serve::open(global, settings, serve::Serves::OneCommand).await?;
        let server = Server::bind(gate.clone()).await?;
        let url = format!("http://{}", server.address()?);
        let names = environment.vars().map(|(name, _)| name);
        let session = Session::plan(client, words, &url, scratch.path(), names);
        refuse_unvettable(&session)?;
        if !session.dropped.is_empty() {
            printer.note(&format!(
                "{} left out: only the gate is asked",
                session.dropped.join(", ")
            ));
        }
        let before = gate.newest_event().await?;
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serving = tokio::spawn(server.run(async { drop(stopped.await) }));
        let mut child = Program::new(path)
            .args(session.args.clone())
            // shims below it have nothing to add
            .env(guard::VARIABLE, "inside");
        for (name, value) in &session.set {
            child = child.env(name, value);
        }
        for name in &session.removed {
            child = child.env_remove(name);
        }
        let code = child.run_in_the_open().await;
        let events = gate.events_after(before, 1000).await;
        let (left_out, troubles) = (gate.left_out(), gate.troubles());
        drop(stop);
        serving.await.context("the gate broke off")??;
        anyhow::Ok((code?, events?, left_out, troubles))
    })?;
    tell(&events, &left_out, code, printer);
    if code != 0 {
        // clients call what cannot be had absent
        for trouble in &troubles {
            let trouble = foretaste_report::escape::visible(trouble);
            Printer::warn(&format!("an index was not reached: {trouble}"));
        }
    }
    Ok(Code::OfCommand(u8::try_from(code).unwrap_or(1)))
}

fn locate(program: &str, environment: &Environment) -> Result<PathBuf> {
    if program.contains(['/', '\\']) {
        return Ok(environment.working_dir().join(program));
    }
    environment
        .which(program)
        .with_context(|| format!("`{program}` is not on PATH"))
}

fn refuse_unvettable(session: &Session) -> Result<()> {
    if session.unvettable.is_empty() {
        return Ok(());
    }
    bail!(
        "{} is fetched from a place of its own, which no gate can vet\n  hint: download it and run `foretaste audit` on it first",
        session.unvettable.join(", ")
    )
}

/// Releases of a package that an index left out, as far as they are told one by one.
const SPELLED: usize = 3;

fn named(outcome: &str) -> &'static str {
    if outcome == "hold" {
        "held for review"
    } else {
        "blocked"
    }
}

/// Of a command that failed, what it could not know: the indexes that it read had no such version, and did not say why.
fn missing(left_out: &[LeftOut], events: &[Event]) -> Vec<String> {
    let mut lines = Vec::new();
    for of_package in left_out.chunk_by(|a, b| a.release.name == b.release.name) {
        let unseen: Vec<&LeftOut> = of_package
            .iter()
            .filter(|one| {
                let same = |e: &Event| {
                    e.name == one.release.name.as_str() && e.version == *one.release.version
                };
                !events.iter().any(same)
            })
            .collect();
        for one in unseen.iter().take(SPELLED) {
            let (release, what) = (&one.release, named(one.outcome));
            lines.push(format!(
                "{what}: {release}: {}; it was left out of the index",
                one.reason
            ));
        }
        if unseen.len() > SPELLED {
            let (more, name) = (unseen.len() - SPELLED, &unseen[0].release.name);
            lines.push(format!(
                "left out of the index too: {} of {name}",
                counted(more, "more version")
            ));
        }
    }
    lines
}

/// Says what was kept out, once each, after all that the command itself printed.
fn tell(events: &[Event], left_out: &[LeftOut], code: i32, printer: Printer) {
    let mut told: Vec<String> = Vec::new();
    for event in events.iter().rev() {
        let line = if event.kind == EventKind::Download.id()
            && matches!(&*event.outcome, "refuse" | "hold")
        {
            let what = named(&event.outcome);
            format!("{what}: {} {}: {}", event.name, event.version, event.reason)
        } else if event.kind == EventKind::Alert.id() {
            format!("{}: {}", event.outcome, event.reason)
        } else {
            continue;
        };
        let line = foretaste_report::escape::visible(&line);
        if !told.contains(&line) {
            told.push(line);
        }
    }
    if code != 0 {
        let missing = missing(left_out, events);
        told.extend(
            missing
                .iter()
                .map(|line| foretaste_report::escape::visible(line)),
        );
    }
    for line in &told {
        Printer::warn(line);
    }
    if !told.is_empty() && code == 0 {
        printer.note("the command ended well without them");
    }
}
