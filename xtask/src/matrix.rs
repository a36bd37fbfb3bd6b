//! `cargo xtask matrix`: the table of the clients, from the runs of the gate's own test with those that this machine has.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// How the lines of the table begin in what the test says.
const MARK: &str = "│ ";
/// How the test names a client that is not there.
const ABSENT: &str = "skipped: ";

/// Prints the table.
///
/// # Errors
/// cargo cannot be started, or a client does not do what it must.
pub(crate) fn run() -> Result<()> {
    let output = Command::new("cargo")
        .args(["test", "-q", "-p", "foretaste-gate", "--test", "it"])
        .args(["matrix::", "--", "--nocapture"])
        .stdin(Stdio::null())
        .output()
        .context("cannot start cargo")?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    if !output.status.success() {
        bail!("a client does not do what it must:\n{said}");
    }
    for line in said.lines() {
        if let Some(row) = line.strip_prefix(MARK) {
            println!("{}", row.trim_end());
        } else if line.starts_with(ABSENT) {
            eprintln!("{line}");
        }
    }
    Ok(())
}
