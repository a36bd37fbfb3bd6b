//! Locks that `foretaste lock` does not write, made anew only to be compared with what is there. Each tool sees what was
//! read of the manifest, written down again for it: no program of the project (a Gemfile is one), no script, no plug-in and no
//! repository is in reach, and nothing of a package runs.

mod bundler;
mod composer;
mod python;

use std::path::Path;

use foretaste_io::Program;
use foretaste_io::files::TemporaryDir;
use foretaste_project::{Constraint, Format, Group, Manifest, Requirement};
use foretaste_projects::Project;

use crate::Locker;
use crate::tools::said;

/// What the lock of a manifest would hold if it were made today, or why nobody can say.
///
/// # Errors
/// The tool is not there, refuses, or would have to run something.
pub async fn anew(locker: &Locker, format: Format, manifest: &Path) -> Result<Project, String> {
    let read = Project::of_file(manifest, &locker.environment).map_err(|e| e.to_string())?;
    if !read.problems.is_empty() {
        return Err("its manifest could not be read whole".to_owned());
    }
    let [manifest] = &*read.manifests else {
        return Err("nothing beside it says what is wanted".to_owned());
    };
    match format {
        Format::PoetryLock | Format::PipfileLock => python::resolve(locker, manifest).await,
        Format::ComposerLock => composer::resolve(locker, manifest).await,
        Format::GemfileLock => bundler::resolve(locker, manifest).await,
        Format::GoMod => Err(
            "Go takes the lowest versions that fit, which move only when somebody asks".to_owned(),
        ),
        other => Err(format!("no tool makes {other:?} anew here")),
    }
}

/// What is to be installed, each from a registry.
fn wishes(manifest: &Manifest) -> Result<Vec<(&str, &Requirement)>, String> {
    manifest
        .wishes()
        .filter(|r| !matches!(r.group, Group::Peer | Group::Build))
        .map(|wish| match (&wish.constraint, wish.name.as_deref()) {
            (
                Constraint::Url(_)
                | Constraint::Vcs { .. }
                | Constraint::Path(_)
                | Constraint::Workspace,
                _,
            )
            | (_, None) => {
                Err("it asks for something that lies in a repository, a URL or a folder".to_owned())
            }
            _ if wish.index.is_some() => {
                Err("it binds packages to sources of their own".to_owned())
            }
            (_, Some(name)) => Ok((name, wish)),
        })
        .collect()
}

/// Has a tool work in a folder, and reads the lock that it leaves there.
async fn made(
    locker: &Locker,
    name: &str,
    stage: &TemporaryDir,
    call: Program,
    lock: &str,
) -> Result<Project, String> {
    let call = call
        .dir(stage.path())
        .timeout(std::time::Duration::from_mins(5));
    let answer = call.run().await.map_err(|e| e.to_string())?;
    if !answer.success {
        return Err(format!("{name} could not resolve it: {}", said(&answer)));
    }
    Project::of_file(&stage.path().join(lock), &locker.environment).map_err(|e| e.to_string())
}
