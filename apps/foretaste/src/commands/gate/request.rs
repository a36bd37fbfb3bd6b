//! `foretaste gate request`

use anyhow::Result;
use foretaste_gate::Settings;
use foretaste_io::{CachePolicy, HttpError};
use serde_json::json;

use super::explain;
use crate::exit::Code;
use crate::printer::Printer;

/// Asks a gate's administrators for a release.
///
/// # Errors
/// The package cannot be read, the gate does not answer, or it has nothing to ask for.
pub(super) fn run(
    settings: &Settings,
    package: (&str, Option<&str>),
    reason: &str,
    flag: Option<&str>,
    printer: Printer,
) -> Result<Code> {
    let (release, request) = explain::place(settings, package, flag, "request")?;
    let http = explain::client();
    let body = json!({"reason": reason});
    let sent = http.post_json(request.cache(CachePolicy::Never), &body);
    let answer = super::serve::runtime()?.block_on(sent);
    answer.map_err(|error| match &error {
        HttpError::NotFound { .. } => anyhow::anyhow!("the gate knows no {release}"),
        HttpError::Transport { .. } => {
            anyhow::anyhow!("{error}\n  hint: is the gate serving? `--url` names another one")
        }
        _ => error.into(),
    })?;
    printer.note(&format!(
        "{release} was asked for; an administrator of the gate decides"
    ));
    Ok(Code::Clear)
}
