//! What containment does to real work: installs and builds bare and below `foretaste run`, whether they leave the same files
//! and exit codes, and what it costs, in pairs next to each other.
//!
//! Every job works on a folder of its own below `target/bench/run`, with wheels, lock files and caches that were fetched
//! before. A file that differs between two bare runs cannot be compared; such files are counted.

mod jobs;
mod tree;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::child::{self, Used, median};
use jobs::Job;
use tree::Tree;

/// What the bar of the issue says.
const BAR: f64 = 1.08;
/// Further runs without containment to which a file that differs is compared.
const MORE: usize = 4;

/// Runs the jobs whose name contains `filter`: compares their files, and measures `pairs` pairs of each.
///
/// # Errors
/// Nothing can be prepared.
pub(crate) fn run(binary: Option<PathBuf>, filter: &str, pairs: usize, home: &Path) -> Result<()> {
    let binary = fs::canonicalize(crate::bench::program(binary)?)?;
    fs::create_dir_all(home)?;
    let home = fs::canonicalize(home)?;
    println!(
        "{:<14} {:>22} {:>10} {:>9} {:>9} {:>22} {:>22}",
        "job", "files as without", "exit code", "bare cpu", "run cpu", "cpu", "wall"
    );
    for job in jobs::ALL.iter().filter(|job| job.name.contains(filter)) {
        let bench = Bench {
            binary: &binary,
            job,
            folder: home.join(job.name),
            shared: home.join("shared"),
        };
        match bench.row(pairs) {
            Ok(row) => println!("{row}"),
            Err(error) => println!("{:<14} left out: {error:#}", job.name),
        }
    }
    Ok(())
}

struct Bench<'a> {
    binary: &'a Path,
    job: &'a Job,
    /// The project.
    folder: PathBuf,
    /// What several jobs use.
    shared: PathBuf,
}

/// How a job is started.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Bare,
    /// Contained, and its changes applied.
    Commit,
    /// Contained, and its changes forgotten.
    Discard,
}

/// What one run took, in seconds, and how it ended.
struct Once {
    cpu: f64,
    wall: f64,
    code: i64,
}

impl Bench<'_> {
    fn row(&self, pairs: usize) -> Result<String> {
        fs::create_dir_all(&self.folder)?;
        fs::create_dir_all(&self.shared)?;
        for script in [jobs::TOOLS, self.job.prepare] {
            self.script(script).context("it cannot be prepared")?;
        }
        let bare = self.left_by(How::Bare)?;
        let again = self.left_by(How::Bare)?;
        let contained = self.left_by(How::Commit)?;
        let codes = if (bare.1, again.1) == (contained.1, contained.1) {
            format!("{} = {}", bare.1, contained.1)
        } else {
            format!("{} / {}", bare.1, contained.1)
        };
        let mut differences = bare.0.differences(&contained.0, &again.0);
        // cargo, for one, writes lists in an order by chance: what a run without containment leaves as well is as without
        for _ in 0..MORE {
            if differences.paths.is_empty() {
                break;
            }
            let more = self.left_by(How::Bare)?.0;
            differences.paths = more.still_unlike(&contained.0, differences.paths);
        }
        for path in differences.paths.iter().take(10) {
            println!("  {}: {path}", self.job.name);
        }
        let files = format!(
            "{} of {}, {} vary",
            differences.all - differences.paths.len(),
            differences.all,
            differences.unstable
        );
        let mut measured = Vec::new();
        for pair in 0..pairs {
            // which of them goes first alternates, so that what warms up is nobody's gain
            let (bare, run) = if pair % 2 == 0 {
                let bare = self.once(How::Bare)?;
                (bare, self.once(How::Discard)?)
            } else {
                let run = self.once(How::Discard)?;
                (self.once(How::Bare)?, run)
            };
            measured.push((bare, run));
        }
        let of = |what: fn(&Once) -> f64| {
            let (bare, run) = (
                median(measured.iter().map(|m| what(&m.0)).collect()),
                median(measured.iter().map(|m| what(&m.1)).collect()),
            );
            let mut ratios: Vec<f64> = measured.iter().map(|m| what(&m.1) / what(&m.0)).collect();
            ratios.sort_by(f64::total_cmp);
            let (least, most) = (
                ratios.first().unwrap_or(&0.0),
                ratios.last().unwrap_or(&0.0),
            );
            let ratio = median(ratios.clone());
            (
                bare,
                run,
                ratio,
                format!("x{ratio:.3} ({least:.2}..{most:.2})"),
            )
        };
        let (bare_cpu, run_cpu, ratio, cpu) = of(|once| once.cpu);
        let (.., wall) = of(|once| once.wall);
        let mark = if ratio <= BAR { "" } else { "  above the bar" };
        Ok(format!(
            "{:<14} {files:>22} {codes:>10} {bare_cpu:>8.2}s {run_cpu:>8.2}s {cpu:>22} {wall:>22}{mark}",
            self.job.name
        ))
    }

    /// What the job leaves, and its exit code.
    fn left_by(&self, how: How) -> Result<(Tree, i64)> {
        let once = self.once(how)?;
        let tree = Tree::of(&self.folder.join(self.job.leaves))?;
        if tree.len() == 0 && once.code == 0 {
            bail!("it left nothing");
        }
        Ok((tree, once.code))
    }

    fn once(&self, how: How) -> Result<Once> {
        self.script(self.job.reset)?;
        let log = self.shared.join("last.log");
        let mut command = child::harness(&log);
        if how != How::Bare {
            let decision = if how == How::Commit {
                "--commit"
            } else {
                "--discard"
            };
            command.arg(self.binary).args(["run", decision]);
            command.args(["--policy", "run.toml", "--"]);
        }
        command.args(self.words());
        let policy = format!(
            "preset = \"{}\"\n[files]\nread = [\"{}\"]\n",
            self.job.preset,
            self.shared.display()
        );
        fs::write(self.folder.join("run.toml"), policy)?;
        let Used {
            wall, cpu, code, ..
        } = child::run(self.environment(&mut command))?;
        if code != self.job.code {
            let text = fs::read_to_string(&log).unwrap_or_default();
            let last: Vec<&str> = text.lines().rev().take(6).collect();
            bail!("exit code {code}: {}", last.join(" | "));
        }
        Ok(Once { cpu, wall, code })
    }

    /// The command of the job, with the folder of what is shared put in.
    fn words(&self) -> Vec<String> {
        let shared = self.shared.display().to_string();
        let words = self.job.command.split_whitespace();
        words.map(|word| word.replace("SHARED", &shared)).collect()
    }

    fn script(&self, script: &str) -> Result<()> {
        let mut command = Command::new("sh");
        command.args(["-euc", script]);
        let output = self.environment(&mut command).output()?;
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr);
            bail!("{}", text.lines().last().unwrap_or("no reason given"));
        }
        Ok(())
    }

    fn environment<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut folders = vec![self.shared.join("tools/bin")];
        folders.extend(std::env::split_paths(&path));
        command
            .current_dir(&self.folder)
            .env("PATH", std::env::join_paths(folders).unwrap_or(path))
            .env("SHARED", &self.shared)
            // byte code without the times of its sources, so that it can be compared
            .env("SOURCE_DATE_EPOCH", "315532800")
            .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
            // whose folders have names by chance
            .env("CARGO_INCREMENTAL", "0")
            .env("POETRY_VIRTUALENVS_IN_PROJECT", "true")
            .env("npm_config_update_notifier", "false")
            .stdin(Stdio::null())
    }
}
