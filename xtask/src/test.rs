//! Everything that CI runs, in the order in which it fails fastest.

use anyhow::Result;

use crate::{docs, layers, step, tidy};

/// Licences and sources of the dependencies. Whoever has no `cargo-deny` is told so; CI has to have it.
fn deny() -> Result<()> {
    let check = &["deny", "check", "bans", "licenses", "sources"];
    if step("cargo", &["deny", "--version"]).is_ok() || std::env::var_os("CI").is_some() {
        return step("cargo", check);
    }
    eprintln!("xtask: licences are not checked here: cargo install --locked cargo-deny");
    Ok(())
}

/// Runs every check and test.
///
/// # Errors
/// The first one that fails.
pub(crate) fn run() -> Result<()> {
    tidy::run()?;
    layers::run()?;
    step("cargo", &["fmt", "--all", "--check"])?;
    deny()?;
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
    step("cargo", &["test", "--workspace", "--no-fail-fast"])
}
