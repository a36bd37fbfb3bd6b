//! `[indexes]`

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

/// Where packages come from. What stands here wins over the clients' own configuration; flags win over this.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct IndexSettings {
    /// Python packages.
    pub pypi: PypiIndex,
    /// npm packages.
    pub npm: NpmIndex,
    /// Rust crates.
    pub cargo: CargoIndex,
    /// Ruby gems: a gem server with a compact index.
    pub rubygems: PlainIndex,
    /// PHP packages: the folder of a composer repository's `packages.json`.
    pub composer: PlainIndex,
    /// Go modules: a module proxy.
    pub go: PlainIndex,
    /// .NET packages: the `index.json` of a NuGet source, version 3.
    pub nuget: PlainIndex,
    /// Java packages: a Maven repository.
    pub maven: PlainIndex,
}

/// Where the packages of an ecosystem with one kind of endpoint come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct PlainIndex {
    /// The endpoint.
    pub url: Option<IndexUrl>,
}

/// Where Python packages come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct PypiIndex {
    /// The simple index (PEP 503, PEP 691).
    pub url: Option<IndexUrl>,
    /// More simple indexes, asked as well.
    pub extra: Vec<IndexUrl>,
}

/// Where npm packages come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct NpmIndex {
    /// The registry.
    pub url: Option<IndexUrl>,
    /// The download-count service.
    pub downloads: Option<IndexUrl>,
    /// Registries of single scopes: `"@acme" = "https://npm.acme.example/"`.
    #[schemars(extend("propertyNames" = {"pattern": "^@"}))]
    pub scopes: BTreeMap<String, IndexUrl>,
}

/// Where Rust crates come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct CargoIndex {
    /// The sparse index: its URL, or the name of a registry in cargo's own configuration.
    #[schemars(extend("format" = "cargo-registry"))]
    pub registry: Option<IndexUrl>,
}

/// The URL of an index. It may hold a password, so it is not shown with its user-info.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline, extend("format" = "index-url"))]
pub struct IndexUrl(String);

impl IndexUrl {
    /// The text as configured, credentials included: hand it to a type that takes them out.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Why `text` is no `http` or `https` URL. The message does not repeat the text, which may hold a password.
    pub(crate) fn problem(text: &str) -> Option<String> {
        let text = text.strip_prefix("sparse+").unwrap_or(text);
        match Url::parse(text) {
            Ok(url) if !matches!(url.scheme(), "http" | "https") => Some(format!(
                "its scheme is `{}`, and only http and https are supported",
                url.scheme()
            )),
            Ok(_) => None,
            Err(error) => Some(error.to_string()),
        }
    }
}

impl fmt::Debug for IndexUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(mut url) = Url::parse(&self.0) else {
            return f.write_str("<not a URL>");
        };
        // Both fail only for URLs that cannot have a user, such as `data:`.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        url.set_query(None);
        f.write_str(url.as_str())
    }
}
