//! `foretaste gate explain`

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use foretaste_gate::Settings;
use foretaste_model::ReleaseId;
use serde_json::Value;

use super::ask::Question;
use crate::exit::Code;
use crate::printer::Printer;

/// Asks a gate why a release is served or not.
///
/// # Errors
/// The package cannot be read, or the gate does not answer.
pub(super) fn run(
    settings: &Settings,
    (package, version): (&str, Option<&str>),
    flag: Option<&str>,
    format: &str,
) -> Result<Code> {
    let question = Question::new(settings, (package, version), flag, "explain")?;
    let answer = question.put(
        None,
        "\n  hint: nothing is fetched for an explanation; is the name the organisation's own, or misspelt?",
    )?;
    let told: Value =
        serde_json::from_slice(&answer.body).context("this is no answer of a gate")?;
    if format == "json" {
        Printer::data(&format!("{told:#}\n"))?;
    } else {
        Printer::data(&human(&told, &question.release))?;
    }
    Ok(Code::Clear)
}

fn human(told: &Value, release: &ReleaseId) -> String {
    let mut out = String::new();
    for file in told["files"].as_array().into_iter().flatten() {
        let decision = &file["decision"];
        let text =
            |value: &Value| foretaste_report::escape::visible(value.as_str().unwrap_or_default());
        let _ = writeln!(
            out,
            "{}  {}  {}  {}",
            release,
            text(&decision["filename"]),
            text(&decision["outcome"]).to_uppercase(),
            text(&decision["id"]),
        );
        for step in decision["path"].as_array().into_iter().flatten() {
            let _ = writeln!(
                out,
                "  {:<11} {}",
                text(&step["check"]),
                text(&step["found"])
            );
        }
        // a verdict that settled it has told its first one
        let told = usize::from(decision["check"] == "verdict");
        for reason in file["reasons"].as_array().into_iter().flatten().skip(told) {
            let _ = writeln!(out, "  {:<11} {}", "also", text(reason));
        }
        if decision["dry_run"] == true {
            out.push_str("  served only because the gate is in dry-run mode\n");
        }
        let advice = text(&decision["advice"]);
        if !advice.is_empty() {
            let _ = writeln!(out, "  do this     {advice}");
        }
    }
    out
}
