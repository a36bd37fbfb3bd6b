//! The way of a file through the gate: decide, fetch, compare digests, vet, decide again.

use std::sync::Arc;

use foretaste_io::{Arrived, HttpError, Incoming, Saved};
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
use crate::outage::{self, Outage};
use crate::record::Record;
use crate::trace::{self, Kind, Told};

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

impl<E: Outage> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Trouble(outage::told(&error))
    }
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
        let now = Timestamp::now();
        let hides = self.rules.outcome(&facts, now).hides();
        if let Some(left_out) = self.left_out.as_ref().filter(|_| hides) {
            left_out.note(&candidate.release, &self.rules.decide(&facts, now));
        }
        !hides
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

    /// Decides about a file for a team from what is known now.
    async fn rule(
        &self,
        candidate: &Candidate,
        team: &str,
    ) -> Result<(Arc<Record>, Ruling), DatabaseError> {
        let key = candidate.key();
        let record = self.record(&key).await?;
        let asked = Asked {
            owned: self.owns(&key, &record),
            team,
        };
        let ruling = self.judge_known(candidate, &record, asked);
        Ok((record, ruling))
    }

    /// What a client gets by a ruling, unless the file has to be fetched or vetted first.
    fn by_ruling(
        &self,
        candidate: &Candidate,
        record: &Record,
        ruling: Ruling,
    ) -> Option<Admission> {
        if ruling.hides() {
            return Some(Admission::Turned(ruling));
        }
        let sha256 = candidate.sha256(record).filter(|_| ruling.serves())?;
        let blob = self.blobs.find(sha256)?;
        Some(Admission::Serve(blob, ruling))
    }

    /// True if the settings ask for the licence of a file that was fetched before they did.
    fn licence_is_unread(&self, candidate: &Candidate, record: &Record) -> bool {
        let fetched = record.fetched.get(&candidate.filename);
        self.asks_licence(candidate) && fetched.is_some_and(|f| f.licence.is_none())
    }

    /// True if the settings ask for the licence of a fetched file, and its index does not tell it.
    fn asks_licence(&self, candidate: &Candidate) -> bool {
        self.rules.asks_licences()
            && candidate.source.is_some()
            && candidate.traits.licence.is_none()
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
        let landed = self.wait_for(&mut flight, candidate).await;
        self.admit_landed(candidate, team, landed).await
    }

    /// What a client gets if nothing has to be fetched or vetted.
    pub(crate) async fn admit_known(
        &self,
        candidate: &Candidate,
        team: &str,
    ) -> Result<Option<Admission>, DatabaseError> {
        let begin = std::time::Instant::now();
        let (record, ruling) = self.rule(candidate, team).await?;
        self.metrics.decision(begin.elapsed());
        if ruling.serves() && self.licence_is_unread(candidate, &record) {
            return Ok(None);
        }
        let known = self.by_ruling(candidate, &record, ruling);
        Ok(known.or_else(|| {
            let reason = self.mismatches.get(&candidate.file_key())?;
            Some(Admission::Turned(self.mismatch(candidate, reason)))
        }))
    }

    /// Fetches and vets a file, or joins those for whom that is being done.
    pub(crate) fn begin(self: &Arc<Self>, candidate: &Candidate, team: &str) -> FileFlight {
        let (gate, wanted, team) = (Arc::clone(self), candidate.clone(), team.to_owned());
        self.flights.board(candidate.file_key(), |arrival| {
            gate.fetch_and_vet(wanted, team, arrival)
        })
    }

    /// How that ended, or "not yet" after as long as the settings say: the work goes on.
    pub(crate) async fn wait_for(
        &self,
        flight: &mut FileFlight,
        candidate: &Candidate,
    ) -> Option<Landed> {
        let patience = self.settings().decide.wait();
        let landed = tokio::time::timeout(patience, flight.landed()).await;
        landed.unwrap_or_else(|_| {
            let reason = format!("{} is still being fetched and vetted", candidate.filename);
            Some(Err(Failure::Trouble(reason)))
        })
    }

    /// What a client gets after a file was fetched and vetted.
    pub(crate) async fn admit_landed(
        &self,
        candidate: &Candidate,
        team: &str,
        landed: Option<Landed>,
    ) -> Result<Admission, DatabaseError> {
        let later = |what: &str| Admission::Later(format!("{} {what}", candidate.filename));
        Ok(match landed {
            None => later("was being vetted, which broke off"),
            Some(Err(Failure::Gone(reason))) => Admission::Gone(reason),
            Some(Err(Failure::Trouble(reason))) => Admission::Later(reason),
            Some(Err(Failure::Digest(reason))) => {
                Admission::Turned(self.mismatch(candidate, reason))
            }
            Some(Ok(())) => {
                let (record, ruling) = self.rule(candidate, team).await?;
                let known = self.by_ruling(candidate, &record, ruling);
                known.unwrap_or_else(|| later("was vetted and is gone again"))
            }
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
        let ruled = self.rule(&candidate, &team).await;
        let (record, ruling) = ruled?;
        let mut begun = None;
        let found = match candidate.sha256(&record) {
            Some(sha256) => self.blobs.bring(sha256).await?,
            None => None,
        };
        let blob = match found {
            // bytes that another name brought here are this name's too
            Some(blob) if candidate.source.is_none() => blob,
            Some(blob)
                if record
                    .fetched
                    .get(&candidate.filename)
                    .is_some_and(|f| f.sha256 == blob.sha256)
                    && !self.licence_is_unread(&candidate, &record) =>
            {
                blob
            }
            Some(blob) => self.remember(&candidate, blob).await?,
            None => {
                if ruling.outcome == Outcome::Unvetted {
                    let news = Incoming::following(arrival.subscribe());
                    begun = self.begin_to_vet(&candidate, news);
                }
                self.fetch(&candidate, &arrival).await?
            }
        };
        arrival.send_replace(Some(Arrived::all(&blob.path, blob.size)));
        if self.database.is_shared() {
            // another gate may just have vetted it
            self.forget(&candidate.key());
        }
        let ruled = self.rule(&candidate, &team).await;
        let (_, ruling) = ruled?;
        if ruling.outcome == Outcome::Unvetted {
            let vetting = self.vet(&candidate, &blob, begun);
            let told = |vetted: &Result<(), DatabaseError>| Told {
                attributes: vec![("foretaste.file", candidate.filename.as_str().into())],
                failed: vetted.as_ref().err().map(ToString::to_string),
            };
            let vetted = trace::child(("vet", Kind::Internal), vetting, told).await;
            vetted?;
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
        let drafts = self.blobs.drafts();
        let save = self
            .http
            .save(request, &candidate.digests, &drafts, Some(arrival));
        let told = |saved: &Result<Saved, HttpError>| Told {
            attributes: vec![("foretaste.file", candidate.filename.as_str().into())],
            failed: saved.as_ref().err().map(ToString::to_string),
        };
        let saved = trace::child(("fetch a file", Kind::Client), save, told)
            .await
            .map_err(|error| match error {
                HttpError::NotFound { .. } => Failure::Gone(error.to_string()),
                _ => error.into(),
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
        // it can be vetted while it is made to last
        let (path, size) = (saved.draft.path(), saved.draft.size());
        arrival.send_replace(Some(Arrived::all(path, size)));
        let kept = self.blobs.keep(saved.draft, &saved.sha256.to_hex()).await;
        let blob = kept?;
        arrival.send_replace(Some(Arrived::all(&blob.path, size)));
        self.remember(candidate, blob).await
    }

    async fn remember(&self, candidate: &Candidate, blob: Blob) -> Result<Blob, Failure> {
        let kept = Self::kept(candidate, &blob);
        let licence = if self.asks_licence(candidate) {
            // an empty one says that it was looked for
            Some(licence::of(candidate, &blob).await.unwrap_or_default())
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
            .await?;
        self.touch(&candidate.key());
        Ok(blob)
    }
}
