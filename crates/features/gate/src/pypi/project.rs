//! A Python project as the gate knows it: what was published here, or what the upstream has.

use std::borrow::Cow;
use std::sync::Arc;

use foretaste_io::{HttpError, Response};
use foretaste_model::metadata::ProjectStatus;
use foretaste_model::{Digest, Ecosystem, ReleaseId};
use foretaste_pypi::DistFilename;
use foretaste_pypi::simple::{self, CoreMetadata, SimplePage};
use url::Url;

use super::provenance;
use crate::candidate::{Candidate, Traits, sha256};
use crate::database::Upload;
use crate::gate::Gate;
use crate::pages::NoPage;
use crate::record::{Key, Record};

/// Bytes of an upstream page.
const PAGE_LIMIT: u64 = 64 << 20;

/// A project.
#[derive(Debug, Default)]
pub(crate) struct Project {
    pub(crate) name: String,
    pub(crate) files: Vec<ProjectFile>,
    pub(crate) status: ProjectStatus,
    pub(crate) status_reason: Option<String>,
    /// Projects elsewhere that it follows, and other places of the same one, as the upstream says (PEP 708).
    pub(crate) tracks: Vec<Box<str>>,
    pub(crate) alternate_locations: Vec<Box<str>>,
}

/// A file of a project.
#[derive(Debug)]
pub(crate) struct ProjectFile {
    pub(crate) candidate: Candidate,
    pub(crate) size: Option<u64>,
    pub(crate) requires_python: Option<String>,
    pub(crate) metadata: Metadata,
    pub(crate) yanked: Option<String>,
    pub(crate) provenance: Provenance,
}

/// Whether there is provenance.
#[derive(Debug)]
pub(crate) enum Provenance {
    /// No.
    None,
    /// The upstream has it there.
    Upstream(Url),
    /// It came with what was published here.
    Here(String),
}

/// Whether the core metadata can be had without the file.
#[derive(Debug)]
pub(crate) enum Metadata {
    /// No; it may have been read out of the file since.
    Absent,
    /// The upstream has it, with these digests.
    Upstream(Vec<Digest>),
    /// It was taken from what was published here.
    Here { text: String, sha256: String },
}

/// What an index says about the metadata of a file: none, or that there is some, with its digests.
pub(super) type Offered<'a> = Option<Cow<'a, [Digest]>>;

impl ProjectFile {
    /// The metadata that is there without the file.
    pub(super) fn offered<'a>(&'a self, record: &Record) -> Offered<'a> {
        match &self.metadata {
            Metadata::Upstream(digests) => Some(Cow::Borrowed(digests)),
            Metadata::Here { sha256: hex, .. } => Some(Cow::Owned(vec![sha256(hex)])),
            Metadata::Absent => {
                let wheel = self.candidate.sha256(record)?;
                let digest = record.metadata.get(wheel)?;
                Some(Cow::Owned(vec![sha256(digest)]))
            }
        }
    }
}

impl Project {
    pub(crate) fn file(&self, filename: &str) -> Option<&ProjectFile> {
        self.files.iter().find(|f| f.candidate.filename == filename)
    }
}

/// Looks a project up: inside if it is the organisation's own, else upstream.
pub(crate) async fn project(
    gate: &Arc<Gate>,
    key: &Key,
) -> Result<(Arc<Project>, Arc<Record>), NoPage> {
    let record = gate.record(key).await?;
    if gate.owns(key, &record) {
        if record.uploads.is_empty() {
            return Err(NoPage::Absent);
        }
        return Ok((Arc::new(of_uploads(key, &record.uploads)), record));
    }
    if let Some(found) = gate.projects.get(key) {
        return Ok((found, record));
    }
    let path = format!("{}/", key.1);
    let response = gate
        .ask_upstream(Ecosystem::Pypi, &path, |request| {
            request.accept(simple::ACCEPT).max_bytes(PAGE_LIMIT)
        })
        .await?
        .ok_or(NoPage::Absent)?;
    let page = read(&response).map_err(|reason| NoPage::Trouble(reason.clone()))?;
    let project = Arc::new(of_page(key, page));
    gate.projects.put(key, &project, response.body.len());
    Ok((project, record))
}

fn read(response: &Response) -> Result<SimplePage, String> {
    simple::parse(response.url.url(), response.media_type(), &response.body)
        .map_err(|e| format!("cannot understand {}: {e}", response.url))
}

impl Gate {
    /// Asks the upstreams of an ecosystem for a path; what an unreachable one said last time is good enough, since every file
    /// is decided about when it is served.
    pub(crate) async fn ask_upstream(
        &self,
        ecosystem: Ecosystem,
        path: &str,
        shape: impl Fn(foretaste_io::Request) -> foretaste_io::Request,
    ) -> Result<Option<Response>, HttpError> {
        let fresh = self
            .upstreams
            .first(&self.http, ecosystem, path, &shape)
            .await;
        let Err(error) = fresh else { return fresh };
        let mut options = self.http.options().clone();
        options.offline = true;
        let kept = foretaste_io::HttpClient::new(options);
        match self.upstreams.first(&kept, ecosystem, path, &shape).await {
            Ok(Some(old)) => {
                tracing::warn!(%error, "an upstream does not answer; its last page is used");
                Ok(Some(old))
            }
            _ => Err(error),
        }
    }
}

fn of_page(key: &Key, page: SimplePage) -> Project {
    let name = key.1.as_str();
    let quarantined = page.status == ProjectStatus::Quarantined;
    let files = page.files.into_iter().filter_map(|file| {
        // a file whose name is of no known form has no version that could be vetted
        let version = DistFilename::parse(&file.filename, name)?
            .version()?
            .to_owned();
        Some(ProjectFile {
            candidate: Candidate {
                release: ReleaseId::new(Ecosystem::Pypi, name, &version),
                filename: file.filename.to_string(),
                digests: file.digests,
                published: file.uploaded,
                status: page.status,
                source: Some(file.url),
                traits: Traits {
                    install_script: !file.filename.ends_with(".whl"),
                    provenance: file.provenance_url.is_some(),
                    licence: None,
                },
            },
            size: file.size,
            requires_python: file.requires_python.map(Into::into),
            metadata: match file.core_metadata {
                CoreMetadata::Absent => Metadata::Absent,
                CoreMetadata::Offered(digests) => Metadata::Upstream(digests),
            },
            yanked: file.yanked.map(Into::into),
            provenance: file
                .provenance_url
                .map_or(Provenance::None, Provenance::Upstream),
        })
    });
    Project {
        name: name.to_owned(),
        // PEP 792: a quarantined project offers nothing
        files: if quarantined {
            Vec::new()
        } else {
            files.collect()
        },
        status: page.status,
        status_reason: page.status_reason.map(Into::into),
        tracks: page.tracks,
        alternate_locations: page.alternate_locations,
    }
}

fn of_uploads(key: &Key, uploads: &[Upload]) -> Project {
    let name = key.1.as_str();
    let text = |upload: &Upload, field: &str| {
        let value = upload.details.get(field).and_then(|v| v.as_str());
        value.map(str::to_owned)
    };
    let files = uploads.iter().map(|upload| ProjectFile {
        candidate: Candidate::of_upload(key, upload),
        size: Some(upload.size),
        requires_python: text(upload, "requires_python"),
        metadata: match (text(upload, "metadata"), text(upload, "metadata_sha256")) {
            (Some(text), Some(sha256)) => Metadata::Here { text, sha256 },
            _ => Metadata::Absent,
        },
        yanked: upload.yanked.clone(),
        provenance: match &upload.details["attestations"] {
            serde_json::Value::Null => Provenance::None,
            list => Provenance::Here(provenance::of_upload(list, &upload.uploader)),
        },
    });
    Project {
        name: name.to_owned(),
        files: files.collect(),
        ..Project::default()
    }
}
