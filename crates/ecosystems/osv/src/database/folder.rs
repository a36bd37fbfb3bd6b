//! The folder with one file for each ecosystem.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use foretaste_io::{Environment, files};
use foretaste_model::intel::AdvisoryMatch;
use foretaste_model::{Ecosystem, Knowledge, ReleaseId, SkipKind};
use jiff::Timestamp;

use super::{Database, DatabaseError};
use crate::Record;

/// When a file was changed, and its size; none if it is not there.
type State = Option<(SystemTime, u64)>;

/// The advisories of every ecosystem. Files are opened when they are first asked.
#[derive(Debug)]
pub struct Advisories {
    folder: PathBuf,
    opened: [OnceLock<Result<Option<Database>, String>>; Ecosystem::ALL.len()],
    /// As each file was when it was last asked for as it is now.
    current: [Mutex<(State, Option<Arc<Database>>)>; Ecosystem::ALL.len()],
}

impl Advisories {
    /// Those of a folder, which need not exist.
    pub fn at(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            opened: Default::default(),
            current: Default::default(),
        }
    }

    /// The user's own: `advisories` in the data folder; none if no such folder is known.
    pub fn of_user(environment: &Environment) -> Option<Self> {
        Some(Self::at(&environment.data_dir()?.join("advisories")))
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file of an ecosystem.
    pub fn path(&self, ecosystem: Ecosystem) -> PathBuf {
        self.folder.join(format!("{}.osv", ecosystem.id()))
    }

    /// The database of an ecosystem; none if nothing was imported.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn of(&self, ecosystem: Ecosystem) -> Result<Option<&Database>, &str> {
        let index = Ecosystem::ALL.iter().position(|e| *e == ecosystem);
        let Some(cell) = index.and_then(|i| self.opened.get(i)) else {
            return Ok(None);
        };
        cell.get_or_init(|| Database::open(&self.path(ecosystem)).map_err(|e| e.to_string()))
            .as_ref()
            .map(Option::as_ref)
            .map_err(String::as_str)
    }

    /// The database of an ecosystem as it is now, opened anew where it was changed: for who runs on while others import. What
    /// [`Self::of`] gives stays as it was when it was first asked.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn current(&self, ecosystem: Ecosystem) -> Result<Option<Arc<Database>>, String> {
        let index = Ecosystem::ALL.iter().position(|e| *e == ecosystem);
        let Some(cell) = index.and_then(|i| self.current.get(i)) else {
            return Ok(None);
        };
        let path = self.path(ecosystem);
        let mut kept = cell.lock().unwrap_or_else(PoisonError::into_inner);
        // looked at before it is opened: what is changed between the two is noticed the next time
        let state = files::modified(&path).ok().zip(files::size(&path).ok());
        if state.is_none() || kept.0 != state {
            let opened = Database::open(&path).map_err(|e| e.to_string())?;
            *kept = (state, opened.map(Arc::new));
        }
        Ok(kept.1.clone())
    }

    /// Every database that can be used, in the order of the ecosystems.
    pub fn all(&self) -> impl Iterator<Item = &Database> {
        Ecosystem::ALL
            .into_iter()
            .filter_map(|e| self.of(e).ok().flatten())
    }

    /// The advisories that cover a release, with the time as of which everything is known.
    pub fn answer(
        &self,
        release: &ReleaseId,
    ) -> Knowledge<(Vec<AdvisoryMatch>, Option<Timestamp>)> {
        match self.of(release.ecosystem) {
            Ok(Some(database)) => match database.matches(release) {
                Ok(found) => Knowledge::Known((found, database.as_of())),
                Err(error) => Knowledge::skip(SkipKind::Failed, error.to_string()),
            },
            Ok(None) => Knowledge::skip(
                SkipKind::NotConfigured,
                format!(
                    "no advisories for {} were imported (`foretaste advisories import`)",
                    release.ecosystem
                ),
            ),
            Err(reason) => Knowledge::skip(SkipKind::Failed, reason),
        }
    }

    /// The records that cover a release; nothing where nothing was imported.
    ///
    /// # Errors
    /// A file is damaged.
    pub fn covering(&self, release: &ReleaseId) -> Result<Vec<Record>, DatabaseError> {
        match self.of(release.ecosystem) {
            Ok(Some(database)) => database.covering(release),
            Ok(None) => Ok(Vec::new()),
            Err(_) => Database::open(&self.path(release.ecosystem)).map(|_| Vec::new()),
        }
    }
}
