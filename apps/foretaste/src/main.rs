//! The one binary: argument types, printers, wiring and exit codes. No logic.

mod alarm;
#[cfg(target_os = "linux")]
mod behaviours;
mod cli;
mod commands;
mod configuration;
mod exit;
mod isolated;
mod printer;
mod process;
mod progress;
mod reference;
mod rulebook;
mod vetter;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};
use crate::printer::Printer;

/// Files of very different size are read on several threads at once. The system's allocator keeps what each thread
/// let go of for itself; this one gives it back, and the peak of a large audit is a third lower.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    printer::set_colour(cli.global.color);
    start_log(cli.global.verbose);
    let printer = Printer::new(&cli.global);
    let done = match &cli.command {
        Command::Audit(args) => commands::audit::run(&cli.global, args, printer),
        Command::Sbom(args) => commands::sbom::run(&cli.global, args, printer),
        Command::Verify(args) => commands::verify::run(&cli.global, args, printer),
        Command::Lock(args) => commands::lock::run(&cli.global, args, printer),
        Command::Diff(args) => commands::diff::run(&cli.global, args, printer),
        Command::Posture(args) => commands::posture::run(&cli.global, args, printer),
        Command::Doctor(args) => commands::doctor::run(args),
        Command::Run(args) => commands::run::run(&cli.global, args, printer),
        Command::Monitor(args) => commands::monitor::run(args, printer),
        Command::Egress(args) => commands::egress::run(args, printer),
        Command::Watch(args) => commands::watch::run(&cli.global, args, printer),
        Command::Gate(args) => commands::gate::run(&cli.global, args, printer),
        Command::Install(args) => commands::install::run(&cli.global, args, printer),
        Command::ShellInit(args) => commands::shell_init::run(args, printer),
        Command::Guard(args) => commands::guard::run(&cli.global, args, printer),
        Command::Explain(args) => commands::explain::run(&cli.global, args),
        Command::Eval(args) => commands::eval::run(&cli.global, args, printer),
        Command::Rules(args) => commands::rules::run(&cli.global, args, printer),
        Command::Advisories(args) => commands::advisories::run(&cli.global, args, printer),
        Command::Cache(args) => commands::cache::run(&cli.global, args),
        Command::Known(args) => commands::known::run(&cli.global, args, printer),
        Command::Config(args) => commands::config::run(&cli.global, args),
        Command::Completions(args) => commands::completions::run(args),
        Command::Man(args) => commands::man::run(args),
        #[cfg(target_os = "linux")]
        Command::Contain => return foretaste_sandbox::contained::main(),
        Command::Observe => isolated::run(),
        Command::Reference(args) => reference::run(args),
    };
    match done {
        Ok(code) => code.into(),
        Err(error) => {
            Printer::error(&error);
            exit::Code::Usage.into()
        }
    }
}

/// Logs go to standard error: `FORETASTE_LOG`, or one level for each `-v` beyond the first.
fn start_log(verbose: u8) {
    use tracing_subscriber::EnvFilter;
    let default = match verbose {
        0 | 1 => "error",
        2 => "foretaste=info,warn",
        _ => "foretaste=debug,info",
    };
    let filter =
        EnvFilter::try_from_env("FORETASTE_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .without_time();
    let _ = log.try_init();
}
