//! Small answers on disk, each with the time until which it is fresh: what the DNS said, which hosts cannot be reached.
//!
//! One file each, written atomically; a damaged one, or one of another layout, reads as absent.

use std::path::PathBuf;
use std::time::Duration;

use foretaste_model::ContentDigest;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::files;

/// Bumped when the layout changes; old files then read as absent.
const FORMAT: u32 = 1;
/// Bytes of a note.
const MAX_BYTES: u64 = 64 << 10;

/// A folder of notes.
#[derive(Clone, Debug)]
pub struct Notebook {
    dir: PathBuf,
}

/// What was noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note<T> {
    /// What was noted.
    pub value: T,
    /// Until when it is fresh.
    pub fresh_until: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Kept<T> {
    format: u32,
    /// To tell a collision of file names.
    key: String,
    /// Seconds since 1970.
    fresh_until: i64,
    value: T,
}

impl Notebook {
    /// Notes below a folder, which need not exist.
    pub const fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// What was noted under a key, fresh or not.
    pub fn read<T: DeserializeOwned>(&self, key: &str) -> Option<Note<T>> {
        let bytes = files::read(&self.path(key), MAX_BYTES).ok()?;
        let kept: Kept<T> = serde_json::from_slice(&bytes).ok()?;
        let fresh_until = Timestamp::from_second(kept.fresh_until).ok()?;
        (kept.format == FORMAT && kept.key == key).then_some(Note {
            value: kept.value,
            fresh_until,
        })
    }

    /// Notes something. A failure is logged: a note is no condition.
    pub fn write<T: Serialize>(&self, key: &str, value: T, fresh: Duration) {
        let now = Timestamp::now().as_second();
        let kept = Kept {
            format: FORMAT,
            key: key.to_owned(),
            fresh_until: now.saturating_add_unsigned(fresh.as_secs()),
            value,
        };
        let written = serde_json::to_vec(&kept)
            .map_err(|e| e.to_string())
            .and_then(|b| files::write_private(&self.path(key), &b).map_err(|e| e.to_string()));
        if let Err(error) = written {
            tracing::debug!(%error, "a note could not be written");
        }
    }

    /// Forgets what was noted under a key.
    pub fn forget(&self, key: &str) {
        // what was never noted is forgotten already
        let _ = files::remove(&self.path(key));
    }

    fn path(&self, key: &str) -> PathBuf {
        let hex = ContentDigest::of(key.as_bytes()).to_hex();
        self.dir.join(hex.get(..2).unwrap_or("__")).join(hex)
    }
}

impl<T> Note<T> {
    /// True while it need not be asked again.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now < self.fresh_until
    }

    /// True if it is out of date by no more than this.
    pub fn is_stale_by_at_most(&self, time: Duration, now: Timestamp) -> bool {
        let late = now.as_second().saturating_sub(self.fresh_until.as_second());
        u64::try_from(late).is_ok_and(|late| late <= time.as_secs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_noted_is_read_again_until_it_is_damaged_or_forgotten() {
        let dir = tempfile::tempdir().expect("a folder");
        let book = Notebook::new(dir.path().join("notes"));
        assert_eq!(book.read::<u32>("a"), None);
        book.write("a", 7, Duration::from_mins(5));
        let note = book.read::<u32>("a").expect("a note");
        let now = Timestamp::now();
        assert_eq!(note.value, 7);
        assert!(note.is_fresh(now));
        assert!(!note.is_fresh(note.fresh_until));
        let hour = Duration::from_hours(1);
        assert!(!note.is_stale_by_at_most(hour, now));
        assert!(note.is_stale_by_at_most(hour, note.fresh_until));
        let later = Timestamp::from_second(note.fresh_until.as_second() + 3_601).expect("a time");
        assert!(!note.is_stale_by_at_most(hour, later));
        assert_eq!(book.read::<Vec<String>>("a"), None, "of another type");
        files::write(&book.path("a"), b"{").expect("written");
        assert_eq!(book.read::<u32>("a"), None, "damaged");
        book.write("a", 8, Duration::ZERO);
        book.forget("a");
        assert_eq!(book.read::<u32>("a"), None);
    }
}
