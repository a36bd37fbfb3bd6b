//! Taking records over: those that changed are read, those that were withdrawn go.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;

use foretaste_io::files;
use foretaste_model::{Ecosystem, Limits};
use jiff::Timestamp;
use rayon::prelude::*;
use serde::Deserialize;
use serde_json::Value;

use super::layout::{self, Packed, Stamp};
use super::{Advisories, Database, DatabaseError, Source};
use crate::Record;

/// Mistakes that are told of one import.
const MAX_PROBLEMS: usize = 20;
/// Records that are read at once.
const BATCH: usize = 4_096;
/// The largest record that is read.
const MAX_RECORD: u64 = 16 << 20;

/// What an import did, by record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Import {
    /// New ones.
    pub added: usize,
    /// Those that changed.
    pub changed: usize,
    /// Those that stood as they were.
    pub unchanged: usize,
    /// Those that were taken back.
    pub withdrawn: usize,
    /// Those about ecosystems that Foretaste does not know.
    pub other: usize,
    /// What could not be read; the rest was.
    pub problems: Vec<Problem>,
    /// The databases that were written.
    pub ecosystems: Vec<Ecosystem>,
}

/// A record that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, with the member of an archive.
    pub place: String,
    /// Why.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.reason)
    }
}

/// True for names of files that hold records.
pub fn is_record_file(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with(".json")
}

/// Collects records, and writes the databases at the end.
#[derive(Debug)]
pub struct Importer<'a> {
    folder: &'a Advisories,
    shelves: BTreeMap<Ecosystem, Shelf>,
    seen: BTreeMap<Ecosystem, usize>,
    newest: Option<Timestamp>,
    total: usize,
    done: Import,
}

/// What is known of one ecosystem.
#[derive(Debug, Default)]
struct Shelf {
    records: BTreeMap<Box<str>, (Option<Timestamp>, Kept)>,
    old: Option<Database>,
    touched: bool,
}

#[derive(Debug)]
enum Kept {
    /// A row of the old file.
    Old(u32),
    New(Packed),
    Withdrawn,
}

/// What decides whether a record is read at all.
#[derive(Deserialize)]
struct Peek {
    id: Box<str>,
    modified: Option<Timestamp>,
}

/// One file's record, read.
enum Found {
    Unchanged(Option<Timestamp>, Vec<Ecosystem>),
    Record(Box<Record>, Vec<(Ecosystem, Packed)>),
    Problem(Problem),
}

impl<'a> Importer<'a> {
    /// Begins with what is there.
    ///
    /// # Errors
    /// A database is damaged: [`Advisories`] says which, and what to do.
    pub fn new(folder: &'a Advisories) -> Result<Self, DatabaseError> {
        let mut shelves = BTreeMap::new();
        for ecosystem in Ecosystem::ALL {
            let Some(old) = Database::open(&folder.path(ecosystem))? else {
                continue;
            };
            let records = old.stamps()?.into_iter().map(|stamp| {
                let kept = stamp.row.map_or(Kept::Withdrawn, Kept::Old);
                (stamp.id, (stamp.modified, kept))
            });
            let shelf = Shelf {
                records: records.collect(),
                old: Some(old),
                touched: false,
            };
            shelves.insert(ecosystem, shelf);
        }
        Ok(Self {
            folder,
            shelves,
            seen: BTreeMap::new(),
            newest: None,
            total: 0,
            done: Import::default(),
        })
    }

    /// Takes over a file: one record, a list of records, or an archive of files.
    pub fn add(&mut self, name: &str, bytes: &[u8]) {
        if bytes.starts_with(b"PK") || bytes.starts_with(&[0x1f, 0x8b]) {
            self.archive(name, bytes);
        } else {
            self.take(vec![(name.to_owned(), bytes.to_vec())]);
        }
    }

    fn archive(&mut self, name: &str, bytes: &[u8]) {
        let limits = Limits {
            artifact_bytes: 8 << 30,
            unpacked_bytes: 64 << 30,
            member_bytes: MAX_RECORD,
            entries: 4_000_000,
            ..Limits::default()
        };
        let mut batch = Vec::with_capacity(BATCH);
        let summary = foretaste_archive::unpack_each(name, bytes, &limits, &mut |member| {
            if !is_record_file(&member.path) {
                return ControlFlow::Continue(());
            }
            if member.complete {
                batch.push((format!("{name}!/{}", member.path), member.data.to_vec()));
            }
            if batch.len() >= BATCH {
                self.take(std::mem::take(&mut batch));
            }
            ControlFlow::Continue(())
        });
        self.take(batch);
        if let Some(anomaly) = summary
            .anomalies
            .iter()
            .find(|a| a.kind.leaves_content_unread())
        {
            self.problem(Problem {
                place: name.to_owned(),
                reason: format!("could not be read in full: {}", anomaly.detail),
            });
        }
    }

    /// Takes over files with their content.
    pub fn take(&mut self, files: Vec<(String, Vec<u8>)>) {
        let shelves = &self.shelves;
        let found: Vec<Vec<Found>> = files
            .into_par_iter()
            .map(|(name, bytes)| read(shelves, &name, &bytes))
            .collect();
        for found in found.into_iter().flatten() {
            match found {
                Found::Problem(problem) => self.problem(problem),
                Found::Unchanged(modified, ecosystems) => {
                    self.total += 1;
                    self.newest = self.newest.max(modified);
                    self.done.unchanged += 1;
                    for ecosystem in ecosystems {
                        *self.seen.entry(ecosystem).or_default() += 1;
                    }
                }
                Found::Record(record, packed) => self.put(&record, packed),
            }
        }
    }

    fn put(&mut self, record: &Record, packed: Vec<(Ecosystem, Packed)>) {
        self.total += 1;
        self.newest = self.newest.max(record.modified);
        if self.stands(record, &packed) {
            self.done.unchanged += 1;
            for (ecosystem, _) in packed {
                *self.seen.entry(ecosystem).or_default() += 1;
            }
            return;
        }
        let stood = self.shelves.values().any(|s| {
            matches!(
                s.records.get(&record.id),
                Some((_, Kept::Old(_) | Kept::New(_)))
            )
        });
        // a record that no longer speaks of an ecosystem goes from its database
        for (ecosystem, shelf) in &mut self.shelves {
            if packed.iter().all(|(e, _)| e != ecosystem)
                && let Some((modified, kept)) = shelf.records.get_mut(&record.id)
                && !matches!(kept, Kept::Withdrawn)
            {
                (*modified, *kept) = (record.modified, Kept::Withdrawn);
                shelf.touched = true;
            }
        }
        if packed.is_empty() {
            self.done.other += 1;
            return;
        }
        for (ecosystem, packed) in packed {
            *self.seen.entry(ecosystem).or_default() += 1;
            let own = self.shelves.entry(ecosystem).or_default();
            own.touched = true;
            let entry = if record.withdrawn {
                Kept::Withdrawn
            } else {
                Kept::New(packed)
            };
            own.records
                .insert(record.id.clone(), (record.modified, entry));
        }
        match (record.withdrawn, stood) {
            (true, _) => self.done.withdrawn += 1,
            (false, true) => self.done.changed += 1,
            (false, false) => self.done.added += 1,
        }
    }

    /// True if a record says what it said before: one without a readable time of its last change is told by its content.
    fn stands(&self, record: &Record, packed: &[(Ecosystem, Packed)]) -> bool {
        let same = |shelf: &Shelf, new: Option<&Packed>| match (shelf.records.get(&record.id), new)
        {
            (None, None) => true,
            (Some((modified, Kept::Withdrawn)), _) => {
                record.withdrawn && *modified == record.modified
            }
            (Some((modified, Kept::Old(row))), Some(new)) => {
                let old = shelf.old.as_ref().and_then(|old| old.packed(*row).ok());
                *modified == record.modified && old.is_some_and(|old| old == new.bytes)
            }
            _ => false,
        };
        let of =
            |ecosystem: &Ecosystem| packed.iter().find(|(e, _)| e == ecosystem).map(|(_, p)| p);
        !packed.is_empty()
            && packed.iter().all(|(e, _)| self.shelves.contains_key(e))
            && self
                .shelves
                .iter()
                .all(|(ecosystem, shelf)| same(shelf, of(ecosystem)))
    }

    fn problem(&mut self, problem: Problem) {
        if self.done.problems.len() < MAX_PROBLEMS {
            self.done.problems.push(problem);
        }
    }

    /// The ids that are known with the time of their last change, to tell what a service has that is newer.
    pub fn known(&self, ecosystem: Ecosystem) -> BTreeMap<&str, Option<Timestamp>> {
        self.shelves
            .get(&ecosystem)
            .map(|s| s.records.iter().map(|(id, (m, _))| (&**id, *m)).collect())
            .unwrap_or_default()
    }

    /// The ecosystems that most of the records so far were about.
    pub fn mainly(&self) -> Vec<Ecosystem> {
        let most = |n: usize| n * 2 > self.total;
        self.seen
            .iter()
            .filter(|(_, n)| most(**n))
            .map(|(e, _)| *e)
            .collect()
    }

    /// When the newest record so far changed.
    pub const fn newest(&self) -> Option<Timestamp> {
        self.newest
    }

    /// Writes the databases that changed. For the ecosystems in `complete`, `source` says everything that is known as
    /// of its time; of others it brought single records.
    ///
    /// # Errors
    /// A database cannot be written, or an old one is damaged.
    pub fn finish(
        mut self,
        source: &Source,
        complete: &[Ecosystem],
    ) -> Result<Import, DatabaseError> {
        for ecosystem in complete {
            self.shelves.entry(*ecosystem).or_default().touched = true;
        }
        for (ecosystem, shelf) in self.shelves {
            if !shelf.touched {
                continue;
            }
            let as_of = source.as_of.filter(|_| complete.contains(&ecosystem));
            let own = Source {
                as_of,
                ..source.clone()
            };
            let bytes = write(ecosystem, shelf, own)?;
            files::write_atomic(&self.folder.path(ecosystem), &bytes)?;
            self.done.ecosystems.push(ecosystem);
        }
        Ok(self.done)
    }
}

/// Sources that are remembered.
const MAX_SOURCES: usize = 16;

fn write(ecosystem: Ecosystem, shelf: Shelf, source: Source) -> Result<Vec<u8>, DatabaseError> {
    let (mut names, mut ids) = shelf
        .old
        .as_ref()
        .map(|old| (old.keys_of_rows(true), old.keys_of_rows(false)))
        .unwrap_or_default();
    let mut sources = vec![source];
    if let Some(old) = &shelf.old {
        for earlier in old.sources() {
            let first = sources
                .first()
                .is_some_and(|new| new.location != earlier.location);
            if first && sources.len() < MAX_SOURCES {
                sources.push(earlier.clone());
            } else if let Some(new) = sources.first_mut() {
                // the same source as before: what it said completely stays said
                new.as_of = new.as_of.max(earlier.as_of);
            }
        }
    }
    let (mut packed, mut stamps) = (Vec::new(), Vec::new());
    for (id, (modified, kept)) in shelf.records {
        let record = match kept {
            Kept::Withdrawn => None,
            Kept::New(record) => Some(record),
            Kept::Old(row) => {
                let old = shelf.old.as_ref().ok_or(DatabaseError::TooLarge)?;
                let bytes = old.packed(row)?;
                let take = |keys: &mut Vec<Vec<u64>>| {
                    keys.get_mut(row as usize)
                        .map(std::mem::take)
                        .unwrap_or_default()
                };
                let malware = postcard::from_bytes::<Record>(&bytes).is_ok_and(|r| r.malware);
                Some(Packed {
                    names: take(&mut names),
                    ids: take(&mut ids),
                    malware,
                    bytes,
                })
            }
        };
        let row = match record {
            None => None,
            Some(record) => {
                packed.push(record);
                Some(u32::try_from(packed.len() - 1).map_err(|_| DatabaseError::TooLarge)?)
            }
        };
        stamps.push(Stamp { id, modified, row });
    }
    layout::encode(ecosystem, sources, &packed, &stamps).ok_or(DatabaseError::TooLarge)
}

fn read(shelves: &BTreeMap<Ecosystem, Shelf>, name: &str, bytes: &[u8]) -> Vec<Found> {
    let problem = |reason: String| {
        vec![Found::Problem(Problem {
            place: name.to_owned(),
            reason,
        })]
    };
    if let Ok(peek) = serde_json::from_slice::<Peek>(bytes)
        && let Some(modified) = peek.modified
    {
        let known: Vec<Ecosystem> = shelves
            .iter()
            .filter(|(_, s)| {
                s.records
                    .get(&peek.id)
                    .is_some_and(|(m, _)| m.is_some_and(|m| m >= modified))
            })
            .map(|(e, _)| *e)
            .collect();
        if !known.is_empty() {
            return vec![Found::Unchanged(Some(modified), known)];
        }
    }
    match serde_json::from_slice::<Value>(bytes) {
        Err(error) => problem(format!("cannot be read: {error}")),
        Ok(Value::Array(records)) => records
            .iter()
            .flat_map(|record| one(name, record))
            .collect(),
        Ok(Value::Object(mut map)) if !map.contains_key("id") && map.contains_key("vulns") => {
            // the answer of a service
            let records = map.remove("vulns").unwrap_or_default();
            records
                .as_array()
                .map(|all| all.iter().flat_map(|r| one(name, r)).collect())
                .unwrap_or_default()
        }
        Ok(record) => one(name, &record),
    }
}

fn one(name: &str, json: &Value) -> Vec<Found> {
    let Some(record) = Record::from_json(json) else {
        return vec![Found::Problem(Problem {
            place: name.to_owned(),
            reason: "is no record in the OSV format: it has no usable `id`".to_owned(),
        })];
    };
    let mut ecosystems: Vec<Ecosystem> = record.affected.iter().map(|a| a.ecosystem).collect();
    ecosystems.sort_unstable();
    ecosystems.dedup();
    let packed = ecosystems
        .into_iter()
        .filter_map(|e| Some((e, Packed::new(&record, e)?)))
        .collect();
    vec![Found::Record(Box::new(record), packed)]
}
