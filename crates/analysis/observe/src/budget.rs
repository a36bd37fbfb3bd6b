//! How much work one file may cause.

use std::time::Duration;

use foretaste_model::{Limits, Stopwatch};

/// Steps and processor time that the analysis of one file may take.
///
/// The clock is a safety net for hostile input only: the step limit is reached first on every machine that is not
/// very slow, however busy it is, so that facts stay the same from run to run.
#[derive(Debug)]
pub struct Budget {
    steps: u64,
    limit: u64,
    started: Stopwatch,
    time: Duration,
    exhausted: bool,
}

impl Budget {
    /// Steps between two looks at the clock.
    const STRIDE: u64 = 4096;

    /// A budget for a file of `bytes` bytes: a number of steps in proportion to it, and `limits.file_time`.
    pub fn for_file(bytes: usize, limits: &Limits) -> Self {
        Self {
            steps: 0,
            limit: 2_000_000_u64.saturating_add((bytes as u64).saturating_mul(8)),
            started: Stopwatch::start(),
            time: limits.file_time,
            exhausted: false,
        }
    }

    /// Takes one step. False once the budget is used up, and from then on.
    #[inline]
    pub fn step(&mut self) -> bool {
        self.spend(1)
    }

    /// Takes several steps at once.
    #[inline]
    pub fn spend(&mut self, steps: u64) -> bool {
        let before = self.steps / Self::STRIDE;
        self.steps = self.steps.saturating_add(steps);
        if self.steps / Self::STRIDE != before {
            self.look();
        }
        !self.exhausted
    }

    /// True once the budget is used up.
    pub const fn is_exhausted(&self) -> bool {
        self.exhausted
    }

    /// Steps taken so far.
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    #[cold]
    fn look(&mut self) {
        if self.steps > self.limit || self.started.exceeds(self.time) {
            self.exhausted = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_ends_by_steps_and_by_time() {
        let mut by_steps = Budget::for_file(0, &Limits::default());
        assert!(by_steps.step());
        assert!(!by_steps.spend(3_000_000));
        assert!(by_steps.is_exhausted());
        let none = Limits {
            file_time: Duration::ZERO,
            ..Limits::default()
        };
        let mut by_time = Budget::for_file(0, &none);
        assert!(!by_time.spend(5_000));
    }
}
