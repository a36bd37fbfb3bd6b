//! Reading the file where it lies.

use std::path::Path;

use foretaste_io::files::Parts;
use foretaste_model::intel::AdvisoryMatch;
use foretaste_model::{Ecosystem, ReleaseId};
use jiff::Timestamp;

use super::layout::{self, Header, MAGIC, MAX_HEADER, PREAMBLE, ROW, Stamp, hash, look_up};
use super::{DatabaseError, Source};
use crate::{Record, merge, to_match};

/// The largest record that is read.
const MAX_RECORD: u32 = 16 << 20;

/// The advisories of an ecosystem.
#[derive(Debug)]
pub struct Database {
    parts: Parts,
    header: Header,
    names: Vec<u8>,
    ids: Vec<u8>,
    rows: Vec<u8>,
    /// Where the stamps begin.
    stamps: u64,
    /// Where the records begin.
    records: u64,
}

impl Database {
    /// Opens a file; none if it does not exist.
    ///
    /// # Errors
    /// It cannot be read, or is no such file, damaged, or of another version.
    pub fn open(path: &Path) -> Result<Option<Self>, DatabaseError> {
        let parts = match Parts::open(path) {
            Ok(parts) => parts,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let broken = |reason| DatabaseError::Content {
            path: path.to_owned(),
            reason,
        };
        if parts.size() < PREAMBLE {
            return Err(broken("it is no file of advisories"));
        }
        let preamble = parts.read(0, PREAMBLE)?;
        if !preamble.starts_with(MAGIC) {
            return Err(broken(if preamble.starts_with(b"FTSTADV") {
                "it was written by another version of Foretaste"
            } else {
                "it is no file of advisories"
            }));
        }
        let word = |at: usize| {
            preamble
                .get(at..at + 4)
                .and_then(|w| w.try_into().ok())
                .map_or(0, u32::from_le_bytes)
        };
        let length = u64::from(word(8));
        if length > MAX_HEADER || PREAMBLE + length > parts.size() {
            return Err(broken("it is damaged"));
        }
        let bytes = parts.read(PREAMBLE, length)?;
        if crc32fast::hash(&bytes) != word(12) {
            return Err(broken("it is damaged"));
        }
        let header: Header =
            postcard::from_bytes(&bytes).map_err(|_| broken("its header cannot be read"))?;
        let mut offset = PREAMBLE + length;
        let mut next = |index: usize, read: bool| -> Result<Vec<u8>, DatabaseError> {
            let length = header.tables.get(index).copied().unwrap_or(0);
            let end = offset.checked_add(length).filter(|e| *e <= parts.size());
            let end = end.ok_or_else(|| broken("it ends too early"))?;
            let table = if read {
                let table = parts.read(offset, length)?;
                if header.checks.get(index) != Some(&crc32fast::hash(&table)) {
                    return Err(broken("it is damaged"));
                }
                table
            } else {
                Vec::new()
            };
            offset = end;
            Ok(table)
        };
        let (names, ids, rows) = (next(0, true)?, next(1, true)?, next(2, true)?);
        let stamps = header.tables.iter().take(3).sum::<u64>() + PREAMBLE + length;
        next(3, false)?;
        Ok(Some(Self {
            names,
            ids,
            rows,
            stamps,
            records: offset,
            header,
            parts,
        }))
    }

    /// The ecosystem.
    pub const fn ecosystem(&self) -> Ecosystem {
        self.header.ecosystem
    }

    /// Where the file lies.
    pub fn path(&self) -> &Path {
        self.parts.path()
    }

    /// Bytes of the file.
    pub const fn size(&self) -> u64 {
        self.parts.size()
    }

    /// How many records it has.
    pub fn len(&self) -> usize {
        self.rows.len() / ROW
    }

    /// True without records.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many of the records are about malware.
    pub const fn malware(&self) -> u32 {
        self.header.malware
    }

    /// How many packages the records are about.
    pub const fn packages(&self) -> u32 {
        self.header.packages
    }

    /// Where the records came from, the latest import first.
    pub fn sources(&self) -> &[Source] {
        &self.header.sources
    }

    /// As of when everything is known; none if only single records were imported.
    pub fn as_of(&self) -> Option<Timestamp> {
        self.header.sources.iter().filter_map(|s| s.as_of).max()
    }

    /// The record of an id or alias; its own id wins over another record's alias.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn find(&self, id: &str) -> Result<Vec<Record>, DatabaseError> {
        let mut found = Vec::new();
        for row in look_up(&self.ids, hash(&id.to_ascii_lowercase())) {
            let record = self.record(row)?;
            if record.ids().any(|own| own.eq_ignore_ascii_case(id)) {
                found.push(record);
            }
        }
        found.sort_by_key(|r| !r.id.eq_ignore_ascii_case(id));
        Ok(found)
    }

    /// Every record about a package.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn about(&self, release: &ReleaseId) -> Result<Vec<Record>, DatabaseError> {
        let mut found = Vec::new();
        for row in look_up(&self.names, hash(&release.name.key())) {
            let record = self.record(row)?;
            if record.about(release).next().is_some() {
                found.push(record);
            }
        }
        Ok(found)
    }

    /// The records that cover a release.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn covering(&self, release: &ReleaseId) -> Result<Vec<Record>, DatabaseError> {
        let mut found = self.about(release)?;
        found.retain(|record| record.covers(release));
        Ok(found)
    }

    /// The advisories that cover a release, each thing once: malware first, then by score.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn matches(&self, release: &ReleaseId) -> Result<Vec<AdvisoryMatch>, DatabaseError> {
        let found = self.covering(release)?;
        Ok(merge(found.iter().map(|record| to_match(record, release))))
    }

    /// Every record, in the order of their ids.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn records(&self) -> impl Iterator<Item = Result<Record, DatabaseError>> + '_ {
        (0..self.len()).map(|row| self.record(row as u32))
    }

    fn record(&self, row: u32) -> Result<Record, DatabaseError> {
        let bytes = self.packed(row)?;
        postcard::from_bytes(&bytes).map_err(|_| self.broken())
    }

    /// A record in its stored form.
    pub(super) fn packed(&self, row: u32) -> Result<Vec<u8>, DatabaseError> {
        let entry = usize::try_from(row)
            .ok()
            .and_then(|row| self.rows.get(row.checked_mul(ROW)?..)?.get(..ROW))
            .ok_or_else(|| self.broken())?;
        let word = |at: usize| {
            entry
                .get(at..at + 4)
                .and_then(|w| w.try_into().ok())
                .map_or(0, u32::from_le_bytes)
        };
        let offset = u64::from(word(0)) | u64::from(word(4)) << 32;
        let (length, check) = (word(8), word(12));
        if length > MAX_RECORD {
            return Err(self.broken());
        }
        let start = self.records.checked_add(offset);
        let bytes = self
            .parts
            .read(start.ok_or_else(|| self.broken())?, u64::from(length))?;
        if crc32fast::hash(&bytes) == check {
            Ok(bytes)
        } else {
            Err(self.broken())
        }
    }

    /// What an import needs to know of the records that are there.
    pub(super) fn stamps(&self) -> Result<Vec<Stamp>, DatabaseError> {
        let length = self.header.tables.last().copied().unwrap_or(0);
        let bytes = self.parts.read(self.stamps, length)?;
        if self.header.checks.last() != Some(&crc32fast::hash(&bytes)) {
            return Err(self.broken());
        }
        postcard::from_bytes(&bytes).map_err(|_| self.broken())
    }

    /// The keys of each row in the names (true) or the ids.
    pub(super) fn keys_of_rows(&self, names: bool) -> Vec<Vec<u64>> {
        let table = if names { &self.names } else { &self.ids };
        let mut found = vec![Vec::new(); self.len()];
        for index in 0..table.len() / layout::KEY {
            if let Some((key, row)) = layout::key_at(table, index)
                && let Some(keys) = found.get_mut(row as usize)
            {
                keys.push(key);
            }
        }
        found
    }

    fn broken(&self) -> DatabaseError {
        DatabaseError::Content {
            path: self.path().to_owned(),
            reason: "it is damaged",
        }
    }
}
