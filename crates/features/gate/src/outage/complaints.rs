//! What the log of the process would say for every request while something is broken: it says each once a minute, and how often
//! it said nothing.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long the same is not said again.
const WINDOW: Duration = Duration::from_mins(1);
/// Different ones of a window that are said in full.
const SPELLED: usize = 50;

/// What was said lately.
#[derive(Debug, Default)]
pub(crate) struct Complaints(Mutex<Said>);

#[derive(Debug, Default)]
struct Said {
    by_text: HashMap<String, Times>,
    /// Those that were not said at all because there are too many.
    others: u64,
}

#[derive(Debug)]
struct Times {
    since: Instant,
    unsaid: u64,
}

impl Complaints {
    /// Whether to say it now.
    pub(crate) fn say(&self, text: &str, now: Instant) -> bool {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(times) = said.by_text.get_mut(text) {
            times.unsaid += 1;
            return false;
        }
        if said.by_text.len() >= SPELLED {
            said.others += 1;
            return false;
        }
        let times = Times {
            since: now,
            unsaid: 0,
        };
        said.by_text.insert(text.to_owned(), times);
        true
    }

    /// What was not said in windows that are over: how often, and one of them if all were the same.
    pub(crate) fn over(&self, now: Instant) -> Vec<(u64, Option<String>)> {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut unsaid = Vec::new();
        said.by_text.retain(|text, times| {
            let stays = now.saturating_duration_since(times.since) < WINDOW;
            if !stays && times.unsaid > 0 {
                unsaid.push((times.unsaid, Some(text.clone())));
            }
            stays
        });
        if said.others > 0 && said.by_text.len() < SPELLED {
            unsaid.push((std::mem::take(&mut said.others), None));
        }
        unsaid.sort();
        unsaid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_said_once_a_minute_and_counted() {
        let (complaints, begin) = (Complaints::default(), Instant::now());
        let said = (0..100).filter(|_| complaints.say("disk full", begin));
        assert_eq!(said.count(), 1);
        assert!(complaints.over(begin).is_empty());
        let later = begin + WINDOW;
        assert_eq!(complaints.over(later), [(99, Some("disk full".to_owned()))]);
        assert!(complaints.over(later).is_empty());
        assert!(complaints.say("disk full", later));
    }

    #[test]
    fn different_ones_are_bounded_as_well() {
        let (complaints, begin) = (Complaints::default(), Instant::now());
        let said = (0..10_000).filter(|n| complaints.say(&n.to_string(), begin));
        assert_eq!(said.count(), SPELLED);
        assert_eq!(complaints.over(begin + WINDOW), [(9_950, None)]);
    }
}
