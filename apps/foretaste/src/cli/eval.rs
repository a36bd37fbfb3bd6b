//! The command line of `foretaste eval`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `foretaste eval`
#[derive(Debug, Args)]
#[command(
    after_help = "A LIST holds one path a line, with the family in the second tab-separated column. A DIR holds archives, or one\npackage in each folder (as node_modules does). The network is not used and nothing is stored or executed.\n\nExit codes: 0 measured · 1 a bar of --check was missed · 2 usage error · 3 stopped before the end"
)]
pub(crate) struct EvalArgs {
    /// Packages known to be malicious.
    #[arg(long, value_name = "LIST|DIR")]
    pub(crate) malicious: Vec<PathBuf>,
    /// Packages taken to be benign, if need be with the kind to count them under.
    #[arg(long, value_name = "[KIND=]LIST|DIR")]
    pub(crate) benign: Vec<String>,
    /// What the paths of --malicious lists are relative to [default: the list's folder].
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
    /// A table of path and family [default: the list's second column].
    #[arg(long, value_name = "TSV")]
    pub(crate) families: Option<PathBuf>,
    /// Measure one member of each family.
    #[arg(long)]
    pub(crate) one_per_family: bool,
    /// Measure one part of the families: two thirds to develop on, one third to report on.
    #[arg(long, value_enum, value_name = "HALF")]
    pub(crate) split: Option<SplitHalf>,
    /// Measure at most this many of each side and given kind.
    #[arg(long, value_name = "N")]
    pub(crate) sample: Option<usize>,
    /// Decides which members and samples are drawn.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Threads [default: one for each core].
    #[arg(long, short, value_name = "N")]
    pub(crate) jobs: Option<usize>,
    /// Say what changed since this report.json.
    #[arg(long, value_name = "OLD.JSON")]
    pub(crate) compare: Option<PathBuf>,
    /// Exit with 1 if a bar of this file is missed.
    #[arg(long, value_name = "TOML")]
    pub(crate) check: Option<PathBuf>,
    /// Run a peer on the same files and compare: guarddog=PATH.
    #[arg(long, value_name = "NAME=PATH")]
    pub(crate) peer: Vec<String>,
    /// Write report.json, report.html, report.txt and figures.json (no names of samples) into this folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// How to print.
    #[arg(long, short, value_name = "FORMAT", default_value = "human", value_parser = ["human", "json"])]
    pub(crate) format: String,
    /// Judge as of this moment (RFC 3339).
    #[arg(long, value_name = "TIME", env = "FORETASTE_NOW", hide = true)]
    pub(crate) now: Option<String>,
}

/// Which part of the families.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SplitHalf {
    /// About two thirds, to develop on.
    Train,
    /// About one third, to report on.
    Validate,
}

impl SplitHalf {
    /// The word in reports.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validate => "validate",
        }
    }
}
