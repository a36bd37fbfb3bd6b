//! npm: `package-lock.json`, without scripts and without git.

use std::path::Path;
use std::time::Duration;

use foretaste_io::Program;
use foretaste_io::files::{self, TemporaryDir};
use foretaste_project::Format;

use super::{copy_manifests, folder, refuse_repositories, said};
use crate::{LockError, Locker, Staged, Work};

/// Settings of a project's `.npmrc` that say where packages come from. Others may name programs.
const KEPT: &[&str] = &["registry", "strict-ssl", "cafile", "proxy", "https-proxy"];

pub(crate) async fn lock(locker: &Locker, work: &Work) -> Result<Staged, LockError> {
    let npm = locker
        .environment
        .which("npm")
        .ok_or(LockError::NoProgram {
            program: "npm",
            what: "what package.json asks for",
        })?;
    let stage = TemporaryDir::new(None)?;
    let from = folder(&work.manifest);
    let manifests = copy_manifests(from, stage.path(), Format::PackageJson, &locker.environment)?;
    refuse_repositories(&manifests)?;
    settings(from, stage.path())?;
    locker.keep(work, stage.path())?;
    let mut args: Vec<String> = [
        "install",
        "--package-lock-only",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--no-update-notifier",
        // a dependency of a dependency may lie in a repository: preparing it would run its scripts
        "--git=/nonexistent",
        "--loglevel=error",
    ]
    .map(str::to_owned)
    .into();
    if let Some(newest) = locker.newest {
        args.push(format!("--before={newest}"));
    }
    if let Some(registry) = &locker.npm_registry {
        args.push(format!("--registry={registry}"));
    }
    let answer = Program::new(npm)
        .args(args)
        .dir(stage.path())
        .timeout(Duration::from_mins(5))
        .run()
        .await?;
    if !answer.success {
        return Err(LockError::Refused {
            program: "npm",
            manifest: work.manifest.clone(),
            said: said(&answer),
        });
    }
    Ok(Staged::new(stage, work))
}

fn settings(from: &Path, to: &Path) -> Result<(), LockError> {
    let Some(text) = files::read_config(&from.join(".npmrc"))? else {
        return Ok(());
    };
    let kept: String = text
        .lines()
        .filter(|line| {
            let key = line.split('=').next().unwrap_or_default().trim();
            KEPT.contains(&key) || key.starts_with("//") || key.ends_with(":registry")
        })
        .flat_map(|line| [line, "\n"])
        .collect();
    files::write(&to.join(".npmrc"), kept.as_bytes())?;
    Ok(())
}
