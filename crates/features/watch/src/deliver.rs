//! Telling what is to be told, at least once.

use jiff::{SignedDuration, Timestamp};

use crate::book::{Book, BookError, Pending};
use crate::sink::{Sender, Sink};

/// The wait after the first failure; each further one doubles it.
const FIRST_WAIT: SignedDuration = SignedDuration::from_mins(1);
/// The longest wait.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(6);

/// What became of the messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Taken.
    pub sent: usize,
    /// Not taken this time.
    pub failures: Vec<Failure>,
    /// Not tried: their sink rests, or their next try is later.
    pub waiting: usize,
}

/// A message that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The sink.
    pub sink: String,
    /// Why.
    pub why: String,
    /// When it is tried next.
    pub next: Timestamp,
}

/// Sends every message that is due. Each is struck out only after its sink has taken it: a process that dies in between
/// sends it again, under the same id.
///
/// # Errors
/// The book cannot be read or written.
pub async fn deliver(book: &Book, sender: &Sender, now: Timestamp) -> Result<Delivered, BookError> {
    let contents = book.read()?;
    let mut done = Delivered::default();
    for pending in &contents.outbox {
        let Some(sink) = contents.sinks.iter().find(|s| s.name == pending.sink) else {
            // its sink was removed: there is nobody left to tell
            book.change(|c| c.outbox.retain(|p| !is_same(p, pending)))?;
            continue;
        };
        if pending.next > now || rests(sink, pending, now) {
            done.waiting += 1;
            continue;
        }
        match sender.send(&sink.kind, &pending.message).await {
            Ok(()) => {
                book.change(|c| c.outbox.retain(|p| !is_same(p, pending)))?;
                done.sent += 1;
            }
            Err(error) => {
                let next = now.saturating_add(wait(pending.attempts)).unwrap_or(now);
                let why = error.to_string();
                book.change(|c| {
                    if let Some(kept) = c.outbox.iter_mut().find(|p| is_same(p, pending)) {
                        kept.attempts += 1;
                        kept.next = next;
                        kept.last_error = Some(why.clone());
                    }
                })?;
                done.failures.push(Failure {
                    sink: sink.name.clone(),
                    why,
                    next,
                });
            }
        }
    }
    Ok(done)
}

fn is_same(a: &Pending, b: &Pending) -> bool {
    a.sink == b.sink && a.message.id == b.message.id
}

fn rests(sink: &Sink, pending: &Pending, now: Timestamp) -> bool {
    sink.quiet
        .as_ref()
        .is_some_and(|q| q.holds(now, pending.message.level()))
}

fn wait(attempts: u32) -> SignedDuration {
    let doubled = FIRST_WAIT * (1_i32 << attempts.min(10));
    doubled.min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_six_hours() {
        assert_eq!(wait(0), SignedDuration::from_mins(1));
        assert_eq!(wait(3), SignedDuration::from_mins(8));
        assert_eq!(wait(99), LONGEST_WAIT);
    }
}
