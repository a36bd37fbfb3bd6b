//! `foretaste audit --trace`: runs what was tasted, and adds what it did to the verdict.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use foretaste_audit::{Auditor, Outcome, Progress};
use foretaste_io::files;
use foretaste_model::report::{ReleaseReport, SkippedCheck};
use foretaste_model::{
    Ecosystem, ExecutionContext, Finding, RuleGroup, SkipKind, SkipReason, Target,
};
use foretaste_report::escape::visible;
use foretaste_sandbox::trace::{self, Seen, Step, Subject, Traced};
use foretaste_sandbox::{Host, RunError};

use crate::behaviours::{self, When};
use crate::rulebook::Rulebook;

/// What the check is called where it could not be done.
const CHECK: &str = "behaviour";

/// Runs each release of an outcome that has a package, and adds what it did to its report.
pub(super) async fn join(
    auditor: &Arc<Auditor>,
    outcome: &mut Outcome,
    exercise: bool,
    rulebook: &Rulebook,
    progress: &Arc<dyn Progress>,
) {
    let mut found = Vec::new();
    for (at, report) in outcome.report.releases.iter_mut().enumerate() {
        let target = report.target.to_string();
        progress.begin(&target);
        progress.stage(&target, "running it, contained");
        let traced = one(auditor, report, exercise).await;
        progress.done(&target);
        let findings = match traced {
            Ok(traced) => {
                for why in &traced.not_done {
                    skipped(report, why);
                }
                let seen = traced.seen.iter();
                seen.filter_map(|seen| finding(seen, rulebook)).collect()
            }
            Err(why) => {
                skipped(report, &why);
                // it was asked for, and it was not done
                report
                    .incomplete
                    .push(format!("it was not run: {why}").into());
                Vec::new()
            }
        };
        found.push((at, findings));
    }
    let group = |rule: &str| rulebook.meta(rule).map_or(RuleGroup::Hygiene, |m| m.group);
    auditor.join(outcome, found, group);
}

fn skipped(report: &mut ReleaseReport, why: &str) {
    report.checks.skipped.push(SkippedCheck {
        check: CHECK.into(),
        reason: SkipReason::new(SkipKind::Failed, visible(why)),
    });
    report.checks.skipped.sort_by(|a, b| a.check.cmp(&b.check));
}

/// Runs the package of one release.
async fn one(
    auditor: &Arc<Auditor>,
    report: &ReleaseReport,
    exercise: bool,
) -> Result<Traced, String> {
    let ecosystem = report
        .ecosystem
        .or_else(|| of_folder(Path::new(&*report.target)))
        .ok_or("its ecosystem is not known")?;
    if !trace::is_known(ecosystem) {
        return Err(format!("packages of {ecosystem} cannot be run"));
    }
    let subject = |path: PathBuf| Subject {
        ecosystem,
        name: report.name.to_string(),
        path,
    };
    let is_local = matches!(report.target.parse(), Ok(Target::Path(_)));
    if is_local {
        let path = Path::new(&*report.target);
        let path = files::real_path(path).ok_or("it is gone")?;
        return run(vec![subject(path)], exercise).await;
    }
    let folder = files::TemporaryDir::new(None).map_err(|e| e.to_string())?;
    let mut subjects = Vec::new();
    for (name, bytes) in auditor.fetch_tasted(report).await? {
        let path = folder.path().join(&*name);
        files::write(&path, &bytes).map_err(|e| e.to_string())?;
        subjects.push(subject(path));
    }
    run(subjects, exercise).await
}

/// What a folder is to be run as that no manifest of ours names: a gem, by its specification, which is a program.
fn of_folder(folder: &Path) -> Option<Ecosystem> {
    let names = files::list(folder).ok()?;
    names
        .iter()
        .any(|name| name.ends_with(".gemspec"))
        .then_some(Ecosystem::RubyGems)
}

async fn run(subjects: Vec<Subject>, exercise: bool) -> Result<Traced, String> {
    let work = move || -> Result<Traced, RunError> {
        let binary = std::env::current_exe().map_err(|source| RunError::Supervise {
            what: "finding this program itself",
            source,
        })?;
        let host = Host::of_process();
        let mut all = Traced::default();
        for subject in subjects {
            let traced = trace::trace(&subject, &host, &binary, exercise)?;
            all.seen.extend(traced.seen);
            all.not_done.extend(traced.not_done);
        }
        Ok(all)
    };
    // a thread of its own: signals that the runs take over are taken over there alone
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|e| e.to_string())?.map_err(|e| e.to_string())
}

/// A finding over behaviour as one of the report.
fn finding(seen: &Seen, rulebook: &Rulebook) -> Option<Finding> {
    let (context, words) = match seen.step {
        Step::Install => (ExecutionContext::Install, " while it is being installed"),
        Step::Import => (ExecutionContext::Import, " when it is imported"),
        Step::Run => (ExecutionContext::Entry, " when its command is run"),
    };
    let when = When {
        context: Some(context),
        words,
    };
    let by = seen
        .by
        .as_deref()
        .map_or_else(String::new, |by| format!("by {by}, "));
    let by = format!("{by}run as {}", seen.personas.join(" and "));
    behaviours::finding(&seen.finding, when, Some(by), rulebook)
}
