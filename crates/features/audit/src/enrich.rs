//! Optional inputs: downloads, repository, domains, advisories, dependencies. Each is known or skipped with a reason.

use foretaste_engine::SceneBuilder;
use foretaste_model::intel::{AdvisoryMatch, DomainFacts, RepositoryFacts, SourceComparison};
use foretaste_model::metadata::{Downloads, ReleaseMetadata};
use foretaste_model::{Knowledge, SkipKind};
use foretaste_registry::Registry;

use crate::auditor::Auditor;

/// Everything that comes from elsewhere than the artifact and its registry record.
#[derive(Debug)]
pub(crate) struct Inputs {
    downloads: Knowledge<Downloads>,
    repository: Knowledge<RepositoryFacts>,
    source: Knowledge<SourceComparison>,
    domains: Knowledge<Vec<DomainFacts>>,
    advisories: Knowledge<Vec<AdvisoryMatch>>,
    dependencies: Knowledge<Vec<ReleaseMetadata>>,
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
    /// Asks everybody who may know more about a release.
    pub(crate) async fn enrich(&self, record: &ReleaseMetadata, _registry: &dyn Registry) -> Inputs {
        let skip = "not asked";
        let _ = self.http();
        Inputs {
            downloads: record.downloads.clone(),
            repository: Knowledge::skip(SkipKind::Disabled, skip),
            source: Knowledge::skip(SkipKind::Disabled, skip),
            domains: Knowledge::skip(SkipKind::Disabled, skip),
            advisories: Knowledge::skip(SkipKind::Disabled, skip),
            dependencies: Knowledge::skip(SkipKind::Disabled, skip),
        }
    }
}
