//! One file for each tool that resolves.

pub(crate) mod cargo;
pub(crate) mod npm;
pub(crate) mod uv;

use std::path::Path;
use std::sync::Arc;

use foretaste_io::files;
use foretaste_io::{CommandOutput, Environment};
use foretaste_project::{Constraint, Format, Manifest};
use foretaste_projects::Project;

use crate::LockError;

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
fn said(answer: &CommandOutput) -> String {
    let text = answer
        .stderr
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    text.chars().take(900).collect()
}
