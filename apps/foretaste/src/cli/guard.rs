//! `foretaste shell-init`, and what its shims call.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `foretaste shell-init`
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  eval \"$(foretaste shell-init bash)\"              in ~/.bashrc; the same for zsh in ~/.zshrc\n  foretaste shell-init fish | source               in ~/.config/fish/config.fish\n  foretaste shell-init --path >> \"$GITHUB_PATH\"    a job of continuous integration\n  FORETASTE_GUARD=off pip install …                once without the guard"
)]
pub(crate) struct ShellInitArgs {
    /// The shell that will evaluate what is printed.
    #[arg(required_unless_present_any = ["path", "remove"])]
    pub(crate) shell: Option<ShellKind>,
    /// Print the folder of the shims instead, for whoever sets PATH otherwise.
    #[arg(long, conflicts_with = "remove")]
    pub(crate) path: bool,
    /// Remove the shims.
    #[arg(long)]
    pub(crate) remove: bool,
}

/// A shell.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ShellKind {
    /// bash
    Bash,
    /// zsh
    Zsh,
    /// fish
    Fish,
}

/// `foretaste guard`
#[derive(Debug, Args)]
pub(crate) struct GuardArgs {
    /// The folder of the shims, which is left out of the search for the real program.
    #[arg(long, value_name = "DIR")]
    pub(crate) shims: PathBuf,
    /// The program and its words.
    #[arg(
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "COMMAND"
    )]
    pub(crate) command: Vec<String>,
}
