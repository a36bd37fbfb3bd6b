//! How long work took, in the time that limits are written in.

use std::time::{Duration, Instant};

/// Processor time that the current thread spends, from a start on.
///
/// Limits are processor time, so that a busy machine does not change what is found. A thread cannot spend more of it
/// than passes on the wall, whose clock is far cheaper to read: [`Self::exceeds`] asks for processor time only when
/// the wall clock is beyond the limit. Where a system does not account for threads, wall-clock time counts.
///
/// Read it on the thread that started it.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    wall: Instant,
    /// What the thread had spent at the start.
    spent: Option<Duration>,
}

impl Stopwatch {
    /// Starts now.
    pub fn start() -> Self {
        Self {
            wall: Instant::now(),
            spent: thread_time(),
        }
    }

    /// Processor time since the start.
    pub fn elapsed(&self) -> Duration {
        match (self.spent, thread_time()) {
            (Some(before), Some(now)) => now.saturating_sub(before),
            _ => self.wall.elapsed(),
        }
    }

    /// True once more than `limit` was spent. Cheap enough for inner loops.
    #[inline]
    pub fn exceeds(&self, limit: Duration) -> bool {
        self.wall.elapsed() > limit && self.elapsed() > limit
    }
}

/// Processor time of this thread since it began.
#[cfg(unix)]
fn thread_time() -> Option<Duration> {
    use rustix::time::{ClockId, clock_gettime};
    clock_gettime(ClockId::ThreadCPUTime).try_into().ok()
}

#[cfg(not(unix))]
const fn thread_time() -> Option<Duration> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn waiting_costs_nothing_and_work_does() {
        let watch = Stopwatch::start();
        std::thread::sleep(Duration::from_millis(60));
        assert!(watch.elapsed() < Duration::from_millis(40));
        assert!(!watch.exceeds(Duration::from_millis(40)));
        let mut sum = 0_u64;
        while !watch.exceeds(Duration::from_millis(5)) {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(watch.elapsed() > Duration::from_millis(5));
    }

    #[test]
    fn nothing_is_a_limit_that_is_soon_exceeded() {
        let watch = Stopwatch::start();
        while !watch.exceeds(Duration::ZERO) {
            std::hint::spin_loop();
        }
    }
}
