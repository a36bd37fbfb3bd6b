//! `foretaste gate client`

use anyhow::{Context, Result};
use foretaste_gate::{Client, Settings, ci_steps, configuration};
use std::fmt::Write as _;

use super::url;
use crate::exit::Code;
use crate::printer::Printer;

/// Prints what a client must be told.
///
/// # Errors
/// Standard output cannot be written to.
pub(super) fn run(
    settings: &Settings,
    client: &str,
    flag: Option<&str>,
    token: bool,
    ci: Option<&str>,
) -> Result<Code> {
    let url = url(settings, flag);
    let client = Client::ALL
        .into_iter()
        .find(|c| c.id() == client)
        .context("this client is not known")?;
    let token = token || !settings.access.anonymous_read;
    if let Some(system) = ci {
        Printer::data(&ci_steps(client, &url, token, system))?;
        return Ok(Code::Clear);
    }
    let mut text = String::new();
    for file in configuration(client, &url, token) {
        let _ = write!(text, "# {}\n# {}\n{}\n", file.path, file.remark, file.text);
    }
    Printer::data(text.trim_end())?;
    Printer::data("\n")?;
    Ok(Code::Clear)
}
