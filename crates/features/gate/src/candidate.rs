//! A file that a client may ask for.

use foretaste_model::metadata::ProjectStatus;
use foretaste_model::{Digest, DigestAlgorithm, ReleaseId};
use jiff::Timestamp;
use url::Url;

use crate::admit::FileKey;
use crate::database::{Decision, Judged, Upload};
use crate::decide::Person;
use crate::record::{Key, Record};

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
    pub(crate) traits: Traits,
}

/// What an index tells about a file besides its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traits {
    /// True if code of it runs when it is installed.
    pub(crate) install_script: bool,
    /// True if it has provenance.
    pub(crate) provenance: bool,
    /// An SPDX expression, if the index tells one.
    pub(crate) licence: Option<Box<str>>,
}

impl Candidate {
    /// A file that was published here.
    pub(crate) fn of_upload(key: &Key, upload: &Upload) -> Self {
        Self {
            release: ReleaseId::new(key.0, key.1.as_str(), &upload.version),
            filename: upload.filename.clone(),
            digests: vec![sha256(&upload.sha256)],
            published: Timestamp::from_second(upload.uploaded).ok(),
            status: ProjectStatus::Active,
            source: None,
            traits: Traits::default(),
        }
    }

    pub(crate) fn key(&self) -> Key {
        (self.release.ecosystem, self.release.name.clone())
    }

    /// What tells it from every other file that may be fetched.
    pub(crate) fn file_key(&self) -> FileKey {
        let digest = self.digests.first().map(ToString::to_string);
        (
            self.release.ecosystem,
            self.release.name.as_str().to_owned(),
            self.filename.clone(),
            digest.unwrap_or_default(),
        )
    }

    /// The published SHA-256, if there is one.
    pub(crate) fn published_sha256(&self) -> Option<&str> {
        let mut digests = self.digests.iter();
        digests
            .find(|d| d.algorithm == DigestAlgorithm::Sha256)
            .map(|d| &*d.value)
    }

    /// The published digests in one line.
    pub(crate) fn published_digests(&self) -> String {
        let all: Vec<String> = self.digests.iter().map(ToString::to_string).collect();
        all.join(" ")
    }

    /// The SHA-256 under which the file is known: as published, else as first fetched.
    pub(crate) fn sha256<'a>(&'a self, record: &'a Record) -> Option<&'a str> {
        self.published_sha256().or_else(|| {
            let fetched = record.fetched.get(&self.filename)?;
            (!self.changed(record)).then_some(fetched.sha256.as_str())
        })
    }

    /// The licence, as the index tells it, else as the fetched file does.
    pub(crate) fn licence<'a>(&'a self, record: &'a Record) -> Option<&'a str> {
        self.traits.licence.as_deref().or_else(|| {
            let fetched = record.fetched.get(&self.filename)?;
            fetched.licence.as_deref().filter(|l| !l.is_empty())
        })
    }

    /// The verdict on it, if its bytes were vetted.
    pub(crate) fn judged<'a>(&self, record: &'a Record) -> Option<&'a Judged> {
        let sha256 = self.sha256(record)?;
        let id = (self.release.version.to_string(), sha256.to_owned());
        record.judged.get(&id)
    }

    /// The digest that an approval of this file names: its SHA-256 if that is known, else the strongest that is published.
    pub(crate) fn digest(&self, record: &Record) -> Option<String> {
        let known = self.sha256(record).map(|hex| format!("sha256:{hex}"));
        known.or_else(|| {
            let mut strong = self.digests.iter().filter(|d| d.algorithm.is_strong());
            strong.next().map(ToString::to_string)
        })
    }

    /// True if the upstream names other bytes than those that were fetched before.
    pub(crate) fn changed(&self, record: &Record) -> bool {
        let Some(fetched) = record.fetched.get(&self.filename) else {
            return false;
        };
        if self.source.is_none() {
            return false;
        }
        if let Some(published) = self.published_sha256() {
            return published != fetched.sha256;
        }
        // npm publishes no SHA-256: another value of the same algorithm is another file
        self.digests.iter().any(|digest| {
            let mut before = fetched.published.iter();
            before
                .find(|d| d.algorithm == digest.algorithm)
                .is_some_and(|before| before != digest)
        })
    }

    /// True if a digest, as `algorithm:hex`, is that of this file.
    fn has(&self, digest: &str, record: &Record) -> bool {
        let strong = self.digests.iter().filter(|d| d.algorithm.is_strong());
        strong.map(ToString::to_string).any(|own| own == digest)
            || self
                .sha256(record)
                .is_some_and(|hex| digest.strip_prefix("sha256:") == Some(hex))
    }

    /// What people decided about this file, as far as it is in force.
    pub(crate) fn person<'a>(&self, record: &'a Record, now: i64) -> Person<'a> {
        let decisions = record.people.get(&*self.release.version);
        let decisions: &[Decision] = decisions.map_or(&[], Vec::as_slice);
        let mut person = Person::Nobody;
        for decision in decisions.iter().filter(|d| d.is_in_force(now)) {
            if !decision.approved {
                return Person::Denied(&decision.reason);
            }
            if self.has(&decision.digest, record) {
                person = Person::Approved(&decision.reason);
            } else if person == Person::Nobody {
                person = Person::ApprovedOtherBytes;
            }
        }
        person
    }
}

/// A SHA-256 as a digest.
pub(crate) fn sha256(hex: &str) -> Digest {
    Digest {
        algorithm: DigestAlgorithm::Sha256,
        value: hex.into(),
    }
}
