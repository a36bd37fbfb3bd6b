//! `foretaste gate init`

use std::path::Path;

use anyhow::{Result, bail};
use foretaste_io::files;

use crate::exit::Code;
use crate::printer::Printer;

/// Writes the settings, and says what comes next.
///
/// # Errors
/// The file exists, or cannot be written.
pub(super) fn run(path: &Path, printer: Printer) -> Result<Code> {
    if files::exists(path) {
        bail!("{} exists already, and nothing was written", path.display());
    }
    files::write_atomic(path, foretaste_gate::SAMPLE_SETTINGS.as_bytes())?;
    printer.note(&format!("wrote {}", path.display()));
    Printer::data(
        "Next:\n  foretaste gate serve                                serve it\n  foretaste gate token create ci --may publish        a token for publishing\n  foretaste gate token create me --may admin          a token for the pages at /admin/\n  foretaste gate client pip                           what to tell a client\n",
    )?;
    Ok(Code::Clear)
}
