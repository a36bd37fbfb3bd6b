//! `foretaste gate backup` and `foretaste gate restore`

use std::path::Path;

use anyhow::Result;
use foretaste_gate::{Saved, Settings};
use foretaste_model::words::counted;

use crate::exit::Code;
use crate::printer::Printer;

/// Copies what cannot be had again.
///
/// # Errors
/// The folder exists, or something cannot be read or written.
pub(super) fn save(settings: &Settings, folder: &Path, printer: Printer) -> Result<Code> {
    let runtime = super::serve::runtime()?;
    let saved = runtime.block_on(foretaste_gate::backup(settings, folder))?;
    tell(saved, &format!("saved to {}", folder.display()), printer);
    Ok(Code::Clear)
}

/// Makes the data folder from a backup.
///
/// # Errors
/// The data folder is in use, or the backup is damaged.
pub(super) fn bring_back(settings: &Settings, folder: &Path, printer: Printer) -> Result<Code> {
    let runtime = super::serve::runtime()?;
    let saved = runtime.block_on(foretaste_gate::restore(folder, settings))?;
    tell(
        saved,
        &format!("restored to {}", settings.data.display()),
        printer,
    );
    Ok(Code::Clear)
}

fn tell(saved: Saved, what: &str, printer: Printer) {
    printer.note(&format!(
        "{what}: the database and {} ({}); public files are fetched again when they are asked for",
        counted(saved.files, "published file"),
        counted(saved.bytes, "byte")
    ));
}
