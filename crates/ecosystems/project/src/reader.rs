//! How files are read: a table of pure functions, with a door for what a file includes.

use std::sync::Arc;

use crate::{Format, Lock, Manifest, Problem};

/// The files around the one that is read. Readers do no I/O of their own.
pub trait Files {
    /// The bytes of a file of the project, by its path relative to the root (no `..`, no leading `/`).
    ///
    /// # Errors
    /// Why it cannot be had, for a message.
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;

    /// The value of an environment variable, for formats that expand them.
    fn variable(&self, name: &str) -> Option<String>;

    /// The names of the folders in a folder of the project (empty for its root), for patterns of workspace members.
    fn folders(&self, path: &str) -> Vec<String> {
        let _ = path;
        Vec::new()
    }
}

/// No other files, no variables.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        Err(format!("{path} was not given"))
    }

    fn variable(&self, _name: &str) -> Option<String> {
        None
    }
}

/// What a reader gets.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The file, relative to the root of the project, with `/` between its parts.
    pub path: &'a Arc<str>,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// The files around it.
    pub files: &'a dyn Files,
}

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Document {
    /// It asks for packages.
    Manifest(Manifest),
    /// It says which packages were chosen.
    Lock(Lock),
}

/// What was read from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What could be understood; none if the file is something else that only has the name.
    pub document: Option<Document>,
    /// What could not.
    pub problems: Vec<Problem>,
}

/// A format with its file names and its reading function.
#[derive(Clone, Copy)]
pub struct Reader {
    /// The format.
    pub format: Format,
    /// Whether a file is of this format, by its path relative to the root.
    pub matches: fn(path: &str) -> bool,
    /// Reads one. Never fails: what is malformed is a problem, and the rest is read.
    pub read: fn(input: &Input<'_>) -> Reading,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Reader").field(&self.format).finish()
    }
}

/// Reads one file, without those around it, by the first reader that knows its path; none if no reader does.
pub fn read_alone(readers: &[Reader], path: &str, bytes: &[u8]) -> Option<Reading> {
    let reader = readers.iter().find(|r| (r.matches)(path))?;
    Some((reader.read)(&Input {
        path: &path.into(),
        bytes,
        files: &NoFiles,
    }))
}
