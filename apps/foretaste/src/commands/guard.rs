//! `foretaste guard`: one command, called by a shim in the stead of the program.

use std::path::Path;

use anyhow::{Context, Result};
use foretaste_guard::{Need, Shims, need};
use foretaste_io::{Environment, Program};

use super::install;
use crate::cli::{Global, GuardArgs, InstallArgs};
use crate::exit::Code;
use crate::printer::Printer;
use crate::process;

/// The variable that says how the guard behaves: `off` for once without it, `inside` for what runs behind a gate already.
pub(crate) const VARIABLE: &str = "FORETASTE_GUARD";

/// What a shell says when there is no such program.
const NOT_FOUND: u8 = 127;

/// Runs the command.
///
/// # Errors
/// The real program cannot be started, or nothing can be vetted: then it is not run.
pub(crate) fn run(global: &Global, args: &GuardArgs, printer: Printer) -> Result<Code> {
    let shims = Shims::at(&args.shims);
    let environment = Environment::of_process();
    let (name, words) = args.command.split_first().context("no command was given")?;
    let Some(program) = shims.outside(&environment).which(name) else {
        Printer::warn(&format!(
            "{name}: not found; only its guard in {} is on PATH",
            shims.folder().display()
        ));
        return Ok(Code::OfCommand(NOT_FOUND));
    };
    let real = Program::new(&program).args(words);
    let is_off = matches!(environment.var(VARIABLE), Some("off" | "inside"));
    let wanted = if is_off {
        Need::Nothing
    } else {
        need(name, words)
    };
    let behind_gate = |words: &[String]| {
        let mut command = vec![program.display().to_string()];
        command.extend_from_slice(words);
        let args = InstallArgs {
            settings: None,
            command,
        };
        install::run(global, &args, printer)
    };
    match wanted {
        Need::Nothing => {}
        Need::Gate => return behind_gate(words),
        Need::FetchFirst => {
            let fetch = fetch_words(words);
            if !is_fetched(&program, &fetch)? {
                printer.note("what the lock names is fetched first, and vetted");
                let fetched = behind_gate(&fetch)?;
                if fetched != Code::OfCommand(0) {
                    return Ok(fetched);
                }
            }
        }
    }
    let code = real.replace()?;
    Ok(Code::OfCommand(u8::try_from(code).unwrap_or(1)))
}

/// `cargo fetch` for what a build would use: the same toolchain and project.
fn fetch_words(words: &[String]) -> Vec<String> {
    let mut fetch: Vec<String> = Vec::new();
    fetch.extend(words.first().filter(|w| w.starts_with('+')).cloned());
    fetch.push("fetch".to_owned());
    let mut own = words.iter().take_while(|word| *word != "--");
    while let Some(word) = own.next() {
        let is_value = word == "--manifest-path" || word == "--config" || word == "-C";
        if is_value {
            fetch.push(word.clone());
            fetch.extend(own.next().cloned());
        } else if word.starts_with("--manifest-path=") || word == "--locked" {
            fetch.push(word.clone());
        }
    }
    fetch
}

/// True if the lock is up to date and everything it names is on this machine, or there is no project here.
fn is_fetched(program: &Path, fetch: &[String]) -> Result<bool> {
    let asked = Program::new(program)
        .args(fetch.iter().filter(|word| *word != "--locked"))
        .args(["--offline", "--locked"]);
    let project = Program::new(program).args(["locate-project"]);
    let is_named = fetch.iter().any(|w| w.starts_with("--manifest-path"));
    process::single()?.block_on(async {
        let is_fetched = asked.run().await?.success;
        Ok(is_fetched || (!is_named && !project.run().await?.success))
    })
}
