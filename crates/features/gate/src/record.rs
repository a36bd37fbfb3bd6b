//! What the gate knows about a package, kept in memory while nothing changes.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use foretaste_model::{Ecosystem, PackageName, Verdict};

use crate::database::{Database, DatabaseResult, Decision, Fetched, Judged, Upload};

/// Packages that are kept in memory.
const KEPT: usize = 20_000;

/// What the gate knows about a package.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// What was published here, oldest first.
    pub(crate) uploads: Vec<Upload>,
    /// True if something was published here once: the name is the organisation's own.
    pub(crate) owned: bool,
    /// Verdicts by version and SHA-256.
    pub(crate) judged: HashMap<(String, String), Judged>,
    /// What people decided, by version.
    pub(crate) people: HashMap<String, Vec<Decision>>,
    /// What was fetched, by file name.
    pub(crate) fetched: HashMap<String, Fetched>,
    /// SHA-256 of the core metadata that was read out of wheels, by that of the wheel.
    pub(crate) metadata: HashMap<String, String>,
}

/// A package's key.
pub(crate) type Key = (Ecosystem, PackageName);

/// Records by package.
#[derive(Debug, Default)]
pub(crate) struct Records {
    kept: RwLock<HashMap<Key, Arc<Record>>>,
    epoch: AtomicU64,
    /// Which verdicts count, where nobody makes outdated ones anew.
    current: Option<Current>,
}

/// The verdicts that count for one command: those of an edition of the rules, unless something was missing, and its own.
#[derive(Debug)]
pub(crate) struct Current {
    pub(crate) edition: String,
    /// When the command began, in seconds since the epoch.
    pub(crate) since: i64,
}

impl Current {
    fn counts(&self, judged: &Judged) -> bool {
        let is_whole = judged.verdict != Verdict::Incomplete;
        judged.at >= self.since || (judged.edition == self.edition && is_whole)
    }
}

impl Records {
    /// Records in which some verdicts do not count.
    pub(crate) fn with(current: Option<Current>) -> Self {
        Self {
            current,
            ..Self::default()
        }
    }

    /// Counts changes: what was built in an earlier epoch may be out of date.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Forgets a package, because something about it changed.
    pub(crate) fn touch(&self, key: &Key) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        kept.remove(key);
    }

    /// Forgets every package.
    pub(crate) fn clear(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        kept.clear();
    }

    /// The record of a package.
    pub(crate) async fn get(&self, database: &Database, key: &Key) -> DatabaseResult<Arc<Record>> {
        {
            let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(found) = kept.get(key) {
                return Ok(Arc::clone(found));
            }
        }
        let epoch = self.epoch();
        let (ecosystem, name) = (key.0, key.1.as_str());
        let (uploads, owned, judged, people, fetched, metadata) = tokio::try_join!(
            database.uploads(ecosystem, name),
            database.is_owned(ecosystem, name),
            database.verdicts(ecosystem, name),
            database.decisions(ecosystem, name),
            database.fetched_of(ecosystem, name),
            database.metadata_digests(ecosystem, name),
        )?;
        let mut by_version: HashMap<String, Vec<Decision>> = HashMap::new();
        for decision in people {
            let of = by_version.entry(decision.version.clone()).or_default();
            of.push(decision);
        }
        let record = Arc::new(Record {
            uploads,
            owned,
            judged: judged
                .into_iter()
                .filter(|j| self.current.as_ref().is_none_or(|c| c.counts(j)))
                .map(|j| ((j.version.clone(), j.sha256.clone()), j))
                .collect(),
            people: by_version,
            fetched: fetched.into_iter().collect(),
            metadata: metadata.into_iter().collect(),
        });
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        // something may have changed while it was read: then it is good for this request alone
        if self.epoch() == epoch {
            if kept.len() >= KEPT {
                kept.clear();
            }
            kept.insert(key.clone(), Arc::clone(&record));
        }
        Ok(record)
    }
}
