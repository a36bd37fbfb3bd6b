//! The generated reference: rule pages, command line, configuration, environment, JSON schemas.

use anyhow::Result;

use crate::step;

/// Where generated pages stand.
const REFERENCE: &str = "docs/reference";

/// Writes or checks the reference. The binary itself knows its commands, rules and keys, so it writes the pages.
///
/// # Errors
/// A page is stale (`--check`), or the binary cannot be built or run.
pub(crate) fn run(check: bool) -> Result<()> {
    let mut args = vec![
        "run",
        "--quiet",
        "--package",
        "foretaste",
        "--",
        "__reference",
        REFERENCE,
    ];
    if check {
        args.push("--check");
    }
    step("cargo", &args)
}
