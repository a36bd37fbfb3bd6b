//! # An obfuscator packed it
//!
//! ## What it finds
//! A file that is the output of a known obfuscator: it signs its work (`# Obfuscated with …`), or its output has a shape
//! of its own (BlankOBF, Hyperion, Kramer, Specter, pyobfuscate.com, PyArmor, the string tables of
//! javascript-obfuscator).
//!
//! ## Why it matters
//! Whoever publishes open source has nothing to hide from its readers. In the research data, stealers are packed with
//! ready-made obfuscators more often than by hand.
//!
//! ## Example
//! ```python
//! # Obfuscated with BlankOBF
//! _____=eval("\145\x76\141\154")
//! ```
//!
//! ## What to do
//! Read the decoded layers, if the report has any. Otherwise do not run it to find out.
//!
//! ## When it is wrong
//! Vendors protect commercial code with PyArmor and the like; ask whether you want to run what nobody can read.
use foretaste_engine::prelude::*;

declare_rule! {
    PackedCode,
    id: "packed-code",
    title: "is the output of an obfuscator",
    group: Obfuscation,
    severity: High,
    confidence: High,
    needs: [Code],
    tags: ["T1027.002"],
    since: "0.1.0",
}

impl FileRule for PackedCode {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for layer in &file.facts.layers {
            let Some(name) = layer.steps.iter().find_map(|s| s.strip_prefix("packer ")) else {
                continue;
            };
            let context = file.context_at(layer.span);
            let mut finding = self
                .finding(format!("is packed by {name} {}", context.phrase()))
                .context(context)
                .evidence(file.evidence(layer.span, EvidenceRole::Site, "the obfuscator's mark"));
            let is_sold = matches!(name, "PyArmor" | "SourceDefender" | "Pyconcrete");
            // a product may guard its code so; an installer has nothing to guard
            if context <= ExecutionContext::Start {
                finding = finding.severity(Severity::Critical);
            } else if is_sold {
                finding = finding.confidence(Confidence::Medium);
            }
            findings.push(finding);
        }
        findings.truncate(3);
        findings
    }
}
