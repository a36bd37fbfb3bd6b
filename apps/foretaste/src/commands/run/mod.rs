//! `foretaste run`: one command, contained.

mod args;
mod decide;

use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context, Result, bail};
use foretaste_sandbox::policy::Policy;
use foretaste_sandbox::policy::preset::Preset;
use foretaste_sandbox::{Host, Request};

pub(crate) use args::RunArgs;

use crate::cli::Global;
use crate::exit::Code;
use crate::printer::Printer;

/// Runs the command.
///
/// # Errors
/// The policy is wrong, or the command could not be contained; then nothing of it ran.
pub(crate) fn run(global: &Global, args: &RunArgs, printer: Printer) -> Result<Code> {
    let _ = global;
    let policy = policy(args.policy.as_deref(), &args.command)?;
    let request = Request {
        command: args.command.clone(),
        policy,
        host: Host::of_process(),
        binary: std::env::current_exe().context("cannot find this program itself")?,
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
    if let Err(error) = decide::decide(&finished, args, false, printer) {
        Printer::error(&error);
        return Ok(Code::Incomplete);
    }
    Ok(Code::OfCommand(finished.ended.exit_code()))
}

/// The policy that was named: a file, or a preset by its name. Without one, the preset that the command is known for.
fn policy(named: Option<&Path>, command: &[OsString]) -> Result<Policy> {
    let Some(path) = named else {
        return Ok(Policy {
            preset: Preset::of(command),
            ..Policy::default()
        });
    };
    if let Some(preset) = path.to_str().and_then(Preset::named) {
        return Ok(Policy {
            preset: Some(preset),
            ..Policy::default()
        });
    }
    if !path.exists() && path.components().count() == 1 && path.extension().is_none() {
        let names: Vec<&str> = Preset::ALL.iter().map(|(_, name, _)| *name).collect();
        bail!(
            "there is no policy `{}`\n  hint: name a file, or one of {}",
            path.display(),
            names.join(", ")
        );
    }
    Ok(Policy::read(path)?)
}
