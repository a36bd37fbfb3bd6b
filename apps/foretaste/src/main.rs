//! The one binary: argument types, printers, wiring and exit codes. No logic.

use clap::Parser;

/// Tastes every open-source package before a build swallows it.
#[derive(Debug, Parser)]
#[command(name = "foretaste", version)]
struct Cli {}

fn main() {
    let _cli = Cli::parse();
}
