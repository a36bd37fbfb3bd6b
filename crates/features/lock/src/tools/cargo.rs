//! cargo: `Cargo.lock`. No build script and no macro runs; the project's own `.cargo/config.toml` is left out, because it
//! may name programs.

use std::time::Duration;

use foretaste_io::Program;
use foretaste_io::files::{self, TemporaryDir};
use foretaste_project::Format;

use super::{copy_manifests, folder, refuse_repositories, said};
use crate::{LockError, Locker, Staged, Work};

/// Source files that are looked for.
const MAX_FILES: usize = 200_000;

pub(crate) async fn lock(locker: &Locker, work: &Work) -> Result<Staged, LockError> {
    let cargo = locker
        .environment
        .which("cargo")
        .ok_or(LockError::NoProgram {
            program: "cargo",
            what: "what Cargo.toml asks for",
        })?;
    let stage = TemporaryDir::new(None)?;
    let from = folder(&work.manifest);
    let manifests = copy_manifests(from, stage.path(), Format::CargoToml, &locker.environment)?;
    refuse_repositories(&manifests)?;
    // cargo wants to see that targets are there, not what is in them
    let tree = foretaste_io::tree(from, MAX_FILES, |name, _| {
        name != "target" && name != ".git"
    })?;
    for (path, _) in tree.files.iter().filter(|(path, _)| path.ends_with(".rs")) {
        files::write(&stage.path().join(path), b"")?;
    }
    locker.keep(work, stage.path())?;
    let has_lock = files::exists(&stage.path().join(work.kind.file()));
    let args: &[&str] = if has_lock {
        &["update", "--workspace", "--quiet"]
    } else {
        &["generate-lockfile", "--quiet"]
    };
    let answer = Program::new(cargo)
        .args(args.iter().copied())
        .dir(stage.path())
        .timeout(Duration::from_mins(5))
        .run()
        .await?;
    if !answer.success {
        return Err(LockError::Refused {
            program: "cargo",
            manifest: work.manifest.clone(),
            said: said(&answer),
        });
    }
    Ok(Staged::new(stage, work))
}
