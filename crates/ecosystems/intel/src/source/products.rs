//! Files that packaging writes, so that no repository has them.

/// True if the file is a product of building or publishing, by its path in the artifact.
pub(crate) fn is_product(path: &str) -> bool {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    let in_folder = |suffix: &str| {
        path.rsplit_once('/')
            .is_some_and(|(folders, _)| folders.split('/').any(|f| f.ends_with(suffix)))
    };
    let by_name = matches!(
        name,
        "PKG-INFO" | ".cargo_vcs_info.json" | "Cargo.lock" | "Cargo.toml" | "pax_global_header"
    );
    by_name
        || in_folder(".egg-info")
        || in_folder(".dist-info")
        || matches!(path.split_once('/'), Some(("EGG-INFO", _)))
        // a member of a nested archive has no place of its own in the repository
        || path.contains("!/")
}

/// The path that the file had in the source: `Cargo.toml` as the author wrote it, the content of wheels' data folders.
pub(crate) fn source_path(path: &str) -> &str {
    if path == "Cargo.toml.orig" {
        return "Cargo.toml";
    }
    if let Some((first, rest)) = path.split_once('/')
        && first.ends_with(".data")
        && let Some((_, inner)) = rest.split_once('/')
    {
        return inner;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_packaging_writes_is_left_out() {
        for (path, expected) in [
            ("PKG-INFO", true),
            ("src/pad.egg-info/SOURCES.txt", true),
            ("pad-1.0.dist-info/METADATA", true),
            (".cargo_vcs_info.json", true),
            ("a.zip!/x.py", true),
            ("pad/__init__.py", false),
            ("Cargo.toml.orig", false),
            ("egg-info.py", false),
        ] {
            assert_eq!(is_product(path), expected, "{path}");
        }
        assert_eq!(source_path("pad-1.0.data/purelib/pad/x.py"), "pad/x.py");
        assert_eq!(source_path("pad/x.py"), "pad/x.py");
    }
}
