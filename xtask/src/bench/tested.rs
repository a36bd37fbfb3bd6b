//! Bars that are tests.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

/// Package, test, filter, the line that tells, what it must say.
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

/// Runs each; its whole output stays in `home`.
///
/// # Errors
/// cargo cannot be started, or the output not be written.
pub(super) fn run(home: &Path) -> Result<()> {
    for [package, test, filter, line, bar] in TESTED {
        let output = Command::new("cargo")
            .args(["test", "-q", "-p", package, test, "--", "--nocapture"])
            .args(Some(filter).filter(|f| !f.is_empty()))
            .output()
            .context("cannot start cargo")?;
        fs::write(
            home.join(format!("{package}{filter}.log")),
            [&output.stdout[..], &output.stderr].concat(),
        )?;
        let text = String::from_utf8_lossy(&output.stdout);
        let said = text.lines().find(|l| l.contains(line)).unwrap_or("");
        let verdict = if output.status.success() {
            "held"
        } else {
            "MISSED"
        };
        println!("tested: {bar:<66} {verdict:<11} {}", said.trim());
    }
    Ok(())
}
