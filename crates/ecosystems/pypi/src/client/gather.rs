//! Everything known about the chosen release, from the page, the JSON API and the core metadata.

use std::collections::BTreeMap;

use foretaste_io::{Credentials, HttpClient, Request, digests};
use foretaste_model::manifest::{Dependency, DependencyKind, ManifestFacts};
use foretaste_model::metadata::{HistoryEntry, ReleaseMetadata, RemoteArtifact};
use foretaste_model::report::IndexDigest;
use foretaste_model::{Ecosystem, Knowledge, PackageName, ReleaseId, SkipKind, SkipReason};
use jiff::Timestamp;
use url::Url;

use super::choose::Release;
use super::pages::{Found, MAX_PAGE};
use crate::manifest::{self, requirement_or_name};
use crate::project_json::{self, ProjectJson};
use crate::simple::{CoreMetadata, SimpleFile};

/// Bytes of a `.metadata` file.
const MAX_METADATA: u64 = 16 << 20;

/// The JSON API's answers.
#[derive(Default)]
pub(super) struct Answers {
    /// About exactly the chosen version.
    pub(super) release: Option<ProjectJson>,
    /// About the project, `info` for its newest version.
    pub(super) project: Option<ProjectJson>,
    /// Why there is none of them.
    pub(super) reason: Option<SkipReason>,
}

/// Asks the JSON API of the index that the release comes from. The project's answer, which can be large, is asked for
/// only where the page has no upload times or the release's own answer is missing.
pub(super) async fn ask_json(
    http: &HttpClient,
    credentials: &Credentials,
    found: &Found,
    name: &PackageName,
    version: &str,
    needs_times: bool,
) -> Answers {
    let index = found.endpoint.url.url();
    let ask = async |version: Option<&str>| -> Result<ProjectJson, SkipReason> {
        let Some(url) = project_json::url(index, name.as_str(), version) else {
            return Err(SkipReason::new(
                SkipKind::Unsupported,
                "the index has no project JSON API",
            ));
        };
        let request = Request::get(url.clone())
            .accept("application/json")
            .optional()
            .auth(credentials.find(&url))
            .max_bytes(MAX_PAGE);
        match http.get(request).await {
            Ok(response) => project_json::parse(&response.body, needs_times).ok_or_else(|| {
                SkipReason::new(
                    SkipKind::Unsupported,
                    "the index's project JSON API gives no project",
                )
            }),
            Err(error) if error.is_not_found() => Err(SkipReason::new(
                SkipKind::Unsupported,
                "the index has no project JSON API for this release",
            )),
            Err(error) => Err(error.skip_reason()),
        }
    };
    let mut answers = Answers::default();
    let wants = async |wanted: bool| if wanted { Some(ask(None).await) } else { None };
    let (release, project) = tokio::join!(ask(Some(version)), wants(needs_times));
    match release {
        Ok(json) => answers.release = Some(json),
        Err(reason) => answers.reason = Some(reason),
    }
    let project = match project {
        None if answers.release.is_none() => Some(ask(None).await),
        other => other,
    };
    match project {
        Some(Ok(json)) => answers.project = Some(json),
        Some(Err(reason)) if answers.release.is_none() => answers.reason = Some(reason),
        _ => {}
    }
    answers
}

/// Fetches the core metadata of one of the release's files, if the index offers it (PEP 658). A digest that does not
/// match makes it worthless.
pub(super) async fn core_metadata(
    http: &HttpClient,
    credentials: &Credentials,
    release: &Release,
) -> Result<Option<ManifestFacts>, String> {
    let offered = release
        .files
        .iter()
        .find_map(|c| match &c.file.core_metadata {
            CoreMetadata::Offered(digests) => Some((&c.file, digests)),
            CoreMetadata::Absent => None,
        });
    let Some((file, published)) = offered else {
        return Ok(None);
    };
    let mut url: Url = file.url.clone();
    url.set_path(&format!("{}.metadata", file.url.path()));
    let request =
        Request::artifact(url.clone(), MAX_METADATA, published).auth(credentials.find(&url));
    let response = http.get(request).await.map_err(|e| e.to_string())?;
    if digests::check(&response.body, published) == IndexDigest::Mismatch {
        return Err(format!(
            "the core metadata of {} has another digest than the index publishes",
            file.filename
        ));
    }
    let (facts, ..) = manifest::observe_core_metadata(&response.text());
    Ok(Some(facts))
}

/// Puts everything together.
pub(super) fn assemble(
    name: &PackageName,
    found: &[Found],
    releases: &[Release],
    chosen: &Release,
    answers: &Answers,
    core: Option<&ManifestFacts>,
) -> ReleaseMetadata {
    let version = chosen.version.as_str();
    let id = ReleaseId {
        ecosystem: Ecosystem::Pypi,
        name: name.clone(),
        version: version.into(),
    };
    let mut metadata = ReleaseMetadata::new(id);
    // The project's `info` is this release's only if it says so.
    let own = answers.release.as_ref().or_else(|| {
        answers.project.as_ref().filter(|json| {
            json.version
                .as_deref()
                .is_some_and(|v| crate::PypiVersion::new(v).same(&chosen.version))
        })
    });
    let any = answers.release.as_ref().or(answers.project.as_ref());
    describe(&mut metadata, own, core, &missing(answers, version));
    if let Some(display) = any
        .and_then(|json| json.name.as_deref())
        .or_else(|| core.and_then(|c| c.name.as_deref()))
        .or_else(|| found.first().and_then(|f| f.page.name.as_deref()))
    {
        metadata.display_name = display.into();
    }
    if let Some(owners) = any.and_then(|json| json.owners.clone()) {
        metadata.maintainers = Knowledge::Known(owners);
    }
    if let Some(page) = found
        .iter()
        .map(|f| &f.page)
        .find(|page| page.status != foretaste_model::metadata::ProjectStatus::Active)
    {
        metadata.status = page.status;
        metadata.status_reason.clone_from(&page.status_reason);
    }
    let times = times(answers);
    metadata.history = history(releases, &times);
    metadata.artifacts = chosen
        .files
        .iter()
        .map(|c| RemoteArtifact {
            kind: c.dist.kind(),
            compatible: c.compatible,
            ..artifact(&c.file, &times)
        })
        .collect();
    for page in found.iter().map(|f| &f.page) {
        metadata.problems.extend(page.problems.iter().cloned());
    }
    metadata
}

/// Why description and people are not known.
fn missing(answers: &Answers, version: &str) -> SkipReason {
    match (&answers.project, &answers.reason) {
        (Some(project), _) => SkipReason::new(
            SkipKind::Unsupported,
            format!(
                "the index describes only the newest release ({}), not {version}",
                project.version.as_deref().unwrap_or("unknown")
            ),
        ),
        (None, Some(reason)) => reason.clone(),
        (None, None) => SkipReason::new(SkipKind::Unsupported, "the index does not tell"),
    }
}

fn describe(
    metadata: &mut ReleaseMetadata,
    own: Option<&ProjectJson>,
    core: Option<&ManifestFacts>,
    missing: &SkipReason,
) {
    if let Some(json) = own {
        metadata.summary = json.summary.as_deref().map(Into::into);
        metadata.readme = Knowledge::Known(json.description.as_deref().map(Into::into));
        metadata.authors = Knowledge::Known(json.people.clone());
        metadata.license = json.license.as_deref().map(Into::into);
        metadata.urls.clone_from(&json.urls);
        let links = manifest::links(json.homepage.as_deref(), &json.urls);
        metadata.homepage = links.homepage;
        metadata.repository = links.repository;
        metadata.advisories = match &json.advisories {
            Some(list) => Knowledge::Known(list.clone()),
            None => Knowledge::skip(SkipKind::Unsupported, "the index lists no advisories"),
        };
    } else if let Some(core) = core {
        metadata.summary.clone_from(&core.summary);
        metadata.readme = Knowledge::Known(core.readme.clone());
        metadata.authors = Knowledge::Known(core.people.clone());
        metadata.license.clone_from(&core.license);
        metadata.urls.clone_from(&core.urls);
        metadata.homepage.clone_from(&core.homepage);
        metadata.repository.clone_from(&core.repository);
        metadata.advisories = Knowledge::Skipped(missing.clone());
    } else {
        metadata.readme = Knowledge::Skipped(missing.clone());
        metadata.authors = Knowledge::Skipped(missing.clone());
        metadata.advisories = Knowledge::Skipped(missing.clone());
    }
    // The index's own list first: a difference to the archive's is what manifest confusion looks like.
    metadata.dependencies = match (own.and_then(|json| json.requires.as_ref()), core) {
        (Some(requires), _) => Knowledge::Known(dependencies(requires)),
        (None, Some(core)) => Knowledge::Known(core.dependencies.clone()),
        (None, None) => Knowledge::Skipped(match own {
            Some(_) => SkipReason::new(
                SkipKind::Unsupported,
                "the index does not know the dependencies of this release",
            ),
            None => missing.clone(),
        }),
    };
}

fn dependencies(requires: &[String]) -> Vec<Dependency> {
    requires
        .iter()
        .filter_map(|text| requirement_or_name(text, DependencyKind::Run))
        .collect()
}

/// Upload times by file name, from the JSON API.
fn times(answers: &Answers) -> BTreeMap<&str, &project_json::ReleaseFile> {
    answers
        .project
        .iter()
        .flat_map(|json| &json.releases)
        .flat_map(|(_, files)| files)
        .map(|file| (file.filename.as_str(), file))
        .collect()
}

/// Every release, oldest first where all times are known, else in version order.
fn history(
    releases: &[Release],
    times: &BTreeMap<&str, &project_json::ReleaseFile>,
) -> Vec<HistoryEntry> {
    let mut history: Vec<HistoryEntry> = releases
        .iter()
        .map(|release| {
            let uploads = release
                .files
                .iter()
                .filter_map(|c| uploaded(&c.file, times));
            // PEP 740 is answered per file: all of them, or the release has gaps.
            let provenance: Option<Vec<bool>> =
                release.files.iter().map(|c| c.file.provenance).collect();
            let from_json = || {
                let mut reasons = release
                    .files
                    .iter()
                    .map(|c| times.get(&*c.file.filename)?.yanked.as_deref());
                let first = reasons.next()??;
                reasons.all(|r| r.is_some()).then(|| first.into())
            };
            HistoryEntry {
                published: uploads.min(),
                yanked: release.yanked().or_else(from_json),
                provenance: provenance.map(|files| files.iter().all(|has| *has)),
                ..HistoryEntry::new(release.version.as_str())
            }
        })
        .collect();
    if history.iter().all(|entry| entry.published.is_some()) {
        history.sort_by_key(|entry| entry.published);
    }
    history
}

fn uploaded(
    file: &SimpleFile,
    times: &BTreeMap<&str, &project_json::ReleaseFile>,
) -> Option<Timestamp> {
    file.uploaded
        .or_else(|| times.get(&*file.filename).and_then(|f| f.uploaded))
}

fn artifact(
    file: &SimpleFile,
    times: &BTreeMap<&str, &project_json::ReleaseFile>,
) -> RemoteArtifact {
    let known = times.get(&*file.filename);
    RemoteArtifact {
        filename: file.filename.clone(),
        url: foretaste_io::SafeUrl::new(file.url.clone())
            .url()
            .as_str()
            .into(),
        digests: file.digests.clone(),
        size: file.size.or_else(|| known.and_then(|f| f.size)),
        uploaded: uploaded(file, times),
        yanked: file
            .yanked
            .clone()
            .or_else(|| known.and_then(|f| f.yanked.as_deref().map(Into::into))),
        kind: foretaste_model::facts::ArtifactKind::Archive,
        compatible: false,
        provenance: file.provenance,
    }
}
