//! Auditing a project: every package that its locks name, with the way that leads to it.

mod lapses;
mod plan;
mod resolve;

use std::path::Path;
use std::sync::Arc;

use foretaste_engine::SceneBuilder;
use foretaste_model::Target;
use foretaste_model::report::ReleaseReport;
use foretaste_projects::Project;

use crate::assemble::{Tasting, judged};
use crate::auditor::{AuditError, Auditor};
use crate::local::shown_name;
use crate::{Reading, Requested};

pub(crate) use plan::{Job, Locked};

/// Problems of a project's own files that are told.
const MAX_TOLD: usize = 50;

impl Auditor {
    /// The files of a folder that nobody called a project: whoever unpacked a package with a lock in it wants to know what
    /// the package does, too.
    pub(crate) fn own_files(&self, requested: &Requested) -> Option<Job> {
        let is_folder =
            matches!(&requested.target, Target::Path(path) if foretaste_io::files::is_dir(path));
        (is_folder && self.options().reading == Reading::ByContent)
            .then(|| Job::plain(requested.clone()))
    }

    /// What there is to vet at `path` if it is a project; none if it is a package.
    pub(crate) async fn plan_project(
        self: &Arc<Self>,
        text: &str,
        path: &Path,
    ) -> Result<Option<(Vec<Job>, Option<ReleaseReport>)>, AuditError> {
        let is_project = match self.options().reading {
            Reading::Package => false,
            Reading::Project => true,
            Reading::ByContent => Project::looks_like_one(path),
        };
        if !is_project {
            return Ok(None);
        }
        let environment = &self.options().environment;
        let read = if foretaste_io::files::is_dir(path) {
            Project::discover(path, environment)
        } else {
            Project::of_file(path, environment)
        };
        let project = read.map_err(|error| AuditError::Project(error.to_string()))?;
        let root = if foretaste_io::files::is_dir(path) {
            path
        } else {
            path.parent()
                .filter(|p| !p.as_os_str().is_empty())
                .unwrap_or(Path::new("."))
        };
        let mut planned = plan::Plan::default();
        for unit in project.units() {
            match unit.lock {
                Some(lock) => planned.lock(lock, &unit.manifests),
                None => {
                    for manifest in &unit.manifests {
                        self.plan_manifest(&mut planned, manifest, root).await;
                    }
                }
            }
        }
        let mut gaps: Vec<Box<str>> = project
            .problems
            .iter()
            .map(|p| p.to_string().into())
            .collect();
        gaps.extend(planned.gaps);
        if planned.jobs.is_empty()
            && gaps.is_empty()
            && project.manifests.is_empty()
            && project.locks.is_empty()
        {
            gaps.push("it holds no manifest or lock that is known".into());
        }
        let lapses = lapses::lapses(&project);
        let own = (!gaps.is_empty() || !lapses.is_empty()).then(|| {
            let more = gaps.len().saturating_sub(MAX_TOLD);
            gaps.truncate(MAX_TOLD);
            if more > 0 {
                gaps.push(format!("and {more} more").into());
            }
            let name = shown_name(path);
            let mut builder = SceneBuilder::new(self.options().now);
            builder.lapses = lapses;
            let tasting = Tasting {
                incomplete: gaps,
                ..Tasting::default()
            };
            let scene = builder.build(&self.options().policy);
            judged(text, &name, &scene, self.judge(), &tasting).0
        });
        Ok(Some((planned.jobs, own)))
    }
}
