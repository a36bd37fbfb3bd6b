//! Resolving into a staged lock.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use foretaste_io::files::{self, TemporaryDir};
use foretaste_io::{CommandError, Environment, FileError};
use foretaste_model::ReleaseId;
use foretaste_projects::{Project, UvError};
use foretaste_pypi::Settings;
use jiff::Timestamp;
use thiserror::Error;

use crate::tools;
use crate::{Exempt, Kind, Work};

/// Why there is no lock.
#[derive(Debug, Error)]
pub enum LockError {
    /// There is no manifest that can be locked.
    #[error(
        "{} holds nothing that can be locked\n  hint: a requirements.in, pyproject.toml, package.json or Cargo.toml is",
        path.display()
    )]
    NothingToLock {
        /// Where.
        path: PathBuf,
    },
    /// The list would be written over itself.
    #[error(
        "{} would be written over itself\n  hint: what is written by hand is called requirements.in; or name another file with -o",
        path.display()
    )]
    OwnSource {
        /// The list.
        path: PathBuf,
    },
    /// Several manifests and one output.
    #[error("-o names one file, and there are {} manifests to lock; name the one", manifests.len())]
    OneOutput {
        /// The manifests.
        manifests: Vec<PathBuf>,
    },
    /// A program that resolves is not there.
    #[error("{program} is not installed; it resolves {what}")]
    NoProgram {
        /// The program.
        program: &'static str,
        /// What for.
        what: &'static str,
    },
    /// It needs something that only building could tell.
    #[error(
        "{place}: {what} would have to be fetched and built before its dependencies are known, and nothing is built here\n  hint: depend on a release of a registry"
    )]
    NeedsBuild {
        /// Where it is asked for.
        place: String,
        /// What.
        what: String,
    },
    /// The tool refused.
    #[error("{program} could not resolve {}: {said}", manifest.display())]
    Refused {
        /// The program.
        program: &'static str,
        /// The manifest.
        manifest: PathBuf,
        /// What it said.
        said: String,
    },
    /// uv.
    #[error("{}: {source}{}", manifest.display(), hint(source))]
    Uv {
        /// The manifest.
        manifest: PathBuf,
        /// Why.
        source: UvError,
    },
    /// The disk.
    #[error(transparent)]
    File(#[from] FileError),
    /// A program did not answer.
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// What uv's refusals come from, in words that help.
fn hint(error: &UvError) -> &'static str {
    let UvError::Refused { said } = error else {
        return "";
    };
    if said.contains("no wheels")
        || said.contains("building from source")
        || said.contains("wheels are required")
    {
        "\n  hint: that package is published as source alone; its build would run its code, so it is not locked. `foretaste \
         audit` tells what that would be; then build a wheel of it in a contained place and publish that in your own index"
    } else if said.contains("exclude-newer") || said.contains("upload") || said.contains("publish")
    {
        "\n  hint: with a minimum age, releases are only taken from an index that tells when they were uploaded"
    } else {
        ""
    }
}

/// A lock that is not written yet.
#[derive(Debug)]
pub struct Staged {
    folder: TemporaryDir,
    name: PathBuf,
    work: Work,
}

impl Staged {
    pub(crate) fn new(folder: TemporaryDir, work: &Work) -> Self {
        Self {
            name: work.kind.file().into(),
            folder,
            work: work.clone(),
        }
    }

    /// Where it lies until it is accepted.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join(&self.name)
    }

    /// What it was made from.
    pub const fn work(&self) -> &Work {
        &self.work
    }

    /// Writes it to its place.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self) -> Result<(), FileError> {
        let bytes = files::read(&self.path(), u64::MAX)?;
        files::write_atomic(&self.work.output, &bytes)
    }
}

/// Calls the tools that resolve.
#[derive(Debug)]
pub struct Locker {
    /// The surroundings.
    pub environment: Environment,
    /// What the user said about Python indexes.
    pub python: Settings,
    /// The npm registry that was named, in place of npm's own configuration.
    pub npm_registry: Option<String>,
    /// Releases later than this are not taken.
    pub newest: Option<Timestamp>,
    /// Take the newest versions instead of those of the present lock.
    pub upgrade: bool,
    /// Now.
    pub now: Timestamp,
}

impl Locker {
    /// Resolves a manifest. `exempt` are packages whose releases may be as new as they are.
    ///
    /// # Errors
    /// The tool is not there, or refuses.
    pub async fn resolve(&self, work: &Work, exempt: &[Exempt]) -> Result<Staged, LockError> {
        match work.kind {
            Kind::Requirements | Kind::Pylock => tools::uv::list(self, work, exempt).await,
            Kind::UvLock => tools::uv::own(self, work, exempt).await,
            Kind::PackageLock => tools::npm::lock(self, work).await,
            Kind::CargoLock => tools::cargo::lock(self, work, exempt).await,
        }
    }

    /// What the present lock of a manifest holds, whose versions are kept where they still fit.
    pub fn present(&self, work: &Work) -> BTreeSet<ReleaseId> {
        if self.upgrade || !files::exists(&work.output) {
            return BTreeSet::new();
        }
        // what cannot be read of it was not locked
        let project = Project::of_file(&work.output, &self.environment).unwrap_or_default();
        let locks = project.locks.iter();
        locks
            .flat_map(|lock| lock.packages.iter().map(move |p| (lock.ecosystem, p)))
            .filter_map(|(ecosystem, package)| package.release(ecosystem))
            .collect()
    }

    /// Copies the present lock, whose versions are kept where they still fit.
    pub(crate) fn keep(&self, work: &Work, folder: &Path) -> Result<(), LockError> {
        if self.upgrade || !files::exists(&work.output) {
            return Ok(());
        }
        let bytes = files::read(&work.output, 256 << 20)?;
        files::write(&folder.join(work.kind.file()), &bytes)?;
        Ok(())
    }
}
