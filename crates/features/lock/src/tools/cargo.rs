//! cargo: `Cargo.lock`. No build script and no macro runs; the project's own `.cargo/config.toml` is left out, because it
//! may name programs. With a minimum age, what is too young is left out if the lock is made anew; a present lock keeps its
//! versions, and what is added to it and too young is refused.

use std::path::Path;

use foretaste_io::Program;
use foretaste_io::files;
use foretaste_project::Format;

use super::{Stage, program};
use crate::{LockError, Locker, Staged, Work};

/// Source files that are looked for.
const MAX_FILES: usize = 200_000;

pub(crate) async fn lock(locker: &Locker, work: &Work) -> Result<Staged, LockError> {
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
    let args: &[&str] = if has_lock {
        &["update", "--workspace", "--quiet"]
    } else {
        &["generate-lockfile", "--quiet"]
    };
    let mut call = Program::new(&cargo).args(args.iter().copied());
    if let Some(newest) = locker.newest.filter(|_| !has_lock)
        && knows_publish_time(&cargo).await
    {
        let newest = newest.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        // cargo has it in every release and calls it unstable
        call = call
            .args(["-Z", "unstable-options", "--publish-time", &newest])
            .env("RUSTC_BOOTSTRAP", "1");
    }
    stage.resolve("cargo", call).await
}

/// Whether this cargo leaves out what was published later than it is told. An older one takes the newest; that is then
/// refused, if it is too young.
async fn knows_publish_time(cargo: &Path) -> bool {
    let help = Program::new(cargo).args(["generate-lockfile", "--help"]);
    help.run()
        .await
        .is_ok_and(|answer| answer.stdout.contains("--publish-time"))
}
