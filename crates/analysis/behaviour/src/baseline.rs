//! What a run did that an earlier one did not: of the same command, or of the version before.

use std::collections::BTreeSet;

use crate::event::{Access, Action};
use crate::places;
use crate::record::Record;
use crate::words;

/// What was done, without what differs from run to run: one short sentence each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Behaviour(BTreeSet<String>);

impl Behaviour {
    /// What a record shows.
    pub fn of(record: &Record) -> Self {
        let mut all = BTreeSet::new();
        for process in &record.processes {
            all.insert(format!("runs {}", words::name(&process.program)));
        }
        for event in &record.events {
            all.extend(sentence(&event.action));
        }
        Self(all)
    }

    /// What lines of JSON show that an earlier run was written as. Lines that are none are passed over.
    pub fn of_lines(text: &str) -> Self {
        let mut record = Record::default();
        for line in text.lines() {
            let Ok(value) = serde_json::from_str::<serde_json::Value>(line) else {
                continue;
            };
            match value.get("line").and_then(serde_json::Value::as_str) {
                Some("process") => record.processes.extend(serde_json::from_value(value)),
                Some("event") => record.events.extend(serde_json::from_value(value)),
                _ => {}
            }
        }
        Self::of(&record)
    }

    /// What this one shows and the earlier one did not.
    pub fn since(&self, earlier: &Self) -> Vec<&str> {
        let new = self
            .0
            .iter()
            .filter(|sentence| !earlier.0.contains(*sentence));
        new.map(String::as_str).collect()
    }

    /// True if nothing was done at all, which no run of a command shows.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn sentence(action: &Action) -> Option<String> {
    Some(match action {
        Action::Name { name, access, .. } => match access {
            Access::Allowed => format!("looks up {name}"),
            Access::Denied => format!("looks up {name}, which is not allowed"),
        },
        Action::Connection {
            address,
            port,
            host,
            access,
            ..
        } => {
            let host = host.as_deref().unwrap_or(address);
            match access {
                Access::Allowed => format!("reaches {host}:{port}"),
                Access::Denied => format!("tries to reach {host}:{port}"),
            }
        }
        Action::SensitiveRead { path, what } => format!("opens {} ({what})", plain(path)),
        Action::Write { path } => {
            let place = places::of(path.as_ref()).next()?;
            format!("writes {} ({})", plain(path), place.words)
        }
        Action::Mode { path, mode } => format!("gives {} mode {mode:o}", plain(path)),
        Action::Refused { call, .. } => format!("calls {call}"),
        Action::MemoryFile => "makes a file in memory".to_owned(),
        Action::Sleep { .. } => "sleeps".to_owned(),
        Action::SocketAsStandard { .. } => "makes a socket its input or output".to_owned(),
        Action::Canary { canary, place, .. } => format!("passes on {canary} ({place:?})"),
        Action::Exec | Action::Remove { .. } | Action::Request { .. } => return None,
    })
}

/// A path without the numbers of processes and the random parts of temporary names.
fn plain(path: &str) -> String {
    let parts: Vec<&str> = path
        .split('/')
        .map(|part| {
            let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            let is_temporary = ["tmp", "pip-"].iter().any(|start| part.starts_with(start));
            if is_number || is_temporary && part.len() > 6 {
                "*"
            } else {
                part
            }
        })
        .collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Process;

    fn record(programs: &[&str], actions: &[Action]) -> Record {
        let mut record = Record::default();
        for (pid, program) in (1..).zip(programs) {
            let program = (*program).to_owned();
            record.start(
                0,
                Process {
                    pid,
                    program,
                    ..Process::default()
                },
            );
        }
        for action in actions {
            record.add(0, Some(0), action.clone());
        }
        record
    }

    fn reads(path: &str) -> Action {
        Action::SensitiveRead {
            path: path.to_owned(),
            what: "memory of processes".to_owned(),
        }
    }

    #[test]
    fn only_what_is_new_is_told() {
        let before = Behaviour::of(&record(&["/usr/bin/pip"], &[reads("/proc/17/mem")]));
        let now = record(
            &["/usr/bin/pip", "/usr/bin/curl"],
            &[reads("/proc/4242/mem")],
        );
        let now = Behaviour::of(&now);
        assert_eq!(now.since(&before), ["runs curl"]);
        assert!(before.since(&now).is_empty());
    }

    #[test]
    fn lines_are_read_back() {
        let text = "{\"line\":\"run\"}\n{\"line\":\"process\",\"entry\":0,\"pid\":7,\"parent\":null,\"program\":\"/bin/sh\",\"arguments\":[],\"directory\":\"/\"}\nno line\n{\"line\":\"event\",\"time\":1,\"process\":0,\"event\":\"memory-file\"}\n";
        let read = Behaviour::of_lines(text);
        let all = read.since(&Behaviour::default());
        assert_eq!(all, ["makes a file in memory", "runs sh"]);
    }
}
