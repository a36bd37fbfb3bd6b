//! Vetting a file, for the first time or anew, and what becomes of an earlier verdict.

mod vetter;

use std::sync::Arc;

use foretaste_io::Incoming;
use foretaste_model::{Digest, ReleaseId, Verdict};
use tokio_util::task::AbortOnDropHandle;

use crate::blobs::Blob;
use crate::candidate::{Candidate, sha256};
use crate::database::{DatabaseResult, EventKind, Kept};
use crate::gate::{Gate, key};

pub use vetter::{Sample, Vetted, Vetter};

/// A file with everything that its vetting needs.
pub(crate) struct Vetting<'a> {
    pub(crate) kept: &'a Kept,
    pub(crate) blob: &'a Blob,
    /// As published; the SHA-256 is added if it is not among them.
    pub(crate) digests: Vec<Digest>,
    /// What was begun before the file was here.
    pub(crate) begun: Option<Begun>,
}

/// A vetting that was begun while the file was on its way; dropping it gives it up.
pub(crate) struct Begun(AbortOnDropHandle<(String, Vetted)>);

/// What a vetting changed.
pub(crate) struct Change {
    pub(crate) vetted: Vetted,
    /// The verdict before; none if there was none.
    pub(crate) before: Option<Verdict>,
}

impl Gate {
    /// Begins to vet a file that is on its way: what others are asked, and what can be seen of its beginning. None if its
    /// index does not say well enough what will come.
    pub(crate) fn begin_to_vet(&self, candidate: &Candidate, news: Incoming) -> Option<Begun> {
        let is_proven = candidate.digests.iter().any(|d| d.algorithm.is_strong());
        let vetter = Arc::clone(&self.vetter);
        let sample = Sample {
            release: candidate.release.clone(),
            filename: candidate.filename.as_str().into(),
            file: news,
            digests: candidate.digests.clone(),
            internal: false,
        };
        let work = async move { (vetter.edition().await, vetter.vet(sample).await) };
        is_proven.then(|| Begun(AbortOnDropHandle::new(tokio::spawn(work))))
    }

    /// Vets a file that was never vetted.
    pub(crate) async fn vet(
        &self,
        candidate: &Candidate,
        blob: &Blob,
        begun: Option<Begun>,
    ) -> DatabaseResult<()> {
        let kept = Self::kept(candidate, blob);
        let vetting = Vetting {
            kept: &kept,
            blob,
            digests: candidate.digests.clone(),
            begun,
        };
        let change = self.vet_and_store(vetting).await?;
        let reasons = &change.vetted.reasons;
        self.log(
            EventKind::Verdict,
            Some(&candidate.release),
            change.vetted.verdict.id(),
            reasons.first().map_or("", String::as_str),
            "",
        )
        .await;
        Ok(())
    }

    /// What the database keeps of a file.
    pub(crate) fn kept(candidate: &Candidate, blob: &Blob) -> Kept {
        Kept {
            internal: candidate.source.is_none(),
            ecosystem: candidate.release.ecosystem,
            name: candidate.release.name.as_str().to_owned(),
            version: candidate.release.version.to_string(),
            filename: candidate.filename.clone(),
            sha256: blob.sha256.clone(),
        }
    }

    /// Vets a file and stores the verdict. What could not be vetted wholly, because a registry is down, takes the place of
    /// no verdict on the same bytes that says more: that one stays until the file can be vetted again.
    pub(crate) async fn vet_and_store(&self, vetting: Vetting<'_>) -> DatabaseResult<Change> {
        let Vetting {
            kept,
            blob,
            mut digests,
            begun,
        } = vetting;
        let since = std::time::Instant::now();
        let begun = match begun {
            // if it broke off, it is begun again
            Some(begun) => begun.0.await.ok(),
            None => None,
        };
        let (edition, vetted) = if let Some(done) = begun {
            done
        } else {
            let own = sha256(&blob.sha256);
            if !digests.contains(&own) {
                digests.push(own);
            }
            let sample = Sample {
                release: ReleaseId::new(kept.ecosystem, &kept.name, &kept.version),
                filename: kept.filename.as_str().into(),
                file: Incoming::here(&blob.path, blob.size),
                digests,
                internal: kept.internal,
            };
            (self.vetter.edition().await, self.vetter.vet(sample).await)
        };
        self.metrics.vetted(vetted.verdict, since.elapsed());
        let key = key(kept.ecosystem, &kept.name);
        let record = self.record(&key).await?;
        let id = (kept.version.clone(), kept.sha256.clone());
        let before = record.judged.get(&id).map(|j| j.verdict);
        let says_less = vetted.verdict == Verdict::Incomplete
            && before.is_some_and(|before| before != Verdict::Incomplete);
        if says_less {
            tracing::warn!(
                file = kept.filename,
                "could not be vetted anew; its verdict stays until it can be"
            );
            self.database.tried(kept).await?;
        } else {
            self.database.judge(kept, &vetted, &edition).await?;
            self.touch(&key);
        }
        Ok(Change { vetted, before })
    }
}
