//! # A chain is spread over several files
//!
//! ## What it finds
//! A function that runs at install or import time joins two halves that lie in different files of the package: one reads
//! secrets or facts about the machine, downloads or decodes; the other sends, or executes.
//!
//! ## Why it matters
//! Whoever reads one file sees a helper. Splitting a payload over modules is the cheapest way past scanners that look at one
//! file at a time.
//!
//! ## Example
//! ```python
//! # setup.py
//! from pkg.collect import everything
//! from pkg.ship import send
//! send(everything())
//! ```
//!
//! ## What to do
//! Read both halves together.
//!
//! ## When it is wrong
//! Programs that read their settings and then talk to their server do so when called, not on import.
use foretaste_engine::prelude::*;
use foretaste_model::facts::{Callee, UseKind};

use crate::code;

declare_rule! {
    SplitChain,
    id: "split-chain",
    title: "spreads a chain over several files",
    group: Chain,
    severity: Critical,
    confidence: Medium,
    needs: [Code],
    tags: ["T1027.013", "T1041"],
    since: "0.1.0",
}

/// What a half does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    Secrets,
    Machine,
    Download,
    Decode,
    Send,
    Execute,
}

/// A half, and where it lies.
struct Found<'a> {
    half: Half,
    file: FileView<'a>,
    used: &'a Use,
}

/// So many local functions are followed below a call.
const MAX_FUNCTIONS: usize = 16;

impl FileRule for SplitChain {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        if !file.layer.is_empty() {
            return Vec::new();
        }
        let mut findings = Vec::new();
        for function in 0..file.facts.functions.len() as u32 {
            let context = file.context(function);
            // on import only what the module body itself joins: deeper down, large programs join everything with everything
            if context > ExecutionContext::Import
                || (context == ExecutionContext::Import && function != 0)
            {
                continue;
            }
            let callees = file.calls_into_other_files(function);
            if callees.is_empty() {
                continue;
            }
            let own = halves(file, &[function]);
            let mut others = Vec::new();
            for (index, callee) in callees {
                if let Some(other) = file.sibling(index) {
                    let below = local_reach(&other, callee);
                    others.extend(halves(&other, &below));
                }
            }
            let Some((source, sink)) = join(&own, &others) else {
                continue;
            };
            let (what, severity) = match source.half {
                Half::Secrets => ("reads secrets", Severity::Critical),
                Half::Machine => ("asks about the machine", Severity::High),
                Half::Download => ("downloads", Severity::Critical),
                _ => ("decodes", Severity::Critical),
            };
            // honest programs set themselves up on import; while they are installed there is nothing to send
            let confidence = if context <= ExecutionContext::Start && source.half != Half::Machine {
                Confidence::High
            } else {
                Confidence::Medium
            };
            let then = if sink.half == Half::Send {
                "sends"
            } else {
                "executes"
            };
            findings.push(
                self.finding(format!(
                    "{what} in `{}` and {then} in `{}` {}",
                    source.file.path(),
                    sink.file.path(),
                    context.phrase()
                ))
                .severity(severity)
                .confidence(confidence)
                .context(context)
                .evidence(source.file.use_evidence(
                    source.used,
                    EvidenceRole::Source,
                    &*source.used.api,
                ))
                .evidence(sink.file.use_evidence(
                    sink.used,
                    EvidenceRole::Sink,
                    &*sink.used.api,
                )),
            );
        }
        findings.truncate(3);
        findings
    }
}

/// A source and a sink that fit, in different files.
fn join<'f, 'a>(
    own: &'f [Found<'a>],
    others: &'f [Found<'a>],
) -> Option<(&'f Found<'a>, &'f Found<'a>)> {
    let fits = |source: Half, sink: Half| match sink {
        Half::Send => matches!(source, Half::Secrets | Half::Machine),
        Half::Execute => matches!(source, Half::Download | Half::Decode),
        _ => false,
    };
    let pairs = |a: &'f [Found<'a>], b: &'f [Found<'a>]| {
        a.iter().find_map(|s| {
            b.iter()
                .find(|k| fits(s.half, k.half) && s.file.path() != k.file.path())
                .map(|k| (s, k))
        })
    };
    pairs(own, others)
        .or_else(|| pairs(others, own))
        // two helpers that one function calls: only for what leaves the machine
        .or_else(|| pairs(others, others).filter(|(_, sink)| sink.half == Half::Send))
}

/// A function and the functions of its file that it calls.
fn local_reach(file: &FileView<'_>, function: u32) -> Vec<u32> {
    let mut reached = vec![function];
    let mut next = 0;
    while next < reached.len() && reached.len() < MAX_FUNCTIONS {
        if let Some(f) = file.facts.functions.get(reached[next] as usize) {
            for callee in &f.calls {
                if let Callee::Local(local) = callee
                    && !reached.contains(local)
                {
                    reached.push(*local);
                }
            }
        }
        next += 1;
    }
    reached
}

/// What these functions do themselves.
fn halves<'a>(file: &FileView<'a>, functions: &[u32]) -> Vec<Found<'a>> {
    let facts = file.facts;
    facts
        .uses
        .iter()
        .filter(|u| functions.contains(&u.function))
        .filter_map(|used| {
            let half = half(used)?;
            // the environment of a program that is started here
            if used.capability == Capability::EnvironmentReadAll
                && facts
                    .uses
                    .iter()
                    .any(|u| u.function == used.function && code::spawns(u))
            {
                return None;
            }
            Some(Found {
                half,
                file: file.clone(),
                used,
            })
        })
        .take(32)
        .collect()
}

fn half(used: &Use) -> Option<Half> {
    let called = used.kind == UseKind::Call;
    match used.capability {
        Capability::EnvironmentReadAll | Capability::CredentialStore => Some(Half::Secrets),
        Capability::HostInfo | Capability::UserInfo
            if called
                && [
                    "hostname",
                    "getuser",
                    "getlogin",
                    "node",
                    "userInfo",
                    "networkInterfaces",
                ]
                .iter()
                .any(|a| used.api.ends_with(a)) =>
        {
            Some(Half::Machine)
        }
        Capability::CodeEval if called && used.constants.is_empty() => Some(Half::Execute),
        Capability::DecodeText | Capability::DecodeCompressed | Capability::DecodeCipher
            // names of codecs: what text is written in, not what hides it
            if called && !matches!(&*used.api, "codecs.getdecoder" | "codecs.getreader") =>
        {
            Some(Half::Decode)
        }
        Capability::DecodeObject if called && used.api.contains("marshal") => Some(Half::Decode),
        // a request may be either half: as a source it downloads, as a sink it sends
        _ if code::talks(used) && used.capability != Capability::NetworkDns => {
            Some(if used.capability == Capability::NetworkDownload {
                Half::Download
            } else {
                Half::Send
            })
        }
        _ => None,
    }
}
