//! A Python index: simple pages in HTML and JSON, files, core metadata, and the project JSON API.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{Answer, Ask, FakeServer, Manners};

/// Which formats the simple pages come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pages {
    /// By `Accept`, JSON first.
    #[default]
    Both,
    /// HTML whatever is asked for.
    Html,
    /// JSON whatever is asked for.
    Json,
}

/// Which parts of the project JSON API there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JsonApi {
    /// None.
    #[default]
    None,
    /// `/pypi/<name>/json`.
    Project,
    /// That and `/pypi/<name>/<version>/json`.
    Full,
}

/// One file of a project.
#[derive(Clone, Debug)]
pub struct FakeFile {
    filename: String,
    content: Vec<u8>,
    metadata: Option<String>,
    requires_python: Option<String>,
    yanked: Option<String>,
    uploaded: Option<String>,
    digest: Option<String>,
    publisher: Option<Value>,
}

impl FakeFile {
    /// A file with this content, and its true SHA-256 on the pages.
    pub fn new(filename: &str, content: &[u8]) -> Self {
        Self {
            filename: filename.into(),
            content: content.to_vec(),
            metadata: None,
            requires_python: None,
            yanked: None,
            uploaded: None,
            digest: None,
            publisher: None,
        }
    }

    /// Publishes core metadata beside it (PEP 658).
    #[must_use]
    pub fn metadata(mut self, text: &str) -> Self {
        self.metadata = Some(text.into());
        self
    }

    /// `Requires-Python`.
    #[must_use]
    pub fn requires_python(mut self, specifiers: &str) -> Self {
        self.requires_python = Some(specifiers.into());
        self
    }

    /// Yanked with a reason, which may be empty.
    #[must_use]
    pub fn yanked(mut self, reason: &str) -> Self {
        self.yanked = Some(reason.into());
        self
    }

    /// The upload time (RFC 3339).
    #[must_use]
    pub fn uploaded(mut self, time: &str) -> Self {
        self.uploaded = Some(time.into());
        self
    }

    /// Publishes this SHA-256 instead of the true one; an empty text publishes none.
    #[must_use]
    pub fn sha256(mut self, digest: &str) -> Self {
        self.digest = Some(digest.into());
        self
    }

    /// Publishes provenance (PEP 740) that names this publisher.
    #[must_use]
    pub fn provenance(mut self, publisher: Value) -> Self {
        self.publisher = Some(publisher);
        self
    }

    fn digest(&self) -> String {
        self.digest
            .clone()
            .unwrap_or_else(|| hex::encode(Sha256::digest(&self.content)))
    }
}

/// One project.
#[derive(Clone, Debug)]
pub struct FakeProject {
    name: String,
    files: Vec<FakeFile>,
    status: Option<(String, String)>,
    tracks: Vec<String>,
    alternate_locations: Vec<String>,
    info: Value,
    vulnerabilities: Value,
}

impl FakeProject {
    /// A project without files; `name` is normalised.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            files: Vec::new(),
            status: None,
            tracks: Vec::new(),
            alternate_locations: Vec::new(),
            info: json!({}),
            vulnerabilities: json!([]),
        }
    }

    /// Adds a file.
    #[must_use]
    pub fn file(mut self, file: FakeFile) -> Self {
        self.files.push(file);
        self
    }

    /// PEP 792 status and reason.
    #[must_use]
    pub fn status(mut self, status: &str, reason: &str) -> Self {
        self.status = Some((status.into(), reason.into()));
        self
    }

    /// PEP 708: a project elsewhere that this one tracks, and another location of this one.
    #[must_use]
    pub fn follows(mut self, tracked: &str, alternate: &str) -> Self {
        self.tracks.push(tracked.into());
        self.alternate_locations.push(alternate.into());
        self
    }

    /// The `info` object of the JSON API; its `version` is the newest one.
    #[must_use]
    pub fn info(mut self, info: Value) -> Self {
        self.info = info;
        self
    }

    /// The `vulnerabilities` list of the JSON API.
    #[must_use]
    pub fn vulnerabilities(mut self, list: Value) -> Self {
        self.vulnerabilities = list;
        self
    }

    fn file_answer(&self, name: &str) -> Option<Answer> {
        let found = self.files.iter().find(|f| f.filename == name);
        if let Some(file) = found {
            return Some(Answer::ok("application/octet-stream", file.content.clone()));
        }
        let beside = name.strip_suffix(".metadata")?;
        let file = self.files.iter().find(|f| f.filename == beside)?;
        Some(Answer::ok("text/plain", file.metadata.clone()?))
    }

    /// The answer of `/pypi/<name>/json`.
    fn json(&self) -> Value {
        let mut releases = serde_json::Map::new();
        for file in &self.files {
            let list = releases.entry(self.version_of(file)).or_insert(json!([]));
            if let Some(list) = list.as_array_mut() {
                list.push(release_file(file));
            }
        }
        let mut body = self.release(self.info["version"].as_str().unwrap_or_default());
        body["releases"] = Value::Object(releases);
        body
    }

    /// The answer of `/pypi/<name>/<version>/json`.
    fn release(&self, version: &str) -> Value {
        let mut info = self.info.clone();
        info["name"] = json!(self.name);
        info["version"] = json!(version);
        let urls: Vec<Value> = self
            .files
            .iter()
            .filter(|f| self.version_of(f) == version)
            .map(release_file)
            .collect();
        json!({
            "info": info,
            "urls": urls,
            "vulnerabilities": self.vulnerabilities,
            "last_serial": 1,
        })
    }

    fn version_of(&self, file: &FakeFile) -> String {
        let rest = file.filename.get(self.name.len() + 1..).unwrap_or_default();
        let end = rest
            .find('-')
            .or_else(|| rest.find(".tar"))
            .or_else(|| rest.find(".zip"))
            .unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default().to_owned()
    }
}

/// A Python index.
#[derive(Clone, Debug, Default)]
pub struct FakePypi {
    projects: BTreeMap<String, FakeProject>,
    pages: Pages,
    json_api: JsonApi,
    cache_control: Option<String>,
    manners: Manners,
}

impl FakePypi {
    /// An empty index.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a project.
    #[must_use]
    pub fn project(mut self, project: FakeProject) -> Self {
        self.projects.insert(project.name.clone(), project);
        self
    }

    /// Sets the formats of the simple pages.
    #[must_use]
    pub const fn pages(mut self, pages: Pages) -> Self {
        self.pages = pages;
        self
    }

    /// Sets the extent of the JSON API.
    #[must_use]
    pub const fn json_api(mut self, api: JsonApi) -> Self {
        self.json_api = api;
        self
    }

    /// Sends `Cache-Control` with pages.
    #[must_use]
    pub fn cache_control(mut self, value: &str) -> Self {
        self.cache_control = Some(value.into());
        self
    }

    /// Sets how it treats visitors.
    #[must_use]
    pub fn manners(mut self, manners: Manners) -> Self {
        self.manners = manners;
        self
    }

    /// Starts the index. Its simple pages are below `<url>/simple/`.
    pub async fn start(self) -> FakeServer {
        let manners = self.manners.clone();
        FakeServer::start(manners, move |ask, _| {
            self.answer(ask)
                .unwrap_or_else(|| Answer::status(404, "not found"))
        })
        .await
    }

    /// Everything that it would answer, as files of a folder that any web server can serve: pages of both formats as
    /// `simple/<name>/index.json` and `index.html`, files, and the metadata beside them.
    pub fn tree(&self) -> Vec<(String, Vec<u8>)> {
        let mut tree = Vec::new();
        for (name, project) in &self.projects {
            let page = json_page(project).to_string();
            tree.push((format!("simple/{name}/index.json"), page.into_bytes()));
            let page = html_page(project);
            tree.push((format!("simple/{name}/index.html"), page.into_bytes()));
            for file in &project.files {
                let path = format!("files/{name}/{}", file.filename);
                if let Some(text) = &file.metadata {
                    tree.push((format!("{path}.metadata"), text.clone().into_bytes()));
                }
                tree.push((path, file.content.clone()));
            }
        }
        tree
    }

    fn answer(&self, ask: &Ask) -> Option<Answer> {
        let parts: Vec<&str> = ask.path.trim_start_matches('/').split('/').collect();
        let project = self.projects.get(*parts.get(1)?)?;
        match parts.as_slice() {
            ["simple", _, ""] => Some(self.page(project, ask)),
            ["files", _, file] => project.file_answer(file),
            ["provenance", _, file] => {
                let found = project.files.iter().find(|f| f.filename == *file)?;
                let bundle = json!({"publisher": found.publisher.clone()?, "attestations": []});
                Some(Answer::json(
                    &json!({"version": 1, "attestation_bundles": [bundle]}),
                ))
            }
            ["pypi", _, "json"] if self.json_api != JsonApi::None => {
                Some(Answer::json(&project.json()))
            }
            ["pypi", _, version, "json"] if self.json_api == JsonApi::Full => project
                .files
                .iter()
                .any(|f| project.version_of(f) == *version)
                .then(|| Answer::json(&project.release(version))),
            _ => None,
        }
    }

    fn page(&self, project: &FakeProject, ask: &Ask) -> Answer {
        let as_json = match self.pages {
            Pages::Both => ask
                .header("accept")
                .contains("application/vnd.pypi.simple.v1+json"),
            Pages::Html => false,
            Pages::Json => true,
        };
        let answer = if as_json {
            let page = json_page(project).to_string();
            Answer::ok("application/vnd.pypi.simple.v1+json", page)
        } else {
            Answer::ok("text/html; charset=utf-8", html_page(project))
        };
        match &self.cache_control {
            Some(value) => answer.header("cache-control", value),
            None => answer,
        }
    }
}

fn json_page(project: &FakeProject) -> Value {
    let mut versions: Vec<String> = project
        .files
        .iter()
        .map(|f| project.version_of(f))
        .collect();
    versions.dedup();
    let files: Vec<Value> = project
        .files
        .iter()
        .map(|file| {
            let digest = file.digest();
            let mut value = json!({
                "filename": file.filename,
                "url": format!("../../files/{}/{}", project.name, file.filename),
                "hashes": {"sha256": digest},
                "size": file.content.len(),
                "provenance": file
                    .publisher
                    .as_ref()
                    .map(|_| format!("../../provenance/{}/{}", project.name, file.filename)),
            });
            if digest.is_empty() {
                value["hashes"] = json!({});
            }
            if let Some(text) = &file.requires_python {
                value["requires-python"] = json!(text);
            }
            if let Some(reason) = &file.yanked {
                value["yanked"] = if reason.is_empty() {
                    json!(true)
                } else {
                    json!(reason)
                };
            }
            if let Some(time) = &file.uploaded {
                value["upload-time"] = json!(time);
            }
            if let Some(metadata) = &file.metadata {
                let digest = hex::encode(Sha256::digest(metadata.as_bytes()));
                value["core-metadata"] = json!({"sha256": digest});
            }
            value
        })
        .collect();
    let mut page = json!({
        "meta": {"api-version": "1.4"},
        "name": project.name,
        "versions": versions,
        "files": files,
    });
    if let Some((status, reason)) = &project.status {
        page["project-status"] = json!({"status": status, "reason": reason});
    }
    if !project.tracks.is_empty() {
        page["meta"]["tracks"] = json!(project.tracks);
        page["alternate-locations"] = json!(project.alternate_locations);
    }
    page
}

fn html_page(project: &FakeProject) -> String {
    let mut head = vec![r#"<meta name="pypi:repository-version" content="1.0">"#.to_owned()];
    if let Some((status, reason)) = &project.status {
        head.push(meta("pypi:project-status", status));
        head.push(meta("pypi:project-status-reason", reason));
    }
    head.extend(project.tracks.iter().map(|url| meta("pypi:tracks", url)));
    let alternates = project.alternate_locations.iter();
    head.extend(alternates.map(|url| meta("pypi:alternate-locations", url)));
    let anchors: Vec<String> = project
        .files
        .iter()
        .map(|file| anchor(project, file))
        .collect();
    format!(
        "<!DOCTYPE html>\n<html><head>{}</head><body>\n{}\n</body></html>",
        head.join("\n"),
        anchors.join("<br/>\n")
    )
}

fn meta(name: &str, content: &str) -> String {
    format!(r#"<meta name="{name}" content="{content}">"#)
}

fn anchor(project: &FakeProject, file: &FakeFile) -> String {
    let digest = file.digest();
    let mut href = format!("../../files/{}/{}", project.name, file.filename);
    if !digest.is_empty() {
        href = format!("{href}#sha256={digest}");
    }
    let mut attributes = vec![("href", href)];
    if let Some(text) = &file.requires_python {
        let escaped = text.replace('<', "&lt;").replace('>', "&gt;");
        attributes.push(("data-requires-python", escaped));
    }
    if let Some(reason) = &file.yanked {
        attributes.push(("data-yanked", reason.clone()));
    }
    if let Some(metadata) = &file.metadata {
        let digest = hex::encode(Sha256::digest(metadata.as_bytes()));
        attributes.push(("data-core-metadata", format!("sha256={digest}")));
    }
    let attributes: Vec<String> = attributes
        .into_iter()
        .map(|(name, value)| format!(r#"{name}="{value}""#))
        .collect();
    format!("<a {}>{}</a>", attributes.join(" "), file.filename)
}

fn release_file(file: &FakeFile) -> Value {
    json!({
        "filename": file.filename,
        "digests": {"sha256": file.digest()},
        "size": file.content.len(),
        "upload_time_iso_8601": file.uploaded,
        "yanked": file.yanked.is_some(),
        "yanked_reason": file.yanked.as_ref().filter(|r| !r.is_empty()),
        "requires_python": file.requires_python,
    })
}
