//! The command line as types.

mod eval;
mod formats;
mod gate;
mod guard;
pub(crate) mod lock;
pub(crate) mod watch;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use self::eval::{EvalArgs, SplitHalf};
pub(crate) use self::formats::{also, verdict};
use self::lock::{LockArgs, SbomArgs, VerifyArgs};
use self::watch::WatchArgs;
pub(crate) use gate::{GateAction, GateArgs, InstallArgs, TokenAction, TokenVerb};
pub(crate) use guard::{GuardArgs, ShellInitArgs, ShellKind};

/// Tastes every open-source package before a build swallows it.
#[derive(Debug, Parser)]
#[command(
    name = "foretaste",
    version,
    max_term_width = 100,
    disable_help_subcommand = true,
    help_template = concat!(
        "{about}\n\n{usage-heading} {usage}\n\n",
        "Evaluate: could it happen to us?\n",
        "  audit        Taste releases, archives and folders before anything of them runs\n",
        "  diff         Tell what a release can do that an earlier one could not\n",
        "  posture      Measure how well repositories guard their dependencies\n",
        "\n",
        "Fortify: make the right way the easy way\n",
        "  gate         Serve a private registry that vets what it lets through\n",
        "  install      Run one install behind a gate of its own\n",
        "  shell-init   Run every install so, in every shell and script\n",
        "  lock         Write locks with hashes, if everything that enters them is accepted\n",
        "  verify       Check that what is installed is what was locked and vetted\n",
        "  sbom         Write a bill of materials with hashes and verdicts\n",
        "\n",
        "Limit: contain the blast radius\n",
        "  run          Run one command contained, and review what it would change\n",
        "  doctor       Tell what this machine allows for containment\n",
        "\n",
        "Expose: see it when it happens\n",
        "  monitor      Watch a CI job or host: what ran, what was installed, who was reached\n",
        "  egress       Render the allow-list for Kubernetes, Cilium, nftables, squid or Falco\n",
        "  watch        Tell later what became of dependencies that were accepted before\n",
        "\n",
        "Understand:\n",
        "  explain      Show what a rule finds, why it matters and what to do\n",
        "  rules        List every rule\n",
        "  eval         Measure detection on archives known to be malicious or benign\n",
        "\n",
        "Keep house:\n",
        "  config       Show or check the policy in force\n",
        "  advisories   Keep advisories on this machine: import, update, list, show, match\n",
        "  known        Keep the index of known-bad packages: add, import, list, remove, export\n",
        "  cache        Show or prune what is kept on this machine\n",
        "  completions  Print a shell completion script\n",
        "\n{options}{after-help}"
    ),
    after_help = "Exit codes: 0 nothing at or above the threshold · 1 findings at or above --fail-on · 2 usage or\nconfiguration error · 3 something could not be vetted\n\nExamples:\n  foretaste audit pypi:requests npm:@babel/core crates:serde\n  foretaste audit --format sarif ./dist/mypkg-1.0.tar.gz\n  foretaste diff pypi:requests 2.32.3 2.32.4\n  foretaste explain secrets-to-network"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options for every command")]
pub(crate) struct Global {
    /// Say more; twice for a log, three times for all of it.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Say only what matters.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// When to colour the output.
    #[arg(long, global = true, value_enum, default_value_t = ColorWhen::Auto, value_name = "WHEN")]
    pub(crate) color: ColorWhen,
    /// Show no progress.
    #[arg(long, global = true)]
    pub(crate) no_progress: bool,
    /// The policy file, instead of the nearest foretaste.toml.
    #[arg(long, global = true, value_name = "FILE", env = "FORETASTE_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Use the network not at all: what is cached is used, the rest is reported as skipped.
    #[arg(long, global = true, env = "FORETASTE_OFFLINE", value_parser = clap::builder::BoolishValueParser::new(), num_args = 0, default_missing_value = "true", default_value = "false")]
    pub(crate) offline: bool,
    /// Ask every server again, even where an earlier answer is still fresh.
    #[arg(long, global = true, conflicts_with = "offline")]
    pub(crate) refresh: bool,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Taste releases, archives and folders before anything of them runs.
    Audit(AuditArgs),
    /// Tell what a release can do that an earlier one could not.
    Diff(DiffArgs),
    /// Measure how well one repository, or a folder of hundreds, guards its dependencies.
    Posture(PostureArgs),
    /// Run one command contained: no network but what is allowed, no secrets, changes only after a review.
    Run(crate::commands::run::RunArgs),
    /// Tell what this machine allows for containment.
    Doctor(crate::commands::doctor::DoctorArgs),
    /// Watch a CI job or host: what ran, what was installed, who was reached.
    Monitor(crate::commands::monitor::MonitorArgs),
    /// Render the allow-list of the monitor for those who enforce it elsewhere.
    Egress(crate::commands::egress::EgressArgs),
    /// Tell later what became of dependencies that were accepted before.
    Watch(WatchArgs),
    /// Serve a private registry that vets what it lets through.
    Gate(GateArgs),
    /// Run one install behind a gate of its own.
    Install(InstallArgs),
    /// Guard pip, uv, poetry, npm, pnpm, yarn and cargo in every shell and script: print what a shell evaluates.
    ShellInit(ShellInitArgs),
    /// Run one command for a shim of `shell-init`.
    #[command(hide = true)]
    Guard(GuardArgs),
    /// Write locks with hashes, if everything that enters them is accepted.
    Lock(LockArgs),
    /// Check that what is installed is what was locked and vetted.
    Verify(VerifyArgs),
    /// Write a bill of materials with hashes and verdicts.
    Sbom(SbomArgs),
    /// Show what a rule finds, why it matters and what to do.
    Explain(ExplainArgs),
    /// List every rule.
    Rules(RulesArgs),
    /// Measure detection on local archives known to be malicious or benign.
    Eval(EvalArgs),
    /// Keep the index of known-bad packages that every audit compares with.
    Known(KnownArgs),
    /// Keep advisories on this machine, so that audits need no service for them.
    Advisories(AdvisoriesArgs),
    /// Show or prune what is kept on this machine.
    Cache(CacheArgs),
    /// Show or check the policy in force.
    Config(ConfigArgs),
    /// Print a shell completion script.
    Completions(CompletionsArgs),
    /// Write the manual pages.
    #[command(hide = true)]
    Man(ManArgs),
    /// Observe one file from standard input, in a process that may die of it.
    #[command(hide = true, name = "__observe")]
    Observe,
    /// Become a contained command.
    #[cfg(target_os = "linux")]
    #[command(hide = true, name = "__contain")]
    Contain,
    /// Write the generated reference.
    #[command(hide = true, name = "__reference")]
    Reference(ReferenceArgs),
}

/// `foretaste audit`
#[derive(Debug, Args)]
#[command(
    after_help = "Targets: `pypi:NAME[@VERSION]`, `npm:NAME[@VERSION]`, `crates:NAME[@VERSION]`, a package URL, a path.\n\nIn a pull request: foretaste audit --since origin/main --format markdown\n\nExit codes: 0 nothing at or above the threshold · 1 findings at or above --fail-on · 2 usage or\nconfiguration error · 3 something could not be vetted"
)]
pub(crate) struct AuditArgs {
    /// What to taste [with --since: the working directory by default].
    #[arg(required_unless_present_any = ["since", "env"], value_name = "TARGET")]
    pub(crate) targets: Vec<String>,
    /// Vet only what a project's manifests and locks ask for now and did not in this revision, and say what each new
    /// version can do that the one before could not; and what policies of `run` and `monitor` permit that they did not.
    #[arg(long, value_name = "REV")]
    pub(crate) since: Option<String>,
    /// Vet what is installed there, and whether its files are as they were installed: a Python environment, a node_modules
    /// folder.
    #[arg(long, value_name = "PATH", conflicts_with_all = ["targets", "since", "reading"])]
    pub(crate) env: Vec<PathBuf>,
    /// Which artifacts of a release to taste.
    #[arg(long, value_enum, value_name = "WHICH")]
    pub(crate) artifacts: Option<ArtifactsWhich>,
    /// Take a folder or file for a package (its own files are tasted) or a project (its dependencies are vetted)
    /// [default: a folder with a lock or a list of requirements is both]
    #[arg(long = "as", value_enum, value_name = "WHAT")]
    pub(crate) reading: Option<ReadAs>,
    /// Do not compare with the release before.
    #[arg(long)]
    pub(crate) no_history: bool,
    /// Also install and import each package, contained and with nobody but this program at the other end of its network,
    /// and judge what it does (Linux).
    #[arg(long)]
    pub(crate) trace: bool,
    /// With --trace: also run its commands.
    #[arg(long, requires = "trace")]
    pub(crate) exercise: bool,
    #[command(flatten)]
    pub(crate) how: HowArgs,
}

/// What a folder or file is taken for.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum ReadAs {
    /// Its own files are tasted.
    Package,
    /// Its dependencies are vetted.
    Project,
}

/// `foretaste diff`
#[derive(Debug, Args)]
#[command(
    after_help = "Forms:\n  foretaste diff pypi:NAME             the newest release against the one before it\n  foretaste diff pypi:NAME OLD         the newest release against OLD\n  foretaste diff pypi:NAME OLD NEW     two releases\n  foretaste diff OLD NEW               two local archives or folders\n\nExit codes: 0 nothing at or above the threshold · 1 findings at or above --fail-on · 2 usage or\nconfiguration error · 3 something could not be vetted"
)]
pub(crate) struct DiffArgs {
    /// A package, or the earlier archive or folder.
    #[arg(value_name = "TARGET")]
    pub(crate) target: String,
    /// The earlier version, or the later archive or folder.
    #[arg(value_name = "OLD")]
    pub(crate) old: Option<String>,
    /// The later version.
    #[arg(value_name = "NEW")]
    pub(crate) new: Option<String>,
    /// Which artifacts of a release to taste.
    #[arg(long, value_enum, value_name = "WHICH")]
    pub(crate) artifacts: Option<ArtifactsWhich>,
    #[command(flatten)]
    pub(crate) how: HowArgs,
}

/// How releases are looked up, tasted and reported.
#[derive(Debug, Args)]
pub(crate) struct HowArgs {
    /// How to print the report.
    #[arg(long, short, value_name = "FORMAT", default_value = "human", value_parser = formats::all())]
    pub(crate) format: String,
    /// Write the report to a file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Also write the report in another format to a file, as often as wanted: `markdown=comment.md`.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = formats::also)]
    pub(crate) also: Vec<(foretaste_report::Format, PathBuf)>,
    /// Exit with 1 from this verdict on [default: the policy's, else block].
    #[arg(long, value_name = "VERDICT", value_parser = ["block", "review", "note"])]
    pub(crate) fail_on: Option<String>,
    /// The Python index, instead of the one that pip and uv are configured to use.
    #[arg(
        long,
        value_name = "URL",
        env = "FORETASTE_INDEX_URL",
        hide_env_values = true
    )]
    pub(crate) index_url: Option<String>,
    /// The npm registry, instead of the one that npm is configured to use.
    #[arg(
        long,
        value_name = "URL",
        env = "FORETASTE_NPM_REGISTRY",
        hide_env_values = true
    )]
    pub(crate) npm_registry: Option<String>,
    /// The cargo registry: a configured name or a sparse index URL.
    #[arg(
        long,
        value_name = "REGISTRY",
        env = "FORETASTE_CARGO_REGISTRY",
        hide_env_values = true
    )]
    pub(crate) cargo_registry: Option<String>,
    /// Choose wheels for this Python version instead of the one on this machine.
    #[arg(long, value_name = "VERSION")]
    pub(crate) python: Option<String>,
    /// Rules of your own over facts, besides the policy's.
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Vec<PathBuf>,
    /// YARA rules, in a file or a folder, over raw files and decoded layers, besides the policy's.
    #[arg(long, value_name = "PATH")]
    pub(crate) yara: Vec<PathBuf>,
    /// Neither read nor write stored facts and cached downloads.
    #[arg(long)]
    pub(crate) no_cache: bool,
    /// Judge as of this moment (RFC 3339), so that a report can be made again.
    #[arg(long, value_name = "TIME", env = "FORETASTE_NOW", hide = true)]
    pub(crate) now: Option<String>,
    /// Print what the audit cost to standard error.
    #[arg(long)]
    pub(crate) stats: bool,
    /// Take each score apart: which facts, which weights, which factors.
    #[arg(long)]
    pub(crate) why: bool,
}

/// Which artifacts of a release to taste.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ArtifactsWhich {
    /// Those that this machine's client could choose: the sdist and every compatible wheel.
    Compatible,
    /// Every one: payloads hide in one platform's wheel.
    All,
}

/// `foretaste posture`
#[derive(Debug, Args)]
#[command(
    after_help = "Measured from files and Git alone: nothing is asked of a registry, and nothing of a repository is executed.\n\nExamples:\n  foretaste posture .\n  foretaste posture ~/checkouts --format html --output posture.html"
)]
pub(crate) struct PostureArgs {
    /// A repository, or a folder of them.
    #[arg(value_name = "DIR", default_value = ".")]
    pub(crate) dir: PathBuf,
    /// How to show it.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = PostureFormat::Human)]
    pub(crate) format: PostureFormat,
    /// Write it to a file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Days of Git history to look at.
    #[arg(long, value_name = "DAYS", default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub(crate) days: u32,
    /// Do not measure earlier states.
    #[arg(long)]
    pub(crate) no_trend: bool,
    /// Ask GitHub and GitLab who approved or commented on what changed dependencies (three questions for each change;
    /// tokens from GITHUB_TOKEN, GITLAB_TOKEN). Without it, Git's log is all there is.
    #[arg(long)]
    pub(crate) reviews: bool,
    /// Ask the registries that this machine's clients use how old the held releases are, and who keeps them (one question for
    /// each package, kept in the cache). Internal names are never sent.
    #[arg(long)]
    pub(crate) registries: bool,
    /// Make every lock anew, in a folder of its own, and tell how much would move (uv, npm and cargo resolve; nothing of a
    /// package is run). Sets with internal names are left out.
    #[arg(long)]
    pub(crate) drift: bool,
    /// A host of your own registries; those that only a private network reaches are known without.
    #[arg(long = "private-host", value_name = "HOST")]
    pub(crate) private_hosts: Vec<String>,
}

/// How a posture is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PostureFormat {
    /// For a terminal.
    Human,
    /// Versioned JSON.
    Json,
    /// A page that stands alone.
    Html,
}

/// `foretaste explain`
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The rule's id, as reports name it.
    pub(crate) rule: String,
}

/// `foretaste rules`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct RulesArgs {
    /// Only rules whose id, title or tags contain this.
    pub(crate) filter: Option<String>,
    /// How to print.
    #[arg(long, short, value_name = "FORMAT", default_value = "human", value_parser = ["human", "json"])]
    pub(crate) format: String,
    #[command(subcommand)]
    pub(crate) action: Option<RulesAction>,
}

/// What to do with rules of your own.
#[derive(Debug, Subcommand)]
pub(crate) enum RulesAction {
    /// Run the cases in files with rules of your own.
    Test {
        /// The files.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Print the JSON schema of files with rules of your own.
    Schema,
}

/// `foretaste advisories`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes of match: 0 nothing covers them · 1 something does · 2 usage error · 3 nothing is known of\none of the ecosystems"
)]
pub(crate) struct AdvisoriesArgs {
    /// How to print.
    #[arg(long, short, global = true, value_name = "FORMAT", default_value = "human", value_parser = ["human", "json"])]
    pub(crate) format: String,
    #[command(subcommand)]
    pub(crate) action: AdvisoriesAction,
}

/// What to do with advisories.
#[derive(Debug, Subcommand)]
pub(crate) enum AdvisoriesAction {
    /// Take over records in the OSV format: an archive, a record, a folder of records, or the URL of one.
    Import {
        /// Where they are.
        #[arg(required = true, value_name = "FILE|DIR|URL")]
        places: Vec<String>,
        /// The places say everything about this ecosystem. Needed only where neither the path (`PyPI/all.zip`) nor
        /// most of the records tell.
        #[arg(long, value_name = "NAME")]
        ecosystem: Vec<String>,
    },
    /// Ask the services that were imported from for what changed since.
    Update,
    /// List the databases: how many records, of when, from where.
    #[command(alias = "info")]
    List,
    /// Show a record by its id or an alias.
    Show {
        /// The id: `GHSA-...`, `CVE-...`, `PYSEC-...`, `MAL-...`.
        id: String,
    },
    /// Tell which advisories cover releases. Uses no network.
    Match {
        /// Releases: `pypi:NAME@VERSION`, a package URL, a lock, or a file with one of them a line (`-` for standard input).
        #[arg(required = true, value_name = "RELEASE|FILE")]
        targets: Vec<String>,
    },
}

/// `foretaste known`
#[derive(Debug, Args)]
pub(crate) struct KnownArgs {
    /// The index, instead of the user's own; further ones are named by the policy (`known.files`).
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) index: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) action: KnownAction,
}

/// What to do with the index.
#[derive(Debug, Subcommand)]
pub(crate) enum KnownAction {
    /// Add known-bad artifacts: archives, folders of archives, unpacked packages.
    Add {
        /// Archives, folders of archives, or unpacked packages.
        #[arg(value_name = "PATH", required_unless_present_any = ["benign", "from_report"])]
        paths: Vec<PathBuf>,
        /// What findings call it, instead of the name and version that it gives itself.
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// The campaign it belongs to.
        #[arg(long, value_name = "NAME")]
        family: Option<String>,
        /// Good packages: what they have in common with bad ones counts for nothing.
        #[arg(long, value_name = "PATH")]
        benign: Vec<PathBuf>,
        /// Add the artifacts that an audit blocked, from its JSON report.
        #[arg(long, value_name = "FILE")]
        from_report: Vec<PathBuf>,
    },
    /// Import feeds: CSV, JSON, JSON lines, OSV records, archives of them, or an export.
    Import {
        /// The feeds.
        #[arg(required = true, value_name = "FEED")]
        feeds: Vec<PathBuf>,
        /// The ecosystem of entries that name none.
        #[arg(long, value_name = "ECOSYSTEM")]
        ecosystem: Option<String>,
    },
    /// List what is known.
    List {
        /// Only entries that contain this.
        filter: Option<String>,
    },
    /// Remove what has this name, family, record id, value, digest or source.
    Remove {
        /// The names.
        #[arg(required = true, value_name = "NAME")]
        what: Vec<String>,
    },
    /// Print the index as JSON, for `import` elsewhere.
    Export {
        /// Write to a file instead of standard output.
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

/// `foretaste cache`
#[derive(Debug, Args)]
pub(crate) struct CacheArgs {
    #[command(subcommand)]
    pub(crate) action: CacheAction,
}

/// What to do with the cache.
#[derive(Debug, Subcommand)]
pub(crate) enum CacheAction {
    /// Show where it is, how large, and by which observers it was made.
    Info,
    /// Remove what is old, stale or too much.
    Prune {
        /// Keep at most this many MiB of facts.
        #[arg(long, value_name = "MIB")]
        max_size: Option<u64>,
        /// Remove what was not used for this many days.
        #[arg(long, value_name = "DAYS")]
        older_than: Option<u32>,
        /// Remove everything.
        #[arg(long, conflicts_with_all = ["max_size", "older_than"])]
        all: bool,
    },
}

/// `foretaste config`
#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    pub(crate) action: ConfigAction,
}

/// What to do with the policy.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigAction {
    /// Check the policy file: unknown keys, wrong values, unknown rules, expired waivers.
    Check,
    /// Print the JSON schema of foretaste.toml.
    Schema,
}

/// `foretaste completions`
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    pub(crate) shell: clap_complete::Shell,
}

/// `foretaste man`
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// The folder to write to.
    pub(crate) folder: PathBuf,
}

/// `foretaste __reference`
#[derive(Debug, Args)]
pub(crate) struct ReferenceArgs {
    /// The folder to write to.
    pub(crate) folder: PathBuf,
    /// Write nothing; fail if a page would change.
    #[arg(long)]
    pub(crate) check: bool,
}
