//! One 64-bit key for everything that can be looked up.

use foretaste_model::{ContentDigest, Ecosystem};

/// What a key stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Kind {
    Artifact = 1,
    File = 2,
    Shape = 3,
    Chunk = 4,
    Release = 5,
    Indicator = 6,
}

impl Kind {
    pub(crate) const fn from_bits(bits: u32) -> Option<Self> {
        Some(match bits {
            1 => Self::Artifact,
            2 => Self::File,
            3 => Self::Shape,
            4 => Self::Chunk,
            5 => Self::Release,
            6 => Self::Indicator,
            _ => return None,
        })
    }
}

/// The key of a hash of some kind.
pub(crate) const fn key(kind: Kind, hash: u64) -> u64 {
    let mut x = hash ^ (kind as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x ^= x >> 32;
    x = x.wrapping_mul(0xd6e8_feb8_6659_fd93);
    x ^ (x >> 32)
}

/// The key of a digest.
pub(crate) fn of_digest(kind: Kind, digest: &ContentDigest) -> u64 {
    let first = digest.as_bytes().first_chunk::<8>();
    key(kind, first.map_or(0, |b| u64::from_le_bytes(*b)))
}

/// The key of a text.
pub(crate) fn of_text(kind: Kind, text: &str) -> u64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
    });
    key(kind, hash)
}

/// The key of a package. Loose: the caller compares names as their ecosystem does.
pub(crate) fn of_package(ecosystem: Option<Ecosystem>, name: &str) -> u64 {
    let place = ecosystem.map_or("any", Ecosystem::id);
    let mut text = format!("{place}:");
    for c in name.trim().chars() {
        match c {
            '_' | '.' | '-' if text.ends_with('-') => {}
            '_' | '.' | '-' => text.push('-'),
            c => text.extend(c.to_lowercase()),
        }
    }
    of_text(Kind::Release, &text)
}
