//! The way of a file through the gate: decide, fetch, compare digests, vet, decide again.

use std::sync::Arc;

use foretaste_io::{Arrived, HttpError};
use foretaste_model::Ecosystem;
use foretaste_model::report::IndexDigest;
use jiff::Timestamp;
use tokio::sync::watch;

use crate::advice::Advice;
use crate::blobs::Blob;
use crate::candidate::Candidate;
use crate::database::{DatabaseError, EventKind, now};
use crate::decide::{Asked, Check, Facts, Outcome, Person, Ruling};
use crate::flights::Flight;
use crate::gate::Gate;
use crate::licence;
use crate::record::Record;

/// A file's key: ecosystem, package, file name and the published digest.
pub(crate) type FileKey = (Ecosystem, String, String, String);

/// How far a file has come from its upstream; nothing while no answer has begun.
pub(crate) type Arrival = watch::Sender<Option<Arrived>>;

/// A file that is being fetched and vetted.
pub(crate) type FileFlight = Flight<Landed, Arrival>;

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

/// "Not yet": the work goes on.
pub(crate) fn still_coming(candidate: &Candidate) -> Admission {
    Admission::Later(format!(
        "{} is still being fetched and vetted",
        candidate.filename
    ))
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
            licence: candidate.licence(record),
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
        if let Some(admission) = self.admit_known(candidate, team).await? {
            return Ok(admission);
        }
        let mut flight = self.begin(candidate, team);
        let landed = tokio::time::timeout(self.settings().decide.wait(), flight.landed()).await;
        match landed {
            Err(_) => Ok(still_coming(candidate)),
            Ok(landed) => self.admit_landed(candidate, team, landed).await,
        }
    }

    /// What a client gets if nothing has to be fetched or vetted.
    pub(crate) async fn admit_known(
        &self,
        candidate: &Candidate,
        team: &str,
    ) -> Result<Option<Admission>, DatabaseError> {
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
            return Ok(Some(Admission::Turned(ruling)));
        }
        if ruling.serves()
            && let Some(blob) = candidate.sha256(&record).and_then(|s| self.blobs.find(s))
        {
            return Ok(Some(Admission::Serve(blob, ruling)));
        }
        Ok(None)
    }

    /// Fetches and vets a file, or joins those for whom that is being done.
    pub(crate) fn begin(self: &Arc<Self>, candidate: &Candidate, team: &str) -> FileFlight {
        let (gate, wanted, team) = (Arc::clone(self), candidate.clone(), team.to_owned());
        self.flights.board(candidate.file_key(), |arrival| {
            gate.fetch_and_vet(wanted, team, arrival)
        })
    }

    /// What a client gets after a file was fetched and vetted.
    pub(crate) async fn admit_landed(
        &self,
        candidate: &Candidate,
        team: &str,
        landed: Option<Landed>,
    ) -> Result<Admission, DatabaseError> {
        let gone_again =
            |what: &str| Ok(Admission::Later(format!("{} {what}", candidate.filename)));
        match landed {
            None => return gone_again("was being vetted, which broke off"),
            Some(Err(Failure::Gone(reason))) => return Ok(Admission::Gone(reason)),
            Some(Err(Failure::Trouble(reason))) => return Ok(Admission::Later(reason)),
            Some(Err(Failure::Digest(reason))) => {
                return Ok(Admission::Turned(self.mismatch(candidate, reason)));
            }
            Some(Ok(())) => {}
        }
        let key = candidate.key();
        let record = self.record(&key).await?;
        let asked = Asked {
            owned: self.owns(&key, &record),
            team,
        };
        let ruling = self.judge_known(candidate, &record, asked);
        if ruling.hides() {
            return Ok(Admission::Turned(ruling));
        }
        let blob = candidate.sha256(&record).and_then(|s| self.blobs.find(s));
        match blob {
            Some(blob) if ruling.serves() => Ok(Admission::Serve(blob, ruling)),
            _ => gone_again("was vetted and is gone again"),
        }
    }

    /// The ruling on bytes that are not those that the index names; no setting lets them through.
    pub(crate) fn mismatch(&self, candidate: &Candidate, reason: String) -> Ruling {
        let facts = Facts {
            release: &candidate.release,
            filename: &candidate.filename,
            internal: false,
            asked: Asked::default(),
            published: candidate.published,
            status: candidate.status,
            traits: &candidate.traits,
            licence: None,
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

    async fn fetch_and_vet(
        self: Arc<Self>,
        candidate: Candidate,
        team: String,
        arrival: Arrival,
    ) -> Landed {
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
            None => self.fetch(&candidate, &arrival).await?,
        };
        arrival.send_replace(Some(Arrived {
            path: blob.path.clone(),
            length: Some(blob.size),
            written: blob.size,
        }));
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

    async fn fetch(&self, candidate: &Candidate, arrival: &Arrival) -> Result<Blob, Failure> {
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
            .save(
                request,
                &candidate.digests,
                &self.blobs.drafts(),
                Some(arrival),
            )
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
        let licence = if self.rules.asks_licences() && candidate.traits.licence.is_none() {
            licence::of(candidate, &blob).await
        } else {
            None
        };
        let source = candidate.source.as_ref();
        let source = source.map_or_else(String::new, |u| {
            foretaste_io::SafeUrl::new(u.clone()).to_string()
        });
        self.database
            .keep(
                &kept,
                blob.size,
                (&source, &candidate.published_digests(), licence.as_deref()),
            )
            .await
            .map_err(|e| Failure::Trouble(e.to_string()))?;
        self.touch(&candidate.key());
        Ok(blob)
    }
}
