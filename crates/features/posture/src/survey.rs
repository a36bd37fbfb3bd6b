//! Measuring every repository.

use std::path::Path;

use foretaste_io::git::{GitError, Repository};
use foretaste_io::{Environment, FileError};
use foretaste_model::Ecosystem;
use foretaste_names::InternalNames;
use foretaste_projects::Project;
use jiff::{SignedDuration, Timestamp};
use rayon::prelude::*;
use thiserror::Error;

use crate::find::{Found, find};
use crate::posture::{Posture, RepositoryPosture};
use crate::{changes, fixes, measure, trend};

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
}

impl Default for Options {
    fn default() -> Self {
        Self {
            now: Timestamp::UNIX_EPOCH,
            days: 365,
            trend_steps: 4,
            internal: InternalNames::new(&[]),
            private_hosts: Vec::new(),
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
    let repositories: Vec<RepositoryPosture> = found
        .into_par_iter()
        .map(|found| {
            let posture = one(&found, options, environment);
            done(&found.name);
            posture
        })
        .collect();
    Ok(Posture::of(repositories, options))
}

fn one(found: &Found, options: &Options, environment: &Environment) -> RepositoryPosture {
    let mut posture = RepositoryPosture::new(&found.name);
    match Project::discover(&found.path, environment) {
        Ok(project) => {
            posture.measures = measure(&project, options);
            let told = project.problems.iter().map(ToString::to_string);
            posture.problems.extend(told);
        }
        Err(error) => posture.problems.push(error.to_string()),
    }
    if found.has_history {
        if let Err(why) = history(found, options, environment, &mut posture) {
            posture.skipped.push(format!("history: {why}"));
        }
    } else {
        posture
            .skipped
            .push("history: it is no Git repository".to_owned());
    }
    posture.fixes = fixes::of(&posture);
    posture
}

fn history(
    found: &Found,
    options: &Options,
    environment: &Environment,
    posture: &mut RepositoryPosture,
) -> Result<(), String> {
    let repository = Repository::at(&found.path, environment).map_err(|e| e.to_string())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| format!("cannot start the asynchronous runtime: {e}"))?;
    let since = options.now - SignedDuration::from_hours(24 * i64::from(options.days));
    let measured = runtime.block_on(async {
        let log = repository.main_line(since.as_second()).await?;
        let commits = changes::commits(log);
        posture.changes = Some(changes::sum(&commits));
        if options.trend_steps > 0 {
            let span = (since, options.now);
            let current = &posture.measures;
            posture.trend = trend::trend(&repository, &commits, span, current, options).await?;
        }
        Ok::<(), GitError>(())
    });
    measured.map_err(|e| e.to_string())
}
