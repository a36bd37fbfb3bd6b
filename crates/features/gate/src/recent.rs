//! What was read of an upstream a moment ago, so that a file is found without reading its package's page again.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use crate::record::Key;

/// Packages that are kept.
const KEPT: usize = 256;
/// How long one is good.
const GOOD_FOR: Duration = Duration::from_secs(20);

/// What was read lately, by package.
pub(crate) struct Recent<T>(RwLock<HashMap<Key, (Instant, Arc<T>)>>);

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<T> Recent<T> {
    /// What was read of a package, unless that was too long ago.
    pub(crate) fn get(&self, key: &Key) -> Option<Arc<T>> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (since, value) = kept.get(key)?;
        (since.elapsed() < GOOD_FOR).then(|| Arc::clone(value))
    }

    /// Keeps what was read of a package.
    pub(crate) fn put(&self, key: &Key, value: &Arc<T>) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.retain(|_, (since, _)| since.elapsed() < GOOD_FOR);
            if kept.len() >= KEPT {
                kept.clear();
            }
        }
        kept.insert(key.clone(), (Instant::now(), Arc::clone(value)));
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
            recent.put(&key, &Arc::new(number));
            assert_eq!(recent.get(&key).as_deref(), Some(&number));
        }
        assert!(recent.0.read().expect("a lock").len() <= KEPT);
    }
}
