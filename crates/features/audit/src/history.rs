//! The comparison of a release with an earlier one: which one, and what its artifacts say.

use std::sync::Arc;

use foretaste_engine::change;
use foretaste_maven::MavenVersion;
use foretaste_model::change::Change;
use foretaste_model::facts::ArtifactFacts;
use foretaste_model::metadata::{HistoryEntry, ReleaseMetadata, RemoteArtifact};
use foretaste_model::report::IndexDigest;
use foretaste_model::{ContentDigest, Ecosystem, Knowledge, SkipKind, SkipReason};
use foretaste_osv::compare_versions;
use foretaste_packagist::ComposerVersion;
use foretaste_registry::Registry;
use foretaste_rubygems::GemVersion;

use crate::assemble::Tasting;
use crate::auditor::Auditor;
use crate::{Progress, Stats, known};

/// With which earlier release a release is compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Against {
    /// As the policy says: the highest one below that has stood for a while.
    #[default]
    Settled,
    /// The one just below.
    Before,
    /// This one.
    Version(String),
    /// This one, which a project had before. That it cannot be had any more is no reason to stop.
    Had(String),
}

impl Auditor {
    /// The earlier release of the same registry with which a release is to be compared, or why there is none.
    pub(crate) async fn earlier_release(
        &self,
        target: &str,
        record: &ReleaseMetadata,
        registry: &Arc<dyn Registry>,
        against: &Against,
        progress: &Arc<dyn Progress>,
    ) -> Result<ReleaseMetadata, SkipReason> {
        let settings = &self.options().policy.history;
        let version = match against {
            Against::Settled if !settings.compare => {
                let why = "the comparison with earlier releases is switched off";
                return Err(SkipReason::new(SkipKind::Disabled, why));
            }
            Against::Version(version) | Against::Had(version) => version.clone(),
            Against::Settled | Against::Before => {
                let days = match against {
                    Against::Settled => settings.settled_days,
                    _ => 0,
                };
                let Some(entry) = earlier(record, days) else {
                    let why = "the registry has no earlier release";
                    return Err(SkipReason::new(SkipKind::NotApplicable, why));
                };
                entry.version.to_string()
            }
        };
        progress.stage(target, &format!("comparing with {version}"));
        let outline = registry.outline(&record.id.name, Some(&version)).await;
        outline.map_err(|error| error.skip_reason())
    }

    /// Compares a tasted release with an earlier one.
    pub(crate) async fn compare_with_earlier(
        self: &Arc<Self>,
        target: &str,
        earlier: Result<ReleaseMetadata, SkipReason>,
        tasting: &Tasting,
        registry: &Arc<dyn Registry>,
        progress: &Arc<dyn Progress>,
    ) -> (Knowledge<Change>, Stats) {
        let old = match earlier {
            Ok(old) => old,
            Err(reason) => return (Knowledge::Skipped(reason), Stats::default()),
        };
        if tasting.artifacts.is_empty() {
            let why = "no artifact was tasted";
            let skipped = Knowledge::skip(SkipKind::NotApplicable, why);
            return (skipped, Stats::default());
        }
        let (compared, mut stats) = self
            .compare_afresh(target, &old, &tasting.artifacts, registry, progress)
            .await;
        let mut change = match compared {
            Ok(change) => Knowledge::Known(change),
            Err(reason) => Knowledge::Skipped(reason),
        };
        stats += self
            .look_at_dependencies(target, &mut change, registry, progress)
            .await;
        (change, stats)
    }

    /// Tastes the earlier artifacts and compares them with the tasted ones.
    async fn compare_afresh(
        self: &Arc<Self>,
        target: &str,
        old: &ReleaseMetadata,
        tasted: &[ArtifactFacts],
        registry: &Arc<dyn Registry>,
        progress: &Arc<dyn Progress>,
    ) -> (Result<Change, SkipReason>, Stats) {
        let mut stats = Stats::default();
        let mut artifacts = Vec::new();
        let mut failure = None;
        let mut is_settled = tasted.iter().all(known::is_settled);
        for artifact in like(
            &old.artifacts,
            tasted,
            self.taster().limits().artifact_bytes,
        ) {
            let fetched = self
                .clone()
                .fetch_and_taste(target, artifact, &**registry, &**progress)
                .await;
            match fetched {
                Ok((facts, digest, cost, _)) => {
                    stats += cost;
                    is_settled &= digest == IndexDigest::Match && known::is_settled(&facts);
                    artifacts.push(facts);
                }
                Err((filename, reason)) => {
                    failure = Some(format!("{filename} could not be compared with: {reason}"));
                }
            }
        }
        let compared = change::compare(&old.id.version, &artifacts, tasted);
        if is_settled && failure.is_none() {
            self.keep_comparison(old, tasted, &compared).await;
        }
        let compared = match (compared, failure) {
            (Err(_), Some(failure)) => {
                let kind = if self.options().http.offline {
                    SkipKind::Offline
                } else {
                    SkipKind::Failed
                };
                Err(SkipReason::new(kind, failure))
            }
            (compared, _) => compared,
        };
        (compared, stats)
    }

    /// What is known of the change without looking at any artifact: that there is none, or the comparison as it was worked
    /// out before. It follows from what the artifacts are, which `new` says of the later ones.
    pub(crate) async fn recall_comparison(
        self: &Arc<Self>,
        earlier: &Result<ReleaseMetadata, SkipReason>,
        new: &[ContentDigest],
        registry: &Arc<dyn Registry>,
    ) -> Option<Knowledge<Change>> {
        let old = match earlier {
            Ok(old) => old,
            Err(reason) => return Some(Knowledge::Skipped(reason.clone())),
        };
        if old.artifacts.iter().any(|a| registry.is_at_hand(a)) {
            return None;
        }
        let limits = self.taster().limits();
        let key = known::comparison_key(&old.id.version, &old.artifacts, new, limits);
        let kept: String = self.recall_derived(key).await?;
        let kept: Result<Change, SkipReason> = serde_json::from_str(&kept).ok()?;
        Some(kept.map_or_else(Knowledge::Skipped, Knowledge::Known))
    }

    /// Keeps a comparison whose inputs depend on nothing but content.
    async fn keep_comparison(
        self: &Arc<Self>,
        old: &ReleaseMetadata,
        new: &[ArtifactFacts],
        compared: &Result<Change, SkipReason>,
    ) {
        let limits = self.taster().limits();
        let keys: Option<Vec<_>> = new.iter().map(|a| known::key_of(a, limits)).collect();
        let key =
            |keys: Vec<_>| known::comparison_key(&old.id.version, &old.artifacts, &keys, limits);
        if let (Some(key), Some(text)) = (keys.map(key), known::as_json(compared)) {
            self.keep_derived(key, text).await;
        }
    }
}

/// The release to compare with: the highest version below, published earlier and not yanked; among these, one that was
/// published at least `days` before, if there is any. A stable release is compared with stable ones.
fn earlier(record: &ReleaseMetadata, days: u32) -> Option<&HistoryEntry> {
    let this = record.this()?;
    let ecosystem = record.id.ecosystem;
    let position = record
        .history
        .iter()
        .position(|h| h.version == this.version)?;
    let is_before = |index: usize, entry: &HistoryEntry| {
        // what is no version is compared only with its like
        let readable = |v: &str| compare_versions(ecosystem, v, v).is_some();
        let below = compare_versions(ecosystem, &entry.version, &this.version).map_or_else(
            || !readable(&this.version) && !readable(&entry.version),
            std::cmp::Ordering::is_lt,
        );
        let older = match (entry.published, this.published) {
            (Some(then), Some(now)) => then <= now,
            _ => {
                index < position
                    || compare_versions(ecosystem, &entry.version, &this.version).is_some()
            }
        };
        entry.version != this.version && entry.yanked.is_none() && below && older
    };
    let entries = record.history.iter().enumerate();
    let mut candidates: Vec<&HistoryEntry> = entries
        .filter(|(index, entry)| is_before(*index, entry))
        .map(|(_, entry)| entry)
        .collect();
    let stable = |entry: &&HistoryEntry| !is_prerelease(ecosystem, &entry.version);
    if stable(&this) && candidates.iter().any(stable) {
        candidates.retain(stable);
    }
    let settled = |entry: &&HistoryEntry| match (entry.published, this.published) {
        (Some(then), Some(now)) => now.as_second() - then.as_second() >= i64::from(days) * 86_400,
        _ => false,
    };
    if candidates.iter().any(settled) {
        candidates.retain(settled);
    }
    candidates.into_iter().max_by(|a, b| {
        compare_versions(ecosystem, &a.version, &b.version)
            .unwrap_or_else(|| a.published.cmp(&b.published))
    })
}

fn is_prerelease(ecosystem: Ecosystem, version: &str) -> bool {
    let plain = version.split('+').next().unwrap_or(version);
    match ecosystem {
        Ecosystem::Pypi => ["a", "b", "c", "dev", "alpha", "beta", "rc", "pre"]
            .iter()
            .any(|word| plain.to_ascii_lowercase().contains(word)),
        Ecosystem::RubyGems => plain.parse::<GemVersion>().is_ok_and(|v| v.is_prerelease()),
        Ecosystem::Packagist => plain
            .parse::<ComposerVersion>()
            .is_ok_and(|v| v.is_prerelease()),
        Ecosystem::Maven => MavenVersion::new(plain).is_prerelease(),
        _ => plain.contains('-'),
    }
}

/// The earlier artifacts that are most like the tasted ones: of the same kind, for the same platform.
fn like(offered: &[RemoteArtifact], tasted: &[ArtifactFacts], limit: u64) -> Vec<RemoteArtifact> {
    let mut chosen: Vec<RemoteArtifact> = Vec::new();
    for artifact in tasted {
        let tags = |filename: &str| filename.splitn(3, '-').nth(2).map(str::to_owned);
        let wanted = tags(&artifact.filename);
        let fits = |a: &&RemoteArtifact| {
            a.kind == artifact.kind && a.size.is_none_or(|size| size <= limit)
        };
        let rank = |a: &&RemoteArtifact| (tags(&a.filename) != wanted, !a.compatible);
        let Some(found) = offered.iter().filter(fits).min_by_key(rank) else {
            continue;
        };
        if !chosen.iter().any(|c| c.filename == found.filename) {
            chosen.push(found.clone());
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use foretaste_model::ReleaseId;

    use super::*;

    fn record(ecosystem: Ecosystem, version: &str, history: &[(&str, &str)]) -> ReleaseMetadata {
        let mut record = ReleaseMetadata::new(ReleaseId::new(ecosystem, "x", version));
        record.history = history
            .iter()
            .map(|(version, day)| HistoryEntry {
                published: format!("{day}T00:00:00Z").parse().ok(),
                ..HistoryEntry::new(version)
            })
            .collect();
        record
    }

    fn chosen(record: &ReleaseMetadata, days: u32) -> Option<&str> {
        earlier(record, days).map(|e| &*e.version)
    }

    #[test]
    fn a_back_port_is_compared_with_its_own_branch() {
        let history = [
            ("1.26.18", "2023-10-17"),
            ("2.1.0", "2023-11-13"),
            ("1.26.19", "2024-06-17"),
        ];
        let record = record(Ecosystem::Pypi, "1.26.19", &history);
        assert_eq!(chosen(&record, 3), Some("1.26.18"));
    }

    #[test]
    fn the_second_release_of_a_burst_is_not_compared_with_the_first() {
        let history = [
            ("8.3.40", "2024-11-30"),
            ("8.3.41", "2024-12-04"),
            ("8.3.42", "2024-12-05"),
        ];
        let record = record(Ecosystem::Pypi, "8.3.42", &history);
        assert_eq!(chosen(&record, 3), Some("8.3.40"));
        assert_eq!(chosen(&record, 0), Some("8.3.41"));
    }

    #[test]
    fn pre_releases_and_yanked_ones_are_passed_over() {
        let history = [
            ("1.0.0", "2024-01-01"),
            ("1.1.0", "2024-02-01"),
            ("2.0.0-rc.1", "2024-03-01"),
            ("2.0.0", "2024-04-01"),
        ];
        let mut record = record(Ecosystem::Npm, "2.0.0", &history);
        record.history[1].yanked = Some("broken".into());
        assert_eq!(chosen(&record, 3), Some("1.0.0"));
    }

    #[test]
    fn odd_old_versions_do_not_confuse_the_order() {
        let history = [
            ("1.0.0beta", "2010-01-01"),
            ("5.2.1", "2025-12-01"),
            ("4.22.3", "2026-09-14"),
            ("5.3.0", "2026-10-09"),
        ];
        let record = record(Ecosystem::Npm, "5.3.0", &history);
        assert_eq!(chosen(&record, 0), Some("5.2.1"));
    }

    #[test]
    fn the_first_release_has_none_before_it() {
        let record = record(Ecosystem::Cargo, "0.1.0", &[("0.1.0", "2024-01-01")]);
        assert_eq!(chosen(&record, 3), None);
    }
}
