//! Scanning every sample: one thread and one pool for each core, the largest samples first.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use foretaste_model::report::ReleaseReport;

use crate::measure::{forget_peak_memory, peak_memory, process_cpu, thread_cpu};
use crate::{Outcome, Sample};

/// Scans one local archive or folder.
pub trait Scanner: Sync {
    /// The report on what lies at `path`. Never asks the network, never panics for long: a panic counts as a failure.
    fn scan(&self, path: &Path) -> ReleaseReport;
}

/// Hears of each finished sample. Calls come from several threads.
pub trait Listener: Sync {
    /// A sample is done.
    fn done(&self, sample: &Sample, outcome: &Outcome);
}

/// What a run gave.
#[derive(Debug)]
pub struct Work {
    /// The samples that were scanned, in the order given, with what came of them.
    pub done: Vec<(Sample, Outcome)>,
    /// How many were left when the run was stopped.
    pub left: usize,
    /// Threads.
    pub jobs: usize,
    /// Wall-clock time of the whole run.
    pub wall: Duration,
    /// Processor time of all threads.
    pub cpu: Duration,
    /// The most memory that the process held, in bytes.
    pub peak_memory: Option<u64>,
}

/// Scans every sample on `jobs` threads until done or until `stop` is set.
pub fn run(
    samples: Vec<Sample>,
    jobs: usize,
    scanner: &dyn Scanner,
    listener: &dyn Listener,
    stop: &AtomicBool,
) -> Work {
    let jobs = jobs.max(1);
    let (begin, cpu) = (Instant::now(), process_cpu());
    let mut order: Vec<usize> = (0..samples.len()).collect();
    order.sort_by_key(|i| std::cmp::Reverse(samples[*i].size));
    let queue = Queue::new(&samples, order);
    let outcomes: Mutex<Vec<Option<Outcome>>> = Mutex::new(vec![None; samples.len()]);
    let work = || {
        while !stop.load(Ordering::Relaxed) {
            let Some(index) = queue.take() else {
                break;
            };
            let outcome = scan(scanner, &samples[index], jobs == 1);
            queue.done(index);
            listener.done(&samples[index], &outcome);
            if let Ok(mut outcomes) = outcomes.lock() {
                outcomes[index] = Some(outcome);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| alone(work));
        }
    });
    let outcomes = outcomes
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    let total = samples.len();
    let done: Vec<_> = samples
        .into_iter()
        .zip(outcomes)
        .filter_map(|(sample, outcome)| Some((sample, outcome?)))
        .collect();
    // with one thread the peak was forgotten before each scan
    let highest = done.iter().filter_map(|(_, o)| o.memory).max();
    let memory = highest.max(peak_memory());
    Work {
        left: total - done.len(),
        done,
        jobs,
        wall: begin.elapsed(),
        cpu: process_cpu().saturating_sub(cpu),
        peak_memory: memory,
    }
}

/// Packed bytes that are scanned at once, so that two large samples never meet in memory. A larger one is scanned alone.
const ROOM: u64 = 40 << 20;

/// The samples that are left, the largest first.
struct Queue<'s> {
    samples: &'s [Sample],
    state: Mutex<Waiting>,
    freed: Condvar,
}

struct Waiting {
    left: Vec<usize>,
    /// Packed bytes of what is being scanned.
    held: u64,
}

impl<'s> Queue<'s> {
    fn new(samples: &'s [Sample], left: Vec<usize>) -> Self {
        Self {
            samples,
            state: Mutex::new(Waiting { left, held: 0 }),
            freed: Condvar::new(),
        }
    }

    /// The largest sample that fits beside those that are being scanned. Waits for one; none when none are left.
    fn take(&self) -> Option<usize> {
        let mut state = self.state();
        while !state.left.is_empty() {
            let free = ROOM.saturating_sub(state.held);
            let fits = match state.held {
                0 => 0,
                _ => state.left.partition_point(|i| self.size(*i) > free),
            };
            if fits < state.left.len() {
                let index = state.left.remove(fits);
                state.held += self.size(index);
                return Some(index);
            }
            state = self
                .freed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        None
    }

    /// A sample is no longer in memory.
    fn done(&self, index: usize) {
        self.state().held -= self.size(index);
        self.freed.notify_all();
    }

    fn size(&self, index: usize) -> u64 {
        self.samples.get(index).map_or(0, |s| s.size)
    }

    fn state(&self) -> MutexGuard<'_, Waiting> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Works in a pool of one thread with the stack that the observers need, so that what a scan costs is counted on it.
fn alone(work: impl FnOnce() + Send) {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .stack_size(foretaste_lang::STACK_BYTES)
        .start_handler(|_| foretaste_lang::has_large_stack())
        .build();
    match pool {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}

fn scan(scanner: &dyn Scanner, sample: &Sample, is_alone: bool) -> Outcome {
    let spent = if is_alone { process_cpu } else { thread_cpu };
    let watches_memory = is_alone && forget_peak_memory();
    let (begin, cpu) = (Instant::now(), spent());
    let report = catch_unwind(AssertUnwindSafe(|| scanner.scan(&sample.path)));
    let (wall, cpu) = (begin.elapsed(), spent().saturating_sub(cpu));
    let mut outcome = match report {
        Ok(report) => Outcome::of(&report, wall, cpu),
        Err(_) => Outcome::broken("the scan broke off".into(), wall, cpu),
    };
    if watches_memory {
        outcome.memory = peak_memory();
    }
    if let Some(kind) = &sample.kind {
        outcome.kind.clone_from(kind);
    }
    outcome
}
