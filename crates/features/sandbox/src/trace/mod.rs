//! Runs a package to see what it does: installs it, imports it and, if asked, runs its commands, in runs that are sealed.
//!
//! Nothing of a sealed run leaves it: every name has an address, behind every address somebody answers `200`, and that
//! is the supervisor, which takes down what was sent. Long sleeps end at once. What malware does may depend on where it
//! is, so that each package runs as several personas.

mod drivers;
mod persona;

use std::path::{Path, PathBuf};

use foretaste_behaviour::{BehaviourFinding, Record};
use foretaste_io::files;
use foretaste_model::Ecosystem;

use crate::error::RunError;
use crate::host::Host;
use crate::policy::Policy;
use crate::policy::file::{Denied, NetworkPolicy, RecordPolicy};
use crate::policy::limits::Limits;
use crate::supervisor::{Ended, Output, Request, run};
pub use persona::Persona;

/// Seconds that one persona's run may take.
const TIME: u64 = 300;
/// Bytes of memory of each process, and of what is written.
const SPACE: u64 = 2 << 30;
/// Characters of the last words of a step that failed.
const MAX_WORDS: usize = 200;

/// What is done with a package, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Its client installs it.
    Install,
    /// Its modules are imported.
    Import,
    /// Its commands are run.
    Run,
}

impl Step {
    const ALL: [Self; 3] = [Self::Install, Self::Import, Self::Run];

    /// The lower-case word, which is also what the driver is told.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::Import => "import",
            Self::Run => "run",
        }
    }
}

/// A package that lies on this disk.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Where it comes from.
    pub ecosystem: Ecosystem,
    /// What it is called there.
    pub name: String,
    /// An archive or a folder.
    pub path: PathBuf,
}

/// What was seen.
#[derive(Clone, Debug, Default)]
pub struct Traced {
    /// Findings of all personas, heaviest first; one that several of them showed stands once.
    pub seen: Vec<Seen>,
    /// Steps that could not be taken, and why.
    pub not_done: Vec<String>,
}

/// One finding.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What.
    pub finding: BehaviourFinding,
    /// In which step first.
    pub step: Step,
    /// The personas that showed it.
    pub personas: Vec<&'static str>,
    /// The program that did it, and those that started it.
    pub by: Option<String>,
}

/// True for ecosystems whose packages can be run.
pub const fn is_known(ecosystem: Ecosystem) -> bool {
    drivers::of(ecosystem).is_some()
}

/// Runs a package as every persona.
///
/// # Errors
/// Nothing can be contained here, or the supervisor failed.
pub fn trace(
    subject: &Subject,
    host: &Host,
    binary: &Path,
    exercise: bool,
) -> Result<Traced, RunError> {
    let mut traced = Traced::default();
    let Some(driver) = drivers::of(subject.ecosystem) else {
        let why = format!("packages of {} cannot be run", subject.ecosystem);
        traced.not_done.push(why);
        return Ok(traced);
    };
    let Some(program) = host.environment.which(driver.program) else {
        let why = format!("{} is not installed here", driver.program);
        traced.not_done.push(why);
        return Ok(traced);
    };
    for persona in Persona::ALL {
        let folder = files::TemporaryDir::new(None)?;
        files::write(&folder.path().join(driver.file), driver.text.as_bytes())?;
        let steps = if exercise { 3 } else { 2 };
        let mut command: Vec<std::ffi::OsString> = vec!["sh".into(), "-c".into()];
        command.push(script(&Step::ALL[..steps]).into());
        command.extend([
            "sh".into(),
            program.clone().into(),
            driver.file.into(),
            subject.path.clone().into(),
            subject.name.clone().into(),
        ]);
        let mut host = host.clone();
        host.environment = host.environment.with_working_dir(folder.path());
        let request = Request {
            command,
            phases: None,
            policy: policy(persona),
            host,
            binary: binary.to_owned(),
            output: Output::Kept,
        };
        let finished = run(&request)?;
        add(&mut traced, &finished.findings, &finished.record, persona);
        not_done(&mut traced, &finished.output, persona);
        if finished.ended == Ended::TooLong {
            traced.not_done.push(format!("it still ran after {TIME} s"));
        }
        if !finished.record.is_complete() || finished.ended == Ended::Lost {
            let why = "not everything that it did was recorded".to_owned();
            traced.not_done.push(why);
        }
    }
    traced.not_done.sort();
    traced.not_done.dedup();
    traced
        .seen
        .sort_by_key(|seen| (std::cmp::Reverse(seen.finding.verdict), seen.finding.rule));
    Ok(traced)
}

/// The steps as a script: each below a shell of its own, by which its events are told apart.
fn script(steps: &[Step]) -> String {
    let steps: Vec<String> = steps
        .iter()
        .map(|step| {
            let step = step.id();
            format!(
                r#"sh -c '"$@"' {step} "$1" "$2" {step} "$3" "$4"; echo "{step} ended with $?""#
            )
        })
        .collect();
    steps.join("\n")
}

fn policy(persona: &Persona) -> Policy {
    let mut policy = Policy {
        network: NetworkPolicy {
            denied: Denied::Pretend,
            ..NetworkPolicy::default()
        },
        record: RecordPolicy {
            skip_sleeps: true,
            ..RecordPolicy::default()
        },
        limits: Limits {
            memory: SPACE,
            disk: SPACE,
            time: TIME,
            ..Limits::default()
        },
        ..Policy::default()
    };
    for (name, value) in persona.variables {
        let set = &mut policy.environment.set;
        set.insert((*name).to_owned(), (*value).to_owned());
    }
    policy
}

/// Adds what one persona's run showed.
fn add(traced: &mut Traced, findings: &[BehaviourFinding], record: &Record, persona: &Persona) {
    for finding in findings {
        let step = finding
            .events
            .iter()
            .filter_map(|event| step_of(record, record.events.get(*event)?.process))
            .min()
            .unwrap_or(Step::Install);
        let known = traced
            .seen
            .iter_mut()
            .find(|seen| seen.finding.rule == finding.rule);
        if let Some(seen) = known {
            seen.step = seen.step.min(step);
            seen.personas.push(persona.name);
            let details = &mut seen.finding.details;
            let new = finding.details.iter().filter(|new| !details.contains(new));
            let new: Vec<String> = new.cloned().collect();
            details.extend(new);
        } else {
            traced.seen.push(Seen {
                finding: finding.clone(),
                step,
                personas: vec![persona.name],
                by: crate::report::summary::chain(record, finding),
            });
        }
    }
}

/// The step in which a process runs: what stands directly below the script is the step's own shell.
fn step_of(record: &Record, entry: Option<usize>) -> Option<Step> {
    let ancestry: Vec<_> = record.ancestry(entry).collect();
    let shell = ancestry
        .len()
        .checked_sub(2)
        .and_then(|at| ancestry.get(at))?;
    let word = shell.arguments.get(3)?;
    Step::ALL.into_iter().find(|step| step.id() == word)
}

/// The steps that failed, with their last words.
fn not_done(traced: &mut Traced, output: &str, persona: &Persona) {
    // the last line that speaks of an error, or the last one at all
    let (mut last, mut error) = ("", "");
    for line in output
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        let ended = Step::ALL.iter().find_map(|step| {
            let code = line.strip_prefix(step.id())?.strip_prefix(" ended with ")?;
            Some((*step, code))
        });
        let Some((step, code)) = ended else {
            if line.to_ascii_lowercase().contains("error") {
                error = line;
            }
            last = line;
            continue;
        };
        if code != "0" {
            let words = [error, last, "no reason given"];
            let words = words.into_iter().find(|words| !words.is_empty());
            let words: String = words.unwrap_or("").chars().take(MAX_WORDS).collect();
            let what = format!("{} as {} failed: {words}", step.id(), persona.name);
            traced.not_done.push(what);
        }
        (last, error) = ("", "");
    }
}

#[cfg(test)]
mod tests {
    use foretaste_behaviour::Process;

    use super::*;

    #[test]
    fn the_step_is_told_by_the_shell_below_the_script() {
        let mut record = Record::default();
        let mut start = |pid, parent, arguments: &[&str]| {
            let arguments = arguments.iter().map(ToString::to_string).collect();
            let process = Process {
                pid,
                parent,
                arguments,
                ..Process::default()
            };
            record.start(0, process)
        };
        let script = start(1, None, &["sh", "-c", "..."]);
        let shell = start(
            2,
            Some(script),
            &["sh", "-c", "\"$@\"", "import", "python3"],
        );
        // a package that calls itself another step
        let own = start(3, Some(shell), &["sh", "-c", "\"$@\"", "install"]);
        assert_eq!(step_of(&record, Some(own)), Some(Step::Import));
        assert_eq!(step_of(&record, Some(script)), None);
    }

    #[test]
    fn steps_that_failed_say_why() {
        let mut traced = Traced::default();
        let output = "ok\ninstall ended with 0\nNo module named 'x'\n\nimport ended with 1\nrun ended with 1\n";
        not_done(&mut traced, output, Persona::ALL[0]);
        assert_eq!(traced.not_done.len(), 2, "{traced:?}");
        assert!(traced.not_done[0].ends_with("failed: No module named 'x'"));
        assert!(traced.not_done[1].ends_with("failed: no reason given"));
    }
}
