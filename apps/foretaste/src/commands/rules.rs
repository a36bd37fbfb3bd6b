//! `foretaste rules`: the list of every rule.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Result;
use foretaste_io::Environment;
use foretaste_model::{RuleGroup, RuleMeta};
use foretaste_report::escape::visible;

use crate::cli::{Global, RulesAction, RulesArgs};
use crate::configuration;
use crate::exit::Code;
use crate::printer::Printer;
use crate::rulebook::Rulebook;

/// Runs the command.
///
/// # Errors
/// Standard output cannot be written to.
pub(crate) fn run(global: &Global, args: &RulesArgs, printer: Printer) -> Result<Code> {
    match &args.action {
        Some(RulesAction::Test { files }) => return test(files),
        Some(RulesAction::Schema) => {
            let schema = foretaste_user_rules::rules_schema();
            Printer::data(&format!("{}\n", serde_json::to_string_pretty(&schema)?))?;
            return Ok(Code::Clear);
        }
        None => {}
    }
    let rulebook = configuration::load(global, &Environment::of_process())?.rulebook;
    let wanted = args.filter.as_deref().unwrap_or("").to_lowercase();
    let fits = |m: &&RuleMeta| {
        m.id.0.contains(&wanted)
            || m.title.to_lowercase().contains(&wanted)
            || m.tags.iter().any(|t| t.to_lowercase() == wanted)
    };
    let rules: Vec<&RuleMeta> = rulebook.metas().into_iter().filter(fits).collect();
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

/// `foretaste rules test`: runs the examples in rule files.
fn test(files: &[PathBuf]) -> Result<Code> {
    let rulebook = Rulebook::load(files, &[])?;
    let results = rulebook.facts().test();
    let mut text = String::new();
    let mut failed = 0;
    for result in &results {
        match &result.failure {
            None => writeln!(text, "ok      {} · {}", result.rule, visible(&result.title))?,
            Some(why) => {
                failed += 1;
                writeln!(
                    text,
                    "FAILED  {} · {}\n        {}",
                    result.rule,
                    visible(&result.title),
                    visible(why)
                )?;
            }
        }
    }
    for rule in rulebook.facts().rules() {
        let id = rule.meta().id.0;
        if !results.iter().any(|r| r.rule == id) {
            writeln!(text, "no case {id}")?;
        }
    }
    writeln!(
        text,
        "\n{} of {} cases hold",
        results.len() - failed,
        results.len()
    )?;
    Printer::data(&text)?;
    Ok(if failed == 0 {
        Code::Clear
    } else {
        Code::Findings
    })
}
