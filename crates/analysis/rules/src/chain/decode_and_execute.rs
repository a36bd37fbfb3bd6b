//! # Hidden text is decoded and executed
//!
//! ## What it finds
//! A constant is decoded, decompressed or decrypted, and the result is executed as code.
//!
//! ## Why it matters
//! Honest source code has no reason to hide itself from its reader. One fifth of the malicious PyPI families do.
//!
//! ## Example
//! ```python
//! exec(base64.b64decode("aW1wb3J0IG9z..."))
//! ```
//!
//! ## What to do
//! Look at the decoded layer in the report. Do not run it.
//!
//! ## When it is wrong
//! Self-extracting scripts (such as `get-pip.py`) carry archives in this way; they say so, and run only when called.
use foretaste_engine::is_hidden;
use foretaste_engine::prelude::*;
use foretaste_model::facts::{BinaryFormat, Layer};

use crate::code;

declare_rule! {
    DecodeAndExecute,
    id: "decode-and-execute",
    title: "decodes hidden text and runs it",
    group: Chain,
    severity: Critical,
    confidence: High,
    needs: [Code],
    tags: ["T1027", "T1140", "T1059"],
    since: "0.1.0",
}

/// WebAssembly is always carried as data: it is instantiated, not evaluated, and reaches nothing but what it is given.
fn is_wasm(file: &FileView<'_>, layer: &Layer) -> bool {
    let instantiated = file.facts.uses.iter().any(|u| {
        u.capability == Capability::CodeWasm
            && u.span.line <= layer.span.line
            && layer.span.end_line <= u.span.end_line
    });
    instantiated
        || layer
            .facts
            .binary
            .as_ref()
            .is_some_and(|b| b.format == BinaryFormat::Wasm)
}

/// True if what is decoded at a place and evaluated there is known, and only says what a value is.
fn is_value(file: &FileView<'_>, sink: &Step) -> bool {
    let mut here = file
        .facts
        .layers
        .iter()
        .filter(|l| l.span == sink.span)
        .peekable();
    here.peek().is_some() && here.all(|l| !l.executed)
}

impl FileRule for DecodeAndExecute {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for layer in file
            .facts
            .layers
            .iter()
            .filter(|l| l.executed && is_hidden(l) && !is_wasm(file, l))
        {
            let context = file.context_at(layer.span);
            let steps = layer.steps.join(", ");
            let message = format!(
                "runs code that it hides from its reader ({steps}) {}",
                context.phrase()
            );
            findings.push(
                self.finding(message)
                    .context(context)
                    .evidence(file.evidence(layer.span, EvidenceRole::Site, "hidden code")),
            );
        }
        for chain in file.chains() {
            let flow = chain.flow;
            let decodes = flow
                .steps
                .iter()
                .any(|s| s.role != StepRole::Sink && s.capability.is_decoder());
            let fetched = flow
                .steps
                .iter()
                .any(|s| s.role == StepRole::Source && s.capability.is_network_source());
            // a command line that stands in the code, but encoded
            let hidden_command = flow
                .steps
                .first()
                .is_some_and(|s| s.capability.is_decoder() && s.constant.is_some());
            let runs = flow.steps.last().is_some_and(|s| match s.capability {
                Capability::CodeEval | Capability::CodeImport => true,
                Capability::ProcessShell | Capability::ProcessSpawn => hidden_command,
                _ => false,
            });
            // byte code that a file holds is what import systems and process pools load
            let own_byte_code = flow.steps.iter().all(|s| {
                s.role == StepRole::Sink
                    || matches!(
                        s.capability,
                        Capability::DecodeObject | Capability::FileRead
                    )
            });
            let value = flow.steps.last().is_some_and(|sink| is_value(file, sink));
            if !decodes
                || !runs
                || fetched
                || flow.link == FlowLink::Scope
                || own_byte_code
                || value
            {
                continue;
            }
            let context = chain.context();
            let mut finding = self
                .finding(format!(
                    "decodes data and runs it as code {}",
                    context.phrase()
                ))
                .context(context);
            // whoever uses the package at all makes one of its objects, and nothing that is called says that it runs
            if context == ExecutionContext::Called
                && code::is_reached_by_a_constructor(&chain.file, flow.function)
            {
                finding = finding.confidence(Confidence::Certain);
            }
            finding.evidence = chain.evidence(|step| step.api.to_string());
            findings.push(finding);
        }
        findings.truncate(8);
        findings
    }
}
