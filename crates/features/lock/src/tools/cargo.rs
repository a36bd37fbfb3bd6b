//! cargo: `Cargo.lock`. No build script and no macro runs; the project's own `.cargo/config.toml` is left out, because it
//! may name programs. With a minimum age, what is too young is left out: of a lock that is made anew, and of what is added to
//! a present one, whose own versions are kept.

use std::collections::BTreeSet;
use std::path::Path;

use foretaste_io::Program;
use foretaste_io::files;
use foretaste_model::Ecosystem;
use foretaste_project::{Format, Origin};
use foretaste_projects::Project;
use jiff::Timestamp;

use super::{Stage, call_there, program};
use crate::{Exempt, LockError, Locker, Staged, Work};

/// How often what was taken back is looked through again.
const ROUNDS: usize = 4;

/// Source files that are looked for.
const MAX_FILES: usize = 200_000;

pub(crate) async fn lock(
    locker: &Locker,
    work: &Work,
    exempt: &[Exempt],
) -> Result<Staged, LockError> {
    let cargo = program(locker, "cargo", "what Cargo.toml asks for")?;
    let stage = Stage::begin(locker, work, Format::CargoToml)?;
    // cargo wants to see that targets are there, not what is in them
    let tree = foretaste_io::tree(stage.from, MAX_FILES, |name, _| {
        name != "target" && name != ".git"
    })?;
    for (path, _) in tree.files.iter().filter(|(path, _)| path.ends_with(".rs")) {
        files::write(&stage.path().join(path), b"")?;
    }
    locker.keep(work, stage.path())?;
    let has_lock = files::exists(&stage.path().join(work.kind.file()));
    let newest = match locker.newest {
        Some(newest) if knows_publish_time(&cargo).await => Some(newest),
        _ => None,
    };
    let before = locked(&stage, work, locker);
    let call = if has_lock {
        Program::new(&cargo).args(["update", "--workspace", "--quiet"])
    } else {
        anew(&cargo, newest)
    };
    call_there(&stage, call).await?;
    if let Some(newest) = newest {
        if has_lock {
            cool(&cargo, &stage, &before, newest, locker).await?;
        }
        for (name, version) in locked(&stage, work, locker) {
            if exempt.contains(&(Ecosystem::Cargo, name.clone())) {
                let spec = format!("{name}@{version}");
                call_there(&stage, update(&cargo).args(["-p", &spec])).await?;
            }
        }
    }
    Ok(Staged::new(stage.folder, work))
}

/// The packages of registries that the lock in a stage holds, with their versions.
fn locked(stage: &Stage<'_>, work: &Work, locker: &Locker) -> BTreeSet<(String, String)> {
    let path = stage.path().join(work.kind.file());
    let project = Project::of_file(&path, &locker.environment).unwrap_or_default();
    let packages = project.locks.iter().flat_map(|lock| &lock.packages);
    packages
        .filter(|p| matches!(p.origin, Origin::Registry(_)))
        .filter_map(|p| Some((p.name.to_string(), p.version.as_deref()?.to_owned())))
        .collect()
}

/// Takes what came into a present lock back to the newest versions that are old enough: those which a lock made anew has,
/// where they are compatible. What cannot be taken back stays, and is refused.
async fn cool(
    cargo: &Path,
    stage: &Stage<'_>,
    before: &BTreeSet<(String, String)>,
    newest: Timestamp,
    locker: &Locker,
) -> Result<(), LockError> {
    let lock = stage.path().join(stage.work.kind.file());
    let present = files::read(&lock, 256 << 20)?;
    files::remove(&lock)?;
    let call = call_there(stage, anew(cargo, Some(newest))).await;
    let cooled = locked(stage, stage.work, locker);
    files::write(&lock, &present)?;
    call?;
    // what is taken back may bring others
    for _ in 0..ROUNDS {
        let mut moved = false;
        let now = locked(stage, stage.work, locker);
        for (name, version) in now.difference(before) {
            let fits = |(other, old): &&(String, String)| {
                other == name && line(old) == line(version) && old != version
            };
            let Some((_, old)) = cooled.iter().rfind(fits) else {
                continue;
            };
            if cooled.contains(&(name.clone(), version.clone())) {
                continue;
            }
            let spec = format!("{name}@{version}");
            let call = update(cargo).args(["-p", &spec, "--precise", old]);
            moved |= call_there(stage, call).await.is_ok();
        }
        if !moved {
            break;
        }
    }
    Ok(())
}

/// The numbers of a version that cargo keeps together: two versions of one line never stand in one lock.
fn line(version: &str) -> Vec<&str> {
    let numbers = version.split(['-', '+']).next().unwrap_or(version);
    let mut kept = Vec::new();
    for number in numbers.split('.') {
        kept.push(number);
        if number != "0" {
            break;
        }
    }
    kept
}

fn anew(cargo: &Path, newest: Option<Timestamp>) -> Program {
    let call = Program::new(cargo).args(["generate-lockfile", "--quiet"]);
    let Some(newest) = newest else {
        return call;
    };
    let newest = newest.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    // cargo has it in every release and calls it unstable
    call.args(["-Z", "unstable-options", "--publish-time", &newest])
        .env("RUSTC_BOOTSTRAP", "1")
}

fn update(cargo: &Path) -> Program {
    Program::new(cargo).args(["update", "--quiet"])
}

/// Whether this cargo leaves out what was published later than it is told. An older one takes the newest; that is then
/// refused, if it is too young.
async fn knows_publish_time(cargo: &Path) -> bool {
    let help = Program::new(cargo).args(["generate-lockfile", "--help"]);
    help.run()
        .await
        .is_ok_and(|answer| answer.stdout.contains("--publish-time"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_one_line_take_each_others_place() {
        assert_eq!(line("1.4.2"), line("1.0.0-rc.1"));
        assert_eq!(line("0.4.2"), line("0.4.9"));
        assert_ne!(line("0.4.2"), line("0.5.0"));
        assert_ne!(line("1.0.0"), line("2.0.0"));
        assert_ne!(line("0.0.1"), line("0.0.2"));
    }
}
