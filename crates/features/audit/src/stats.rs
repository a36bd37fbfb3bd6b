//! What an audit cost.

use std::time::Duration;

use foretaste_model::facts::FileFacts;

/// Counts and times of one audit, for `--stats`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Artifacts fetched over the network.
    pub fetched: u32,
    /// Artifacts taken from the download cache or the disk, or known by their digests.
    pub local: u32,
    /// Bytes of all artifacts.
    pub bytes: u64,
    /// Files seen.
    pub files: u32,
    /// Files whose facts came from the store.
    pub cached: u32,
    /// Files that were equal to another file of the same run.
    pub repeated: u32,
    /// Files that were observed anew.
    pub observed: u32,
    /// Bytes of program text among the files that were observed anew; prose, data and binaries do not count.
    pub source_bytes: u64,
    /// Releases whose judgement was kept from before.
    pub kept: u32,
    /// Requests that servers were asked.
    pub asked: u64,
    /// Of these, answered with "not modified".
    pub unchanged: u64,
    /// Answers used from the cache, fresh or offline, without asking.
    pub answered: u64,
    /// Time spent unpacking and observing, summed over artifacts.
    pub tasting: Duration,
    /// Time spent judging, summed over releases.
    pub judging: Duration,
}

impl std::ops::AddAssign for Stats {
    fn add_assign(&mut self, other: Self) {
        self.fetched += other.fetched;
        self.local += other.local;
        self.bytes += other.bytes;
        self.files += other.files;
        self.cached += other.cached;
        self.repeated += other.repeated;
        self.observed += other.observed;
        self.source_bytes += other.source_bytes;
        self.kept += other.kept;
        self.asked += other.asked;
        self.unchanged += other.unchanged;
        self.answered += other.answered;
        self.tasting += other.tasting;
        self.judging += other.judging;
    }
}

/// Bytes of program text in a file.
pub(crate) const fn source_bytes(facts: &FileFacts) -> u64 {
    if facts.language.is_program_text() {
        facts.shape.bytes
    } else {
        0
    }
}
