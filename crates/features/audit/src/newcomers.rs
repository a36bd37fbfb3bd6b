//! New dependencies: what their names resemble, how old they are, and how they taste themselves.

use std::sync::Arc;

use foretaste_engine::SceneBuilder;
use foretaste_model::change::{Change, DependencyChange, DependencyChangeKind, DependencyLook};
use foretaste_model::facts::{ArtifactFacts, SurfaceKind};
use foretaste_model::manifest::DependencySource;
use foretaste_model::metadata::{ReleaseMetadata, RemoteArtifact};
use foretaste_model::{Knowledge, PackageName, Verdict};
use foretaste_registry::Registry;

use crate::auditor::Auditor;
use crate::{Progress, Stats};

/// The largest artifact of a dependency that is tasted along.
const MAX_BYTES: u64 = 8 << 20;
/// Packages of this rank or a better one are not tasted along.
const WELL_KNOWN: u32 = 5_000;

impl Auditor {
    /// Adds what the names of new dependencies resemble. Asks nobody.
    pub(crate) fn look_at_names(&self, change: &mut Change) {
        for dependency in newcomers(change) {
            let (ecosystem, name) = (dependency.ecosystem, &*dependency.name);
            let nominated = self.names().nominate(ecosystem, name);
            dependency.look.imitates = nominated.into_iter().map(|n| n.target).collect();
            dependency.look.rank = self.names().rank(ecosystem, name);
        }
    }

    /// Adds what the registry says about new dependencies, and tastes the few that nobody knows.
    pub(crate) async fn look_at_dependencies(
        self: &Arc<Self>,
        target: &str,
        change: &mut Knowledge<Change>,
        registry: &Arc<dyn Registry>,
        progress: &Arc<dyn Progress>,
    ) -> Stats {
        let mut stats = Stats::default();
        let Knowledge::Known(change) = change else {
            return stats;
        };
        self.look_at_names(change);
        let mut budget = self.options().policy.history.dependencies;
        for dependency in newcomers(change) {
            let look = &mut dependency.look;
            let reason = if dependency.source != DependencySource::Registry {
                "it comes from elsewhere than the registry"
            } else if look.rank.is_some_and(|rank| rank <= WELL_KNOWN) {
                "it is well known"
            } else if dependency.ecosystem != registry.ecosystem() {
                "it belongs to another registry"
            } else if budget == 0 {
                "the budget for new dependencies is spent"
            } else {
                budget -= 1;
                progress.stage(
                    target,
                    &format!("tasting the new dependency {}", dependency.name),
                );
                let name = PackageName::new(dependency.ecosystem, &dependency.name);
                match registry.lookup(&name, None).await {
                    Ok(record) => {
                        stats += self
                            .taste_newcomer(target, record, look, registry, progress)
                            .await;
                    }
                    Err(error) => look.not_looked = Some(error.to_string().into()),
                }
                continue;
            };
            look.not_looked = Some(reason.into());
        }
        stats
    }

    async fn taste_newcomer(
        self: &Arc<Self>,
        target: &str,
        record: ReleaseMetadata,
        look: &mut DependencyLook,
        registry: &Arc<dyn Registry>,
        progress: &Arc<dyn Progress>,
    ) -> Stats {
        let mut stats = Stats::default();
        look.first_published = record.history.iter().filter_map(|h| h.published).min();
        let Some(artifact) = choose(&record.artifacts) else {
            look.not_looked = Some("no artifact within the budget".into());
            return stats;
        };
        let fetched = self
            .clone()
            .fetch_and_taste(target, artifact, &**registry, &**progress)
            .await;
        let facts = match fetched {
            Ok((facts, _, cost, _)) => {
                stats += cost;
                facts
            }
            Err((filename, reason)) => {
                look.not_looked = Some(format!("{filename}: {reason}").into());
                return stats;
            }
        };
        look.runs_at_install = runs_at_install(&facts);
        look.tasted = Some(record.id.version.clone());
        let mut builder = SceneBuilder::new(self.options().now);
        builder.release = Some(record.id.clone());
        self.nominate(&mut builder);
        builder.metadata = Knowledge::Known(record);
        builder.artifacts = vec![facts];
        let scene = builder.build(&self.options().policy);
        let judgement = self.judge().judge(&scene, Vec::new());
        look.verdict = Some(judgement.verdict);
        look.because = judgement
            .findings
            .first()
            .filter(|_| judgement.verdict >= Verdict::Review)
            .map(|f| f.message.clone());
        stats
    }
}

fn newcomers(change: &mut Change) -> impl Iterator<Item = &mut DependencyChange> {
    change
        .dependencies
        .iter_mut()
        .filter(|d| d.what != DependencyChangeKind::Removed)
}

/// The artifact that shows most: the one that is built at install, else one that this machine would take.
fn choose(offered: &[RemoteArtifact]) -> Option<RemoteArtifact> {
    let small = offered
        .iter()
        .filter(|a| a.size.is_none_or(|size| size <= MAX_BYTES));
    small
        .min_by_key(|a| {
            (
                a.kind != foretaste_model::facts::ArtifactKind::Sdist,
                !a.compatible,
            )
        })
        .cloned()
}

fn runs_at_install(facts: &ArtifactFacts) -> bool {
    let at_root = facts.files.iter().filter(|f| !f.path.contains('/'));
    at_root
        .flat_map(|f| &f.facts.surfaces)
        .any(|s| match s.kind {
            SurfaceKind::NpmLifecycle => {
                matches!(&*s.name, "preinstall" | "install" | "postinstall")
            }
            kind => matches!(
                kind,
                SurfaceKind::CmdClass
                    | SurfaceKind::BuildRs
                    | SurfaceKind::ProcMacro
                    | SurfaceKind::BindingGyp
                    | SurfaceKind::Pth
                    | SurfaceKind::SiteCustomize
            ),
        })
}
