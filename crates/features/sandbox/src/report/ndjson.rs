//! The whole record as lines of JSON, each with the digest of the one before it: what is cut out or changed later shows.

use foretaste_behaviour::{BehaviourFinding, Event, Process};
use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::supervisor::Finished;

/// The version of the lines.
pub const SCHEMA: &str = "https://foretaste.example/schema/run/1.json";

/// What one line says.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "line", rename_all = "kebab-case")]
enum Line<'a> {
    /// The first one.
    Run {
        schema: &'a str,
        version: &'a str,
        command: Vec<String>,
    },
    /// A program.
    Process {
        entry: usize,
        #[serde(flatten)]
        process: &'a Process,
    },
    /// An event.
    Event {
        #[serde(flatten)]
        event: &'a Event,
    },
    /// A change.
    Change {
        path: String,
        change: &'a str,
        size: u64,
        mode: String,
        warnings: Vec<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        writer: Option<usize>,
    },
    /// A finding.
    Finding {
        #[serde(flatten)]
        finding: &'a BehaviourFinding,
    },
    /// The last one.
    End {
        verdict: &'a str,
        exit_code: u8,
        microseconds: u128,
        complete: bool,
        gaps: &'a [String],
        left_out: u64,
        notes: &'a [String],
    },
}

/// Writes all lines.
pub fn lines(finished: &Finished, command: &[std::ffi::OsString]) -> String {
    let mut chain = Chain::default();
    let command = command
        .iter()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    chain.add(&Line::Run {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION"),
        command,
    });
    let record = &finished.record;
    for (entry, process) in record.processes.iter().enumerate() {
        chain.add(&Line::Process { entry, process });
    }
    for event in &record.events {
        chain.add(&Line::Event { event });
    }
    for change in &finished.review.changes {
        let path = finished.review.path(change).to_string_lossy().into_owned();
        chain.add(&Line::Change {
            change: change.kind.id(),
            size: change.size,
            mode: format!("{:o}", change.mode),
            warnings: change.warnings.iter().map(|warning| warning.id).collect(),
            writer: record.writer_entry(&path),
            path,
        });
    }
    for finding in &finished.findings {
        chain.add(&Line::Finding { finding });
    }
    chain.add(&Line::End {
        verdict: finished.verdict().id(),
        exit_code: finished.ended.exit_code(),
        microseconds: finished.took.as_micros(),
        complete: record.is_complete(),
        gaps: &record.gaps,
        left_out: record.left_out,
        notes: &finished.notes,
    });
    chain.text
}

#[derive(Default)]
struct Chain {
    text: String,
    previous: String,
}

impl Chain {
    fn add(&mut self, line: &Line<'_>) {
        // lines are plain data: they can be written
        let Ok(serde_json::Value::Object(mut object)) = serde_json::to_value(line) else {
            return;
        };
        object.insert(
            "previous".to_owned(),
            std::mem::take(&mut self.previous).into(),
        );
        let line = serde_json::Value::Object(object).to_string();
        self.previous = hex::encode(Sha256::digest(line.as_bytes()));
        self.text += &line;
        self.text.push('\n');
    }
}
