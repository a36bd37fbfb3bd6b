//! `foretaste gate`: a private registry that vets what it lets through.

mod ask;
mod backup;
mod client;
mod explain;
mod init;
mod request;
pub(crate) mod serve;
mod token;

use std::path::Path;

use anyhow::{Context, Result, bail};
use foretaste_gate::Settings;
use foretaste_io::files;

use crate::cli::{GateAction, GateArgs, Global};
use crate::exit::Code;
use crate::printer::Printer;

/// The name that is looked for where nobody names another.
const DEFAULT: &str = "gate.toml";

/// Runs the command.
///
/// # Errors
/// Wrong settings, or whatever the action says.
pub(crate) fn run(global: &Global, args: &GateArgs, printer: Printer) -> Result<Code> {
    match &args.action {
        GateAction::Init => init::run(&args.settings, printer),
        GateAction::Serve { listen } => serve::run(
            global,
            settings(&args.settings)?,
            listen.as_deref(),
            printer,
        ),
        GateAction::Client {
            client,
            url,
            token,
            ci,
        } => client::run(
            &settings(&args.settings)?,
            client,
            url.as_deref(),
            *token,
            ci.as_deref(),
        ),
        GateAction::Explain {
            package,
            version,
            url,
            format,
        } => {
            let settings = settings(&args.settings)?;
            explain::run(
                &settings,
                (package, version.as_deref()),
                url.as_deref(),
                format,
            )
        }
        GateAction::Request {
            package,
            version,
            reason,
            url,
        } => {
            let settings = settings(&args.settings)?;
            request::run(
                &settings,
                (package, version.as_deref()),
                reason,
                url.as_deref(),
                printer,
            )
        }
        GateAction::Backup { folder } => backup::save(&settings(&args.settings)?, folder, printer),
        GateAction::Restore { folder } => {
            backup::bring_back(&settings(&args.settings)?, folder, printer)
        }
        GateAction::Token { action } => token::run(&settings(&args.settings)?, action),
    }
}

/// Reads the settings. Without a file of the usual name, it is the defaults.
pub(crate) fn settings(path: &Path) -> Result<Settings> {
    if !files::is_file(path) {
        if path != Path::new(DEFAULT) {
            bail!(
                "{} does not exist\n  hint: `foretaste gate init --settings {0}` writes it",
                path.display()
            );
        }
        return Ok(Settings::default());
    }
    let text =
        files::read_text(path, files::CONFIG_LIMIT).context("cannot read the gate's settings")?;
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    Ok(Settings::parse(&path.display().to_string(), &text, folder)?)
}

/// Where clients reach the gate.
fn url(settings: &Settings, flag: Option<&str>) -> String {
    let url = flag
        .map(str::to_owned)
        .or_else(|| settings.public_url.clone())
        .unwrap_or_else(|| format!("http://{}", settings.listen));
    url.trim_end_matches('/').to_owned()
}
