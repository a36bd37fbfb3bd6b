//! `foretaste completions`: a completion script for a shell.

use anyhow::Result;
use clap::CommandFactory;

use crate::cli::{Cli, CompletionsArgs};
use crate::exit::Code;

/// Runs the command.
///
/// # Errors
/// None.
#[expect(clippy::unnecessary_wraps, reason = "every command has this shape")]
pub(crate) fn run(args: &CompletionsArgs) -> Result<Code> {
    clap_complete::generate(
        args.shell,
        &mut Cli::command(),
        "foretaste",
        &mut std::io::stdout(),
    );
    Ok(Code::Clear)
}
