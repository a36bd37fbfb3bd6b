//! Benchmarks, as ratios against a peer or a floor in the same run.
//!
//! What is measured is the whole process: wall clock, CPU time and peak memory as the kernel accounts for them, worker
//! processes included. Real packages come from the folders that are given, or are fetched once with pip into
//! `target/bench`; nothing of them is executed, built or installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::step;

/// Wheels of popular applications' trees; enough source for a stable figure.
const WHEELS: &[&str] = &[
    "django", "flask", "requests", "rich", "sphinx", "pytest", "black", "boto3", "fastapi",
    "jinja2",
];

/// Releases whose second audit is compared with their first, one by one.
const SECOND: &[&str] = &["django", "sphinx", "botocore", "jupyterlab", "six"];

/// Two releases that follow one another, with more than a thousand files each.
const CONSECUTIVE: [&str; 2] = ["django==5.2.18", "django==5.2.19"];

/// Tests that are bars: package, test, filter, the line that tells, what it must say.
const TESTED: &[[&str; 5]] = &[
    [
        "foretaste-names",
        "--test=bars",
        "squats",
        " nominated, ",
        "≥ 90 % of the known squats, right target",
    ],
    [
        "foretaste-names",
        "--test=bars",
        "top_5000",
        " of 5000",
        "≤ 1.5 % of the top 5,000",
    ],
    [
        "foretaste-rules",
        "--test=cases",
        "",
        "test result",
        "every rule: page, firing case, silent case",
    ],
    [
        "foretaste-policy",
        "--test=policy",
        "",
        "test result",
        "every configuration key is honoured",
    ],
    [
        "foretaste-archive",
        "--test=hostile",
        "",
        "test result",
        "hostile archives: no crash, no hang",
    ],
    [
        "foretaste-lang",
        "--test=hostile",
        "",
        "test result",
        "hostile sources: no crash, no hang",
    ],
];

/// One benchmark: it prints its own rows.
type Benchmark = fn(&Bench) -> Result<()>;

/// A measured command.
struct Measured {
    wall: f64,
    cpu: f64,
    peak_mib: f64,
    code: i64,
}

/// Runs the benchmarks whose name contains `filter`, on `binary` or on a release build.
///
/// # Errors
/// A tool that a benchmark needs is missing.
pub(crate) fn run(
    filter: &str,
    binary: Option<PathBuf>,
    packages: &[PathBuf],
    guarddog: Option<PathBuf>,
) -> Result<()> {
    let binary = program(binary)?;
    let home = target_dir().join("bench");
    fs::create_dir_all(&home)?;
    let mut packages: Vec<PathBuf> = packages.iter().flat_map(|folder| listed(folder)).collect();
    packages.sort();
    let bench = Bench {
        binary,
        home,
        packages,
        guarddog,
    };
    println!(
        "{:<42} {:>12} {:>12} {:>8}  bar",
        "benchmark", "here", "floor/peer", "ratio"
    );
    let all: [(&str, Benchmark); 7] = [
        ("startup", Bench::startup),
        ("small", Bench::small_sdist),
        ("throughput", Bench::throughput),
        ("store", Bench::store),
        ("next", Bench::next_version),
        ("guarddog", Bench::guarddog),
        ("tested", Bench::tested),
    ];
    for (name, act) in all.into_iter().filter(|(name, _)| name.contains(filter)) {
        if let Err(error) = act(&bench) {
            println!("{name:<42} left out: {error:#}");
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
    /// Packages that are at hand.
    packages: Vec<PathBuf>,
    guarddog: Option<PathBuf>,
}

impl Bench {
    /// `--version` against a program that does nothing.
    fn startup(&self) -> Result<()> {
        let here = self.median(&[&["--version"]], 21, false)?;
        let floor = median_of(&mut repeat(
            Path::new("true"),
            &[&[]],
            21,
            &self.home,
            false,
        )?);
        row(
            "startup: --version, wall ms",
            here.wall * 1e3,
            floor.wall * 1e3,
            "≤ 10 ms",
        );
        row(
            "startup: --version, CPU ms",
            here.cpu * 1e3,
            floor.cpu * 1e3,
            "",
        );
        Ok(())
    }

    /// One small sdist, nothing stored, whole process.
    fn small_sdist(&self) -> Result<()> {
        let sdist = self.fetch("six", "six.sdist", &["--no-deps", "--no-binary=:all:"])?;
        let target = sdist
            .first()
            .context("pip fetched no sdist")?
            .display()
            .to_string();
        let here = self.median(&[&["audit", "-q", &target]], 11, true)?;
        let floor = median_of(&mut repeat(
            Path::new("true"),
            &[&[]],
            11,
            &self.home,
            false,
        )?);
        row(
            "small: six sdist cold, wall ms",
            here.wall * 1e3,
            floor.wall * 1e3,
            "≤ 30 ms",
        );
        row(
            "small: six sdist cold, CPU ms",
            here.cpu * 1e3,
            floor.cpu * 1e3,
            "",
        );
        Ok(())
    }

    /// Source bytes per CPU second over a set of wheels, nothing stored, and peak memory.
    fn throughput(&self) -> Result<()> {
        let wheels = self.wheels()?;
        let mut args = vec!["audit".to_owned(), "-q".to_owned(), "--no-cache".to_owned()];
        args.extend(wheels.iter().map(|w| w.display().to_string()));
        let borrowed: Vec<&str> = args.iter().map(String::as_str).collect();
        let here = self.median(&[&borrowed], 3, true)?;
        let source = self.program_text(&wheels)?;
        let unpack: Vec<String> = wheels
            .iter()
            .map(|w| format!("unzip -p '{}'", w.display()))
            .collect();
        let floor = median_of(&mut repeat(
            Path::new("sh"),
            &[&["-c", &format!("{} >/dev/null", unpack.join("; "))]],
            3,
            &self.home,
            false,
        )?);
        row(
            "throughput: program text, MB per CPU second",
            source / here.cpu,
            source / floor.cpu,
            "≥ 15 MB/s",
        );
        println!(
            "{:<42} {:>12.0} {:>12} {:>8}  ≤ 300 MiB",
            "throughput: peak memory, MiB", here.peak_mib, "", ""
        );
        Ok(())
    }

    /// The second audit of each release against the first.
    fn store(&self) -> Result<()> {
        for name in SECOND {
            let folder = format!("{name}.alone");
            let file = self.fetch(name, &folder, &["--no-deps", "--only-binary", ":all:"])?;
            let path = file
                .first()
                .context("pip fetched no wheel")?
                .display()
                .to_string();
            let args = ["audit", "-q", "--offline", &path];
            let first = self.median(&[&args], 3, true)?;
            let second = self.median(&[&args], 7, false)?;
            row(
                &format!("second: {name}, wall ms"),
                second.wall * 1e3,
                first.wall * 1e3,
                "≥ 10× faster",
            );
            row(
                &format!("second: {name}, CPU ms"),
                second.cpu * 1e3,
                first.cpu * 1e3,
                "",
            );
        }
        Ok(())
    }

    /// How much of a release is observed when the one before it is known.
    fn next_version(&self) -> Result<()> {
        let mut paths = Vec::new();
        for release in CONSECUTIVE {
            let files = self.fetch(
                release,
                &release.replace("==", "-"),
                &["--no-deps", "--only-binary", ":all:"],
            )?;
            paths.extend(files);
        }
        let cache = self.home.join("cache");
        let _ = fs::remove_dir_all(&cache);
        let mut shares = Vec::new();
        for path in paths {
            let output = Command::new(&self.binary)
                .args(["audit", "--offline", "--stats", "--format", "json"])
                .arg(&path)
                .env("FORETASTE_CACHE_DIR", &cache)
                .output()?;
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            // `3671 files: 3442 observed (93.8 %), ...`
            let number = |behind: &str| -> Option<f64> {
                let before = text.split(behind).next()?;
                before.rsplit(' ').next()?.parse().ok()
            };
            shares.push((
                number(" files:").context("no count of files")?,
                number(" observed").context("no count of observed files")?,
            ));
        }
        let [_, (files, observed)] = shares[..] else {
            bail!("pip fetched {} files", shares.len())
        };
        row(
            "next version: files observed, of all",
            observed,
            files,
            &format!("< 20 %: {:.1} %", observed * 100.0 / files),
        );
        Ok(())
    }

    /// The bars that are tests.
    fn tested(&self) -> Result<()> {
        for [package, test, filter, line, bar] in TESTED {
            let output = Command::new("cargo")
                .args(["test", "-q", "-p", package, test, "--", "--nocapture"])
                .args(Some(filter).filter(|f| !f.is_empty()))
                .output()
                .context("cannot start cargo")?;
            // the whole output stays beside the packages
            fs::write(
                self.home.join(format!("{package}{filter}.log")),
                [&output.stdout[..], &output.stderr].concat(),
            )?;
            let text = String::from_utf8_lossy(&output.stdout);
            let said = text.lines().find(|l| l.contains(line)).unwrap_or("");
            let verdict = if output.status.success() {
                "held"
            } else {
                "FAILED"
            };
            println!("tested: {bar:<46} {verdict}: {}", said.trim());
        }
        Ok(())
    }

    /// CPU per package against GuardDog on the same files.
    fn guarddog(&self) -> Result<()> {
        let guarddog = self.guarddog_program()?;
        let (mut here, mut peer, mut ratios) = (0.0, 0.0, Vec::new());
        // a dozen of the set, large and small
        let wheels = self.wheels()?;
        let paths: Vec<String> = wheels
            .iter()
            .step_by((wheels.len() / 12).max(1))
            .map(|w| w.display().to_string())
            .collect();
        for path in &paths {
            let ours = self
                .median(
                    &[&["audit", "-q", "--offline", "--no-cache", path]],
                    3,
                    true,
                )?
                .cpu;
            let theirs = median_of(&mut repeat(
                &guarddog,
                &[&["pypi", "scan", path, "--output-format", "json"]],
                1,
                &self.home,
                false,
            )?)
            .cpu;
            here += ours;
            peer += theirs;
            ratios.push(theirs / ours.max(1e-4));
        }
        ratios.sort_by(f64::total_cmp);
        let count = ratios.len().max(1) as f64;
        let mut args = vec!["audit", "-q", "--offline", "--no-cache"];
        args.extend(paths.iter().map(String::as_str));
        let batch = self.median(&[&args], 3, true)?.cpu;
        row(
            "guarddog: CPU ms per package, one batch",
            batch * 1e3 / count,
            peer * 1e3 / count,
            "≥ 50× less",
        );
        row(
            "guarddog: CPU ms per package, one process",
            here * 1e3 / count,
            peer * 1e3 / count,
            "≥ 50× less",
        );
        println!(
            "{:<42} {:>12} {:>12} {:>7.1}×  ≥ 50× less",
            "guarddog: the package in the middle",
            "",
            "",
            ratios.get(ratios.len() / 2).copied().unwrap_or(0.0)
        );
        Ok(())
    }

    /// GuardDog where it is installed: where it was said to be, on the path, or beside the packages.
    fn guarddog_program(&self) -> Result<PathBuf> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut places: Vec<PathBuf> = self.guarddog.iter().cloned().collect();
        places.extend(std::env::split_paths(&path).map(|dir| dir.join("guarddog")));
        places.push(self.home.join("guarddog/bin/guarddog"));
        let found = places.into_iter().find(|p| p.is_file());
        found.context(
            "guarddog is not installed; `pip install guarddog`, or give it with --guarddog",
        )
    }

    fn wheels(&self) -> Result<Vec<PathBuf>> {
        let at_hand = self.packages.iter().filter(|p| is_wheel(p));
        let mut all: Vec<PathBuf> = at_hand.cloned().collect();
        if !all.is_empty() {
            return Ok(all);
        }
        for name in WHEELS {
            all.extend(self.fetch(name, name, &["--only-binary", ":all:"])?);
        }
        all.sort();
        all.dedup();
        Ok(all)
    }

    /// What is at hand, else downloads once with pip, and gives the files in order.
    fn fetch(&self, name: &str, folder: &str, options: &[&str]) -> Result<Vec<PathBuf>> {
        let wheel = !options.contains(&"--no-binary=:all:");
        let start = format!("{}-", name.replace("==", "-"));
        let at_hand = self.packages.iter().find(|p| {
            let file = p.file_name().unwrap_or_default().to_string_lossy();
            is_wheel(p) == wheel && file.to_ascii_lowercase().starts_with(&start)
        });
        if let Some(file) = at_hand {
            return Ok(vec![file.clone()]);
        }
        let folder = self.home.join("packages").join(folder);
        if !folder.exists() {
            // a download that broke off leaves nothing behind that looks like a whole one
            let part = folder.with_extension("part");
            let shown = part.display().to_string();
            let mut args = vec!["-m", "pip", "download", "-q", "-d", &shown];
            args.extend(options);
            args.push(name);
            step("python3", &args)?;
            fs::rename(&part, &folder)?;
        }
        let mut files = listed(&folder);
        files.sort();
        Ok(files)
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

    fn median(&self, calls: &[&[&str]], runs: usize, cold: bool) -> Result<Measured> {
        Ok(median_of(&mut repeat(
            &self.binary,
            calls,
            runs,
            &self.home,
            cold,
        )?))
    }
}

fn is_wheel(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "whl")
}

/// What lies in a folder.
fn listed(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// Runs a command several times and takes the kernel's account of each run.
fn repeat(
    program: &Path,
    calls: &[&[&str]],
    runs: usize,
    home: &Path,
    cold: bool,
) -> Result<Vec<Measured>> {
    // python's os.wait4 gives user and system time and peak memory of one child without unsafe code here
    const HARNESS: &str = "import os,sys,time,json\nt=time.perf_counter()\np=os.fork()\nif p==0:\n  n=os.open(os.devnull,os.O_WRONLY);os.dup2(n,1);os.dup2(n,2);os.execvp(sys.argv[1],sys.argv[1:])\n_,s,r=os.wait4(p,0)\nprint(json.dumps([time.perf_counter()-t,r.ru_utime+r.ru_stime,r.ru_maxrss/1024,os.waitstatus_to_exitcode(s)]))";
    let cache = home.join("cache");
    let mut measured = Vec::new();
    for _ in 0..runs {
        for call in calls {
            if cold {
                let _ = fs::remove_dir_all(&cache);
            }
            let output = Command::new("python3")
                .args(["-c", HARNESS])
                .arg(program)
                .args(*call)
                .env("FORETASTE_CACHE_DIR", &cache)
                .output()?;
            let figures: Vec<f64> =
                serde_json::from_slice(&output.stdout).context("the harness gave no figures")?;
            let [wall, cpu, peak_mib, code] = figures[..] else {
                bail!("the harness gave {figures:?}")
            };
            measured.push(Measured {
                wall,
                cpu,
                peak_mib,
                code: code as i64,
            });
        }
    }
    if let Some(failed) = measured.iter().find(|m| m.code == 2 || m.code < 0) {
        bail!("{} ended with {}", program.display(), failed.code);
    }
    Ok(measured)
}

fn median_of(measured: &mut [Measured]) -> Measured {
    let middle = |pick: fn(&Measured) -> f64, list: &[Measured]| {
        let mut values: Vec<f64> = list.iter().map(pick).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(0.0)
    };
    Measured {
        wall: middle(|m| m.wall, measured),
        cpu: middle(|m| m.cpu, measured),
        peak_mib: middle(|m| m.peak_mib, measured),
        code: 0,
    }
}

fn row(name: &str, here: f64, other: f64, bar: &str) {
    let ratio = if here > 0.0 { other / here } else { 0.0 };
    println!("{name:<42} {here:>12.2} {other:>12.2} {ratio:>7.1}×  {bar}");
}
