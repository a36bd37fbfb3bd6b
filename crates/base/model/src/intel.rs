//! What other services know: repository hosts, DNS, advisory databases.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A source repository as its host describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryFacts {
    /// The canonical URL.
    pub url: Box<str>,
    /// False if the host says there is no such repository.
    pub exists: bool,
    /// The description.
    pub description: Option<Box<str>>,
    /// Stars.
    pub stars: u64,
    /// Forks.
    pub forks: u64,
    /// The repository it is a fork of.
    pub fork_of: Option<Box<str>>,
    /// Archived by its owner.
    pub archived: bool,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// Last push.
    pub pushed: Option<Timestamp>,
    /// Tags with their commit times, newest first, bounded.
    pub tags: Vec<Tag>,
    /// Whether the repository mentions this package: its name stands in a manifest at the root of the default branch.
    /// None if that could not be looked at.
    pub mentions_package: Option<bool>,
}

/// A tag of a repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// The name, e.g. `v1.2.3`.
    pub name: Box<str>,
    /// The commit's time, if known.
    pub time: Option<Timestamp>,
}

/// The artifact against the repository at the release's tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceComparison {
    /// The tag or commit that was compared.
    pub revision: Box<str>,
    /// Files of the artifact that the repository does not have (build products left out), sorted.
    pub only_in_artifact: Vec<Box<str>>,
    /// Files that differ, sorted.
    pub different: Vec<Box<str>>,
    /// Files that are equal.
    pub equal: u32,
}

/// DNS and registration data of one domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainFacts {
    /// The domain, lower case, without a trailing dot.
    pub domain: Box<str>,
    /// How it is used.
    pub usage: DomainUsage,
    /// False if the DNS says it does not exist (NXDOMAIN).
    pub exists: bool,
    /// False if it has neither MX nor address records; none if not asked.
    pub receives_mail: Option<bool>,
    /// When it was registered (RDAP).
    pub registered: Option<Timestamp>,
    /// When its registration ends (RDAP).
    pub expires: Option<Timestamp>,
}

/// How a domain is used by a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DomainUsage {
    /// In a person's e-mail address.
    Email,
    /// In the home page.
    Homepage,
}

/// An advisory that covers a release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AdvisoryMatch {
    /// The id, e.g. `GHSA-...`, `PYSEC-...`, `MAL-2024-1`.
    pub id: Box<str>,
    /// Other ids of the same thing.
    pub aliases: Vec<Box<str>>,
    /// The one-line summary.
    pub summary: Box<str>,
    /// True for malware records.
    pub malware: bool,
    /// The CVSS base score, if one can be computed.
    pub cvss: Option<f32>,
    /// Versions that fix it.
    pub fixed: Vec<Box<str>>,
    /// Where to read more.
    pub url: Option<Box<str>>,
    /// The functions that are vulnerable, as the record writes them; empty if it names none.
    pub functions: Vec<Box<str>>,
}
