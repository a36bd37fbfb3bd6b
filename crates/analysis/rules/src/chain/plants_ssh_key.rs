//! # It lets in whoever holds its own SSH key
//!
//! ## What it finds
//! A package that carries a public key of SSH in its code and writes to `authorized_keys`: at install or import time, in a
//! constructor, or when it is called.
//!
//! ## Why it matters
//! Whoever holds the other half of the key can log in from then on, long after the package is gone. Copies of a client of
//! Telegram (npm, April 2025) did it in the constructor of the bot, on Linux, where servers run.
//!
//! ## Example
//! ```js
//! fs.appendFileSync(path.join(os.homedir(), ".ssh/authorized_keys"), "ssh-ed25519 AAAAC3Nz… bot\n");
//! ```
//!
//! ## What to do
//! Do not install. If it was installed, look through `authorized_keys` of every account and remove the line.
//!
//! ## When it is wrong
//! Tools that set up machines write keys that their user gives them, and are not reported. One that carries a key of its
//! maker's, for support, does what this rule says.
use foretaste_engine::prelude::*;

use crate::code;

declare_rule! {
    PlantsSshKey,
    id: "plants-ssh-key",
    title: "lets in whoever holds its own SSH key",
    group: Chain,
    severity: Critical,
    confidence: High,
    needs: [Code],
    tags: ["T1098.004"],
    since: "0.1.0",
}

/// Where SSH looks up who is let in.
const DOOR: &str = "authorized_keys";

impl FileRule for PlantsSshKey {
    fn judge(&self, file: &FileView<'_>, scene: &Scene<'_>) -> Vec<Finding> {
        let writes = |used: &&Use| match used.capability {
            Capability::FileWrite => true,
            Capability::ProcessShell | Capability::ProcessSpawn => {
                appends(&code::command_line(used))
            }
            _ => false,
        };
        let names = |used: &Use| {
            used.constants.iter().any(|c| c.contains(DOOR))
                || file
                    .facts
                    .literals
                    .iter()
                    .any(|l| l.function == used.function && l.value.contains(DOOR))
        };
        let written = file.facts.uses.iter().filter(writes).find(|u| names(u));
        let Some(written) = written else {
            return Vec::new();
        };
        let context = file.context(written.function);
        if context > ExecutionContext::Called {
            return Vec::new();
        }
        let Some(key) = own_key(file).or_else(|| {
            let mut others = scene.files().filter(|other| {
                std::ptr::eq(other.artifact, file.artifact) && other.path() != file.path()
            });
            others.find_map(|other| own_key(&other))
        }) else {
            return Vec::new();
        };
        let mut finding = self
            .finding(format!(
                "adds an SSH key of its own to those that are let in {}",
                context.phrase()
            ))
            .context(context)
            .evidence(key)
            .evidence(file.use_evidence(written, EvidenceRole::Sink, DOOR));
        // whoever uses the package at all makes one of its objects
        if context > ExecutionContext::Import
            && code::is_reached_by_a_constructor(file, written.function)
        {
            finding = finding.confidence(Confidence::Certain);
        }
        vec![finding]
    }
}

/// The first public key that stands in the code of a file.
fn own_key(file: &FileView<'_>) -> Option<Evidence> {
    let key = file.facts.literals.iter().find(|l| {
        l.kind == LiteralKind::PublicKey && file.context(l.function) <= ExecutionContext::Called
    })?;
    file.facts
        .language
        .is_program_text()
        .then(|| file.literal_evidence(key, "a public key of its own"))
}

/// True for a command line that writes to a file.
fn appends(line: &str) -> bool {
    line.contains('>') || line.contains("tee ")
}
