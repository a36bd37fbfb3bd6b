//! # Runs a program that it wrote itself
//!
//! ## What it finds
//! A file that was written in this run, in a temporary or hidden folder, is executed.
//!
//! ## Why it matters
//! Downloaders write their second stage where nobody looks, and start it.
//!
//! ## What to do
//! Look at the program and at who wrote it; a build that needs it can be told to write it into the project.
//!
//! ## When it is wrong
//! Build systems test compilers so (`configure`, CMake, meson), with names of their own, which are left out.

use super::prelude::*;

/// The rule.
pub(super) const RULE: Rule = rule(
    "dropped-program",
    "runs a program that it wrote itself",
    Verdict::Review,
    &["T1105"],
    test,
);

fn test(at: At<'_>) -> Option<String> {
    let process = at.started()?;
    let path = &process.program;
    let is_place = ["/tmp/", "/dev/shm/", "/var/tmp/"]
        .iter()
        .any(|place| path.starts_with(place))
        || path.contains("/.cache/");
    let is_build = [
        "/pip-",
        "/build-env-",
        "/conftest",
        "/CMakeFiles/",
        "/_MEI",
        "/target/",
        "/cc",
        "/node_modules/",
        "/venv/",
        "/bin/",
        "/meson",
        "/rustc",
        "/uv-",
    ];
    // what a project builds and runs in its own folder is its business
    let project = at
        .record
        .processes
        .first()
        .map_or("", |first| first.directory.as_str());
    let is_own = !project.is_empty()
        && path.starts_with(project)
        && path.as_bytes().get(project.len()) == Some(&b'/');
    let is_known = is_build.iter().any(|word| path.contains(word));
    (is_place && !is_own && !is_known && at.record.was_written(path)).then(|| words::line(process))
}
