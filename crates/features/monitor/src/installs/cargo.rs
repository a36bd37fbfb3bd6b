//! cargo: crates in its registry cache, downloaded (`registry/cache`) or unpacked (`registry/src`).

use foretaste_model::Ecosystem;

use super::Install;

/// An install, if the file is part of one.
pub(super) fn written(path: &str, time: u64, process: Option<usize>) -> Option<Install> {
    let (place, index, release) = if let Some((before, rest)) = path.split_once("/registry/src/") {
        let (index, rest) = rest.split_once('/')?;
        let (release, file) = rest.split_once('/')?;
        if file != ".cargo-ok" {
            return None;
        }
        (
            format!("{before}/registry/src/{index}/{release}"),
            index,
            release,
        )
    } else {
        let (before, rest) = path.split_once("/registry/cache/")?;
        let (index, file) = rest.split_once('/')?;
        let release = file.strip_suffix(".crate")?;
        // one entry for what is downloaded and what is unpacked of it
        (
            format!("{before}/registry/src/{index}/{release}"),
            index,
            release,
        )
    };
    let (name, version) = split(release)?;
    let mut install = Install::new(Ecosystem::Cargo, name, version, place, time, process);
    // `index.example-0123456789abcdef`
    install.index = Some(
        index
            .rsplit_once('-')
            .map_or(index, |(host, _)| host)
            .to_owned(),
    );
    install.installer = Some("cargo".to_owned());
    Some(install)
}

/// `serde-1.0.0-rc.1`: the version begins at the first part that can begin one.
fn split(release: &str) -> Option<(&str, &str)> {
    release.match_indices('-').find_map(|(at, _)| {
        let (name, version) = (release.get(..at)?, release.get(at + 1..)?);
        semver::Version::parse(version)
            .is_ok()
            .then_some((name, version))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_are_known_by_where_they_lie() {
        let at = |path: &str| written(path, 0, None).map(|i| (i.name, i.version, i.index));
        let known = Some((
            "foo-1-bar".to_owned(),
            "2.0.0-rc.1".to_owned(),
            Some("index.example".to_owned()),
        ));
        assert_eq!(
            at(
                "/h/.cargo/registry/src/index.example-1949cf8c6b5b557f/foo-1-bar-2.0.0-rc.1/.cargo-ok"
            ),
            known
        );
        assert_eq!(
            at(
                "/h/.cargo/registry/cache/index.example-1949cf8c6b5b557f/foo-1-bar-2.0.0-rc.1.crate"
            ),
            known
        );
        assert_eq!(
            at("/h/.cargo/registry/src/index.example-1949cf8c6b5b557f/foo-1.0.0/src/lib.rs"),
            None
        );
    }
}
