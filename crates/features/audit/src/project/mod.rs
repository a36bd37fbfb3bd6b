//! Auditing a project: every package that its locks name, with the way that leads to it.

mod environment;
mod lapses;
mod plan;
mod policies;
mod resolve;
mod since;
mod usage;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use foretaste_engine::{Lapse, SceneBuilder};
use foretaste_model::report::{ReleaseReport, Since, SkippedCheck, Subject};
use foretaste_model::{Ecosystem, SkipKind, SkipReason, Target};
use foretaste_projects::Project;

use crate::assemble::{Tasting, judged};
use crate::auditor::{AuditError, Auditor};
use crate::local::shown_name;
use crate::{Reading, Requested};

use plan::Gap;
pub(crate) use plan::{Job, Locked};
pub(crate) use since::advise;

/// Problems of a project's own files that are told.
const MAX_TOLD: usize = 50;

/// The name under which a report says that nobody looked into the actions of workflows.
const ACTIONS_CHECK: &str = "actions";

/// What there is to vet in a project.
#[derive(Debug, Default)]
pub(crate) struct Planned {
    /// The releases.
    pub(crate) jobs: Vec<Job>,
    /// The verdict on the project's own files, if there is something to say.
    pub(crate) own: Option<ReleaseReport>,
    /// What changed, if that was asked.
    pub(crate) since: Option<Since>,
    /// The project and the folder that it lies in, if it has code of its own.
    pub(crate) read: Option<(PathBuf, Project)>,
}

/// What one state of a project holds.
#[derive(Debug, Default)]
struct State {
    jobs: Vec<Job>,
    gaps: Vec<Gap>,
    lapses: Vec<Lapse>,
    /// Actions that workflows use, which no registry offers.
    actions: BTreeSet<Box<str>>,
    /// True if what something asks for needs in turn is not known.
    is_partial: bool,
}

impl Auditor {
    /// The files of a folder that nobody called a project: whoever unpacked a package with a lock in it wants to know what
    /// the package does, too.
    pub(crate) fn own_files(&self, requested: &Requested) -> Option<Job> {
        let is_folder =
            matches!(&requested.target, Target::Path(path) if foretaste_io::files::is_dir(path));
        let wanted = self.options().reading == Reading::ByContent && self.options().since.is_none();
        (is_folder && wanted).then(|| Job::plain(requested.clone()))
    }

    /// What there is to vet at `path` if it is a project; none if it is a package.
    pub(crate) async fn plan_project(
        self: &Arc<Self>,
        text: &str,
        path: &Path,
    ) -> Result<Option<Planned>, AuditError> {
        let options = self.options();
        let is_project = match options.reading {
            _ if options.since.is_some() => true,
            Reading::Package => false,
            Reading::Project | Reading::Environment => true,
            Reading::ByContent => Project::looks_like_one(path),
        };
        if !is_project {
            return Ok(None);
        }
        if options.reading == Reading::Environment {
            let mut state = environment::state(text, path, options.http.offline)
                .map_err(AuditError::Project)?;
            let own = self.own_report(text, path, &mut state);
            return Ok(Some(Planned {
                jobs: state.jobs,
                own,
                since: None,
                read: None,
            }));
        }
        let place = Place::of(path);
        let project = place.read(options)?;
        let mut state = self.state_of(&project, &place.folder, text).await;
        let mut since = None;
        if let Some(revision) = &options.since {
            since = Some(
                self.only_changes(&mut state, &place, text, revision)
                    .await?,
            );
        }
        let own = self.own_report(text, path, &mut state);
        Ok(Some(Planned {
            jobs: state.jobs,
            own,
            since,
            read: Some((place.folder, project)),
        }))
    }

    /// Everything that one state of a project asks for.
    async fn state_of(&self, project: &Project, root: &Path, text: &str) -> State {
        let mut planned = plan::Plan::of(named_folder(text));
        for unit in project.units() {
            match unit.lock {
                Some(lock) => {
                    planned.lock(lock, &unit.manifests);
                    if self.options().http.offline {
                        environment::find_installed(&mut planned.jobs, lock, root);
                    }
                }
                None => {
                    for manifest in &unit.manifests {
                        self.plan_manifest(&mut planned, manifest, root).await;
                    }
                }
            }
            // whoever renews the lock, or installs without it, takes the newest
            let ecosystem = unit.lock.map(|l| l.ecosystem);
            let ecosystem = ecosystem.or(unit.source.map(|m| m.ecosystem));
            for requirement in unit.lacks(lapses::is_asked) {
                planned.newest_of(ecosystem.unwrap_or(Ecosystem::Pypi), requirement);
            }
        }
        let mut gaps: Vec<Gap> = project
            .problems
            .iter()
            .map(|p| Gap::at(&p.place, &p.message))
            .collect();
        gaps.extend(planned.gaps);
        if planned.jobs.is_empty()
            && gaps.is_empty()
            && project.manifests.is_empty()
            && project.locks.is_empty()
        {
            let why = "it holds no manifest or lock that is known";
            gaps.push(Gap {
                what: ("".into(), why.into()),
                told: why.into(),
            });
        }
        State {
            jobs: planned.jobs,
            gaps,
            lapses: lapses::lapses(project),
            actions: planned.actions,
            is_partial: planned.is_partial,
        }
    }

    /// The verdict on what the project's own files say.
    fn own_report(&self, text: &str, path: &Path, state: &mut State) -> Option<ReleaseReport> {
        if state.gaps.is_empty() && state.lapses.is_empty() && state.actions.is_empty() {
            return None;
        }
        let more = state.gaps.len().saturating_sub(MAX_TOLD);
        let told = state.gaps.drain(..).take(MAX_TOLD).map(|gap| gap.told);
        let mut incomplete: Vec<Box<str>> = told.collect();
        if more > 0 {
            incomplete.push(format!("and {more} more").into());
        }
        let mut builder = SceneBuilder::new(self.options().now);
        builder.lapses = std::mem::take(&mut state.lapses);
        let tasting = Tasting {
            incomplete,
            ..Tasting::default()
        };
        let scene = builder.build(&self.options().policy);
        let mut own = judged(text, &shown_name(path), &scene, self.judge(), &tasting).0;
        own.subject = Subject::Project;
        // rules about releases have nothing to say of a project's files
        own.checks.skipped.clear();
        if !state.actions.is_empty() {
            let detail = format!(
                "{} that its workflows use: the host of actions is not asked for their code",
                match state.actions.len() {
                    1 => "1 action".to_owned(),
                    number => format!("{number} actions"),
                }
            );
            own.checks.skipped.push(SkippedCheck {
                check: ACTIONS_CHECK.into(),
                reason: SkipReason::new(SkipKind::Unsupported, detail),
            });
            own.checks.skipped.sort_by(|a, b| a.check.cmp(&b.check));
        }
        Some(own)
    }
}

/// Where a project lies: a folder, or one file of it.
#[derive(Clone, Debug)]
struct Place {
    folder: PathBuf,
    file: Option<PathBuf>,
}

impl Place {
    fn of(path: &Path) -> Self {
        if foretaste_io::files::is_dir(path) {
            return Self {
                folder: path.to_owned(),
                file: None,
            };
        }
        Self {
            folder: path
                .parent()
                .filter(|p| !p.as_os_str().is_empty())
                .unwrap_or(Path::new("."))
                .to_owned(),
            file: path.file_name().map(PathBuf::from),
        }
    }

    fn read(&self, options: &crate::Options) -> Result<Project, AuditError> {
        let read = match &self.file {
            None => Project::discover(&self.folder, &options.environment),
            Some(file) => Project::of_file(&self.folder.join(file), &options.environment),
        };
        read.map_err(|error| AuditError::Project(error.to_string()))
    }
}

/// The folder in which a target that the user named lies, in the user's words.
fn named_folder(text: &str) -> Box<str> {
    let path = Path::new(text);
    let folder = if foretaste_io::files::is_dir(path) {
        path
    } else {
        path.parent().unwrap_or(Path::new(""))
    };
    folder.display().to_string().into()
}
