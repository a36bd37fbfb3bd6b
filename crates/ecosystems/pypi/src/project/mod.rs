//! What Python projects say about their dependencies: one file for each format.

mod conda;
mod decode;
mod link;
mod marker;
mod pdm_lock;
mod pipfile;
mod pipfile_lock;
mod poetry;
mod poetry_lock;
mod pylock;
mod pyproject;
mod requirements;
mod setup_cfg;
mod spec;
mod toml_doc;
mod uv_lock;

use foretaste_project::{Format, Input, Reader, Reading};

/// Every format.
pub const READERS: &[Reader] = &[
    reader(
        Format::Requirements,
        requirements::matches,
        requirements::read,
    ),
    reader(
        Format::Pyproject,
        |p| file_name(p) == "pyproject.toml",
        pyproject::read,
    ),
    reader(
        Format::SetupCfg,
        |p| file_name(p) == "setup.cfg",
        setup_cfg::read,
    ),
    reader(
        Format::Pipfile,
        |p| file_name(p) == "Pipfile",
        pipfile::read,
    ),
    reader(Format::CondaEnvironment, conda::matches, conda::read),
    reader(
        Format::PoetryLock,
        |p| file_name(p) == "poetry.lock",
        poetry_lock::read,
    ),
    reader(
        Format::PipfileLock,
        |p| file_name(p) == "Pipfile.lock",
        pipfile_lock::read,
    ),
    reader(
        Format::PdmLock,
        |p| file_name(p) == "pdm.lock",
        pdm_lock::read,
    ),
    reader(Format::UvLock, |p| file_name(p) == "uv.lock", uv_lock::read),
    reader(Format::Pylock, pylock::matches, pylock::read),
];

const fn reader(
    format: Format,
    matches: fn(&str) -> bool,
    read: fn(&Input<'_>) -> Reading,
) -> Reader {
    Reader {
        format,
        matches,
        read,
    }
}

/// The name of a file without its folders.
fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
