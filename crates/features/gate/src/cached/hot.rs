//! Small files that are kept in memory: those that are asked for most, within a fixed number of bytes.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{PoisonError, RwLock};

use bytes::Bytes;

/// Bytes of a file that is kept, and of all that are: most of what an organisation installs is small.
pub(crate) const LARGEST: u64 = 2 << 20;
const MOST: usize = 2 << 20;
/// Files whose askers are counted; beyond, everybody's count is halved and who has none is forgotten.
const COUNTED: usize = 4_096;

/// The files.
#[derive(Debug, Default)]
pub(crate) struct Hot(RwLock<Held>);

#[derive(Debug, Default)]
struct Held {
    files: HashMap<String, File>,
    /// How often the others were asked for.
    asked: HashMap<String, u32>,
}

#[derive(Debug)]
struct File {
    bytes: Bytes,
    asked: AtomicU32,
}

impl Held {
    fn bytes(&self) -> usize {
        self.files.values().map(|f| f.bytes.len()).sum()
    }

    /// Those that have to go for so many bytes, the one that is asked for least first; none if one of them is asked for as
    /// often as the newcomer. Whoever installs the same hundred files again and again must not read each of them anew.
    fn victims(&self, size: usize, asked: u32) -> Option<Vec<String>> {
        let mut by_use: Vec<_> = self
            .files
            .iter()
            .map(|(name, file)| (file.asked.load(Ordering::Relaxed), name, file.bytes.len()))
            .collect();
        by_use.sort_unstable();
        let mut room = MOST.saturating_sub(self.bytes());
        let mut victims = Vec::new();
        for (used, name, bytes) in by_use {
            if room >= size {
                break;
            }
            if used >= asked {
                return None;
            }
            victims.push(name.clone());
            room += bytes;
        }
        (room >= size).then_some(victims)
    }

    fn age(&mut self) {
        for file in self.files.values() {
            file.asked
                .store(file.asked.load(Ordering::Relaxed) / 2, Ordering::Relaxed);
        }
        self.asked.retain(|_, count| {
            *count /= 2;
            *count > 0
        });
    }
}

impl Hot {
    /// A file, if it is here.
    pub(crate) fn get(&self, sha256: &str) -> Option<Bytes> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let file = held.files.get(sha256)?;
        file.asked.fetch_add(1, Ordering::Relaxed);
        Some(file.bytes.clone())
    }

    /// Lets go of a file that is no longer on disk.
    pub(crate) fn forget(&self, sha256: &str) {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        held.files.remove(sha256);
    }

    /// Counts that a file was asked for, and says whether it should be read into memory.
    pub(crate) fn wants(&self, sha256: &str, size: u64) -> bool {
        let Ok(size) = usize::try_from(size.min(LARGEST + 1)) else {
            return false;
        };
        if size as u64 > LARGEST {
            return false;
        }
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if held.asked.len() >= COUNTED {
            held.age();
        }
        let asked = held.asked.entry(sha256.to_owned()).or_default();
        *asked = asked.saturating_add(1);
        let asked = *asked;
        held.victims(size, asked).is_some()
    }

    /// Keeps a file that is wanted, in the place of others if need be.
    pub(crate) fn keep(&self, sha256: &str, bytes: &Bytes) {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let asked = held.asked.remove(sha256).unwrap_or(1);
        let Some(victims) = held.victims(bytes.len(), asked) else {
            return;
        };
        for victim in victims {
            held.files.remove(&victim);
        }
        let file = File {
            bytes: bytes.clone(),
            asked: AtomicU32::new(asked),
        };
        held.files.insert(sha256.to_owned(), file);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: usize = 1 << 20;

    fn ask(hot: &Hot, name: &str) -> bool {
        if hot.get(name).is_some() {
            return true;
        }
        if hot.wants(name, SIZE as u64) {
            hot.keep(name, &Bytes::from(vec![0; SIZE]));
        }
        false
    }

    #[test]
    fn more_files_than_fit_do_not_push_one_another_out() {
        let hot = Hot::default();
        for _ in 0..5 {
            for number in 0..40 {
                ask(&hot, &format!("f{number}"));
            }
        }
        let here = (0..40).filter(|n| hot.get(&format!("f{n}")).is_some());
        assert_eq!(here.count(), MOST / SIZE);
        assert!(hot.0.read().unwrap().bytes() <= MOST);
    }

    #[test]
    fn what_is_asked_for_more_takes_the_place_of_what_is_not() {
        let hot = Hot::default();
        for number in 0..MOST / SIZE {
            ask(&hot, &format!("f{number}"));
        }
        assert!(!ask(&hot, "new") && !ask(&hot, "new"));
        assert!(ask(&hot, "new"));
        assert!(hot.0.read().unwrap().bytes() <= MOST);
    }

    #[test]
    fn large_files_stay_on_disk_and_counts_are_bounded() {
        let hot = Hot::default();
        assert!(!hot.wants("large", LARGEST + 1) && !hot.wants("larger", u64::MAX));
        for number in 0..COUNTED * 3 {
            hot.wants(&number.to_string(), 1);
        }
        assert!(hot.0.read().unwrap().asked.len() <= COUNTED);
    }
}
