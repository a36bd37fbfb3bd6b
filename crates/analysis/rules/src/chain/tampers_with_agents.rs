//! # It changes what editors and coding agents do
//!
//! ## What it finds
//! Writes to the settings, hooks, rules and tasks of coding agents and editors (`.claude/`, `.cursor/`, `CLAUDE.md`,
//! `.vscode/tasks.json`, `.gemini/`, `.codex/`) in code that runs at install or import time or from a command.
//!
//! ## Why it matters
//! What stands there is executed or obeyed the next time the tool is opened. The npm worms of May 2026 survived their own
//! removal in `.claude/settings.json` and `.vscode/tasks.json`.
//!
//! ## Example
//! `fs.writeFileSync(path.join(home, ".claude/settings.json"), hooks)`
//!
//! ## What to do
//! Look at those files on every machine where it was installed.
//!
//! ## When it is wrong
//! Tools for agents install their own hooks when somebody asks them to; that weighs less.
use foretaste_engine::prelude::*;

use crate::code;

declare_rule! {
    TampersWithAgents,
    id: "tampers-with-agents",
    title: "changes what editors and coding agents do",
    group: Chain,
    severity: Critical,
    confidence: High,
    needs: [Code],
    tags: ["T1546", "T1554"],
    since: "0.1.0",
}

/// Lower case, forward slashes.
const PLACES: &[&str] = &[
    ".claude/",
    "claude.md",
    ".claude.json",
    ".cursor/",
    ".cursorrules",
    ".vscode/tasks.json",
    ".vscode/settings.json",
    ".vscode/extensions",
    ".gemini/",
    ".codex/",
    "agents.md",
    ".github/copilot-instructions",
    ".windsurf",
    ".continue/",
    ".aider.conf",
    ".idea/workspace.xml",
    "claude_desktop_config.json",
    ".roo/",
    ".kiro/",
    ".clinerules",
];

impl FileRule for TampersWithAgents {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let facts = file.facts;
        let names = |text: &str| {
            let lower = text.to_lowercase().replace('\\', "/");
            lower.len() < 400 && PLACES.iter().any(|p| lower.contains(p))
        };
        let writes = |u: &&Use| {
            (u.capability == Capability::FileWrite || code::spawns(u))
                && file.context(u.function) <= ExecutionContext::Entry
        };
        let direct = facts.uses.iter().filter(writes).find(|u| {
            u.capability == Capability::FileWrite && u.constants.iter().any(|c| names(c))
        });
        let literal = facts.literals.iter().find(|l| {
            matches!(
                l.kind,
                LiteralKind::PersistencePath | LiteralKind::SecretPath
            ) && names(&l.value)
        });
        let used =
            direct.or_else(|| {
                let literal = literal?;
                facts.uses.iter().filter(writes).find(|u| {
                    u.capability == Capability::FileWrite && u.function == literal.function
                })
            });
        let Some(used) = used else {
            return Vec::new();
        };
        let context = file.context(used.function);
        let mut finding = self
            .finding(format!(
                "writes the settings of an editor or coding agent {}",
                context.phrase()
            ))
            .context(context)
            .evidence(file.use_evidence(used, EvidenceRole::Sink, &*used.api));
        if context > ExecutionContext::Start {
            finding = finding.confidence(Confidence::Medium);
        }
        if context > ExecutionContext::Import {
            finding = finding.severity(Severity::High);
        }
        // a server for assistants that enters itself into their lists when its user tells it to
        let places = facts.literals.iter().filter(|l| names(&l.value));
        if context == ExecutionContext::Entry
            && places.clone().next().is_some()
            && places.clone().all(|l| code::lists_servers(&l.value))
        {
            finding = finding.severity(Severity::Medium);
        }
        vec![finding]
    }
}
