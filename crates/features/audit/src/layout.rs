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
    if let Some(kind) = other_kind(filename, paths) {
        return kind;
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

/// The kinds of ecosystems beyond Python, npm and cargo, each by the files that its installer needs.
fn other_kind(filename: &str, paths: &[&str]) -> Option<ArtifactKind> {
    let has = |path: &str| paths.contains(&path);
    let lower = filename.to_ascii_lowercase();
    if paths.iter().any(|p| p.starts_with("data.tar.gz!/"))
        && paths.iter().any(|p| p.starts_with("metadata.gz!/"))
    {
        return Some(ArtifactKind::Gem);
    }
    let named = has("extension.vsixmanifest") || lower.ends_with(".vsix");
    if named && has("extension/package.json") {
        return Some(ArtifactKind::Vsix);
    }
    if paths
        .iter()
        .any(|p| !p.contains('/') && p.ends_with(".nuspec"))
    {
        return Some(ArtifactKind::Nupkg);
    }
    let jar = [".jar", ".war", ".ear", ".aar"]
        .iter()
        .any(|e| lower.ends_with(e));
    if jar || (has("META-INF/MANIFEST.MF") && paths.iter().any(|p| p.ends_with(".class"))) {
        return Some(ArtifactKind::Jar);
    }
    // `module@version/` before every path
    let versioned = |p: &&str| p.split('/').any(|part| part.contains("@v"));
    if lower.ends_with(".zip") && !paths.is_empty() && paths.iter().all(versioned) {
        return Some(ArtifactKind::GoModule);
    }
    let composer = |p: &&str| *p == "composer.json" || second(p) == Some("composer.json");
    let other = |p: &&str| {
        let name = second(p).unwrap_or(p);
        matches!(
            name,
            "package.json" | "setup.py" | "pyproject.toml" | "Cargo.toml"
        )
    };
    (paths.iter().any(composer) && !paths.iter().any(other)).then_some(ArtifactKind::ComposerDist)
}

/// The folder that a Go module's files stand below: up to the part with the version.
fn module_folder(path: &str) -> Option<&str> {
    let at = path.find("@v")?;
    let end = path.get(at..)?.find('/')? + at;
    path.get(..=end)
}

fn second(path: &str) -> Option<&str> {
    path.split_once('/').map(|(_, rest)| rest)
}

/// Removes what installers remove: the common folder of sdists, crates and composer packages, the first one of npm
/// tarballs (npm strips one component whatever its name), the archive inside a gem, `module@version/` of Go modules.
pub(crate) fn strip_top_folder(kind: ArtifactKind, files: &mut [FileEntry]) {
    if matches!(
        kind,
        ArtifactKind::Wheel
            | ArtifactKind::Egg
            | ArtifactKind::Folder
            | ArtifactKind::Nupkg
            | ArtifactKind::Jar
    ) {
        return;
    }
    let prefix = |file: &FileEntry| -> Option<usize> {
        let path = &*file.path;
        let known = match kind {
            ArtifactKind::Gem => ["data.tar.gz!/", "metadata.gz!/", "checksums.yaml.gz!/"]
                .into_iter()
                .find(|p| path.starts_with(p))?,
            ArtifactKind::Vsix => "extension/",
            ArtifactKind::GoModule => module_folder(path)?,
            _ => return None,
        };
        path.starts_with(known).then_some(known.len())
    };
    if matches!(
        kind,
        ArtifactKind::Gem | ArtifactKind::Vsix | ArtifactKind::GoModule
    ) {
        for file in files {
            if let Some(length) = prefix(file) {
                file.path = file.path.get(length..).unwrap_or("").into();
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_what_an_installer_needs() {
        let cases: &[(&str, &[&str], ArtifactKind)] = &[
            (
                "a.gem",
                &["data.tar.gz!/lib/a.rb", "metadata.gz!/metadata"],
                ArtifactKind::Gem,
            ),
            (
                "a.vsix",
                &["extension.vsixmanifest", "extension/package.json"],
                ArtifactKind::Vsix,
            ),
            (
                "b.vsix",
                &["extension/package.json", "extension/out/main.js"],
                ArtifactKind::Vsix,
            ),
            (
                "a.nupkg",
                &["A.nuspec", "lib/net8.0/A.dll"],
                ArtifactKind::Nupkg,
            ),
            (
                "a.jar",
                &["META-INF/MANIFEST.MF", "a/B.class"],
                ArtifactKind::Jar,
            ),
            (
                "v1.0.0.zip",
                &["h.example/a/b@v1.0.0/go.mod", "h.example/a/b@v1.0.0/c/d.go"],
                ArtifactKind::GoModule,
            ),
            (
                "a.zip",
                &["acme-a-1/composer.json", "acme-a-1/src/A.php"],
                ArtifactKind::ComposerDist,
            ),
            (
                "a.tgz",
                &["package/package.json", "package/composer.json"],
                ArtifactKind::NpmTarball,
            ),
            (
                "a.tar.gz",
                &["a-1/PKG-INFO", "a-1/composer.json", "a-1/setup.py"],
                ArtifactKind::Sdist,
            ),
        ];
        for (name, paths, kind) in cases {
            assert_eq!(kind_of(name, true, paths), *kind, "{name}");
        }
        assert_eq!(
            module_folder("h.example/a/b@v1.0.0/c/d.go"),
            Some("h.example/a/b@v1.0.0/")
        );
        assert_eq!(module_folder("h.example/a/b@v1"), None);
    }
}
