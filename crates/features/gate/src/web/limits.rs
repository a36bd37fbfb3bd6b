//! How often somebody may ask.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Callers that are remembered; more than these begin anew together.
const KEPT: usize = 50_000;

/// A bucket for each caller, which fills with time.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    per_minute: u32,
    buckets: Mutex<HashMap<String, Bucket>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Requests that are left.
    left: f64,
    since: Instant,
}

impl Limits {
    /// So many requests in a minute, all at once if they come at once; 0 for no limit.
    pub(crate) fn new(per_minute: u32) -> Self {
        Self {
            per_minute,
            buckets: Mutex::default(),
        }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// The seconds to wait.
    pub(crate) fn take(&self, who: &str, now: Instant) -> Result<(), u64> {
        if self.per_minute == 0 {
            return Ok(());
        }
        let (most, per_second) = (
            f64::from(self.per_minute),
            f64::from(self.per_minute) / 60.0,
        );
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= KEPT && !buckets.contains_key(who) {
            buckets.clear();
        }
        let bucket = buckets.entry(who.to_owned()).or_insert(Bucket {
            left: most,
            since: now,
        });
        let passed = now.saturating_duration_since(bucket.since).as_secs_f64();
        bucket.left = (bucket.left + passed * per_second).min(most);
        bucket.since = now;
        if bucket.left < 1.0 {
            let wait = (1.0 - bucket.left) / per_second;
            return Err(wait.ceil() as u64);
        }
        bucket.left -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn buckets_fill_with_time_and_are_everybodys_own() {
        let limits = Limits::new(60);
        let begin = Instant::now();
        for _ in 0..60 {
            assert_eq!(limits.take("a", begin), Ok(()));
        }
        assert_eq!(limits.take("a", begin), Err(1));
        assert_eq!(limits.take("b", begin), Ok(()));
        assert_eq!(limits.take("a", begin + Duration::from_secs(1)), Ok(()));
        assert_eq!(limits.take("a", begin + Duration::from_secs(1)), Err(1));
        assert_eq!(Limits::new(0).take("a", begin), Ok(()));
    }
}
