//! # It makes the victim's coding agent work for it
//!
//! ## What it finds
//! Command lines that start a coding agent (`claude`, `gemini`, `q`, `codex`, `cursor-agent`) with a prompt, above all with its
//! safety questions switched off, in code that runs at install or import time.
//!
//! ## Why it matters
//! In the nx attack (August 2025) the payload asked the local agents, with `--dangerously-skip-permissions` and `--yolo`, to
//! search the disk for secrets: the search itself was no code that a scanner could see.
//!
//! ## Example
//! `execSync("claude --dangerously-skip-permissions -p '...'")`
//!
//! ## What to do
//! Do not install. Treat it as a theft of every secret the agent could read.
//!
//! ## When it is wrong
//! Programs that drive agents do so when called; that weighs little.
use foretaste_engine::prelude::*;

use crate::code;

declare_rule! {
    AiCliAbuse,
    id: "ai-cli-abuse",
    title: "makes a coding agent work for it",
    group: Chain,
    severity: Critical,
    confidence: High,
    needs: [Code],
    tags: ["T1059", "T1218"],
    since: "0.1.0",
}

const AGENTS: &[&str] = &[
    "claude",
    "gemini",
    "codex",
    "q",
    "cursor-agent",
    "aider",
    "copilot",
    "opencode",
    "goose",
    "amp",
];
const UNASKED: &[&str] = &[
    "--dangerously-skip-permissions",
    "--yolo",
    "--trust-all-tools",
    "--dangerously-bypass-approvals-and-sandbox",
    "--allow-all-tools",
    "--full-auto",
    "--approval-mode=yolo",
];
const PROMPTS: &[&str] = &[
    "-p",
    "--prompt",
    "--print",
    "exec",
    "chat",
    "--message",
    "run",
];

impl FileRule for AiCliAbuse {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let facts = file.facts;
        let mut findings = Vec::new();
        for used in facts.uses.iter().filter(|u| code::spawns(u)) {
            let line = code::command_line(used);
            let words: Vec<&str> = code::words(&line).collect();
            let unasked = words.iter().any(|w| UNASKED.contains(w));
            let prompted = words
                .first()
                .is_some_and(|w| AGENTS.contains(&w.rsplit('/').next().unwrap_or(w)))
                && words.iter().skip(1).take(3).any(|w| PROMPTS.contains(w));
            let context = file.context(used.function);
            if !(unasked || (prompted && context <= ExecutionContext::Import)) {
                continue;
            }
            let mut finding = self
                .finding(format!(
                    "starts a coding agent with a task {}",
                    context.phrase()
                ))
                .context(context)
                .evidence(file.use_evidence(
                    used,
                    EvidenceRole::Sink,
                    line.chars().take(80).collect::<String>(),
                ));
            if !unasked || context > ExecutionContext::Import {
                finding = finding
                    .severity(Severity::High)
                    .confidence(Confidence::Medium);
            }
            findings.push(finding);
        }
        // the flags stand in a list from which the command is built
        if findings.is_empty()
            && let Some(used) = facts
                .uses
                .iter()
                .find(|u| code::spawns(u) && file.context(u.function) <= ExecutionContext::Import)
            && let Some(literal) = facts
                .literals
                .iter()
                .find(|l| UNASKED.iter().any(|f| l.value.contains(f)))
        {
            let context = file.context(used.function);
            findings.push(
                self.finding(format!(
                    "starts a coding agent with a task {}",
                    context.phrase()
                ))
                .context(context)
                .confidence(Confidence::Medium)
                .evidence(file.literal_evidence(literal, "no questions asked")),
            );
        }
        findings.truncate(3);
        findings
    }
}
