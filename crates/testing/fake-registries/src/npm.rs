//! An npm registry.

use std::collections::BTreeMap;

use base64::Engine as _;
use serde_json::{Map, Value, json};
use sha1::Sha1;
use sha2::{Digest as _, Sha512};

use crate::{Answer, Ask, FakeServer, Manners, tar_gz};

/// An npm registry to be: packages and how they are served.
#[derive(Clone, Debug, Default)]
pub struct FakeNpm {
    packages: BTreeMap<String, Value>,
    tarballs: BTreeMap<String, Vec<u8>>,
    downloads: BTreeMap<String, u64>,
    advisories: Vec<(String, String, Value)>,
    manners: Manners,
}

impl FakeNpm {
    /// An empty registry.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how it treats visitors.
    #[must_use]
    pub fn manners(mut self, manners: Manners) -> Self {
        self.manners = manners;
        self
    }

    /// Sets fields of a package's own document, such as `maintainers`, `time` or `dist-tags`.
    ///
    /// # Panics
    /// When `fields` is no object.
    #[must_use]
    pub fn package(mut self, name: &str, fields: &Value) -> Self {
        let document = self.document(name);
        for (key, value) in fields.as_object().expect("an object") {
            document.insert(key.clone(), value.clone());
        }
        self
    }

    /// Publishes a version: `fields` beyond name, version and `dist`, and the tarball's files (paths below `package/`).
    /// The version becomes `latest`.
    ///
    /// # Panics
    /// When `fields` is no object.
    #[must_use]
    pub fn version(
        mut self,
        name: &str,
        version: &str,
        fields: &Value,
        files: &[(&str, &str)],
    ) -> Self {
        let paths: Vec<String> = files.iter().map(|(p, _)| format!("package/{p}")).collect();
        let files: Vec<(&str, &str)> = paths
            .iter()
            .zip(files)
            .map(|(path, (_, content))| (path.as_str(), *content))
            .collect();
        let tarball = tar_gz(&files);
        let bare = name.rsplit('/').next().unwrap_or(name);
        let path = format!("/{name}/-/{bare}-{version}.tgz");
        let sha512 = base64::engine::general_purpose::STANDARD.encode(Sha512::digest(&tarball));
        let mut dist = json!({
            "tarball": format!("{{base}}{path}"),
            "shasum": hex::encode(Sha1::digest(&tarball)),
            "integrity": format!("sha512-{sha512}"),
        });
        let mut entry = fields.as_object().expect("an object").clone();
        if let Some(Value::Object(own)) = entry.remove("dist") {
            let dist = dist.as_object_mut().expect("an object");
            dist.extend(own);
        }
        entry.insert("name".to_owned(), json!(name));
        entry.insert("version".to_owned(), json!(version));
        entry.insert("dist".to_owned(), dist);
        let document = self.document(name);
        document
            .entry("versions")
            .or_insert_with(|| json!({}))
            .as_object_mut()
            .expect("an object")
            .insert(version.to_owned(), Value::Object(entry));
        document.insert("dist-tags".to_owned(), json!({"latest": version}));
        self.tarballs.insert(path, tarball);
        self
    }

    /// Serves other bytes than those whose digests are published.
    #[must_use]
    pub fn tampered(mut self, name: &str, version: &str, bytes: &[u8]) -> Self {
        let bare = name.rsplit('/').next().unwrap_or(name);
        self.tarballs
            .insert(format!("/{name}/-/{bare}-{version}.tgz"), bytes.to_vec());
        self
    }

    /// Counts downloads (`/point/last-week/<name>`).
    #[must_use]
    pub fn downloads(mut self, name: &str, count: u64) -> Self {
        self.downloads.insert(name.to_owned(), count);
        self
    }

    /// Answers the bulk question of `npm audit` with an advisory on one version; without any, there is no such service.
    #[must_use]
    pub fn advisory(mut self, name: &str, version: &str, advisory: &Value) -> Self {
        self.advisories
            .push((name.to_owned(), version.to_owned(), advisory.clone()));
        self
    }

    /// Starts the registry.
    pub async fn start(self) -> FakeServer {
        let manners = self.manners.clone();
        FakeServer::start(manners, move |ask, base| self.answer(ask, base)).await
    }

    fn document(&mut self, name: &str) -> &mut Map<String, Value> {
        self.packages
            .entry(name.to_owned())
            .or_insert_with(|| json!({"_id": name, "name": name}))
            .as_object_mut()
            .expect("an object")
    }

    fn answer(&self, ask: &Ask, base: &str) -> Answer {
        let path = ask.path.replace("%2f", "/").replace("%2F", "/");
        if let Some(tarball) = self.tarballs.get(&path) {
            return Answer::ok("application/octet-stream", tarball.clone());
        }
        if let Some(name) = path.strip_prefix("/point/last-week/") {
            return match self.downloads.get(name) {
                Some(count) => Answer::json(&json!({"downloads": count, "package": name})),
                None => not_found(),
            };
        }
        if path == "/-/npm/v1/security/advisories/bulk" && !self.advisories.is_empty() {
            return self.audit(&ask.body);
        }
        let Some(document) = self.packages.get(path.trim_start_matches('/')) else {
            return not_found();
        };
        let abbreviated = ask
            .header("accept")
            .contains("application/vnd.npm.install-v1+json");
        let text = if abbreviated {
            abbreviate(document).to_string()
        } else {
            document.to_string()
        };
        Answer::ok("application/json", text.replace("{base}", base))
    }

    fn audit(&self, question: &[u8]) -> Answer {
        let question: Value = serde_json::from_slice(question).unwrap_or_default();
        let mut answer = Map::new();
        for (name, version, advisory) in &self.advisories {
            let asked = question[name].as_array().into_iter().flatten();
            if asked.into_iter().any(|v| v == version) {
                answer.insert(name.clone(), json!([advisory]));
            }
        }
        Answer::json(&Value::Object(answer))
    }
}

fn not_found() -> Answer {
    Answer {
        status: 404,
        ..Answer::json(&json!({"error": "not found"}))
    }
}

/// The abbreviated form keeps only what an installer needs.
fn abbreviate(document: &Value) -> Value {
    const KEPT: [&str; 8] = [
        "name",
        "version",
        "dist",
        "deprecated",
        "dependencies",
        "optionalDependencies",
        "peerDependencies",
        "hasInstallScript",
    ];
    let mut versions = Map::new();
    let all = document["versions"].as_object();
    for (number, version) in all.into_iter().flatten() {
        let fields = version.as_object().into_iter().flatten();
        let kept = fields.filter(|(key, _)| KEPT.contains(&key.as_str()));
        let kept: Map<String, Value> = kept.map(|(k, v)| (k.clone(), v.clone())).collect();
        versions.insert(number.clone(), Value::Object(kept));
    }
    json!({
        "name": document["name"],
        "dist-tags": document["dist-tags"],
        "modified": "2026-01-01T00:00:00.000Z",
        "versions": versions,
    })
}
