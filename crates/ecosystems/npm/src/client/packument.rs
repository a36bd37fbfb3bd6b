//! The registry's document of a package ("packument"), full or abbreviated, as lenient types.
//!
//! One strange field of one of two thousand versions must not hide the others, so each field that is not what it
//! should be is read as absent. Fields that are not named here (per-version READMEs and the like) are never kept:
//! the largest documents have tens of megabytes.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A package.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Packument {
    #[serde(default, deserialize_with = "lenient")]
    pub name: Option<String>,
    #[serde(rename = "dist-tags", default, deserialize_with = "lenient")]
    pub dist_tags: Option<BTreeMap<String, String>>,
    #[serde(default, deserialize_with = "versions")]
    pub versions: BTreeMap<String, Version>,
    /// Only in the full document: publication times, also of versions that were removed.
    #[serde(default, deserialize_with = "lenient")]
    pub time: Option<BTreeMap<String, Value>>,
    #[serde(default, deserialize_with = "lenient")]
    pub maintainers: Option<Vec<Value>>,
    #[serde(default, deserialize_with = "lenient")]
    pub readme: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub description: Option<String>,
}

/// One version.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Version {
    #[serde(default, deserialize_with = "lenient")]
    pub description: Option<String>,
    #[serde(default)]
    pub author: Option<Value>,
    #[serde(default)]
    pub contributors: Option<Value>,
    #[serde(default)]
    pub license: Option<Value>,
    #[serde(default)]
    pub licenses: Option<Value>,
    #[serde(default)]
    pub homepage: Option<Value>,
    #[serde(default)]
    pub repository: Option<Value>,
    #[serde(default)]
    pub bugs: Option<Value>,
    #[serde(default, deserialize_with = "table")]
    pub dependencies: BTreeMap<String, String>,
    #[serde(default, rename = "optionalDependencies", deserialize_with = "table")]
    pub optional_dependencies: BTreeMap<String, String>,
    #[serde(default, rename = "peerDependencies", deserialize_with = "table")]
    pub peer_dependencies: BTreeMap<String, String>,
    #[serde(default, rename = "devDependencies", deserialize_with = "table")]
    pub dev_dependencies: BTreeMap<String, String>,
    #[serde(default)]
    pub scripts: Option<Value>,
    #[serde(default, rename = "hasInstallScript", deserialize_with = "lenient")]
    pub has_install_script: Option<bool>,
    /// A message; some registries answer `true`, `false` or an empty text.
    #[serde(default)]
    pub deprecated: Option<Value>,
    #[serde(default, rename = "_npmUser", deserialize_with = "lenient")]
    pub publisher: Option<Publisher>,
    #[serde(default, deserialize_with = "lenient")]
    pub dist: Option<Dist>,
}

/// Who or what published a version.
#[derive(Debug, Deserialize)]
pub(super) struct Publisher {
    #[serde(default, deserialize_with = "lenient")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub email: Option<String>,
    /// A pipeline that publishes without a token (OpenID Connect).
    #[serde(default, rename = "trustedPublisher", deserialize_with = "lenient")]
    pub trusted: Option<TrustedPublisher>,
}

/// The identity provider of a pipeline.
#[derive(Debug, Deserialize)]
pub(super) struct TrustedPublisher {
    #[serde(default)]
    pub id: String,
}

/// The tarball of a version.
#[derive(Debug, Deserialize)]
pub(super) struct Dist {
    #[serde(default, deserialize_with = "lenient")]
    pub tarball: Option<String>,
    /// Subresource integrity: several digests, separated by blanks.
    #[serde(default, deserialize_with = "lenient")]
    pub integrity: Option<String>,
    /// SHA-1, hexadecimal.
    #[serde(default, deserialize_with = "lenient")]
    pub shasum: Option<String>,
    #[serde(default)]
    pub signatures: Option<Value>,
    #[serde(default)]
    pub attestations: Option<Value>,
}

impl Version {
    /// The deprecation message, if the version is deprecated.
    pub(super) fn deprecation(&self) -> Option<&str> {
        match self.deprecated.as_ref()? {
            Value::String(text) if !text.trim().is_empty() => Some(text.trim()),
            Value::Bool(true) => Some("deprecated"),
            _ => None,
        }
    }

    /// True if the registry has a provenance attestation for it.
    pub(super) fn has_attestations(&self) -> bool {
        self.dist
            .as_ref()
            .and_then(|d| d.attestations.as_ref())
            .is_some_and(|a| !a.is_null())
    }

    /// True if the registry signed it: then it is one that tells about attestations, too.
    pub(super) fn has_signatures(&self) -> bool {
        self.dist
            .as_ref()
            .and_then(|d| d.signatures.as_ref())
            .is_some_and(|s| s.as_array().is_some_and(|s| !s.is_empty()))
    }
}

/// A field that is not of its type is absent.
fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).ok())
}

/// The text entries of a table; others are left out.
fn table<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let Value::Object(entries) = Value::deserialize(deserializer)? else {
        return Ok(BTreeMap::new());
    };
    let texts = entries.into_iter().filter_map(|(key, value)| match value {
        Value::String(text) => Some((key, text)),
        _ => None,
    });
    Ok(texts.collect())
}

fn versions<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Version>, D::Error> {
    struct Versions;
    impl<'de> serde::de::Visitor<'de> for Versions {
        type Value = BTreeMap<String, Version>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a table of versions")
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(
            self,
            mut map: A,
        ) -> Result<Self::Value, A::Error> {
            let mut found = BTreeMap::new();
            while let Some((key, version)) = map.next_entry::<String, Version>()? {
                found.insert(key, version);
            }
            Ok(found)
        }

        // an unpublished package has `"versions": []` or `null` in some registries
        fn visit_seq<A: serde::de::SeqAccess<'de>>(
            self,
            mut seq: A,
        ) -> Result<Self::Value, A::Error> {
            while seq.next_element::<serde::de::IgnoredAny>()?.is_some() {}
            Ok(BTreeMap::new())
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(BTreeMap::new())
        }
    }
    deserializer.deserialize_any(Versions)
}
