//! `foretaste install` with the real clients: what is fine is installed, what is not never runs, and no other way leads past.

mod cargo;
mod node;
mod python;

use std::path::{Path, PathBuf};

use crate::support::{Home, Run, fixture_files};

/// A program of this machine, if it is there. In CI it must be.
fn program(name: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&paths)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file());
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "{name} is needed in CI");
        eprintln!("skipped: {name} is not installed");
    }
    found
}

/// Where code of a package leaves a sign that it ran.
fn sign(home: &Home) -> PathBuf {
    home.path().join("it-ran")
}

/// The sign's path as Python, JavaScript and Rust write a text.
fn quoted_sign(home: &Home) -> String {
    let path = sign(home).display().to_string();
    format!("{path:?}")
}

/// A bad fixture, with a first line in one of its files that leaves the sign.
fn bad(path: &str, file: &str, line: &str) -> Vec<(String, String)> {
    let mut files = fixture_files(path);
    let text = files.iter_mut().find(|(name, _)| name == file);
    let (_, text) = text.expect("the fixture has the file");
    text.insert_str(0, line);
    files
}

/// Pairs as servers take them.
fn pairs(files: &[(String, String)]) -> Vec<(&str, &str)> {
    let pairs = files.iter();
    pairs.map(|(p, t)| (p.as_str(), t.as_str())).collect()
}

/// What a refused command must look like: its own exit code, the reason, and nothing of the package run or left behind.
fn is_refused(home: &Home, run: &Run, code: i32, reason: &str) {
    let said = format!("{}{}", run.stdout, run.stderr);
    assert_eq!(run.code, code, "{said}");
    let mut lines = run.stderr.lines();
    let told = lines.any(|l| l.contains("blocked: ") && l.contains(reason));
    assert!(told, "{said}");
    // nobody stands behind a gate of one command
    assert!(!said.contains("administrator"), "{said}");
    assert!(!sign(home).exists(), "its code ran: {said}");
}

/// Every file below a folder whose name contains a text.
fn named(folder: &Path, part: &str) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = open.pop() {
        let entries = std::fs::read_dir(&next).into_iter().flatten().flatten();
        for path in entries.map(|entry| entry.path()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.contains(part) {
                found.push(path.clone());
            }
            if path.is_dir() && !path.is_symlink() {
                open.push(path);
            }
        }
    }
    found
}
