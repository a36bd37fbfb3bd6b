//! The command line of `foretaste run`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use super::format::{RunFormat, also};

/// `foretaste run`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: the command's own · 1 what it tried is to be blocked · 2 usage or configuration error ·\n3 it could not be contained, and nothing ran · 124 it took too long · 126, 127 it could not be started\n\nExamples:\n  foretaste run -- pip install requests\n  foretaste run --policy run.toml --commit -- npm ci\n  foretaste run --policy pip -- make wheel"
)]
pub(crate) struct RunArgs {
    /// A policy file or a preset (pip, uv, poetry, npm, pnpm, yarn, cargo, gem)
    /// [default: the preset that the command is known for]
    #[arg(long, short, value_name = "POLICY")]
    pub(crate) policy: Option<PathBuf>,
    /// Apply what the command changed, without asking.
    #[arg(long, group = "decision")]
    pub(crate) commit: bool,
    /// Forget what the command changed [default where nobody can be asked]
    #[arg(long, group = "decision")]
    pub(crate) discard: bool,
    /// Show what the command changed and ask [default on a terminal]
    #[arg(long, group = "decision")]
    pub(crate) ask: bool,
    /// Apply only what lies at or below this path.
    #[arg(long, value_name = "PATH")]
    pub(crate) only: Vec<PathBuf>,
    /// Write everything that was recorded to this file, as lines of JSON that are chained by digests.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Also write what it did in another format to a file, as often as wanted: sarif, markdown and the others of an audit,
    /// or in-toto.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = also)]
    pub(crate) also: Vec<(RunFormat, PathBuf)>,
    /// Say what it did that an earlier run did not, by the file that --report wrote then.
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Let the command reach every public host, and write the smallest policy that allows it what it did.
    #[arg(long, value_name = "FILE")]
    pub(crate) learn: Option<PathBuf>,
    /// Fetch first, with the registry in reach, and build after, without any network: for npm, pnpm, cargo and pip.
    #[arg(long)]
    pub(crate) phases: bool,
    /// What stands between the command and this machine's kernel [default: the policy's, or namespaces]
    #[arg(long, value_name = "KIND", value_parser = ["namespaces", "gvisor"])]
    pub(crate) isolation: Option<String>,
    /// The command.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}
