//! How the measures were before: the same files, read from the history.

use std::collections::BTreeMap;

use foretaste_project::{Document, Place, Problem};
use foretaste_projects::{Project, reader_of};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::changes::Commit;
use crate::git::Git;
use crate::survey::Options;
use crate::{Measures, measure};

/// The largest manifest or lock that is read from the history.
const MAX_BLOB: usize = 16 << 20;

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
/// Git does not give a state of the past, in a line.
pub(crate) async fn trend(
    git: &Git<'_>,
    commits: &[Commit],
    (since, now): (Timestamp, Timestamp),
    current: &Measures,
    options: &Options,
) -> Result<Vec<Point>, String> {
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
            match known.get(&state) {
                Some(measures) => measures.clone(),
                None => {
                    let measures = measure(&read(git, &state).await?, options);
                    known.insert(state, measures.clone());
                    measures
                }
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
async fn read(git: &Git<'_>, commit: &str) -> Result<Project, String> {
    let list = git
        .ask(&["ls-tree", "-r", "-z", "--full-tree", commit], Vec::new())
        .await?;
    let list = String::from_utf8_lossy(&list);
    let blobs: Vec<(&str, &str)> = list
        .split('\0')
        .filter_map(|line| {
            let (about, path) = line.split_once('\t')?;
            let mut about = about.split(' ');
            let regular = about.next()?.starts_with("100");
            let blob = about.nth(1)?;
            (regular && is_own(path) && reader_of(path).is_some()).then_some((path, blob))
        })
        .collect();
    let mut project = Project::default();
    if blobs.is_empty() {
        return Ok(project);
    }
    let asked: String = blobs.iter().map(|(_, blob)| format!("{blob}\n")).collect();
    let answer = git
        .ask(&["cat-file", "--batch"], asked.into_bytes())
        .await?;
    let mut rest = answer.as_slice();
    for (path, _) in blobs {
        let (bytes, after) = one(rest).ok_or("git cat-file: its answer is cut short")?;
        rest = after;
        if bytes.len() > MAX_BLOB {
            let place = Place::file(&path.into());
            project
                .problems
                .push(Problem::new(place, "it is too large".to_owned()));
            continue;
        }
        let Some(reading) = Project::of_bytes(path, bytes) else {
            continue;
        };
        project.problems.extend(reading.problems);
        match reading.document {
            Some(Document::Manifest(manifest)) => project.manifests.push(manifest),
            Some(Document::Lock(lock)) => project.locks.push(lock),
            None => {}
        }
    }
    Ok(project)
}

/// What tools fill is no wish of the project's, even where somebody committed it.
fn is_own(path: &str) -> bool {
    !path.split('/').any(|part| {
        matches!(
            part,
            "node_modules" | "vendor" | "site-packages" | ".venv" | "venv"
        )
    })
}

/// `<id> blob <size>\n<bytes>\n`, and what follows.
fn one(answer: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = answer.iter().position(|b| *b == b'\n')?;
    let (head, rest) = answer.split_at(end);
    let size: usize = std::str::from_utf8(head)
        .ok()?
        .rsplit(' ')
        .next()?
        .parse()
        .ok()?;
    let rest = rest.get(1..)?;
    Some((rest.get(..size)?, rest.get(size + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_cat_file_are_taken_apart() {
        let (bytes, rest) = one(b"abc blob 3\na\nb\nabd blob 0\n\n").expect("whole");
        assert_eq!(bytes, b"a\nb");
        assert_eq!(one(rest), Some((&b""[..], &b""[..])));
        assert_eq!(one(b"abc blob 9\nab"), None);
        assert_eq!(one(b"abc missing\n"), None);
    }
}
