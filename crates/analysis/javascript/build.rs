//! Turns `capabilities.toml` into sorted statics.

#![expect(
    clippy::disallowed_methods,
    reason = "a build script reads and writes its own files"
)]

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=capabilities.toml");
    let text = std::fs::read_to_string("capabilities.toml").expect("capabilities.toml is readable");
    let code = foretaste_observe::table::codegen::generate(&text)
        .unwrap_or_else(|e| panic!("capabilities.toml: {e}"));
    let out = std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    std::fs::write(Path::new(&out).join("table.rs"), code).expect("OUT_DIR is writable");
}
