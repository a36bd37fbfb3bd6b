//! The file's parts. A header says how long they are; all but the records are read when the file is opened.
//!
//! ```text
//! magic · header length · header checksum · header
//! names: hash of a package's key → row     (sorted)
//! ids:   hash of an id or alias  → row     (sorted)
//! rows:  offset, length, checksum of a record
//! stamps: id, modified, row                (for imports)
//! records
//! ```
//! Hashes may collide: whoever follows one compares the record itself.

use foretaste_model::{Ecosystem, PackageName};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Source;
use crate::Record;

/// Marks the file, with the version of its format. A test fails when the record's form changes.
pub(super) const MAGIC: &[u8; 8] = b"FTSTADV1";
/// Magic, length and checksum of the header.
pub(super) const PREAMBLE: u64 = 16;
/// Bytes of a header that are believed.
pub(super) const MAX_HEADER: u64 = 1 << 20;
/// Bytes of an entry of the names and the ids.
pub(super) const KEY: usize = 12;
/// Bytes of an entry of the rows.
pub(super) const ROW: usize = 16;

/// What the file says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) ecosystem: Ecosystem,
    pub(super) sources: Vec<Source>,
    pub(super) malware: u32,
    pub(super) packages: u32,
    /// Bytes of the tables: names, ids, rows, stamps.
    pub(super) tables: [u64; 4],
    /// Checksums of the tables.
    pub(super) checks: [u32; 4],
}

/// One record as an import knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    pub(super) id: Box<str>,
    pub(super) modified: Option<Timestamp>,
    /// None if it was withdrawn: what is remembered is that there is nothing to read again.
    pub(super) row: Option<u32>,
}

/// A record in its stored form, and under what it is found.
#[derive(Clone, Debug)]
pub(super) struct Packed {
    pub(super) bytes: Vec<u8>,
    pub(super) names: Vec<u64>,
    pub(super) ids: Vec<u64>,
    pub(super) malware: bool,
}

impl Packed {
    /// Packs what a record says about one ecosystem.
    pub(super) fn new(record: &Record, ecosystem: Ecosystem) -> Option<Self> {
        let mut own = record.clone();
        own.affected.retain(|a| a.ecosystem == ecosystem);
        let mut names: Vec<u64> = own
            .affected
            .iter()
            .map(|a| hash(&PackageName::new(ecosystem, &a.name).key()))
            .collect();
        names.sort_unstable();
        names.dedup();
        Some(Self {
            names,
            ids: own.ids().map(|id| hash(&id.to_ascii_lowercase())).collect(),
            malware: own.malware,
            bytes: postcard::to_stdvec(&own).ok()?,
        })
    }
}

/// FNV-1a, 64 bits: the same on every machine and in every version, which the standard library's hashes are not.
pub(crate) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |state, byte| {
        (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// A sorted table of keys.
pub(super) fn keys(mut entries: Vec<(u64, u32)>) -> Vec<u8> {
    entries.sort_unstable();
    entries.dedup();
    entries
        .into_iter()
        .flat_map(|(key, row)| {
            let mut entry = [0; KEY];
            entry[..8].copy_from_slice(&key.to_le_bytes());
            entry[8..].copy_from_slice(&row.to_le_bytes());
            entry
        })
        .collect()
}

/// The entry at an index.
pub(super) fn key_at(table: &[u8], index: usize) -> Option<(u64, u32)> {
    let entry = table.get(index.checked_mul(KEY)?..)?.get(..KEY)?;
    let (key, row) = entry.split_at(8);
    Some((
        u64::from_le_bytes(key.try_into().ok()?),
        u32::from_le_bytes(row.try_into().ok()?),
    ))
}

/// The rows under a key.
pub(super) fn look_up(table: &[u8], key: u64) -> Vec<u32> {
    let (mut low, mut high) = (0, table.len() / KEY);
    while low < high {
        let middle = low + (high - low) / 2;
        match key_at(table, middle) {
            Some((found, _)) if found < key => low = middle + 1,
            Some(_) => high = middle,
            None => return Vec::new(),
        }
    }
    (low..)
        .map_while(|index| key_at(table, index).filter(|(found, _)| *found == key))
        .map(|(_, row)| row)
        .collect()
}

/// Puts the file together. `packed` are the records by row.
pub(super) fn encode(
    ecosystem: Ecosystem,
    sources: Vec<Source>,
    packed: &[Packed],
    stamps: &[Stamp],
) -> Option<Vec<u8>> {
    let row = |index: usize| u32::try_from(index).ok();
    let mut names = Vec::new();
    let mut ids = Vec::new();
    let mut rows = Vec::with_capacity(packed.len() * ROW);
    let mut offset = 0_u64;
    for (index, record) in packed.iter().enumerate() {
        let index = row(index)?;
        names.extend(record.names.iter().map(|key| (*key, index)));
        ids.extend(record.ids.iter().map(|key| (*key, index)));
        rows.extend(offset.to_le_bytes());
        rows.extend(u32::try_from(record.bytes.len()).ok()?.to_le_bytes());
        rows.extend(crc32fast::hash(&record.bytes).to_le_bytes());
        offset += record.bytes.len() as u64;
    }
    let mut packages: Vec<u64> = names.iter().map(|(key, _)| *key).collect();
    packages.sort_unstable();
    packages.dedup();
    let tables = [
        keys(names),
        keys(ids),
        rows,
        postcard::to_stdvec(stamps).ok()?,
    ];
    let header = Header {
        ecosystem,
        sources,
        malware: row(packed.iter().filter(|p| p.malware).count())?,
        packages: row(packages.len())?,
        tables: tables.each_ref().map(|t| t.len() as u64),
        checks: tables.each_ref().map(|t| crc32fast::hash(t)),
    };
    let header = postcard::to_stdvec(&header).ok()?;
    let mut file = Vec::with_capacity(
        header.len() + tables.iter().map(Vec::len).sum::<usize>() + usize::try_from(offset).ok()?,
    );
    file.extend(MAGIC);
    file.extend(u32::try_from(header.len()).ok()?.to_le_bytes());
    file.extend(crc32fast::hash(&header).to_le_bytes());
    file.extend(header);
    for table in &tables {
        file.extend(table);
    }
    for record in packed {
        file.extend(&record.bytes);
    }
    Some(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Affected, Event, Range, Symbols};

    /// If this fails, the stored form changed: give [`MAGIC`] the next number.
    #[test]
    fn the_stored_form_is_the_one_that_the_magic_names() {
        let record = Record {
            id: "A-1".into(),
            aliases: vec!["B".into()],
            modified: Some(Timestamp::UNIX_EPOCH),
            published: None,
            withdrawn: false,
            summary: "s".into(),
            details: "d".into(),
            malware: true,
            vectors: vec!["v".into()],
            word: Some("low".into()),
            weaknesses: vec!["CWE-1".into()],
            references: vec!["r".into()],
            affected: vec![Affected {
                ecosystem: Ecosystem::Npm,
                name: "n".into(),
                ranges: vec![Range {
                    events: vec![Event::Introduced("0".into()), Event::Limit("*".into())],
                }],
                versions: vec!["1".into()],
                vectors: Vec::new(),
                symbols: vec![Symbols {
                    path: "p".into(),
                    names: vec!["f".into()],
                }],
            }],
        };
        let bytes = postcard::to_stdvec(&record).expect("packed");
        assert_eq!(
            (bytes.len(), crc32fast::hash(&bytes)),
            (76, 3_028_192_602),
            "FTSTADV1"
        );
    }

    #[test]
    fn a_key_gives_every_row_under_it() {
        let table = keys(vec![(7, 3), (1, 0), (7, 1), (9, 2), (7, 1)]);
        assert_eq!(look_up(&table, 7), [1, 3]);
        assert_eq!(look_up(&table, 9), [2]);
        assert!(look_up(&table, 8).is_empty() && look_up(&[], 8).is_empty());
        assert_ne!(hash("a"), hash("b"));
    }
}
