//! The one set of limits for everything that reads hostile input.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How much a package may cost. A violated limit is a finding, and the verdict is `incomplete` or worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes of one downloaded artifact.
    pub artifact_bytes: u64,
    /// Unpacked bytes of one artifact, nested archives included.
    pub unpacked_bytes: u64,
    /// Unpacked bytes of one member.
    pub member_bytes: u64,
    /// Unpacked bytes per packed byte, once more than [`Self::ratio_floor`] bytes came out.
    pub ratio: u64,
    /// Unpacked bytes below which the ratio is not looked at (small files compress extremely well).
    pub ratio_floor: u64,
    /// Members of one artifact, nested archives included.
    pub entries: u32,
    /// Archives within archives.
    pub depth: u8,
    /// Bytes of a member name.
    pub name_bytes: u32,
    /// Bytes of one PAX or GNU extension header.
    pub header_bytes: u32,
    /// Processor time for unpacking one artifact, what is done with its members not counted.
    pub unpack_time: Duration,
    /// Processor time for observing one file.
    pub file_time: Duration,
    /// Nesting depth of brackets and blocks that is parsed in-process.
    pub nesting: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            artifact_bytes: 512 << 20,
            unpacked_bytes: 2 << 30,
            member_bytes: 256 << 20,
            ratio: 200,
            ratio_floor: 64 << 20,
            entries: 200_000,
            depth: 3,
            name_bytes: 4_096,
            header_bytes: 64 << 10,
            unpack_time: Duration::from_mins(1),
            file_time: Duration::from_secs(5),
            nesting: 400,
        }
    }
}
