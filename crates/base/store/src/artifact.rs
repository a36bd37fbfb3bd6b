//! Whole artifacts: the file table and all facts of one archive in one value, so that an unchanged artifact is neither
//! unpacked nor hashed file by file again.
//!
//! ```text
//! number of frames (4, LE) · length of each frame (4, LE) · frames
//! ```
//!
//! The first frame is the file table, the others hold facts. Each is a value of its own (see [`crate::value`]), with its
//! own fingerprint and checksum; they are packed and unpacked in parallel. Anything that does not fit together reads as
//! absent: the artifact is unpacked again.

use std::sync::Arc;

use foretaste_model::facts::{ArtifactKind, FileFacts};
use foretaste_model::{Anomaly, ContentDigest};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::value::{self, Decoder};

/// Facts per frame: enough for the compressor, few enough for several threads.
const FRAME_FACTS: usize = 256;

/// Larger values are not kept; their files' facts are.
const MAX_VALUE: usize = 256 << 20;

/// What the content of one archive is, apart from its facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileTable {
    /// What it is.
    pub kind: ArtifactKind,
    /// What the archive did that an honest one does not.
    pub anomalies: Vec<Anomaly>,
    /// Its files, sorted by path.
    pub files: Vec<FileRow>,
    /// Bytes of the archive.
    pub size: u64,
}

/// One file of an archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRow {
    /// The path below the artifact's own top folder.
    pub path: Box<str>,
    /// SHA-256 of the content.
    pub digest: ContentDigest,
    /// The Unix mode says executable.
    pub executable: bool,
    /// Which of the artifact's distinct facts are its own.
    pub facts: u32,
}

/// An archive's file table with the distinct facts of its files.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredArtifact {
    /// The files.
    pub table: FileTable,
    /// Distinct facts, to which [`FileRow::facts`] points.
    pub facts: Vec<Arc<FileFacts>>,
}

/// The first frame: the table, the key it was stored under, and how many facts follow.
#[derive(Serialize, Deserialize)]
struct Head<T> {
    key: ContentDigest,
    facts: u32,
    table: T,
}

/// An artifact as the store keeps it. Packing and opening take time, and use the threads of the pool they are called on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedArtifact {
    pub(crate) key: ContentDigest,
    pub(crate) value: Vec<u8>,
}

impl StoredArtifact {
    /// True if packing it is no work for several threads.
    pub const fn is_one_piece(&self) -> bool {
        self.facts.len() <= FRAME_FACTS
    }

    /// Packs it to be kept under `key`; none if it is too large to keep or does not fit together.
    pub fn pack(&self, key: ContentDigest) -> Option<PackedArtifact> {
        if !fits(&self.table, self.facts.len()) {
            return None;
        }
        let head = value::encode(&Head {
            key,
            facts: u32::try_from(self.facts.len()).ok()?,
            table: &self.table,
        })?;
        let frames: Option<Vec<Vec<u8>>> = if self.is_one_piece() {
            self.facts.chunks(FRAME_FACTS).map(value::encode).collect()
        } else {
            let chunks = self.facts.par_chunks(FRAME_FACTS);
            chunks.map(value::encode).collect()
        };
        let frames: Vec<Vec<u8>> = std::iter::once(head).chain(frames?).collect();
        let total: usize = frames.iter().map(Vec::len).sum();
        if total > MAX_VALUE {
            return None;
        }
        let mut value = Vec::with_capacity(4 + 4 * frames.len() + total);
        value.extend_from_slice(&u32::try_from(frames.len()).ok()?.to_le_bytes());
        for frame in &frames {
            value.extend_from_slice(&u32::try_from(frame.len()).ok()?.to_le_bytes());
        }
        for frame in &frames {
            value.extend_from_slice(frame);
        }
        Some(PackedArtifact { key, value })
    }
}

impl PackedArtifact {
    /// True if opening it is no work for several threads.
    pub fn is_one_piece(&self) -> bool {
        split(&self.value).is_none_or(|(_, frames)| frames.len() <= 1)
    }

    /// The artifact; none if it is damaged, of other types, or was stored under another key.
    pub fn open(&self) -> Option<StoredArtifact> {
        let (head, frames) = split(&self.value)?;
        let head: Head<FileTable> = Decoder::new().decode(head)?;
        if head.key != self.key {
            return None;
        }
        let decode = |frame: &&[u8]| Decoder::new().decode(frame);
        let facts: Option<Vec<Vec<Arc<FileFacts>>>> = if frames.len() <= 1 {
            frames.iter().map(decode).collect()
        } else {
            frames.par_iter().map(decode).collect()
        };
        let facts: Vec<_> = facts?.into_iter().flatten().collect();
        let whole = facts.len() == head.facts as usize && fits(&head.table, facts.len());
        whole.then_some(StoredArtifact {
            table: head.table,
            facts,
        })
    }
}

/// True if every file has facts.
fn fits(table: &FileTable, facts: usize) -> bool {
    table.files.iter().all(|f| (f.facts as usize) < facts)
}

/// The first frame and the others.
fn split(value: &[u8]) -> Option<(&[u8], Vec<&[u8]>)> {
    let (count, rest) = value.split_first_chunk::<4>()?;
    let count = u32::from_le_bytes(*count) as usize;
    let (lengths, mut rest) = rest.split_at_checked(count.checked_mul(4)?)?;
    let mut frames = Vec::with_capacity(count);
    for length in lengths.chunks_exact(4) {
        let length = u32::from_le_bytes(length.try_into().ok()?) as usize;
        let (frame, behind) = rest.split_at_checked(length)?;
        frames.push(frame);
        rest = behind;
    }
    let (head, facts) = frames.split_first()?;
    rest.is_empty().then(|| (*head, facts.to_vec()))
}

#[cfg(test)]
mod tests {
    use foretaste_model::facts::Language;
    use proptest::prelude::*;

    use super::*;

    fn artifact(files: u32) -> StoredArtifact {
        let facts = |n: u32| {
            let mut facts = FileFacts {
                language: Language::Python,
                ..FileFacts::default()
            };
            facts.shape.bytes = u64::from(n);
            Arc::new(facts)
        };
        let row = |n: u32| FileRow {
            path: format!("pkg/file-{n:05}.py").into(),
            digest: ContentDigest::of(&n.to_le_bytes()),
            executable: n.is_multiple_of(7),
            facts: n / 2,
        };
        StoredArtifact {
            table: FileTable {
                kind: ArtifactKind::Wheel,
                anomalies: Vec::new(),
                files: (0..files).map(row).collect(),
                size: u64::from(files),
            },
            facts: (0..files.div_ceil(2)).map(facts).collect(),
        }
    }

    fn key() -> ContentDigest {
        ContentDigest::of(b"an archive")
    }

    fn encode(key: ContentDigest, artifact: &StoredArtifact) -> Option<Vec<u8>> {
        artifact.pack(key).map(|packed| packed.value)
    }

    fn decode(key: ContentDigest, value: &[u8]) -> Option<StoredArtifact> {
        let value = value.to_vec();
        PackedArtifact { key, value }.open()
    }

    #[test]
    fn artifacts_read_back_whatever_their_size() {
        for files in [0, 1, 2, 511, 512, 513, 3_000] {
            let artifact = artifact(files);
            let value = encode(key(), &artifact).unwrap();
            assert_eq!(decode(key(), &value), Some(artifact), "{files}");
        }
    }

    #[test]
    fn anothers_value_reads_as_absent() {
        let value = encode(key(), &artifact(3)).unwrap();
        assert_eq!(decode(ContentDigest::of(b"another"), &value), None);
    }

    #[test]
    fn a_table_that_points_nowhere_is_neither_written_nor_read() {
        let mut broken = artifact(10);
        broken.facts.pop();
        assert_eq!(encode(key(), &broken), None);
    }

    #[test]
    fn a_missing_frame_reads_as_absent() {
        let whole = encode(key(), &artifact(2_000)).unwrap();
        let (head, mut frames) = split(&whole).unwrap();
        frames.pop();
        let mut value = (frames.len() as u32 + 1).to_le_bytes().to_vec();
        let all = || std::iter::once(head).chain(frames.iter().copied());
        value.extend(all().flat_map(|f| (f.len() as u32).to_le_bytes()));
        value.extend(all().flatten());
        assert_eq!(decode(key(), &value), None);
    }

    proptest! {
        #[test]
        fn any_change_of_a_value_reads_as_absent_or_as_the_same(at in 0..20_000_usize, bit in 0..8_u8) {
            let artifact = artifact(600);
            let mut value = encode(key(), &artifact).unwrap();
            let at = at % value.len();
            value[at] ^= 1 << bit;
            // the length that a frame unpacks to is an allowance, not content
            prop_assert!(decode(key(), &value).is_none_or(|read| read == artifact));
        }

        #[test]
        fn random_bytes_read_as_absent(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            prop_assert_eq!(decode(key(), &bytes), None);
        }
    }
}
