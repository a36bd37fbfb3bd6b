//! One advisory.

mod read;

use foretaste_model::Ecosystem;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An advisory as far as Foretaste uses it. Texts and lists are bounded.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The id: `GHSA-...`, `PYSEC-...`, `RUSTSEC-...`, `MAL-...`.
    pub id: Box<str>,
    /// Other ids of the same thing.
    pub aliases: Vec<Box<str>>,
    /// When the record last changed.
    pub modified: Option<Timestamp>,
    /// When it was published.
    pub published: Option<Timestamp>,
    /// True if it was taken back.
    pub withdrawn: bool,
    /// The one-line summary.
    pub summary: Box<str>,
    /// The text, clipped.
    pub details: Box<str>,
    /// True for malware.
    pub malware: bool,
    /// CVSS vectors, as written.
    pub vectors: Vec<Box<str>>,
    /// The word for its severity, where no vector says it.
    pub word: Option<Box<str>>,
    /// Weakness classes: `CWE-79`.
    pub weaknesses: Vec<Box<str>>,
    /// Where to read more; the best place first.
    pub references: Vec<Box<str>>,
    /// What it covers.
    pub affected: Vec<Affected>,
}

/// A package, and which of its versions are covered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Affected {
    /// The ecosystem.
    pub ecosystem: Ecosystem,
    /// The name, as written.
    pub name: Box<str>,
    /// Ranges over versions. Ranges over commits are left out: no release is named by its commit.
    pub ranges: Vec<Range>,
    /// Versions that are covered, one by one.
    pub versions: Vec<Box<str>>,
    /// CVSS vectors of this package alone.
    pub vectors: Vec<Box<str>>,
    /// What of the package is vulnerable, where the record tells.
    pub symbols: Vec<Symbols>,
}

/// A vulnerable part of a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symbols {
    /// The import path of the package (Go) or the module (others); empty if the names are full paths.
    pub path: Box<str>,
    /// Functions, types or full paths; empty if all of the path is meant.
    pub names: Vec<Box<str>>,
}

/// Events of one range, in the order of the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// The events.
    pub events: Vec<Event>,
}

/// Where a range begins or ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// Covered from here; `0` is before every version.
    Introduced(Box<str>),
    /// Not covered from here.
    Fixed(Box<str>),
    /// Not covered after this.
    LastAffected(Box<str>),
    /// The range says nothing from here; `*` is after every version.
    Limit(Box<str>),
}

impl Record {
    /// Every id.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.id).chain(self.aliases.iter().map(|a| &**a))
    }

    /// The page to read.
    pub fn url(&self) -> Option<Box<str>> {
        self.references.first().cloned()
    }
}
