//! # Characters make the code look like something else
//!
//! ## What it finds
//! Bidirectional controls, zero-width characters, hidden data in variation selectors or private-use characters, and
//! identifiers that mix scripts.
//!
//! ## Why it matters
//! Trojan Source (CVE-2021-42574) reorders what a reviewer sees; GlassWorm (2025) hid its whole payload in invisible
//! variation selectors.
//!
//! ## Example
//! An access check after U+202E.
//!
//! ## What to do
//! Look at the file in an editor that shows such characters; the report makes them visible.
//!
//! ## When it is wrong
//! Texts in right-to-left scripts and emoji use some of these honestly; they are left out.
use foretaste_engine::prelude::*;

use foretaste_model::facts::{UnicodeOddity, UnicodeOddityKind};

declare_rule! {
    DeceptiveUnicode,
    id: "deceptive-unicode",
    title: "uses characters that deceive its reader",
    group: Obfuscation,
    severity: High,
    confidence: Medium,
    needs: [Code],
    tags: ["T1027", "T1036"],
    since: "0.1.0",
}

impl FileRule for DeceptiveUnicode {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let code = !matches!(
            file.facts.language,
            Language::Text
                | Language::Data
                | Language::Html
                | Language::Unknown
                | Language::Media
                | Language::Native
        );
        // where names are told apart from texts, a look-alike in a text deceives nobody about what the code does
        let named = file.facts.identifiers.total == 0 || file.facts.identifiers.non_ascii > 0;
        let judge = |oddity: &UnicodeOddity| {
            let (what, severity, confidence) = match oddity.kind {
                UnicodeOddityKind::HiddenData => (
                    "data hidden in invisible characters",
                    Severity::Critical,
                    Confidence::High,
                ),
                UnicodeOddityKind::Bidi if code => (
                    "bidirectional controls in code",
                    Severity::High,
                    Confidence::Medium,
                ),
                UnicodeOddityKind::Homoglyph if code && named => (
                    "look-alike letters in identifiers",
                    Severity::High,
                    Confidence::Low,
                ),
                UnicodeOddityKind::ZeroWidth if code => (
                    "invisible characters in code",
                    Severity::Medium,
                    Confidence::Low,
                ),
                UnicodeOddityKind::ControlSequence => (
                    "terminal control sequences",
                    Severity::Low,
                    Confidence::Medium,
                ),
                _ => return None,
            };
            let context = file.context_at(oddity.span);
            let finding = self
                .finding(format!("{what} ({} times)", oddity.count))
                .severity(severity)
                .confidence(confidence);
            Some(finding.context(context).evidence(file.evidence(
                oddity.span,
                EvidenceRole::Site,
                what,
            )))
        };
        file.facts.unicode.iter().filter_map(judge).collect()
    }
}
