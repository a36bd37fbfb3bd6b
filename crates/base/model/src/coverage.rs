//! How much of an artifact was really looked at.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Counts of files and bytes by how they were read. Nothing is skipped silently.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Files in the artifact, nested archives' members included.
    pub files: u32,
    /// Their unpacked bytes.
    pub bytes: u64,
    /// Files of a programming language that parsed fully.
    pub parsed: u32,
    /// Their bytes.
    pub parsed_bytes: u64,
    /// Files that only a tolerant fallback parser could read.
    pub fallback: u32,
    /// Files read as text, data or binary, for which there is no grammar.
    pub scanned: u32,
    /// Files that could not be read, or only in part.
    pub unreadable: u32,
}

impl std::ops::AddAssign for Coverage {
    fn add_assign(&mut self, other: Self) {
        self.files += other.files;
        self.bytes += other.bytes;
        self.parsed += other.parsed;
        self.parsed_bytes += other.parsed_bytes;
        self.fallback += other.fallback;
        self.scanned += other.scanned;
        self.unreadable += other.unreadable;
    }
}
