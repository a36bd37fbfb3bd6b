//! One child process and what it cost, as the kernel accounts for it: its own children included.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

/// `os.wait4` gives what a child used without unsafe code here.
const HARNESS: &str = include_str!("harness.py");

/// What a child cost, and how it ended.
pub(crate) struct Used {
    /// Seconds.
    pub(crate) wall: f64,
    /// Seconds, user and system.
    pub(crate) cpu: f64,
    pub(crate) peak_mib: f64,
    /// Negative: the signal that ended it.
    pub(crate) code: i64,
}

/// The one in the middle of several figures, 0 of none.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(0.0)
}

/// A command to which the child's words are added, and which [`run`] runs; what the child prints goes to `log`.
pub(crate) fn harness(log: &Path) -> Command {
    let mut command = Command::new("/usr/bin/python3");
    command.args(["-c", HARNESS]).arg(log);
    command
}

/// Runs what [`harness`] began.
///
/// # Errors
/// It cannot be started.
pub(crate) fn run(command: &mut Command) -> Result<Used> {
    let output = command.output().context("cannot start python3")?;
    let [wall, cpu, peak_mib, code]: [f64; 4] =
        serde_json::from_slice(&output.stdout).context("the harness gave no figures")?;
    Ok(Used {
        wall,
        cpu,
        peak_mib,
        code: code as i64,
    })
}
