//! # It brings a runtime of its own
//!
//! ## What it finds
//! Code that runs at install or import time and installs Bun, Deno, Node.js or Python to run the rest with it.
//!
//! ## Why it matters
//! Shai-Hulud 2 (November 2025) installed Bun before npm had finished, and ran ten megabytes in it: monitors of Node.js saw
//! nothing.
//!
//! ## Example
//! `curl -fsSL https://bun.example.invalid/install | bash` in `preinstall`
//!
//! ## What to do
//! Look at what is run with it.
//!
//! ## When it is wrong
//! Wrappers that deliver a runtime as an npm package (they bring binaries, not an installer script).
use foretaste_engine::prelude::*;

use crate::code;

declare_rule! {
    RuntimeDownload,
    id: "runtime-download",
    title: "brings its own runtime",
    group: Chain,
    severity: High,
    confidence: High,
    needs: [Code],
    tags: ["T1105", "T1059.007"],
    since: "0.1.0",
}

const INSTALLERS: &[&str] = &[
    "bun.sh/install",
    "bun.com/install",
    "oven-sh/bun/releases",
    "deno.land/install",
    "deno.land/x/install",
    "denoland/deno/releases",
    "nodejs.org/dist",
    "npm install -g bun",
    "npm i -g bun",
    "npm install bun",
    "npm i bun",
    "nvm-sh/nvm",
    "astral.sh/uv/install",
    "pyenv.run",
    "python.org/ftp/python",
    "indygreg/python-build-standalone",
    "astral-sh/python-build-standalone",
    "fnm.vercel.app",
];

/// Where the makers of Node and Python keep their releases: builds of what wraps them fetch one, too.
const RELEASES: &[&str] = &["nodejs.org/dist", "python.org/ftp/python"];

impl FileRule for RuntimeDownload {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let facts = file.facts;
        let named = |text: &str| {
            let lower = text.to_lowercase();
            INSTALLERS.iter().any(|i| lower.contains(i))
        };
        let used = facts
            .uses
            .iter()
            .filter(|u| code::spawns(u) || code::talks(u))
            .find(|u| u.constants.iter().any(|c| named(c)) || named(&code::command_line(u)));
        let (function, named_by, evidence) = if let Some(used) = used {
            (
                used.function,
                used.constants.join(" "),
                file.use_evidence(used, EvidenceRole::Site, &*used.api),
            )
        } else {
            let runs = facts.uses.iter().any(|u| code::spawns(u) || code::talks(u));
            let Some(literal) = facts.literals.iter().find(|l| runs && named(&l.value)) else {
                return Vec::new();
            };
            (
                literal.function,
                literal.value.to_string(),
                file.literal_evidence(literal, "a runtime"),
            )
        };
        let context = file.context(function);
        if context > ExecutionContext::Import {
            return Vec::new();
        }
        let mut finding = self
            .finding(format!(
                "installs a runtime of its own {}",
                context.phrase()
            ))
            .context(context)
            .evidence(evidence);
        let named_by = named_by.to_lowercase();
        let plain = RELEASES.iter().any(|r| named_by.contains(r));
        if plain || context > ExecutionContext::Start {
            finding = finding.confidence(Confidence::Medium);
        }
        vec![finding]
    }
}
