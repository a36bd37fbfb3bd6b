//! What was read of an upstream a moment ago, so that a file is found without reading its package's page again.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use crate::record::Key;

/// Packages that are kept, and bytes of what was read of them: large packages have pages of several megabytes.
const KEPT: usize = 256;
const KEPT_BYTES: usize = 24 << 20;
/// How long one is good.
const GOOD_FOR: Duration = Duration::from_secs(20);

/// What was read lately, by package.
pub(crate) struct Recent<T>(RwLock<HashMap<Key, Read<T>>>);

struct Read<T> {
    since: Instant,
    /// Bytes that it was read from.
    bytes: usize,
    value: Arc<T>,
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<T> Recent<T> {
    /// What was read of a package, unless that was too long ago.
    pub(crate) fn get(&self, key: &Key) -> Option<Arc<T>> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let read = kept.get(key)?;
        (read.since.elapsed() < GOOD_FOR).then(|| Arc::clone(&read.value))
    }

    /// Keeps what was read of a package from so many bytes.
    pub(crate) fn put(&self, key: &Key, value: &Arc<T>, bytes: usize) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, read| read.since.elapsed() < GOOD_FOR);
        let held: usize = kept.values().map(|read| read.bytes).sum();
        if kept.len() >= KEPT || held + bytes > KEPT_BYTES {
            kept.clear();
        }
        let read = Read {
            since: Instant::now(),
            bytes,
            value: Arc::clone(value),
        };
        kept.insert(key.clone(), read);
    }

    /// Lets go of what is out of date.
    pub(crate) fn sweep(&self) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, read| read.since.elapsed() < GOOD_FOR);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_kept_than_fits() {
        let recent = Recent::default();
        for number in 0..1_000 {
            let key = crate::gate::key(foretaste_model::Ecosystem::Npm, &format!("p{number}"));
            recent.put(&key, &Arc::new(number), 1);
            assert_eq!(recent.get(&key).as_deref(), Some(&number));
        }
        assert!(recent.0.read().expect("a lock").len() <= KEPT);
    }

    #[test]
    fn what_was_read_from_many_bytes_makes_room() {
        let recent = Recent::default();
        for number in 0..20 {
            let key = crate::gate::key(foretaste_model::Ecosystem::Npm, &format!("p{number}"));
            recent.put(&key, &Arc::new(number), 5 << 20);
            let kept = recent.0.read().expect("a lock");
            let held: usize = kept.values().map(|read| read.bytes).sum();
            assert!(held <= KEPT_BYTES);
        }
    }
}
