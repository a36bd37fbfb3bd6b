//! What an archive does that an honest one does not.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One oddity of an archive, as the unpacker saw it. Never an error: hostile input is evidence.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct Anomaly {
    /// What kind.
    pub kind: AnomalyKind,
    /// The member it concerns, as spelt in the archive (lossy for invalid UTF-8), or empty for the whole archive.
    pub path: Box<str>,
    /// One sentence with the particulars.
    pub detail: Box<str>,
}

/// The kinds of archive oddities.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum AnomalyKind {
    /// A member's path climbs out of the root with `..`.
    PathTraversal,
    /// A member's path is absolute (`/x`, `C:\x`, `\\host\x`).
    AbsolutePath,
    /// A symbolic or hard link points outside the root.
    LinkEscape,
    /// A device file, FIFO or socket.
    SpecialFile,
    /// The same name twice for different contents: tools disagree about which one is installed.
    DuplicateName,
    /// Two names that differ only in case or Unicode normalisation.
    NameCollision,
    /// Two headers of an archive disagree: a zip's central directory and local headers, a tar's own size and PAX.
    HeaderMismatch,
    /// Bytes before the archive begins.
    PrependedData,
    /// Bytes after the archive ends.
    TrailingData,
    /// Encrypted members: nobody can vet them.
    Encrypted,
    /// More unpacked bytes than [`crate::Limits`] allows.
    TooManyBytes,
    /// A compression ratio beyond [`crate::Limits`].
    BombRatio,
    /// More members than [`crate::Limits`] allows.
    TooManyEntries,
    /// Archives within archives, deeper than [`crate::Limits`] allows.
    TooDeep,
    /// A name longer than [`crate::Limits`] allows.
    NameTooLong,
    /// A PAX or GNU extension header larger than any real one.
    OversizedHeader,
    /// Unpacking took longer than [`crate::Limits`] allows.
    TimeOut,
    /// The archive ends early or its structure is broken.
    Corrupt,
    /// The content is another format than the file name says.
    MislabelledFormat,
    /// A compression method or format that cannot be read here.
    UnsupportedMethod,
    /// A member name with control characters, invalid UTF-8 or invisible characters.
    StrangeName,
    /// A checksum in the archive does not match the member.
    ChecksumMismatch,
}

impl AnomalyKind {
    /// True if part of the content stayed unread, so that the verdict cannot be `clear`.
    pub const fn leaves_content_unread(self) -> bool {
        matches!(
            self,
            Self::Encrypted
                | Self::TooManyBytes
                | Self::BombRatio
                | Self::TooManyEntries
                | Self::TooDeep
                | Self::NameTooLong
                | Self::OversizedHeader
                | Self::TimeOut
                | Self::Corrupt
                | Self::UnsupportedMethod
        )
    }

    /// The kebab-case id, as in JSON.
    pub const fn id(self) -> &'static str {
        match self {
            Self::PathTraversal => "path-traversal",
            Self::AbsolutePath => "absolute-path",
            Self::LinkEscape => "link-escape",
            Self::SpecialFile => "special-file",
            Self::DuplicateName => "duplicate-name",
            Self::NameCollision => "name-collision",
            Self::HeaderMismatch => "header-mismatch",
            Self::PrependedData => "prepended-data",
            Self::TrailingData => "trailing-data",
            Self::Encrypted => "encrypted",
            Self::TooManyBytes => "too-many-bytes",
            Self::BombRatio => "bomb-ratio",
            Self::TooManyEntries => "too-many-entries",
            Self::TooDeep => "too-deep",
            Self::NameTooLong => "name-too-long",
            Self::OversizedHeader => "oversized-header",
            Self::TimeOut => "time-out",
            Self::Corrupt => "corrupt",
            Self::MislabelledFormat => "mislabelled-format",
            Self::UnsupportedMethod => "unsupported-method",
            Self::StrangeName => "strange-name",
            Self::ChecksumMismatch => "checksum-mismatch",
        }
    }
}
