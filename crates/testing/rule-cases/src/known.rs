//! What a case's release shares with known-bad packages.

use foretaste_model::{KnownMatch, KnownMatchKind};
use serde::Deserialize;

/// One match, as a scene block writes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Known {
    kind: Kind,
    #[serde(default)]
    relative: String,
    #[serde(default)]
    family: String,
    #[serde(default)]
    path: String,
    #[serde(default)]
    value: String,
    #[serde(default)]
    malware: bool,
    #[serde(default)]
    tokens: u32,
    #[serde(default = "whole")]
    share: f32,
    /// The package is bad, the file itself was not found to be.
    #[serde(default)]
    bystander: bool,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Artifact,
    File,
    Shape,
    Code,
    Indicator,
}

const fn whole() -> f32 {
    1.0
}

impl Known {
    pub(crate) fn facts(&self) -> KnownMatch {
        KnownMatch {
            kind: match self.kind {
                Kind::Artifact => KnownMatchKind::Artifact,
                Kind::File => KnownMatchKind::File,
                Kind::Shape => KnownMatchKind::Shape,
                Kind::Code => KnownMatchKind::Code,
                Kind::Indicator => KnownMatchKind::Indicator {
                    value: self.value.as_str().into(),
                    note: "".into(),
                    malware: self.malware,
                },
            },
            relative: self.relative.as_str().into(),
            family: self.family.as_str().into(),
            source: "feed.csv".into(),
            relative_path: "setup.py".into(),
            artifact: "case.tar.gz".into(),
            path: self.path.as_str().into(),
            layer: Vec::new(),
            places: Vec::new(),
            tokens: self.tokens,
            share: self.share,
            culprit: !self.bystander,
        }
    }
}
