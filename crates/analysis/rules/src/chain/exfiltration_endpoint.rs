//! # The code names a place where stolen data is collected
//!
//! ## What it finds
//! A chat webhook, a callback collector, a tunnel or a bare public IP address as a constant, in code that can reach the
//! network and runs at install time, import time or from an entry point; and a program on an anonymous file share or paste
//! site that code names which nobody called.
//!
//! ## Why it matters
//! A quarter of the malicious PyPI families name Discord, Telegram, webhook.site, oastify or ngrok. Packages that offer
//! such services as a feature take the address from their user.
//!
//! ## Example
//! `https://discord.com/api/webhooks/1/abc`
//!
//! ## What to do
//! Look at what is sent there.
//!
//! ## When it is wrong
//! Examples and tests name such hosts; they weigh little.
use foretaste_engine::prelude::*;

use crate::indicators::{self, Destination};

declare_rule! {
    ExfiltrationEndpoint,
    id: "exfiltration-endpoint",
    title: "names a place where stolen data is collected",
    group: Chain,
    severity: High,
    confidence: Medium,
    needs: [Code],
    tags: ["T1567", "T1102"],
    since: "0.1.0",
}

impl FileRule for ExfiltrationEndpoint {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let reaches_out = file
            .facts
            .uses
            .iter()
            .any(|u| u.capability.is_network_sink() || u.capability.is_network_source());
        let spawns = file.facts.uses.iter().any(|u| {
            matches!(
                u.capability,
                Capability::ProcessShell | Capability::ProcessSpawn
            )
        });
        let hides = |literal: &Literal| {
            let mut literals = file.facts.literals.iter();
            literals.any(|l| l.kind == LiteralKind::Encoded && l.span == literal.span)
        };
        let encoded = |l: &Literal| l.kind == LiteralKind::Encoded;
        if !reaches_out && !spawns && !file.facts.literals.iter().any(encoded) {
            return Vec::new();
        }
        // an address that is a default of a function that nobody called yet is no contact
        let reaches_early = file.facts.uses.iter().any(|u| {
            (u.capability.is_network_sink()
                || u.capability.is_network_source()
                || matches!(
                    u.capability,
                    Capability::ProcessShell | Capability::ProcessSpawn | Capability::CodeEval
                ))
                && file.context(u.function) <= ExecutionContext::Import
        });
        let mut findings: Vec<Finding> = Vec::new();
        for literal in &file.facts.literals {
            if !matches!(
                literal.kind,
                LiteralKind::Url
                    | LiteralKind::Host
                    | LiteralKind::IpAddress
                    | LiteralKind::Command
                    | LiteralKind::Token
            ) {
                continue;
            }
            let Some(destination) = destination(literal) else {
                continue;
            };
            let hidden = destination.collects() && hides(literal);
            if !reaches_out && !spawns && !hidden {
                continue;
            }
            let context = file.context(literal.function);
            let early = context <= ExecutionContext::Import;
            // files lie there for anybody; a program that is asked for unasked is another matter
            let asked_unasked = early && reaches_early;
            if !(destination.collects() || asked_unasked) {
                continue;
            }
            let (severity, confidence) = match destination {
                Destination::BareIp if early && reaches_early => {
                    (Severity::High, Confidence::Medium)
                }
                Destination::BareIp => (Severity::Medium, Confidence::Medium),
                // the secret in the URL makes it somebody's own mailbox, whenever the code runs
                Destination::Webhook | Destination::Callback
                    if context <= ExecutionContext::Called
                        && file.facts.nature == FileNature::Source =>
                {
                    (Severity::Critical, Confidence::Certain)
                }
                Destination::Webhook | Destination::Callback => {
                    (Severity::High, Confidence::Medium)
                }
                _ if early => (Severity::High, Confidence::High),
                _ => (Severity::High, Confidence::Medium),
            };
            findings.push(
                self.finding(if hidden {
                    format!("hides the address of {}", destination.phrase())
                } else {
                    format!(
                        "names {} in code that can reach the network",
                        destination.phrase()
                    )
                })
                .severity(severity)
                .confidence(confidence)
                .context(context)
                .evidence(file.literal_evidence(literal, destination.phrase())),
            );
        }
        findings.sort_by_key(|f| f.context);
        findings.truncate(3);
        findings
    }
}

/// The collecting destination that a literal names, whether it is the whole literal or a word of a command line.
fn destination(literal: &Literal) -> Option<Destination> {
    let words = literal
        .value
        .split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`'));
    if literal.kind == LiteralKind::Token && indicators::is_bot_token(&literal.value) {
        return Some(Destination::Webhook);
    }
    words
        .filter_map(indicators::classify)
        .find(|d| d.collects())
        .or_else(|| {
            let place = indicators::classify(&literal.value);
            place.filter(|d| d.drops() && names_a_program(&literal.value))
        })
}

/// True for the address of a file that something runs.
fn names_a_program(url: &str) -> bool {
    const PROGRAMS: &[&str] = &[
        ".bat", ".cmd", ".dll", ".exe", ".jar", ".msi", ".ps1", ".py", ".pyw", ".scr", ".sh",
        ".vbs",
    ];
    let path = url.split(['?', '#']).next().unwrap_or(url).to_lowercase();
    PROGRAMS.iter().any(|ending| path.ends_with(ending))
}
