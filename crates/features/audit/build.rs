//! Fingerprints the source of everything that turns an archive into facts, for the key of stored artifacts, and of what
//! compares facts, for the key of stored comparisons.

use std::error::Error;
use std::path::{Path, PathBuf};

/// Folders below `crates/`, and the lock file, which names the parsers' versions. Whatever only judges is left out.
const INPUTS: &[&str] = &[
    "../Cargo.lock",
    "base/archive",
    "base/model",
    "base/store",
    "analysis",
];
const JUDGES: &[&str] = &["clones", "engine", "names", "rules"];

/// What compares two artifacts, beside all that makes their facts.
const COMPARING: &str = "analysis/engine";

/// Whatever judges facts and writes it down.
const JUDGING: &[&str] = &["../Cargo.lock", "base", "analysis", "features/audit/src"];

/// 64-bit FNV-1a.
struct Fingerprint(u64);

impl Fingerprint {
    fn add(&mut self, bytes: &[u8]) {
        // line endings differ between checkouts of the same commit
        for byte in bytes.iter().filter(|b| **b != b'\r') {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let crates = Path::new("../..");
    let mut files = Vec::new();
    for input in INPUTS {
        collect_but(JUDGES, &crates.join(input), &mut files)?;
    }
    files.push(PathBuf::from("src/layout.rs"));
    println!(
        "cargo::rustc-env=TASTING_FINGERPRINT={:016x}",
        fingerprint(files)?
    );
    let mut files = Vec::new();
    collect_but(&[], &crates.join(COMPARING), &mut files)?;
    println!(
        "cargo::rustc-env=COMPARING_FINGERPRINT={:016x}",
        fingerprint(files)?
    );
    let mut files = Vec::new();
    for input in JUDGING {
        collect_but(&[], &crates.join(input), &mut files)?;
    }
    println!(
        "cargo::rustc-env=JUDGING_FINGERPRINT={:016x}",
        fingerprint(files)?
    );
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a build script runs before `foretaste-io` is built, on files of this repository only"
)]
fn fingerprint(mut files: Vec<PathBuf>) -> Result<u64, Box<dyn Error>> {
    files.sort();
    let mut fingerprint = Fingerprint(0xcbf2_9ce4_8422_2325);
    for file in files {
        println!("cargo::rerun-if-changed={}", file.display());
        fingerprint.add(file.to_string_lossy().as_bytes());
        fingerprint.add(&std::fs::read(&file).map_err(|e| format!("{}: {e}", file.display()))?);
    }
    Ok(fingerprint.0)
}

/// Source files and tables below a path, but for crates that are left out; tests and benches make no facts.
#[expect(
    clippy::disallowed_methods,
    reason = "a build script runs before `foretaste-io` is built, on files of this repository only"
)]
fn collect_but(
    left_out: &[&str],
    path: &Path,
    files: &mut Vec<PathBuf>,
) -> Result<(), Box<dyn Error>> {
    if !path.is_dir() {
        let name = path.extension().and_then(|e| e.to_str());
        if matches!(name, Some("rs" | "toml" | "txt" | "lock")) {
            files.push(path.to_owned());
        }
        return Ok(());
    }
    // a new file changes its folder
    println!("cargo::rerun-if-changed={}", path.display());
    for entry in std::fs::read_dir(path).map_err(|e| format!("{}: {e}", path.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_left_out = path.ends_with("analysis") && left_out.contains(&&*name);
        if !is_left_out && !matches!(&*name, "tests" | "benches" | "target") {
            collect_but(left_out, &entry.path(), files)?;
        }
    }
    Ok(())
}
