//! Metadata that is read out of wheels which have none beside them, so that the next client needs less.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use foretaste_pypi::PypiVersion;

use super::wheel;
use crate::candidate::Candidate;
use crate::flights::Flights;
use crate::gate::Gate;

/// Wheels without good metadata that are remembered.
const REMEMBERED: usize = 1_024;

/// A wheel's file name, which says of what release it is, and its SHA-256.
type Wheel = (String, String);

/// What is being read, and what was read in vain.
#[derive(Debug, Default)]
pub(crate) struct Extractions {
    running: Flights<Wheel, ()>,
    given_up: Mutex<HashSet<Wheel>>,
}

impl Extractions {
    fn is_given_up(&self, wheel: &Wheel) -> bool {
        let given_up = self.given_up.lock().unwrap_or_else(PoisonError::into_inner);
        given_up.contains(wheel)
    }

    fn give_up(&self, wheel: Wheel) {
        let mut given_up = self.given_up.lock().unwrap_or_else(PoisonError::into_inner);
        if given_up.len() >= REMEMBERED {
            given_up.clear();
        }
        given_up.insert(wheel);
    }
}

/// Reads the metadata out of a wheel that was served without any beside it: once, however many clients took it.
pub(super) fn later(gate: &Arc<Gate>, candidate: &Candidate) {
    if !candidate.filename.ends_with(".whl") {
        return;
    }
    let (gate, candidate) = (Arc::clone(gate), candidate.clone());
    tokio::spawn(async move {
        let Ok(mut record) = gate.record(&candidate.key()).await else {
            return;
        };
        let is_here = |sha256| gate.blobs.find(sha256).is_some();
        if !candidate.sha256(&record).is_some_and(is_here) {
            // it goes to the client as it comes
            gate.begin(&candidate, "").landed().await;
            let Ok(changed) = gate.record(&candidate.key()).await else {
                return;
            };
            record = changed;
        }
        let Some(sha256) = candidate.sha256(&record) else {
            return;
        };
        let wheel = (candidate.filename.clone(), sha256.to_owned());
        if record.metadata.contains_key(sha256) || gate.extractions.is_given_up(&wheel) {
            return;
        }
        let (own, its) = (Arc::clone(&gate), wheel.clone());
        let work = || async move { extract(&own, &candidate, its).await };
        gate.extractions.running.join(wheel, work).await;
    });
}

async fn extract(gate: &Gate, candidate: &Candidate, wheel: Wheel) {
    let Ok(Some(blob)) = gate.blobs.bring(&wheel.1).await else {
        return;
    };
    let text = match read(blob.path, candidate).await {
        Ok(text) => text,
        Err(reason) => {
            tracing::debug!(file = candidate.filename, reason, "no metadata was read");
            return gate.extractions.give_up(wheel);
        }
    };
    let key = candidate.key();
    let kept = gate.database.keep_metadata(key.1.as_str(), &wheel.1, &text);
    match kept.await {
        Ok(()) => gate.touch(&key),
        Err(error) => tracing::debug!(file = candidate.filename, %error, "no metadata was kept"),
    }
}

async fn read(path: PathBuf, candidate: &Candidate) -> Result<String, String> {
    let text = wheel::metadata(path, &candidate.filename).await?;
    let release = &candidate.release;
    let version = PypiVersion::new(&release.version);
    wheel::belongs(&text, release.name.as_str(), &version)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_up_is_remembered_and_no_more_than_fits() {
        let extractions = Extractions::default();
        for number in 0..3_000 {
            let wheel = (format!("a-{number}-py3-none-any.whl"), String::new());
            assert!(!extractions.is_given_up(&wheel));
            extractions.give_up(wheel.clone());
            assert!(extractions.is_given_up(&wheel));
        }
        assert!(extractions.given_up.lock().expect("a lock").len() <= REMEMBERED);
    }
}
