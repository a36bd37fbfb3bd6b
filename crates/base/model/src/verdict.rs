//! Verdicts.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What to do with a release. Ordered by how much it should worry the reader.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Looked at as far as possible; nothing to say.
    #[default]
    Clear,
    /// Something worth knowing, nothing worth stopping for.
    Note,
    /// Something could not be checked: not clear, and not an accusation.
    Incomplete,
    /// A person should look before this is used.
    Review,
    /// Do not use this.
    Block,
}

impl Verdict {
    /// Every verdict, most worrying first.
    pub const ALL: [Self; 5] = [
        Self::Block,
        Self::Review,
        Self::Incomplete,
        Self::Note,
        Self::Clear,
    ];

    /// The lower-case word.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Note => "note",
            Self::Incomplete => "incomplete",
            Self::Review => "review",
            Self::Block => "block",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for Verdict {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|v| v.id() == text)
            .ok_or_else(|| {
                format!("`{text}` is no verdict: use block, review, incomplete, note or clear")
            })
    }
}
