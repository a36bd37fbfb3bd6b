//! What a project's page says, whatever its format.

use foretaste_model::Digest;
use foretaste_model::metadata::ProjectStatus;
use jiff::Timestamp;
use thiserror::Error;
use url::Url;

use super::{parse_html, parse_json};

/// Content negotiation (PEP 691): JSON if there is any, HTML else.
pub const ACCEPT: &str = "application/vnd.pypi.simple.v1+json, \
                          application/vnd.pypi.simple.v1+html; q=0.2, text/html; q=0.01";

/// Files of one page; the largest real project has some ten thousand.
pub(super) const MAX_FILES: usize = 200_000;

/// A project's page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SimplePage {
    /// The repository version, e.g. `(1, 4)`; `(1, 0)` where the page does not say.
    pub version: (u32, u32),
    /// The project's name as the index displays it.
    pub name: Option<Box<str>>,
    /// Every version, as the index lists them (PEP 700); empty where it does not.
    pub versions: Vec<Box<str>>,
    /// The files, in the order of the page.
    pub files: Vec<SimpleFile>,
    /// PEP 792.
    pub status: ProjectStatus,
    /// The reason given with it.
    pub status_reason: Option<Box<str>>,
    /// Projects in other repositories that this one follows (PEP 708).
    pub tracks: Vec<Box<str>>,
    /// Other places of the same project (PEP 708).
    pub alternate_locations: Vec<Box<str>>,
    /// What was odd and passed over.
    pub problems: Vec<Box<str>>,
}

/// One file of a page.
#[derive(Clone, Debug, PartialEq)]
pub struct SimpleFile {
    /// The name.
    pub filename: Box<str>,
    /// Where it is, absolute, without the hash fragment.
    pub url: Url,
    /// Published digests, strongest first.
    pub digests: Vec<Digest>,
    /// `Requires-Python`.
    pub requires_python: Option<Box<str>>,
    /// Whether `<url>.metadata` exists (PEP 658).
    pub core_metadata: CoreMetadata,
    /// Yanked (PEP 592), with the reason, which may be empty.
    pub yanked: Option<Box<str>>,
    /// Bytes (PEP 700).
    pub size: Option<u64>,
    /// When it was uploaded (PEP 700).
    pub uploaded: Option<Timestamp>,
    /// Whether there is provenance (PEP 740); none where the page cannot say.
    pub provenance: Option<bool>,
    /// Where the provenance is.
    pub provenance_url: Option<Url>,
}

/// Whether the core metadata can be had without the file (PEP 658, PEP 714).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CoreMetadata {
    /// No.
    #[default]
    Absent,
    /// At `<url>.metadata`, with these digests (perhaps none).
    Offered(Vec<Digest>),
}

/// A page that cannot be used at all.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PageError {
    /// It is neither JSON nor HTML of the simple API.
    #[error("it is not a page of the simple API: {0}")]
    NotAPage(String),
    /// Its major version is one that clients must refuse (PEP 629).
    #[error("it speaks version {0}.{1} of the simple API, and only 1.x is known")]
    Version(u32, u32),
}

/// Reads a page in the format that `media_type` names; servers that name none or a wrong one are read by content.
///
/// # Errors
/// When it is no page, or one of a later major version.
pub fn parse(base: &Url, media_type: &str, body: &[u8]) -> Result<SimplePage, PageError> {
    let json = match media_type {
        "application/vnd.pypi.simple.v1+html" | "text/html" => false,
        "application/vnd.pypi.simple.v1+json" | "application/json" => true,
        _ => body
            .iter()
            .find(|b| !b.is_ascii_whitespace())
            .is_some_and(|b| *b == b'{'),
    };
    if json {
        parse_json(base, body)
    } else {
        parse_html(base, &String::from_utf8_lossy(body))
    }
}

/// True for what can only be a file's name: an encoded separator must not make a path of it.
pub(super) fn is_file_name(text: &str) -> bool {
    !text.contains(['/', '\\', '\0']) && !matches!(text, "" | "." | "..")
}

impl SimplePage {
    /// Refuses a page of another major version; a later minor one is only noted (PEP 629).
    pub(super) fn set_version(&mut self, text: &str) -> Result<(), PageError> {
        let mut parts = text.trim().split('.');
        let mut number = || parts.next().and_then(|p| p.trim().parse::<u32>().ok());
        let (Some(major), minor) = (number(), number().unwrap_or(0)) else {
            self.problem(format!("the repository version {text:?} cannot be read"));
            return Ok(());
        };
        if major != 1 {
            return Err(PageError::Version(major, minor));
        }
        self.version = (major, minor);
        Ok(())
    }

    /// PEP 792 marker.
    pub(super) fn set_status(&mut self, status: &str, reason: Option<&str>) {
        self.status = match status.trim().to_ascii_lowercase().as_str() {
            "active" => ProjectStatus::Active,
            "archived" => ProjectStatus::Archived,
            "quarantined" => ProjectStatus::Quarantined,
            "deprecated" => ProjectStatus::Deprecated,
            other => {
                self.problem(format!("the project status {other:?} is unknown"));
                ProjectStatus::Active
            }
        };
        self.status_reason = reason
            .map(str::trim)
            .filter(|r| !r.is_empty())
            .map(Into::into);
    }

    /// Notes something odd; the list is bounded.
    pub(super) fn problem(&mut self, text: String) {
        if self.problems.len() < 50 {
            self.problems.push(text.into());
        }
    }
}

/// Sorts digests so that the strongest comes first.
pub(crate) fn strongest_first(digests: &mut [Digest]) {
    use foretaste_model::DigestAlgorithm as D;
    digests.sort_by_key(|d| match d.algorithm {
        D::Sha256 => 0,
        D::Sha512 => 1,
        D::Sha384 => 2,
        D::Blake2b256 => 3,
        D::Sha1 => 4,
        D::Md5 => 5,
    });
}
