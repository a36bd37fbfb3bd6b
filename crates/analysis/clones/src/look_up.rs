//! The compiled index, ready to be asked.

use foretaste_model::intel::AdvisoryMatch;
use foretaste_model::{ContentDigest, ReleaseId};

use crate::compile::{FileHead, Heads, ROW, parts};
use crate::key::{Kind, of_digest, of_package};
use crate::{IndexError, Indicator, KnownArtifact};

/// The compiled index. Reading it costs one pass over its records; asking it, a binary search for each question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lookup {
    heads: Heads,
    table: Vec<u8>,
}

impl Lookup {
    /// Reads the bytes of an index file.
    ///
    /// # Errors
    /// It is no index, or damaged.
    pub fn read(bytes: &[u8]) -> Result<Self, IndexError> {
        let [heads, table, _] = parts(bytes)?;
        let heads: Heads = postcard::from_bytes(heads)
            .map_err(|_| IndexError::Damaged("its records cannot be read"))?;
        let count = heads.artifacts.len();
        if heads.files.iter().any(|f| f.artifact as usize >= count) {
            return Err(IndexError::Damaged("a file belongs to no artifact"));
        }
        Ok(Self {
            heads,
            table: table.to_vec(),
        })
    }

    /// True if nothing is known.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// The malware records of feeds that cover a release.
    pub fn release(&self, release: &ReleaseId) -> Vec<AdvisoryMatch> {
        let keys = [
            of_package(Some(release.ecosystem), release.name.as_str()),
            of_package(None, release.name.as_str()),
        ];
        let mut found: Vec<AdvisoryMatch> = keys
            .into_iter()
            .flat_map(|key| self.numbers(key, Kind::Release))
            .filter_map(|number| self.heads.releases.get(number))
            .filter(|r| {
                let name = foretaste_model::PackageName::new(release.ecosystem, &r.name);
                r.ecosystem.is_none_or(|e| e == release.ecosystem)
                    && name.key() == release.name.key()
                    && r.versions.cover(&release.version)
            })
            .map(|r| AdvisoryMatch {
                id: r.id.as_str().into(),
                aliases: Vec::new(),
                summary: r.summary.as_str().into(),
                malware: true,
                cvss: None,
                fixed: Vec::new(),
                url: None,
                functions: Vec::new(),
            })
            .collect();
        found.sort_by(|a, b| a.id.cmp(&b.id));
        found.dedup();
        found
    }

    /// The known-bad artifact with this digest.
    pub(crate) fn artifact(&self, digest: &ContentDigest) -> Option<&KnownArtifact> {
        self.numbers(of_digest(Kind::Artifact, digest), Kind::Artifact)
            .filter_map(|number| self.heads.artifacts.get(number))
            .find(|a| a.digest.as_ref() == Some(digest))
    }

    /// The known-bad file with this digest, and its artifact.
    pub(crate) fn file(&self, digest: &ContentDigest) -> Option<(&FileHead, &KnownArtifact)> {
        let tail = digest.as_bytes().last_chunk::<8>()?;
        self.files(of_digest(Kind::File, digest), Kind::File)
            .find(|(_, head, _)| head.digest_tail == *tail)
            .map(|(_, head, artifact)| (head, artifact))
    }

    /// Known-bad files under a key: number, file, artifact.
    pub(crate) fn files(
        &self,
        key: u64,
        kind: Kind,
    ) -> impl Iterator<Item = (usize, &FileHead, &KnownArtifact)> {
        self.numbers(key, kind).filter_map(|number| {
            let head = self.heads.files.get(number)?;
            Some((
                number,
                head,
                self.heads.artifacts.get(head.artifact as usize)?,
            ))
        })
    }

    /// A known-bad file by its number, and its artifact.
    pub(crate) fn file_at(&self, number: usize) -> Option<(&FileHead, &KnownArtifact)> {
        let head = self.heads.files.get(number)?;
        Some((head, self.heads.artifacts.get(head.artifact as usize)?))
    }

    /// The indicators under a key.
    pub(crate) fn indicators(&self, key: u64) -> impl Iterator<Item = &Indicator> {
        self.numbers(key, Kind::Indicator)
            .filter_map(|number| self.heads.indicators.get(number))
    }

    pub(crate) const fn has_indicators(&self) -> bool {
        !self.heads.indicators.is_empty()
    }

    /// The numbers of the records of a kind under a key.
    fn numbers(&self, key: u64, kind: Kind) -> impl Iterator<Item = usize> {
        let rows = self.table.as_chunks::<ROW>().0;
        let key_of = |row: &[u8; ROW]| row.first_chunk::<8>().map_or(0, |k| u64::from_le_bytes(*k));
        let first = rows.partition_point(|row| key_of(row) < key);
        rows[first..]
            .iter()
            .take_while(move |row| key_of(row) == key)
            .filter_map(move |row| {
                let value = row.last_chunk::<4>().map_or(0, |v| u32::from_le_bytes(*v));
                (Kind::from_bits(value >> 28) == Some(kind))
                    .then_some((value & 0x0fff_ffff) as usize)
            })
    }
}
