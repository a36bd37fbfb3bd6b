//! How the measures were before: the same files, read from the history.

use std::collections::BTreeMap;

use foretaste_io::git::{GitError, Repository};
use foretaste_project::{Place, Problem};
use foretaste_projects::{Project, reader_of};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::changes::Commit;
use crate::fixtures::is_fixture;
use crate::survey::Options;
use crate::{Measures, measure};

/// The largest manifest or lock that is read from the history.
const MAX_BLOB: u64 = 16 << 20;

/// The measures at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// When.
    pub when: Timestamp,
    /// What they were.
    pub measures: Measures,
}

/// The measures at equal steps from `since` until now, oldest first; the newest is `now`'s own. Steps before the first
/// commit are left out.
///
/// # Errors
/// Git does not give a state of the past.
pub(crate) async fn trend(
    repository: &Repository,
    commits: &[Commit],
    (since, now): (Timestamp, Timestamp),
    current: &Measures,
    options: &Options,
) -> Result<Vec<Point>, GitError> {
    let steps = i64::from(options.trend_steps.max(1));
    let step = SignedDuration::from_secs(now.duration_since(since).as_secs() / steps);
    let mut points = Vec::new();
    let mut known: BTreeMap<String, Measures> = BTreeMap::new();
    for index in 0..steps {
        let when = since + step * i32::try_from(index).unwrap_or(i32::MAX);
        let Some((state, changed_since)) = state_at(commits, when) else {
            continue;
        };
        let measures = if changed_since {
            if let Some(measures) = known.get(&state) {
                measures.clone()
            } else {
                let measures = measure(&read(repository, &state).await?, options);
                known.insert(state, measures.clone());
                measures
            }
        } else {
            current.clone()
        };
        points.push(Point { when, measures });
    }
    points.push(Point {
        when: now,
        measures: current.clone(),
    });
    Ok(points)
}

/// The commit that stood at a time, and whether the dependencies changed after it. None before the first commit.
fn state_at(commits: &[Commit], when: Timestamp) -> Option<(String, bool)> {
    let newer = commits.partition_point(|c| c.when > when);
    let changed = commits.get(..newer)?.iter().any(|c| c.change.is_some());
    match commits.get(newer) {
        Some(commit) => Some((commit.id.clone(), changed)),
        // older than everything that was listed: what the oldest listed one was built on
        None => Some((commits.last()?.parent.clone()?, changed)),
    }
}

/// The manifests and locks of a commit.
async fn read(repository: &Repository, commit: &str) -> Result<Project, GitError> {
    let mut files = repository.files(commit).await?;
    files.retain(|f| {
        Project::is_own(&f.path) && !is_fixture(&f.path) && reader_of(&f.path).is_some()
    });
    let mut project = Project::default();
    files.retain(|file| {
        let fits = file.size <= MAX_BLOB;
        if !fits {
            let place = Place::file(&file.path.as_str().into());
            project
                .problems
                .push(Problem::new(place, "it is too large"));
        }
        fits
    });
    for (file, bytes) in files.iter().zip(repository.contents(&files).await?) {
        if let Some(reading) = Project::of_bytes(&file.path, &bytes) {
            project.take(reading);
        }
    }
    Ok(project)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit(id: &str, parent: Option<&str>, second: i64) -> Commit {
        Commit {
            id: id.to_owned(),
            parent: parent.map(str::to_owned),
            when: Timestamp::from_second(second).expect("a time"),
            change: None,
        }
    }

    #[test]
    fn a_time_has_the_state_of_the_last_commit_before_it() {
        let all = [commit("c", Some("b"), 30), commit("b", Some("a"), 20)];
        let at = |second| state_at(&all, Timestamp::from_second(second).expect("a time"));
        assert_eq!(at(40), Some(("c".to_owned(), false)));
        assert_eq!(at(25), Some(("b".to_owned(), false)));
        assert_eq!(at(10), Some(("a".to_owned(), false)));
        let first = [commit("a", None, 20)];
        assert_eq!(
            state_at(&first, Timestamp::from_second(10).expect("a time")),
            None
        );
    }
}
