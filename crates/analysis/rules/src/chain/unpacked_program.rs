//! # A bundled program is unpacked and started
//!
//! ## What it finds
//! While the package is installed or imported, one function reads a file, decompresses or decrypts it, writes the result
//! to another file and starts what it wrote.
//!
//! ## Why it matters
//! The program comes with the package, so nothing is downloaded and no egress rule sees it; packed in a container of its
//! own, no scanner of binaries sees it either. The releases of jscrambler of July 2026 (npm) carried theirs in a file that
//! was named like a script, first behind a `preinstall`, then in the main file.
//!
//! ## Example
//! ```js
//! fs.writeFileSync(file, zlib.gunzipSync(fs.readFileSync("intro.js")), { mode: 0o755 }); spawn(file, [], { detached: true })
//! ```
//!
//! ## What to do
//! Do not install. Look at what is unpacked.
//!
//! ## When it is wrong
//! Packages that ship a compressed program of their own unpack it once; they seldom start it before anybody asks.
use foretaste_engine::prelude::*;

use crate::code;

declare_rule! {
    UnpackedProgram,
    id: "unpacked-program",
    title: "unpacks a bundled program and starts it",
    group: Chain,
    severity: High,
    confidence: High,
    needs: [Code],
    tags: ["T1027.009", "T1140", "T1204.002"],
    since: "0.1.0",
}

impl FileRule for UnpackedProgram {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let uses = &file.facts.uses;
        let finding = uses.iter().find_map(|unpacks| {
            let context = file.context(unpacks.function);
            if context > ExecutionContext::Import
                || !matches!(
                    unpacks.capability,
                    Capability::DecodeCompressed | Capability::DecodeCipher
                )
            {
                return None;
            }
            let beside = || uses.iter().filter(|u| u.function == unpacks.function);
            let reads = beside().find(|u| u.capability == Capability::FileRead)?;
            let writes = beside().find(|u| u.capability == Capability::FileWrite)?;
            // a command that is written out is not what was unpacked
            let starts = beside().find(|u| {
                code::spawns(u)
                    && u.span.line >= unpacks.span.line
                    && u.constants
                        .first()
                        .is_none_or(|c| c.starts_with("{}") || c.starts_with('…'))
            })?;
            let mut finding = self
                .finding(format!(
                    "unpacks a bundled program and starts it {}",
                    context.phrase()
                ))
                .context(context);
            for (used, role) in [
                (reads, EvidenceRole::Source),
                (unpacks, EvidenceRole::Transform),
                (writes, EvidenceRole::Transform),
                (starts, EvidenceRole::Sink),
            ] {
                finding = finding.evidence(file.use_evidence(used, role, &*used.api));
            }
            Some(finding)
        });
        finding.into_iter().collect()
    }
}
