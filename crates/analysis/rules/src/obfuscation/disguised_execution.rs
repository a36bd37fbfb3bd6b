//! # It hides that it executes something
//!
//! ## What it finds
//! `exec`, `eval` or shells reached through reflection, a renamed variable or built-in tables, at install or import time; and
//! imports of modules whose names stand nowhere by a function whose name stands nowhere either.
//!
//! ## Why it matters
//! Writing `getattr(__builtins__, "ex" + "ec")` has one purpose: that a search for `exec` finds nothing.
//!
//! ## Example
//! `color = exec`
//!
//! ## What to do
//! Read what is executed.
//!
//! ## When it is wrong
//! Some templates keep what they execute with in tables of their own. Compatibility layers
//! (`exec_ = getattr(builtins, "exec")`), which keep the name, are left out.
use foretaste_engine::prelude::*;

use foretaste_model::facts::{Resolution, UseKind};

declare_rule! {
    DisguisedExecution,
    id: "disguised-execution",
    title: "hides that it executes something",
    group: Obfuscation,
    severity: High,
    confidence: Low,
    needs: [Code],
    tags: ["T1027", "T1059"],
    since: "0.1.0",
}

/// Columns up to which a line is one that somebody wrote.
const WRITTEN: usize = 300;

/// True if the last name of an API stands where it is used: `const exec = childProcess.exec` hides nothing.
fn names_itself(file: &FileView<'_>, used: &Use) -> bool {
    let name = used.api.rsplit('.').next().unwrap_or(&used.api);
    let line = file.use_evidence(used, EvidenceRole::Site, "").snippet;
    line.len() < WRITTEN
        && line
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .any(|word| word == name)
}

/// True for `exec_ = getattr(builtins, "exec")`: the name that it gets is the one that it had, and a little more.
fn keeps_name(file: &FileView<'_>, used: &Use) -> bool {
    let name = used.api.rsplit('.').next().unwrap_or(&used.api);
    let line = file.use_evidence(used, EvidenceRole::Site, "").snippet;
    let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
    line.len() < WRITTEN && words.any(|word| word != name && word.contains(name))
}

impl FileRule for DisguisedExecution {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        // transpiled classes reach `Function` through prototypes all the time
        let script = matches!(
            file.facts.language,
            Language::JavaScript | Language::TypeScript
        );
        let disguised = |u: &&Use| {
            let ordinary = script && u.resolution == Resolution::Reflected && &*u.api == "Function";
            if ordinary && file.context(u.function) > ExecutionContext::Start {
                return false;
            }
            matches!(u.resolution, Resolution::Rebound | Resolution::Reflected)
                && matches!(
                    u.capability,
                    Capability::CodeEval | Capability::ProcessShell
                )
                && file.context(u.function) <= ExecutionContext::Import
        };
        let mut findings: Vec<Finding> = file
            .facts
            .uses
            .iter()
            .filter(disguised)
            .filter(|u| match u.resolution {
                Resolution::Rebound => !names_itself(file, u),
                // what is executed with it is seen elsewhere
                _ => u.kind == UseKind::Call || !keeps_name(file, u),
            })
            .map(|u| {
                let context = file.context(u.function);
                let how = if u.resolution == Resolution::Rebound {
                    "under another name"
                } else {
                    "through reflection"
                };
                let mut finding = self
                    .finding(format!("reaches `{}` {how} {}", u.api, context.phrase()))
                    .context(context);
                // a function that chooses between `exec` and `eval` has them in a variable of its own
                let chosen = u.resolution == Resolution::Rebound && u.function != 0;
                if context <= ExecutionContext::Start
                    || (!chosen && u.kind == UseKind::Call && u.capability == Capability::CodeEval)
                {
                    finding = finding.confidence(Confidence::Medium);
                }
                finding.evidence(file.use_evidence(
                    u,
                    EvidenceRole::Site,
                    format!("this is {}", u.api),
                ))
            })
            .collect();
        findings.extend(self.hidden_import(file));
        findings.truncate(3);
        findings
    }
}

impl DisguisedExecution {
    /// What imports modules is found under a name that is spelled nowhere, and neither are the modules' names.
    fn hidden_import(self, file: &FileView<'_>) -> Option<Finding> {
        if file.facts.language != Language::Python {
            return None;
        }
        let mut imports = file.facts.uses.iter().filter(|u| {
            u.capability == Capability::CodeImport && u.resolution == Resolution::Reflected
        });
        if imports.clone().any(|u| names_itself(file, u)) {
            return None;
        }
        let used = imports.find(|u| {
            u.kind == UseKind::Call
                && u.constants.is_empty()
                && file.context(u.function) <= ExecutionContext::Import
        })?;
        let context = file.context(used.function);
        Some(
            self.finding(format!(
                "imports modules whose names stand nowhere, through a function whose name stands nowhere, {}",
                context.phrase()
            ))
            .confidence(Confidence::Medium)
            .context(context)
            .evidence(file.use_evidence(
                used,
                EvidenceRole::Site,
                format!("this is {}", used.api),
            )),
        )
    }
}
