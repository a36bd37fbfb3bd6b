//! Turns the capability tables into sorted statics, so that a program pays nothing for them at start-up.

#![expect(
    clippy::disallowed_methods,
    reason = "a build script reads and writes files of the build"
)]

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    generate("commands")?;
    generate("powershell")?;
    for name in ["rust", "csharp", "ruby", "php", "go", "jvm"] {
        generate(name)?;
    }
    Ok(())
}

fn generate(name: &str) -> Result<(), Box<dyn Error>> {
    let source = format!("tables/{name}.toml");
    println!("cargo::rerun-if-changed={source}");
    let table = foretaste_observe::table::codegen::generate(&std::fs::read_to_string(&source)?)
        .map_err(|e| format!("{source}: {e}"))?;
    let out = std::env::var("OUT_DIR")?;
    std::fs::write(Path::new(&out).join(format!("{name}.rs")), table)?;
    Ok(())
}
