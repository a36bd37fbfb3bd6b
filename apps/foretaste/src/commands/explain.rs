//! `foretaste explain`: what a rule finds, why it matters and what to do.

use std::fmt::Write as _;

use anyhow::{Result, bail};
use foretaste_io::Environment;

use crate::cli::{ExplainArgs, Global};
use crate::configuration;
use crate::exit::Code;
use crate::printer::Printer;
use crate::rulebook::Rulebook;

/// Runs the command.
///
/// # Errors
/// There is no such rule; near ones are named.
pub(crate) fn run(global: &Global, args: &ExplainArgs) -> Result<Code> {
    let id = args.rule.trim();
    let rulebook = configuration::load(global, &Environment::of_process())?.rulebook;
    let (Some(page), Some(meta)) = (rulebook.page(id), rulebook.meta(id)) else {
        bail!("there is no rule `{id}`{}", near(id, &rulebook));
    };
    let mut text = String::new();
    writeln!(text, "{}", page.trim_end())?;
    writeln!(text, "\n## Facts\n")?;
    writeln!(
        text,
        "- id: `{}`, group: {}, since {}",
        meta.id,
        meta.group.id(),
        meta.since
    )?;
    writeln!(
        text,
        "- severity: {}, confidence: {} (context may change both)",
        meta.severity.id(),
        meta.confidence.id()
    )?;
    if !meta.tags.is_empty() {
        writeln!(text, "- tags: {}", meta.tags.join(", "))?;
    }
    for option in meta.options {
        let unit = if option.unit.is_empty() {
            String::new()
        } else {
            format!(" {}", option.unit)
        };
        writeln!(
            text,
            "- option `{}` = {}{unit}: {}",
            option.name, option.default, option.help
        )?;
    }
    Printer::data(&text)?;
    Ok(Code::Clear)
}

fn near(id: &str, rulebook: &Rulebook) -> String {
    let mut candidates: Vec<(usize, &str)> = rulebook
        .metas()
        .into_iter()
        .map(|meta| meta.id.0)
        .map(|known| (strsim::damerau_levenshtein(id, known), known))
        .filter(|(distance, known)| *distance <= 4 || known.contains(id))
        .collect();
    candidates.sort_unstable();
    match candidates.first() {
        Some((_, known)) => format!("\n  hint: did you mean `{known}`?"),
        None => "\n  hint: `foretaste rules` lists them".to_owned(),
    }
}
