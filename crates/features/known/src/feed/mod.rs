//! Feeds: what others publish about malware. CSV, JSON, JSON lines, OSV records, and archives of them.

mod csv;
mod entry;
mod json;
mod osv;

use std::fmt;
use std::ops::ControlFlow;

use foretaste_clones::{Added, Index, Indicator, KnownRelease};
use foretaste_model::{Ecosystem, Limits};

/// Mistakes that are told of one feed.
const MAX_PROBLEMS: usize = 20;
/// The largest member of an archive that is read.
const MAX_MEMBER: u64 = 256 << 20;

/// What a feed says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Feed {
    /// Releases.
    pub releases: Vec<KnownRelease>,
    /// Hosts, addresses, digests.
    pub indicators: Vec<Indicator>,
    /// Another index, exported.
    pub index: Option<Box<Index>>,
    /// Entries that say nothing about malware, withdrawn ones among them.
    pub passed_over: usize,
    /// Mistakes, in the order of the feed. A feed with mistakes is not imported.
    pub problems: Vec<Problem>,
}

/// A mistake in a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, with the member of an archive.
    pub file: String,
    /// The 1-based line.
    pub line: u64,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// What the user says about a feed.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The ecosystem of entries that name none.
    pub ecosystem: Option<Ecosystem>,
    /// What findings say it is known from.
    pub source: String,
}

/// Reads a feed; what it is is told from its content.
pub fn read(name: &str, bytes: &[u8], options: &Options) -> Feed {
    let mut reader = Reader {
        feed: Feed::default(),
        options,
    };
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0x1f, 0x8b]) {
        reader.archive(name, bytes);
    } else {
        reader.text(name, bytes);
    }
    reader.feed
}

/// Adds what a feed says.
pub fn add(index: &mut Index, feed: Feed) -> Added {
    let mut added = Added::default();
    let known: std::collections::BTreeSet<_> = index.releases.iter().cloned().collect();
    let mut fresh: Vec<_> = feed.releases;
    fresh.sort();
    fresh.dedup();
    fresh.retain(|r| !known.contains(r));
    added.releases += fresh.len();
    index.releases.extend(fresh);
    let known: std::collections::BTreeSet<_> = index
        .indicators
        .iter()
        .map(|i| (i.kind, i.value.clone()))
        .collect();
    let mut fresh = feed.indicators;
    fresh.sort();
    fresh.dedup_by(|a, b| (a.kind, &a.value) == (b.kind, &b.value));
    fresh.retain(|i| !known.contains(&(i.kind, i.value.clone())));
    added.indicators += fresh.len();
    index.indicators.extend(fresh);
    if let Some(other) = feed.index {
        added += index.merge(*other);
    }
    added
}

/// Collects what one feed says.
struct Reader<'a> {
    feed: Feed,
    options: &'a Options,
}

impl Reader<'_> {
    fn archive(&mut self, name: &str, bytes: &[u8]) {
        let limits = Limits {
            artifact_bytes: 4 << 30,
            unpacked_bytes: 8 << 30,
            member_bytes: MAX_MEMBER,
            entries: 2_000_000,
            ..Limits::default()
        };
        let summary = foretaste_archive::unpack_each(name, bytes, &limits, &mut |member| {
            let path = member.path.to_ascii_lowercase();
            let is_feed = [".json", ".jsonl", ".ndjson", ".csv"]
                .iter()
                .any(|end| path.ends_with(end));
            if is_feed && member.complete {
                self.text(&format!("{name}!/{}", member.path), &member.data);
            }
            if self.is_full() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        if let Some(anomaly) = summary
            .anomalies
            .iter()
            .find(|a| a.kind.leaves_content_unread())
        {
            self.problem(
                name,
                1,
                format!("could not be read in full: {}", anomaly.detail),
            );
        }
    }

    fn text(&mut self, name: &str, bytes: &[u8]) {
        let Ok(text) = std::str::from_utf8(bytes) else {
            let line = 1 + bytes
                .utf8_chunks()
                .next()
                .map_or(0, |c| c.valid().matches('\n').count());
            self.problem(name, line as u64, "it is not UTF-8");
            return;
        };
        let text = text.trim_start_matches('\u{feff}');
        match text.trim_start().chars().next() {
            None => self.problem(name, 1, "it is empty"),
            Some('{' | '[') => self.json(name, text),
            Some(_) => self.csv(name, text),
        }
    }

    fn problem(&mut self, file: &str, line: u64, message: impl Into<String>) {
        if !self.is_full() {
            self.feed.problems.push(Problem {
                file: file.to_owned(),
                line,
                message: message.into(),
            });
        }
    }

    fn is_full(&self) -> bool {
        self.feed.problems.len() >= MAX_PROBLEMS
    }
}
