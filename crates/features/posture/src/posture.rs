//! The result of a survey.

use std::collections::BTreeSet;
use std::sync::Arc;

use foretaste_model::ReleaseId;
use foretaste_projects::Project;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use crate::changes::DependencyChanges;
use crate::controls::{Control, controls};
use crate::drift::Drift;
use crate::fixes::{self, Fix};
use crate::installed::{Difference, Installed};
use crate::sets::Set;
use crate::survey::Options;
use crate::trend::Point;
use crate::upkeep::{Registries, Upkeep, published};
use crate::{Measures, Share};

/// The version of the JSON.
pub const SCHEMA: &str = "foretaste-posture/1";

/// Differences that are told if nobody asked for all.
const FEW: usize = 10;
/// Locks that are made anew at once.
const RESOLVED_AT_ONCE: usize = 4;

/// What a survey found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Posture {
    /// The version of this format.
    pub schema: String,
    /// When it was measured.
    pub when: Timestamp,
    /// Days of history that were looked at.
    pub days: u32,
    /// Repositories that have a lock for everything they install, of those that install anything.
    pub locked_repositories: Share,
    /// The measures of all together.
    pub total: Measures,
    /// Dependency changes of all together.
    pub changes: DependencyChanges,
    /// How what is installed beside the locks differs from them, where anything is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installed: Option<Installed>,
    /// What a fresh resolution would change, if one was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<Drift>,
    /// What registries say of the releases that are held, if they were asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upkeep: Option<Upkeep>,
    /// The measures of all together over time, oldest first. A repository counts from its first commit on.
    pub trend: Vec<Point>,
    /// What to do, what helps most first.
    pub fixes: Vec<Fix>,
    /// The controls of frameworks that these measures speak to.
    pub controls: Vec<Control>,
    /// Each repository, the one with the most open doors first.
    pub repositories: Vec<RepositoryPosture>,
}

/// One repository.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RepositoryPosture {
    /// Its path below the folder.
    pub name: String,
    /// Its measures now.
    pub measures: Measures,
    /// The dependency changes on its main line; none where there is no history to look at.
    pub changes: Option<DependencyChanges>,
    /// How what is installed beside its locks differs from them; none where nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installed: Option<Installed>,
    /// What a fresh resolution would change, if one was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<Drift>,
    /// Its measures over time, oldest first.
    pub trend: Vec<Point>,
    /// What to do there.
    pub fixes: Vec<Fix>,
    /// What could not be read of it.
    pub problems: Vec<String>,
    /// What could not be measured, and why.
    pub skipped: Vec<String>,
    /// The public releases that its locks and lists hold.
    #[serde(skip)]
    pub releases: BTreeSet<ReleaseId>,
    /// Its locks, and lists of one version each.
    #[serde(skip)]
    pub sets: Vec<Set>,
}

impl RepositoryPosture {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            measures: Measures::default(),
            changes: None,
            installed: None,
            drift: None,
            trend: Vec::new(),
            fixes: Vec::new(),
            problems: Vec::new(),
            skipped: Vec::new(),
            releases: BTreeSet::new(),
            sets: Vec::new(),
        }
    }
}

impl Posture {
    pub(crate) fn of(mut repositories: Vec<RepositoryPosture>, options: &Options) -> Self {
        let mut total = Measures::default();
        let mut changes = DependencyChanges::default();
        let mut locked_repositories = Share::default();
        let mut installed: Option<Installed> = None;
        for repository in &repositories {
            total.add(&repository.measures);
            let locked = repository.measures.locking.locked;
            if locked.of > 0 {
                locked_repositories.count(locked.lacking() == 0);
            }
            if let Some(of) = &repository.installed {
                installed.get_or_insert_default().add(of);
            }
            if let Some(of) = &repository.changes {
                changes.seen_by_another += of.seen_by_another;
                changes.by_bots += of.by_bots;
                changes.told_by_host += of.told_by_host;
            }
        }
        let trend = sum_of_trends(&repositories);
        let fixes = fixes::over(&repositories);
        let controls = controls(&total, &changes);
        let weight = |r: &RepositoryPosture| (r.measures.extra_indexes > 0, r.measures.open);
        repositories.sort_by(|a, b| weight(b).cmp(&weight(a)).then_with(|| a.name.cmp(&b.name)));
        Self {
            schema: SCHEMA.to_owned(),
            when: options.now,
            days: options.days,
            locked_repositories,
            total,
            changes,
            installed,
            drift: None,
            upkeep: None,
            trend,
            fixes,
            controls,
            repositories,
        }
    }
}

impl Posture {
    /// What is not installed as it is locked; the first few of all, unless all that is kept is wanted.
    pub(crate) fn differences(
        &self,
        all: bool,
    ) -> impl Iterator<Item = (&RepositoryPosture, &Difference)> {
        self.repositories
            .iter()
            .flat_map(move |r| {
                r.installed
                    .iter()
                    .flat_map(move |i| i.differences.iter().map(move |d| (r, d)))
            })
            .take(if all { usize::MAX } else { FEW })
    }

    /// Asks registries about what the repositories hold; names of the organisation are not among it.
    pub async fn ask(&mut self, registries: &Registries) {
        let releases = self.repositories.iter().flat_map(|r| r.releases.clone());
        let releases: BTreeSet<ReleaseId> = releases.collect();
        self.upkeep = Some(Upkeep::ask(&releases, registries, self.when).await);
    }

    /// Has every set made anew, a few at once, and compares. `resolve` gives the new lock, or why there is none; registries
    /// tell how old is what would move.
    pub async fn compare_with_fresh<F, R>(&mut self, resolve: F, registries: &Registries)
    where
        F: Fn(Set) -> R,
        R: Future<Output = Result<Project, String>> + Send + 'static,
    {
        let slots = Arc::new(Semaphore::new(RESOLVED_AT_ONCE));
        let mut resolving = Vec::new();
        for (index, repository) in self.repositories.iter().enumerate() {
            for set in &repository.sets {
                let (fresh, slots) = (resolve(set.clone()), Arc::clone(&slots));
                let task = tokio::spawn(async move {
                    let _slot = slots.acquire().await;
                    fresh.await
                });
                resolving.push((index, set.clone(), task));
            }
        }
        for (index, set, task) in resolving {
            let drift = match task.await {
                Ok(Ok(fresh)) => Drift::between(&set, &fresh),
                Ok(Err(why)) => Drift::unresolved(&why),
                Err(error) => Drift::unresolved(&format!("a resolution broke off: {error}")),
            };
            if let Some(repository) = self.repositories.get_mut(index) {
                repository.drift.get_or_insert_default().add(&drift);
            }
        }
        let drifts = self.repositories.iter().filter_map(|r| r.drift.as_ref());
        let movers: BTreeSet<ReleaseId> = drifts.flat_map(Drift::movers).collect();
        let published = published(&movers, registries).await;
        let mut total = Drift::default();
        for drift in self
            .repositories
            .iter_mut()
            .filter_map(|r| r.drift.as_mut())
        {
            drift.date(&published, self.when);
            drift.name();
            total.add(drift);
            drift.shorten();
        }
        total.name();
        total.shorten();
        self.drift = Some(total);
    }
}

/// Every repository's points lie at the same times, since they come from the same step.
fn sum_of_trends(repositories: &[RepositoryPosture]) -> Vec<Point> {
    let mut sums: std::collections::BTreeMap<Timestamp, Measures> =
        std::collections::BTreeMap::new();
    for point in repositories.iter().flat_map(|r| &r.trend) {
        sums.entry(point.when).or_default().add(&point.measures);
    }
    sums.into_iter()
        .map(|(when, measures)| Point { when, measures })
        .collect()
}
