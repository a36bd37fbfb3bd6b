//! # It reaches out of its container
//!
//! ## What it finds
//! At install or import time: a container is made through the socket of the container engine, or a command starts one with the
//! host's root folder or with all rights, or enters the namespaces of process 1.
//!
//! ## Why it matters
//! Builds run in containers so that a bad package reaches little. Whoever can talk to the engine's socket, as many CI jobs can,
//! is root on the machine below. Stealers of 2025 and 2026 (`TeamPCP`'s, in LiteLLM and others) made privileged pods and containers
//! to leave the job.
//!
//! ## Example
//! ```python
//! s.connect("/var/run/docker.sock")
//! s.send(b"POST /containers/create HTTP/1.1 …")
//! ```
//!
//! ## What to do
//! Do not install. If it was installed in a job that had the socket, treat the machine as somebody else's.
//!
//! ## When it is wrong
//! Clients of container engines make containers when they are called; that is not reported.
use foretaste_engine::prelude::*;

use crate::code;

declare_rule! {
    ContainerEscape,
    id: "container-escape",
    title: "reaches out of its container",
    group: Chain,
    severity: Critical,
    confidence: High,
    needs: [Code],
    tags: ["T1611", "T1610"],
    since: "0.1.0",
}

const SOCKETS: &[&str] = &["docker.sock", "podman.sock", "containerd.sock", "crio.sock"];

impl FileRule for ContainerEscape {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let facts = file.facts;
        if !facts.language.is_program_text() {
            return Vec::new();
        }
        let by_itself = |used: &&Use| file.context(used.function) <= ExecutionContext::Import;
        let escapes = facts
            .uses
            .iter()
            .filter(by_itself)
            .find(|u| code::spawns(u) && is_escape(&code::command_line(u)))
            .or_else(|| {
                let names = |any: &[&str]| {
                    let literals = facts.literals.iter().map(|l| &*l.value);
                    let constants = facts.uses.iter().flat_map(|u| &u.constants);
                    literals
                        .chain(constants.map(|c| &**c))
                        .any(|text| any.iter().any(|part| text.contains(part)))
                };
                (names(SOCKETS) && names(&["/containers/create"])).then_some(())?;
                facts.uses.iter().filter(by_itself).find(|u| code::talks(u))
            });
        let Some(used) = escapes else {
            return Vec::new();
        };
        let context = file.context(used.function);
        vec![
            self.finding(format!("reaches out of its container {}", context.phrase()))
                .context(context)
                .evidence(file.use_evidence(used, EvidenceRole::Sink, &*used.api)),
        ]
    }
}

/// True for a command line that gives a container the machine, or enters the machine's namespaces.
fn is_escape(line: &str) -> bool {
    let words: Vec<&str> = code::words(line).collect();
    let program = words.first().copied().map_or("", code::program_name);
    let starts = matches!(program, "docker" | "podman" | "nerdctl")
        && words.iter().any(|w| matches!(*w, "run" | "create"));
    let takes_all = words
        .iter()
        .any(|w| *w == "--privileged" || w.trim_start_matches("--volume=").starts_with("/:/"));
    let enters = program == "nsenter"
        && (line.contains("-t 1 ") || line.contains("--target 1 ") || line.contains("-t1 "));
    (starts && takes_all) || enters
}
