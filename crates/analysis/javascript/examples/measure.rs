//! Observes every JavaScript and TypeScript file below some paths: speed, slowest files, facts or a digest of them per
//! file.
//!
//! `cargo run --release -p foretaste-javascript --example measure -- [--show] [--digests FILE] [--slow N] PATH...`
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a tool for developers"
)]

use std::fmt::Write as _;
use std::hash::BuildHasher as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use foretaste_model::Limits;

fn main() {
    let mut files = Vec::new();
    let (mut digests, mut slowest, mut show) = (None, 10, false);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match &*arg {
            "--show" => show = true,
            "--digests" => digests = args.next(),
            "--slow" => slowest = args.next().and_then(|n| n.parse().ok()).unwrap_or(slowest),
            path => collect(Path::new(path), &mut files),
        }
    }
    files.sort();
    let mut bytes = 0;
    let mut total = Duration::ZERO;
    let mut times = Vec::new();
    let mut lines = String::new();
    for file in &files {
        let Ok(text) = std::fs::read_to_string(file) else {
            continue;
        };
        let name = file.to_string_lossy();
        let started = Instant::now();
        let facts = foretaste_javascript::observe(&name, &text, &Limits::default());
        let taken = started.elapsed();
        total += taken;
        bytes += text.len();
        times.push((taken, text.len(), file));
        if show {
            println!("{facts:#?}");
        }
        if digests.is_some() {
            let digest = rustc_hash::FxBuildHasher.hash_one(format!("{facts:?}"));
            let _ = writeln!(lines, "{digest:016x} {name}");
        }
    }
    if let Some(path) = digests {
        std::fs::write(path, lines).ok();
    }
    times.sort_by_key(|(taken, ..)| std::cmp::Reverse(*taken));
    for (taken, length, file) in times.iter().take(slowest) {
        let speed = *length as f64 / taken.as_secs_f64() / 1e6;
        println!(
            "{:>8.1} ms {length:>9} bytes {speed:>6.1} MB/s {}",
            taken.as_secs_f64() * 1e3,
            file.display()
        );
    }
    println!(
        "{} files, {:.1} MB in {:.2} s: {:.1} MB/s",
        times.len(),
        bytes as f64 / 1e6,
        total.as_secs_f64(),
        bytes as f64 / total.as_secs_f64() / 1e6
    );
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
            collect(&entry.path(), files);
        }
    } else if path
        .extension()
        .and_then(|e| e.to_str())
        .is_some_and(|e| matches!(e, "js" | "mjs" | "cjs" | "ts" | "jsx" | "tsx"))
    {
        files.push(path.to_owned());
    }
}
