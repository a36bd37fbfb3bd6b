//! What somebody causes again and again is a line with a number, not as many lines: no flood of requests fills the disk.

use foretaste_model::words::counted;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::database::{Event, EventKind, now};
use crate::decide::Outcome;

/// How long the same counts as a repeat.
const WINDOW: Duration = Duration::from_mins(1);
/// Different lines that are remembered to be compared with.
const REMEMBERED: usize = 1_000;
/// Different refusals of a minute that get a line of their own: whoever makes up names causes as many as requests.
const REFUSALS: usize = 500;

/// What happened in the last minute.
#[derive(Debug)]
pub(super) struct Repeats {
    seen: HashMap<Event, Seen>,
    /// When the minute of the refusals began, how many had lines, and how many had none.
    since: Instant,
    refusals: usize,
    left_out: i64,
}

#[derive(Debug)]
struct Seen {
    since: Instant,
    /// When it was seen last, in seconds since the epoch.
    last: i64,
    times: i64,
}

/// What may come in floods: downloads, and connections past the gate.
fn may_flood(event: &Event) -> bool {
    event.kind == EventKind::Download.id() || is_past_the_gate(event)
}

fn is_past_the_gate(event: &Event) -> bool {
    event.kind == EventKind::Alert.id() && event.outcome == "refused"
}

fn is_refusal(event: &Event) -> bool {
    is_past_the_gate(event)
        || [Outcome::Refuse.id(), Outcome::Hold.id()].contains(&event.outcome.as_str())
}

impl Repeats {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            seen: HashMap::new(),
            since: now,
            refusals: 0,
            left_out: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.seen.is_empty() && self.left_out == 0
    }

    /// The line to be written for an event at once, if it needs one.
    pub(super) fn take(&mut self, event: Event, now: Instant) -> Option<Event> {
        if !may_flood(&event) {
            return Some(event);
        }
        let same = Event {
            at: 0,
            ..event.clone()
        };
        if let Some(seen) = self.seen.get_mut(&same) {
            seen.times += 1;
            seen.last = event.at;
            return None;
        }
        if is_refusal(&event) {
            if self.refusals >= REFUSALS {
                self.left_out += 1;
                return None;
            }
            self.refusals += 1;
        }
        if self.seen.len() < REMEMBERED {
            let seen = Seen {
                since: now,
                last: event.at,
                times: 0,
            };
            self.seen.insert(same, seen);
        }
        Some(event)
    }

    /// The lines for what was repeated and left out in times that are over; of all times if `everything` is asked for.
    pub(super) fn over(&mut self, at: Instant, everything: bool) -> Vec<Event> {
        let is_over = |since: Instant| at.saturating_duration_since(since) >= WINDOW;
        let mut lines = Vec::new();
        self.seen.retain(|event, seen| {
            let ends = is_over(seen.since);
            if (ends || everything) && seen.times > 0 {
                lines.push(Event {
                    at: seen.last,
                    again: seen.times - 1,
                    ..event.clone()
                });
                seen.times = 0;
            }
            !ends
        });
        lines.sort_by_key(|event| event.at);
        let ends = is_over(self.since);
        if (ends || everything) && self.left_out > 0 {
            lines.push(Event {
                at: now(),
                kind: EventKind::Download.id().to_owned(),
                outcome: Outcome::Refuse.id().to_owned(),
                reason: format!(
                    "left out of this log, which has {REFUSALS} different ones of one minute: {}",
                    counted(self.left_out, "more refusal")
                ),
                again: self.left_out - 1,
                ..Event::default()
            });
            self.left_out = 0;
        }
        if ends {
            (self.since, self.refusals) = (at, 0);
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn download(name: &str, outcome: Outcome, at: i64) -> Event {
        Event {
            at,
            kind: EventKind::Download.id().to_owned(),
            name: name.to_owned(),
            outcome: outcome.id().to_owned(),
            ..Event::default()
        }
    }

    #[test]
    fn the_same_is_written_once_a_minute_with_how_often_it_came_again() {
        let begin = Instant::now();
        let mut repeats = Repeats::new(begin);
        let written: Vec<_> = (0..1_000)
            .filter_map(|at| repeats.take(download("frob", Outcome::Refuse, at), begin))
            .collect();
        assert_eq!(written, [download("frob", Outcome::Refuse, 0)]);
        assert!(repeats.over(begin, false).is_empty());
        let later = begin + WINDOW;
        let lines = repeats.over(later, false);
        let expected = Event {
            again: 998,
            ..download("frob", Outcome::Refuse, 999)
        };
        assert_eq!(lines, [expected]);
        assert!(repeats.is_empty());
        let next = download("frob", Outcome::Refuse, 1_000);
        assert_eq!(repeats.take(next.clone(), later), Some(next));
    }

    #[test]
    fn whoever_reads_the_log_sees_what_was_counted_so_far_and_each_once() {
        let begin = Instant::now();
        let mut repeats = Repeats::new(begin);
        let mut events = 0;
        for round in 0..3 {
            for at in 0..5 {
                let line = repeats.take(download("frob", Outcome::Serve, at), begin);
                events += line.map_or(0, |e| e.again + 1);
            }
            let lines = repeats.over(begin, true);
            events += lines.iter().map(|e| e.again + 1).sum::<i64>();
            assert_eq!(events, (round + 1) * 5);
        }
    }

    #[test]
    fn made_up_names_are_left_out_in_one_line_that_counts_them() {
        let begin = Instant::now();
        let mut repeats = Repeats::new(begin);
        let mut lines = 0;
        for number in 0..20_000 {
            let event = download(&format!("n{number}"), Outcome::Refuse, 0);
            lines += usize::from(repeats.take(event, begin).is_some());
        }
        assert_eq!(lines, REFUSALS);
        let over = repeats.over(begin + WINDOW, false);
        let [line] = &over[..] else {
            panic!("{over:?}")
        };
        assert_eq!(line.again + 1, 19_500);
        assert!(line.reason.ends_with("19500 more refusals"), "{line:?}");
    }

    #[test]
    fn what_is_served_is_never_left_out_and_changes_have_each_a_line() {
        let begin = Instant::now();
        let mut repeats = Repeats::new(begin);
        for number in 0..REMEMBERED * 2 {
            let event = download(&format!("n{number}"), Outcome::Serve, 0);
            assert!(repeats.take(event, begin).is_some());
        }
        assert!(repeats.seen.len() <= REMEMBERED);
        let change = Event {
            kind: EventKind::Publish.id().to_owned(),
            ..Event::default()
        };
        for _ in 0..3 {
            assert!(repeats.take(change.clone(), begin).is_some());
        }
    }
}
