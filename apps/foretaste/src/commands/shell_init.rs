//! `foretaste shell-init`: shims for package managers, and how a shell finds them first.

use anyhow::{Context, Result, bail};
use foretaste_guard::{Shell, Shims};
use foretaste_io::Environment;

use crate::cli::{ShellInitArgs, ShellKind};
use crate::exit::Code;
use crate::printer::Printer;

/// Runs the command.
///
/// # Errors
/// The shims cannot be written or removed.
pub(crate) fn run(args: &ShellInitArgs, printer: Printer) -> Result<Code> {
    let environment = Environment::of_process();
    let shims = Shims::of_user(&environment)
        .context("no data folder is known on this system; set FORETASTE_DATA_DIR")?;
    let folder = shims.folder();
    if args.remove {
        let told = if shims.remove()? {
            "removed; take `foretaste shell-init` out of the shell's start-up file as well"
        } else {
            "there were none"
        };
        printer.note(&format!("{}: {told}", folder.display()));
        return Ok(Code::Clear);
    }
    if cfg!(windows) {
        bail!(
            "the shims are scripts of a POSIX shell, which Windows does not run\n  hint: `foretaste install -- pip install …` works here"
        );
    }
    let program = std::env::current_exe().context("the path of this program is not known")?;
    shims.write(&program, &environment)?;
    let text = match args.shell {
        _ if args.path => format!("{}\n", folder.display()),
        Some(ShellKind::Bash) => Shell::Bash.hook(folder),
        Some(ShellKind::Zsh) => Shell::Zsh.hook(folder),
        Some(ShellKind::Fish) => Shell::Fish.hook(folder),
        None => String::new(),
    };
    Printer::data(&text)?;
    Ok(Code::Clear)
}
