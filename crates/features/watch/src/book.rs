//! What is watched, and what is still to be told.

use std::path::{Path, PathBuf};

use foretaste_io::files::{self, FileLock};
use foretaste_io::{Environment, FileError};
use foretaste_model::Verdict;
use foretaste_model::report::Report;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::event::{Event, at_least, compare};
use crate::message::Message;
use crate::sink::Sink;
use crate::state::State;

/// The largest book that is read, in bytes.
const MAX_BYTES: u64 = 256 << 20;
/// Judgements in a row that must fail before it is told that something can no longer be vetted: a network that is down
/// for an hour is no news about a package.
const PATIENCE: u32 = 2;

/// Why the book cannot be used.
#[derive(Debug, Error)]
pub enum BookError {
    /// The file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// Its content is not what is written there.
    #[error("{} is damaged: {source}; move it away to begin anew", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// No data folder is known.
    #[error("no data folder is known on this system; set FORETASTE_DATA_DIR")]
    NoFolder,
}

/// The book on disk: every change is one atomic, durable write under a lock.
#[derive(Clone, Debug)]
pub struct Book {
    folder: PathBuf,
}

/// What stands in the book.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contents {
    /// What is watched.
    pub watched: Vec<Watched>,
    /// Who is told.
    pub sinks: Vec<Sink>,
    /// What is still to be told.
    pub outbox: Vec<Pending>,
}

/// A watched target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watched {
    /// The target as `foretaste audit` takes it; paths are absolute.
    pub target: String,
    /// Since when.
    pub added: Timestamp,
    /// When it was last judged.
    pub judged: Option<Timestamp>,
    /// How it stood then.
    pub state: Option<State>,
}

/// A message that a sink has not taken yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The sink's name.
    pub sink: String,
    /// What it is to be told.
    pub message: Message,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next.
    pub next: Timestamp,
    /// Why it was not taken.
    pub last_error: Option<String>,
}

impl Book {
    /// The user's book.
    ///
    /// # Errors
    /// No data folder is known.
    pub fn of_user(environment: &Environment) -> Result<Self, BookError> {
        let folder = environment.data_dir().ok_or(BookError::NoFolder)?;
        Ok(Self {
            folder: folder.join("watch"),
        })
    }

    /// A book in a folder.
    pub fn at(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// The file.
    pub fn path(&self) -> PathBuf {
        self.folder.join("book.json")
    }

    /// What stands in it.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(&self) -> Result<Contents, BookError> {
        let path = self.path();
        match files::read(&path, MAX_BYTES) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map_err(|source| BookError::Damaged { path, source })
            }
            Err(error) if error.is_not_found() => Ok(Contents::default()),
            Err(error) => Err(error.into()),
        }
    }

    /// Changes it. Nobody sees a part of the change, and it is on the disk when this returns.
    ///
    /// # Errors
    /// It cannot be read or written; then it is as it was.
    pub fn change<R>(&self, act: impl FnOnce(&mut Contents) -> R) -> Result<R, BookError> {
        let _lock = FileLock::acquire(&self.folder.join("book.lock"))?;
        let mut contents = self.read()?;
        let done = act(&mut contents);
        let path = self.path();
        let bytes = serde_json::to_vec(&contents).map_err(|source| BookError::Damaged {
            path: path.clone(),
            source,
        })?;
        files::write_durable(&path, &bytes)?;
        Ok(done)
    }

    /// Waits until no other process is running the watch, and keeps others waiting while it is held.
    ///
    /// # Errors
    /// The lock cannot be written.
    pub fn hold_run(&self) -> Result<FileLock, BookError> {
        Ok(FileLock::acquire(&self.folder.join("run.lock"))?)
    }
}

impl Contents {
    /// Notes how a target stands now, and what there is to tell about it. The first judgement is what later ones are
    /// compared with, and tells nothing.
    pub fn record(&mut self, target: &str, report: &Report, now: Timestamp) -> Vec<Event> {
        let Some(watched) = self.watched.iter_mut().find(|w| w.target == target) else {
            // somebody removed it in the meantime
            return Vec::new();
        };
        let state = State::of(report);
        watched.judged = Some(now);
        let Some(before) = watched.state.take() else {
            watched.state = Some(state);
            return Vec::new();
        };
        let state = patient(&before, state);
        let events = compare(&before, &state);
        watched.state = Some(state);
        self.tell(target, &events, now, |wanted| id(target, now, wanted));
        events
    }

    /// Notes for every sink what of the events it wants to hear, in a message that `id` names. Gives the number of messages.
    pub fn tell(
        &mut self,
        watched: &str,
        events: &[Event],
        now: Timestamp,
        id: impl Fn(&[Event]) -> String,
    ) -> usize {
        let before = self.outbox.len();
        for sink in &self.sinks {
            let wanted: Vec<Event> = events
                .iter()
                .filter(|e| at_least(e.level, sink.severity))
                .cloned()
                .collect();
            if wanted.is_empty() {
                continue;
            }
            let message = Message {
                id: id(&wanted),
                when: now,
                watched: watched.to_owned(),
                events: wanted,
            };
            self.outbox.push(Pending {
                sink: sink.name.clone(),
                message,
                attempts: 0,
                next: now,
                last_error: None,
            });
        }
        self.outbox.len() - before
    }
}

/// What could not be vetted once stands as it was.
fn patient(before: &State, mut now: State) -> State {
    for (name, state) in &mut now.releases {
        let Some(earlier) = before.releases.get(name) else {
            continue;
        };
        let newly = state.verdict == Verdict::Incomplete && earlier.verdict != Verdict::Incomplete;
        if newly && earlier.missed + 1 < PATIENCE {
            let missed = earlier.missed + 1;
            *state = earlier.clone();
            state.missed = missed;
        }
    }
    now
}

fn id(target: &str, now: Timestamp, events: &[Event]) -> String {
    let mut hash = Sha256::new();
    hash.update(target);
    hash.update(now.to_string());
    hash.update(serde_json::to_vec(events).unwrap_or_default());
    hex::encode(hash.finalize().get(..16).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_whole_or_not_there_and_outlives_the_process() {
        let dir = tempfile::tempdir().expect("a folder");
        let book = Book::at(dir.path());
        assert_eq!(book.read().expect("absent"), Contents::default());
        let watched = Watched {
            target: "pypi:six".to_owned(),
            added: Timestamp::UNIX_EPOCH,
            judged: None,
            state: None,
        };
        book.change(|c| c.watched.push(watched.clone()))
            .expect("written");
        assert_eq!(
            Book::at(dir.path()).read().expect("read").watched,
            [watched]
        );
    }

    #[test]
    fn damage_is_said_and_not_written_over() {
        let dir = tempfile::tempdir().expect("a folder");
        let book = Book::at(dir.path());
        files::write(&book.path(), b"{\"watched\": [").expect("written");
        let error = book.change(|_| ()).expect_err("refused");
        assert!(error.to_string().contains("is damaged"), "{error}");
        assert_eq!(
            files::read(&book.path(), 99).expect("there"),
            b"{\"watched\": ["
        );
    }
}
