//! pip, uv, poetry and every other installer of wheels: the `.dist-info` folder beside the package.
//!
//! <https://packaging.python.org/specifications/recording-installed-packages/>

use std::path::Path;

use foretaste_io::files;
use foretaste_model::{Digest, Ecosystem};
use foretaste_pypi::{DistFilename, PypiVersion};
use serde::Deserialize;

use super::Install;

/// Files of a `.dist-info` folder that installers write.
const WRITTEN: &[&str] = &[
    "METADATA",
    "RECORD",
    "INSTALLER",
    "WHEEL",
    "REQUESTED",
    "direct_url.json",
    "uv_cache.json",
];
/// Folders in which installers build.
const BUILDS: &[&str] = &[
    "/pip-build-env-",
    "/build-env-",
    "/builds-v0/",
    "/pip-install-",
];

/// An install, if the file is part of one.
pub(super) fn written(path: &str, time: u64, process: Option<usize>) -> Option<Install> {
    let (folder, file) = path.rsplit_once('/')?;
    let release = folder.rsplit('/').next()?.strip_suffix(".dist-info")?;
    // the name of a temporary file is its final one with something before or behind it
    if !WRITTEN.iter().any(|known| file.contains(known)) || is_no_install(folder) {
        return None;
    }
    let (name, version) = release.rsplit_once('-')?;
    let mut install = Install::new(
        Ecosystem::Pypi,
        &name.replace('_', "-"),
        version,
        folder.to_owned(),
        time,
        process,
    );
    install.temporary = BUILDS.iter().any(|build| folder.contains(build));
    Some(install)
}

/// What a build back end prepares, what a client keeps unpacked and what another package carries is not installed.
fn is_no_install(folder: &str) -> bool {
    // uv unpacks into a folder of its cache that it renames
    let is_unpacked = folder
        .rsplit('/')
        .nth(1)
        .is_some_and(|above| above.starts_with(".tmp"));
    is_unpacked
        || [
            "/pip-modern-metadata-",
            "/pip-wheel-",
            "/build/bdist.",
            "/archive-v0/",
            "/wheels-v",
            "/sdists-v",
            "/pip-unpack-",
            // setuptools carries others' packages with their metadata
            "/_vendor/",
        ]
        .iter()
        .any(|place| folder.contains(place))
        || folder.contains("/pip-install-") && !folder.contains("site-packages")
}

/// `direct_url.json` (PEP 610).
#[derive(Deserialize)]
struct DirectUrl {
    url: String,
    archive_info: Option<ArchiveInfo>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ArchiveInfo {
    hash: Option<String>,
    hashes: std::collections::BTreeMap<String, String>,
}

/// Reads what the installer recorded, if it still lies there.
pub(super) fn complete(install: &mut Install) {
    let folder = Path::new(&install.place);
    let read = |file: &str| files::read_config(&folder.join(file)).ok().flatten();
    install.installer = read("INSTALLER").map(|text| text.trim().chars().take(100).collect());
    let Some(direct) =
        read("direct_url.json").and_then(|text| serde_json::from_str::<DirectUrl>(&text).ok())
    else {
        return;
    };
    install.index = Some(foretaste_project::Location::new(&direct.url).redacted());
    let archive = direct.archive_info.unwrap_or_default();
    let old = archive.hash.iter().filter_map(|hash| hash.split_once('='));
    let named = archive
        .hashes
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .chain(old);
    for (algorithm, value) in named {
        if let Ok(digest) = format!("{algorithm}:{value}").parse::<Digest>()
            && !install.digests.contains(&digest)
        {
            install.digests.push(digest);
        }
    }
}

/// True for the name of an artifact of a release.
pub(super) fn is_artifact_of(filename: &str, install: &Install) -> bool {
    DistFilename::parse(filename, install.key().as_str())
        .and_then(|parsed| {
            Some(PypiVersion::new(parsed.version()?).same(&PypiVersion::new(&install.version)))
        })
        .unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_that_is_written_is_an_install_and_preparing_is_none() {
        let at = |path: &str| written(path, 0, None).map(|i| (i.name, i.version, i.temporary));
        let found = at("/v/lib/python3.11/site-packages/acme_corp_util-1.0.3.dist-info/RECORD");
        assert_eq!(
            found,
            Some(("acme-corp-util".to_owned(), "1.0.3".to_owned(), false))
        );
        let build = at(
            "/tmp/pip-build-env-x1/overlay/lib/python3.11/site-packages/setuptools-70.0.dist-info/INSTALLER",
        );
        assert_eq!(
            build,
            Some(("setuptools".to_owned(), "70.0".to_owned(), true))
        );
        assert_eq!(
            at("/tmp/pip-modern-metadata-x/a-1.dist-info/METADATA"),
            None
        );
        assert_eq!(at("/v/lib/python3.11/site-packages/a/METADATA"), None);
        assert_eq!(at("/h/.cache/uv/.tmpAb1/a-1.dist-info/RECORD"), None);
        let carried = "/v/site-packages/setuptools/_vendor/packaging-26.3.dist-info/RECORD";
        assert_eq!(at(carried), None);
    }

    #[test]
    fn artifacts_are_known_by_name_and_version() {
        let install = Install::new(
            Ecosystem::Pypi,
            "acme-corp-util",
            "1.0",
            String::new(),
            0,
            None,
        );
        assert!(is_artifact_of("acme_corp_util-1.0.0.tar.gz", &install));
        assert!(is_artifact_of(
            "acme_corp_util-1.0-py3-none-any.whl",
            &install
        ));
        assert!(!is_artifact_of("acme_corp_util-1.1.tar.gz", &install));
    }
}
