//! The project's own chores.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool talks to its user"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "chores work on the checkout, outside the product's I/O door"
)]

mod bench;
mod bench_gate;
mod bench_run;
mod child;
mod docs;
mod layers;
mod matrix;
mod new_rule;
mod test;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};

/// The project's own chores.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Runs everything that CI runs.
    Test,
    /// Fails on a dependency arrow that points upward.
    Layers,
    /// Writes the generated reference below docs/reference; with --check, fails if it is stale.
    Docs {
        /// Write nothing; fail if a page would change.
        #[arg(long)]
        check: bool,
    },
    /// Checks file sizes, forbidden words and calls, and that rules and cases are complete.
    Tidy,
    /// Makes a new rule: its file, its cases, its line in the group.
    NewRule {
        /// The group: chain, hygiene, install, ...
        group: String,
        /// The kebab-case id.
        id: String,
    },
    /// Prints what each package manager of this machine does through the gate: installs, upgrades, is refused, publishes, withdraws.
    Matrix,
    /// Measures speed and memory as ratios against a peer or a floor in the same run.
    Bench {
        /// Only the benchmarks whose name contains this.
        filter: Option<String>,
        /// Measure this binary instead of building one.
        #[arg(long, value_name = "FILE")]
        binary: Option<PathBuf>,
        /// Take wheels and sdists from these folders; what is not there is fetched with pip.
        #[arg(long, value_name = "DIR")]
        packages: Vec<PathBuf>,
        /// The guarddog program, if it is not on the path.
        #[arg(long, value_name = "FILE")]
        guarddog: Option<PathBuf>,
        /// Of `bench project`: an archive of Python advisories in the OSV format.
        #[arg(long, value_name = "FILE")]
        advisories: Option<PathBuf>,
        /// Of `bench project`: a node_modules folder; without one, npm fetches a tree once, and runs nothing of it.
        #[arg(long, value_name = "DIR")]
        node_modules: Option<PathBuf>,
        /// Of `bench run`: only jobs whose name contains this.
        #[arg(long, value_name = "NAME", default_value = "")]
        job: String,
        /// Of `bench run`: pairs that are measured of each job.
        #[arg(long, value_name = "NUMBER", default_value_t = 7)]
        pairs: usize,
        /// Of `bench run`: where the jobs work.
        #[arg(long, value_name = "DIR", default_value = "target/bench/run")]
        home: PathBuf,
        /// Of `bench gate`: once and briefly, to see that all of it works.
        #[arg(long)]
        quick: bool,
    },
}

fn main() -> Result<()> {
    std::env::set_current_dir(root())?;
    match Cli::parse().task {
        Task::Test => test::run(),
        Task::Layers => layers::run(),
        Task::Docs { check } => docs::run(check),
        Task::Tidy => tidy::run(),
        Task::Matrix => matrix::run(),
        Task::NewRule { group, id } => new_rule::run(&group, &id),
        Task::Bench {
            filter,
            binary,
            quick,
            ..
        } if filter.as_deref() == Some("gate") => {
            bench_gate::run(binary, Path::new("target/bench"), quick)
        }
        Task::Bench {
            filter,
            binary,
            job,
            pairs,
            home,
            ..
        } if filter.as_deref() == Some("run") => bench_run::run(binary, &job, pairs, &home),
        Task::Bench {
            filter,
            binary,
            packages,
            guarddog,
            advisories,
            node_modules,
            ..
        } => bench::run(
            filter.as_deref().unwrap_or(""),
            binary,
            bench::Given {
                packages,
                guarddog,
                advisories,
                node_modules,
            },
        ),
    }
}

/// The checkout's root.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(1)
        .map_or_else(PathBuf::new, Path::to_path_buf)
}

/// Runs a command and fails if it fails.
fn step(program: &str, args: &[&str]) -> Result<()> {
    eprintln!("▸ {program} {}", args.join(" "));
    let status = Command::new(program)
        .args(args)
        .status()
        .with_context(|| format!("cannot start {program}"))?;
    if !status.success() {
        bail!("{program} {} failed ({status})", args.join(" "));
    }
    Ok(())
}
