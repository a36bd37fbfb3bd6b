//! Who changed the dependencies, and whether anybody else is on record for it.
//!
//! Git keeps no reviews, so this is what its log shows: a merge or squash of a request names it, a trailer may name who
//! approved. A direct push to the main line names nobody. What was said in a request is known to its host alone, which
//! may be asked.

use foretaste_io::git::LoggedCommit;
use foretaste_model::Ecosystem;
use foretaste_project::Reader;
use foretaste_projects::reader_of;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Share;
use crate::fixtures::is_fixture;

/// Changes that are listed one by one.
const LISTED: usize = 20;

/// The changes of manifests and locks on the main line, in the time that was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DependencyChanges {
    /// Those with somebody else on record (a request or an approval), of all.
    pub seen_by_another: Share,
    /// Those that a bot wrote (dependabot, renovate, …), of all.
    pub by_bots: Share,
    /// Those of which the host of the repository told how they were reviewed, of all; the others are judged by Git's log.
    #[serde(default)]
    pub told_by_host: Share,
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
    /// How it came to the main line, as far as the log shows or the host told.
    pub way: Way,
    /// The request by which it was merged, as its host names it: `#12`, `!12`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// True if the host was asked and told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub told_by_host: bool,
    /// True if a bot wrote it.
    pub bot: bool,
    /// The manifests and locks it changed.
    pub files: Vec<String>,
}

/// How a commit came to the main line, as far as the log shows or the host told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// Pushed, with nobody else on record.
    Direct,
    /// A merge that names no request.
    Merge,
    /// A pull or merge request that the message names.
    Request,
    /// A request that nobody besides its author approved or commented on, by the word of the host.
    Unreviewed,
    /// A request that somebody besides its author commented on, by the word of the host.
    Discussed,
    /// A trailer names who approved (`Reviewed-by`, `Approved-by`, `Acked-by`), or the host does.
    Approved,
}

impl Way {
    /// True if somebody besides the author is on record, or a place where they would have been asked.
    pub const fn involves_another(self) -> bool {
        matches!(self, Self::Request | Self::Discussed | Self::Approved)
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

/// What the commits of the main line did to the dependencies.
pub(crate) fn commits(log: Vec<LoggedCommit>) -> Vec<Commit> {
    log.into_iter().filter_map(commit).collect()
}

/// Sums up.
pub(crate) fn sum(made: &[DependencyChange]) -> DependencyChanges {
    let mut changes = DependencyChanges::default();
    for change in made {
        let seen = change.way.involves_another();
        changes.seen_by_another.count(seen);
        changes.by_bots.count(change.bot);
        changes.told_by_host.count(change.told_by_host);
        if !seen && changes.unseen.len() < LISTED {
            changes.unseen.push(change.clone());
        }
    }
    changes
}

fn commit(logged: LoggedCommit) -> Option<Commit> {
    let when = Timestamp::from_second(logged.seconds).ok()?;
    let way = way(&logged);
    let files: Vec<String> = logged
        .paths
        .into_iter()
        .filter(|path| !is_fixture(path) && reader_of(path).is_some_and(names_packages))
        .collect();
    let change = (!files.is_empty()).then(|| DependencyChange {
        commit: logged.id.clone(),
        when,
        subject: logged.subject,
        way,
        request: None,
        told_by_host: false,
        bot: is_bot(&logged.author),
        files,
    });
    Some(Commit {
        id: logged.id,
        parent: logged.parents.into_iter().next(),
        when,
        change,
    })
}

/// Workflows are code of the build, not a list of packages.
fn names_packages(reader: &'static Reader) -> bool {
    reader.format.ecosystem() != Ecosystem::Actions
}

fn way(commit: &LoggedCommit) -> Way {
    const TRAILERS: &[&str] = &["reviewed-by:", "approved-by:", "acked-by:"];
    let (subject, body) = (&*commit.subject, &*commit.body);
    let author = commit.author.to_ascii_lowercase();
    let approved = body.lines().any(|line| {
        let lower = line.trim().to_ascii_lowercase();
        TRAILERS.iter().any(|t| {
            lower
                .strip_prefix(t)
                .is_some_and(|who| who.trim() != author)
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
    } else if commit.parents.len() > 1 {
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

    fn logged(
        id: &str,
        parents: &[&str],
        author: &str,
        message: (&str, &str),
        paths: &[&str],
    ) -> LoggedCommit {
        let owned = |list: &[&str]| list.iter().map(|&s| s.to_owned()).collect();
        LoggedCommit {
            id: id.to_owned(),
            parents: owned(parents),
            seconds: 1_700_000_000,
            author: author.to_owned(),
            subject: message.0.to_owned(),
            body: message.1.to_owned(),
            paths: owned(paths),
        }
    }

    #[test]
    fn the_log_is_read_with_its_ways_and_files() {
        let a = "A <a@x.example>";
        let merge = ("Merge pull request #7 from a/b", "");
        let all = commits(vec![
            logged("c3", &["c2", "x1"], a, merge, &["uv.lock", "src/a.py"]),
            logged(
                "c2",
                &["c1"],
                "renovate[bot] <r@x.example>",
                ("Update six", ""),
                &["requirements.txt"],
            ),
            logged(
                "c1",
                &[],
                a,
                ("Start", "Reviewed-by: B <b@x.example>"),
                &["Pipfile", ".github/workflows/ci.yml"],
            ),
        ]);
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
        let made: Vec<_> = all.into_iter().filter_map(|c| c.change).collect();
        let changes = sum(&made);
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
        let own = logged("c", &["b"], "A <a@x>", ("s", "Reviewed-by: A <a@x>"), &[]);
        assert_eq!(way(&own), Way::Direct);
    }
}
