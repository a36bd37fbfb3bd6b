//! The record of a run while it grows: bounded, in order, with what was left out counted.

use std::collections::HashMap;
use std::mem::{self, Discriminant};

use crate::event::{Action, Event, Process};

/// Events that are kept; further ones are counted.
pub const MAX_EVENTS: usize = 100_000;
/// Events of each kind that are kept all the same, so that a flood of one kind hides none of another.
const KEPT_OF_EACH: usize = 1000;
/// Characters that are kept of one text.
const MAX_TEXT: usize = 4096;
/// Arguments that are kept of one program.
const MAX_ARGUMENTS: usize = 256;

/// What happened so far.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// Programs in the order in which they were started.
    pub processes: Vec<Process>,
    /// Events in order.
    pub events: Vec<Event>,
    /// Events that were left out because there were too many.
    pub left_out: u64,
    /// Why the record may lack something.
    pub gaps: Vec<String>,
    /// How many events of each kind are kept.
    kinds: HashMap<Discriminant<Action>, usize>,
    /// Who wrote a file first.
    writers: HashMap<String, Option<usize>>,
    /// The entry that a process is at.
    current: HashMap<u32, usize>,
}

impl Record {
    /// The entry of a process, by its number.
    pub fn entry(&self, pid: u32) -> Option<usize> {
        self.current.get(&pid).copied()
    }

    /// A process without an entry of its own does what its parent did.
    pub fn adopt(&mut self, pid: u32, entry: usize) {
        self.current.insert(pid, entry);
    }

    /// A process becomes a program.
    pub fn start(&mut self, time: u64, mut process: Process) -> usize {
        if self.processes.len() >= MAX_EVENTS {
            self.left_out += 1;
            return self.entry(process.pid).unwrap_or(0);
        }
        for text in [&mut process.program, &mut process.directory] {
            shorten(text);
        }
        process.arguments.truncate(MAX_ARGUMENTS);
        process.arguments.iter_mut().for_each(shorten);
        let entry = self.processes.len();
        self.current.insert(process.pid, entry);
        self.processes.push(process);
        self.add(time, Some(entry), Action::Exec);
        entry
    }

    /// A process ran already when the record was begun.
    pub fn introduce(&mut self, process: Process) -> usize {
        let events = self.events.len();
        let entry = self.start(0, process);
        if self.events.len() > events {
            self.events.truncate(events);
            let execs = self.kinds.entry(mem::discriminant(&Action::Exec));
            execs.and_modify(|of_kind| *of_kind -= 1);
        }
        entry
    }

    /// Something happened.
    pub fn add(&mut self, time: u64, process: Option<usize>, action: Action) {
        let of_kind = self.kinds.entry(mem::discriminant(&action)).or_default();
        if self.events.len() >= MAX_EVENTS && *of_kind >= KEPT_OF_EACH {
            self.left_out += 1;
            return;
        }
        // what a program repeats is told once
        let again = self
            .events
            .iter()
            .rev()
            .take(16)
            .any(|e| e.process == process && e.action == action && action != Action::Exec);
        if !again {
            *of_kind += 1;
            self.events.push(Event {
                time,
                process,
                action,
            });
        }
    }

    /// A file is written; the first writer counts. False if it was known.
    pub fn write(&mut self, process: Option<usize>, mut path: String) -> bool {
        shorten(&mut path);
        if self.writers.len() >= MAX_EVENTS {
            self.left_out += 1;
            return false;
        }
        match self.writers.entry(path) {
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(process);
                true
            }
            std::collections::hash_map::Entry::Occupied(_) => false,
        }
    }

    /// The entry of who wrote a file.
    pub fn writer_entry(&self, path: &str) -> Option<usize> {
        self.writers.get(path).copied().flatten()
    }

    /// Who wrote a file.
    pub fn writer(&self, path: &str) -> Option<&Process> {
        self.writers
            .get(path)
            .copied()
            .flatten()
            .and_then(|entry| self.processes.get(entry))
    }

    /// True if this run wrote the file.
    pub fn was_written(&self, path: &str) -> bool {
        self.writers.contains_key(path)
    }

    /// The process of an event.
    pub fn process(&self, event: &Event) -> Option<&Process> {
        self.processes.get(event.process?)
    }

    /// A process and those that started it, nearest first.
    pub fn ancestry(&self, entry: Option<usize>) -> impl Iterator<Item = &Process> {
        ancestry(&self.processes, entry)
    }

    /// True if everything was recorded.
    pub fn is_complete(&self) -> bool {
        self.left_out == 0 && self.gaps.is_empty()
    }
}

/// A process and those that started it, nearest first.
pub(crate) fn ancestry(
    processes: &[Process],
    entry: Option<usize>,
) -> impl Iterator<Item = &Process> {
    // a parent stands before its children, so that this ends
    let step = |process: &&Process| process.parent.and_then(|at| processes.get(at));
    std::iter::successors(entry.and_then(|at| processes.get(at)), step)
}

fn shorten(text: &mut String) {
    if text.len() > MAX_TEXT {
        let at = (0..=MAX_TEXT)
            .rev()
            .find(|at| text.is_char_boundary(*at))
            .unwrap_or(0);
        text.truncate(at);
        text.push('…');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: u32, parent: Option<usize>) -> Process {
        Process {
            pid,
            parent,
            program: format!("/bin/p{pid}"),
            ..Process::default()
        }
    }

    #[test]
    fn ancestry_runs_from_child_to_root() {
        let mut record = Record::default();
        let root = record.start(0, process(1, None));
        let child = record.start(1, process(2, Some(root)));
        let pids: Vec<u32> = record.ancestry(Some(child)).map(|p| p.pid).collect();
        assert_eq!(pids, [2, 1]);
    }

    #[test]
    fn a_flood_is_counted_not_kept() {
        let mut record = Record::default();
        for seconds in 0..(MAX_EVENTS as u64 + 10) {
            record.add(seconds, None, Action::Sleep { seconds });
        }
        assert_eq!((record.events.len(), record.left_out), (MAX_EVENTS, 10));
        assert!(!record.is_complete());
    }

    #[test]
    fn a_flood_hides_nothing_of_another_kind() {
        let mut record = Record::default();
        for seconds in 0..(MAX_EVENTS as u64 + 10) {
            record.add(seconds, None, Action::Sleep { seconds });
        }
        record.add(0, None, Action::MemoryFile);
        assert_eq!(
            record.events.last().map(|e| &e.action),
            Some(&Action::MemoryFile)
        );
        assert_eq!(record.left_out, 10);
        for mode in 0..5000 {
            let path = String::new();
            record.add(0, None, Action::Mode { path, mode });
        }
        assert_eq!(record.events.len(), MAX_EVENTS + 1 + KEPT_OF_EACH);
    }

    #[test]
    fn texts_are_bounded_at_a_character() {
        let mut record = Record::default();
        let name = "ä".repeat(5000);
        record.start(
            0,
            Process {
                program: name,
                ..Process::default()
            },
        );
        assert!(record.processes[0].program.len() <= MAX_TEXT + 3);
    }
}
