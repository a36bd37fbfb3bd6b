//! Scanning the files of an artifact, and what is decoded from them.

use std::time::Duration;

use foretaste_model::facts::{FileEntry, FileFacts};
use foretaste_model::{Limits, PatternMatch, Span};
use foretaste_observe::keep_texts;

use super::{ByteRules, evidence};

/// The engine knows the time on the wall only. It gets more of it than processor time, so that a busy machine does not
/// decide what is found.
const PATIENCE: u32 = 6;

/// Matches that are told of one artifact.
const MAX_MATCHES: usize = 256;

/// What scanning gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scanned {
    /// The matches, in the order of the files.
    pub matches: Vec<PatternMatch>,
    /// Files whose scan did not come to its end.
    pub unfinished: Vec<Box<str>>,
}

impl ByteRules {
    /// Scans one file and everything that is decoded from it.
    ///
    /// Facts do not keep the decoded text: a file of which something was decoded is observed again. Call it on a thread
    /// with [`foretaste_lang::STACK_BYTES`] of stack that said so with [`foretaste_lang::has_large_stack`].
    pub fn scan_file(
        &self,
        artifact: &str,
        entry: &FileEntry,
        bytes: &[u8],
        limits: &Limits,
        to: &mut Scanned,
    ) {
        let place = evidence::Place {
            artifact,
            path: &entry.path,
            layer: &[],
            outer: None,
        };
        self.scan(bytes, place, limits.file_time * PATIENCE, to);
        if entry.facts.layers.is_empty() {
            return;
        }
        let facts = keep_texts(|| foretaste_lang::observe(&entry.path, bytes, limits));
        let mut layers: Vec<(Vec<Box<str>>, Span, &FileFacts)> = Vec::new();
        push(&mut layers, &[], None, &facts);
        while let Some((steps, outer, facts)) = layers.pop() {
            if let Some(text) = &facts.text {
                let place = evidence::Place {
                    layer: &steps,
                    outer: Some(outer),
                    ..place
                };
                self.scan(text.as_bytes(), place, limits.file_time * PATIENCE, to);
            }
            push(&mut layers, &steps, Some(outer), facts);
        }
    }

    fn scan(&self, bytes: &[u8], place: evidence::Place<'_>, time: Duration, to: &mut Scanned) {
        if to.matches.len() >= MAX_MATCHES {
            return;
        }
        let (hits, complete) = self.engine.scan(bytes, time);
        if !complete
            && to
                .unfinished
                .last()
                .is_none_or(|last| **last != *place.path)
        {
            to.unfinished.push(place.path.into());
        }
        for hit in hits {
            if let Some(id) = self.id(&hit) {
                to.matches.push(PatternMatch {
                    rule: id.into(),
                    evidence: evidence::of(&hit, bytes, place),
                });
            }
        }
    }
}

/// Adds the layers right below; evidence stands where the outermost one does.
fn push<'a>(
    layers: &mut Vec<(Vec<Box<str>>, Span, &'a FileFacts)>,
    steps: &[Box<str>],
    outer: Option<Span>,
    facts: &'a FileFacts,
) {
    for layer in facts.layers.iter().rev() {
        let below = steps.iter().chain(&layer.steps).cloned().collect();
        layers.push((below, outer.unwrap_or(layer.span), &layer.facts));
    }
}
