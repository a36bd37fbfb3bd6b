//! The command line of `foretaste monitor`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `foretaste monitor`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: the command's own · 1 findings at or above --fail-on · 2 usage or configuration error ·\n3 nothing could be watched, nothing could be blocked, or the monitor did not live to the end\n\nExamples:\n  sudo foretaste monitor run -- pip install -r requirements.txt\n  sudo foretaste monitor start --policy monitor.toml\n  sudo foretaste monitor stop --fail-on review"
)]
pub(crate) struct MonitorArgs {
    #[command(subcommand)]
    pub(crate) action: MonitorAction,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum MonitorAction {
    /// Watch one command and what it starts.
    Run {
        #[command(flatten)]
        watch: WatchOptions,
        #[command(flatten)]
        tell: TellOptions,
        #[command(flatten)]
        show: ShowOptions,
        /// The command.
        #[arg(last = true, required = true, value_name = "COMMAND")]
        command: Vec<OsString>,
    },
    /// Watch the whole machine from now on, until `stop`.
    Start {
        #[command(flatten)]
        watch: WatchOptions,
        #[command(flatten)]
        tell: TellOptions,
        #[command(flatten)]
        place: StateOptions,
    },
    /// End the watch and tell what was seen.
    Stop {
        #[command(flatten)]
        show: ShowOptions,
        #[command(flatten)]
        place: StateOptions,
    },
    /// Tell what was seen so far.
    Report {
        #[command(flatten)]
        show: ShowOptions,
        #[command(flatten)]
        place: StateOptions,
    },
    /// Watch the whole machine, in this process.
    #[command(hide = true, name = "__watch")]
    Watch {
        #[command(flatten)]
        watch: WatchOptions,
        #[command(flatten)]
        tell: TellOptions,
        #[command(flatten)]
        place: StateOptions,
    },
}

/// Where the watch of a machine keeps its state.
#[derive(Debug, Args)]
pub(crate) struct StateOptions {
    /// The folder for the state of the watch.
    #[arg(long, value_name = "DIR", default_value = "/run/foretaste-monitor")]
    pub(crate) state: PathBuf,
}

/// Who is told, and how.
#[derive(Clone, Debug, Args)]
pub(crate) struct TellOptions {
    /// Send every event as a line of JSON in the fields of ECS: stdout, file:PATH, syslog:HOST:PORT, elastic:URL, splunk:URL,
    /// datadog:URL, otlp:URL. Keys come from FORETASTE_ELASTIC_API_KEY, FORETASTE_SPLUNK_TOKEN, DD_API_KEY and
    /// OTEL_EXPORTER_OTLP_HEADERS.
    #[arg(long, value_name = "PLACE")]
    pub(crate) export: Vec<String>,
    /// Tell the sinks of `foretaste watch sink` what was found.
    #[arg(long)]
    pub(crate) sinks: bool,
    /// Write counters for Prometheus' text-file collector.
    #[arg(long, value_name = "FILE")]
    pub(crate) metrics: Option<PathBuf>,
    /// Serve counters to Prometheus on this address while watching.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) metrics_listen: Option<std::net::SocketAddr>,
}

/// How to watch.
#[derive(Debug, Args)]
pub(crate) struct WatchOptions {
    /// A policy file: mode, allowed endpoints, expected programs.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// The project whose locks say what may be installed.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) project: PathBuf,
    /// Use the sources that work without eBPF.
    #[arg(long)]
    pub(crate) no_ebpf: bool,
}

/// What becomes of the report.
#[derive(Debug, Args)]
pub(crate) struct ShowOptions {
    /// How to print.
    #[arg(long, short, value_name = "FORMAT", default_value = "human", value_parser = ["human", "json"])]
    pub(crate) format: String,
    /// Write the report to a file instead of standard error (human) or standard output (json).
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The verdict from which on the exit code is 1.
    #[arg(long, value_name = "VERDICT", default_value = "block", value_parser = ["block", "review", "note"])]
    pub(crate) fail_on: String,
}
