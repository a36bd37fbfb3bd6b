//! Arguments of `foretaste watch`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `foretaste watch`
#[derive(Debug, Args)]
#[command(
    after_help = "A message is delivered at least once, with an id by which a receiver knows a second copy. Secrets are\nbest kept in variables: --url-env, --secret-env, --token-env, --password-env.\n\nExit codes of run: 0 nothing became worse · 1 something at or above --fail-on did · 2 usage or\nconfiguration error · 3 something could not be judged, or a message was not taken\n\nExamples:\n  foretaste watch add . pypi:requests\n  foretaste watch sink add slack team --url-env SLACK_WEBHOOK --severity review\n  foretaste watch run --once\n  foretaste watch install"
)]
pub(crate) struct WatchArgs {
    #[command(subcommand)]
    pub(crate) action: WatchAction,
}

/// What to do with the watch.
#[derive(Debug, Subcommand)]
pub(crate) enum WatchAction {
    /// Watch projects, locks and packages; each is judged now, and later changes are told.
    Add {
        /// What `foretaste audit` takes: a folder, a lock, `pypi:NAME[@VERSION]`, a package URL; a virtual
        /// environment or `node_modules` is taken for what is installed in it.
        #[arg(required = true, value_name = "TARGET")]
        targets: Vec<String>,
    },
    /// Watch them no longer.
    Remove {
        /// As `watch list` shows them.
        #[arg(required = true, value_name = "TARGET")]
        targets: Vec<String>,
    },
    /// Show what is watched, who is told, and what is still to be told.
    List {
        /// How to print.
        #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = ["human", "json"])]
        format: String,
    },
    /// Judge everything that is watched again, and tell what changed.
    Run {
        /// One round (the default without --every).
        #[arg(long, conflicts_with = "every")]
        once: bool,
        /// A round every so often, until interrupted: `30m`, `1h`, `1d`.
        #[arg(long, value_name = "TIME")]
        every: Option<String>,
        /// The level of a change at or above which the exit code is 1.
        #[arg(long, value_name = "VERDICT", default_value = "review", value_parser = ["block", "review", "incomplete", "note", "clear"])]
        fail_on: String,
    },
    /// Who is told.
    Sink {
        #[command(subcommand)]
        action: SinkAction,
    },
    /// Have it run by itself: a systemd timer of this user, or the line for a crontab.
    Install {
        /// Hours between two rounds.
        #[arg(long, value_name = "HOURS", default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=168))]
        hours: u32,
        /// Print the line for `crontab -e` instead.
        #[arg(long)]
        cron: bool,
        /// Show the files and write nothing.
        #[arg(long)]
        dry_run: bool,
    },
}

/// What to do with sinks.
#[derive(Debug, Subcommand)]
pub(crate) enum SinkAction {
    /// Add one, or replace that of the same name.
    Add(Box<SinkAdd>),
    /// Remove one; what it was still to be told is dropped.
    Remove {
        /// Its name.
        name: String,
    },
    /// Send it a message that says it is a test.
    Test {
        /// Its name.
        name: String,
    },
}

/// A sink to add.
#[derive(Debug, Args)]
pub(crate) struct SinkAdd {
    /// What it is.
    #[arg(value_name = "KIND", value_parser = ["slack", "webhook", "mail", "github", "gitlab", "command", "file"])]
    pub(crate) kind: String,
    /// Its name here.
    pub(crate) name: String,
    /// The least level that it is told.
    #[arg(long, value_name = "VERDICT", default_value = "note", value_parser = ["block", "review", "incomplete", "note", "clear"])]
    pub(crate) severity: String,
    /// When it rests, but for a block: `22:00-07:00`, in this machine's time zone or one after it.
    #[arg(long, value_name = "HOURS")]
    pub(crate) quiet_hours: Option<String>,
    /// slack, webhook: the URL; it is kept in the book.
    #[arg(long, conflicts_with = "url_env")]
    pub(crate) url: Option<String>,
    /// slack, webhook: the variable that holds the URL.
    #[arg(long, value_name = "NAME")]
    pub(crate) url_env: Option<String>,
    /// webhook: the variable that holds the secret to sign with (Standard Webhooks).
    #[arg(long, value_name = "NAME")]
    pub(crate) secret_env: Option<String>,
    /// mail: the server, `HOST` or `HOST:PORT`.
    #[arg(long, value_name = "HOST[:PORT]")]
    pub(crate) server: Option<String>,
    /// mail: how the connection is protected.
    #[arg(long, value_name = "HOW", default_value = "starttls", value_parser = ["tls", "starttls", "none"])]
    pub(crate) security: String,
    /// mail: the user.
    #[arg(long, requires = "password_env")]
    pub(crate) user: Option<String>,
    /// mail: the variable that holds the password.
    #[arg(long, value_name = "NAME", requires = "user")]
    pub(crate) password_env: Option<String>,
    /// mail: who sends it.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) from: Option<String>,
    /// mail: who gets it.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) to: Vec<String>,
    /// github, gitlab: the repository whose issues are written, `OWNER/NAME`.
    #[arg(long, value_name = "REPOSITORY")]
    pub(crate) repository: Option<String>,
    /// github, gitlab: the variable that holds the token [default: GITHUB_TOKEN, GITLAB_TOKEN]
    #[arg(long, value_name = "NAME")]
    pub(crate) token_env: Option<String>,
    /// github, gitlab: the API of a host of your own.
    #[arg(long, value_name = "URL")]
    pub(crate) api: Option<String>,
    /// file: the file to which lines of JSON are added.
    #[arg(long, value_name = "FILE")]
    pub(crate) path: Option<PathBuf>,
    /// command: the program and its arguments, after `--`; it gets the message as JSON on standard input.
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
}
