//! `foretaste man`: the manual pages, for packagers.

use anyhow::{Context, Result};
use clap::CommandFactory;
use foretaste_io::files;

use crate::cli::{Cli, ManArgs};
use crate::exit::Code;

/// Runs the command.
///
/// # Errors
/// The folder cannot be written to.
pub(crate) fn run(args: &ManArgs) -> Result<Code> {
    files::create_dir(&args.folder)?;
    let command = Cli::command();
    let pages = std::iter::once((command.clone(), "foretaste".to_owned())).chain(
        command
            .get_subcommands()
            .filter(|c| !c.is_hide_set())
            .map(|c| (c.clone(), format!("foretaste-{}", c.get_name()))),
    );
    for (command, name) in pages {
        let mut page = Vec::new();
        clap_mangen::Man::new(command)
            .title(name.to_uppercase())
            .render(&mut page)
            .context("cannot write a page")?;
        files::write(&args.folder.join(format!("{name}.1")), &page)?;
    }
    Ok(Code::Clear)
}
