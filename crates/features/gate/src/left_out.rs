//! What indexes left out, for the one who runs a command behind a gate of its own: clients do not show it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use foretaste_model::ReleaseId;

use crate::decide::Ruling;

/// Releases that are remembered.
const MOST: usize = 10_000;

/// A release that an index left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The release.
    pub release: ReleaseId,
    /// `refuse` or `hold`.
    pub outcome: &'static str,
    /// Why, in one sentence.
    pub reason: String,
}

/// What was left out so far, each release once, and why pages could not be had, each reason once.
#[derive(Debug, Default)]
pub(crate) struct AllLeftOut {
    releases: Mutex<BTreeMap<String, LeftOut>>,
    troubles: Mutex<BTreeSet<String>>,
}

impl AllLeftOut {
    pub(crate) fn note(&self, release: &ReleaseId, ruling: &Ruling) {
        let mut all = self.releases.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < MOST {
            all.entry(ruling.purl.clone()).or_insert_with(|| LeftOut {
                release: release.clone(),
                outcome: ruling.outcome.id(),
                reason: ruling.reason.clone(),
            });
        }
    }

    pub(crate) fn all(&self) -> Vec<LeftOut> {
        let all = self.releases.lock().unwrap_or_else(PoisonError::into_inner);
        all.values().cloned().collect()
    }

    pub(crate) fn note_trouble(&self, reason: &str) {
        let mut all = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < MOST {
            all.insert(reason.to_owned());
        }
    }

    pub(crate) fn troubles(&self) -> Vec<String> {
        let all = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().cloned().collect()
    }
}
