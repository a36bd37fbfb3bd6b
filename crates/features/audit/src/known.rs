//! Artifacts that were tasted before: under which key, and in which form, the store keeps them.

use std::collections::HashMap;
use std::sync::Arc;

use foretaste_model::facts::{ArtifactFacts, ArtifactKind, FileEntry, FileFacts, ProblemKind};
use foretaste_model::metadata::RemoteArtifact;
use foretaste_model::{Anomaly, AnomalyKind, ContentDigest, Digest, DigestAlgorithm, Limits};
use foretaste_store::{FileRow, FileTable, StoredArtifact};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::auditor::Auditor;

/// The key of an artifact: its bytes, and everything else that decides what is found in them. The name of the file
/// decides how it is opened, the limits how far, and the source of unpackers and observers what they see.
pub(crate) fn key(digest: ContentDigest, filename: &str, limits: &Limits) -> ContentDigest {
    let observers = (
        env!("TASTING_FINGERPRINT"),
        foretaste_lang::OBSERVER_VERSION,
    );
    let inputs = format!("{digest}\n{observers:?}\n{limits:?}\n{filename}");
    ContentDigest::of(inputs.as_bytes())
}

/// The key under which the content is noted that has these digests; none if they do not prove which content it is.
pub(crate) fn published_key(digests: &[Digest]) -> Option<ContentDigest> {
    if !digests.iter().any(|d| d.algorithm.is_strong()) {
        return None;
    }
    let mut told: Vec<String> = digests.iter().map(ToString::to_string).collect();
    told.sort_unstable();
    told.dedup();
    Some(ContentDigest::of(
        format!("published\n{}", told.join("\n")).as_bytes(),
    ))
}

/// The content that can have these digests alone: they are one SHA-256.
pub(crate) fn content_of(digests: &[Digest]) -> Option<ContentDigest> {
    let [one] = digests else {
        return None;
    };
    (one.algorithm == DigestAlgorithm::Sha256)
        .then(|| ContentDigest::from_hex(&one.value))
        .flatten()
}

/// The key of a comparison with the release `from`: everything that decides what it finds. Which of the offered artifacts
/// are compared follows from those and the new ones.
pub(crate) fn comparison_key(
    from: &str,
    offered: &[RemoteArtifact],
    new: &[ContentDigest],
    limits: &Limits,
) -> ContentDigest {
    let offered: Vec<_> = offered
        .iter()
        .map(|a| (&a.filename, a.kind, a.size, a.compatible, &a.digests))
        .collect();
    // the keys of the new ones say how archives are read
    let engine = env!("COMPARING_FINGERPRINT");
    let inputs = format!("compared\n{engine}\n{limits:?}\n{from:?}\n{offered:?}\n{new:?}");
    ContentDigest::of(inputs.as_bytes())
}

/// What was worked out, as JSON, which carries the fields that are left out when they are empty; none if what is read back
/// is not what was written, to the last bit.
pub(crate) fn as_json<T: Serialize + DeserializeOwned + PartialEq>(
    worked_out: &T,
) -> Option<String> {
    let text = serde_json::to_string(worked_out).ok()?;
    let read: T = serde_json::from_str(&text).ok()?;
    (read == *worked_out).then_some(text)
}

impl Auditor {
    /// What was worked out before under this key.
    pub(crate) async fn recall_derived<T: DeserializeOwned + Send + 'static>(
        self: &Arc<Self>,
        key: ContentDigest,
    ) -> Option<T> {
        let auditor = self.clone();
        let kept = tokio::task::spawn_blocking(move || auditor.taster().derived(key));
        kept.await.ok().flatten()
    }

    /// Keeps what was worked out. That it is lost costs only time.
    pub(crate) async fn keep_derived<T: Serialize + Send + 'static>(
        self: &Arc<Self>,
        key: ContentDigest,
        derived: T,
    ) {
        let auditor = self.clone();
        let keep = move || auditor.taster().keep_derived(key, &derived);
        if let Err(error) = tokio::task::spawn_blocking(keep).await {
            tracing::debug!(%error, "what was worked out was not kept");
        }
    }
}

/// The key of a tasted artifact.
pub(crate) fn key_of(artifact: &ArtifactFacts, limits: &Limits) -> Option<ContentDigest> {
    let digest = artifact.digest.as_ref()?;
    let content = content_of(std::slice::from_ref(digest))?;
    Some(key(content, &artifact.filename, limits))
}

/// False if time decided what was found in a tasted artifact: another run may see more.
pub(crate) fn is_settled(artifact: &ArtifactFacts) -> bool {
    settled(
        &artifact.anomalies,
        artifact.files.iter().map(|f| &*f.facts),
    )
}

/// As [`is_settled`], of what is stored.
pub(crate) fn is_repeatable(stored: &StoredArtifact) -> bool {
    settled(&stored.table.anomalies, stored.facts.iter().map(|f| &**f))
}

fn settled<'a>(anomalies: &[Anomaly], mut files: impl Iterator<Item = &'a FileFacts>) -> bool {
    let timed_out = |a: &Anomaly| a.kind == AnomalyKind::TimeOut;
    !anomalies.iter().any(timed_out) && !files.any(ended_early)
}

/// True if the observer of a file died or took too long: a quieter machine may see more.
pub(crate) fn ended_early(facts: &FileFacts) -> bool {
    facts
        .problems
        .iter()
        .any(|p| p.kind == ProblemKind::ParserDied)
}

/// What is kept of an artifact. Files that share their facts share them there too.
pub(crate) fn stored(
    kind: ArtifactKind,
    anomalies: Vec<Anomaly>,
    files: Vec<FileEntry>,
    size: u64,
) -> StoredArtifact {
    let mut facts: Vec<Arc<FileFacts>> = Vec::new();
    let mut places: HashMap<*const FileFacts, u32> = HashMap::new();
    let rows = files
        .into_iter()
        .map(|file| {
            let place = *places.entry(Arc::as_ptr(&file.facts)).or_insert_with(|| {
                facts.push(file.facts.clone());
                facts.len() as u32 - 1
            });
            FileRow {
                path: file.path,
                digest: file.digest,
                executable: file.executable,
                facts: place,
            }
        })
        .collect();
    let table = FileTable {
        kind,
        anomalies,
        files: rows,
        size,
    };
    StoredArtifact { table, facts }
}

/// The files of a stored artifact, and the rest of its table.
pub(crate) fn files(mut stored: StoredArtifact) -> (FileTable, Vec<FileEntry>) {
    let facts = stored.facts;
    let rows = std::mem::take(&mut stored.table.files);
    let files = rows
        .into_iter()
        .filter_map(|row| {
            Some(FileEntry {
                path: row.path,
                digest: row.digest,
                executable: row.executable,
                facts: facts.get(row.facts as usize)?.clone(),
            })
        })
        .collect();
    (stored.table, files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digests(texts: &[&str]) -> Vec<Digest> {
        texts.iter().filter_map(|t| t.parse().ok()).collect()
    }

    #[test]
    fn only_one_sha256_says_alone_what_a_content_is() {
        let sha256 = format!("sha256:{}", "ab".repeat(32));
        let sha512 = format!("sha512:{}", "cd".repeat(64));
        let md5 = format!("md5:{}", "ef".repeat(16));
        let known = content_of(&digests(&[&sha256]));
        assert_eq!(known, Some(ContentDigest::from_bytes([0xab; 32])));
        for several in [&[&*sha256, &*md5][..], &[&sha512], &[&md5], &[]] {
            assert_eq!(content_of(&digests(several)), None, "{several:?}");
        }
        // weak digests prove nothing, and beside a strong one all must agree
        assert_eq!(published_key(&digests(&[&md5])), None);
        let both = published_key(&digests(&[&sha512, &md5]));
        assert!(both.is_some());
        assert_eq!(both, published_key(&digests(&[&md5, &sha512])));
        assert_ne!(both, published_key(&digests(&[&sha512])));
    }
}
