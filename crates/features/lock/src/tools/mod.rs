//! One file for each tool that resolves.

pub(crate) mod cargo;
pub(crate) mod npm;
pub(crate) mod uv;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use foretaste_io::files::{self, TemporaryDir};
use foretaste_io::{CommandOutput, Environment, Program};
use foretaste_project::{Constraint, Format, Manifest};
use foretaste_projects::Project;

use crate::{Kind, LockError, Locker, Staged, Work};

/// Where a tool lies. `what` says what is asked for, should it not be there.
fn program(
    locker: &Locker,
    program: &'static str,
    what: &'static str,
) -> Result<PathBuf, LockError> {
    let found = locker.environment.which(program);
    found.ok_or(LockError::NoProgram { program, what })
}

/// A folder of its own for a tool, with the manifests that it is to lock.
struct Stage<'a> {
    /// Where the tool works.
    folder: TemporaryDir,
    /// Where the manifests come from.
    from: &'a Path,
    work: &'a Work,
}

impl<'a> Stage<'a> {
    /// Copies the manifests of a format, none of which may ask for a repository.
    fn begin(locker: &Locker, work: &'a Work, format: Format) -> Result<Self, LockError> {
        let stage = TemporaryDir::new(None)?;
        let from = folder(&work.manifest);
        let manifests = copy_manifests(from, stage.path(), format, &locker.environment)?;
        refuse_repositories(&manifests)?;
        Ok(Self {
            folder: stage,
            from,
            work,
        })
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Has the tool resolve there.
    async fn resolve(self, call: Program) -> Result<Staged, LockError> {
        call_there(&self, call).await?;
        Ok(Staged::new(self.folder, self.work))
    }
}

/// Has a stage's tool do something there.
async fn call_there(stage: &Stage<'_>, call: Program) -> Result<(), LockError> {
    let call = call.dir(stage.path()).timeout(Duration::from_mins(5));
    let answer = call.run().await?;
    if answer.success {
        return Ok(());
    }
    Err(LockError::Refused {
        program: match stage.work.kind {
            Kind::CargoLock => "cargo",
            Kind::PackageLock => "npm",
            _ => "uv",
        },
        manifest: stage.work.manifest.clone(),
        said: said(&answer),
    })
}

/// The folder of a manifest.
fn folder(manifest: &Path) -> &Path {
    manifest
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Copies the manifests of a format below a folder, as a workspace needs them, and gives what they say.
fn copy_manifests(
    from: &Path,
    to: &Path,
    format: Format,
    env: &Environment,
) -> Result<Vec<Manifest>, LockError> {
    let project = Project::discover(from, env).map_err(|error| LockError::Refused {
        program: "foretaste",
        manifest: from.to_owned(),
        said: error.to_string(),
    })?;
    let manifests: Vec<Manifest> = project
        .manifests
        .into_iter()
        .filter(|m| m.format == format)
        .collect();
    for manifest in &manifests {
        copy(from, to, &manifest.path)?;
    }
    Ok(manifests)
}

fn copy(from: &Path, to: &Path, path: &Arc<str>) -> Result<(), LockError> {
    let bytes = files::read(&from.join(&**path), 64 << 20)?;
    files::write(&to.join(&**path), &bytes)?;
    Ok(())
}

/// Refuses what is fetched from a repository: the tools would run its scripts or build it to learn what it needs.
fn refuse_repositories(manifests: &[Manifest]) -> Result<(), LockError> {
    for requirement in manifests.iter().flat_map(|m| &m.requirements) {
        if let Constraint::Vcs { url, .. } = &requirement.constraint {
            return Err(LockError::NeedsBuild {
                place: requirement.place.to_string(),
                what: url.to_string(),
            });
        }
    }
    Ok(())
}

/// What a tool said, on one line.
pub(crate) fn said(answer: &CommandOutput) -> String {
    let text = answer
        .stderr
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    text.chars().take(900).collect()
}
