//! One run over a project.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use foretaste_io::Environment;
use foretaste_model::{Ecosystem, Span};
use foretaste_projects::{Project, ProjectError};
use foretaste_registry::{Registry, RegistryError};
use thiserror::Error;

use crate::checks;
use crate::failure::{Check, Checked, Failure, SCHEMA, Skipped, Verification};

/// Where packages are looked up. The caller opens registries as the clients of this machine are configured.
#[async_trait]
pub trait Registries: Send + Sync {
    /// The registry of an ecosystem.
    ///
    /// # Errors
    /// None is configured, or the configuration cannot be used.
    async fn of(&self, ecosystem: Ecosystem) -> Result<Arc<dyn Registry>, RegistryError>;
}

/// What is verified, and how.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The beginnings of URLs from which packages may come besides the configured registries.
    pub sources: Vec<String>,
    /// A Python environment, or a `node_modules`, that must hold what the locks say.
    pub environment: Option<PathBuf>,
    /// Development dependencies count too.
    pub development: bool,
    /// Compare digests with the index alone, and fetch no artifact.
    pub index_only: bool,
    /// The largest artifact that is fetched, in bytes.
    pub artifact_bytes: u64,
    /// Ask no registry.
    pub offline: bool,
}

/// Why nothing was verified.
#[derive(Debug, Error)]
pub enum VerifyError {
    /// The project cannot be read.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// There is nothing to verify.
    #[error("{} holds no manifest or lock that is known, so nothing could be verified", path.display())]
    Nothing {
        /// Where.
        path: PathBuf,
    },
    /// The environment cannot be read.
    #[error("{0}")]
    Environment(String),
}

/// Verifies projects.
pub struct Verifier<'a> {
    /// The surroundings.
    pub surroundings: &'a Environment,
    /// Where packages are looked up.
    pub registries: &'a dyn Registries,
    /// What is verified, and how.
    pub settings: Settings,
}

impl std::fmt::Debug for Verifier<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifier")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// What checks write into.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) failures: Vec<Failure>,
    pub(crate) skipped: Vec<Skipped>,
    pub(crate) checked: Checked,
    pub(crate) remarks: Vec<Box<str>>,
}

impl Findings {
    pub(crate) fn skip(&mut self, what: impl Into<Box<str>>, why: impl Into<Box<str>>) {
        self.skipped.push(Skipped {
            what: what.into(),
            why: why.into(),
        });
    }
}

impl Verifier<'_> {
    /// Verifies the project in a folder.
    ///
    /// # Errors
    /// The folder or the environment cannot be read, or there is nothing to verify.
    pub async fn verify(&self, folder: &Path) -> Result<Verification, VerifyError> {
        let project = Project::discover(folder, self.surroundings)?;
        if project.manifests.is_empty() && project.locks.is_empty() {
            return Err(VerifyError::Nothing {
                path: folder.to_owned(),
            });
        }
        let mut found = Findings::default();
        found.checked.files = (project.manifests.len() + project.locks.len()) as u32;
        for problem in &project.problems {
            found.failures.push(Failure::at(
                Check::Unreadable,
                &problem.place,
                &problem.place.path,
                problem.message.to_string(),
                problem
                    .hint
                    .as_deref()
                    .unwrap_or("mend the file: what cannot be read cannot be verified"),
            ));
        }
        let pinned = checks::pins::check(&project, &self.settings, &mut found);
        checks::sources::indexes(&project, &mut found);
        checks::actions::check(&project, &mut found);
        checks::digests::check(self, &pinned, &mut found).await;
        if let Some(path) = &self.settings.environment {
            checks::environment::check(path, &project, &pinned, &mut found)
                .map_err(VerifyError::Environment)?;
        }
        found.failures.sort();
        found.failures.dedup();
        found.skipped.sort();
        found.skipped.dedup();
        Ok(Verification {
            schema: SCHEMA.into(),
            failures: found.failures,
            skipped: found.skipped,
            checked: found.checked,
            remarks: found.remarks,
        })
    }
}

/// A file as a whole.
pub(crate) fn whole() -> Span {
    Span::default()
}
