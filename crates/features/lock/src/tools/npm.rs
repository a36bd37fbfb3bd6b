//! npm: `package-lock.json`, without scripts and without git.

use std::path::Path;

use foretaste_io::Program;
use foretaste_io::files;
use foretaste_project::Format;

use super::{Stage, program};
use crate::{LockError, Locker, Staged, Work};

/// Settings of a project's `.npmrc` that say where packages come from. Others may name programs.
const KEPT: &[&str] = &["registry", "strict-ssl", "cafile", "proxy", "https-proxy"];

pub(crate) async fn lock(locker: &Locker, work: &Work) -> Result<Staged, LockError> {
    let npm = program(locker, "npm", "what package.json asks for")?;
    let stage = Stage::begin(locker, work, Format::PackageJson)?;
    settings(stage.from, stage.path())?;
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
    stage.resolve(Program::new(npm).args(args)).await
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
