//! The bars of the main job, each as a ratio to what was measured, beside a floor or a peer in the same run.
//!
//! What is measured is the whole process: wall clock, CPU time and peak memory as the kernel accounts for them, worker
//! processes included. Real packages come from the folders that are given, or are fetched once with pip into
//! `target/bench`; nothing of them is executed, built or installed.

mod measure;
mod packages;
mod project;
mod repositories;
pub(crate) mod row;
mod tested;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use self::measure::{Measurable, median, paired};
use self::packages::{Form, Packages};
use self::project::Inputs;
use self::row::{Bar, head, row};
use crate::{child, step};

/// Releases whose second audit is compared with their first, one by one.
const SECOND: &[&str] = &["django", "sphinx", "botocore", "jupyterlab", "six"];

/// Two releases that follow one another, with more than a thousand files each.
const CONSECUTIVE: [&str; 2] = ["django==5.2.18", "django==5.2.19"];

/// Packages on which the peer is run: as many, evenly spread over the set.
const WITH_PEER: usize = 12;

/// One benchmark: it prints its own rows.
type Benchmark = fn(&Bench) -> Result<()>;

/// What a benchmark works on, where it is not fetched or made.
pub(crate) struct Given {
    /// Folders of wheels and sdists.
    pub(crate) packages: Vec<PathBuf>,
    /// The peer.
    pub(crate) guarddog: Option<PathBuf>,
    /// An archive of Python advisories in the OSV format.
    pub(crate) advisories: Option<PathBuf>,
    /// A `node_modules` folder.
    pub(crate) node_modules: Option<PathBuf>,
}

/// Runs the benchmarks whose name contains `filter`, on `binary` or on a release build.
///
/// # Errors
/// A tool that a benchmark needs is missing.
pub(crate) fn run(filter: &str, binary: Option<PathBuf>, given: Given) -> Result<()> {
    let home = target_dir().join("bench");
    fs::create_dir_all(&home)?;
    let bench = Bench {
        binary: program(binary)?,
        packages: Packages::new(&given.packages, &home),
        project: Inputs {
            advisories: given.advisories,
            node_modules: given.node_modules,
        },
        home,
        guarddog: given.guarddog,
    };
    head();
    let all: [(&str, Benchmark); 8] = [
        ("startup", Bench::startup),
        ("small", Bench::small_sdist),
        ("throughput", Bench::throughput),
        ("store", Bench::store),
        ("next", Bench::next_version),
        ("guarddog", Bench::guarddog),
        ("project", Bench::project),
        ("tested", |bench| tested::run(&bench.home)),
    ];
    for (name, act) in all.into_iter().filter(|(name, _)| name.contains(filter)) {
        if let Err(error) = act(&bench) {
            println!("{name:<46} left out: {error:#}");
        }
    }
    Ok(())
}

/// The program to measure: the given one, or a release build.
///
/// # Errors
/// It cannot be built.
pub(crate) fn program(given: Option<PathBuf>) -> Result<PathBuf> {
    if let Some(binary) = given {
        return Ok(binary);
    }
    step("cargo", &["build", "--release", "--package", "foretaste"])?;
    Ok(target_dir().join("release/foretaste"))
}

fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from)
}

struct Bench {
    binary: PathBuf,
    home: PathBuf,
    packages: Packages,
    project: Inputs,
    guarddog: Option<PathBuf>,
}

impl Bench {
    /// Foretaste, whose runs find what the run before stored unless they are `cold`.
    fn foretaste(&self, cold: bool) -> Measurable {
        Measurable::new(&self.binary).cache(&self.home.join("cache"), cold)
    }

    /// An audit without the network.
    fn audit(&self, cold: bool, paths: &[PathBuf]) -> Measurable {
        self.foretaste(cold)
            .args(["audit", "-q", "--offline"])
            .args(paths)
    }

    /// `--version` against a program that does nothing.
    fn startup(&self) -> Result<()> {
        let version = self.foretaste(false).args(["--version"]);
        let (here, floor) = paired(&version, &Measurable::new("true"), 21)?;
        let detail = format!(
            "CPU {:.1} ms; `true` {:.2} ms wall",
            here.cpu * 1e3,
            floor.wall * 1e3
        );
        row(
            "startup: --version, wall ms",
            here.wall * 1e3,
            Bar::AtMost(10.0),
            &detail,
        );
        Ok(())
    }

    /// One small sdist, nothing stored, whole process.
    fn small_sdist(&self) -> Result<()> {
        let sdist = self.packages.one("six", Form::Sdist)?;
        let floor = Measurable::new("gzip").args(["-dc"]).args([&sdist]);
        let (here, floor) = paired(&self.audit(true, &[sdist]), &floor, 15)?;
        let detail = format!(
            "CPU {:.1} ms; `gzip -dc` {:.2} ms wall",
            here.cpu * 1e3,
            floor.wall * 1e3
        );
        row(
            "small: six sdist cold, wall ms",
            here.wall * 1e3,
            Bar::AtMost(30.0),
            &detail,
        );
        Ok(())
    }

    /// Source bytes per CPU second over whole sets, nothing stored; peak memory; the cost of unpacking alone.
    fn throughput(&self) -> Result<()> {
        let wheels = self.packages.wheels()?;
        let shell = |tool: &str, paths: &[PathBuf]| {
            let lines: Vec<String> = paths
                .iter()
                .map(|p| format!("{tool} '{}'", p.display()))
                .collect();
            let script = format!("{{ {}; }} >/dev/null", lines.join("; "));
            Measurable::new("sh").args(["-c", &script])
        };
        let audit = self.audit(true, &wheels).args(["--no-cache"]);
        let (here, floor) = paired(&audit, &shell("unzip -p", &wheels), 3)?;
        let text = self.program_text(&wheels)?;
        row(
            "throughput: wheels, MB of source per CPU second",
            text / here.cpu,
            Bar::AtLeast(15.0),
            &format!(
                "{text:.0} MB in {} wheels, {:.2} CPU s",
                wheels.len(),
                here.cpu
            ),
        );
        row(
            "throughput: wheels, CPU against `unzip -p`",
            here.cpu / floor.cpu,
            Bar::AimAtMost(3.0),
            &format!("{:.2} against {:.2} CPU s", here.cpu, floor.cpu),
        );
        row(
            "memory: peak of all wheels in one process, MiB",
            here.peak_mib,
            Bar::AtMost(300.0),
            "",
        );
        let sdists = self.packages.all(Form::Sdist);
        if !sdists.is_empty() {
            let audit = self.audit(true, &sdists).args(["--no-cache"]);
            let (here, floor) = paired(&audit, &shell("gzip -dc", &sdists), 3)?;
            row(
                "throughput: sdists, CPU against `gzip -dc`",
                here.cpu / floor.cpu,
                Bar::AimAtMost(3.0),
                &format!(
                    "{:.2} against {:.2} CPU s, {} sdists",
                    here.cpu,
                    floor.cpu,
                    sdists.len()
                ),
            );
        }
        Ok(())
    }

    /// The second audit of each release against the first.
    fn store(&self) -> Result<()> {
        for name in SECOND {
            let wheel = [self.packages.one(name, Form::Wheel)?];
            let first = median(&self.audit(true, &wheel), 5)?;
            let second = median(&self.audit(false, &wheel), 9)?;
            row(
                &format!("second audit: {name}, times faster"),
                first.wall / second.wall,
                Bar::AtLeast(10.0),
                &format!(
                    "wall {:.1} to {:.1} ms, CPU {:.1} to {:.1} ms",
                    first.wall * 1e3,
                    second.wall * 1e3,
                    first.cpu * 1e3,
                    second.cpu * 1e3
                ),
            );
        }
        Ok(())
    }

    /// How much of a release is observed when the one before it is known.
    fn next_version(&self) -> Result<()> {
        let cache = self.home.join("cache");
        let _ = fs::remove_dir_all(&cache);
        let mut last = (0.0, 0.0);
        for release in CONSECUTIVE {
            let output = Command::new(&self.binary)
                .args(["audit", "--offline", "--stats", "--format", "json"])
                .arg(self.packages.one(release, Form::Wheel)?)
                .env("FORETASTE_CACHE_DIR", &cache)
                .output()?;
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            // `3671 files: 3442 observed (93.8 %), ...`
            let number = |behind: &str| -> Option<f64> {
                let before = text.split(behind).next()?;
                before.rsplit(' ').next()?.parse().ok()
            };
            last = (
                number(" files:").context("no count of files")?,
                number(" observed").context("no count of observed files")?,
            );
        }
        let (files, observed) = last;
        row(
            "next version: % of its files that are parsed",
            observed * 100.0 / files,
            Bar::AtMost(20.0),
            &format!("{observed} of {files} files of {}", CONSECUTIVE[1]),
        );
        Ok(())
    }

    /// CPU per package against GuardDog on the same files.
    fn guarddog(&self) -> Result<()> {
        let guarddog = self.guarddog_program()?;
        let (mut here, mut peer, mut ratios) = (0.0, 0.0, Vec::new());
        // large and small ones
        let wheels = self.packages.wheels()?;
        let step = (wheels.len() / WITH_PEER).max(1);
        let paths: Vec<PathBuf> = wheels.into_iter().step_by(step).collect();
        for path in &paths {
            let ours = self
                .audit(true, std::slice::from_ref(path))
                .args(["--no-cache"]);
            let ours = median(&ours, 3)?.cpu;
            let theirs = Measurable::new(&guarddog)
                .args(["pypi", "scan"])
                .args([path]);
            let theirs = theirs.args(["--output-format", "json"]).run()?.cpu;
            here += ours;
            peer += theirs;
            ratios.push(theirs / ours.max(1e-4));
        }
        let batch = self.audit(true, &paths).args(["--no-cache"]);
        let batch = median(&batch, 3)?.cpu;
        let count = ratios.len().max(1) as f64;
        let each = |cpu: f64| {
            format!(
                "{:.0} against {:.0} CPU ms a package, {count} packages",
                cpu * 1e3 / count,
                peer * 1e3 / count
            )
        };
        row(
            "guarddog: times less CPU, one batch",
            peer / batch,
            Bar::AtLeast(50.0),
            &each(batch),
        );
        row(
            "guarddog: times less CPU, one process each",
            peer / here,
            Bar::AtLeast(50.0),
            &each(here),
        );
        row(
            "guarddog: times less CPU, the package in the middle",
            child::median(ratios),
            Bar::AtLeast(50.0),
            "one process each",
        );
        Ok(())
    }

    /// GuardDog where it is installed: where it was said to be, on the path, or beside the packages.
    fn guarddog_program(&self) -> Result<PathBuf> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut places: Vec<PathBuf> = self.guarddog.iter().cloned().collect();
        places.extend(std::env::split_paths(&path).map(|dir| dir.join("guarddog")));
        places.push(self.home.join("guarddog/bin/guarddog"));
        let found = places.into_iter().find(|p| Path::is_file(p));
        found.context(
            "guarddog is not installed; `pip install guarddog`, or give it with --guarddog",
        )
    }

    /// Megabytes of program text in the archives, as `--stats` tells.
    fn program_text(&self, files: &[PathBuf]) -> Result<f64> {
        let output = Command::new(&self.binary)
            .args(["audit", "--no-cache", "--offline", "--stats"])
            .args(files)
            .output()?;
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let before = text.split(" MB of program text").next().unwrap_or("");
        let number = before.rsplit(' ').next().unwrap_or("");
        number.parse().context("--stats tells no program text")
    }
}
