//! Who changed the dependencies, and whether anybody else is on record for it.
//!
//! Git keeps no reviews, so this is what its log shows: a merge or squash of a request names it, a trailer may name who
//! approved. A direct push to the main line names nobody. What was said in a request is known to its host alone.

use foretaste_model::Ecosystem;
use foretaste_project::Reader;
use foretaste_projects::reader_of;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Share;
use crate::git::Git;

/// Changes that are listed one by one.
const LISTED: usize = 20;

/// The changes of manifests and locks on the main line, in the time that was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DependencyChanges {
    /// Those with somebody else on record (a request or an approval), of all.
    pub seen_by_another: Share,
    /// Those that a bot wrote (dependabot, renovate, …), of all.
    pub by_bots: Share,
    /// The newest with nobody else on record, at most 20.
    pub unseen: Vec<DependencyChange>,
}

/// A commit on the main line that changed a manifest or lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DependencyChange {
    /// The commit.
    pub commit: String,
    /// When it was written.
    pub when: Timestamp,
    /// The first line of its message.
    pub subject: String,
    /// How it came to the main line.
    pub way: Way,
    /// True if a bot wrote it.
    pub bot: bool,
    /// The manifests and locks it changed.
    pub files: Vec<String>,
}

/// How a commit came to the main line, as far as the log shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// Pushed, with nobody else on record.
    Direct,
    /// A merge that names no request.
    Merge,
    /// A pull or merge request that the message names.
    Request,
    /// A trailer names who approved (`Reviewed-by`, `Approved-by`, `Acked-by`).
    Approved,
}

impl Way {
    /// True if somebody besides the author is on record, or a place where they would have been asked.
    pub const fn involves_another(self) -> bool {
        matches!(self, Self::Request | Self::Approved)
    }
}

/// A commit of the main line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Commit {
    pub(crate) id: String,
    pub(crate) parent: Option<String>,
    pub(crate) when: Timestamp,
    pub(crate) change: Option<DependencyChange>,
}

/// The commits of the main line since a time, newest first.
///
/// # Errors
/// Git gives no log (an empty repository has none), in a line.
pub(crate) async fn main_line(git: &Git<'_>, since: Timestamp) -> Result<Vec<Commit>, String> {
    let since = format!("--since={}", since.as_second());
    let format = "--format=%x00%H%n%P%n%ct%n%an <%ae>%n%s%n%b%x00";
    let args = [
        "-c",
        "core.quotePath=false",
        "log",
        "--first-parent",
        "-m",
        "--no-renames",
        "--name-only",
        &since,
        format,
        "HEAD",
        "--",
    ];
    let text = git.ask(&args, Vec::new()).await?;
    Ok(commits(&String::from_utf8_lossy(&text)))
}

/// Sums up.
pub(crate) fn sum(commits: &[Commit]) -> DependencyChanges {
    let mut changes = DependencyChanges::default();
    for change in commits.iter().filter_map(|c| c.change.as_ref()) {
        let seen = change.way.involves_another();
        changes.seen_by_another.count(seen);
        changes.by_bots.count(change.bot);
        if !seen && changes.unseen.len() < LISTED {
            changes.unseen.push(change.clone());
        }
    }
    changes
}

/// Heads and names take turns, with a NUL between them; neither a message nor a quoted name can hold one.
fn commits(log: &str) -> Vec<Commit> {
    let mut parts = log.split('\0').skip(1);
    let mut all = Vec::new();
    while let (Some(head), Some(names)) = (parts.next(), parts.next()) {
        all.extend(commit(head, names));
    }
    all
}

fn commit(head: &str, names: &str) -> Option<Commit> {
    let mut lines = head.splitn(6, '\n');
    let (id, parents, when) = (lines.next()?, lines.next()?, lines.next()?);
    let (author, subject, body) = (lines.next()?, lines.next()?, lines.next().unwrap_or(""));
    let when = Timestamp::from_second(when.parse().ok()?).ok()?;
    let files: Vec<String> = names
        .lines()
        .filter(|name| reader_of(name).is_some_and(names_packages))
        .map(str::to_owned)
        .collect();
    let merge = parents.contains(' ');
    let change = (!files.is_empty()).then(|| DependencyChange {
        commit: id.to_owned(),
        when,
        subject: subject.to_owned(),
        way: way(author, subject, body, merge),
        bot: is_bot(author),
        files,
    });
    Some(Commit {
        id: id.to_owned(),
        parent: parents
            .split(' ')
            .next()
            .filter(|p| !p.is_empty())
            .map(str::to_owned),
        when,
        change,
    })
}

/// Workflows are code of the build, not a list of packages.
fn names_packages(reader: &'static Reader) -> bool {
    reader.format.ecosystem() != Ecosystem::Actions
}

fn way(author: &str, subject: &str, body: &str, merge: bool) -> Way {
    const TRAILERS: &[&str] = &["reviewed-by:", "approved-by:", "acked-by:"];
    let approved = body.lines().any(|line| {
        let lower = line.trim().to_ascii_lowercase();
        TRAILERS.iter().any(|t| {
            lower
                .strip_prefix(t)
                .is_some_and(|who| who.trim() != author.to_ascii_lowercase())
        })
    });
    if approved {
        return Way::Approved;
    }
    // GitHub's merges and squashes, GitLab's, Bitbucket's, and Azure's
    let named = subject.starts_with("Merge pull request #")
        || subject.starts_with("Merged PR ")
        || (subject.starts_with("Merged in ") && subject.contains("(pull request #"))
        || body
            .lines()
            .any(|line| line.starts_with("See merge request "))
        || ends_with_number(subject);
    if named {
        Way::Request
    } else if merge {
        Way::Merge
    } else {
        Way::Direct
    }
}

/// `… (#123)` or `… (!123)`.
fn ends_with_number(subject: &str) -> bool {
    let Some(inner) = subject.strip_suffix(')') else {
        return false;
    };
    inner
        .rsplit_once(['#', '!'])
        .is_some_and(|(before, number)| {
            before.ends_with('(')
                && !number.is_empty()
                && number.bytes().all(|b| b.is_ascii_digit())
        })
}

fn is_bot(author: &str) -> bool {
    const BOTS: &[&str] = &[
        "[bot]",
        "dependabot",
        "renovate",
        "pyup-bot",
        "snyk-bot",
        "github-actions",
        "pre-commit-ci",
    ];
    let author = author.to_ascii_lowercase();
    BOTS.iter().any(|bot| author.contains(bot))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_is_read_with_its_ways_and_files() {
        let log = "\0c3\nc2 x1\n1700000300\nA <a@x.example>\nMerge pull request #7 from a/b\n\0\n\nuv.lock\nsrc/a.py\n\
                   \0c2\nc1\n1700000200\nrenovate[bot] <r@x.example>\nUpdate six\n\0\n\nrequirements.txt\n\
                   \0c1\n\n1700000100\nA <a@x.example>\nStart\nReviewed-by: B <b@x.example>\n\0\n\nPipfile\n.github/workflows/ci.yml\n";
        let all = commits(log);
        assert_eq!(all.len(), 3);
        assert_eq!(all[0].parent.as_deref(), Some("c2"));
        assert_eq!(all[2].parent, None);
        let told: Vec<_> = all
            .iter()
            .filter_map(|c| c.change.as_ref())
            .map(|c| (c.way, c.bot, c.files.join(",")))
            .collect();
        let wanted = [
            (Way::Request, false, "uv.lock".to_owned()),
            (Way::Direct, true, "requirements.txt".to_owned()),
            (Way::Approved, false, "Pipfile".to_owned()),
        ];
        assert_eq!(told, wanted);
        let changes = sum(&all);
        assert_eq!(changes.seen_by_another, Share::new(2, 3));
        assert_eq!(changes.by_bots, Share::new(1, 3));
        assert_eq!(changes.unseen.len(), 1);
    }

    #[test]
    fn a_number_alone_is_no_request() {
        assert!(ends_with_number("Add six (#12)"));
        assert!(ends_with_number("Add six (!12)"));
        assert!(!ends_with_number("Add six (#)"));
        assert!(!ends_with_number("Fix #12"));
        assert_eq!(
            way("A <a@x>", "s", "Reviewed-by: A <a@x>", false),
            Way::Direct
        );
    }
}
