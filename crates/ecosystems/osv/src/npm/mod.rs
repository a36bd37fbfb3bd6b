//! What `npm audit` asks its registry, answered from a database: a function from the question's text to the answer's.

mod bulk;
mod quick;
mod ranges;

use foretaste_model::{Ecosystem, ReleaseId};
use thiserror::Error;

use crate::{Level, Record, level};

pub use bulk::bulk;
pub use quick::quick;

/// Packages of one question.
const MAX_PACKAGES: usize = 50_000;

/// Why a question cannot be answered.
#[derive(Debug, Error)]
pub enum AuditError {
    /// The question is malformed.
    #[error("the question is not one of `npm audit`: {0}")]
    Question(String),
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] crate::DatabaseError),
}

/// A record as the protocols name it: they number advisories.
fn number(record: &Record) -> u32 {
    // positive in every reader's integers
    (crate::database::hash(&record.id) >> 33) as u32
}

/// The protocols' word for a severity; they know no unknown one.
fn severity(record: &Record, release: &ReleaseId) -> &'static str {
    if record.malware {
        return "critical";
    }
    match level(record.score(record.about(release))) {
        Level::Critical => "critical",
        Level::High => "high",
        Level::Medium | Level::Unknown => "moderate",
        Level::Low => "low",
        Level::None => "info",
    }
}

fn title(record: &Record) -> &str {
    if record.summary.is_empty() {
        &record.id
    } else {
        &record.summary
    }
}

fn release(name: &str, version: &str) -> ReleaseId {
    ReleaseId::new(Ecosystem::Npm, name, version)
}
