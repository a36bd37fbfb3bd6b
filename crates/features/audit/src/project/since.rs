//! What changed in a project since an earlier commit: only that is vetted.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use foretaste_io::git::GitError;
use foretaste_model::report::{Move, Moved, ReleaseReport, Since};
use foretaste_model::{Ecosystem, PackageName, Target, Verdict};
use foretaste_osv::compare_versions;
use foretaste_projects::{Project, RevisionError, Snapshot};

use super::plan::Job;
use super::{Place, State, policies};
use crate::auditor::{AuditError, Auditor};
use crate::history::Against;

/// The releases of one package.
type ByPackage = BTreeMap<(Ecosystem, PackageName), Vec<Job>>;

impl Auditor {
    /// Takes out of a project's state what it shares with the earlier one.
    pub(super) async fn only_changes(
        self: &Arc<Self>,
        state: &mut State,
        place: &Place,
        text: &str,
        revision: &str,
    ) -> Result<Since, AuditError> {
        let options = self.options();
        let taken = Snapshot::take(&place.folder, revision, &options.environment);
        let taken = taken.await.map_err(|error| {
            let hint = match &error {
                RevisionError::Git(GitError::NoRevision { .. }) => {
                    "\n  hint: fetch it first; a check-out in CI must not be shallow (fetch-depth: 0)"
                }
                _ => "",
            };
            AuditError::Project(format!("{error}{hint}"))
        })?;
        let then = Place {
            folder: taken.path().to_owned(),
            file: place.file.clone(),
        };
        let is_new_file = then
            .file
            .as_ref()
            .is_some_and(|file| !foretaste_io::files::exists(&then.folder.join(file)));
        let project = if is_new_file {
            Project::default()
        } else {
            then.read(options)?
        };
        let before = self.state_of(&project, &then.folder, text).await;
        let since = state.without(&before, text, revision, taken.commit());
        if place.file.is_none() {
            state.lapses.extend(policies::lapses(&place.folder, &taken));
        }
        Ok(since)
    }
}

impl State {
    fn without(&mut self, before: &Self, text: &str, revision: &str, commit: &str) -> Since {
        let mut since = Since {
            project: text.into(),
            revision: revision.into(),
            commit: commit.into(),
            added: 0,
            changed: 0,
            unchanged: 0,
            removed: Vec::new(),
        };
        let now = by_package(&self.jobs);
        let then = by_package(&before.jobs);
        // what nobody could resolve is not gone
        let is_told =
            |job: &Job| !self.is_partial || job.wanted_by.iter().any(|wanted| wanted.direct);
        since.removed = then
            .iter()
            .filter(|(package, jobs)| !now.contains_key(package) && jobs.iter().any(is_told))
            .flat_map(|(_, jobs)| jobs.iter().map(|j| j.requested.text.as_str().into()))
            .collect();
        self.jobs = std::mem::take(&mut self.jobs)
            .into_iter()
            .filter_map(|mut job| {
                let earlier = job.package().and_then(|key| then.get(&key));
                let Some(moved) = moved(&job, earlier.map_or(&[], Vec::as_slice)) else {
                    since.unchanged += 1;
                    return None;
                };
                *match moved.how {
                    Move::Added => &mut since.added,
                    _ => &mut since.changed,
                } += 1;
                // a step back is compared with what stood before it, as an addition is
                if moved.how == Move::Upgraded
                    && let Some(last) = moved.before.last()
                {
                    job.against = Against::Had(last.to_string());
                }
                job.moved = Some(moved);
                Some(job)
            })
            .collect();
        self.gaps
            .retain(|gap| !before.gaps.iter().any(|old| old.what == gap.what));
        self.lapses.retain(|lapse| {
            !before.lapses.iter().any(|old| {
                (old.kind, &old.subject, &old.file) == (lapse.kind, &lapse.subject, &lapse.file)
            })
        });
        self.actions.retain(|used| !before.actions.contains(used));
        since
    }
}

/// What a reviewer does about a release that a change brings in and that is not to be used. The release's own advice says
/// what to do where it was installed.
pub(crate) fn advise(report: &mut ReleaseReport) {
    let (Some(moved), Some(wanted)) = (&report.moved, report.wanted_by.first()) else {
        return;
    };
    if report.verdict != Verdict::Block {
        return;
    }
    let place = if wanted.line == 0 {
        wanted.file.to_string()
    } else {
        format!("{}:{}", wanted.file, wanted.line)
    };
    let step = match (moved.how, moved.before.last(), wanted.path.get(1)) {
        (Move::Upgraded | Move::Changed | Move::Rehashed, Some(before), _) => {
            format!("stay at {before} ({place})")
        }
        (_, _, Some(asked)) if !wanted.direct => {
            format!("take out {asked}, which brings it ({place})")
        }
        _ => format!("take it out of {place}"),
    };
    let meant = report
        .findings
        .iter()
        .filter(|f| f.waived.is_none() && &*f.rule == "internal-name-confusion")
        .find_map(|f| f.remedy.as_deref())
        .map_or_else(String::new, |remedy| {
            format!(
                ", or {}",
                remedy.strip_prefix("remove it, or ").unwrap_or(remedy)
            )
        });
    report.advice = Some(
        format!("{step}{meant}; if it was installed, treat that machine's secrets as stolen")
            .into(),
    );
}

fn by_package(jobs: &[Job]) -> ByPackage {
    let mut found = ByPackage::new();
    for job in jobs {
        if let Some(package) = job.package() {
            found.entry(package).or_default().push(job.clone());
        }
    }
    found
}

/// How a release differs from those of its package that the project had; none if it had this one.
fn moved(job: &Job, earlier: &[Job]) -> Option<Moved> {
    let (ecosystem, version) = match &job.requested.target {
        Target::Package {
            ecosystem, version, ..
        } => (*ecosystem, version.as_deref()),
        Target::Path(_) => return None,
    };
    let mut before: Vec<Box<str>> = earlier.iter().filter_map(Job::version).collect();
    before.sort_by(|a, b| compare_versions(ecosystem, a, b).unwrap_or_else(|| a.cmp(b)));
    let how = if earlier.is_empty() {
        Move::Added
    } else if let Some(same) = earlier.iter().find(|j| j.version().as_deref() == version) {
        if !job.locked.allows_more_than(&same.locked) {
            return None;
        }
        Move::Rehashed
    } else {
        match (version, before.last()) {
            (Some(version), Some(last)) => match compare_versions(ecosystem, version, last) {
                Some(Ordering::Greater) => Move::Upgraded,
                Some(Ordering::Less) => Move::Downgraded,
                _ => Move::Changed,
            },
            _ => Move::Changed,
        }
    };
    Some(Moved { how, before })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Requested;

    fn job(text: &str) -> Job {
        Job::plain(Requested {
            text: text.to_owned(),
            target: text.parse().expect("a target"),
        })
    }

    fn how(now: &str, then: &[&str]) -> Option<(Move, Vec<Box<str>>)> {
        let earlier: Vec<Job> = then.iter().map(|t| job(t)).collect();
        moved(&job(now), &earlier).map(|m| (m.how, m.before))
    }

    #[test]
    fn moves_are_told_apart_by_the_order_of_versions() {
        assert_eq!(how("pypi:six@1.0", &["pypi:six@1.0"]), None);
        assert_eq!(how("pypi:six@1.0", &[]), Some((Move::Added, vec![])));
        assert_eq!(
            how("pypi:six@1.10", &["pypi:six@1.9", "pypi:six@1.2"]),
            Some((Move::Upgraded, vec!["1.2".into(), "1.9".into()]))
        );
        assert_eq!(
            how("pypi:six@1.9", &["pypi:six@1.10"]),
            Some((Move::Downgraded, vec!["1.10".into()]))
        );
        assert_eq!(
            how("pypi:six", &["pypi:six@1.10"]),
            Some((Move::Changed, vec!["1.10".into()]))
        );
    }
}
