//! Runs the command, shows what it did, and has somebody decide about its changes.

use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context, Result, bail};
use foretaste_behaviour::baseline::Behaviour;
use foretaste_io::{Environment, files};
use foretaste_model::Verdict;
use foretaste_report::escape::visible;
use foretaste_sandbox::policy::Policy;
use foretaste_sandbox::policy::phases::phases;
use foretaste_sandbox::policy::preset::Preset;
use foretaste_sandbox::policy::registries::Registries;
use foretaste_sandbox::report::{learned, ndjson, summary};
use foretaste_sandbox::{Finished, Host, Isolation, Output, Request, registry_hosts};

use super::{RunArgs, decide, report};
use crate::cli::Global;
use crate::exit::Code;
use crate::printer::Printer;
use crate::process;

/// The largest record of an earlier run that is read.
const MAX_BASELINE: u64 = 256 << 20;

/// Runs the command.
///
/// # Errors
/// The policy is wrong, or the command could not be contained; then nothing of it ran.
pub(crate) fn run(global: &Global, args: &RunArgs, printer: Printer) -> Result<Code> {
    let mut policy = policy(args.policy.as_deref(), &args.command)?;
    if let Some(preset) = policy.preset.filter(|_| !global.offline) {
        match hosts(preset) {
            Ok(found) => policy.network.registries = found,
            Err(error) => printer.note(&format!("{error}")),
        }
    }
    if let Some(kind) = &args.isolation {
        policy.isolation = match &**kind {
            "gvisor" => Isolation::Gvisor,
            _ => Isolation::Namespaces,
        };
    }
    if args.learn.is_some() {
        policy.network.learn = true;
        printer.note("learning: every public host may be reached in this run");
    }
    let phases = args
        .phases
        .then(|| phases(policy.preset, &args.command))
        .transpose()?;
    if let Some(caveat) = phases.as_ref().and_then(|phases| phases.caveat) {
        printer.note(caveat);
    }
    let request = Request {
        command: args.command.clone(),
        phases,
        policy,
        host: Host::of_process(),
        binary: std::env::current_exe().context("cannot find this program itself")?,
        output: Output::Inherited,
    };
    let finished = match foretaste_sandbox::run(&request) {
        Ok(finished) => finished,
        Err(error) => {
            let code = error.exit_code();
            Printer::error(&error.into());
            return Ok(Code::OfCommand(code));
        }
    };
    for note in &finished.notes {
        printer.note(note);
    }
    let verdict = finished.verdict();
    if !printer.quiet || verdict > Verdict::Incomplete {
        decide::say(&summary::summary(&finished, printer.verbose));
    }
    if let Some(path) = &args.report {
        files::write_atomic(path, ndjson::lines(&finished, &args.command).as_bytes())?;
    }
    report::write(&args.also, &finished, &args.command)?;
    if let Some(path) = &args.baseline {
        decide::say(&since(path, &finished)?);
    }
    if let Some(path) = &args.learn {
        files::write_atomic(
            path,
            learned::policy(&finished, &args.command, &request.policy).as_bytes(),
        )?;
        printer.note(&format!("what it reached stands in {}", path.display()));
    }
    let blocked = verdict == Verdict::Block;
    if let Err(error) = decide::decide(&finished, args, blocked, printer) {
        Printer::error(&error);
        return Ok(Code::Incomplete);
    }
    Ok(if blocked {
        Code::Findings
    } else {
        Code::OfCommand(finished.ended.exit_code())
    })
}

/// What a run did that the earlier one of a file did not.
fn since(path: &Path, finished: &Finished) -> Result<String> {
    let text = files::read_text(path, MAX_BASELINE)?;
    let earlier = Behaviour::of_lines(&text);
    if earlier.is_empty() {
        bail!("{} is no record of a run", path.display());
    }
    let now = Behaviour::of(&finished.record);
    let new = now.since(&earlier);
    if new.is_empty() {
        return Ok("Nothing that the earlier run did not do\n".to_owned());
    }
    let lines = new.iter().map(|line| format!("  + {}\n", visible(line)));
    Ok(std::iter::once("New since the earlier run\n".to_owned())
        .chain(lines)
        .collect())
}

/// The hosts that a package manager is configured to use.
fn hosts(preset: Preset) -> Result<Registries> {
    let runtime = process::single()?;
    Ok(runtime.block_on(registry_hosts::find(preset, &Environment::of_process()))?)
}

/// The policy that was named: a file, or a preset by its name. Without one, the preset that the command is known for.
fn policy(named: Option<&Path>, command: &[OsString]) -> Result<Policy> {
    let Some(named) = named else {
        return Ok(Policy {
            preset: Preset::of(command),
            ..Policy::default()
        });
    };
    if let Some(preset) = named.to_str().and_then(Preset::named) {
        return Ok(Policy {
            preset: Some(preset),
            ..Policy::default()
        });
    }
    if !named.exists() && named.components().count() == 1 && named.extension().is_none() {
        let presets: Vec<&str> = Preset::ALL.iter().map(|(_, name, _)| *name).collect();
        bail!(
            "there is no policy `{}`\n  hint: name a file, or one of {}",
            named.display(),
            presets.join(", ")
        );
    }
    Ok(Policy::read(named)?)
}
