//! cargo: `Cargo.lock`. No build script and no macro runs; the project's own `.cargo/config.toml` is left out, because it
//! may name programs.

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
    let call = Program::new(cargo).args(args.iter().copied());
    stage.resolve("cargo", call).await
}
