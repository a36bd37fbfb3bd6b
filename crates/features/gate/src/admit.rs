//! The way of a file through the gate: decide, fetch, compare digests, vet, decide again.

use std::sync::Arc;

use foretaste_io::HttpError;
use foretaste_model::metadata::ProjectStatus;
use foretaste_model::report::IndexDigest;
use foretaste_model::{Digest, DigestAlgorithm, Ecosystem, ReleaseId};
use jiff::Timestamp;
use url::Url;

use crate::blobs::Blob;
use crate::database::{DatabaseError, EventKind, Kept};
use crate::decide::{Check, Facts, Outcome, Ruling};
use crate::gate::Gate;
use crate::record::{Key, Record};
use crate::vetter::Sample;

/// A file that a client may ask for.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) release: ReleaseId,
    pub(crate) filename: String,
    /// As published, strongest first.
    pub(crate) digests: Vec<Digest>,
    pub(crate) published: Option<Timestamp>,
    pub(crate) status: ProjectStatus,
    /// Where to fetch it; none for what was published here.
    pub(crate) source: Option<Url>,
}

/// A file's key: ecosystem, package, file name and the published digest.
pub(crate) type FileKey = (Ecosystem, String, String, String);

/// How a fetch and a vetting ended.
pub(crate) type Landed = Result<(), Failure>;

/// Why a file could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The upstream does not have it.
    Gone(String),
    /// Its bytes are not those that the index names.
    Digest(String),
    /// Something that may be better the next time.
    Trouble(String),
}

/// What a client gets.
#[derive(Debug)]
pub(crate) enum Admission {
    /// The file.
    Serve(Blob, Ruling),
    /// No, and why.
    Turned(Ruling),
    /// Not yet.
    Later(String),
    /// There is none.
    Gone(String),
}

impl Candidate {
    pub(crate) fn key(&self) -> Key {
        (self.release.ecosystem, self.release.name.clone())
    }

    /// The published SHA-256, if there is one.
    fn published_sha256(&self) -> Option<&str> {
        let mut digests = self.digests.iter();
        digests
            .find(|d| d.algorithm == DigestAlgorithm::Sha256)
            .map(|d| &*d.value)
    }

    /// The SHA-256 under which the file is known: as published, else as first fetched.
    pub(crate) fn sha256<'a>(&'a self, record: &'a Record) -> Option<&'a str> {
        self.published_sha256()
            .or_else(|| record.fetched.get(&self.filename).map(String::as_str))
    }

    /// True if the upstream names another SHA-256 than that of the bytes that were fetched before.
    fn changed(&self, record: &Record) -> bool {
        match (self.published_sha256(), record.fetched.get(&self.filename)) {
            (Some(published), Some(fetched)) => self.source.is_some() && published != fetched,
            _ => false,
        }
    }
}

impl Gate {
    /// Decides about a file from what is known, without fetching anything.
    pub(crate) fn judge_known(
        &self,
        candidate: &Candidate,
        record: &Record,
        owned: bool,
    ) -> Ruling {
        let version = &*candidate.release.version;
        let judged = candidate
            .sha256(record)
            .and_then(|sha| record.judged.get(&(version.to_owned(), sha.to_owned())));
        let person = record.people.get(version);
        self.ruling(&Facts {
            release: &candidate.release,
            filename: &candidate.filename,
            internal: candidate.source.is_none(),
            owned,
            published: candidate.published,
            status: candidate.status,
            verdict: judged.map(|j| (j.verdict, j.reasons.as_slice())),
            person: person.map(|p| (p.approved, p.reason.as_str())),
            changed: candidate.changed(record) && !person.is_some_and(|p| p.approved),
        })
    }

    /// Brings a file to where it can be served, or says why not. Waits as long as the settings say.
    pub(crate) async fn admit(
        self: &Arc<Self>,
        candidate: &Candidate,
    ) -> Result<Admission, DatabaseError> {
        let key = candidate.key();
        let record = self.record(&key).await?;
        let owned = self.owns(&key, &record);
        let ruling = self.judge_known(candidate, &record, owned);
        if ruling.hides() {
            return Ok(Admission::Turned(ruling));
        }
        if ruling.serves()
            && let Some(blob) = candidate.sha256(&record).and_then(|s| self.blobs.find(s))
        {
            return Ok(Admission::Serve(blob, ruling));
        }
        let digest = candidate.digests.first().map(ToString::to_string);
        let file_key = (
            key.0,
            key.1.as_str().to_owned(),
            candidate.filename.clone(),
            digest.unwrap_or_default(),
        );
        let (gate, wanted) = (Arc::clone(self), candidate.clone());
        let landing = self
            .flights
            .join(file_key, || async move { gate.fetch_and_vet(wanted).await });
        let landed = tokio::time::timeout(self.settings().decide.wait(), landing).await;
        match landed {
            Err(_) => {
                return Ok(Admission::Later(format!(
                    "{} is still being fetched and vetted",
                    candidate.filename
                )));
            }
            Ok(None) => {
                return Ok(Admission::Later(format!(
                    "vetting {} broke off",
                    candidate.filename
                )));
            }
            Ok(Some(Err(Failure::Gone(reason)))) => return Ok(Admission::Gone(reason)),
            Ok(Some(Err(Failure::Trouble(reason)))) => return Ok(Admission::Later(reason)),
            Ok(Some(Err(Failure::Digest(reason)))) => {
                return Ok(Admission::Turned(self.mismatch(candidate, reason)));
            }
            Ok(Some(Ok(()))) => {}
        }
        let record = self.record(&key).await?;
        let ruling = self.judge_known(candidate, &record, owned);
        if ruling.hides() {
            return Ok(Admission::Turned(ruling));
        }
        let blob = candidate.sha256(&record).and_then(|s| self.blobs.find(s));
        Ok(match blob {
            Some(blob) if ruling.serves() => Admission::Serve(blob, ruling),
            _ => Admission::Later(format!(
                "{} was vetted and is gone again",
                candidate.filename
            )),
        })
    }

    /// The ruling on bytes that are not those that the index names; no setting lets them through.
    fn mismatch(&self, candidate: &Candidate, reason: String) -> Ruling {
        let mut ruling = self.ruling(&Facts {
            release: &candidate.release,
            filename: &candidate.filename,
            internal: false,
            owned: false,
            published: candidate.published,
            status: candidate.status,
            verdict: None,
            person: None,
            changed: true,
        });
        ruling.outcome = Outcome::Refuse;
        ruling.check = Check::Digest;
        ruling.dry_run = false;
        ruling.reason = reason;
        ruling
    }

    async fn fetch_and_vet(self: Arc<Self>, candidate: Candidate) -> Landed {
        let key = candidate.key();
        let trouble = |error: &dyn std::fmt::Display| Failure::Trouble(error.to_string());
        let record = self.record(&key).await.map_err(|e| trouble(&e))?;
        let owned = self.owns(&key, &record);
        let found = candidate.sha256(&record).and_then(|s| self.blobs.find(s));
        let blob = match found {
            // bytes that another name brought here are this name's too
            Some(blob) if record.fetched.contains_key(&candidate.filename) => blob,
            Some(blob) if candidate.source.is_none() => blob,
            Some(blob) => self.remember(&candidate, blob).await?,
            None => self.fetch(&candidate).await?,
        };
        let record = self.record(&key).await.map_err(|e| trouble(&e))?;
        if self.judge_known(&candidate, &record, owned).outcome == Outcome::Unvetted {
            self.vet(&candidate, &blob).await?;
        }
        Ok(())
    }

    async fn fetch(&self, candidate: &Candidate) -> Result<Blob, Failure> {
        let Some(url) = candidate.source.clone() else {
            let reason = format!(
                "{} was published here, and its bytes are gone",
                candidate.filename
            );
            return Err(Failure::Trouble(reason));
        };
        let request = self
            .upstreams
            .request(url)
            .max_bytes(self.settings().decide.file_bytes())
            .total_timeout(std::time::Duration::from_mins(30));
        let saved = self
            .http
            .save(request, &candidate.digests, &self.blobs.drafts())
            .await
            .map_err(|error| match error {
                HttpError::NotFound { .. } => Failure::Gone(error.to_string()),
                _ => Failure::Trouble(error.to_string()),
            })?;
        self.metrics
            .fetched(candidate.release.ecosystem, saved.draft.size());
        if saved.index_digest == IndexDigest::Mismatch {
            self.metrics.mismatch();
            let reason = format!(
                "the bytes that the upstream sent as {} are not those that its index names",
                candidate.filename
            );
            self.log(
                EventKind::Alert,
                Some(&candidate.release),
                "digest mismatch",
                &reason,
                "",
            )
            .await;
            return Err(Failure::Digest(reason));
        }
        let hex = saved.sha256.to_hex();
        let blob = self
            .blobs
            .keep(saved.draft, &hex)
            .map_err(|e| Failure::Trouble(e.to_string()))?;
        self.remember(candidate, blob).await
    }

    async fn remember(&self, candidate: &Candidate, blob: Blob) -> Result<Blob, Failure> {
        let kept = Kept {
            ecosystem: candidate.release.ecosystem,
            name: candidate.release.name.as_str().to_owned(),
            version: candidate.release.version.to_string(),
            filename: candidate.filename.clone(),
            sha256: blob.sha256.clone(),
        };
        let source = candidate.source.as_ref();
        let source = source.map_or_else(String::new, |u| {
            foretaste_io::SafeUrl::new(u.clone()).to_string()
        });
        self.database
            .keep(&kept, blob.size, &source)
            .await
            .map_err(|e| Failure::Trouble(e.to_string()))?;
        self.touch(&candidate.key());
        Ok(blob)
    }

    async fn vet(&self, candidate: &Candidate, blob: &Blob) -> Result<(), Failure> {
        let begin = std::time::Instant::now();
        let mut digests = candidate.digests.clone();
        if candidate.published_sha256().is_none() {
            digests.push(Digest {
                algorithm: DigestAlgorithm::Sha256,
                value: blob.sha256.as_str().into(),
            });
        }
        let edition = self.vetter.edition().await;
        let vetted = self
            .vetter
            .vet(Sample {
                release: candidate.release.clone(),
                filename: candidate.filename.as_str().into(),
                path: blob.path.clone(),
                digests,
                internal: candidate.source.is_none(),
            })
            .await;
        self.metrics.vetted(vetted.verdict, begin.elapsed());
        let release = &candidate.release;
        self.database
            .judge(
                (release.ecosystem, release.name.as_str(), &release.version),
                (&candidate.filename, &blob.sha256),
                &vetted,
                &edition,
            )
            .await
            .map_err(|e| Failure::Trouble(e.to_string()))?;
        self.touch(&candidate.key());
        let reason = vetted.reasons.first().map_or("", String::as_str);
        self.log(
            EventKind::Verdict,
            Some(release),
            vetted.verdict.id(),
            reason,
            "",
        )
        .await;
        Ok(())
    }
}
