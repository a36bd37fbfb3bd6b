//! The user's own verdicts: what an audit blocked is known from then on.

use foretaste_clones::{Added, Index, KnownArtifact};
use foretaste_model::report::Report;
use foretaste_model::{ContentDigest, DigestAlgorithm, Verdict};

/// Adds the artifacts of every blocked release of a JSON report; `source` is what findings say they are known from.
///
/// # Errors
/// The text is no report.
pub fn add(index: &mut Index, text: &str, source: &str) -> Result<Added, String> {
    let report: Report = serde_json::from_str(text)
        .map_err(|e| format!("{source}:{}:{}: it is no report: {e}", e.line(), e.column()))?;
    let mut added = Added::default();
    let blocked = report
        .releases
        .iter()
        .filter(|r| r.verdict == Verdict::Block);
    for release in blocked {
        let name = match &release.version {
            Some(version) => format!("{} {version}", release.name),
            None => release.name.to_string(),
        };
        for artifact in &release.artifacts {
            let digest = artifact
                .digest
                .as_ref()
                .filter(|d| d.algorithm == DigestAlgorithm::Sha256)
                .and_then(|d| d.value.parse::<HexDigest>().ok());
            let Some(HexDigest(digest)) = digest else {
                continue;
            };
            added += index.add_digest(KnownArtifact {
                name: name.clone(),
                family: release.name.to_string(),
                source: source.to_owned(),
                digest: Some(digest),
            });
        }
    }
    Ok(added)
}

struct HexDigest(ContentDigest);

impl std::str::FromStr for HexDigest {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let pairs = text.as_bytes().as_chunks::<2>().0;
        let mut bytes = [0; 32];
        if text.len() != 64 || pairs.len() != 32 {
            return Err(());
        }
        for (byte, pair) in bytes.iter_mut().zip(pairs) {
            let pair = std::str::from_utf8(pair).map_err(drop)?;
            *byte = u8::from_str_radix(pair, 16).map_err(drop)?;
        }
        Ok(Self(ContentDigest::from_bytes(bytes)))
    }
}
