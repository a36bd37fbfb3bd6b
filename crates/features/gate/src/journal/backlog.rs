//! Lines of the log that wait to be written, within a fixed number of bytes.

use crate::database::{Event, EventKind};

/// Bytes of lines that may wait: some twenty thousand of them.
const MOST: usize = 6 << 20;
/// About what a line takes beside its texts.
const LINE: usize = 280;

/// The lines, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    lines: Vec<Event>,
    bytes: usize,
    /// What was lost since that was last asked.
    lost: u64,
}

fn size(event: &Event) -> usize {
    LINE + event.texts().iter().map(|text| text.len()).sum::<usize>()
}

fn is_download(event: &Event) -> bool {
    event.kind == EventKind::Download.id()
}

/// What a line stands for.
fn events(event: &Event) -> u64 {
    1 + u64::try_from(event.again).unwrap_or_default()
}

impl Backlog {
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// Adds a line and returns how many events are lost for it: downloads make room for whatever else happens, and the last ones
    /// for nothing.
    pub(super) fn add(&mut self, event: Event) -> u64 {
        let mut lost = 0;
        while self.bytes + size(&event) > MOST && !is_download(&event) {
            let Some(at) = self.lines.iter().rposition(is_download) else {
                break;
            };
            let gone = self.lines.remove(at);
            self.bytes -= size(&gone);
            lost += events(&gone);
        }
        if self.bytes + size(&event) > MOST {
            lost += events(&event);
        } else {
            self.bytes += size(&event);
            self.lines.push(event);
        }
        self.lost += lost;
        lost
    }

    /// The oldest lines.
    pub(super) fn first(&self, most: usize) -> &[Event] {
        &self.lines[..most.min(self.lines.len())]
    }

    /// Forgets the oldest lines.
    pub(super) fn drop_first(&mut self, count: usize) {
        let gone = self.lines.drain(..count.min(self.lines.len()));
        self.bytes -= gone.as_slice().iter().map(size).sum::<usize>();
        drop(gone);
        if self.lines.is_empty() {
            self.lines.shrink_to(256);
        }
    }

    /// How many events were lost since this was last asked.
    pub(super) fn take_lost(&mut self) -> u64 {
        std::mem::take(&mut self.lost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: EventKind, number: usize) -> Event {
        Event {
            kind: kind.id().to_owned(),
            reason: format!("{number} {}", "x".repeat(1_000)),
            ..Event::default()
        }
    }

    #[test]
    fn a_full_backlog_loses_downloads_and_counts_them() {
        let mut backlog = Backlog::default();
        let mut lost = 0;
        for number in 0..10_000 {
            lost += backlog.add(event(EventKind::Download, number));
        }
        assert!(backlog.bytes <= MOST);
        assert_eq!(backlog.len() as u64 + lost, 10_000);
        let first = backlog.first(1)[0].clone();
        // changes find room, and the oldest downloads stay
        for number in 0..100 {
            lost += backlog.add(event(EventKind::Publish, number));
        }
        assert!(backlog.bytes <= MOST);
        let changes = backlog.lines.iter().filter(|e| !is_download(e)).count();
        assert_eq!((changes, backlog.first(1)), (100, &[first][..]));
        assert_eq!((backlog.take_lost(), backlog.take_lost()), (lost, 0));
        let all = backlog.len();
        backlog.drop_first(all - 1);
        assert_eq!((backlog.len(), backlog.bytes), (1, size(&backlog.lines[0])));
    }

    #[test]
    fn a_line_that_stands_for_many_is_lost_as_many() {
        let mut backlog = Backlog::default();
        while backlog.add(event(EventKind::Admin, 0)) == 0 {}
        let many = Event {
            again: 9,
            ..event(EventKind::Download, 0)
        };
        assert_eq!(backlog.add(many), 10);
    }
}
