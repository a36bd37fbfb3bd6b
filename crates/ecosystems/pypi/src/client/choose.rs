//! Which release, and which of its files.

use std::collections::HashMap;

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
    /// Which of the pages it stands on.
    pub(super) page: usize,
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
/// the index that is asked first. The files are taken out of the pages.
pub(super) fn releases(
    found: &mut [Found],
    name: &PackageName,
    platform: &Platform,
) -> (Vec<Release>, Vec<Box<str>>) {
    let python = platform.python_version();
    let mut problems: Vec<Box<str>> = Vec::new();
    let mut strangers = 0_u32;
    let mut candidates: Vec<Candidate> = Vec::new();
    // few different wishes stand at thousands of files
    let mut allowed: HashMap<Box<str>, bool> = HashMap::new();
    for (page, found) in found.iter_mut().enumerate() {
        for file in std::mem::take(&mut found.page.files) {
            let Some(dist) = DistFilename::parse(&file.filename, name.as_str()) else {
                strangers += 1;
                continue;
            };
            let allowed = file.requires_python.as_deref().is_none_or(|wish| {
                if let Some(known) = allowed.get(wish) {
                    return *known;
                }
                let fits = python_allowed(wish, &python);
                allowed.insert(wish.into(), fits);
                fits
            });
            candidates.push(Candidate {
                compatible: allowed && platform.accepts(&dist),
                file,
                dist,
                page,
            });
        }
    }
    if strangers > 0 {
        problems
            .push(format!("{strangers} links of the index are no files of this package").into());
    }
    // The sort is stable: of two files of one name that of the first page is left.
    candidates.sort_by(|a, b| a.file.filename.cmp(&b.file.filename));
    candidates.dedup_by(|later, first| later.file.filename == first.file.filename);
    let mut versions: HashMap<Box<str>, PypiVersion> = HashMap::new();
    let mut candidates: Vec<(PypiVersion, Candidate)> = candidates
        .into_iter()
        .filter_map(|candidate| {
            let text = candidate.dist.version()?;
            if let Some(known) = versions.get(text) {
                return Some((known.clone(), candidate));
            }
            let version = PypiVersion::new(text);
            versions.insert(text.into(), version.clone());
            Some((version, candidate))
        })
        .collect();
    // Stable too: within a version files stay in the order of their names.
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
