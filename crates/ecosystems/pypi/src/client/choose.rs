//! Which release, and which of its files.

use std::collections::BTreeMap;

use foretaste_model::PackageName;
use foretaste_registry::{RegistryError, near_versions};

use super::pages::Found;
use crate::filename::DistFilename;
use crate::platform::Platform;
use crate::simple::SimpleFile;
use crate::version::{PypiVersion, python_allowed};

/// One file of a project, understood.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) file: SimpleFile,
    pub(super) dist: DistFilename,
    /// The tags and `Requires-Python` fit this machine.
    pub(super) compatible: bool,
}

/// One release of a project.
#[derive(Clone, Debug)]
pub(super) struct Release {
    pub(super) version: PypiVersion,
    pub(super) files: Vec<Candidate>,
}

impl Release {
    /// Yanked as a whole: every file is. The reason is that of the first file.
    pub(super) fn yanked(&self) -> Option<Box<str>> {
        if self.files.iter().any(|c| c.file.yanked.is_none()) {
            return None;
        }
        self.files.first().and_then(|c| c.file.yanked.clone())
    }

    fn is_installable(&self) -> bool {
        self.files
            .iter()
            .any(|c| c.compatible && c.file.yanked.is_none())
    }
}

/// Every release of the pages, oldest first, and what was passed over. The same file name twice is one file: that of
/// the index that is asked first.
pub(super) fn releases(
    found: &[Found],
    name: &PackageName,
    platform: &Platform,
) -> (Vec<Release>, Vec<Box<str>>) {
    let python = platform.python_version();
    let mut by_name: BTreeMap<&str, Candidate> = BTreeMap::new();
    let mut problems: Vec<Box<str>> = Vec::new();
    let mut strangers = 0_u32;
    for file in found.iter().flat_map(|f| &f.page.files) {
        let Some(dist) = DistFilename::parse(&file.filename, name.as_str()) else {
            strangers += 1;
            continue;
        };
        if by_name.contains_key(&*file.filename) {
            continue;
        }
        let allowed = file
            .requires_python
            .as_deref()
            .is_none_or(|specifiers| python_allowed(specifiers, &python));
        let candidate = Candidate {
            compatible: allowed && platform.accepts(&dist),
            file: file.clone(),
            dist,
        };
        by_name.insert(&file.filename, candidate);
    }
    if strangers > 0 {
        problems
            .push(format!("{strangers} links of the index are no files of this package").into());
    }
    let mut candidates: Vec<(PypiVersion, Candidate)> = by_name
        .into_values()
        .filter_map(|candidate| Some((PypiVersion::new(candidate.dist.version()?), candidate)))
        .collect();
    // The sort is stable: within a version files stay in the order of their names.
    candidates.sort_by(|a, b| a.0.cmp(&b.0));
    let mut releases: Vec<Release> = Vec::new();
    for (version, candidate) in candidates {
        match releases.last_mut() {
            Some(last) if last.version.same(&version) => last.files.push(candidate),
            _ => releases.push(Release {
                version,
                files: vec![candidate],
            }),
        }
    }
    (releases, problems)
}

/// The release that was asked for, or the one the client would choose.
pub(super) fn choose<'a>(
    releases: &'a [Release],
    name: &PackageName,
    wanted: Option<&str>,
) -> Result<&'a Release, RegistryError> {
    if let Some(wanted) = wanted {
        let version = PypiVersion::new(wanted);
        return releases
            .iter()
            .find(|r| r.version.same(&version))
            .ok_or_else(|| RegistryError::NoSuchVersion {
                name: name.clone(),
                version: wanted.to_owned(),
                near: near_versions(wanted, releases.iter().map(|r| r.version.as_str())),
            });
    }
    // Each line gives up one wish; within it the newest wins.
    let wishes: [&dyn Fn(&Release) -> bool; 5] = [
        &|r| r.is_installable() && !r.version.is_prerelease(),
        &|r| r.is_installable() && r.version.is_valid(),
        &|r| r.yanked().is_none() && !r.version.is_prerelease(),
        &|r| r.yanked().is_none(),
        &|_| true,
    ];
    wishes
        .iter()
        .find_map(|wish| releases.iter().rev().find(|r| wish(r)))
        .ok_or_else(|| RegistryError::NoRelease {
            name: name.clone(),
            reason: "the index offers no files of it".to_owned(),
        })
}
