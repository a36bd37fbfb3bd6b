//! # Code or programs are downloaded and run
//!
//! ## What it finds
//! What comes from the network is executed: evaluated as code, loaded as a library, or written to a file that is then
//! started, also from the folder that an archive was unpacked to.
//!
//! ## Why it matters
//! The payload stays outside the registry, can differ for every victim, and changes after vetting. One fifth of the
//! malicious PyPI families work this way; so did the `proc-macro1` build script behind arrayref (crates.io, 2026).
//!
//! ## Example
//! ```python
//! urlretrieve("https://files.example.invalid/a.exe", path); subprocess.Popen(path)
//! ```
//!
//! ## What to do
//! Do not install. If it was installed, treat the machine as compromised.
//!
//! ## When it is wrong
//! Installers of browsers, compilers and models download programs by design, usually when called, from their own domain,
//! with a checksum.
use foretaste_engine::prelude::*;

use crate::{code, indicators};

declare_rule! {
    DownloadAndExecute,
    id: "download-and-execute",
    title: "downloads code and runs it",
    group: Chain,
    severity: Critical,
    confidence: High,
    needs: [Code],
    tags: ["T1105", "T1059", "AV-001"],
    since: "0.1.0",
}

impl ChainRule for DownloadAndExecute {
    fn judge(&self, chain: &Chain<'_>, _scene: &Scene<'_>) -> Option<Finding> {
        let (source, sink) = (chain.source()?, chain.sink()?);
        let context = chain.context();
        // code that is put where an interpreter looks for it needs nobody to start it
        let plants = sink.capability == Capability::FileWrite
            && context <= ExecutionContext::Import
            && chain.flow.link != FlowLink::Scope
            && writes_importable(chain);
        if !source.capability.is_network_source() || !(sink.capability.is_execution() || plants) {
            return None;
        }
        // an answer that says which page to open is no program; a downloaded file that is opened is one
        if chain.flow.link == FlowLink::Data && code::opens_a_page(&sink.api) {
            return None;
        }
        let destination = source
            .constant
            .as_deref()
            .and_then(indicators::classify)
            .filter(|d| d.drops());
        if chain.flow.link == FlowLink::Scope
            && context > ExecutionContext::Import
            && destination.is_none()
        {
            return None;
        }
        let how = if plants {
            "downloads code to where it is imported from"
        } else if sink.capability == Capability::CodeEval {
            "evaluates what it downloads"
        } else {
            "downloads a program and runs it"
        };
        let from = destination.map_or_else(String::new, |d| format!(" from {}", d.phrase()));
        let mut finding = self
            .finding(format!("{how}{from} {}", context.phrase()))
            .context(context);
        // what is downloaded only fills in arguments of a program that is named here
        let fills_in = chain.flow.link == FlowLink::Data
            && sink.capability != Capability::CodeEval
            && sink.constant.as_deref().is_some_and(names_known_tool);
        if fills_in && destination.is_none() {
            finding = finding
                .severity(Severity::High)
                .confidence(Confidence::Medium);
        }
        if chain.flow.link == FlowLink::Scope {
            finding = finding
                .severity(Severity::High)
                .confidence(Confidence::Medium);
        } else if context > ExecutionContext::Import && destination.is_none() {
            // installers of tools do this when they are called; none hides from its reader what it runs
            finding = finding
                .severity(if fills_in || unpacks(chain) {
                    Severity::Medium
                } else if undoes_an_encoding(chain) && sink.capability == Capability::CodeEval {
                    Severity::Critical
                } else {
                    Severity::High
                })
                .confidence(Confidence::Medium);
        }
        // no installer removes the program while it runs, or starts it where nobody sees a file
        let from_memory = match sink.constant.as_deref() {
            Some(command) => starts_open_file(command),
            None => starts_a_number(chain, sink),
        };
        if chain.flow.link != FlowLink::Scope && (from_memory || is_erased(chain, sink)) {
            finding = finding
                .severity(Severity::Critical)
                .confidence(Confidence::High);
        }
        // a worker of a page has neither files nor programs
        if matches!(&*sink.api, "Worker" | "SharedWorker" | "web-worker") && destination.is_none() {
            finding = finding
                .severity(Severity::High)
                .confidence(Confidence::Medium);
        }
        // from where only malware is dropped, followed as data: it does not matter who calls it
        if destination.is_some()
            && chain.flow.link != FlowLink::Scope
            && context <= ExecutionContext::Called
        {
            finding = finding.confidence(Confidence::Certain);
        }
        if from_memory && chain.flow.link != FlowLink::Scope && context <= ExecutionContext::Called
        {
            finding = finding.confidence(Confidence::Certain);
        }
        finding.evidence = chain.evidence(|step| step.api.to_string());
        Some(finding)
    }
}

/// True for a command whose program has no name on any disk.
fn starts_open_file(command: &str) -> bool {
    code::words(command).next().is_some_and(code::is_open_file)
}

/// True for a program that is named by nothing but the number of a file which was made in memory beside it.
fn starts_a_number(chain: &Chain<'_>, sink: &Step) -> bool {
    let mut beside = chain
        .file
        .facts
        .uses
        .iter()
        .filter(|u| u.function == chain.flow.function);
    sink.api.starts_with("os.exec") && beside.any(|u| code::makes_memory_file(&u.api))
}

/// True if the program is removed while it runs.
fn is_erased(chain: &Chain<'_>, sink: &Step) -> bool {
    let mut starts = chain.file.facts.uses.iter().filter(|u| u.span == sink.span);
    starts.any(|u| code::erased_while_running(&chain.file, u).is_some())
}

/// True if what is run lay in an archive: so do the tools that honest programs fetch when they are called.
fn unpacks(chain: &Chain<'_>) -> bool {
    chain
        .transforms()
        .any(|s| s.capability == Capability::ArchiveExtract)
}

/// True if what is downloaded came encoded or enciphered.
fn undoes_an_encoding(chain: &Chain<'_>) -> bool {
    chain.flow.link == FlowLink::Data
        && chain.flow.steps.iter().any(|s| {
            matches!(
                s.capability,
                Capability::DecodeText | Capability::DecodeCipher
            )
        })
}

/// True if the function of a chain writes to where Python imports from.
fn writes_importable(chain: &Chain<'_>) -> bool {
    chain.file.facts.uses.iter().any(|used| {
        used.capability == Capability::FileWrite
            && used.function == chain.flow.function
            && used.constants.iter().any(|c| is_importable(c))
    })
}

/// True for a path below the folder from which Python imports.
fn is_importable(path: &str) -> bool {
    let path = path.replace('\\', "/");
    (path.contains("site-packages/") || path.contains("dist-packages/"))
        && [".py", ".pth"].iter().any(|end| path.ends_with(end))
}

/// True if a command line begins with a program that every developer's machine has.
fn names_known_tool(command: &str) -> bool {
    const TOOLS: &[&str] = &[
        "npm", "npx", "yarn", "pnpm", "git", "pip", "cargo", "docker", "make", "open", "xdg-open",
    ];
    code::words(command)
        .next()
        .is_some_and(|first| TOOLS.contains(&first))
}
