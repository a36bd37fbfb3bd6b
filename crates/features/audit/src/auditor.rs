//! The auditor: targets in, report out.

use std::collections::BTreeSet;
use std::sync::Arc;

use foretaste_engine::{Judge, SceneBuilder};
use foretaste_intel::Intel;
use foretaste_io::HttpClient;
use foretaste_model::change::Change;
use foretaste_model::report::{ReleaseReport, Report, SCHEMA, Summary, Tool};
use foretaste_model::{Ecosystem, Knowledge, PackageName, ReleaseId, Target, Verdict};
use foretaste_names::{Nominator, PopularNames};
use foretaste_registry::{Registry, RegistryError};
use foretaste_store::Store;
use thiserror::Error;
use tokio::sync::{AcquireError, Semaphore, SemaphorePermit};

use crate::advisories::LocalAdvisories;
use crate::assemble::failed;
use crate::judgements::Bench;
use crate::project::{Job, advise};
use crate::registries::Registries;
use crate::relatives::Relatives;
use crate::release::{Asked, Place};
use crate::taste::Taster;
use crate::{Options, Progress, Requested, Stats};

/// Targets that are asked about at once: most of that is waiting for answers.
const TARGETS_AT_ONCE: usize = 24;
/// Targets of which anything is read at once: what was read of them is in memory until they are judged.
const READ_AT_ONCE: usize = 8;
/// Packed bytes of an artifact that take one more of the turns: large ones are tasted with fewer beside them, and spread
/// their files over the threads themselves.
const BYTES_A_TURN: u64 = 4 << 20;

/// Why an audit could not begin.
#[derive(Debug, Error)]
pub enum AuditError {
    /// A local target does not exist.
    #[error(
        "{0} does not exist; give a path, or a package as `pypi:name`, `npm:name`, `crates:name` or a purl"
    )]
    NoSuchPath(String),
    /// A project cannot be read.
    #[error("{0}")]
    Project(String),
    /// A release was named where a project's changes are asked for.
    #[error(
        "`{0}` is no folder; --since tells what changed in a project, and `foretaste diff` in a release"
    )]
    NoProject(String),
    /// An index of known-bad packages cannot be used.
    #[error("cannot use the index of known-bad packages {path}: {reason}")]
    KnownIndex {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// The list of popular names that the policy gives cannot be read.
    #[error("cannot use the policy's list of popular names: {0}")]
    PopularNames(String),
}

/// What an audit gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The report.
    pub report: Report,
    /// What it cost.
    pub stats: Stats,
    /// Remarks for the user that belong to no release (a cache that could not be used).
    pub notices: Vec<String>,
    /// The indices of the policy's waivers that covered something.
    pub(crate) used_waivers: BTreeSet<usize>,
}

/// Audits releases, archives and folders.
#[derive(Debug)]
pub struct Auditor {
    options: Options,
    http: HttpClient,
    intel: Intel,
    advisories: Option<LocalAdvisories>,
    registries: Registries,
    taster: Taster,
    judge: Judge,
    names: Nominator,
    relatives: Relatives,
    /// What decides about every judgement alike; none if judgements are not kept.
    bench: Option<Bench>,
    turns: Semaphore,
    all_turns: u32,
    /// Held from before a target is read until it is judged.
    reading: Semaphore,
}

impl Auditor {
    /// An auditor. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// The policy names a list that cannot be read.
    pub fn new(options: Options) -> Result<Arc<Self>, AuditError> {
        let store = options
            .use_store
            .then(|| options.environment.cache_dir())
            .flatten()
            .map(|folder| Store::below(&folder));
        let workers = std::thread::available_parallelism().map_or(2, usize::from);
        let turns_at_once = workers.clamp(2, 8);
        let names = names(&options)?;
        let relatives = Relatives::load(&options)?;
        let http = HttpClient::new(options.http.clone());
        let policy = &options.policy;
        let mut intel = Intel::new(&http, &policy.sources, &options.environment)
            .internal_names(&policy.internal_names);
        let advisories = LocalAdvisories::open(&options);
        if let Some(local) = &advisories {
            intel = local.tell(intel);
        }
        let judge = Judge::new(
            foretaste_rules::all()
                .into_iter()
                .chain(options.own_rules.rules.iter().copied()),
        );
        Ok(Arc::new(Self {
            bench: Bench::of(&options, &judge, &relatives),
            http,
            intel,
            advisories,
            registries: Registries::default(),
            taster: Taster::new(
                options.policy.limits,
                store,
                tokio::runtime::Handle::current(),
            ),
            judge,
            names,
            relatives,
            turns: Semaphore::new(turns_at_once),
            all_turns: turns_at_once as u32,
            reading: Semaphore::new(READ_AT_ONCE),
            options,
        }))
    }

    pub(crate) const fn options(&self) -> &Options {
        &self.options
    }

    pub(crate) const fn taster(&self) -> &Taster {
        &self.taster
    }

    pub(crate) const fn judge(&self) -> &Judge {
        &self.judge
    }

    pub(crate) const fn bench(&self) -> Option<&Bench> {
        self.bench.as_ref()
    }

    /// A turn at reading and tasting, so that only a few artifacts are in memory at once: `bytes` are known to be read at
    /// once. Who waits for a registry meanwhile gives none, or others would wait for it too.
    pub(crate) async fn turn(&self, bytes: u64) -> Result<SemaphorePermit<'_>, AcquireError> {
        self.turns
            .acquire_many(turns_for(bytes, self.all_turns))
            .await
    }

    pub(crate) const fn reading(&self) -> &Semaphore {
        &self.reading
    }

    pub(crate) const fn relatives(&self) -> &Relatives {
        &self.relatives
    }

    pub(crate) const fn advisories(&self) -> Option<&LocalAdvisories> {
        self.advisories.as_ref()
    }

    pub(crate) const fn intel(&self) -> &Intel {
        &self.intel
    }

    /// Audits every target. One that cannot be vetted is reported as incomplete; the others go on.
    ///
    /// # Errors
    /// A local target does not exist: nothing was done.
    pub async fn audit(
        self: &Arc<Self>,
        targets: &[Requested],
        progress: &Arc<dyn Progress>,
    ) -> Result<Outcome, AuditError> {
        for requested in targets {
            if let Target::Path(path) = &requested.target
                && !foretaste_io::files::exists(path)
            {
                return Err(AuditError::NoSuchPath(path.display().to_string()));
            }
        }
        let (mut jobs, mut own, mut since) = (Vec::new(), Vec::new(), Vec::new());
        let mut projects = Vec::new();
        for requested in targets {
            let planned = match &requested.target {
                Target::Path(path) => self.plan_project(&requested.text, path).await?,
                Target::Package { .. } if self.options.since.is_some() => {
                    return Err(AuditError::NoProject(requested.text.clone()));
                }
                Target::Package { .. } => None,
            };
            match planned {
                Some(found) => {
                    jobs.extend(self.own_files(requested));
                    let from = jobs.len();
                    jobs.extend(found.jobs);
                    projects.extend(found.read.map(|read| (from..jobs.len(), read)));
                    own.extend(found.own);
                    since.extend(found.since);
                }
                None => jobs.push(Job::plain(requested.clone())),
            }
        }
        let gate = Arc::new(Semaphore::new(TARGETS_AT_ONCE));
        let tasks: Vec<_> = jobs
            .iter()
            .cloned()
            .map(|job| {
                let (auditor, progress, gate) = (self.clone(), progress.clone(), gate.clone());
                tokio::spawn(async move {
                    let _turn = gate.acquire().await;
                    progress.begin(&job.requested.text);
                    let done = auditor.audit_one(&job, &progress).await;
                    progress.done(&job.requested.text);
                    done
                })
            })
            .collect();
        let (mut releases, mut stats, mut used) = (Vec::new(), Stats::default(), BTreeSet::new());
        for (task, job) in tasks.into_iter().zip(jobs) {
            let requested = &job.requested;
            match task.await {
                Ok((mut report, waivers, cost)) => {
                    report.wanted_by = job.wanted_by;
                    report.moved = job.moved;
                    advise(&mut report);
                    releases.push(report);
                    used.extend(waivers);
                    stats += cost;
                }
                Err(panic) => {
                    let reason = format!("the audit of this target broke off: {panic}");
                    releases.push(failed(
                        &requested.text,
                        None,
                        &requested.text,
                        &reason,
                        None,
                    ));
                }
            }
        }
        for (concerned, (root, project)) in projects {
            if let Some(reports) = releases.get_mut(concerned) {
                self.tell_usage(&root, &project, reports).await;
            }
        }
        releases.extend(own);
        let mut outcome = self.outcome(releases, stats, &used);
        outcome.report.since = since;
        Ok(outcome)
    }

    /// What an audit of these releases gave.
    pub(crate) fn outcome(
        &self,
        releases: Vec<ReleaseReport>,
        stats: Stats,
        used_waivers: &BTreeSet<usize>,
    ) -> Outcome {
        let mut notices = self.taster.notices();
        if let Some(local) = &self.advisories {
            let asked: BTreeSet<Ecosystem> = releases.iter().filter_map(|r| r.ecosystem).collect();
            notices.extend(local.notices(&asked));
        }
        let silent = self.intel.not_asked_again();
        if !silent.is_empty() {
            notices.push(format!(
                "{} did not answer a moment ago and was not asked again; --refresh asks all the same",
                silent.join(", ")
            ));
        }
        let counts = self.http.counts();
        let stats = Stats {
            asked: counts.asked,
            unchanged: counts.unchanged,
            answered: counts.kept,
            ..stats
        };
        Outcome {
            report: self.report(releases, used_waivers),
            stats,
            notices,
            used_waivers: used_waivers.clone(),
        }
    }

    fn report(&self, releases: Vec<ReleaseReport>, used_waivers: &BTreeSet<usize>) -> Report {
        let policy_notes = self.policy_notes(&releases, used_waivers);
        Report {
            schema: SCHEMA.into(),
            tool: Tool {
                name: "foretaste".into(),
                version: env!("CARGO_PKG_VERSION").into(),
                rules: self.judge.digest().into(),
            },
            summary: Summary::of(&releases),
            since: Vec::new(),
            releases,
            policy_notes,
        }
    }

    /// Remarks on the policy, after these releases and these waivers.
    pub(crate) fn policy_notes(
        &self,
        releases: &[ReleaseReport],
        used_waivers: &BTreeSet<usize>,
    ) -> Vec<Box<str>> {
        let tasted: Vec<ReleaseId> = releases
            .iter()
            .filter_map(|r| Some(ReleaseId::new(r.ecosystem?, &r.name, r.version.as_deref()?)))
            .collect();
        let today = self.options.now.to_zoned(jiff::tz::TimeZone::UTC).date();
        self.options.policy.notes(used_waivers, &tasted, today)
    }

    async fn audit_one(
        self: &Arc<Self>,
        job: &Job,
        progress: &Arc<dyn Progress>,
    ) -> (ReleaseReport, Vec<usize>, Stats) {
        let requested = &job.requested;
        match &requested.target {
            Target::Path(path) => self.audit_path(&requested.text, path, None, progress).await,
            Target::Package {
                ecosystem,
                name,
                version,
            } => {
                let asked = Asked {
                    target: &requested.text,
                    place: (*ecosystem, name, version.as_deref()),
                    locked: &job.locked,
                    against: &job.against,
                };
                let done = self.audit_package(asked, progress).await;
                self.or_as_installed(job, done, progress).await
            }
        }
    }

    /// Audits a release of a registry. What it is compared with explicitly is told in full.
    pub(crate) async fn audit_package(
        self: &Arc<Self>,
        asked: Asked<'_>,
        progress: &Arc<dyn Progress>,
    ) -> (ReleaseReport, Vec<usize>, Stats) {
        progress.stage(asked.target, "looking up");
        let registry = match self.registry(asked.place.0).await {
            Ok(registry) => registry,
            Err(error) => return self.gave_up(asked.target, asked.place, &error),
        };
        // the walk through a release is long: what waits for it stays small
        Box::pin(self.audit_from(&registry, asked, progress)).await
    }

    /// What is reported of a release that cannot be looked up.
    pub(crate) fn gave_up(
        &self,
        target: &str,
        (ecosystem, name, version): Place<'_>,
        error: &RegistryError,
    ) -> (ReleaseReport, Vec<usize>, Stats) {
        let wanted = ReleaseId::new(ecosystem, name.as_str(), version.unwrap_or(""));
        let advice = self.advice_for(ecosystem, name, error);
        let report = failed(
            target,
            Some(&wanted),
            name.as_str(),
            &error.to_string(),
            advice,
        );
        (report, Vec::new(), Stats::default())
    }

    pub(crate) const fn names(&self) -> &Nominator {
        &self.names
    }

    /// Variables, home and working directory.
    pub const fn environment(&self) -> &foretaste_io::Environment {
        &self.options.environment
    }

    /// What the user said about Python indexes, for those who find them.
    pub fn pypi_settings(&self) -> foretaste_pypi::Settings {
        crate::registries::pypi_settings(&self.options.registries, &self.options.policy)
    }

    /// The registry of an ecosystem, as this machine's clients are configured to use it.
    ///
    /// # Errors
    /// None is configured, or the configuration cannot be used.
    pub async fn registry(&self, ecosystem: Ecosystem) -> Result<Arc<dyn Registry>, RegistryError> {
        let o = &self.options;
        self.registries
            .of(
                ecosystem,
                &o.registries,
                &o.policy,
                &o.environment,
                (&self.http, &o.http),
            )
            .await
    }

    /// Names that this release may imitate, and its own popularity.
    pub(crate) fn nominate(&self, builder: &mut SceneBuilder) {
        let Some(release) = &builder.release else {
            return;
        };
        builder.nominations = self
            .names
            .nominate(release.ecosystem, release.name.as_str());
        builder.popularity_rank = self.names.rank(release.ecosystem, release.name.as_str());
    }

    /// What to say when a package was not found: near names.
    fn advice_for(
        &self,
        ecosystem: Ecosystem,
        name: &PackageName,
        error: &RegistryError,
    ) -> Option<String> {
        if !matches!(error, RegistryError::NotFound { .. }) {
            return None;
        }
        let mut near = self.names.near(ecosystem, name.as_str(), 4);
        near.retain(|other| **other != *name.as_str());
        near.truncate(3);
        if near.is_empty() {
            return Some("check the spelling".to_owned());
        }
        Some(format!(
            "check the spelling; near names: {}",
            near.join(", ")
        ))
    }
}

/// Puts the whole comparison into the report, or why there is none: somebody asked for it.
pub(crate) fn tell_change(report: &mut ReleaseReport, change: &Knowledge<Change>) {
    match change {
        Knowledge::Known(change) => report.change = Some(Box::new(change.clone())),
        Knowledge::Skipped(reason) => {
            let why = format!("it was compared with nothing: {reason}");
            report.incomplete.push(why.into());
            report.verdict = report.verdict.max(Verdict::Incomplete);
        }
    }
}

/// The turns that something of this size takes, of all that there are.
fn turns_for(bytes: u64, all: u32) -> u32 {
    u32::try_from(1 + bytes / BYTES_A_TURN).map_or(all, |wanted| wanted.min(all))
}

fn names(options: &Options) -> Result<Nominator, AuditError> {
    let mut names = Nominator::new(&options.policy.internal_names);
    for ecosystem in Ecosystem::ALL {
        let Some(path) = options.policy.popular.of(ecosystem) else {
            continue;
        };
        let text = foretaste_io::files::read_text(path, 64 << 20)
            .map_err(|e| AuditError::PopularNames(e.to_string()))?;
        names = names.with_list(ecosystem, PopularNames::from_list(ecosystem, &text));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_large_is_tasted_with_less_beside_it() {
        let mega = 1 << 20;
        let turns = |bytes| [turns_for(bytes, 2), turns_for(bytes, 8)];
        assert_eq!(turns(0), [1, 1]);
        assert_eq!(turns(3 * mega), [1, 1]);
        assert_eq!(turns(17 * mega), [2, 5]);
        assert_eq!(turns(u64::MAX), [2, 8]);
    }
}
