//! An in-toto statement (v1) with the runtime-trace predicate: what a run made, and what it was seen doing.

use std::io::Read as _;

use foretaste_behaviour::{Access, Action};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::ndjson;
use crate::overlay::{ChangeKind, FileKind, review};
use crate::supervisor::Finished;

/// Files that become subjects.
const MAX_SUBJECTS: usize = 10_000;

/// Writes the statement. Its subjects are the files that the run made or changed; the digest of the whole record, as
/// [`ndjson::lines`] writes it, binds the two.
pub fn statement(finished: &Finished, command: &[std::ffi::OsString]) -> String {
    let lines = ndjson::lines(finished, command);
    let command: Vec<_> = command.iter().map(|word| word.to_string_lossy()).collect();
    let record = &finished.record;
    let processes = record.processes.iter().enumerate().map(|(entry, process)| {
        json!({
            "eventType": "exec",
            "entry": entry,
            "parent": process.parent,
            "processBinary": process.program,
            "arguments": process.arguments,
        })
    });
    let network = record
        .events
        .iter()
        .filter_map(|event| match &event.action {
            Action::Connection {
                address,
                port,
                host,
                access,
                ..
            } => Some(json!({
                "eventType": if *access == Access::Allowed { "connect" } else { "connect-denied" },
                "host": host,
                "address": address,
                "port": port,
                "process": event.process,
            })),
            _ => None,
        });
    let files = record
        .events
        .iter()
        .filter_map(|event| match &event.action {
            Action::SensitiveRead { path, .. } => {
                Some(json!({ "eventType": "open", "path": path, "process": event.process }))
            }
            Action::Write { path } => {
                Some(json!({ "eventType": "write", "path": path, "process": event.process }))
            }
            _ => None,
        });
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subjects(finished),
        "predicateType": "https://in-toto.io/attestation/runtime-trace/v0.1",
        "predicate": {
            "monitor": {
                "type": "https://foretaste.example/run/v1",
                "version": env!("CARGO_PKG_VERSION"),
                "record": { "digest": { "sha256": hex::encode(Sha256::digest(lines.as_bytes())) } },
            },
            "monitoredProcess": { "command": command },
            "monitorLog": {
                "process": processes.collect::<Vec<Value>>(),
                "network": network.collect::<Vec<Value>>(),
                "fileAccess": files.collect::<Vec<Value>>(),
            },
            "verdict": finished.verdict().id(),
            "findings": finished.findings,
            "complete": record.is_complete(),
        },
    });
    format!("{statement:#}\n")
}

fn subjects(finished: &Finished) -> Vec<Value> {
    let review = &finished.review;
    let made = review
        .changes
        .iter()
        .filter(|change| change.kind != ChangeKind::Deleted && change.file == FileKind::File);
    made.take(MAX_SUBJECTS)
        .filter_map(|change| {
            let tree = finished.trees.get(change.tree)?;
            let mut file = review::open(&tree.upper.join(&change.path)).ok()?;
            let (mut hash, mut part) = (Sha256::new(), vec![0; 64 << 10]);
            loop {
                // half a file's digest is no digest
                let length = file.read(&mut part).ok()?;
                if length == 0 {
                    break;
                }
                hash.update(part.get(..length)?);
            }
            let digest = hex::encode(hash.finalize());
            let name = review.path(change).to_string_lossy().into_owned();
            Some(json!({ "name": name, "digest": { "sha256": digest } }))
        })
        .collect()
}
