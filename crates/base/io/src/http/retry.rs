//! When to try again, and after how long.

use std::hash::{BuildHasher as _, Hasher as _};
use std::time::Duration;

use jiff::Timestamp;

/// True for answers that may be better the next time.
pub(super) const fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504 | 520..=524)
}

/// Reads `Retry-After`: seconds or an HTTP date (RFC 9110 §10.2.3).
pub(super) fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    Some(Duration::try_from(at.duration_since(now)).unwrap_or_default())
}

/// The pause before retry number `attempt` (from 0): exponential, half of it random so that clients spread.
pub(super) fn backoff(base: Duration, attempt: u32, longest: Duration) -> Duration {
    let full = base
        .saturating_mul(2_u32.saturating_pow(attempt))
        .min(longest);
    let random = std::hash::RandomState::new().build_hasher().finish();
    let share = (random % 1_000) as u32;
    (full / 2).saturating_add((full / 2).saturating_mul(share) / 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_forms_of_retry_after() {
        let now = "2026-01-01T00:00:00Z".parse().expect("a time");
        let seconds = |text| retry_after(text, now).map(|d| d.as_secs());
        assert_eq!(seconds("120"), Some(120));
        assert_eq!(seconds("Thu, 01 Jan 2026 00:00:30 GMT"), Some(30));
        assert_eq!(seconds("Wed, 31 Dec 2025 00:00:30 GMT"), Some(0));
        assert_eq!(seconds("soon"), None);
    }

    #[test]
    fn pauses_grow_and_stay_bounded() {
        let base = Duration::from_millis(100);
        let longest = Duration::from_secs(1);
        for attempt in [0, 1, 2, 3, 10, 31, 40] {
            let pause = backoff(base, attempt, longest);
            let full = base
                .saturating_mul(2_u32.saturating_pow(attempt))
                .min(longest);
            assert!(pause >= full / 2 && pause <= full, "{attempt}: {pause:?}");
        }
    }
}
