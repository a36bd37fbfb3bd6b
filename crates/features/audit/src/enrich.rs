//! Optional inputs: downloads, repository, domains, advisories, dependencies. Each is known or skipped with a reason.

use std::collections::BTreeSet;
use std::sync::Arc;

use foretaste_engine::SceneBuilder;
use foretaste_model::facts::{ArtifactFacts, ArtifactKind};
use foretaste_model::intel::{AdvisoryMatch, DomainFacts, RepositoryFacts, SourceComparison};
use foretaste_model::manifest::{DependencyKind, DependencySource};
use foretaste_model::metadata::{Downloads, ReleaseMetadata};
use foretaste_model::{ContentDigest, Knowledge, PackageName, SkipKind};
use foretaste_registry::{Registry, RegistryError};
use jiff::Timestamp;
use tokio::task::JoinSet;

use crate::auditor::Auditor;

/// Days after which a release is too old to depend on a young package.
const YOUNG_DAYS: i64 = 90;
/// Dependencies that are looked up.
const MAX_DEPENDENCIES: usize = 40;

/// Everything that comes from elsewhere than the artifact and its registry record.
#[derive(Debug)]
pub(crate) struct Inputs {
    pub(crate) downloads: Knowledge<Downloads>,
    pub(crate) repository: Knowledge<RepositoryFacts>,
    pub(crate) source: Knowledge<SourceComparison>,
    pub(crate) domains: Knowledge<Vec<DomainFacts>>,
    pub(crate) advisories: Knowledge<Vec<AdvisoryMatch>>,
    pub(crate) dependencies: Knowledge<Vec<ReleaseMetadata>>,
}

impl Inputs {
    /// Moves them into a scene.
    pub(crate) fn into_scene(self, builder: &mut SceneBuilder) {
        builder.downloads = self.downloads;
        builder.repository = self.repository;
        builder.source = self.source;
        builder.domains = self.domains;
        builder.advisories = self.advisories;
        builder.dependencies = self.dependencies;
    }
}

impl Auditor {
    /// Asks everybody who may know more about a release. The source comparison waits for the artifacts' files.
    pub(crate) async fn enrich(
        &self,
        record: &ReleaseMetadata,
        registry: &Arc<dyn Registry>,
    ) -> Inputs {
        let intel = self.intel();
        let (repository, domains, advisories, dependencies) = tokio::join!(
            intel.repository(record),
            intel.domains(record),
            intel.advisories(record),
            dependencies(record, registry, self.options().now),
        );
        Inputs {
            downloads: record.downloads.clone(),
            repository,
            source: Knowledge::skip(SkipKind::NotApplicable, "no artifact was tasted"),
            domains,
            advisories,
            dependencies,
        }
    }

    /// Compares the tasted artifacts with the repository, if that is known.
    pub(crate) async fn compare_source(
        &self,
        mut inputs: Inputs,
        record: &ReleaseMetadata,
        artifacts: &[ArtifactFacts],
    ) -> Inputs {
        let files: BTreeSet<(Box<str>, ContentDigest)> = artifacts
            .iter()
            .filter(|a| a.kind != ArtifactKind::Folder)
            .flat_map(|a| a.files.iter().map(|f| (f.path.clone(), f.digest)))
            .collect();
        if files.is_empty() {
            return inputs;
        }
        let files: Vec<_> = files.into_iter().collect();
        inputs.source = match &inputs.repository {
            Knowledge::Known(repository) => self.intel().source(record, repository, &files).await,
            Knowledge::Skipped(reason) => Knowledge::Skipped(reason.clone()),
        };
        inputs
    }
}

/// The histories of a young release's direct dependencies: an old release cannot depend on a young package.
async fn dependencies(
    record: &ReleaseMetadata,
    registry: &Arc<dyn Registry>,
    now: Timestamp,
) -> Knowledge<Vec<ReleaseMetadata>> {
    let young = |time: Timestamp| now.as_second() - time.as_second() < YOUNG_DAYS * 86_400;
    match record.published() {
        None => {
            return Knowledge::skip(
                SkipKind::Unsupported,
                "the registry does not tell when it was released",
            );
        }
        Some(time) if !young(time) => {
            let reason =
                format!("releases older than {YOUNG_DAYS} days cannot depend on a young package");
            return Knowledge::skip(SkipKind::Disabled, reason);
        }
        Some(_) => {}
    }
    let names: BTreeSet<PackageName> = match &record.dependencies {
        Knowledge::Skipped(reason) => return Knowledge::Skipped(reason.clone()),
        Knowledge::Known(all) => all
            .iter()
            .filter(|d| d.kind == DependencyKind::Run && d.source == DependencySource::Registry)
            .map(|d| PackageName::new(record.id.ecosystem, &d.name))
            .collect(),
    };
    let mut tasks = JoinSet::new();
    for name in names.into_iter().take(MAX_DEPENDENCIES) {
        let registry = registry.clone();
        tasks.spawn(async move { registry.outline(&name, None).await });
    }
    let (mut found, mut skipped) = (Vec::new(), None);
    while let Some(done) = tasks.join_next().await {
        match done {
            Ok(Ok(full)) => {
                let mut brief = ReleaseMetadata::new(full.id);
                brief.history = full.history;
                found.push(brief);
            }
            // a package that is gone has no history
            Ok(Err(RegistryError::NotFound { .. } | RegistryError::NoRelease { .. })) => {}
            Ok(Err(error)) => skipped = skipped.max(Some(error.skip_reason())),
            Err(error) => {
                return Knowledge::skip(SkipKind::Failed, format!("a look-up broke off: {error}"));
            }
        }
    }
    found.sort_by(|a, b| a.id.cmp(&b.id));
    // a young dependency is worth telling even if another one could not be looked up
    let concern = |d: &ReleaseMetadata| {
        d.history
            .iter()
            .filter_map(|h| h.published)
            .min()
            .is_some_and(young)
    };
    match skipped {
        Some(reason) if !found.iter().any(concern) => Knowledge::Skipped(reason),
        _ => Knowledge::Known(found),
    }
}
