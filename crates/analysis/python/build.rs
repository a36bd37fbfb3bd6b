//! Turns the capability table into statics, so that a program pays nothing for it at start-up.

#![expect(
    clippy::disallowed_methods,
    reason = "a build script reads and writes files of the build"
)]

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let source = "capabilities.toml";
    println!("cargo::rerun-if-changed={source}");
    let table = foretaste_observe::table::codegen::generate(&std::fs::read_to_string(source)?)
        .map_err(|e| format!("{source}: {e}"))?;
    std::fs::write(
        Path::new(&std::env::var("OUT_DIR")?).join("table.rs"),
        table,
    )?;
    Ok(())
}
