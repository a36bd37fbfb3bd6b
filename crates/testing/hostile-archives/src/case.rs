//! One archive with what must come out of it.

use std::collections::BTreeSet;

use foretaste_model::AnomalyKind;

/// What hidden members contain: whoever loses it was evaded.
pub const PAYLOAD: &[u8] = b"# this stands for a payload; it does nothing\n";

/// One archive with what must come out of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// What is done in it.
    pub name: String,
    /// The file name it comes under.
    pub filename: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The kinds of anomalies that must be seen: exactly these.
    pub kinds: BTreeSet<AnomalyKind>,
    /// Paths under which the payload must come out, in sorted order.
    pub payload_at: Vec<String>,
}

impl Case {
    /// A case that must come out without any anomaly.
    pub fn new(name: impl Into<String>, filename: &str, bytes: Vec<u8>) -> Self {
        Self {
            name: name.into(),
            filename: filename.to_owned(),
            bytes,
            kinds: BTreeSet::new(),
            payload_at: Vec::new(),
        }
    }

    /// Adds kinds that must be seen.
    #[must_use]
    pub fn kinds(mut self, kinds: &[AnomalyKind]) -> Self {
        self.kinds.extend(kinds);
        self
    }

    /// Adds a path under which the payload must come out.
    #[must_use]
    pub fn payload(mut self, path: &str) -> Self {
        self.payload_at.push(path.to_owned());
        self.payload_at.sort();
        self
    }
}
