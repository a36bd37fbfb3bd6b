//! What a command costs: wall clock, processor time and peak memory as the kernel accounts for them, worker processes included.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::child::{self, Used};

/// One command, and what is forgotten before each run of it.
pub(super) struct Measurable {
    program: PathBuf,
    args: Vec<OsString>,
    /// Folders that the program is told by a variable, and whether each run finds them empty.
    folders: Vec<(&'static str, PathBuf, bool)>,
}

impl Measurable {
    /// A program of somebody else.
    pub(super) fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
            folders: Vec::new(),
        }
    }

    /// With the cache in `folder`, which each run finds empty if `is_cold`.
    pub(super) fn cache(self, folder: &Path, is_cold: bool) -> Self {
        self.folder("FORETASTE_CACHE_DIR", folder, is_cold)
    }

    /// With what cannot be had again in `folder`, which each run finds empty if `is_cold`.
    pub(super) fn data(self, folder: &Path, is_cold: bool) -> Self {
        self.folder("FORETASTE_DATA_DIR", folder, is_cold)
    }

    fn folder(mut self, variable: &'static str, folder: &Path, is_cold: bool) -> Self {
        self.folders.push((variable, folder.to_owned(), is_cold));
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
        let mut command = child::harness(Path::new("/dev/null"));
        command.arg(&self.program);
        command.args(&self.args);
        for (variable, folder, is_cold) in &self.folders {
            if *is_cold {
                let _ = fs::remove_dir_all(folder);
            }
            command.env(variable, folder);
        }
        let Used {
            wall,
            cpu,
            peak_mib,
            code,
        } = child::run(&mut command)?;
        // 1 is a finding, 3 is something incomplete
        if !matches!(code, 0 | 1 | 3) {
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
    let of = |pick: fn(&Measured) -> f64| child::median(measured.iter().map(pick).collect());
    Measured {
        wall: of(|m| m.wall),
        cpu: of(|m| m.cpu),
        peak_mib: of(|m| m.peak_mib),
    }
}
