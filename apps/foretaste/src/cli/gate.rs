//! `foretaste gate` and `foretaste install`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// `foretaste gate`
#[derive(Debug, Args)]
pub(crate) struct GateArgs {
    /// The gate's settings.
    #[arg(
        long,
        value_name = "FILE",
        global = true,
        default_value = "gate.toml",
        env = "FORETASTE_GATE_CONFIG"
    )]
    pub(crate) settings: PathBuf,
    #[command(subcommand)]
    pub(crate) action: GateAction,
}

/// What to do with a gate.
#[derive(Debug, Subcommand)]
pub(crate) enum GateAction {
    /// Write gate.toml with every setting and what it means.
    Init,
    /// Serve until interrupted.
    Serve {
        /// The address, instead of that of the settings.
        #[arg(long, value_name = "ADDRESS")]
        listen: Option<String>,
    },
    /// Print the configuration that leaves a client one index: the gate.
    Client {
        /// The client.
        #[arg(value_parser = ["pip", "uv", "poetry", "npm", "pnpm", "yarn", "cargo"])]
        client: String,
        /// The gate's URL, instead of that of the settings.
        #[arg(long, value_name = "URL")]
        url: Option<String>,
        /// The gate asks readers for a token.
        #[arg(long)]
        token: bool,
        /// Print steps for a CI system instead.
        #[arg(long, value_name = "SYSTEM", value_parser = ["github", "gitlab", "docker"])]
        ci: Option<String>,
    },
    /// Tell why a release is served or not.
    Explain {
        /// The package: `pypi:NAME[@VERSION]`, `npm:NAME[@VERSION]`, `crates:NAME[@VERSION]`.
        package: String,
        /// The version, if it does not stand with the package.
        version: Option<String>,
        /// The gate's URL, instead of that of the settings.
        #[arg(long, value_name = "URL")]
        url: Option<String>,
        /// How to print.
        #[arg(long, short, value_name = "FORMAT", default_value = "human", value_parser = ["human", "json"])]
        format: String,
    },
    /// Ask the gate's administrators for a release that is refused
    Request {
        /// The package: `pypi:NAME[@VERSION]`, `npm:NAME[@VERSION]`, `crates:NAME[@VERSION]`.
        package: String,
        /// The version, if it does not stand with the package.
        version: Option<String>,
        /// Why it is needed; whoever decides reads it.
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// The gate's URL, instead of that of the settings.
        #[arg(long, value_name = "URL")]
        url: Option<String>,
    },
    /// Copy what cannot be had again to a new folder: the database and what was published here. The gate may be serving.
    Backup {
        /// The folder, which must not exist.
        folder: PathBuf,
    },
    /// Make the data folder of the settings from a backup.
    Restore {
        /// The folder of the backup.
        folder: PathBuf,
    },
    /// Make, list and revoke tokens. The gate may be serving meanwhile.
    Token {
        #[command(subcommand)]
        action: TokenAction,
    },
}

/// What to do with tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenAction {
    /// Make a token, and print it this once.
    Create {
        /// Whose it is, for the log.
        name: String,
        /// What it allows [default: read].
        #[arg(long = "may", value_enum, value_name = "WHAT")]
        may: Vec<TokenVerb>,
        /// Only these packages may be published: `pypi:acme-*`.
        #[arg(long, value_name = "PATTERN")]
        package: Vec<String>,
        /// The team it belongs to, for what gate.toml says about teams.
        #[arg(long, value_name = "NAME")]
        team: Option<String>,
        /// It stops to work after so many days.
        #[arg(long, value_name = "DAYS")]
        days: Option<u32>,
    },
    /// List tokens.
    List,
    /// Revoke a token at once.
    Revoke {
        /// Its id, as `list` prints it.
        id: String,
    },
}

/// What a token allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TokenVerb {
    /// Reading.
    Read,
    /// Publishing, and reading.
    Publish,
    /// Deciding about releases, and reading.
    Admin,
}

/// `foretaste install`
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  foretaste install -- pip install requests\n  foretaste install -- uv sync\n  foretaste install -- npm ci\n  foretaste install -- cargo fetch\n\nThe exit code is that of the command; 2 if it could not be run behind a gate."
)]
pub(crate) struct InstallArgs {
    /// The gate's settings, for what is let through.
    #[arg(long, value_name = "FILE", env = "FORETASTE_GATE_CONFIG")]
    pub(crate) settings: Option<PathBuf>,
    /// The command.
    #[arg(
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "COMMAND"
    )]
    pub(crate) command: Vec<String>,
}
