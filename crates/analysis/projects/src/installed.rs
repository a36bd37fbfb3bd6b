//! What is installed at a path.

use std::path::{Path, PathBuf};

use foretaste_io::files;
use foretaste_project::Environment;

/// An environment as it lies there.
#[derive(Debug)]
pub struct Installed {
    /// What it holds.
    pub environment: Environment,
    /// What of it could not be read.
    pub problems: Vec<String>,
    /// Its `node_modules`, if it is one.
    pub modules: Option<PathBuf>,
}

impl Installed {
    /// Reads a Python environment, or a `node_modules` folder or the folder around it; nothing of it is run.
    ///
    /// # Errors
    /// The path is neither.
    pub fn at(path: &Path) -> Result<Self, String> {
        let inner = path.join("node_modules");
        let is_modules = path.file_name().is_some_and(|n| n == "node_modules");
        if !is_modules && !files::is_dir(&inner) {
            let read = foretaste_pypi::environment::installed(path)?;
            return Ok(Self {
                environment: read.environment,
                problems: read.problems,
                modules: None,
            });
        }
        let root = if is_modules { path.to_owned() } else { inner };
        let read = foretaste_npm::project::installed(&root);
        Ok(Self {
            environment: read.environment,
            problems: read.problems.iter().map(ToString::to_string).collect(),
            modules: Some(root),
        })
    }
}
