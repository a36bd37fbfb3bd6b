//! Observes every file of some archives and folders: processor time for each language, slowest files, a digest of the facts of each
//! file, so that a change of speed can be shown to change nothing else.
//!
//! `cargo run --release -p foretaste-lang --example measure -- [--digests FILE] [--slow N] PATH...`
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a tool for developers"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use foretaste_model::{ContentDigest, Limits, Stopwatch};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Files, bytes, time.
#[derive(Default)]
struct Sum {
    files: usize,
    bytes: usize,
    time: Duration,
}

#[derive(Default)]
struct Measure {
    sums: BTreeMap<&'static str, Sum>,
    times: Vec<(Duration, usize, String)>,
    digests: String,
    wants_digests: bool,
}

impl Measure {
    fn observe(&mut self, name: String, bytes: &[u8]) {
        let started = Stopwatch::start();
        let facts = foretaste_lang::observe(&name, bytes, &Limits::default());
        let taken = started.elapsed();
        let sum = self.sums.entry(facts.language.id()).or_default();
        sum.files += 1;
        sum.bytes += bytes.len();
        sum.time += taken;
        if self.wants_digests {
            let digest = ContentDigest::of(format!("{facts:?}").as_bytes());
            let _ = writeln!(self.digests, "{digest} {name}");
        }
        self.times.push((taken, bytes.len(), name));
    }

    fn path(&mut self, path: &Path) {
        if path.is_dir() {
            let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
            let mut entries: Vec<PathBuf> = entries.map(|e| e.path()).collect();
            entries.sort();
            for entry in entries {
                self.path(&entry);
            }
        } else if let Ok(bytes) = std::fs::read(path) {
            let name = path.to_string_lossy().into_owned();
            let started = Stopwatch::start();
            let mut members = Vec::new();
            let unpacked =
                foretaste_archive::unpack_each(&name, &bytes, &Limits::default(), &mut |member| {
                    members.push(member);
                    ControlFlow::Continue(())
                });
            if unpacked.format.is_none() {
                self.observe(name, &bytes);
                return;
            }
            let sum = self.sums.entry("(unpacking)").or_default();
            sum.files += 1;
            sum.bytes += bytes.len();
            sum.time += started.elapsed();
            for member in members {
                self.observe(format!("{name}:{}", member.path.as_str()), &member.data);
            }
        }
    }

    fn print(&mut self, slowest: usize) {
        let speed =
            |bytes: usize, time: Duration| bytes as f64 / 1e6 / time.as_secs_f64().max(1e-9);
        self.times
            .sort_by_key(|(taken, ..)| std::cmp::Reverse(*taken));
        for (taken, bytes, name) in self.times.iter().take(slowest) {
            let (ms, speed) = (taken.as_secs_f64() * 1e3, speed(*bytes, *taken));
            println!("{ms:>8.1} ms {bytes:>9} bytes {speed:>6.1} MB/s {name}");
        }
        for (language, sum) in &self.sums {
            println!(
                "{language:>12} {:>7} files {:>8.1} MB {:>8.3} s {:>7.1} MB/s",
                sum.files,
                sum.bytes as f64 / 1e6,
                sum.time.as_secs_f64(),
                speed(sum.bytes, sum.time),
            );
        }
        let total: Duration = self.sums.values().map(|s| s.time).sum();
        println!("{:>12} {:>36.3} s", "all", total.as_secs_f64());
    }
}

fn main() {
    let (mut digests, mut slowest, mut paths) = (None, 0, Vec::new());
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match &*arg {
            "--digests" => digests = args.next(),
            "--slow" => slowest = args.next().and_then(|n| n.parse().ok()).unwrap_or(slowest),
            path => paths.push(PathBuf::from(path)),
        }
    }
    let mut measure = Measure {
        wants_digests: digests.is_some(),
        ..Measure::default()
    };
    let work = move || {
        foretaste_lang::has_large_stack();
        for path in &paths {
            measure.path(path);
        }
        measure.print(slowest);
        if let Some(path) = digests {
            std::fs::write(path, &measure.digests).ok();
        }
    };
    let worker = std::thread::Builder::new().stack_size(foretaste_lang::STACK_BYTES);
    if let Ok(worker) = worker.spawn(work) {
        worker.join().ok();
    }
}
