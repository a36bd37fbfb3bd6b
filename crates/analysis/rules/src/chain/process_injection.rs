//! # It writes into the memory of processes
//!
//! ## What it finds
//! The functions with which code is put into memory and started (`VirtualAlloc`, `WriteProcessMemory`, `CreateRemoteThread`,
//! `mmap` of executable pages, `ptrace`, `/proc/<pid>/mem`), at install or import time, or several of them together.
//!
//! ## Why it matters
//! Shellcode runs without a file that a scanner could read. The TanStack worm (May 2026) read the tokens of a build out of the
//! memory of its runner.
//!
//! ## Example
//! `ctypes.windll.kernel32.VirtualAlloc(0, len(code), 0x3000, 0x40)`
//!
//! ## What to do
//! Treat the machine as compromised.
//!
//! ## When it is wrong
//! Debuggers and profilers do this when called. Programs that ask the processor for its features with a few instructions do it on
//! every system, and are weighed less.
use foretaste_engine::prelude::*;
use foretaste_model::facts::{FileFacts, UseKind};

declare_rule! {
    ProcessInjection,
    id: "process-injection",
    title: "writes into the memory of processes",
    group: Chain,
    severity: Critical,
    confidence: Medium,
    needs: [Code],
    tags: ["T1055", "T1620"],
    since: "0.1.0",
}

use std::collections::BTreeSet;

const CALLS: &[&str] = &[
    "virtualalloc",
    "virtualprotect",
    "writeprocessmemory",
    "createremotethread",
    "createthread",
    "rtlmovememory",
    "ntcreatethreadex",
    "queueuserapc",
    "openprocess",
    "ntunmapviewofsection",
    "setthreadcontext",
    "resumethread",
    "ptrace",
    "process_vm_readv",
    "memfd_create",
    "minidumpwritedump",
    "prot_exec",
];

/// How a process prepares memory of its own for code.
const IN_ITSELF: &[&str] = &["virtualalloc", "virtualprotect", "prot_exec"];

/// Memory for machine code, named as a constant.
const EXECUTABLE: &str = "mmap.PROT_EXEC";

impl FileRule for ProcessInjection {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let facts = file.facts;
        let mut calls: BTreeSet<&str> = BTreeSet::new();
        let mut first: Option<&Use> = None;
        let mut unnamed = false;
        for used in facts
            .uses
            .iter()
            .filter(|u| u.kind == UseKind::Call || &*u.api == EXECUTABLE)
        {
            let lower = used.api.to_lowercase();
            let named = CALLS.iter().find(|c| {
                lower
                    .rsplit('.')
                    .next()
                    .is_some_and(|last| last.starts_with(*c))
            });
            if let Some(named) = named {
                calls.insert(named);
            } else if used.capability != Capability::ProcessMemory {
                continue;
            } else {
                unnamed = true;
            }
            if first.is_none_or(|f| file.context(used.function) < file.context(f.function)) {
                first = Some(used);
            }
        }
        let of_process = |text: &str| {
            text.contains("Runner.Worker") || (text.starts_with("/proc/") && text.ends_with("/mem"))
        };
        let runner = facts
            .uses
            .iter()
            .find(|u| u.constants.iter().any(|c| of_process(c)));
        let first = first.or(runner);
        let Some(first) = first else {
            return Vec::new();
        };
        let context = file.context(first.function);
        // a handle alone is how one asks whether a process is alive
        let only_asks = calls
            .iter()
            .all(|c| matches!(*c, "openprocess" | "resumethread" | "ptrace"))
            && !unnamed
            && runner.is_none();
        if only_asks || (context > ExecutionContext::Import && calls.len() < 3) {
            return Vec::new();
        }
        let place = file.use_evidence(first, EvidenceRole::Sink, &*first.api);
        let mut finding = self
            .finding(format!(
                "reads or writes the memory of processes {}",
                context.phrase()
            ))
            .context(context)
            .evidence(place);
        // memory for code as both families of systems give it: a program that measures the processor or compiles; what an
        // attacker brings is for one of them
        let portable = calls.contains("prot_exec")
            && calls.contains("virtualalloc")
            && calls.iter().all(|c| IN_ITSELF.contains(c));
        let decoded = calls.contains("prot_exec")
            && context <= ExecutionContext::Import
            && facts.uses.iter().any(|u| u.capability.is_decoder());
        if runner.is_none() && portable {
            finding = finding
                .severity(Severity::High)
                .confidence(Confidence::Medium);
        } else if calls.len() >= 2 || runner.is_some() || decoded {
            finding = finding.confidence(Confidence::High);
        } else if context == ExecutionContext::Import && !brings_code(facts) {
            // memory alone, in a file that neither fetches, decodes nor starts anything: a few instructions in clear
            finding = finding.severity(Severity::High).confidence(Confidence::Low);
        }
        vec![finding]
    }
}

/// True if a file can hold or get a payload for the memory it asks for.
fn brings_code(facts: &FileFacts) -> bool {
    !facts.layers.is_empty()
        || facts.uses.iter().any(|u| {
            u.capability.is_network_source()
                || u.capability.is_network_sink()
                || matches!(
                    u.capability,
                    Capability::DecodeText
                        | Capability::DecodeCompressed
                        | Capability::DecodeCipher
                        | Capability::DecodeObject
                        | Capability::CodeEval
                        | Capability::ProcessShell
                        | Capability::ProcessSpawn
                        | Capability::FileRead
                )
        })
}
