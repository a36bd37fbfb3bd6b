//! `foretaste rules`: the list of every rule.

use std::fmt::Write as _;

use anyhow::Result;
use foretaste_engine::AnyRule;
use foretaste_model::{RuleGroup, RuleMeta};

use crate::cli::RulesArgs;
use crate::exit::Code;
use crate::printer::Printer;

/// Runs the command.
///
/// # Errors
/// Standard output cannot be written to.
pub(crate) fn run(args: &RulesArgs, printer: Printer) -> Result<Code> {
    let wanted = args.filter.as_deref().unwrap_or("").to_lowercase();
    let fits = |m: &&RuleMeta| {
        m.id.0.contains(&wanted)
            || m.title.to_lowercase().contains(&wanted)
            || m.tags.iter().any(|t| t.to_lowercase() == wanted)
    };
    let rules: Vec<&RuleMeta> = foretaste_rules::all()
        .into_iter()
        .map(AnyRule::meta)
        .filter(fits)
        .collect();
    if args.format == "json" {
        Printer::data(&format!("{}\n", serde_json::to_string_pretty(&rules)?))?;
        return Ok(Code::Clear);
    }
    let width = rules.iter().map(|m| m.id.0.len()).max().unwrap_or(0);
    let mut text = String::new();
    for group in RuleGroup::ALL {
        let members: Vec<_> = rules.iter().filter(|m| m.group == group).collect();
        if members.is_empty() {
            continue;
        }
        writeln!(text, "{}", group.id())?;
        for m in members {
            writeln!(
                text,
                "  {:width$}  {:8}  {}",
                m.id.0,
                m.severity.id(),
                m.title
            )?;
        }
    }
    if text.is_empty() {
        printer.note("no rule fits");
    }
    Printer::data(&text)?;
    Ok(Code::Clear)
}
