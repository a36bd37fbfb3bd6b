//! A cargo registry: sparse index, downloads, and a web API if asked for.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{Answer, Ask, FakeServer, Manners, tar_gz};

/// A cargo registry to be: crates and how they are served.
#[derive(Clone, Debug, Default)]
pub struct FakeCargo {
    index: BTreeMap<String, String>,
    crates: BTreeMap<String, Vec<u8>>,
    api: BTreeMap<String, Value>,
    template: Option<String>,
    auth_required: bool,
    gone: BTreeMap<String, u16>,
    manners: Manners,
}

impl FakeCargo {
    /// An empty registry without a web API.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how it treats visitors.
    #[must_use]
    pub fn manners(mut self, manners: Manners) -> Self {
        self.manners = manners;
        self
    }

    /// Says `auth-required` in its configuration.
    #[must_use]
    pub const fn auth_required(mut self) -> Self {
        self.auth_required = true;
        self
    }

    /// Sets the download template; `{base}` is the server's own URL.
    #[must_use]
    pub fn dl(mut self, template: &str) -> Self {
        self.template = Some(template.to_owned());
        self
    }

    /// Publishes a version: `fields` of the index line beyond name, version and checksum, and the crate's files (paths
    /// below `<name>-<version>/`).
    ///
    /// # Panics
    /// When `fields` is no object.
    #[must_use]
    pub fn version(
        self,
        name: &str,
        version: &str,
        fields: &Value,
        files: &[(&str, &str)],
    ) -> Self {
        let paths: Vec<String> = files
            .iter()
            .map(|(path, _)| format!("{name}-{version}/{path}"))
            .collect();
        let files: Vec<(&str, &str)> = paths
            .iter()
            .zip(files)
            .map(|(path, (_, content))| (path.as_str(), *content))
            .collect();
        let bytes = tar_gz(&files);
        let mut line = json!({
            "name": name,
            "vers": version,
            "deps": [],
            "cksum": hex::encode(Sha256::digest(&bytes)),
            "features": {},
            "yanked": false,
        });
        for (key, value) in fields.as_object().expect("an object") {
            line[key] = value.clone();
        }
        self.line(name, &line.to_string())
            .bytes(name, version, &bytes)
    }

    /// Adds a line to the index file of a crate as it stands.
    #[must_use]
    pub fn line(mut self, name: &str, line: &str) -> Self {
        let file = self.index.entry(name.to_ascii_lowercase()).or_default();
        file.push_str(line);
        file.push('\n');
        self
    }

    /// Serves these bytes as a crate file, whatever its published checksum.
    #[must_use]
    pub fn bytes(mut self, name: &str, version: &str, bytes: &[u8]) -> Self {
        self.crates
            .insert(format!("{name}/{version}"), bytes.to_vec());
        self
    }

    /// Answers for a crate with another status (404, 410 and 451 all mean "not found").
    #[must_use]
    pub fn gone(mut self, name: &str, status: u16) -> Self {
        self.gone.insert(name.to_ascii_lowercase(), status);
        self
    }

    /// Answers `/api/v1/crates/<path>` of the web API, which there is from now on.
    #[must_use]
    pub fn api(mut self, path: &str, answer: &Value) -> Self {
        self.api.insert(path.to_owned(), answer.clone());
        self
    }

    /// Starts the registry. The index is at `<url>/index/`.
    pub async fn start(self) -> FakeServer {
        let manners = self.manners.clone();
        FakeServer::start(manners, move |ask, base| self.answer(ask, base)).await
    }

    fn answer(&self, ask: &Ask, base: &str) -> Answer {
        let nothing = || Answer::status(404, "");
        if let Some(path) = ask.path.strip_prefix("/index/") {
            if path == "config.json" {
                return self.config(base);
            }
            let name = path.rsplit('/').next().unwrap_or(path);
            if let Some(status) = self.gone.get(name) {
                return Answer::status(*status, "");
            }
            let file = self.index.get(name).filter(|_| path == index_path(name));
            return file.map_or_else(nothing, |f| Answer::ok("text/plain", f.clone()));
        }
        if let Some(path) = ask.path.strip_prefix("/api/v1/crates/") {
            return self.api.get(path).map_or_else(nothing, Answer::json);
        }
        let mut parts = ask.path.trim_start_matches("/dl/").split('/');
        let key = format!(
            "{}/{}",
            parts.next().unwrap_or(""),
            parts.next().unwrap_or("")
        );
        self.crates
            .get(&key)
            .map_or_else(nothing, |b| Answer::ok("application/gzip", b.clone()))
    }

    fn config(&self, base: &str) -> Answer {
        let template = self.template.as_deref().unwrap_or("{base}/dl");
        let mut config = json!({"dl": template.replace("{base}", base)});
        if !self.api.is_empty() {
            config["api"] = json!(base);
        }
        if self.auth_required {
            config["auth-required"] = json!(true);
        }
        Answer::json(&config)
    }
}

/// Where an index file of a lower-case ASCII name lies.
fn index_path(name: &str) -> String {
    match name.len() {
        1 => format!("1/{name}"),
        2 => format!("2/{name}"),
        3 => format!("3/{}/{name}", &name[..1]),
        _ => format!("{}/{}/{name}", &name[..2], &name[2..4]),
    }
}
