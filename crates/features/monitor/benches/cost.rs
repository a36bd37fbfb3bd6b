//! What watching costs: a job bare and watched, in pairs next to each other, in changing order; processor time of the job, of
//! the kernel on its behalf, and of the monitor. Needs root.
//!
//! `cargo bench -p foretaste-monitor --bench cost -- 'rm -rf v && python3 -m venv v && v/bin/pip install -q ...' [PAIRS]`
#![cfg(target_os = "linux")]
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::sync::mpsc::{TryRecvError, channel};
use std::time::Instant;

use foretaste_io::Program;
use foretaste_monitor::policy::Policy;
use foretaste_monitor::{Locked, Session, Settings};
use nix::sys::resource::{UsageWho, getrusage};

/// Seconds of processor time of this process and its children so far.
fn processor() -> f64 {
    [UsageWho::RUSAGE_SELF, UsageWho::RUSAGE_CHILDREN]
        .into_iter()
        .filter_map(|who| getrusage(who).ok())
        .flat_map(|usage| [usage.user_time(), usage.system_time()])
        .map(|time| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6)
        .sum()
}

fn run(job: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let program = Program::new("/bin/sh").args(["-c", job]);
    runtime
        .block_on(program.run_in_the_open())
        .expect("the job runs");
}

fn watched(job: &str, lesser: bool) {
    let mut session = Session::open(Settings {
        policy: Policy::default(),
        locked: Locked::default(),
        watched: job.to_owned(),
        command: true,
        lesser,
    })
    .expect("a session");
    let (sender, receiver) = channel::<()>();
    let job = job.to_owned();
    let runner = std::thread::spawn(move || {
        run(&job);
        drop(sender);
    });
    session.collect(|| receiver.try_recv() == Err(TryRecvError::Disconnected));
    runner.join().expect("the job ran");
    let (report, _) = session.finish(None);
    assert!(!report.processes.is_empty());
}

fn median(mut values: Vec<f64>) -> (f64, f64, f64) {
    values.sort_by(f64::total_cmp);
    (
        values[values.len() / 2],
        values[0],
        values[values.len() - 1],
    )
}

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|word| word != "--bench");
    let Some(job) = arguments.next() else {
        println!("left out: give a job");
        return;
    };
    let pairs: usize = arguments
        .next()
        .and_then(|word| word.parse().ok())
        .unwrap_or(7);
    run(&job);
    for lesser in [false, true] {
        let (mut cpu, mut wall) = (Vec::new(), Vec::new());
        for pair in 0..pairs {
            let measure = |act: &dyn Fn()| {
                let (begin, before) = (Instant::now(), processor());
                act();
                (processor() - before, begin.elapsed().as_secs_f64())
            };
            let bare = || measure(&|| run(&job));
            let with = || measure(&|| watched(&job, lesser));
            let (bare, with) = if pair % 2 == 0 {
                let bare = bare();
                (bare, with())
            } else {
                let with = with();
                (bare(), with)
            };
            cpu.push(with.0 / bare.0);
            wall.push(with.1 / bare.1);
        }
        let (middle, least, most) = median(cpu);
        let (wall, ..) = median(wall);
        println!(
            "{}: processor time x{middle:.3} ({least:.3} to {most:.3}), wall clock x{wall:.3}, median of {pairs} pairs",
            if lesser { "lesser sources" } else { "eBPF" }
        );
    }
}
