//! Making locks anew, to compare: by the tools that `foretaste lock` uses and by those of other ecosystems, in folders of
//! their own, without running anything of a package.

use std::path::Path;
use std::sync::Arc;

use foretaste_audit::Auditor;
use foretaste_lock::{Kind, LockError, Locker, Work, anew};
use foretaste_model::Ecosystem;
use foretaste_posture::Set;
use foretaste_project::Format;
use foretaste_projects::Project;
use jiff::Timestamp;

/// Whoever resolves, as this machine's clients are configured.
pub(super) fn locker(auditor: &Auditor, now: Timestamp) -> Arc<Locker> {
    Arc::new(Locker {
        environment: auditor.environment().clone(),
        python: auditor.pypi_settings(),
        npm_registry: None,
        newest: None,
        upgrade: true,
        now,
    })
}

/// The lock that a set would have if it were made today.
pub(super) async fn fresh(locker: &Locker, set: &Set) -> Result<Project, String> {
    if set.internal > 0 {
        let why = "it holds internal names, which no index is asked for here";
        return Err(why.to_owned());
    }
    let Some(manifest) = &set.manifest else {
        return Err("nothing beside it says what is wanted".to_owned());
    };
    let Some(work) = work(set, manifest) else {
        let fresh = anew(locker, set.format, manifest).await;
        return fresh.map_err(|why| first_line(&why));
    };
    let staged = locker.resolve(&work, &[]).await;
    let staged = staged.map_err(|error| match error {
        // equal reasons are counted, so that they name no file
        LockError::Uv { source, .. } => first_line(&source.to_string()),
        LockError::Refused { program, said, .. } => {
            format!("{program} could not resolve it: {said}")
        }
        other => first_line(&other.to_string()),
    })?;
    Project::of_file(&staged.path(), &locker.environment).map_err(|error| error.to_string())
}

/// What has to be made, if it is a lock that `foretaste lock` writes.
fn work(set: &Set, manifest: &Path) -> Option<Work> {
    let kind = match (set.ecosystem, set.format) {
        (Ecosystem::Pypi, Format::UvLock) => Kind::UvLock,
        // resolved by uv: what another tool's own tables ask for is not read
        (Ecosystem::Pypi, Format::Requirements | Format::PdmLock | Format::Pylock) => {
            Kind::Requirements
        }
        (Ecosystem::Npm, _) => Kind::PackageLock,
        (Ecosystem::Cargo, Format::CargoLock) => Kind::CargoLock,
        _ => return None,
    };
    Some(Work {
        kind,
        manifest: manifest.to_owned(),
        output: set.lock.clone(),
    })
}

/// The sentence, without hints.
fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
