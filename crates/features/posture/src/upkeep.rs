//! What registries say of the releases that the locks hold: how old they are, and who keeps them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use foretaste_model::facts::ArtifactKind;
use foretaste_model::metadata::ReleaseMetadata;
use foretaste_model::{Ecosystem, ReleaseId};
use foretaste_npm::manifest::ON_INSTALL;
use foretaste_registry::Registry;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use crate::Share;

/// Releases that are asked about; of more, the first ones by name.
const MOST: usize = 2_000;
/// Questions at once.
const AT_ONCE: usize = 16;
/// Days without a release after which a package counts as abandoned, as the rule `abandoned-package` does by default.
const ABANDONED_DAYS: i64 = 730;

/// The registry of each ecosystem, or why there is none.
pub type Registries = BTreeMap<Ecosystem, Result<Arc<dyn Registry>, String>>;

/// What registries say of the distinct public releases that the locks hold. Each share is of those whose registry tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upkeep {
    /// Releases that a registry told of, of all that the locks hold.
    pub told: Share,
    /// Days since the release was published, in the middle of all.
    pub median_age_days: Option<i64>,
    /// Releases of packages that published another one since.
    pub behind: Share,
    /// Releases of packages that published nothing for two years.
    pub abandoned: Share,
    /// Releases that run code at installation: an npm script, or a Python package without a wheel.
    pub install_scripts: Share,
    /// Releases with provenance or attestations.
    pub provenance: Share,
    /// Releases that their index or author took back.
    pub yanked: Share,
    /// Why releases were not told of: the reason, and how many.
    pub not_told: BTreeMap<String, usize>,
}

impl Upkeep {
    /// Asks registries about releases.
    pub async fn ask(
        releases: &BTreeSet<ReleaseId>,
        registries: &Registries,
        now: Timestamp,
    ) -> Self {
        let mut upkeep = Self::default();
        let mut ages = Vec::new();
        let slots = Arc::new(Semaphore::new(AT_ONCE));
        let mut asking = Vec::new();
        for release in releases.iter().take(MOST).cloned() {
            let registry = match registries.get(&release.ecosystem) {
                Some(Ok(registry)) => Arc::clone(registry),
                Some(Err(why)) => {
                    upkeep.lacks(why.clone());
                    continue;
                }
                None => {
                    upkeep.lacks(format!("{} is not asked", release.ecosystem));
                    continue;
                }
            };
            let slots = Arc::clone(&slots);
            asking.push(tokio::spawn(async move {
                let _slot = slots.acquire().await;
                registry
                    .outline(&release.name, Some(&release.version))
                    .await
            }));
        }
        for _ in releases.iter().skip(MOST) {
            upkeep.lacks(format!("only the first {MOST} releases are asked about"));
        }
        for answer in asking {
            match answer.await {
                Ok(Ok(record)) => upkeep.count(&record, now, &mut ages),
                Ok(Err(error)) => upkeep.lacks(error.skip_reason().kind.id().to_owned()),
                Err(error) => upkeep.lacks(format!("a look-up broke off: {error}")),
            }
        }
        ages.sort_unstable();
        upkeep.median_age_days = ages.get(ages.len() / 2).copied();
        upkeep
    }

    /// The shares, with what they are of.
    pub(crate) const fn shares(&self) -> [(&'static str, Share); 5] {
        [
            ("of packages with a later release", self.behind),
            (
                "of packages without a release for two years",
                self.abandoned,
            ),
            ("run code at installation", self.install_scripts),
            ("with provenance", self.provenance),
            ("taken back (yanked)", self.yanked),
        ]
    }

    fn lacks(&mut self, why: String) {
        self.told.count(false);
        *self.not_told.entry(why).or_default() += 1;
    }

    fn count(&mut self, record: &ReleaseMetadata, now: Timestamp, ages: &mut Vec<i64>) {
        self.told.count(true);
        let days = |since: Timestamp| (now.as_second() - since.as_second()).div_euclid(86_400);
        let newest = record.history.iter().filter_map(|h| h.published).max();
        if let Some(published) = record.published() {
            ages.push(days(published));
            self.behind
                .count(newest.is_some_and(|newest| newest > published));
        }
        if let Some(newest) = newest {
            self.abandoned.count(days(newest) >= ABANDONED_DAYS);
        }
        if let Some(runs) = runs_at_install(record) {
            self.install_scripts.count(runs);
        }
        if let Some(this) = record.this() {
            self.yanked.count(this.yanked.is_some());
            if let Some(has) = this.provenance {
                self.provenance.count(has);
            }
        }
    }
}

/// When releases were published, as far as registries tell. Of more than [`MOST`], the first ones are asked about.
pub(crate) async fn published(
    releases: &BTreeSet<ReleaseId>,
    registries: &Registries,
) -> BTreeMap<ReleaseId, Timestamp> {
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    let mut asking = Vec::new();
    for release in releases.iter().take(MOST).cloned() {
        let Some(Ok(registry)) = registries.get(&release.ecosystem) else {
            continue;
        };
        let (registry, slots) = (Arc::clone(registry), Arc::clone(&slots));
        asking.push(tokio::spawn(async move {
            let _slot = slots.acquire().await;
            let told = registry
                .outline(&release.name, Some(&release.version))
                .await;
            Some((release, told.ok()?.published()?))
        }));
    }
    let mut found = BTreeMap::new();
    for answer in asking {
        found.extend(answer.await.ok().flatten());
    }
    found
}

/// Whether its installation runs code of it; none if the registry does not tell.
fn runs_at_install(record: &ReleaseMetadata) -> Option<bool> {
    match record.id.ecosystem {
        Ecosystem::Pypi if !record.artifacts.is_empty() => {
            let mut artifacts = record.artifacts.iter();
            Some(artifacts.all(|a| a.kind != ArtifactKind::Wheel))
        }
        _ => {
            let scripts = record.scripts.known()?;
            Some(
                scripts
                    .iter()
                    .any(|(name, _)| ON_INSTALL.contains(&&**name)),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use foretaste_model::Knowledge;
    use foretaste_model::metadata::HistoryEntry;

    use super::*;

    fn entry(version: &str, day: &str, provenance: Option<bool>) -> HistoryEntry {
        HistoryEntry {
            published: format!("{day}T00:00:00Z").parse().ok(),
            provenance,
            ..HistoryEntry::new(version)
        }
    }

    #[test]
    fn ages_scripts_and_provenance_are_counted_where_they_are_told() {
        let now = "2026-11-01T00:00:00Z".parse().unwrap();
        let mut kept = ReleaseMetadata::new(ReleaseId::new(Ecosystem::Npm, "kept", "1.0.0"));
        kept.history = vec![
            entry("1.0.0", "2026-10-02", Some(true)),
            entry("1.1.0", "2026-10-20", Some(true)),
        ];
        kept.scripts = Knowledge::Known(vec![("postinstall".into(), "node x".into())]);
        let mut left = ReleaseMetadata::new(ReleaseId::new(Ecosystem::Npm, "left", "2.0.0"));
        left.history = vec![entry("2.0.0", "2020-10-02", Some(false))];
        let (mut upkeep, mut ages) = (Upkeep::default(), Vec::new());
        upkeep.count(&kept, now, &mut ages);
        upkeep.count(&left, now, &mut ages);
        upkeep.lacks("offline".into());
        assert_eq!(ages, [30, 2221]);
        assert_eq!(upkeep.told, Share::new(2, 3));
        assert_eq!(upkeep.behind, Share::new(1, 2));
        assert_eq!(upkeep.abandoned, Share::new(1, 2));
        assert_eq!(upkeep.install_scripts, Share::new(1, 1));
        assert_eq!(upkeep.provenance, Share::new(1, 2));
        assert_eq!(upkeep.not_told["offline"], 1);
    }
}
