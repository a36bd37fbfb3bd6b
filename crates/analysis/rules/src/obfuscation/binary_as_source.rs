//! # A file named as source code holds binary data
//!
//! ## What it finds
//! A file whose name says that it is a program's text (`.py`, `.js`, `.rb`, `.php`) and whose content is none in any encoding:
//! a tenth of its bytes or more are invalid, and control characters stand everywhere.
//!
//! ## Why it matters
//! Nobody opens one module among fifty, and scanners that read text pass over it. In copies of a cryptographic library on PyPI
//! a program for Windows lay enciphered in `utilities.py`; the package deciphered it, wrote it out and started it.
//!
//! ## Example
//! `utilities.py` of 350,000 bytes that no interpreter can read, beside a module that opens it with `"rb"`
//!
//! ## What to do
//! Look at what opens the file. Honest packages name their data as data.
//!
//! ## When it is wrong
//! A file that was damaged, or that a repository keeps enciphered and that was published so, is useless rather than dangerous.
//! Broken files among tests weigh less.
use foretaste_engine::is_test_path;
use foretaste_engine::prelude::*;

use foretaste_model::facts::UnicodeOddityKind;

declare_rule! {
    BinaryAsSource,
    id: "binary-as-source",
    title: "holds binary data in a file named as source code",
    group: Obfuscation,
    severity: High,
    confidence: High,
    needs: [Code],
    tags: ["T1027.009", "T1036.008"],
    options: [{ "bytes", 2000.0, "bytes", "shortest file that counts: shorter ones are what tests of decoders hold" }],
    since: "0.1.0",
}

impl FileRule for BinaryAsSource {
    fn judge(&self, file: &FileView<'_>, scene: &Scene<'_>) -> Vec<Finding> {
        let (facts, shape) = (file.facts, &file.facts.shape);
        // `.ts` is the ending of videos, too
        let named_as_source = matches!(
            facts.language,
            Language::Python | Language::JavaScript | Language::Ruby | Language::Php
        );
        let shortest = scene.option(self.meta(), "bytes") as u64;
        if !file.layer.is_empty() || !named_as_source || shape.bytes < shortest {
            return Vec::new();
        }
        let control = facts
            .unicode
            .iter()
            .filter(|o| o.kind == UnicodeOddityKind::ControlSequence)
            .map(|o| u64::from(o.count))
            .sum::<u64>();
        let is_text =
            u64::from(shape.invalid_bytes) * 10 < shape.bytes || control * 400 < shape.bytes;
        if is_text {
            return Vec::new();
        }
        let finding = self
            .finding(format!(
                "holds {} bytes of binary data in a file named as source code",
                shape.bytes
            ))
            .evidence(file.evidence(
                Span::default(),
                EvidenceRole::Site,
                format!(
                    "{} bytes are invalid in {}",
                    shape.invalid_bytes, shape.encoding
                ),
            ));
        vec![if is_test_path(file.path()) {
            finding.confidence(Confidence::Low)
        } else {
            finding
        }]
    }
}
