//! # Data that nobody can read is executed
//!
//! ## What it finds
//! Code that evaluates something other than a constant, in a file that carries a long encoded or high-entropy constant, or
//! that reaches `exec` under another name; and `eval` of the name of another built-in. It is what remains when a payload
//! refuses to be decoded statically.
//!
//! ## Why it matters
//! Obfuscators (Hyperion, BlankOBF, Kramer, pyobfuscate, Fernet in `setup.py`) end in one `exec` of something opaque. A
//! quarter of the malicious PyPI families are obfuscated; honest Python is not.
//!
//! ## Example
//! ```python
//! key, blob = "...", "..."; exec("".join(chr(ord(a) ^ ord(b)) for a, b in zip(blob, cycle(key))))
//! ```
//!
//! ## What to do
//! Treat it as malicious until its author explains it.
//!
//! ## When it is wrong
//! Commercial packages obfuscate licence checks, and templates evaluate generated code beside embedded images. On the
//! benign set (200 wheels, 350 npm packages, 470 crates) it fires on none.
use foretaste_engine::prelude::*;
use foretaste_model::facts::{Resolution, UseKind};

declare_rule! {
    UnreadablePayload,
    id: "unreadable-payload",
    title: "executes data that nobody can read",
    group: Obfuscation,
    severity: Critical,
    confidence: Medium,
    needs: [Code],
    tags: ["T1027", "T1059.006"],
    options: [{ "length", 200.0, "characters", "shortest constant that counts as a payload" }],
    since: "0.1.0",
}

/// Lines beyond this length hold data, not code that people wrote.
const LONG_LINE: u32 = 2_000;

impl FileRule for UnreadablePayload {
    fn judge(&self, file: &FileView<'_>, scene: &Scene<'_>) -> Vec<Finding> {
        let facts = file.facts;
        if facts.language != Language::Python || facts.layers.iter().any(|l| l.executed) {
            return Vec::new();
        }
        let names_builtin = facts.uses.iter().find(|u| evaluates_a_name(u));
        let evaluates = |u: &&Use| {
            u.capability == Capability::CodeEval
                && (u.kind == UseKind::Read || !says_what_it_runs(u))
        };
        let Some(used) = names_builtin.or_else(|| {
            facts
                .uses
                .iter()
                .filter(evaluates)
                .min_by_key(|u| file.context(u.function))
        }) else {
            return Vec::new();
        };
        let shortest = scene.option(self.meta(), "length") as u32;
        let payload = facts
            .literals
            .iter()
            .filter(|l| matches!(l.kind, LiteralKind::Encoded | LiteralKind::Opaque))
            .filter(|l| l.length >= shortest)
            .max_by_key(|l| (l.function == used.function, l.length));
        let signs = [
            names_builtin.is_some(),
            facts.uses.iter().any(|u| {
                u.capability == Capability::CodeEval
                    && u.kind == UseKind::Call
                    && u.resolution == Resolution::Rebound
            }),
            payload.is_some_and(|p| p.function == used.function),
            facts.shape.longest_line >= LONG_LINE,
            facts.identifiers.confusable >= 3 || facts.identifiers.not_nfkc >= 3,
            facts.uses.iter().any(|u| {
                u.function == used.function
                    && (u.capability == Capability::DecodeCipher
                        || (u.capability == Capability::DecodeObject && u.api.contains("marshal")))
            }),
        ];
        let signs = signs.iter().filter(|s| **s).count();
        let needed = if payload.is_some() { 1 } else { 2 };
        if signs < needed {
            return Vec::new();
        }
        let context = file.context(used.function);
        let mut finding = self
            .finding(format!(
                "executes data that nobody can read {}",
                context.phrase()
            ))
            .context(context)
            .evidence(file.use_evidence(
                used,
                EvidenceRole::Sink,
                "what is run here stands nowhere in clear",
            ));
        if signs > needed {
            finding = finding.confidence(Confidence::High);
        }
        if let Some(payload) = payload {
            let note = format!("{} characters", payload.length);
            finding = finding.evidence(file.literal_evidence(payload, note));
        }
        vec![finding]
    }
}

/// `eval("exec")`: the only purpose is that a search for `exec(` finds nothing.
fn evaluates_a_name(used: &Use) -> bool {
    used.capability == Capability::CodeEval
        && used.kind == UseKind::Call
        && used.constants.first().is_some_and(|c| {
            matches!(
                c.trim(),
                "eval" | "exec" | "compile" | "__import__" | "getattr"
            )
        })
}

/// True if the code that runs is a constant of the call (`compile`'s mode and file name are none).
fn says_what_it_runs(used: &Use) -> bool {
    used.constants
        .iter()
        .any(|c| !matches!(c.trim(), "" | "exec" | "eval" | "single") && !c.starts_with('<'))
}
