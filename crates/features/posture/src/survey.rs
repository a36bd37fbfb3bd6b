//! Measuring every repository.

use std::path::Path;
use std::sync::Arc;

use foretaste_intel::Intel;
use foretaste_io::git::{GitError, Repository};
use foretaste_io::{Environment, FileError};
use foretaste_model::Ecosystem;
use foretaste_names::InternalNames;
use foretaste_projects::Project;
use jiff::{SignedDuration, Timestamp};
use rayon::prelude::*;
use thiserror::Error;
use tokio::sync::Semaphore;

use crate::changes::DependencyChange;
use crate::find::{Found, find};
use crate::measure::public_releases;
use crate::posture::{Posture, RepositoryPosture};
use crate::{changes, fixes, fixtures, installed, measure, reviews, sets, trend};

/// How a survey is done.
#[derive(Debug)]
pub struct Options {
    /// The time that counts as now.
    pub now: Timestamp,
    /// Days of history that are looked at.
    pub days: u32,
    /// Points of the trend besides now; 0 for no trend.
    pub trend_steps: u32,
    /// The organisation's own names.
    pub internal: InternalNames,
    /// Hosts of the organisation's own registries.
    pub private_hosts: Vec<String>,
    /// Who asks the hosts of the repositories how changes were reviewed; nobody is asked if none.
    pub reviews: Option<Arc<Intel>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            now: Timestamp::UNIX_EPOCH,
            days: 365,
            trend_steps: 4,
            internal: InternalNames::new(&[]),
            private_hosts: Vec::new(),
            reviews: None,
        }
    }
}

impl Options {
    /// True for a host of the organisation: one that was named, or one that only a private network can reach.
    pub(crate) fn is_private_host(&self, host: &str) -> bool {
        /// Top-level names that the public DNS does not have (RFC 6762 appendix G, RFC 8375, ICANN's `.internal`).
        const PRIVATE: &[&str] = &[
            "corp",
            "home",
            "internal",
            "intranet",
            "lan",
            "local",
            "localhost",
            "private",
        ];
        if self
            .private_hosts
            .iter()
            .any(|h| h.eq_ignore_ascii_case(host))
        {
            return true;
        }
        if let Ok(address) = host.parse::<std::net::IpAddr>() {
            return match address {
                std::net::IpAddr::V4(v4) => {
                    v4.is_private() || v4.is_loopback() || v4.is_link_local()
                }
                std::net::IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local(),
            };
        }
        host.rsplit('.')
            .next()
            .is_some_and(|top| PRIVATE.contains(&top))
            || host.ends_with("home.arpa")
    }

    /// True for a package of the organisation.
    pub(crate) fn is_internal(&self, ecosystem: Ecosystem, name: &str) -> bool {
        self.internal.holds(ecosystem, name)
    }
}

/// Why nothing could be measured.
#[derive(Debug, Error)]
pub enum SurveyError {
    /// The folder cannot be listed.
    #[error(transparent)]
    Folder(#[from] FileError),
    /// The system gives no means to wait for the hosts with.
    #[error("cannot start the asynchronous runtime: {0}")]
    Runtime(std::io::Error),
}

/// What was measured of one repository, before anybody else is asked.
pub(crate) struct Measured {
    pub(crate) posture: RepositoryPosture,
    /// None where there is no history to look at.
    pub(crate) changes: Option<Vec<DependencyChange>>,
    pub(crate) origin: Option<String>,
}

/// Measures the repositories below a folder. `done` is told of each as it ends, from any thread.
///
/// # Errors
/// The folder cannot be listed. What goes wrong in one repository stands in its posture.
pub fn survey(
    root: &Path,
    options: &Options,
    environment: &Environment,
    started: impl FnOnce(usize),
    done: impl Fn(&str) + Sync,
) -> Result<Posture, SurveyError> {
    let found = find(root)?;
    started(found.len());
    let mut measured: Vec<Measured> = found
        .into_par_iter()
        .map(|found| {
            let measured = one(&found, options, environment);
            done(&found.name);
            measured
        })
        .collect();
    if let Some(intel) = &options.reviews {
        measured = runtime()
            .map_err(SurveyError::Runtime)?
            .block_on(ask_hosts(intel, measured));
    }
    let repositories = measured.into_iter().map(settled).collect();
    Ok(Posture::of(repositories, options))
}

fn runtime() -> Result<tokio::runtime::Runtime, std::io::Error> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}

/// Asks about all repositories side by side, and gives them back in their order.
async fn ask_hosts(intel: &Arc<Intel>, measured: Vec<Measured>) -> Vec<Measured> {
    let slots = Arc::new(Semaphore::new(reviews::AT_ONCE));
    let mut asking = Vec::new();
    for mut one in measured {
        let (intel, slots) = (Arc::clone(intel), Arc::clone(&slots));
        asking.push(tokio::spawn(async move {
            if one.changes.as_ref().is_some_and(|c| !c.is_empty())
                && let Err(why) = reviews::ask(&intel, &slots, &mut one).await
            {
                one.posture.skipped.push(format!("reviews: {why}"));
            }
            one
        }));
    }
    let mut told = Vec::new();
    for one in asking {
        match one.await {
            Ok(one) => told.push(one),
            Err(error) => tracing::error!(%error, "a repository was lost"),
        }
    }
    told
}

/// The posture with what the changes come to.
fn settled(measured: Measured) -> RepositoryPosture {
    let Measured {
        mut posture,
        changes,
        ..
    } = measured;
    posture.changes = changes.as_deref().map(changes::sum);
    posture.fixes = fixes::of(&posture);
    posture
}

fn one(found: &Found, options: &Options, environment: &Environment) -> Measured {
    let mut measured = Measured {
        posture: RepositoryPosture::new(&found.name),
        changes: None,
        origin: None,
    };
    let posture = &mut measured.posture;
    match Project::discover(&found.path, environment) {
        Ok(mut project) => {
            posture.skipped.extend(fixtures::leave_out(&mut project));
            posture.measures = measure(&project, options);
            posture.releases = public_releases(&project, options);
            posture.installed = installed::installed(&project, &found.path);
            posture.sets = sets::sets(&project, &found.path, options);
            let told = project.problems.iter().map(ToString::to_string);
            posture.problems.extend(told);
        }
        Err(error) => posture.problems.push(error.to_string()),
    }
    if found.has_history {
        if let Err(why) = history(found, options, environment, &mut measured) {
            measured.posture.skipped.push(format!("history: {why}"));
        }
    } else {
        posture
            .skipped
            .push("history: it is no Git repository".to_owned());
    }
    measured
}

fn history(
    found: &Found,
    options: &Options,
    environment: &Environment,
    measured: &mut Measured,
) -> Result<(), String> {
    let repository = Repository::at(&found.path, environment).map_err(|e| e.to_string())?;
    let runtime = runtime().map_err(|e| format!("cannot start the asynchronous runtime: {e}"))?;
    let since = options.now - SignedDuration::from_hours(24 * i64::from(options.days));
    let asked = runtime.block_on(async {
        let log = repository.main_line(since.as_second()).await?;
        let commits = changes::commits(log);
        // known, whatever becomes of the trend
        measured.changes = Some(commits.iter().filter_map(|c| c.change.clone()).collect());
        if options.reviews.is_some() {
            measured.origin = repository.origin().await?;
        }
        let posture = &mut measured.posture;
        if options.trend_steps > 0 {
            let span = (since, options.now);
            let current = &posture.measures;
            posture.trend = trend::trend(&repository, &commits, span, current, options).await?;
        }
        Ok::<(), GitError>(())
    });
    asked.map_err(|e| e.to_string())
}
