//! Importing.

use std::path::Path;

use foretaste_io::{FileError, HttpClient, HttpError, Request, files};
use foretaste_model::Ecosystem;
use foretaste_osv::{Advisories, DatabaseError, Import, Importer, Source, is_record_file};
use jiff::Timestamp;
use thiserror::Error;

use crate::Place;

/// The largest archive that is read.
const MAX_ARCHIVE: u64 = 8 << 30;
/// The largest single record.
const MAX_RECORD: u64 = 64 << 20;
/// Files of a folder.
const MAX_FILES: usize = 4_000_000;
/// Files that are read before they are handed on.
const BATCH: usize = 4_096;

/// Why nothing was imported.
#[derive(Debug, Error)]
pub enum ImportError {
    /// A file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A service does not answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// A database cannot be used or written.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// There is nothing to import.
    #[error("{0} holds no record in the OSV format")]
    Nothing(String),
}

/// The advisories on this machine, and the network from which more come.
#[derive(Debug)]
pub struct Keeper<'a> {
    pub(crate) advisories: &'a Advisories,
    pub(crate) http: &'a HttpClient,
    pub(crate) now: Timestamp,
}

impl<'a> Keeper<'a> {
    /// Keeps `advisories`.
    pub const fn new(advisories: &'a Advisories, http: &'a HttpClient, now: Timestamp) -> Self {
        Self {
            advisories,
            http,
            now,
        }
    }

    /// Takes over what lies at a place. `complete` names ecosystems of which the place says everything, beyond the one
    /// that its folder names and the one that most of an archive's records are about.
    ///
    /// # Errors
    /// The place cannot be read, or a database not written. Records that cannot be read are told in the result.
    pub async fn import(
        &self,
        place: &Place,
        complete: &[Ecosystem],
    ) -> Result<Import, ImportError> {
        let mut importer = Importer::new(self.advisories)?;
        let (whole, as_of) = match place {
            Place::File(path) if files::is_dir(path) => {
                folder(&mut importer, path)?;
                (true, None)
            }
            Place::File(path) => {
                let bytes = files::read(path, MAX_ARCHIVE)?;
                importer.add(&place.shown(), &bytes);
                (is_archive(&bytes), None)
            }
            Place::Url(url) => {
                let request = Request::artifact(url.clone(), MAX_ARCHIVE, &[]);
                let answer = self
                    .http
                    .get(request.cache(foretaste_io::CachePolicy::Never))
                    .await?;
                importer.add(&place.shown(), &answer.body);
                (is_archive(&answer.body), Some(self.now))
            }
        };
        let mut complete = complete.to_vec();
        if whole {
            complete.extend(place.ecosystem());
            complete.extend(importer.mainly());
        }
        complete.sort_unstable();
        complete.dedup();
        // a file says no more than its newest record, whenever it is read
        let as_of = as_of.or_else(|| importer.newest());
        self.finish(importer, place, as_of, &complete)
    }

    pub(crate) fn finish(
        &self,
        importer: Importer<'_>,
        place: &Place,
        as_of: Option<Timestamp>,
        complete: &[Ecosystem],
    ) -> Result<Import, ImportError> {
        let source = Source {
            location: place.shown().into(),
            imported: self.now,
            as_of,
        };
        let done = importer.finish(&source, complete)?;
        if done.ecosystems.is_empty() && done.unchanged == 0 && done.problems.is_empty() {
            return Err(ImportError::Nothing(place.shown()));
        }
        Ok(done)
    }
}

fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK") || bytes.starts_with(&[0x1f, 0x8b])
}

fn folder(importer: &mut Importer<'_>, path: &Path) -> Result<(), ImportError> {
    let walk = files::walk(path, MAX_FILES, |name| name == ".git")?;
    let mut batch = Vec::with_capacity(BATCH);
    for file in walk.files.iter().filter(|f| is_record_file(&f.relative)) {
        batch.push((file.relative.clone(), files::read(&file.path, MAX_RECORD)?));
        if batch.len() >= BATCH {
            importer.take(std::mem::take(&mut batch));
        }
    }
    importer.take(batch);
    Ok(())
}
