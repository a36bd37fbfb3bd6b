//! # A program is fetched from a link in the code
//!
//! ## What it finds
//! The URL of a program or script (`.exe`, `.bat`, `.ps1`, `.vbs`, `.scr`, `.msi`, `.dll`, `.jar`, `.apk`) as a constant, in code
//! that reaches the network or starts programs.
//!
//! ## Why it matters
//! Droppers name what they fetch. 7 % of the malicious PyPI families do it in this way.
//!
//! ## Example
//! `URL = "https://files.example.invalid/Update.exe"`
//!
//! ## What to do
//! Look at what becomes of the file.
//!
//! ## When it is wrong
//! Managers of browser drivers and compilers fetch installers from their maker when called; they weigh little.
use foretaste_engine::prelude::*;
use foretaste_model::facts::{FileFacts, UseKind};

use crate::code;
use crate::indicators::{self, Destination};

declare_rule! {
    ProgramLink,
    id: "program-link",
    title: "fetches a program from a link in its code",
    group: Chain,
    severity: High,
    confidence: Medium,
    needs: [Code],
    tags: ["T1105", "T1204.002"],
    since: "0.1.0",
}

const PROGRAMS: &[&str] = &[
    ".exe", ".bat", ".cmd", ".ps1", ".vbs", ".vbe", ".scr", ".msi", ".dll", ".hta", ".pif", ".apk",
    ".jar",
];

impl FileRule for ProgramLink {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let facts = file.facts;
        let fetches = facts
            .uses
            .iter()
            .any(|u| code::talks(u) || u.capability == Capability::NetworkDownload);
        let runs = facts.uses.iter().any(code::spawns);
        // a link that stands at the top of a module is followed when the function that does so is called
        let followed = facts
            .uses
            .iter()
            .filter(|u| code::talks(u) || code::spawns(u))
            .map(|u| file.context(u.function))
            .min();
        // classes name what they call, not in which order: both halves must be there
        let compiled = facts.language == Language::Bytecode && fetches && runs;
        if !(facts.language.is_program_text() && (fetches || runs) || compiled) {
            return Vec::new();
        }
        let mut findings: Vec<Finding> = Vec::new();
        for literal in facts
            .literals
            .iter()
            .filter(|l| matches!(l.kind, LiteralKind::Url | LiteralKind::Command))
        {
            let Some(url) = program_url(&literal.value) else {
                continue;
            };
            let context = file.context(literal.function);
            let dropped = indicators::classify(url).is_some_and(Destination::drops);
            if context > ExecutionContext::Import && !(dropped && runs) && !compiled {
                continue;
            }
            let confidence = if compiled || runs && (dropped || context <= ExecutionContext::Import)
            {
                Confidence::High
            } else {
                Confidence::Medium
            };
            let context = context.max(followed.unwrap_or(context));
            let confidence = if dropped || !checks_digest(facts) {
                confidence
            } else {
                Confidence::Low
            };
            findings.push(
                self.finding(format!("names a program to fetch {}", context.phrase()))
                    .confidence(confidence)
                    .context(context)
                    .evidence(file.literal_evidence(literal, "a program")),
            );
        }
        findings.sort_by_key(|f| f.context);
        findings.truncate(2);
        findings
    }
}

/// True if a file hashes what it fetches and holds a digest to compare it with: whoever controls the link controls nothing.
fn checks_digest(facts: &FileFacts) -> bool {
    let hashes = facts.uses.iter().any(|u| {
        u.kind == UseKind::Call && (u.api.ends_with("sha256") || u.api.ends_with("createHash"))
    });
    let is_digest = |text: &str| text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let literals = facts.literals.iter().map(|l| &*l.value);
    let constants = facts
        .uses
        .iter()
        .flat_map(|u| u.constants.iter().map(|c| &**c));
    hashes && literals.chain(constants).any(is_digest)
}

/// The URL of a program in a text: its path, without query, ends like one.
pub(super) fn program_url(text: &str) -> Option<&str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '(' | ')' | '>' | ',' | ';'))
        .filter_map(|word| word.find("http").map(|at| &word[at..]))
        .find(|word| {
            let Some((_, rest)) = word.split_once("://") else {
                return false;
            };
            let path = rest
                .split(['?', '#'])
                .next()
                .unwrap_or(rest)
                .to_ascii_lowercase();
            path.contains('/') && PROGRAMS.iter().any(|p| path.ends_with(p))
        })
}
