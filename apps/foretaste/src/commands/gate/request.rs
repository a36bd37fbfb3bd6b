//! `foretaste gate request`

use anyhow::Result;
use foretaste_gate::Settings;
use serde_json::json;

use super::ask::Question;
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
    let question = Question::new(settings, package, flag, "request")?;
    question.put(Some(&json!({"reason": reason})), "")?;
    printer.note(&format!(
        "{} was asked for; an administrator of the gate decides",
        question.release
    ));
    Ok(Code::Clear)
}
