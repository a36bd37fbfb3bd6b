//! `[limits]`

use foretaste_model::Limits;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ByteSize, HumanDuration};

/// What hostile input may cost. A violated limit is a finding, and the verdict is `incomplete` or worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct LimitSettings {
    /// The size of one downloaded artifact.
    pub artifact_bytes: ByteSize,
    /// The unpacked size of one artifact, nested archives included.
    pub unpacked_bytes: ByteSize,
    /// The unpacked size of one member.
    pub member_bytes: ByteSize,
    /// Unpacked bytes per packed byte, once more than `ratio-floor` came out.
    #[schemars(range(min = 1))]
    pub ratio: u64,
    /// The unpacked size below which the ratio is not looked at: small files compress extremely well.
    pub ratio_floor: ByteSize,
    /// Members of one artifact, nested archives included.
    #[schemars(range(min = 1))]
    pub entries: u32,
    /// Archives within archives.
    #[schemars(range(max = 32))]
    pub depth: u8,
    /// The length of a member's name.
    #[schemars(extend("format" = "byte-size-u32"))]
    pub name_bytes: ByteSize,
    /// The size of one PAX or GNU extension header.
    #[schemars(extend("format" = "byte-size-u32"))]
    pub header_bytes: ByteSize,
    /// Processor time for unpacking one artifact.
    pub unpack_time: HumanDuration,
    /// Processor time for observing one file.
    pub file_time: HumanDuration,
    /// Nesting depth of brackets and blocks that is parsed in-process.
    #[schemars(range(min = 16, max = 2_000))]
    pub nesting: u32,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Limits::default().into()
    }
}

impl From<Limits> for LimitSettings {
    fn from(limits: Limits) -> Self {
        Self {
            artifact_bytes: ByteSize(limits.artifact_bytes),
            unpacked_bytes: ByteSize(limits.unpacked_bytes),
            member_bytes: ByteSize(limits.member_bytes),
            ratio: limits.ratio,
            ratio_floor: ByteSize(limits.ratio_floor),
            entries: limits.entries,
            depth: limits.depth,
            name_bytes: ByteSize(limits.name_bytes.into()),
            header_bytes: ByteSize(limits.header_bytes.into()),
            unpack_time: HumanDuration(limits.unpack_time),
            file_time: HumanDuration(limits.file_time),
            nesting: limits.nesting,
        }
    }
}

impl From<LimitSettings> for Limits {
    fn from(settings: LimitSettings) -> Self {
        let small = |size: ByteSize| u32::try_from(size.0).unwrap_or(u32::MAX);
        Self {
            artifact_bytes: settings.artifact_bytes.0,
            unpacked_bytes: settings.unpacked_bytes.0,
            member_bytes: settings.member_bytes.0,
            ratio: settings.ratio,
            ratio_floor: settings.ratio_floor.0,
            entries: settings.entries,
            depth: settings.depth,
            name_bytes: small(settings.name_bytes),
            header_bytes: small(settings.header_bytes),
            unpack_time: settings.unpack_time.0,
            file_time: settings.file_time.0,
            nesting: settings.nesting,
        }
    }
}
