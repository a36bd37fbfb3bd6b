//! The result of a survey.

use std::collections::BTreeSet;

use foretaste_model::ReleaseId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::changes::DependencyChanges;
use crate::controls::{Control, controls};
use crate::fixes::{self, Fix};
use crate::survey::Options;
use crate::trend::Point;
use crate::upkeep::{Registries, Upkeep};
use crate::{Measures, Share};

/// The version of the JSON.
pub const SCHEMA: &str = "foretaste-posture/1";

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
}

impl RepositoryPosture {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            measures: Measures::default(),
            changes: None,
            trend: Vec::new(),
            fixes: Vec::new(),
            problems: Vec::new(),
            skipped: Vec::new(),
            releases: BTreeSet::new(),
        }
    }
}

impl Posture {
    pub(crate) fn of(mut repositories: Vec<RepositoryPosture>, options: &Options) -> Self {
        let mut total = Measures::default();
        let mut changes = DependencyChanges::default();
        let mut locked_repositories = Share::default();
        for repository in &repositories {
            total.add(&repository.measures);
            let locked = repository.measures.locking.locked;
            if locked.of > 0 {
                locked_repositories.count(locked.lacking() == 0);
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
            upkeep: None,
            trend,
            fixes,
            controls,
            repositories,
        }
    }
}

impl Posture {
    /// Asks registries about what the repositories hold; names of the organisation are not among it.
    pub async fn ask(&mut self, registries: &Registries) {
        let releases = self.repositories.iter().flat_map(|r| r.releases.clone());
        let releases: BTreeSet<ReleaseId> = releases.collect();
        self.upkeep = Some(Upkeep::ask(&releases, registries, self.when).await);
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
