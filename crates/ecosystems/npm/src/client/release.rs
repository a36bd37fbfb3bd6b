//! From a packument to what the model knows of a release.

use std::collections::BTreeMap;

use foretaste_model::facts::ArtifactKind;
use foretaste_model::manifest::{Dependency, DependencyKind, Person};
use foretaste_model::metadata::{HistoryEntry, ProjectStatus, ReleaseMetadata, RemoteArtifact};
use foretaste_model::{Ecosystem, Knowledge, PackageName, ReleaseId, SkipKind};
use foretaste_registry::Endpoint;
use jiff::Timestamp;
use serde_json::Value;

use super::packument::{Packument, Publisher, Version};
use super::{digests, select};
use crate::manifest::{cut, parse_person, source_of};
use crate::repository;

/// Bytes kept of a text field.
const MAX_TEXT: usize = 4 << 10;
/// Bytes kept of a README.
const MAX_README: usize = 64 << 10;

/// What the registry says about one version of a packument. None if it has no tarball.
pub(super) fn describe(
    packument: &Packument,
    chosen: &str,
    name: &PackageName,
    endpoint: &Endpoint,
) -> Option<ReleaseMetadata> {
    let version = packument.versions.get(chosen)?;
    let full = packument.time.is_some();
    let display_name = packument.name.as_deref().unwrap_or(name.as_str());
    let mut release = ReleaseMetadata::new(ReleaseId::new(Ecosystem::Npm, name.as_str(), chosen));
    release.display_name = cut(display_name, MAX_TEXT);
    release.summary = version
        .description
        .as_deref()
        .or(packument.description.as_deref())
        .map(|t| cut(t, MAX_TEXT));
    texts(&mut release, version);
    people(&mut release, packument, version, full);
    release.dependencies = Knowledge::Known(dependencies(version));
    release.scripts = scripts(version, full);
    release.history = history(packument);
    (release.status, release.status_reason) = status(&release, version, chosen);
    release.artifacts = vec![artifact(&release, version, endpoint)?];
    Some(release)
}

fn texts(release: &mut ReleaseMetadata, version: &Version) {
    let first_text = |value: &Option<Value>, keys: &[&str]| {
        let value = value.as_ref()?;
        let value = value.as_array().and_then(|a| a.first()).unwrap_or(value);
        let text = value
            .as_str()
            .or_else(|| keys.iter().find_map(|k| value.get(k)?.as_str()))?
            .trim();
        (!text.is_empty()).then(|| cut(text, MAX_TEXT))
    };
    release.license = first_text(&version.license, &["type", "name"])
        .or_else(|| first_text(&version.licenses, &["type", "name"]));
    release.homepage = first_text(&version.homepage, &["url"]);
    release.repository =
        first_text(&version.repository, &["url"]).map(|url| repository::normalise(&url).into());
    let bugs = first_text(&version.bugs, &["url"]);
    release.urls.extend(bugs.map(|url| ("bugs".into(), url)));
    let folder = version
        .repository
        .as_ref()
        .and_then(|r| r.get("directory")?.as_str());
    if let Some(folder) = folder {
        let folder = cut(folder, MAX_TEXT);
        release.urls.push(("repository-directory".into(), folder));
    }
}

fn people(release: &mut ReleaseMetadata, packument: &Packument, version: &Version, full: bool) {
    let more = version.contributors.as_ref().and_then(Value::as_array);
    let more = more.into_iter().flatten().take(200);
    let mut authors: Vec<Person> = Vec::new();
    for author in version.author.iter().chain(more).filter_map(person) {
        if !authors.contains(&author) {
            authors.push(author);
        }
    }
    if full || !authors.is_empty() {
        release.authors = Knowledge::Known(authors);
    }
    release.maintainers = match &packument.maintainers {
        Some(list) => Knowledge::Known(list.iter().take(500).filter_map(person).collect()),
        None => Knowledge::skip(
            SkipKind::Unsupported,
            "the registry leaves maintainers out of its answer",
        ),
    };
    release.readme = match packument.readme.as_deref().map(str::trim) {
        Some("" | "ERROR: No README data found!") => Knowledge::Known(None),
        Some(text) => Knowledge::Known(Some(cut(text, MAX_README))),
        None => Knowledge::skip(
            SkipKind::Unsupported,
            "the registry leaves the README out of its answer",
        ),
    };
}

fn person(value: &Value) -> Option<Person> {
    if let Some(text) = value.as_str() {
        return parse_person(text);
    }
    let field = |key: &str| {
        let text = value.get(key)?.as_str()?.trim();
        (!text.is_empty()).then(|| cut(text, 320))
    };
    let person = Person {
        name: field("name"),
        email: field("email"),
    };
    (person != Person::default()).then_some(person)
}

fn dependencies(version: &Version) -> Vec<Dependency> {
    let tables = [
        (&version.dependencies, DependencyKind::Run),
        (&version.optional_dependencies, DependencyKind::Optional),
        (&version.peer_dependencies, DependencyKind::Peer),
        (&version.dev_dependencies, DependencyKind::Dev),
    ];
    let mut found = Vec::new();
    for (table, kind) in tables {
        for (name, spec) in table {
            // the registry repeats optional dependencies among the others
            if kind == DependencyKind::Run && version.optional_dependencies.contains_key(name) {
                continue;
            }
            let (name, requirement, source) = source_of(name, spec);
            found.push(Dependency {
                name: cut(&name, MAX_TEXT),
                requirement: cut(&requirement, MAX_TEXT),
                kind,
                source,
                condition: "".into(),
                span: None,
            });
        }
    }
    found
}

fn scripts(version: &Version, full: bool) -> Knowledge<Vec<(Box<str>, Box<str>)>> {
    let table = version.scripts.as_ref().and_then(Value::as_object);
    match table {
        Some(table) => Knowledge::Known(
            table
                .iter()
                .filter_map(|(name, command)| {
                    Some((cut(name, MAX_TEXT), cut(command.as_str()?, 16 << 10)))
                })
                .collect(),
        ),
        None if full && version.has_install_script != Some(true) => Knowledge::Known(Vec::new()),
        None => Knowledge::skip(
            SkipKind::Unsupported,
            match version.has_install_script {
                Some(true) => "the registry says only that there is an install script",
                _ => "the registry leaves scripts out of its answer",
            },
        ),
    }
}

/// Every version, those that were removed included (their times stay), oldest first.
fn history(packument: &Packument) -> Vec<HistoryEntry> {
    let none = BTreeMap::new();
    let times = packument.time.as_ref().unwrap_or(&none);
    let time_of = |version: &str| times.get(version)?.as_str()?.parse::<Timestamp>().ok();
    // a registry that signs or attests any version tells the truth about all of them
    let tells_provenance = packument
        .versions
        .values()
        .any(|v| v.has_signatures() || v.has_attestations());
    let mut entries: Vec<HistoryEntry> = Vec::new();
    for text in select::ascending(packument) {
        let version = packument.versions.get(text);
        entries.push(HistoryEntry {
            published: time_of(text),
            publisher: version
                .and_then(|v| v.publisher.as_ref())
                .and_then(publisher),
            provenance: version
                .filter(|_| tells_provenance)
                .map(Version::has_attestations),
            ..HistoryEntry::new(text)
        });
    }
    for text in times.keys() {
        let is_version = nodejs_semver::Version::parse(text).is_ok();
        if is_version && !packument.versions.contains_key(text) {
            entries.push(HistoryEntry {
                published: time_of(text),
                yanked: Some("removed from the registry".into()),
                ..HistoryEntry::new(text)
            });
        }
    }
    if !times.is_empty() {
        // the sort is stable: version order stays among entries of one time
        entries.sort_by_key(|e| e.published);
    }
    entries
}

/// The account, or the pipeline that published without one.
fn publisher(publisher: &Publisher) -> Option<Box<str>> {
    match &publisher.trusted {
        Some(trusted) if !trusted.id.is_empty() => Some(cut(
            &format!("{} (trusted publisher)", trusted.id),
            MAX_TEXT,
        )),
        _ => {
            let name = publisher.name.as_deref().or(publisher.email.as_deref())?;
            (!name.is_empty()).then(|| cut(name, MAX_TEXT))
        }
    }
}

fn status(
    release: &ReleaseMetadata,
    version: &Version,
    chosen: &str,
) -> (ProjectStatus, Option<Box<str>>) {
    let summary = release.summary.as_deref().unwrap_or("");
    let repository = release.repository.as_deref().unwrap_or("");
    if chosen.starts_with("0.0.1-security")
        || summary.eq_ignore_ascii_case("security holding package")
        || repository.ends_with("npm/security-holder")
    {
        let reason = "the registry holds the name after it removed malware or a squat";
        return (ProjectStatus::SecurityHolder, Some(reason.into()));
    }
    match version.deprecation() {
        Some(reason) => (ProjectStatus::Deprecated, Some(cut(reason, MAX_TEXT))),
        None => (ProjectStatus::Active, None),
    }
}

fn artifact(
    release: &ReleaseMetadata,
    version: &Version,
    endpoint: &Endpoint,
) -> Option<RemoteArtifact> {
    let dist = version.dist.as_ref()?;
    // relative to the registry in some mirrors
    let url = endpoint.url.url().join(dist.tarball.as_deref()?).ok()?;
    let url = foretaste_io::SafeUrl::new(url);
    let name = release.id.name.as_str();
    let bare = name.rsplit('/').next().unwrap_or(name);
    let filename = url
        .url()
        .path_segments()
        .and_then(|mut s| s.next_back())
        .filter(|last| !last.is_empty())
        .map_or_else(
            || format!("{bare}-{}.tgz", release.id.version),
            str::to_owned,
        );
    let this = release.this();
    Some(RemoteArtifact {
        filename: cut(&filename, 255),
        url: url.url().as_str().into(),
        digests: digests::of(dist),
        size: None,
        uploaded: this.and_then(|h| h.published),
        yanked: None,
        kind: ArtifactKind::NpmTarball,
        compatible: true,
        provenance: this.and_then(|h| h.provenance),
    })
}
