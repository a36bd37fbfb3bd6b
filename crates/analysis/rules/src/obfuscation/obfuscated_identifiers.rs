//! # Its names are made unreadable
//!
//! ## What it finds
//! Most identifiers of a file are look-alikes (`lIl1`, `O0O`), `_0x` numbers, mathematical alphabets or long random
//! words, in a file that is not minified for delivery.
//!
//! ## Why it matters
//! Python is not minified. Obfuscators write such names, and people who use them hide something.
//!
//! ## Example
//! `_0x3fa2b1 = lambda _0x11: ...`
//!
//! ## What to do
//! Do not run it to find out.
//!
//! ## When it is wrong
//! Commercial code is sometimes obfuscated. Machine-generated parsers use odd names.
use foretaste_engine::prelude::*;

declare_rule! {
    ObfuscatedIdentifiers,
    id: "obfuscated-identifiers",
    title: "has unreadable names",
    group: Obfuscation,
    severity: High,
    confidence: Medium,
    needs: [Code],
    tags: ["T1027"],
    options: [{ "percent", 40.0, "percent", "share of unreadable identifiers" }],
    since: "0.1.0",
}

impl FileRule for ObfuscatedIdentifiers {
    fn judge(&self, file: &FileView<'_>, scene: &Scene<'_>) -> Vec<Finding> {
        let stats = file.facts.identifiers;
        let odd = stats.not_nfkc.max(stats.confusable) + stats.hex_mangled + stats.random;
        let share = f64::from(odd) * 100.0 / f64::from(stats.total.max(1));
        let alphabets = stats.not_nfkc >= 3;
        if stats.total < 5
            || odd < 4
            || (share < scene.option(self.meta(), "percent") && !alphabets)
        {
            return Vec::new();
        }
        let context = file.worst_context();
        let span = Span::on_line(1, 1, 1);
        vec![
            self.finding(format!(
                "{odd} of {} names are made unreadable",
                stats.total
            ))
            .context(context)
            .evidence(file.evidence(span, EvidenceRole::Site, "unreadable names")),
        ]
    }
}
