//! # The package grew out of all proportion
//!
//! ## What it finds
//! The unpacked content is several times what it was, and at least `bytes` larger. It weighs only when one code file that
//! runs by itself or at import makes up most of the growth.
//!
//! ## Why it matters
//! Worms carry everything they need: `bundle.js` of Shai-Hulud (3.6 MB), `bun_environment.js` of Shai-Hulud 2 (10 MB),
//! `router_init.js` of the TanStack attack (2.3 MB), each in packages of a few kilobytes.
//!
//! ## Example
//! 12 kB before, 3.6 MB now, and all of it is `bundle.js`.
//!
//! ## What to do
//! Look at the largest new file.
//!
//! ## When it is wrong
//! Packages begin to ship data, bundles or source maps.
use foretaste_engine::prelude::*;

declare_rule! {
    SizeJump,
    id: "size-jump",
    title: "grew out of all proportion",
    group: Change,
    severity: Info,
    confidence: Medium,
    needs: [Change, Code],
    tags: ["T1195.002"],
    options: [
        { "times", 4.0, "", "growth from which it counts" },
        { "bytes", 300_000.0, "bytes", "growth from which it counts" },
    ],
    since: "0.1.0",
}

impl ReleaseRule for SizeJump {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let Some(change) = scene.change.known() else {
            return Vec::new();
        };
        let (before, now) = change.bytes();
        let growth = now.saturating_sub(before);
        if (growth as f64) < scene.option(self.meta(), "bytes")
            || (now as f64) < before.max(1) as f64 * scene.option(self.meta(), "times")
        {
            return Vec::new();
        }
        let kilobytes = |bytes: u64| bytes.div_ceil(1_000);
        let finding = self.finding(format!(
            "grew from {} to {} kB since {}",
            kilobytes(before),
            kilobytes(now),
            change.from
        ));
        let largest = change
            .files
            .iter()
            .max_by_key(|f| f.new_bytes.saturating_sub(f.old_bytes));
        let Some(largest) = largest else {
            return vec![finding];
        };
        let share = largest.new_bytes.saturating_sub(largest.old_bytes);
        let evidence = Evidence::file(
            &largest.artifact,
            &largest.path,
            format!("{} kB of it", kilobytes(share)),
        );
        let code = scene.files().find(|f| {
            f.layer.is_empty()
                && f.path() == &*largest.path
                && matches!(
                    f.facts.language,
                    Language::JavaScript | Language::TypeScript | Language::Python
                )
        });
        let context = code.map(|f| f.worst_context());
        let finding = finding.evidence(evidence);
        vec![match context {
            Some(context) if share * 10 >= growth * 8 && context <= ExecutionContext::Start => {
                finding.severity(Severity::Medium).context(context)
            }
            Some(context) if share * 10 >= growth * 8 => {
                finding.severity(Severity::Low).context(context)
            }
            _ => finding,
        }]
    }
}
