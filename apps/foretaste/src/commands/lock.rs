//! `foretaste lock`: a lock with hashes, written only if everything that enters it is accepted.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use foretaste_audit::{AuditError, Auditor, Outcome, Progress, Reading, Requested};
use foretaste_io::{Environment, files};
use foretaste_lock::{Exempt, Judgement, Locker, Staged, Terms, Work, judge, works};
use foretaste_model::Target;
use jiff::SignedDuration;

use super::audit::{Measure, conclude, options, with_auditor};
use crate::cli::Global;
use crate::cli::lock::LockArgs;
use crate::configuration;
use crate::exit::Code;
use crate::printer::Printer;

/// Runs the command.
///
/// # Errors
/// There is nothing to lock, a resolver refuses, the policy is unreadable, or a file cannot be written.
pub(crate) fn run(global: &Global, args: &LockArgs, printer: Printer) -> Result<Code> {
    let environment = Environment::of_process();
    let configuration = configuration::load_for(global, &environment, &args.how)?;
    let environment = configuration.environment(environment);
    let measure = Measure::of(&args.how, &configuration);
    let settings = configuration.policy.lock.clone();
    let found = works(
        Path::new(&args.path),
        args.to.map(Into::into),
        args.into.as_deref(),
    )?;
    let mut options = options(global, &args.how, None, environment, configuration)?;
    options.reading = Reading::Project;
    let days = args.min_age.unwrap_or(settings.min_age_days);
    let terms = Terms {
        fail_on: measure.fail_on(),
        allow_incomplete: args.allow_incomplete,
        min_age: SignedDuration::from_hours(24 * i64::from(days)),
        now: options.now,
    };
    let npm_registry = args.how.npm_registry.clone();
    let job = Job {
        found,
        terms,
        exempt_fixes: settings.exempt_fixes,
        upgrade: args.upgrade,
        npm_registry,
    };
    let mut done = None;
    let outcome = with_auditor(options, printer, async |auditor, progress| {
        let (outcome, locks) = job.run(auditor, progress).await?;
        done = Some(locks);
        Ok(outcome)
    })?;
    let code = conclude(&args.how, &outcome, &measure, printer)?;
    let Some(locks) = done else {
        return Ok(code);
    };
    finish(&locks, code, args.dry_run, printer)
}

/// What is locked, and on which terms.
struct Job {
    found: Vec<Work>,
    terms: Terms,
    exempt_fixes: bool,
    upgrade: bool,
    npm_registry: Option<String>,
}

/// What came out of it.
struct Locks {
    staged: Vec<Staged>,
    judgement: Judgement,
    exempt: Vec<Exempt>,
}

impl Job {
    async fn run(
        &self,
        auditor: &Arc<Auditor>,
        progress: &Arc<dyn Progress>,
    ) -> Result<(Outcome, Locks), AuditError> {
        let waits = !self.terms.min_age.is_zero();
        let locker = Locker {
            environment: auditor.environment().clone(),
            python: auditor.pypi_settings(),
            npm_registry: self.npm_registry.clone(),
            newest: waits.then(|| self.terms.now - self.terms.min_age),
            upgrade: self.upgrade,
            now: self.terms.now,
        };
        let present = self
            .found
            .iter()
            .flat_map(|work| locker.present(work))
            .collect();
        let (mut staged, mut outcome) = self.vet(&locker, &[], auditor, progress).await?;
        let mut judgement = judge(&outcome.report, &self.terms, &[], &present);
        let mut exempt = Vec::new();
        if waits && self.exempt_fixes && !judgement.to_fix.is_empty() {
            exempt.clone_from(&judgement.to_fix);
            (staged, outcome) = self.vet(&locker, &exempt, auditor, progress).await?;
            judgement = judge(&outcome.report, &self.terms, &exempt, &present);
        }
        let locks = Locks {
            staged,
            judgement,
            exempt,
        };
        Ok((outcome, locks))
    }

    /// Resolves everything and has it vetted.
    async fn vet(
        &self,
        locker: &Locker,
        exempt: &[Exempt],
        auditor: &Arc<Auditor>,
        progress: &Arc<dyn Progress>,
    ) -> Result<(Vec<Staged>, Outcome), AuditError> {
        let mut staged = Vec::new();
        for work in &self.found {
            let text = work.manifest.display().to_string();
            progress.begin(&text);
            progress.stage(&text, "resolving");
            let resolved = locker.resolve(work, exempt).await;
            progress.done(&text);
            staged.push(resolved.map_err(|error| AuditError::Project(error.to_string()))?);
        }
        let targets: Vec<Requested> = staged
            .iter()
            .map(|lock| Requested {
                text: lock.work().output.display().to_string(),
                target: Target::Path(lock.path()),
            })
            .collect();
        let outcome = auditor.audit(&targets, progress).await?;
        Ok((staged, outcome))
    }
}

/// Writes the locks, or says what keeps them out.
fn finish(locks: &Locks, code: Code, dry_run: bool, printer: Printer) -> Result<Code> {
    for kept in &locks.judgement.kept {
        printer.note(&format!(
            "{} stays as it was locked before: {} (an older one: --upgrade)",
            kept.release, kept.why
        ));
    }
    let refusals = &locks.judgement.refusals;
    if !refusals.is_empty() {
        for refusal in refusals {
            Printer::complaint(&format!("{}: {}", refusal.release, refusal.why));
        }
        Printer::complaint("nothing was written");
        return Ok(match code {
            Code::Clear => Code::Findings,
            other => other,
        });
    }
    if !locks.exempt.is_empty() {
        printer.note(&format!(
            "younger than the minimum age, because an advisory asks for it: {}",
            locks
                .exempt
                .iter()
                .map(|(_, name)| &**name)
                .collect::<Vec<_>>()
                .join(", ")
        ));
    }
    for lock in &locks.staged {
        let work = lock.work();
        let shown = work.output.display();
        if dry_run {
            printer.note(&format!("{shown} would be written"));
            continue;
        }
        lock.write()?;
        let hashes = files::read_text(&work.output, u64::MAX)
            .map(|text| {
                let marks = ["sha256:", "sha512-", "sha256 = "];
                marks
                    .iter()
                    .map(|mark| text.matches(mark).count())
                    .sum::<usize>()
            })
            .unwrap_or_default();
        let hashes = if hashes == 0 {
            String::new()
        } else {
            format!(" with {hashes} hashes")
        };
        printer.note(&format!(
            "wrote {shown}{hashes}; install it with: {} {shown}",
            work.kind.use_it()
        ));
    }
    // what was let in on purpose is no failure
    Ok(Code::Clear)
}

impl From<crate::cli::lock::LockTo> for foretaste_lock::Kind {
    fn from(to: crate::cli::lock::LockTo) -> Self {
        use crate::cli::lock::LockTo;
        match to {
            LockTo::Requirements => Self::Requirements,
            LockTo::Pylock => Self::Pylock,
            LockTo::Uv => Self::UvLock,
            LockTo::Npm => Self::PackageLock,
            LockTo::Cargo => Self::CargoLock,
        }
    }
}
