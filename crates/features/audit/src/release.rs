//! Auditing one release of a registry.

use std::collections::BTreeSet;
use std::sync::Arc;

use foretaste_engine::SceneBuilder;
use foretaste_model::change::Change;
use foretaste_model::facts::ArtifactFacts;
use foretaste_model::metadata::{ReleaseMetadata, RemoteArtifact};
use foretaste_model::report::{IndexDigest, NotTasted, ReleaseReport};
use foretaste_model::{ContentDigest, Ecosystem, Knowledge, PackageName};
use foretaste_registry::Registry;
use foretaste_user_rules::yara::Scanned;

use crate::assemble::{Tasting, judged};
use crate::auditor::{Auditor, tell_change};
use crate::enrich::Inputs;
use crate::history::Against;
use crate::project::Locked;
use crate::{Progress, Stats, known};

/// A package of a registry, and one of its versions; the newest if none.
pub(crate) type Place<'a> = (Ecosystem, &'a PackageName, Option<&'a str>);

/// What is asked of the audit of one release.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    /// As the report names it.
    pub(crate) target: &'a str,
    pub(crate) place: Place<'a>,
    pub(crate) locked: &'a Locked,
    pub(crate) against: &'a Against,
}

impl Auditor {
    /// Audits a release as a registry has it. What was judged before and has not changed since is not read again.
    pub(crate) async fn audit_from(
        self: &Arc<Self>,
        registry: &Arc<dyn Registry>,
        asked: Asked<'_>,
        progress: &Arc<dyn Progress>,
    ) -> (ReleaseReport, Vec<usize>, Stats) {
        let Asked {
            target,
            place,
            locked,
            against,
        } = asked;
        let (_, name, version) = place;
        let mut record = match registry.lookup(name, version).await {
            Ok(record) => record,
            Err(error) => return self.gave_up(target, place, &error),
        };
        let mut builder = SceneBuilder::new(self.options().now);
        builder.digest_mismatches = locked.narrow(&mut record);
        builder.release = Some(record.id.clone());
        self.nominate(&mut builder);
        let mut tasting = Tasting::default();
        let chosen = self.choose(&record, &mut tasting);
        let count = chosen.len();
        let earlier = self
            .earlier_release(target, &record, registry, against, progress)
            .await;
        let keys = self.keys_of(&chosen, registry).await;
        let recalled = match &keys {
            Some(keys) => self.recall_comparison(&earlier, keys, registry).await,
            None => None,
        };
        let key_of = |inputs: &Inputs, change: &Knowledge<Change>, tasting: &Tasting| {
            let known = (&builder, &record, inputs, change);
            self.judgement_key(known, keys.as_deref()?, tasting, locked)
        };
        let mut stats = Stats::default();
        // asking everybody is long: what waits for it stays small
        let enriched = Box::pin(self.enrich(&record, registry));
        let reading;
        let (inputs, recalled) = if let Some(mut change) = recalled {
            stats += self
                .look_at_dependencies(target, &mut change, registry, progress)
                .await;
            let inputs = enriched.await;
            let key = key_of(&inputs, &change, &tasting);
            if let Some(key) = key
                && let Some((mut report, waivers, cost)) = self.kept_judgement(target, key).await
            {
                tell(&mut report, against, &change);
                stats += cost;
                return (report, waivers, stats);
            }
            reading = self.reading().acquire().await;
            stats += self
                .taste_all(target, chosen, &mut tasting, registry, progress)
                .await;
            (inputs, Some((change, key)))
        } else {
            // nothing is known without the artifacts: the others are asked meanwhile
            reading = self.reading().acquire().await;
            let tasted = self.taste_all(target, chosen, &mut tasting, registry, progress);
            let (cost, inputs) = tokio::join!(tasted, enriched);
            stats += cost;
            (inputs, None)
        };
        progress.stage(target, "comparing with its source");
        let inputs = self
            .compare_source(inputs, &record, &tasting.artifacts)
            .await;
        let (change, key) = if let Some(recalled) = recalled {
            recalled
        } else {
            let (change, cost) = self
                .compare_with_earlier(target, earlier, &tasting, registry, progress)
                .await;
            stats += cost;
            let key = key_of(&inputs, &change, &tasting);
            (change, key)
        };
        let key = key.filter(|_| tasting.is_settled(count));
        inputs.into_scene(&mut builder);
        builder.change = change;
        builder.metadata = Knowledge::Known(record);
        builder.artifacts.clone_from(&tasting.artifacts);
        builder.digest_mismatches.splice(..0, tasting.mismatches());
        if let Some(release) = &builder.release {
            let others = locked.other_trees(release, &tasting.artifacts);
            builder.digest_mismatches.extend(others);
        }
        builder.patterns.clone_from(&tasting.patterns);
        self.compare_with_known(&mut builder);
        progress.stage(target, "judging");
        let begin = std::time::Instant::now();
        let scene = builder.build(&self.options().policy);
        let (mut report, waivers) = judged(target, name.as_str(), &scene, self.judge(), &tasting);
        stats.judging = begin.elapsed();
        if let Some(key) = key {
            let files = tasting.artifacts.iter().map(|a| a.coverage.files).sum();
            let (holds, written) = (scene.clock.holds(), (&report, &*waivers));
            self.keep_judgement(key, written, holds, files).await;
        }
        tell(&mut report, against, &builder.change);
        drop(reading);
        (report, waivers, stats)
    }

    /// Fetches and tastes the artifacts of a release, several at a time.
    async fn taste_all(
        self: &Arc<Self>,
        target: &str,
        chosen: Vec<RemoteArtifact>,
        tasting: &mut Tasting,
        registry: &Arc<dyn Registry>,
        progress: &Arc<dyn Progress>,
    ) -> Stats {
        let mut stats = Stats::default();
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
        stats
    }

    /// The keys of artifacts that need not be at hand: what the index promises says what they are. None if one does not,
    /// or if there is none.
    async fn keys_of(
        self: &Arc<Self>,
        chosen: &[RemoteArtifact],
        registry: &Arc<dyn Registry>,
    ) -> Option<Vec<ContentDigest>> {
        let needs_bytes = self.options().own_rules.bytes.is_some();
        if needs_bytes || chosen.is_empty() || chosen.iter().any(|a| registry.is_at_hand(a)) {
            return None;
        }
        let (auditor, chosen) = (self.clone(), chosen.to_vec());
        let keys = tokio::task::spawn_blocking(move || {
            let limits = auditor.taster().limits();
            let key = |a: &RemoteArtifact| {
                let content = auditor.taster().content_of(&a.digests)?;
                Some(known::key(content, &a.filename, limits))
            };
            chosen.iter().map(key).collect::<Option<Vec<_>>>()
        });
        keys.await.ok().flatten()
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
        registry.comes(&artifact).await;
        // held until the facts are there, so that only a few artifacts are in memory at once
        let _turn = self.turn(0).await.map_err(|e| fail(e.to_string()))?;
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

/// Tells the change of which somebody asked.
fn tell(report: &mut ReleaseReport, against: &Against, change: &Knowledge<Change>) {
    match (against, change) {
        (Against::Settled, _) | (Against::Had(_), Knowledge::Skipped(_)) => {}
        (_, change) => tell_change(report, change),
    }
}
