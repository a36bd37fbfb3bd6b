//! `[[waivers]]`

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::de::Deserializer;
use serde::{Deserialize, Serialize, Serializer};
use toml::value::Datetime;

/// A reasoned, expiring suppression of one rule's findings on the releases that its purl names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct WaiverEntry {
    /// The package URL; without a version it covers every version, and a `*` at its end stands for anything:
    /// `pkg:pypi/flask`, `pkg:pypi/flask@3.*`, `pkg:npm/%40acme/*`.
    #[schemars(extend("format" = "purl-pattern"))]
    pub(crate) purl: String,
    /// The rule's id.
    #[schemars(extend("format" = "non-empty"))]
    pub(crate) rule: String,
    /// Only for a release with an artifact of this digest: `sha256:<hex>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "digest"))]
    pub(crate) digest: Option<String>,
    /// Why. It is printed with what it covers.
    #[schemars(extend("format" = "non-empty"))]
    pub(crate) reason: String,
    /// The last day on which it counts, such as `2027-03-31`.
    pub(crate) expires: Day,
}

/// A day: a TOML date or a string of the same form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(inline, with = "String", extend("format" = "date"))]
pub(crate) struct Day(pub(crate) Date);

impl Day {
    /// Reads `2027-03-31`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        // jiff's own parser also takes a date with a time, whose time zone nobody would know.
        if text.len() != "2027-03-31".len() {
            return Err(format!("`{text}` is no day"));
        }
        text.parse()
            .map(Self)
            .map_err(|_| format!("`{text}` is no day"))
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Text(String),
            Date(Datetime),
        }
        let text = match Either::deserialize(deserializer)? {
            Either::Text(text) => text,
            Either::Date(date) => date.to_string(),
        };
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}
