//! What is installed is what is locked, file by file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use foretaste_model::{Ecosystem, PackageName, Span};
use foretaste_project::{Environment, FileChange, InstalledPackage, Origin};
use foretaste_projects::{Installed, Project};
use foretaste_pypi::PypiVersion;
use foretaste_pypi::environment::is_made_by_tools;

use super::pins::Pinned;
use crate::failure::{Check, Failure};
use crate::verifier::{Findings, whole};

/// What installers bring themselves, and no lock names.
const TOOLS: &[&str] = &["pip", "setuptools", "wheel"];

pub(crate) fn check(
    path: &Path,
    project: &Project,
    pinned: &[Pinned],
    found: &mut Findings,
) -> Result<(), String> {
    let Installed {
        environment,
        problems,
        ..
    } = Installed::at(path)?;
    for problem in problems {
        found.skip("a part of the environment", problem);
    }
    let ecosystem = environment.ecosystem;
    found.checked.installed = environment.packages.len() as u32;
    let mut locked: BTreeMap<&PackageName, Vec<&Pinned>> = BTreeMap::new();
    for one in pinned.iter().filter(|p| p.ecosystem == ecosystem) {
        locked.entry(&one.name).or_default().push(one);
    }
    let own: BTreeSet<PackageName> = project
        .manifests
        .iter()
        .filter(|m| m.ecosystem == ecosystem)
        .filter_map(|m| m.name.as_deref())
        .map(|name| PackageName::new(ecosystem, name))
        .collect();
    let uncounted = uncounted(project, ecosystem, &locked);
    let mut left_out = 0;
    let mut installed: BTreeMap<PackageName, Vec<&str>> = BTreeMap::new();
    for package in &environment.packages {
        let name = package.key(ecosystem);
        if uncounted.contains(&name) {
            left_out += 1;
        } else {
            extra_or_other(&environment, package, &name, &locked, &own, found);
        }
        changed(&environment, package, found);
        let versions = installed.entry(name).or_default();
        versions.push(&package.version);
    }
    if left_out > 0 {
        let what = "installed packages are locked for development alone; --dev compares them";
        found.remarks.push(format!("{left_out} {what}").into());
    }
    if ecosystem == Ecosystem::Npm {
        let what =
            "node_modules holds no hashes of its files, so that changes to them are not seen";
        found.remarks.push(what.into());
    }
    not_installed(&environment, &locked, &installed, found);
    strays(&environment, found);
    Ok(())
}

/// What locks name for groups that do not count.
fn uncounted(
    project: &Project,
    ecosystem: Ecosystem,
    locked: &BTreeMap<&PackageName, Vec<&Pinned>>,
) -> BTreeSet<PackageName> {
    let locks = project.locks.iter().filter(|l| l.ecosystem == ecosystem);
    locks
        .flat_map(|lock| &lock.packages)
        .map(|package| PackageName::new(ecosystem, &package.name))
        .filter(|name| !locked.contains_key(name))
        .collect()
}

fn same(ecosystem: Ecosystem, a: &str, b: &str) -> bool {
    match ecosystem {
        Ecosystem::Pypi => PypiVersion::new(a).same(&PypiVersion::new(b)),
        _ => a == b,
    }
}

/// What is locked without a condition and not there. Another version in its place is told as such; of several that lie beside
/// each other, as npm has them, each is missed.
fn not_installed(
    environment: &Environment,
    locked: &BTreeMap<&PackageName, Vec<&Pinned>>,
    installed: &BTreeMap<PackageName, Vec<&str>>,
    found: &mut Findings,
) {
    let ecosystem = environment.ecosystem;
    for (name, entries) in locked {
        let there = installed.get(*name).map_or(&[][..], Vec::as_slice);
        let is_locked = |v: &&str| entries.iter().any(|e| same(ecosystem, &e.version, v));
        if !there.iter().all(is_locked) || (ecosystem == Ecosystem::Pypi && !there.is_empty()) {
            continue;
        }
        let missing = entries.iter().filter(|entry| {
            let is_there = |v: &&str| same(ecosystem, &entry.version, v);
            !entry.conditional && !there.iter().any(is_there)
        });
        for entry in missing {
            found.failures.push(Failure::at(
                Check::NotInstalled,
                &entry.place,
                name.as_str(),
                format!(
                    "{name} {} is locked and not installed in {}",
                    entry.version, environment.path
                ),
                "install from the lock alone",
            ));
        }
    }
}

fn extra_or_other(
    environment: &Environment,
    package: &InstalledPackage,
    name: &PackageName,
    locked: &BTreeMap<&PackageName, Vec<&Pinned>>,
    own: &BTreeSet<PackageName>,
    found: &mut Findings,
) {
    let is_own = own.contains(name) && matches!(package.origin, Origin::Path { .. });
    if is_own {
        return;
    }
    let mut fail = |check, message: String, remedy: &str| {
        let file = format!(
            "{}/{}",
            environment.path.trim_end_matches('/'),
            package.folder
        );
        found.failures.push(Failure::in_file(
            check,
            &file,
            whole(),
            &package.name,
            message,
            remedy,
        ));
    };
    match locked.get(name) {
        None if environment.ecosystem == Ecosystem::Pypi && TOOLS.contains(&name.as_str()) => {
            found.remarks.push(
                format!(
                    "{} {} is installed and in no lock, as in every environment",
                    package.name, package.version
                )
                .into(),
            );
        }
        None => fail(
            Check::InstalledExtra,
            format!(
                "{} {} is installed, and no lock names it",
                package.name, package.version
            ),
            "remove it, or lock it: write it into the manifest, then foretaste lock",
        ),
        Some(entries) => {
            let is_it = |e: &&Pinned| same(environment.ecosystem, &e.version, &package.version);
            if !entries.iter().any(is_it) {
                let wanted: Vec<&str> = entries.iter().map(|e| &*e.version).collect();
                fail(
                    Check::OtherVersion,
                    format!(
                        "{} {} is installed, and {} is locked",
                        package.name,
                        package.version,
                        wanted.join(" or ")
                    ),
                    "install from the lock alone",
                );
            } else if !matches!(package.origin, Origin::Registry(_)) {
                let from = match &package.origin {
                    Origin::Url(url) | Origin::Vcs { url, .. } => url.to_string(),
                    Origin::Path { path, .. } => path.to_string(),
                    _ => "elsewhere".to_owned(),
                };
                fail(
                    Check::UnapprovedSource,
                    format!(
                        "{} was installed from {from}, and is locked from a registry",
                        package.name
                    ),
                    "install from the lock alone",
                );
            }
        }
    }
}

fn changed(environment: &Environment, package: &InstalledPackage, found: &mut Findings) {
    let base = environment.path.trim_end_matches('/');
    let site = package.folder.rsplit_once('/').map_or("", |(site, _)| site);
    if !package.recorded && environment.ecosystem == Ecosystem::Pypi {
        let message = format!(
            "{} has no record of what was installed, so changes to it cannot be seen",
            package.name
        );
        let remedy = "install it anew from a wheel";
        let file = format!("{base}/{}", package.folder);
        found.failures.push(Failure::in_file(
            Check::NotRecorded,
            &file,
            whole(),
            &package.name,
            message,
            remedy,
        ));
    }
    for file in &package.changed {
        let what = match file.change {
            FileChange::Modified => "is not as it was installed",
            FileChange::Missing => "was installed and is gone",
            FileChange::Added => "was not installed with it",
            FileChange::Unreadable => "cannot be read, so nothing is known of it",
        };
        let path = if site.is_empty() {
            format!("{base}/{}", file.path)
        } else {
            format!("{base}/{site}/{}", file.path)
        };
        found.failures.push(Failure::in_file(
            Check::FileChanged,
            &path,
            Span::default(),
            &package.name,
            format!(
                "{} of {} {} {what}",
                file.path, package.name, package.version
            ),
            "look at it, find out who wrote it, and make the environment anew from the lock",
        ));
    }
}

fn strays(environment: &Environment, found: &mut Findings) {
    let base = environment.path.trim_end_matches('/');
    for stray in &environment.strays {
        let name = stray.rsplit('/').next().unwrap_or(stray);
        if is_made_by_tools(stray) {
            found
                .remarks
                .push(format!("{stray} is what tools lay into environments that they make; it was not compared").into());
            continue;
        }
        let runs = if name.ends_with(".pth") {
            "; Python reads it whenever it starts"
        } else {
            ""
        };
        found.failures.push(Failure::in_file(
            Check::StrayFile,
            &format!("{base}/{stray}"),
            whole(),
            name,
            format!("no installed package brought {stray}{runs}"),
            "look at it, find out who wrote it, and make the environment anew from the lock",
        ));
    }
}

#[cfg(test)]
mod tests {
    use foretaste_io::files;

    use super::*;
    use crate::Settings;
    use crate::checks::pins;

    const LOCK: &str = r#"{"name": "app", "lockfileVersion": 3, "packages": {
        "": {"name": "app", "dependencies": {"pad": "^2", "old": "^1"}, "devDependencies": {"test": "^1"}},
        "node_modules/pad": {"version": "2.0.0"},
        "node_modules/old": {"version": "1.0.0", "dependencies": {"pad": "^1"}},
        "node_modules/old/node_modules/pad": {"version": "1.0.0"},
        "node_modules/test": {"version": "1.0.0", "dev": true}}}"#;

    fn told(installed: &[(&str, &str)]) -> Vec<(Check, String)> {
        let dir = tempfile::tempdir().expect("a folder");
        let write = |path: &str, text: &str| {
            files::write(&dir.path().join(path), text.as_bytes()).expect("written");
        };
        write("package-lock.json", LOCK);
        for (folder, version) in installed {
            let name = folder.rsplit('/').next().unwrap_or(folder);
            let text = format!(r#"{{"name": "{name}", "version": "{version}"}}"#);
            write(&format!("node_modules/{folder}/package.json"), &text);
        }
        let surroundings = foretaste_io::Environment::below(dir.path());
        let project = Project::discover(dir.path(), &surroundings).expect("read");
        let mut found = Findings::default();
        let pinned = pins::check(&project, &Settings::default(), &mut found);
        found.failures.clear();
        check(dir.path(), &project, &pinned, &mut found).expect("read");
        let failures = found.failures.into_iter();
        let short = |m: &str| m.split(" in /").next().unwrap_or(m).to_owned();
        failures.map(|f| (f.check, short(&f.message))).collect()
    }

    #[test]
    fn node_modules_hold_what_the_lock_says() {
        let whole = [
            ("pad", "2.0.0"),
            ("old", "1.0.0"),
            ("old/node_modules/pad", "1.0.0"),
            ("test", "1.0.0"),
        ];
        assert_eq!(told(&whole), []);
        assert_eq!(
            told(&[("pad", "2.0.0"), ("old", "1.0.0"), ("odd", "3.0.0")]),
            [
                (
                    Check::InstalledExtra,
                    "odd 3.0.0 is installed, and no lock names it".to_owned()
                ),
                (
                    Check::NotInstalled,
                    "pad 1.0.0 is locked and not installed".to_owned()
                ),
            ]
        );
        let other = [
            ("pad", "2.0.1"),
            ("old", "1.0.0"),
            ("old/node_modules/pad", "1.0.0"),
        ];
        assert_eq!(
            told(&other),
            [(
                Check::OtherVersion,
                "pad 2.0.1 is installed, and 2.0.0 or 1.0.0 is locked".to_owned()
            )]
        );
    }
}
