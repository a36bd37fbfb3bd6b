//! What the advisories on this machine say about a package, kept for a moment: an index asks it for every version.

use std::sync::Arc;

use foretaste_model::ReleaseId;
use foretaste_osv::{Level, Record, compare_versions, level};

use crate::gate::Gate;
use crate::record::Key;

/// About how many bytes one is in memory.
const ADVISORY_BYTES: usize = 4 << 10;

/// The advisories about a package.
#[derive(Debug, Default)]
pub(crate) struct Advice {
    records: Vec<Record>,
    /// What is known cannot be read: whoever asks must take the worst for possible.
    damaged: bool,
}

impl Advice {
    /// The gravest advisory that covers a release.
    pub(crate) fn worst(&self, release: &ReleaseId) -> Option<(Level, &str)> {
        if self.damaged {
            return Some((Level::Critical, "advisories that cannot be read"));
        }
        let covering = self.records.iter().filter(|record| record.covers(release));
        covering
            .map(|record| (level(record.score(record.about(release))), &*record.id))
            .max_by_key(|(level, _)| *level)
    }

    /// An advisory that a release fixes: it names this version as the one with the fix.
    pub(crate) fn fixed_by(&self, release: &ReleaseId) -> Option<&str> {
        let ecosystem = release.ecosystem;
        let fixes = |record: &&Record| {
            !record.withdrawn
                && record.about(release).any(|affected| {
                    let mut fixed = affected.fixed();
                    fixed.any(|v| {
                        compare_versions(ecosystem, v, &release.version)
                            == Some(std::cmp::Ordering::Equal)
                    })
                })
        };
        self.records.iter().find(fixes).map(|record| &*record.id)
    }
}

impl Gate {
    /// The advisories about a package.
    pub(crate) fn advice(&self, key: &Key) -> Arc<Advice> {
        if let Some(found) = self.advised.get(key) {
            return found;
        }
        let release = ReleaseId::new(key.0, key.1.as_str(), "0");
        let mut advice = Advice::default();
        if let Some(all) = &self.advisories {
            let found = match all.current(key.0) {
                Ok(None) => Ok(Vec::new()),
                Ok(Some(database)) => database.about(&release).map_err(|e| e.to_string()),
                Err(error) => Err(error),
            };
            match found {
                Ok(records) => advice.records = records,
                Err(error) => {
                    tracing::error!(error, "advisories cannot be read");
                    advice.damaged = true;
                }
            }
        }
        let advice = Arc::new(advice);
        let bytes = advice.records.len() * ADVISORY_BYTES;
        self.advised.put(key, &advice, bytes);
        advice
    }
}
