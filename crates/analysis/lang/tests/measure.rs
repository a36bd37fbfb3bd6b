//! Measures speed on a folder of real files: `FORETASTE_SAMPLE=<folder> cargo test --release -p foretaste-lang
//! --test measure -- --ignored --nocapture`.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement reads the folder it is given, and prints"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use foretaste_lang::{STACK_BYTES, has_large_stack, observe};
use foretaste_model::Limits;

/// Files, bytes, time, slowest file.
#[derive(Default)]
struct Sum {
    files: usize,
    bytes: usize,
    time: Duration,
    slowest: (Duration, String),
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

fn measure(folder: &Path) {
    has_large_stack();
    let mut sums: BTreeMap<&str, Sum> = BTreeMap::new();
    let mut noted: BTreeMap<String, usize> = BTreeMap::new();
    for path in files(folder) {
        let Ok(bytes) = std::fs::read(&path) else {
            continue;
        };
        let started = Instant::now();
        let name = path.to_string_lossy();
        let facts = observe(&name, &bytes, &Limits::default());
        let took = started.elapsed();
        let sum = sums.entry(facts.language.id()).or_default();
        sum.files += 1;
        sum.bytes += bytes.len();
        sum.time += took;
        if took > sum.slowest.0 {
            sum.slowest = (took, name.to_string());
        }
        for problem in &facts.problems {
            *noted.entry(format!("{:?}", problem.kind)).or_default() += 1;
            if std::env::var_os("FORETASTE_PROBLEMS").is_some() {
                println!("{name}: {:?}: {}", problem.kind, problem.message);
            }
        }
        for oddity in &facts.unicode {
            *noted.entry(format!("{:?}", oddity.kind)).or_default() += 1;
            if std::env::var_os("FORETASTE_PROBLEMS").is_some() {
                println!("{name}: {oddity:?}");
            }
        }
    }
    for (language, sum) in sums {
        let megabytes = sum.bytes as f64 / 1e6;
        println!(
            "{language:>12} {:>6} files {megabytes:>8.1} MB {:>7.2} s {:>7.1} MB/s  slowest {:?} {}",
            sum.files,
            sum.time.as_secs_f64(),
            megabytes / sum.time.as_secs_f64().max(1e-9),
            sum.slowest.0,
            sum.slowest.1
        );
    }
    println!("{noted:?}");
}

#[test]
#[ignore = "a measurement"]
fn measures_a_folder() {
    let Some(folder) = std::env::var_os("FORETASTE_SAMPLE").map(PathBuf::from) else {
        return;
    };
    std::thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(move || measure(&folder))
        .unwrap()
        .join()
        .unwrap();
}
