//! What is installed, as something to vet: a Python environment or a `node_modules` folder.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use foretaste_engine::{Lapse, LapseKind};
use foretaste_model::{Ecosystem, PackageName, Span, Target};
use foretaste_project::{Edge, Environment, FileChange, Format, Lock, LockedPackage, Place};
use foretaste_projects::Installed;
use foretaste_pypi::environment::is_made_by_tools;

use super::plan::{Gap, Job, Plan};
use super::{State, named_folder};
use crate::Requested;

/// Reads an environment; nothing of it is run. Where no registry can be asked, what lies in `node_modules` is tasted there:
/// each package has a folder of its own.
pub(super) fn state(text: &str, path: &Path, offline: bool) -> Result<State, String> {
    let Installed {
        environment,
        problems,
        modules,
    } = Installed::at(path)?;
    let lock = as_lock(text, &environment);
    let mut planned = Plan::of(named_folder(text));
    planned.lock(&lock, &[]);
    let mut gaps: Vec<Gap> = problems
        .into_iter()
        .map(|why| Gap::at(&Place::file(&lock.path), &why))
        .collect();
    gaps.extend(planned.gaps);
    let mut jobs = planned.jobs;
    if let Some(modules) = modules.filter(|_| offline) {
        jobs = where_they_lie(&jobs, &modules, &environment);
    }
    Ok(State {
        jobs,
        gaps,
        lapses: lapses(&environment),
        ..State::default()
    })
}

/// A job for each copy of each package.
fn where_they_lie(jobs: &[Job], root: &Path, environment: &Environment) -> Vec<Job> {
    let copies = Copies::of(environment);
    let at = |job: &Job, folder: &str| {
        let path = root.join(folder);
        let text = path.display().to_string();
        Job {
            requested: Requested {
                text,
                target: Target::Path(path),
            },
            ..job.clone()
        }
    };
    jobs.iter()
        .flat_map(|job| copies.of_job(job).iter().map(|folder| at(job, folder)))
        .collect()
}

/// Says of each locked release where it lies in the `node_modules` beside its lock, for those who can ask no registry.
/// What is installed there in another version is not what was locked, and is no help.
pub(super) fn find_installed(jobs: &mut [Job], lock: &Lock, root: &Path) {
    let beside = Path::new(&*lock.path).parent().unwrap_or(Path::new(""));
    let modules = root.join(beside).join("node_modules");
    if lock.ecosystem != Ecosystem::Npm || !foretaste_io::files::is_dir(&modules) {
        return;
    }
    let Ok(Installed { environment, .. }) = Installed::at(&modules) else {
        return;
    };
    let copies = Copies::of(&environment);
    for job in jobs {
        let found = copies.of_job(job).iter();
        job.installed
            .extend(found.map(|folder| modules.join(folder)));
    }
}

/// The folders of an environment in which each release lies.
struct Copies<'a> {
    ecosystem: Ecosystem,
    folders: BTreeMap<(PackageName, Option<Box<str>>), Vec<&'a str>>,
}

impl<'a> Copies<'a> {
    fn of(environment: &'a Environment) -> Self {
        let ecosystem = environment.ecosystem;
        let mut folders: BTreeMap<_, Vec<&str>> = BTreeMap::new();
        for package in &environment.packages {
            // as the plan has it: what says no version has none
            let version = Some(package.version.clone()).filter(|v| !v.is_empty());
            let key = (package.key(ecosystem), version);
            folders.entry(key).or_default().push(&package.folder);
        }
        Self { ecosystem, folders }
    }

    fn of_job(&self, job: &Job) -> &[&'a str] {
        let package = job.package().filter(|(of, _)| *of == self.ecosystem);
        let found = package.and_then(|(_, name)| self.folders.get(&(name, job.version())));
        found.map_or(&[], Vec::as_slice)
    }
}

/// An environment as a lock that says who needs whom, so that the way to each package can be told.
fn as_lock(text: &str, environment: &Environment) -> Lock {
    let path: Arc<str> = text.into();
    let format = match environment.ecosystem {
        Ecosystem::Npm => Format::PackageLock,
        _ => Format::Pylock,
    };
    let mut lock = Lock::new(format, &path);
    for package in &environment.packages {
        let place = Place::file(&(&*package.folder).into());
        lock.packages.push(LockedPackage::new(
            &package.name,
            Some(&package.version),
            package.origin.clone(),
            place,
        ));
    }
    let names = lock.by_name();
    let edges: Vec<Vec<Edge>> = environment
        .packages
        .iter()
        .map(|package| {
            package
                .dependencies
                .iter()
                // nobody knows which extras were asked for when it was installed
                .filter(|d| !d.marker.contains("extra"))
                .filter_map(|d| d.name.as_deref())
                .map(|name| {
                    let key = PackageName::new(environment.ecosystem, name);
                    let to = names.get(&key).and_then(|found| found.first().copied());
                    Edge::new(name, to)
                })
                .collect()
        })
        .collect();
    for (package, edges) in lock.packages.iter_mut().zip(edges) {
        package.dependencies = edges;
    }
    lock
}

/// Files that are not as they were installed, and files that nobody brought.
fn lapses(environment: &Environment) -> Vec<Lapse> {
    let mut found = Vec::new();
    for package in &environment.packages {
        let site = package.folder.rsplit_once('/').map_or("", |(site, _)| site);
        for file in &package.changed {
            let what = match file.change {
                FileChange::Modified => "changed",
                FileChange::Missing => "missing",
                FileChange::Added => "added",
                FileChange::Unreadable => "unreadable",
            };
            let path = if site.is_empty() {
                file.path.to_string()
            } else {
                format!("{site}/{}", file.path)
            };
            found.push(lapse(
                LapseKind::Altered,
                &format!("{} ({what})", file.path),
                &path,
            ));
        }
    }
    let strays = environment
        .strays
        .iter()
        .filter(|stray| !is_made_by_tools(stray));
    found.extend(strays.map(|stray| {
        let name = stray.rsplit('/').next().unwrap_or(stray);
        lapse(LapseKind::Stray, name, stray)
    }));
    found
}

fn lapse(kind: LapseKind, subject: &str, file: &str) -> Lapse {
    Lapse {
        kind,
        subject: subject.into(),
        file: file.into(),
        span: Span::default(),
    }
}

#[cfg(test)]
mod tests {
    use foretaste_io::files;

    use super::*;

    #[test]
    fn every_copy_is_tasted_where_it_lies_even_without_a_version() {
        let home = tempfile::tempdir().expect("a folder");
        let write = |path: &str, text: &str| {
            let path = home.path().join(path);
            files::write(&path, text.as_bytes()).expect("written");
        };
        let plain = r#"{"name": "a", "version": "1.0.0"}"#;
        write("node_modules/a/package.json", plain);
        write(
            "node_modules/b/package.json",
            r#"{"name": "b", "version": ""}"#,
        );
        write("node_modules/b/node_modules/a/package.json", plain);
        let state = state("app", home.path(), true).expect("readable");
        let root = home.path().join("node_modules");
        let lie = |job: &Job| match &job.requested.target {
            Target::Path(path) => path.strip_prefix(&root).ok().map(Path::to_owned),
            Target::Package { .. } => None,
        };
        let mut found: Vec<_> = state.jobs.iter().filter_map(lie).collect();
        found.sort();
        assert_eq!(found, ["a", "b", "b/node_modules/a"].map(Path::new));
    }
}
