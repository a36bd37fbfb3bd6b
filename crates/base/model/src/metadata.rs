//! What a registry says about a release and its package.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::intel::AdvisoryMatch;
use crate::manifest::{Dependency, Person};
use crate::{Digest, Knowledge, ReleaseId};

/// A registry's record of one release.
#[derive(Clone, Debug)]
pub struct ReleaseMetadata {
    /// Which release.
    pub id: ReleaseId,
    /// The name as the registry displays it.
    pub display_name: Box<str>,
    /// The one-line description.
    pub summary: Option<Box<str>>,
    /// The long description or README.
    pub readme: Knowledge<Option<Box<str>>>,
    /// Authors as the publisher wrote them (unverified).
    pub authors: Knowledge<Vec<Person>>,
    /// Accounts that may publish, as the registry knows them.
    pub maintainers: Knowledge<Vec<Person>>,
    /// Licence expression or text line.
    pub license: Option<Box<str>>,
    /// Home page.
    pub homepage: Option<Box<str>>,
    /// Source repository.
    pub repository: Option<Box<str>>,
    /// Other labelled URLs.
    pub urls: Vec<(Box<str>, Box<str>)>,
    /// Dependencies as the registry lists them (a registry can be lied to: see manifest confusion).
    pub dependencies: Knowledge<Vec<Dependency>>,
    /// Scripts as the registry lists them (npm).
    pub scripts: Knowledge<Vec<(Box<str>, Box<str>)>>,
    /// Every release of the package, oldest first where times are known, else in version order.
    pub history: Vec<HistoryEntry>,
    /// The registry's word on the whole package (PEP 792 status, npm deprecation).
    pub status: ProjectStatus,
    /// The reason given with a status or deprecation.
    pub status_reason: Option<Box<str>>,
    /// Downloads, if the registry counts them.
    pub downloads: Knowledge<Downloads>,
    /// The artifacts of this release.
    pub artifacts: Vec<RemoteArtifact>,
    /// Advisories that the registry itself lists for this release.
    pub advisories: Knowledge<Vec<AdvisoryMatch>>,
    /// What was odd in the registry's answers and was passed over, one sentence each.
    pub problems: Vec<Box<str>>,
}

impl ReleaseMetadata {
    /// A record with nothing known but its identity; clients fill in what their registry offers.
    pub fn new(id: ReleaseId) -> Self {
        use crate::SkipKind::Unsupported;
        let unknown = "the registry does not tell";
        Self {
            display_name: id.name.as_str().into(),
            id,
            summary: None,
            readme: Knowledge::skip(Unsupported, unknown),
            authors: Knowledge::skip(Unsupported, unknown),
            maintainers: Knowledge::skip(Unsupported, unknown),
            license: None,
            homepage: None,
            repository: None,
            urls: Vec::new(),
            dependencies: Knowledge::skip(Unsupported, unknown),
            scripts: Knowledge::skip(Unsupported, unknown),
            history: Vec::new(),
            status: ProjectStatus::Active,
            status_reason: None,
            downloads: Knowledge::skip(Unsupported, unknown),
            artifacts: Vec::new(),
            advisories: Knowledge::skip(Unsupported, unknown),
            problems: Vec::new(),
        }
    }

    /// The history entry of this release.
    pub fn this(&self) -> Option<&HistoryEntry> {
        self.history.iter().find(|h| h.version == self.id.version)
    }

    /// When this release was published, if known.
    pub fn published(&self) -> Option<Timestamp> {
        self.this().and_then(|h| h.published)
    }

    /// The release published just before this one, by time (not by version number: back-ports confuse that).
    pub fn previous(&self) -> Option<&HistoryEntry> {
        let published = self.published()?;
        self.history
            .iter()
            .filter(|h| h.published.is_some_and(|t| t < published))
            .max_by_key(|h| h.published)
    }
}

/// One release in a package's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// The version.
    pub version: Box<str>,
    /// When it was published, if the registry tells.
    pub published: Option<Timestamp>,
    /// Yanked, with the reason if given.
    pub yanked: Option<Box<str>>,
    /// The account or pipeline that published it, if the registry tells.
    pub publisher: Option<Box<str>>,
    /// True if it came with provenance or attestations; none if the registry does not tell.
    pub provenance: Option<bool>,
}

impl HistoryEntry {
    /// An entry of which only the version is known.
    pub fn new(version: &str) -> Self {
        Self {
            version: version.into(),
            published: None,
            yanked: None,
            publisher: None,
            provenance: None,
        }
    }
}

/// The registry's word on a whole package (PEP 792 and the like).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ProjectStatus {
    /// Nothing special.
    #[default]
    Active,
    /// Not maintained any more.
    Archived,
    /// Held back by the registry as suspected malware.
    Quarantined,
    /// Replaced or discouraged.
    Deprecated,
    /// A placeholder that the registry put in the place of removed malware.
    SecurityHolder,
}

/// A download count and its period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Downloads {
    /// How many.
    pub count: u64,
    /// Over how many days; 0 for all time.
    pub days: u32,
}

/// One file of a release as the registry offers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteArtifact {
    /// The file name.
    pub filename: Box<str>,
    /// Where to fetch it, without credentials.
    pub url: Box<str>,
    /// Published digests, strongest first.
    pub digests: Vec<Digest>,
    /// Published size in bytes.
    pub size: Option<u64>,
    /// Upload time.
    pub uploaded: Option<Timestamp>,
    /// Yanked, with the reason if given.
    pub yanked: Option<Box<str>>,
    /// What it is.
    pub kind: crate::facts::ArtifactKind,
    /// True if this machine's client could choose it.
    pub compatible: bool,
    /// True if it comes with provenance or attestations; none if the registry does not tell.
    pub provenance: Option<bool>,
}
