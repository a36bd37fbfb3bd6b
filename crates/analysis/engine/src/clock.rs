//! The time of judging, and for how long what was asked of it stays so.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// When a scene is judged, in whole seconds. It remembers for how long each answer that it gave stays the same, so that a
/// judgement can be kept until time changes it: rules ask whether a limit has passed before they ask how long ago something
/// was.
#[derive(Debug)]
pub struct Clock {
    now: i64,
    from: AtomicI64,
    until: AtomicI64,
}

impl Clock {
    /// A clock that stands at `now`.
    pub fn at(now: Timestamp) -> Self {
        Self {
            now: now.as_second(),
            from: AtomicI64::new(i64::MIN),
            until: AtomicI64::new(i64::MAX),
        }
    }

    /// The seconds since 1970 from which on, and before which, every answer so far is the same.
    pub fn holds(&self) -> (i64, i64) {
        (
            self.from.load(Ordering::Relaxed),
            self.until.load(Ordering::Relaxed),
        )
    }

    /// The time itself: true for this second only.
    pub fn now(&self) -> Timestamp {
        self.narrow(self.now, self.now.saturating_add(1));
        Timestamp::from_second(self.now).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Whether `time` is past.
    pub fn is_past(&self, time: Timestamp) -> bool {
        self.reached(time.as_second().saturating_add(1))
    }

    /// Whether the last second of `day` (UTC) is past.
    pub fn is_over(&self, day: Date) -> bool {
        let next = day.tomorrow().and_then(|d| d.to_zoned(TimeZone::UTC));
        next.is_ok_and(|next| self.reached(next.timestamp().as_second()))
    }

    /// Whether at least so many days, of 24 hours each, have passed since `time`.
    pub fn days_passed(&self, time: Timestamp, days: f64) -> bool {
        self.reached(after(time, days, DAY))
    }

    /// Whether at least so many hours have passed since `time`.
    pub fn hours_passed(&self, time: Timestamp, hours: f64) -> bool {
        self.reached(after(time, hours, HOUR))
    }

    /// Whole days since `time`.
    pub fn days_since(&self, time: Timestamp) -> i64 {
        self.units_since(time, DAY)
    }

    /// Whole hours since `time`.
    pub fn hours_since(&self, time: Timestamp) -> i64 {
        self.units_since(time, HOUR)
    }

    /// Whole tenths of a year since `time`.
    pub fn tenths_of_years_since(&self, time: Timestamp) -> i64 {
        // a tenth of 365.25 days
        self.units_since(time, 3_155_760)
    }

    fn units_since(&self, time: Timestamp, unit: i64) -> i64 {
        let since = time.as_second();
        let count = self.now.saturating_sub(since).div_euclid(unit);
        let begin = since.saturating_add(count.saturating_mul(unit));
        self.narrow(begin, begin.saturating_add(unit));
        count
    }

    fn reached(&self, limit: i64) -> bool {
        let reached = self.now >= limit;
        if reached {
            self.narrow(limit, i64::MAX);
        } else {
            self.narrow(i64::MIN, limit);
        }
        reached
    }

    fn narrow(&self, from: i64, until: i64) {
        self.from.fetch_max(from, Ordering::Relaxed);
        self.until.fetch_min(until, Ordering::Relaxed);
    }
}

/// The second at which whole units since `time` are at least `count`.
fn after(time: Timestamp, count: f64, unit: i64) -> i64 {
    // a cast of what is beyond the range gives its end
    let whole = count.ceil() as i64;
    time.as_second().saturating_add(whole.saturating_mul(unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn at(second: i64) -> Clock {
        Clock::at(Timestamp::from_second(second).unwrap())
    }

    #[test]
    fn what_was_not_asked_holds_for_ever() {
        assert_eq!(at(5).holds(), (i64::MIN, i64::MAX));
    }

    #[test]
    fn answers_are_the_same_as_long_as_it_says() {
        let then = time("2026-01-01T10:00:00Z");
        let day = jiff::civil::date(2026, 1, 4);
        let ask = |clock: &Clock, what: usize| match what {
            0 => clock.days_since(then),
            1 => clock.hours_since(then),
            2 => clock.tenths_of_years_since(then),
            3 => i64::from(clock.is_past(then)),
            4 => i64::from(clock.is_over(day)),
            5 => i64::from(clock.days_passed(then, 2.5)),
            6 => i64::from(clock.hours_passed(then, 30.0)),
            _ => clock.now().as_second(),
        };
        for what in 0..8 {
            let step = if what == 2 { 1_000_003 } else { 1_801 };
            for now in (-5..200).map(|n| then.as_second() + n * step) {
                let clock = at(now);
                let answer = ask(&clock, what);
                let (from, until) = clock.holds();
                assert!(from <= now && now < until);
                let is_time = |second: &i64| (-(1 << 36)..1 << 36).contains(second);
                for other in [from, until.saturating_sub(1)].into_iter().filter(is_time) {
                    assert_eq!(ask(&at(other), what), answer, "{what} at {now}, {other}");
                }
                for other in [from.saturating_sub(1), until].into_iter().filter(is_time) {
                    assert_ne!(ask(&at(other), what), answer, "{what} at {now}, {other}");
                }
            }
        }
    }

    #[test]
    fn odd_limits_and_times_are_no_reason_to_panic() {
        for clock in [Timestamp::MIN, Timestamp::MAX].map(Clock::at) {
            for limit in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.5, 1e300] {
                clock.days_passed(Timestamp::MIN, limit);
                clock.hours_passed(Timestamp::MAX, limit);
            }
            clock.days_since(Timestamp::MIN);
            clock.is_past(Timestamp::MAX);
            clock.is_over(Date::MAX);
            clock.now();
        }
    }
}
