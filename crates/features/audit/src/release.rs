//! Auditing one release of a registry.

use std::collections::BTreeSet;
use std::sync::Arc;

use foretaste_model::ContentDigest;
use foretaste_model::facts::ArtifactFacts;
use foretaste_model::metadata::{ReleaseMetadata, RemoteArtifact};
use foretaste_model::report::{IndexDigest, NotTasted};
use foretaste_registry::Registry;
use foretaste_user_rules::yara::Scanned;

use crate::assemble::Tasting;
use crate::auditor::Auditor;
use crate::{Progress, Stats, known};

impl Auditor {
    /// Fetches and tastes the artifacts of a release, several at a time.
    pub(crate) async fn taste_release(
        self: &Arc<Self>,
        target: &str,
        record: &ReleaseMetadata,
        registry: &Arc<dyn Registry>,
        progress: &Arc<dyn Progress>,
    ) -> (Tasting, Stats) {
        let mut tasting = Tasting::default();
        let mut stats = Stats::default();
        let chosen = self.choose(record, &mut tasting);
        let tasks: Vec<_> = chosen
            .into_iter()
            .map(|artifact| {
                let (auditor, registry, progress) =
                    (self.clone(), registry.clone(), progress.clone());
                let target = target.to_owned();
                tokio::spawn(async move {
                    auditor
                        .fetch_and_taste(&target, artifact, &*registry, &*progress)
                        .await
                })
            })
            .collect();
        for task in tasks {
            match task.await {
                Ok(Ok((facts, digest, cost, scanned))) => {
                    stats += cost;
                    tasting.add_scanned(scanned);
                    tasting.add(facts, digest);
                }
                Ok(Err((filename, reason))) => {
                    tasting
                        .incomplete
                        .push(format!("{filename} was not tasted: {reason}").into());
                    tasting.not_tasted.push(NotTasted {
                        filename,
                        reason: reason.into(),
                    });
                }
                Err(panic) => tasting
                    .incomplete
                    .push(format!("an artifact was not tasted: {panic}").into()),
            }
        }
        if tasting.artifacts.is_empty() && tasting.incomplete.is_empty() {
            tasting
                .incomplete
                .push("the registry offers no artifact that could be tasted".into());
        }
        (tasting, stats)
    }

    /// The artifacts to taste: all that this machine's client could choose, or every one, without repeats of content.
    fn choose(&self, record: &ReleaseMetadata, tasting: &mut Tasting) -> Vec<RemoteArtifact> {
        let any_fits = record.artifacts.iter().any(|a| a.compatible);
        let mut seen = BTreeSet::new();
        let mut chosen = Vec::new();
        for artifact in &record.artifacts {
            let mut leave = |reason: &str| {
                tasting.not_tasted.push(NotTasted {
                    filename: artifact.filename.clone(),
                    reason: reason.into(),
                });
            };
            let strongest = artifact.digests.iter().find(|d| d.algorithm.is_strong());
            if any_fits && !artifact.compatible && !self.options().all_artifacts {
                leave("not for this machine");
            } else if artifact
                .size
                .is_some_and(|size| size > self.taster().limits().artifact_bytes)
            {
                leave("larger than the limit on artifacts");
                tasting.incomplete.push(
                    format!(
                        "{} is larger than the limit on artifacts",
                        artifact.filename
                    )
                    .into(),
                );
            } else if strongest.is_some_and(|d| !seen.insert(d.clone())) {
                leave("the same content as another artifact");
            } else {
                chosen.push(artifact.clone());
            }
        }
        chosen
    }

    pub(crate) async fn fetch_and_taste(
        self: Arc<Self>,
        target: &str,
        artifact: RemoteArtifact,
        registry: &dyn Registry,
        progress: &dyn Progress,
    ) -> Result<(ArtifactFacts, IndexDigest, Stats, Scanned), (Box<str>, String)> {
        let fail = |reason: String| (artifact.filename.clone(), reason);
        // held until the facts are there, so that only a few artifacts are in memory at once
        let _turn = self
            .turns()
            .acquire()
            .await
            .map_err(|e| fail(e.to_string()))?;
        progress.stage(target, &format!("fetching {}", artifact.filename));
        if let Some((facts, stats)) = self.recall(&artifact, registry).await {
            return Ok((facts, IndexDigest::Match, stats, Scanned::default()));
        }
        let limit = self.taster().limits().artifact_bytes;
        let download = registry
            .download(&artifact, limit)
            .await
            .map_err(|e| fail(e.to_string()))?;
        progress.stage(target, &format!("tasting {}", artifact.filename));
        let (auditor, wanted) = (self.clone(), artifact.clone());
        let (index_digest, cached) = (download.index_digest, download.from_cache);
        let tasted = tokio::task::spawn_blocking(move || {
            let matches = index_digest == IndexDigest::Match;
            let proven = matches
                .then(|| known::content_of(&wanted.digests))
                .flatten();
            let content = proven.unwrap_or_else(|| ContentDigest::of(&download.bytes));
            let (taster, filename) = (auditor.taster(), &*wanted.filename);
            let (facts, stats) = taster.archive_with(filename, &download.bytes, content);
            if matches {
                taster.note_content(&wanted.digests, content);
            }
            let scanned = auditor.scan_archive(filename, &download.bytes, &facts);
            (facts, stats, scanned)
        })
        .await;
        let (facts, mut stats, scanned) = tasted.map_err(|e| fail(e.to_string()))?;
        if cached {
            stats.local += 1;
        } else {
            stats.fetched += 1;
        }
        Ok((facts, index_digest, stats, scanned))
    }

    /// The facts of an artifact that was tasted before, when nobody needs its bytes: what the index's digests promise is
    /// what was tasted under them, and neither fetched nor hashed again.
    async fn recall(
        self: &Arc<Self>,
        artifact: &RemoteArtifact,
        registry: &dyn Registry,
    ) -> Option<(ArtifactFacts, Stats)> {
        if self.options().own_rules.bytes.is_some() || registry.is_at_hand(artifact) {
            return None;
        }
        let (auditor, artifact) = (self.clone(), artifact.clone());
        let recalled = tokio::task::spawn_blocking(move || {
            let taster = auditor.taster();
            let content = taster.content_of(&artifact.digests)?;
            taster.known(&artifact.filename, content)
        });
        let (facts, mut stats) = recalled.await.ok().flatten()?;
        stats.local += 1;
        Some((facts, stats))
    }
}
