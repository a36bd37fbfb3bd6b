//! `foretaste monitor`: what a job or host does, seen from outside.

mod args;
#[cfg(target_os = "linux")]
mod daemon;
#[cfg(target_os = "linux")]
mod show;
#[cfg(target_os = "linux")]
mod tell;
#[cfg(target_os = "linux")]
mod watch;

#[cfg(target_os = "linux")]
use args::MonitorAction;
pub(crate) use args::MonitorArgs;

use crate::exit::Code;
use crate::printer::Printer;

/// Runs the command.
///
/// # Errors
/// The policy or the project cannot be read, or the state of the monitor.
#[cfg(target_os = "linux")]
pub(crate) fn run(args: &MonitorArgs, printer: Printer) -> anyhow::Result<Code> {
    match &args.action {
        MonitorAction::Run {
            watch,
            tell,
            show,
            command,
        } => watch::run(watch, tell, show, command, printer),
        MonitorAction::Start { watch, tell, place } => daemon::start(watch, tell, place),
        MonitorAction::Stop { show, place } => daemon::stop(show, place, printer),
        MonitorAction::Report { show, place } => daemon::report(show, place, printer),
        MonitorAction::Watch { watch, tell, place } => daemon::watch(watch, tell, place),
    }
}

/// Says that this system has nothing to watch with.
///
/// # Errors
/// None.
#[cfg(not(target_os = "linux"))]
pub(crate) fn run(_: &MonitorArgs, _: Printer) -> anyhow::Result<Code> {
    let why = "`foretaste monitor` needs Linux; nothing is watched";
    Printer::error(&anyhow::anyhow!(why));
    Ok(Code::Incomplete)
}
