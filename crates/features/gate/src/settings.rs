//! `gate.toml`: what a gate serves, from where, to whom, and what it lets through.

use std::path::{Path, PathBuf};
use std::time::Duration;

use foretaste_policy::{Document, PolicyErrors, read_document};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::pattern::PackagePattern;

/// `gate.toml` with every setting, its default and what it means.
pub const SAMPLE_SETTINGS: &str = include_str!("sample.toml");

/// The settings of a gate. What is malicious is judged by the rules and by `foretaste.toml`; what happens then is said here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "gate.toml")]
pub struct Settings {
    /// The address to listen on.
    pub listen: String,
    /// The folder with the database and the files; relative paths start at this file.
    pub data: PathBuf,
    /// The URL under which clients reach the gate, if it is behind a proxy: `https://pkgs.acme.example`.
    pub public_url: Option<String>,
    /// Names and patterns that only ever come from the inside: `["acme-*", "npm:@acme/*"]`. They are never asked for
    /// upstream, and no public release can take their place. Names that were published here are owned without being listed,
    /// and so is `names.internal` of `foretaste.toml`.
    pub owned: Vec<String>,
    /// Where public packages come from.
    pub upstream: Upstreams,
    /// What is let through.
    pub decide: DecideSettings,
    /// Packages that are always refused: `[[deny]]`.
    pub deny: Vec<Listed>,
    /// Packages that are served without a look at their age and verdict: `[[allow]]`.
    pub allow: Vec<Listed>,
    /// Who may do what.
    pub access: Access,
}

/// Where public packages come from. Without a list, it is what this machine's clients are configured to use; an empty list
/// means none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Upstreams {
    /// Simple indexes of Python packages. The first one that has a package is the one that counts.
    pub pypi: Option<Vec<String>>,
    /// npm registries, likewise.
    pub npm: Option<Vec<String>>,
    /// Sparse cargo indexes, likewise.
    pub cargo: Option<Vec<String>>,
    /// More hosts that may lie in a private network, such as a file server that an index in it points to:
    /// `["http://10.0.0.7:8081"]`.
    pub private_hosts: Vec<String>,
}

/// What is let through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct DecideSettings {
    /// Releases with this verdict or a worse one are refused.
    pub refuse_from: Threshold,
    /// Releases with this verdict or a worse one are held until somebody approves them.
    pub hold_from: Threshold,
    /// What happens to releases of which a part could not be vetted.
    pub incomplete: Incomplete,
    /// Releases younger than so many hours are not served; 0 for no such rule.
    #[schemars(range(max = 8760))]
    pub minimum_age_hours: u32,
    /// Serves everything, and only writes down what would have been refused.
    pub dry_run: bool,
    /// For so many seconds a client waits for a file that is being fetched and vetted, before it is told to come again.
    #[schemars(range(min = 1, max = 3600))]
    pub wait_seconds: u32,
    /// Vets what is published here, and refuses it if its verdict is bad enough.
    pub vet_uploads: bool,
    /// The largest file that is fetched or taken, in MiB.
    #[schemars(range(min = 1, max = 65536))]
    pub file_mebibytes: u32,
    /// For so many seconds an upstream page is fresh when the upstream does not say.
    #[schemars(range(max = 86400))]
    pub fresh_seconds: u32,
}

/// From which verdict on something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Threshold {
    /// From a note.
    Note,
    /// From what a person should look at.
    Review,
    /// From what is blocked.
    Block,
    /// Never.
    Never,
}

/// What happens to what could not be vetted completely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Incomplete {
    /// It is held until somebody approves it.
    Hold,
    /// It is served.
    Serve,
}

/// An entry of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Listed {
    /// The package and perhaps a version: `pypi:colourama`, `npm:@acme/*`, `crates:time@0.1.*`, `acme-*`.
    pub package: String,
    /// Why; the reader of a refusal sees it.
    pub reason: String,
}

/// Who may do what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Access {
    /// Whether reading needs no token.
    pub anonymous_read: bool,
}

impl Default for Access {
    fn default() -> Self {
        Self {
            anonymous_read: true,
        }
    }
}

impl Default for DecideSettings {
    fn default() -> Self {
        Self {
            refuse_from: Threshold::Block,
            hold_from: Threshold::Never,
            incomplete: Incomplete::Hold,
            minimum_age_hours: 0,
            dry_run: false,
            wait_seconds: 12,
            vet_uploads: true,
            file_mebibytes: 4096,
            fresh_seconds: 300,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8030".to_owned(),
            data: PathBuf::from("gate-data"),
            public_url: None,
            owned: Vec::new(),
            upstream: Upstreams::default(),
            decide: DecideSettings::default(),
            deny: Vec::new(),
            allow: Vec::new(),
            access: Access::default(),
        }
    }
}

impl DecideSettings {
    /// How long a client waits.
    pub fn wait(&self) -> Duration {
        Duration::from_secs(self.wait_seconds.into())
    }

    /// The largest file, in bytes.
    pub fn file_bytes(&self) -> u64 {
        u64::from(self.file_mebibytes) << 20
    }
}

impl Settings {
    /// Reads `gate.toml`. `shown` is how messages call it; relative paths start at `folder`.
    ///
    /// # Errors
    /// Every mistake, with its place.
    pub fn parse(shown: &str, text: &str, folder: &Path) -> Result<Self, PolicyErrors> {
        let document = read_document::<Self>(shown, text)?;
        let mistakes = mistakes(&document);
        if !mistakes.is_empty() {
            return Err(PolicyErrors::of(mistakes));
        }
        let mut settings = document.value;
        settings.data = folder.join(settings.data);
        Ok(settings)
    }
}

/// What the types cannot say.
fn mistakes(document: &Document<Settings>) -> Vec<foretaste_policy::PolicyError> {
    let settings = &document.value;
    let mut found = Vec::new();
    if settings.listen.parse::<std::net::SocketAddr>().is_err() {
        let message = format!("`{}` is no address to listen on", settings.listen);
        found.push(document.mistake("listen", &message, Some("write `127.0.0.1:8030`")));
    }
    let patterns = settings.owned.iter().enumerate();
    let patterns = patterns.map(|(i, text)| (format!("owned[{i}]"), text));
    let listed = |list: &'static str, all: &'_ [Listed]| -> Vec<(String, String)> {
        let places = all.iter().enumerate();
        places
            .map(|(i, l)| (format!("{list}[{i}].package"), l.package.clone()))
            .collect()
    };
    let all = patterns
        .map(|(key, text)| (key, text.clone()))
        .chain(listed("deny", &settings.deny))
        .chain(listed("allow", &settings.allow));
    for (key, text) in all {
        if let Err(reason) = PackagePattern::parse(&text) {
            found.push(document.mistake(
                &key,
                &reason,
                Some("write `pypi:acme-*` or `npm:@acme/*`"),
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Settings, String> {
        Settings::parse("gate.toml", text, Path::new("/srv/gate")).map_err(|e| e.to_string())
    }

    #[test]
    fn an_empty_file_is_a_gate_on_loopback() {
        let settings = parse("").expect("read");
        assert_eq!(settings.listen, "127.0.0.1:8030");
        assert_eq!(settings.data, Path::new("/srv/gate/gate-data"));
    }

    #[test]
    fn the_sample_says_the_defaults() {
        let folder = Path::new("");
        let sample = Settings::parse("gate.toml", SAMPLE_SETTINGS, folder).expect("read");
        assert_eq!(sample, Settings::default());
    }

    #[test]
    fn mistakes_have_places() {
        let error = parse("listen = 'here'\nowned = ['*']\n[decide]\nrefuse-form = 'block'\n");
        let error = error.expect_err("mistakes");
        assert!(
            error.contains("gate.toml:4:1") && error.contains("refuse-from"),
            "{error}"
        );
        let error = parse("listen = 'here'\nowned = ['*']\n").expect_err("mistakes");
        assert!(
            error.contains("gate.toml:1:1") && error.contains("gate.toml:2:10"),
            "{error}"
        );
    }
}
