//! What a rule can ask for.

use schemars::JsonSchema;
use serde::Deserialize;

/// A condition: everything that is set must hold.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Condition {
    /// All of these hold.
    pub(crate) all: Vec<Self>,
    /// One of these holds.
    pub(crate) any: Vec<Self>,
    /// This does not hold.
    #[schemars(with = "Option<Condition>")]
    pub(crate) not: Option<Box<Self>>,
    /// The code can do this: a capability (`network.http`) or all of a group (`network.*`).
    pub(crate) capability: Option<String>,
    /// The code uses an API: `requests.post`, `os.*`.
    pub(crate) api: Option<String>,
    /// With `capability` or `api`: one of its constant arguments fits.
    pub(crate) argument: Option<String>,
    /// Data flows from a source to a sink.
    pub(crate) chain: Option<ChainCondition>,
    /// A string constant fits: `*-----BEGIN*`.
    pub(crate) literal: Option<String>,
    /// A string constant names this host, or with `*.` before it one below it.
    pub(crate) host: Option<String>,
    /// The file imports a module: `ctypes`, `win32*`.
    pub(crate) import: Option<String>,
    /// The file runs in one of these ways: `install`, `start`, `import`, `entry`, `called`, `test`, `asset`.
    pub(crate) context: Vec<Context>,
    /// The path of the file fits.
    pub(crate) path: Option<String>,
    /// The file is written in this: `python`, `javascript`, `shell`, `native`, ….
    pub(crate) language: Option<String>,
    /// The text was decoded from the file (`true`), or stands in it (`false`).
    pub(crate) decoded: Option<bool>,
    /// The size of the file in bytes.
    pub(crate) size: Option<Range>,
    /// The name of the package fits.
    pub(crate) name: Option<String>,
    /// The version fits.
    pub(crate) version: Option<String>,
    /// The ecosystem: `pypi`, `npm`, `cargo`.
    pub(crate) ecosystem: Option<String>,
    /// A dependency's name fits.
    pub(crate) dependency: Option<String>,
    /// How many dependencies it has.
    pub(crate) dependencies: Option<Range>,
    /// How many files it has.
    pub(crate) file_count: Option<Range>,
    /// Days since the release was published; unknown fits nothing.
    pub(crate) age_days: Option<Range>,
    /// Releases so far; unknown fits nothing.
    pub(crate) releases: Option<Range>,
    /// Downloads in thirty days; unknown fits nothing.
    pub(crate) downloads: Option<Range>,
}

/// Data that flows from a source to a sink.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ChainCondition {
    /// The capability of the source, or a group of them (`environment.*`).
    pub(crate) from: Option<String>,
    /// The capability of a step in between.
    pub(crate) through: Option<String>,
    /// The capability of the sink.
    pub(crate) to: Option<String>,
    /// A constant of one of the steps fits (URL, path, variable, command).
    pub(crate) constant: Option<String>,
}

/// When code runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Context {
    /// While the package is installed or built.
    Install,
    /// Whenever the interpreter starts.
    Start,
    /// When the package is imported.
    Import,
    /// When its command is run.
    Entry,
    /// When a function is called.
    Called,
    /// In tests, documentation or examples.
    Test,
    /// In a vendored or minified asset.
    Asset,
}

/// Bounds of a number; both are part of the range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Range {
    /// The least.
    pub(crate) min: Option<f64>,
    /// The most.
    pub(crate) max: Option<f64>,
}

impl Range {
    pub(crate) fn holds(self, value: f64) -> bool {
        self.min.is_none_or(|min| value >= min) && self.max.is_none_or(|max| value <= max)
    }
}

impl Condition {
    /// True if nothing is asked for.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Every condition in it, itself included, with its key below `path`.
    pub(crate) fn walk<'a>(&'a self, path: &str, visit: &mut dyn FnMut(&str, &'a Self)) {
        visit(path, self);
        for (key, list) in [("all", &self.all), ("any", &self.any)] {
            for (number, inner) in list.iter().enumerate() {
                inner.walk(&format!("{path}.{key}[{number}]"), visit);
            }
        }
        if let Some(inner) = &self.not {
            inner.walk(&format!("{path}.not"), visit);
        }
    }
}
