//! The way of a file through the gate: decide, fetch, compare digests, vet, decide again.

use std::sync::Arc;

use foretaste_io::HttpError;
use foretaste_model::Ecosystem;
use foretaste_model::report::IndexDigest;
use jiff::Timestamp;

use crate::advice::Advice;
use crate::blobs::Blob;
use crate::candidate::Candidate;
use crate::database::{DatabaseError, EventKind, now};
use crate::decide::{Asked, Check, Facts, Outcome, Person, Ruling};
use crate::gate::Gate;
use crate::record::Record;

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

impl Gate {
    /// Decides about a file from what is known, without fetching anything.
    pub(crate) fn judge_known(
        &self,
        candidate: &Candidate,
        record: &Record,
        asked: Asked<'_>,
    ) -> Ruling {
        let advice = self.asked_advice(candidate);
        let facts = Self::facts(candidate, record, asked, advice.as_deref());
        self.rules.decide(&facts, Timestamp::now())
    }

    /// True if a file stands in an index: what is refused or held does not. It costs less than the ruling itself.
    pub(crate) fn shows(&self, candidate: &Candidate, record: &Record, asked: Asked<'_>) -> bool {
        let advice = self.asked_advice(candidate);
        let facts = Self::facts(candidate, record, asked, advice.as_deref());
        !self.rules.outcome(&facts, Timestamp::now()).hides()
    }

    fn asked_advice(&self, candidate: &Candidate) -> Option<Arc<Advice>> {
        let asks = self.rules.asks_advisories();
        asks.then(|| self.advice(&candidate.key()))
    }

    fn facts<'a>(
        candidate: &'a Candidate,
        record: &'a Record,
        asked: Asked<'a>,
        advice: Option<&'a Advice>,
    ) -> Facts<'a> {
        let judged = candidate.judged(record);
        let person = candidate.person(record, now());
        Facts {
            release: &candidate.release,
            filename: &candidate.filename,
            internal: candidate.source.is_none(),
            asked,
            published: candidate.published,
            status: candidate.status,
            traits: &candidate.traits,
            advice,
            verdict: judged.map(|j| (j.verdict, j.reasons.as_slice())),
            changed: candidate.changed(record) && !matches!(person, Person::Approved(_)),
            person,
        }
    }

    /// Brings a file to where it can be served, or says why not. Waits as long as the settings say.
    pub(crate) async fn admit(
        self: &Arc<Self>,
        candidate: &Candidate,
        team: &str,
    ) -> Result<Admission, DatabaseError> {
        let begin = std::time::Instant::now();
        let key = candidate.key();
        let record = self.record(&key).await?;
        let asked = Asked {
            owned: self.owns(&key, &record),
            team,
        };
        let ruling = self.judge_known(candidate, &record, asked);
        self.metrics.decision(begin.elapsed());
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
        let (gate, wanted, team) = (Arc::clone(self), candidate.clone(), team.to_owned());
        let landing = self.flights.join(file_key, || async move {
            gate.fetch_and_vet(wanted, team).await
        });
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
        let ruling = self.judge_known(candidate, &record, asked);
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
        let facts = Facts {
            release: &candidate.release,
            filename: &candidate.filename,
            internal: false,
            asked: Asked::default(),
            published: candidate.published,
            status: candidate.status,
            traits: &candidate.traits,
            advice: None,
            verdict: None,
            person: Person::Nobody,
            changed: true,
        };
        let mut ruling = self.rules.decide(&facts, Timestamp::now());
        ruling.outcome = Outcome::Refuse;
        ruling.check = Check::Digest;
        ruling.dry_run = false;
        ruling.reason = reason;
        ruling
    }

    async fn fetch_and_vet(self: Arc<Self>, candidate: Candidate, team: String) -> Landed {
        let key = candidate.key();
        let trouble = |error: &dyn std::fmt::Display| Failure::Trouble(error.to_string());
        let record = self.record(&key).await.map_err(|e| trouble(&e))?;
        let found = candidate.sha256(&record).and_then(|s| self.blobs.find(s));
        let blob = match found {
            // bytes that another name brought here are this name's too
            Some(blob) if candidate.source.is_none() => blob,
            Some(blob)
                if record
                    .fetched
                    .get(&candidate.filename)
                    .is_some_and(|f| f.sha256 == blob.sha256) =>
            {
                blob
            }
            Some(blob) => self.remember(&candidate, blob).await?,
            None => self.fetch(&candidate).await?,
        };
        let record = self.record(&key).await.map_err(|e| trouble(&e))?;
        let asked = Asked {
            owned: self.owns(&key, &record),
            team: &team,
        };
        if self.judge_known(&candidate, &record, asked).outcome == Outcome::Unvetted {
            self.vet(&candidate, &blob).await.map_err(|e| trouble(&e))?;
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
        let kept = Self::kept(candidate, &blob);
        let source = candidate.source.as_ref();
        let source = source.map_or_else(String::new, |u| {
            foretaste_io::SafeUrl::new(u.clone()).to_string()
        });
        self.database
            .keep(&kept, blob.size, (&source, &candidate.published_digests()))
            .await
            .map_err(|e| Failure::Trouble(e.to_string()))?;
        self.touch(&candidate.key());
        Ok(blob)
    }
}
