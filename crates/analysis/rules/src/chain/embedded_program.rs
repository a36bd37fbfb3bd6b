//! # A program is carried inside the code
//!
//! ## What it finds
//! A constant that is an executable (PE, ELF, Mach-O; as bytes, base64 or hex) in code that also writes files and starts
//! programs.
//!
//! ## Why it matters
//! Nobody reviews a program that stands in a string. Honest packages ship binaries as files, where scanners find them.
//!
//! ## Example
//! `out.write(b64decode("TVqQAAMAAAAEAAAA..."))` and `Popen(out.name)`
//!
//! ## What to do
//! Treat the machine as compromised if it ran.
//!
//! ## When it is wrong
//! Test suites of binary parsers carry small programs, and do not start them. It fires on no benign package of the
//! development set.
use foretaste_engine::prelude::*;

use crate::code;

declare_rule! {
    EmbeddedProgram,
    id: "embedded-program",
    title: "carries a program inside its code and starts it",
    group: Chain,
    severity: Critical,
    confidence: High,
    needs: [Code],
    tags: ["T1027.009", "T1105"],
    since: "0.1.0",
}

/// How base64, hex and escaped bytes of executables begin: PE with the usual headers, ELF, Mach-O.
const HEADS: &[&str] = &[
    "TVqQAAMAAAAE",
    "TVpQAAIAAAAE",
    "TVpAAAEAAAAC",
    "TVoAAAAAAAAA",
    "TVp4AAEAAAAE",
    "TVrl",
    "TVpBUlVIieVI",
    "f0VMRgEBAQ",
    "f0VMRgIBAQ",
    "z/rt/gcAAAE",
    "z/rt/gwAAAE",
    "4d5a90000300000004",
    "4D5A90000300000004",
    "7f454c4602",
    "7f454c4601",
    "7F454C4602",
    "MZ\\x90\\x00\\x03",
    "\\x7fELF\\x02",
    "\\x7fELF\\x01",
    "4d5a41525548",
];
/// A constant below this length holds no program.
const SHORTEST: u32 = 512;

impl FileRule for EmbeddedProgram {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let runs = file.facts.uses.iter().find(|u| {
            code::spawns(u)
                || matches!(
                    u.capability,
                    Capability::CodeNative | Capability::ProcessMemory
                )
        });
        let (Some(runs), true) = (runs, file.facts.language.is_program_text()) else {
            return Vec::new();
        };
        let literal = file
            .facts
            .literals
            .iter()
            .find(|l| l.length >= SHORTEST && HEADS.iter().any(|h| l.value.starts_with(h)));
        let layer = file
            .facts
            .layers
            .iter()
            .find(|l| l.facts.language == Language::Native);
        let place = match (literal, layer) {
            (Some(literal), _) => file.literal_evidence(literal, "a program"),
            (None, Some(layer)) => file.evidence(layer.span, EvidenceRole::Source, "a program"),
            (None, None) => return Vec::new(),
        };
        let context = file.context(runs.function);
        vec![
            self.finding(format!(
                "carries a program inside its code and starts programs {}",
                context.phrase()
            ))
            .context(context)
            .evidence(place)
            .evidence(file.use_evidence(runs, EvidenceRole::Sink, &*runs.api)),
        ]
    }
}
