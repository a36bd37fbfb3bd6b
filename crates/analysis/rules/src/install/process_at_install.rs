//! # Programs are started while the package is installed
//!
//! ## What it finds
//! Shells or programs started by `setup.py`, a build backend, an install script or a build script.
//!
//! ## Why it matters
//! It is the other half of install-time attacks, and also how honest packages call compilers. Alone it is information.
//!
//! ## Example
//! `subprocess.check_call(["make"])` in `setup.py`
//!
//! ## What to do
//! Look at the command.
//!
//! ## When it is wrong
//! Compilers, `git describe`, code generators.
use foretaste_engine::prelude::*;
use foretaste_model::facts::UseKind;

use crate::code;

declare_rule! {
    ProcessAtInstall,
    id: "process-at-install",
    title: "starts programs while it is installed",
    group: Install,
    severity: Low,
    confidence: Medium,
    needs: [Code],
    tags: ["T1059"],
    since: "0.1.0",
}

impl FileRule for ProcessAtInstall {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let starts = |u: &&Use| {
            code::spawns(u)
                && file.context(u.function) <= ExecutionContext::Start
                && !is_original(file, u)
        };
        let mut started = file.facts.uses.iter().filter(starts).peekable();
        let Some(first) = started.peek().copied() else {
            return Vec::new();
        };
        let aimless = started.find(|u| code::is_aimless(&code::command_line(u)));
        let used = aimless.unwrap_or(first);
        let context = file.context(used.function);
        let what = used.constants.first().map_or_else(String::new, |c| {
            format!(" (`{}`)", c.chars().take(60).collect::<String>())
        });
        let mut finding = self
            .finding(format!("starts a program{what} {}", context.phrase()))
            .context(context)
            .evidence(file.use_evidence(used, EvidenceRole::Site, &*used.api));
        if aimless.is_some() {
            finding = finding
                .severity(Severity::Medium)
                .confidence(Confidence::High);
        }
        vec![finding]
    }
}

/// True for the call of a function that the file has put something in the place of, with what that was given: somebody else
/// starts the program.
fn is_original(file: &FileView<'_>, used: &Use) -> bool {
    // the replacement itself starts nothing either, nor does who hands the original to it
    let mut all = file.facts.uses.iter();
    let replaced =
        used.kind != UseKind::Call && all.any(|u| u.kind == UseKind::Write && u.api == used.api);
    let passes_on = || {
        used.constants.is_empty()
            && file.facts.flows.iter().any(|flow| {
                let (Some(source), Some(sink)) = (flow.steps.first(), flow.steps.last()) else {
                    return false;
                };
                source.capability == Capability::CodeIntercept
                    && source.api == used.api
                    && sink.api == used.api
                    && sink.span == used.span
            })
    };
    replaced || passes_on()
}
