//! `foretaste doctor`: what this machine allows for containment.

use anyhow::Result;
use clap::Args;

use crate::exit::Code;

/// `foretaste doctor`
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 `foretaste run` works here · 3 it does not")]
pub(crate) struct DoctorArgs {
    /// Print the AppArmor profile that permits this program user namespaces.
    #[arg(long)]
    pub(crate) apparmor_profile: bool,
}

/// Runs the command.
///
/// # Errors
/// This program cannot find itself.
#[cfg(target_os = "linux")]
pub(crate) fn run(args: &DoctorArgs) -> Result<Code> {
    use std::fmt::Write as _;

    use anyhow::Context as _;
    use foretaste_sandbox::Host;
    use foretaste_sandbox::doctor::{self, State};

    use crate::printer::Printer;

    let binary = std::env::current_exe().context("cannot find this program itself")?;
    if args.apparmor_profile {
        Printer::data(&doctor::apparmor_profile(&binary))?;
        return Ok(Code::Clear);
    }
    let checks = doctor::examine(&Host::of_process(), binary);
    let mut text = String::new();
    for check in &checks {
        let mark = match check.state {
            State::Good => "✓",
            State::Reduced => "!",
            State::Missing => "✗",
        };
        let _ = writeln!(text, "{mark} {:<16} {}", check.name, check.words);
    }
    Printer::data(&text)?;
    let works = checks.iter().all(|check| check.state != State::Missing);
    Ok(if works { Code::Clear } else { Code::Incomplete })
}

/// Says that this system has nothing to contain a command with.
///
/// # Errors
/// None.
#[cfg(not(target_os = "linux"))]
pub(crate) fn run(_: &DoctorArgs) -> Result<Code> {
    crate::printer::Printer::error(&anyhow::anyhow!(
        "`foretaste run` needs Linux: nothing can be contained here"
    ));
    Ok(Code::Incomplete)
}
