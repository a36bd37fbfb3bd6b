//! The index as a file: one compact blob that is read without being taken apart.
//!
//! `FTKNOWN` and a version · the length and what a look-up needs of each record, in postcard · the length and the table
//! of keys · the length and the whole index, in postcard, for editing · CRC-32 of it all. The table is sorted: 8 bytes of key and 4 bytes of kind and number each, so that a look-up is a binary search
//! in the bytes as they were read.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Index;
use crate::index::MIN_SHAPE_TOKENS;
use crate::key::{Kind, key, of_digest, of_package, of_text};
use crate::records::{Indicator, KnownArtifact, KnownRelease};

/// The name of the index that `foretaste known` keeps, below the data folder.
pub const DEFAULT_FILE: &str = "known.index";

pub(crate) const MAGIC: &[u8; 8] = b"FTKNOWN\x01";
/// Bytes of one row of the table.
pub(crate) const ROW: usize = 12;
/// Relatives that are kept for one key.
const MAX_SAME: usize = 8;
/// A piece of code that stands in more families than this is common, and says nothing.
const MAX_FAMILIES: usize = 16;

/// Why an index file cannot be used.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum IndexError {
    /// It is something else.
    #[error("it is no index of known-bad packages")]
    Foreign,
    /// It is damaged.
    #[error("it is damaged: {0}")]
    Damaged(&'static str),
}

/// What a look-up needs of the records.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Heads {
    pub(crate) artifacts: Vec<KnownArtifact>,
    pub(crate) files: Vec<FileHead>,
    pub(crate) releases: Vec<KnownRelease>,
    pub(crate) indicators: Vec<Indicator>,
}

/// A file without its chunks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct FileHead {
    pub(crate) artifact: u32,
    pub(crate) path: Box<str>,
    pub(crate) digest_tail: [u8; 8],
    pub(crate) culprit: bool,
    pub(crate) tokens: u32,
    /// Tokens of the chunks that no benign file has.
    pub(crate) own_tokens: u32,
}

impl Index {
    /// The index as bytes of a file.
    ///
    /// # Errors
    /// It is larger than the format can say.
    pub fn encode(&self) -> Result<Vec<u8>, IndexError> {
        let damaged = |_| IndexError::Damaged("it cannot be written");
        let heads = postcard::to_allocvec(&self.heads()).map_err(damaged)?;
        let whole = postcard::to_allocvec(self).map_err(damaged)?;
        let table = self.table();
        let mut bytes = MAGIC.to_vec();
        for part in [&heads, &table, &whole] {
            bytes.extend((part.len() as u64).to_le_bytes());
            bytes.extend(part);
        }
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        Ok(bytes)
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// It is no index, or damaged.
    pub fn decode(bytes: &[u8]) -> Result<Self, IndexError> {
        let [_, _, whole] = parts(bytes)?;
        let index: Self = postcard::from_bytes(whole)
            .map_err(|_| IndexError::Damaged("its records cannot be read"))?;
        let artifacts = index.artifacts.len();
        if index.files.iter().any(|f| f.artifact as usize >= artifacts) {
            return Err(IndexError::Damaged("a file belongs to no artifact"));
        }
        Ok(index)
    }

    fn heads(&self) -> Heads {
        let head = |file: &crate::KnownFile| {
            let own = |(hash, _): &&(u64, u16)| !self.benign.contains(&key(Kind::Chunk, *hash));
            let code = file.code.as_ref();
            let tail = file
                .digest
                .as_ref()
                .and_then(|d| d.as_bytes().last_chunk::<8>());
            FileHead {
                artifact: file.artifact,
                path: file.path.as_str().into(),
                digest_tail: tail.copied().unwrap_or_default(),
                culprit: file.culprit,
                tokens: code.map_or(0, |c| c.tokens),
                own_tokens: code.map_or(0, |c| {
                    c.chunks
                        .iter()
                        .filter(own)
                        .map(|(_, t)| u32::from(*t))
                        .sum()
                }),
            }
        };
        Heads {
            artifacts: self.artifacts.clone(),
            files: self.files.iter().map(head).collect(),
            releases: self.releases.clone(),
            indicators: self.indicators.clone(),
        }
    }

    fn table(&self) -> Vec<u8> {
        let mut rows: BTreeMap<u64, BTreeSet<u32>> = BTreeMap::new();
        let mut add = |at: u64, kind: Kind, number: usize| {
            if !self.benign.contains(&at) {
                rows.entry(at)
                    .or_default()
                    .insert((kind as u32) << 28 | (number as u32 & 0x0fff_ffff));
            }
        };
        for (number, artifact) in self.artifacts.iter().enumerate() {
            if let Some(digest) = &artifact.digest {
                add(of_digest(Kind::Artifact, digest), Kind::Artifact, number);
            }
        }
        for (number, file) in self.files.iter().enumerate() {
            if let Some(digest) = &file.digest {
                add(of_digest(Kind::File, digest), Kind::File, number);
            }
            let Some(code) = &file.code else { continue };
            if code.tokens >= MIN_SHAPE_TOKENS {
                add(key(Kind::Shape, code.shape), Kind::Shape, number);
            }
            for (hash, _) in &code.chunks {
                add(key(Kind::Chunk, *hash), Kind::Chunk, number);
            }
        }
        for (number, release) in self.releases.iter().enumerate() {
            add(
                of_package(release.ecosystem, &release.name),
                Kind::Release,
                number,
            );
        }
        for (number, indicator) in self.indicators.iter().enumerate() {
            add(
                of_text(Kind::Indicator, &indicator.value),
                Kind::Indicator,
                number,
            );
        }
        let mut table = Vec::new();
        for (at, values) in rows {
            let chunks = values.iter().all(|v| v >> 28 == Kind::Chunk as u32);
            if chunks && self.families(&values) > MAX_FAMILIES {
                continue;
            }
            let limit = if chunks { MAX_SAME } else { values.len() };
            for value in values.into_iter().take(limit) {
                table.extend(at.to_le_bytes());
                table.extend(value.to_le_bytes());
            }
        }
        table
    }

    fn families(&self, files: &BTreeSet<u32>) -> usize {
        let family = |value: &u32| {
            let file = self.files.get((value & 0x0fff_ffff) as usize)?;
            let artifact = self.artifacts.get(file.artifact as usize)?;
            Some(artifact.family.as_str())
        };
        files
            .iter()
            .filter_map(family)
            .collect::<BTreeSet<_>>()
            .len()
    }
}

/// The parts of an index file: heads, table, the whole.
pub(crate) fn parts(bytes: &[u8]) -> Result<[&[u8]; 3], IndexError> {
    bytes.strip_prefix(MAGIC).ok_or(IndexError::Foreign)?;
    let Some((content, crc)) = bytes.split_last_chunk::<4>() else {
        return Err(IndexError::Damaged("it is cut short"));
    };
    if crc32fast::hash(content) != u32::from_le_bytes(*crc) {
        return Err(IndexError::Damaged("its checksum does not fit"));
    }
    let body = content.get(MAGIC.len()..).unwrap_or_default();
    let (heads, rest) = part(body)?;
    let (table, rest) = part(rest)?;
    let (whole, rest) = part(rest)?;
    if !rest.is_empty() || !table.len().is_multiple_of(ROW) {
        return Err(IndexError::Damaged("its lengths do not fit"));
    }
    Ok([heads, table, whole])
}

fn part(bytes: &[u8]) -> Result<(&[u8], &[u8]), IndexError> {
    const SHORT: IndexError = IndexError::Damaged("its lengths do not fit");
    let (length, rest) = bytes.split_first_chunk::<8>().ok_or(SHORT)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| SHORT)?;
    rest.split_at_checked(length).ok_or(SHORT)
}
