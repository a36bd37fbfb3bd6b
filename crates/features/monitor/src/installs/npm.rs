//! npm: the hidden lock that it leaves in `node_modules`; pnpm and yarn: the tree itself.

use std::collections::HashSet;
use std::path::Path;

use foretaste_io::files;
use foretaste_model::Ecosystem;
use foretaste_project::{Document, Origin};
use foretaste_projects::Project;

use super::Install;

/// Bytes of a hidden lock.
const MAX_LOCK: u64 = 64 << 20;

/// A tree that was finished by writing this file: the folder `node_modules`, and whether npm wrote a lock into it.
pub(super) fn tree(path: &str) -> Option<(&str, bool)> {
    [
        ("/.package-lock.json", true),
        ("/.modules.yaml", false),
        ("/.yarn-state.yml", false),
        ("/.yarn-integrity", false),
    ]
    .iter()
    .find_map(|(file, has_lock)| Some((path.strip_suffix(file)?, *has_lock)))
    .filter(|(folder, _)| folder.ends_with("/node_modules"))
}

/// Reads the tree. Of one with a lock, packages whose manifest was not written before were there already.
pub(super) fn read(
    (root, has_lock): (&str, bool),
    manifests: &HashSet<String>,
    time: u64,
    process: Option<usize>,
) -> Vec<Install> {
    if !has_lock {
        let found = foretaste_npm::project::installed(Path::new(root));
        return found
            .environment
            .packages
            .iter()
            .map(|package| {
                let place = format!("{root}/{}", package.folder);
                Install::new(
                    Ecosystem::Npm,
                    &package.name,
                    &package.version,
                    place,
                    time,
                    process,
                )
            })
            .collect();
    }
    let Ok(bytes) = files::read(&Path::new(root).join(".package-lock.json"), MAX_LOCK) else {
        return Vec::new();
    };
    let Some(Document::Lock(lock)) =
        Project::of_bytes("package-lock.json", &bytes).and_then(|reading| reading.document)
    else {
        return Vec::new();
    };
    let project = root.trim_end_matches("/node_modules");
    lock.packages
        .iter()
        .filter_map(|package| {
            let place = format!("{project}/{}", package.folder);
            if !manifests.contains(&format!("{place}/package.json")) {
                return None;
            }
            let version = package.version.as_deref()?;
            let mut install =
                Install::new(Ecosystem::Npm, &package.name, version, place, time, process);
            install.installer = Some("npm".to_owned());
            let artifact = package.artifacts.first();
            install.index = artifact
                .and_then(|artifact| artifact.url.as_ref())
                .map(foretaste_project::Location::redacted)
                .or_else(|| match &package.origin {
                    Origin::Url(url) | Origin::Vcs { url, .. } => Some(url.redacted()),
                    Origin::Path { path, .. } => Some(path.to_string()),
                    _ => None,
                });
            install.digests = artifact
                .map(|artifact| artifact.hashes.clone())
                .unwrap_or_default();
            Some(install)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_written_was_installed() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().join("p/node_modules");
        let lock = r#"{"name":"p","lockfileVersion":3,"packages":{
            "node_modules/a":{"version":"1.0.0","resolved":"https://registry.example/a/-/a-1.0.0.tgz","integrity":"sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="},
            "node_modules/b":{"version":"2.0.0"}}}"#;
        files::write(&root.join(".package-lock.json"), lock.as_bytes()).expect("written");
        let root = root.display().to_string();
        let manifests = HashSet::from([format!("{root}/a/package.json")]);
        let found = read((&root, true), &manifests, 7, None);
        let shown: Vec<(&str, &str, Option<&str>, usize)> = found
            .iter()
            .map(|i| (&*i.name, &*i.version, i.index.as_deref(), i.digests.len()))
            .collect();
        assert_eq!(
            shown,
            [(
                "a",
                "1.0.0",
                Some("https://registry.example/a/-/a-1.0.0.tgz"),
                1
            )]
        );
        assert_eq!(
            tree("/p/node_modules/.package-lock.json"),
            Some(("/p/node_modules", true))
        );
        assert_eq!(tree("/p/.package-lock.json"), None);
    }
}
