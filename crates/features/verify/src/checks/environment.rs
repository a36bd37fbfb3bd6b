//! What is installed is what is locked, file by file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use foretaste_model::{Ecosystem, PackageName, Span};
use foretaste_project::{Environment, FileChange, InstalledPackage, Origin};
use foretaste_projects::Project;
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
    let read = foretaste_pypi::environment::installed(path)?;
    for problem in read.problems {
        found.skip("a part of the environment", problem);
    }
    let environment = read.environment;
    found.checked.installed = environment.packages.len() as u32;
    let mut locked: BTreeMap<&PackageName, Vec<&Pinned>> = BTreeMap::new();
    for one in pinned.iter().filter(|p| p.ecosystem == Ecosystem::Pypi) {
        locked.entry(&one.name).or_default().push(one);
    }
    let own: BTreeSet<PackageName> = project
        .manifests
        .iter()
        .filter(|m| m.ecosystem == Ecosystem::Pypi)
        .filter_map(|m| m.name.as_deref())
        .map(|name| PackageName::new(Ecosystem::Pypi, name))
        .collect();
    let mut installed = BTreeSet::new();
    for package in &environment.packages {
        let name = package.key(Ecosystem::Pypi);
        extra_or_other(&environment, package, &name, &locked, &own, found);
        changed(&environment, package, found);
        installed.insert(name);
    }
    for (name, entries) in locked {
        let Some(first) = entries.first() else {
            continue;
        };
        if !installed.contains(name) && entries.iter().any(|e| !e.conditional) {
            found.failures.push(Failure::at(
                Check::NotInstalled,
                &first.place,
                name.as_str(),
                format!(
                    "{name} {} is locked and not installed in {}",
                    first.version, environment.path
                ),
                "install from the lock alone",
            ));
        }
    }
    strays(&environment, found);
    Ok(())
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
        None if TOOLS.contains(&name.as_str()) => {
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
            let same = |a: &str, b: &str| PypiVersion::new(a).same(&PypiVersion::new(b));
            if !entries.iter().any(|e| same(&e.version, &package.version)) {
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
    if !package.recorded {
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
