//! # Brings a runtime along
//!
//! ## What it finds
//! A JavaScript or Python runtime runs that was written in this run.
//!
//! ## Why it matters
//! Worms bring `bun` along so that nothing that watches `node` sees them (Shai-Hulud 2, 2025).
//!
//! ## What to do
//! Install the runtime outside the run, from a source that you chose.
//!
//! ## When it is wrong
//! Version managers and `setup` scripts install runtimes on purpose.

use super::prelude::*;

/// The rule.
pub(super) const RULE: Rule = rule(
    "foreign-runtime",
    "brings a runtime along",
    Verdict::Review,
    &["T1105"],
    test,
);

fn test(at: At<'_>) -> Option<String> {
    let process = at.started()?;
    let name = words::name(&process.program);
    let is_runtime = ["bun", "deno", "node", "python", "python3", "ruby", "php"].contains(&name);
    (is_runtime && at.record.was_written(&process.program)).then(|| words::line(process))
}
