//! The files of a project on disk, as readers see them.

use std::path::{Path, PathBuf};

use foretaste_io::{Environment, files};
use foretaste_project::Files;

/// Bytes of one file that are read.
pub(crate) const MAX_BYTES: u64 = 64 << 20;

/// A project's folder and the variables of the process.
pub(crate) struct Disk<'a> {
    root: PathBuf,
    environment: &'a Environment,
}

impl<'a> Disk<'a> {
    pub(crate) fn new(root: &Path, environment: &'a Environment) -> Self {
        Self {
            root: files::real_path(root).unwrap_or_else(|| root.to_owned()),
            environment,
        }
    }
}

impl Files for Disk<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let place = self.root.join(path);
        // a link may lead anywhere; what a project reads stays in the project
        if let Some(real) = files::real_path(&place)
            && !real.starts_with(&self.root)
        {
            return Err("it is a link that leads out of the project".to_owned());
        }
        files::read(&place, MAX_BYTES).map_err(|error| {
            if error.is_not_found() {
                "there is no such file".to_owned()
            } else {
                error.to_string()
            }
        })
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.environment.var(name).map(str::to_owned)
    }
}
