//! What kind of artifact an archive is, and where its own root lies.

use foretaste_model::facts::{ArtifactKind, FileEntry};

/// Tells the kind by content first, by name second: names lie.
pub(crate) fn kind_of(filename: &str, is_archive: bool, paths: &[&str]) -> ArtifactKind {
    let top = |wanted: &str| {
        paths
            .iter()
            .any(|p| *p == wanted || second(p) == Some(wanted))
    };
    let is_metadata = |p: &&str| p.matches('/').count() == 1 && p.ends_with(".dist-info/METADATA");
    if paths.iter().any(is_metadata) {
        return ArtifactKind::Wheel;
    }
    if filename.ends_with(".egg") || paths.contains(&"EGG-INFO/PKG-INFO") {
        return ArtifactKind::Egg;
    }
    let published =
        filename.ends_with(".crate") || top(".cargo_vcs_info.json") || top("Cargo.toml.orig");
    if top("Cargo.toml") && published {
        return ArtifactKind::Crate;
    }
    if top("PKG-INFO") || top("setup.py") || top("pyproject.toml") {
        return ArtifactKind::Sdist;
    }
    if top("package.json") {
        return ArtifactKind::NpmTarball;
    }
    match filename.rsplit('.').next() {
        Some("whl") => ArtifactKind::Wheel,
        Some("crate") => ArtifactKind::Crate,
        Some("tgz") if is_archive => ArtifactKind::NpmTarball,
        _ => ArtifactKind::Archive,
    }
}

fn second(path: &str) -> Option<&str> {
    path.split_once('/').map(|(_, rest)| rest)
}

/// Removes the folder that installers remove: the common one of sdists and crates, the first one of npm tarballs
/// (npm strips one component whatever its name).
pub(crate) fn strip_top_folder(kind: ArtifactKind, files: &mut [FileEntry]) {
    if matches!(
        kind,
        ArtifactKind::Wheel | ArtifactKind::Egg | ArtifactKind::Folder
    ) {
        return;
    }
    let top = files
        .first()
        .and_then(|f| f.path.split_once('/'))
        .map(|(top, _)| top.to_owned());
    let common = top.filter(|top| {
        files
            .iter()
            .all(|f| f.path.split_once('/').is_some_and(|(t, _)| t == top))
    });
    for file in files {
        let stripped = match (&common, kind) {
            (Some(_), _) | (None, ArtifactKind::NpmTarball) => second(&file.path).map(Into::into),
            _ => None,
        };
        if let Some(path) = stripped {
            file.path = path;
        }
    }
}
