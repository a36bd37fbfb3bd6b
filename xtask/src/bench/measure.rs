//! What a command costs: wall clock, processor time and peak memory as the kernel accounts for them, worker processes included.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Forks, runs the arguments with nothing to write to, and prints what `wait4` says of it: no unsafe code here for it.
const HARNESS: &str = "import os,sys,time,json
t=time.perf_counter()
p=os.fork()
if p==0:
  n=os.open(os.devnull,os.O_WRONLY);os.dup2(n,1);os.dup2(n,2);os.execvp(sys.argv[1],sys.argv[1:])
_,s,r=os.wait4(p,0)
print(json.dumps([time.perf_counter()-t,r.ru_utime+r.ru_stime,r.ru_maxrss/1024,os.waitstatus_to_exitcode(s)]))";

/// One command, and what is forgotten before each run of it.
pub(super) struct Measurable {
    program: PathBuf,
    args: Vec<OsString>,
    /// The cache folder of the program, and whether each run finds it empty.
    cache: Option<(PathBuf, bool)>,
}

impl Measurable {
    /// A program of somebody else.
    pub(super) fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
            cache: None,
        }
    }

    /// With the cache in `folder`, which each run finds empty if `is_cold`.
    pub(super) fn cache(mut self, folder: &Path, is_cold: bool) -> Self {
        self.cache = Some((folder.to_owned(), is_cold));
        self
    }

    /// With further arguments.
    pub(super) fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Runs it once.
    ///
    /// # Errors
    /// It cannot be started, died, or says that it was called wrongly.
    pub(super) fn run(&self) -> Result<Measured> {
        let mut command = Command::new("python3");
        command.args(["-c", HARNESS]).arg(&self.program);
        command.args(&self.args);
        if let Some((folder, is_cold)) = &self.cache {
            if *is_cold {
                let _ = fs::remove_dir_all(folder);
            }
            command.env("FORETASTE_CACHE_DIR", folder);
        }
        let output = command.output().context("cannot start python3")?;
        let figures: Vec<f64> =
            serde_json::from_slice(&output.stdout).context("the harness gave no figures")?;
        let [wall, cpu, peak_mib, code] = figures[..] else {
            bail!("the harness gave {figures:?}")
        };
        // 1 is a finding, 3 is something incomplete
        if !matches!(code as i64, 0 | 1 | 3) {
            bail!("{} ended with {code}", self.program.display());
        }
        Ok(Measured {
            wall,
            cpu,
            peak_mib,
        })
    }
}

/// What one command cost.
#[derive(Clone, Copy)]
pub(super) struct Measured {
    /// Seconds.
    pub(super) wall: f64,
    /// Seconds, user and system.
    pub(super) cpu: f64,
    pub(super) peak_mib: f64,
}

/// The medians of several runs.
///
/// # Errors
/// As for [`Measurable::run`].
pub(super) fn median(command: &Measurable, runs: usize) -> Result<Measured> {
    let measured: Vec<_> = (0..runs).map(|_| command.run()).collect::<Result<_>>()?;
    Ok(middle(&measured))
}

/// The medians of two commands that take turns, so that what else the machine does falls on both.
///
/// # Errors
/// As for [`Measurable::run`].
pub(super) fn paired(
    here: &Measurable,
    other: &Measurable,
    runs: usize,
) -> Result<(Measured, Measured)> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        ours.push(here.run()?);
        theirs.push(other.run()?);
    }
    Ok((middle(&ours), middle(&theirs)))
}

fn middle(measured: &[Measured]) -> Measured {
    let of = |pick: fn(&Measured) -> f64| {
        let mut values: Vec<f64> = measured.iter().map(pick).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(0.0)
    };
    Measured {
        wall: of(|m| m.wall),
        cpu: of(|m| m.cpu),
        peak_mib: of(|m| m.peak_mib),
    }
}
