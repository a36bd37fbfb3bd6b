//! Whose code runs: the package, as far as folders tell.

use std::path::Path;

/// The package whose code a program is, by the script that it runs and the folder that it runs in.
pub fn package(arguments: &[String], directory: &Path) -> Option<String> {
    let directory = directory.to_string_lossy();
    std::iter::once(&*directory)
        .chain(arguments.iter().take(4).map(String::as_str))
        .find_map(of_path)
}

fn of_path(path: &str) -> Option<String> {
    // npm: the innermost package; a scope is part of the name
    if let Some((_, rest)) = path.rsplit_once("node_modules/") {
        let mut parts = rest.split('/').filter(|part| !part.is_empty());
        let first = parts.next()?;
        if first.starts_with('.') {
            return None;
        }
        let name = if first.starts_with('@') {
            format!("{first}/{}", parts.next()?)
        } else {
            first.to_owned()
        };
        return Some(format!("npm:{name}"));
    }
    // pip: /tmp/pip-install-x/NAME_HASH, pip-req-build-x holds what was named by path
    if let Some((_, rest)) = path.split_once("/pip-install-") {
        let folder = rest.split('/').nth(1)?;
        return Some(format!(
            "pypi:{}",
            folder.rsplit_once('_').map_or(folder, |(name, _)| name)
        ));
    }
    if path.contains("/pip-req-build-") {
        return Some("pypi:(local)".to_owned());
    }
    // cargo: registry/src/INDEX/NAME-VERSION, target/*/build/NAME-HASH/build-script-build
    if let Some((_, rest)) = path.split_once("/registry/src/") {
        return rest
            .split('/')
            .nth(1)
            .map(|release| format!("crates:{release}"));
    }
    if path.contains("/build-script-") {
        let folder = path.split("/build/").nth(1)?.split('/').next()?;
        return Some(format!(
            "crates:{}",
            folder.rsplit_once('-').map_or(folder, |(name, _)| name)
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_tell_packages() {
        let of = |path: &str| package(&[], Path::new(path));
        assert_eq!(
            of("/p/node_modules/a/node_modules/@s/b/lib").as_deref(),
            Some("npm:@s/b")
        );
        assert_eq!(
            of("/tmp/pip-install-ab12/evil_0123abcd").as_deref(),
            Some("pypi:evil")
        );
        assert_eq!(
            of("/h/.cargo/registry/src/index-1/serde-1.0.0").as_deref(),
            Some("crates:serde-1.0.0")
        );
        assert_eq!(of("/p/src"), None);
        let script = ["/p/target/debug/build/ring-0a1b/build-script-build".to_owned()];
        assert_eq!(
            package(&script, Path::new("/p")).as_deref(),
            Some("crates:ring")
        );
    }
}
