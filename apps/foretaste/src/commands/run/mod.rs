//! `foretaste run`: one command, contained.

mod args;
#[cfg(target_os = "linux")]
mod contain;
#[cfg(target_os = "linux")]
mod decide;
mod format;
#[cfg(target_os = "linux")]
mod report;

pub(crate) use args::RunArgs;
#[cfg(target_os = "linux")]
pub(crate) use contain::run;

/// Says that this system has nothing to contain a command with.
///
/// # Errors
/// None.
#[cfg(not(target_os = "linux"))]
pub(crate) fn run(
    _: &crate::cli::Global,
    _: &RunArgs,
    _: crate::printer::Printer,
) -> anyhow::Result<crate::exit::Code> {
    let why = "`foretaste run` needs Linux: this system has no namespaces to contain a command with; nothing was run";
    crate::printer::Printer::error(&anyhow::anyhow!(why));
    Ok(crate::exit::Code::Incomplete)
}
