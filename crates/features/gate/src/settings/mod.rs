//! `gate.toml`: what a gate serves, from where, to whom, and what it lets through.

mod decide;
mod storage;
mod traces;

use std::path::{Path, PathBuf};

use foretaste_policy::{Document, PolicyErrors, read_document};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use url::Url;

use crate::database::Place;
use crate::pattern::PackagePattern;
pub use decide::{AdvisoryLevel, DecideSettings, Incomplete, Otherwise, Override, Threshold};
pub use storage::Storage;
pub use traces::Traces;

/// `gate.toml` with every setting, its default and what it means.
pub const SAMPLE_SETTINGS: &str = include_str!("../sample.toml");

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
    /// What differs for some packages, ecosystems or teams: `[[override]]`.
    #[serde(rename = "override")]
    pub overrides: Vec<Override>,
    /// Packages that are always refused: `[[deny]]`.
    pub deny: Vec<Listed>,
    /// Packages that are served without a look at their age and verdict: `[[allow]]`.
    pub allow: Vec<Listed>,
    /// Who may do what.
    pub access: Access,
    /// Who publishes without a token: `[[trusted-publisher]]`.
    pub trusted_publisher: Vec<TrustedPublisher>,
    /// HTTPS without a proxy.
    pub tls: Option<Tls>,
    /// Where things are kept that several gates share.
    pub storage: Storage,
    /// Whose signatures count.
    pub provenance: Provenance,
    /// Where a span of each request goes.
    pub traces: Traces,
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

/// An entry of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Listed {
    /// The package and perhaps a version: `pypi:colourama`, `npm:@acme/*`, `crates:time@0.1.*`, `acme-*`.
    pub package: String,
    /// Why; the reader of a refusal sees it.
    pub reason: String,
    /// The last day on which the entry counts, as `2027-01-31`; without one it counts for ever.
    #[serde(default)]
    pub until: Option<String>,
}

impl Listed {
    /// The end of its last day (UTC), in seconds since the epoch.
    pub(crate) fn ends(&self) -> Result<Option<i64>, String> {
        let Some(text) = &self.until else {
            return Ok(None);
        };
        let day: jiff::civil::Date = text.parse().map_err(|_| format!("`{text}` is no day"))?;
        let end = day
            .tomorrow()
            .and_then(|day| day.to_zoned(jiff::tz::TimeZone::UTC))
            .map_err(|e| e.to_string())?;
        Ok(Some(end.timestamp().as_second()))
    }
}

/// Who may do what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Access {
    /// Whether reading needs no token.
    pub anonymous_read: bool,
    /// Requests that a token, or an address without one, may make in a minute; 0 for no limit.
    pub requests_per_minute: u32,
}

/// A CI system whose signed statements are exchanged for tokens that may publish, for some minutes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TrustedPublisher {
    /// The issuer's URL, as it stands in its statements: `https://ci.acme.example`. Its keys are asked for there.
    pub issuer: String,
    /// What a statement must say; `*` stands for anything: `{ repository = "acme/utils", ref = "refs/tags/*" }`.
    pub claims: std::collections::BTreeMap<String, String>,
    /// What may be published then: `["pypi:acme-utils"]`.
    pub packages: Vec<String>,
}

/// Whose signatures of provenance (PEP 740) count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Provenance {
    /// Certificates of the authorities that are trusted, and public keys of the transparency logs in which a signature must
    /// stand, as PEM or as Sigstore's `trusted_root.json`; relative paths start at this file. Without authorities a signature
    /// must be that of the certificate that comes with it, whoever issued it; without logs, none is looked at.
    pub roots: Option<PathBuf>,
}

/// HTTPS without a proxy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Tls {
    /// The certificate with its chain, as PEM; relative paths start at this file.
    pub certificate: PathBuf,
    /// Its private key, as PEM.
    pub key: PathBuf,
}

impl Default for Access {
    fn default() -> Self {
        Self {
            anonymous_read: true,
            requests_per_minute: 0,
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
            overrides: Vec::new(),
            deny: Vec::new(),
            allow: Vec::new(),
            access: Access::default(),
            trusted_publisher: Vec::new(),
            tls: None,
            storage: Storage::default(),
            provenance: Provenance::default(),
            traces: Traces::default(),
        }
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
        if let Some(files) = &mut settings.storage.files {
            *files = folder.join(&*files);
        }
        if let Some(roots) = &mut settings.provenance.roots {
            *roots = folder.join(&*roots);
        }
        if let Some(tls) = &mut settings.tls {
            tls.certificate = folder.join(&tls.certificate);
            tls.key = folder.join(&tls.key);
        }
        Ok(settings)
    }
}

/// The database's file name, in the data folder.
pub(crate) const DATABASE: &str = "gate.sqlite";

impl Settings {
    /// Where the database is.
    pub(crate) fn database(&self) -> Place {
        let url = self.storage.database.as_deref();
        match url.and_then(|url| Url::parse(url).ok()) {
            Some(url) => Place::Postgres(url),
            None => Place::Sqlite(self.data.join(DATABASE)),
        }
    }

    /// The folder of the files.
    pub(crate) fn files(&self) -> PathBuf {
        let own = || crate::blobs::folder(&self.data);
        self.storage.files.clone().unwrap_or_else(own)
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
    if let Some(text) = &settings.storage.database {
        let is_postgres = Url::parse(text)
            .is_ok_and(|url| matches!(url.scheme(), "postgres" | "postgresql") && url.has_host());
        if !is_postgres {
            let reason = "this is no URL of a PostgreSQL database";
            let hint = Some("write `postgres://gate@db.acme.example/gate`");
            found.push(document.mistake("storage.database", reason, hint));
        }
    }
    if let Err((key, reason)) = settings.storage.bucket() {
        let hint = Some(
            "write `bucket = \"s3://acme-gate\"`, `endpoint = \"https://objects.acme.example\"`",
        );
        found.push(document.mistake(key, reason, hint));
    }
    if let Some(reason) = settings.traces.mistake() {
        let hint = Some("write `http://collector.acme.example:4318`");
        found.push(document.mistake("traces.endpoint", &reason, hint));
    }
    let patterns = settings.owned.iter().enumerate();
    let patterns = patterns.map(|(i, text)| (format!("owned[{i}]"), text));
    let listed = |list: &'static str, all: &'_ [Listed]| -> Vec<(String, String)> {
        let places = all.iter().enumerate();
        places
            .map(|(i, l)| (format!("{list}[{i}].package"), l.package.clone()))
            .collect()
    };
    let lists = [("deny", &settings.deny), ("allow", &settings.allow)];
    for (list, entries) in lists {
        for (i, entry) in entries.iter().enumerate() {
            if let Err(reason) = entry.ends() {
                let key = format!("{list}[{i}].until");
                found.push(document.mistake(&key, &reason, Some("write `2027-01-31`")));
            }
        }
    }
    let mut overridden = Vec::new();
    for (i, entry) in settings.overrides.iter().enumerate() {
        for (j, text) in entry.ecosystems.iter().enumerate() {
            if foretaste_model::Ecosystem::from_prefix(text).is_none() {
                let key = format!("override[{i}].ecosystems[{j}]");
                let reason = format!("`{text}` is no ecosystem");
                found.push(document.mistake(&key, &reason, Some("write `pypi`, `npm` or `cargo`")));
            }
        }
        for (j, text) in entry.packages.iter().enumerate() {
            overridden.push((format!("override[{i}].packages[{j}]"), text.clone()));
        }
    }
    for (i, publisher) in settings.trusted_publisher.iter().enumerate() {
        if publisher.claims.is_empty() || publisher.packages.is_empty() {
            let key = format!("trusted-publisher[{i}]");
            let reason = "a trusted publisher needs claims and packages";
            let hint = Some("write `claims = { repository = \"acme/utils\" }`");
            found.push(document.mistake(&key, reason, hint));
        }
        for (j, text) in publisher.packages.iter().enumerate() {
            overridden.push((
                format!("trusted-publisher[{i}].packages[{j}]"),
                text.clone(),
            ));
        }
    }
    let all = patterns
        .map(|(key, text)| (key, text.clone()))
        .chain(listed("deny", &settings.deny))
        .chain(listed("allow", &settings.allow))
        .chain(overridden);
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
        for storage in ["bucket = 'acme'", "bucket = 's3://a'\nendpoint = 'acme'"] {
            let error = parse(&format!("[storage]\n{storage}\n")).expect_err("mistakes");
            assert!(error.contains("this is no "), "{error}");
        }
    }

    #[test]
    fn a_bucket_has_a_name_and_perhaps_a_prefix() {
        let bucket = |url: &str| {
            let settings = parse(&format!("[storage]\nbucket = '{url}'\n")).expect("read");
            let bucket = settings.storage.bucket().expect("good").expect("one");
            (bucket.name, bucket.prefix)
        };
        assert_eq!(bucket("s3://acme"), ("acme".into(), String::new()));
        assert_eq!(bucket("s3://acme/a/b"), ("acme".into(), "a/b".into()));
    }
}
