//! # It spreads through the packages of whoever installs it
//!
//! ## What it finds
//! Code that publishes to a package registry, next to code that looks for publishing tokens, rewrites a manifest or lists the
//! packages of an account: two of these besides the publishing at install or import time, all of them elsewhere; and code that
//! rewrites its manifest and publishes it again and again.
//!
//! ## Why it matters
//! Shai-Hulud (npm, September and November 2025) and its successors of 2026 searched for tokens, added themselves to every
//! package those tokens could publish, and did so in hundreds of packages within hours.
//!
//! ## Example
//! `npm whoami`, a changed `package.json`, `npm publish`
//!
//! ## What to do
//! Do not install. If it ran, revoke every registry token of that machine, and look for releases that nobody made.
//!
//! ## When it is wrong
//! Release tools read tokens and publish, as commands that somebody runs; they do not list an account's packages.
use foretaste_engine::prelude::*;

use crate::code;

declare_rule! {
    SelfPropagation,
    id: "self-propagation",
    title: "publishes itself in other packages",
    group: Chain,
    severity: Critical,
    confidence: High,
    needs: [Code],
    tags: ["T1195.002", "T1080"],
    since: "0.1.0",
}

use foretaste_model::facts::{Callee, UseKind};

/// What a worm does besides publishing.
const TOKENS: &[&str] = &[
    "npm_token",
    "node_auth_token",
    "npm_config__authtoken",
    "twine_password",
    "pypi_token",
    "pypi_api_token",
    "cargo_registry_token",
    "gem_host_api_key",
];

impl FileRule for SelfPropagation {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let facts = file.facts;
        let publishes = facts
            .uses
            .iter()
            .find(|u| code::spawns(u) && is_publish(&code::command_line(u)));
        let publishes = publishes.or_else(|| {
            facts
                .uses
                .iter()
                .find(|u| u.capability == Capability::PackageInstall && u.api.contains("publish"))
        });
        let Some(publishes) = publishes else {
            return Vec::new();
        };
        let token_use = facts.uses.iter().find(|u| {
            (u.capability == Capability::EnvironmentRead
                && u.constants
                    .iter()
                    .any(|c| TOKENS.contains(&c.to_lowercase().as_str())))
                || (code::spawns(u)
                    && ["npm whoami", "npm token", "npm config get"]
                        .iter()
                        .any(|c| code::command_line(u).contains(c)))
        });
        let token_path = facts.literals.iter().find(|l| {
            l.kind == LiteralKind::SecretPath
                && [
                    ".npmrc",
                    ".pypirc",
                    ".cargo/credentials",
                    ".gem/credentials",
                ]
                .iter()
                .any(|p| l.value.contains(p))
        });
        let rewrites = facts.uses.iter().find(|u| {
            u.capability == Capability::FileWrite
                && u.kind == UseKind::Call
                && u.constants.iter().any(|c| {
                    ["package.json", "setup.py", "pyproject.toml", "cargo.toml"]
                        .iter()
                        .any(|m| c.to_lowercase().ends_with(m))
                })
        });
        let lists = facts
            .literals
            .iter()
            .any(|l| l.value.contains("text=maintainer:") || l.value.contains("/-/user/"))
            || facts.uses.iter().any(|u| {
                let line = code::command_line(u);
                code::spawns(u)
                    && (line.contains("npm access list")
                        || line.contains("npm search")
                        || line.contains("npm owner ls"))
            });
        let signs = usize::from(token_use.is_some() || token_path.is_some())
            + usize::from(rewrites.is_some())
            + usize::from(lists);
        let context = file.context(publishes.function);
        let needed = if context <= ExecutionContext::Import {
            1
        } else {
            3
        };
        let again = || {
            rewrites.is_some_and(|r| r.function == publishes.function)
                && publishes_again(file, publishes.function)
        };
        if signs < needed {
            if context > ExecutionContext::Called || !again() {
                return Vec::new();
            }
            // a release is published once: what fills a registry does so as often as it can
            let finding = self
                .finding(format!(
                    "rewrites its manifest and publishes it, again and again, {}",
                    context.phrase()
                ))
                .severity(Severity::High)
                .confidence(Confidence::Medium)
                .context(context);
            return vec![finding.evidence(file.use_evidence(
                publishes,
                EvidenceRole::Sink,
                "publishes",
            ))];
        }
        let mut finding = self
            .finding(format!(
                "publishes packages with the tokens it finds {}",
                context.phrase()
            ))
            .context(context);
        if signs == 1 {
            finding = finding.confidence(Confidence::Medium);
        }
        for used in [token_use, rewrites].into_iter().flatten() {
            finding = finding.evidence(file.use_evidence(used, EvidenceRole::Source, &*used.api));
        }
        if let Some(literal) = token_path {
            finding =
                finding.evidence(file.literal_evidence(literal, "publishing tokens are kept here"));
        }
        vec![finding.evidence(file.use_evidence(publishes, EvidenceRole::Sink, "publishes"))]
    }
}

/// True if a timer starts, over and over, the function that publishes, or what calls it waits for one between two calls.
fn publishes_again(file: &FileView<'_>, publisher: u32) -> bool {
    let functions = &file.facts.functions;
    functions.iter().enumerate().any(|(at, f)| {
        let calls = |function: u32| f.calls.contains(&Callee::Local(function));
        // `await new Promise(done => setTimeout(done, …))`
        let waits = |function: u32| {
            let inner = functions.get(function as usize);
            inner.is_some_and(|i| i.parent == Some(at as u32) && i.calls.is_empty())
        };
        let mut timers = file
            .facts
            .uses
            .iter()
            .filter(|u| u.capability == Capability::Time);
        calls(publisher)
            && timers.any(|u| match &*u.api {
                "setInterval" => u.function as usize == at,
                "setTimeout" => {
                    (u.function as usize == at && calls(at as u32)) || waits(u.function)
                }
                _ => false,
            })
    })
}

fn is_publish(line: &str) -> bool {
    [
        "npm publish",
        "yarn publish",
        "pnpm publish",
        "bun publish",
        "twine upload",
        "cargo publish",
        "gem push",
        "yarn npm publish",
        "uv publish",
        "poetry publish",
    ]
    .iter()
    .any(|c| line.contains(c))
}
