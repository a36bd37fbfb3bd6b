//! Who vets: the application gives the gate its auditor.

use async_trait::async_trait;
use foretaste_io::Incoming;
use foretaste_model::{Digest, ReleaseId, Verdict};

/// A file to vet. What is to be asked about it can be asked while it comes.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The release it belongs to.
    pub release: ReleaseId,
    /// Its name.
    pub filename: Box<str>,
    /// Where it lies, or will in a moment: then it is known to have one of these digests.
    pub file: Incoming,
    /// Its digests: those that were published, and SHA-256 if it is here.
    pub digests: Vec<Digest>,
    /// True if it was published here: no public registry knows it.
    pub internal: bool,
}

/// What a vetting gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Vetted {
    /// The verdict.
    pub verdict: Verdict,
    /// The score, between 0 and 1.
    pub score: f64,
    /// What decided it, one sentence each, the heaviest first; or what could not be vetted.
    pub reasons: Vec<String>,
    /// The report of this release, as the report schema has it.
    pub report: serde_json::Value,
}

/// Vets files.
#[async_trait]
pub trait Vetter: Send + Sync {
    /// Vets one file. The verdict on a file that never came is of no interest. What cannot be vetted is [`Verdict::Incomplete`], with the reason.
    async fn vet(&self, sample: Sample) -> Vetted;

    /// Names everything that verdicts depend on: rules, policy, advisories. Verdicts of another edition are made anew.
    async fn edition(&self) -> String;
}
