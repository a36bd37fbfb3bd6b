//! Everything that CI runs, in the order in which it fails fastest.

use anyhow::Result;

use crate::{docs, layers, step, tidy};

/// Runs every check and test.
///
/// # Errors
/// The first one that fails.
pub(crate) fn run() -> Result<()> {
    tidy::run()?;
    layers::run()?;
    step("cargo", &["fmt", "--all", "--check"])?;
    step(
        "cargo",
        &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "--deny",
            "warnings",
        ],
    )?;
    docs::run(true)?;
    step("cargo", &["test", "--workspace"])
}
