//! Does a repository know the package that names it?

use foretaste_model::{Ecosystem, ReleaseId};

use super::describe::Client;
use super::{Forge, Place, github, gitlab};
use crate::web::Refusal;

/// What lies at the root of the default branch.
pub(super) struct Root {
    pub(super) files: Vec<Box<str>>,
    pub(super) folders: Vec<Box<str>>,
}

/// Reads manifests of the default branch until one names the package. None if one of them could not be looked at and
/// no other names it.
pub(super) async fn mention(
    root: &Root,
    client: &Client<'_>,
    branch: &str,
    release: &ReleaseId,
) -> Option<bool> {
    let mut complete = true;
    for path in candidates(root, client.place, release) {
        let read = match client.place.forge {
            Forge::GitHub => github::read(client, &path).await,
            Forge::GitLab => gitlab::read(client, &path, branch).await,
        };
        match read {
            Ok(text) if names(&text, release) => return Some(true),
            Ok(_) | Err(Refusal::NotFound) => {}
            Err(Refusal::Skipped(_)) => complete = false,
        }
    }
    complete.then_some(false)
}

/// The ecosystem's manifests at the root, then where monorepos keep the package's own, at most five.
fn candidates(root: &Root, place: &Place, release: &ReleaseId) -> Vec<String> {
    let (manifests, homes): (&[&str], &[&str]) = match release.ecosystem {
        Ecosystem::Pypi => (
            &["pyproject.toml", "setup.py", "setup.cfg"],
            &["packages", "python", "libs", "src"],
        ),
        Ecosystem::Npm => (&["package.json"], &["packages", "js", "libs", "modules"]),
        Ecosystem::Cargo => (&["Cargo.toml"], &["crates", "rust", "packages"]),
        Ecosystem::RubyGems => (&["Gemfile", "Rakefile"], &["gems", "ruby"]),
        Ecosystem::Packagist => (&["composer.json"], &["packages", "src"]),
        Ecosystem::Go => (&["go.mod"], &["go"]),
        Ecosystem::NuGet => (&["Directory.Build.props"], &["src"]),
        Ecosystem::Maven => (&["pom.xml", "build.gradle"], &["java"]),
        Ecosystem::VsCode => (&["package.json"], &["packages", "extensions"]),
        Ecosystem::Actions => (&["action.yml", "action.yaml"], &[]),
    };
    let main = manifests.first().copied().unwrap_or_default();
    let name = release.name.as_str();
    let bare = name.rsplit_once('/').map_or(name, |(_, bare)| bare);
    let mut paths: Vec<String> = manifests
        .iter()
        .filter(|m| root.files.iter().any(|f| &&**f == *m))
        .map(|m| (*m).to_owned())
        .collect();
    paths.extend(place.folder.iter().map(|folder| format!("{folder}/{main}")));
    if root.folders.iter().any(|f| &**f == bare) {
        paths.push(format!("{bare}/{main}"));
    }
    paths.extend(
        homes
            .iter()
            .filter(|home| root.folders.iter().any(|f| &&**f == *home))
            .map(|home| format!("{home}/{bare}/{main}")),
    );
    paths.truncate(5);
    paths
}

/// Whether a text holds the package's name as a word of its own, separators and case aside.
fn names(text: &str, release: &ReleaseId) -> bool {
    let plain = |text: &str| {
        text.chars()
            .map(|c| match c {
                '_' | '.' if release.ecosystem != Ecosystem::Npm => '-',
                c => c.to_ascii_lowercase(),
            })
            .collect::<String>()
    };
    let (text, name) = (plain(text), plain(release.name.as_str()));
    if name.is_empty() {
        return false;
    }
    // `core` is not named by `@babel/core`, nor `request` by `requests`
    let continues = |c: char| {
        c.is_alphanumeric()
            || matches!(c, '-' | '_')
            || (release.ecosystem == Ecosystem::Npm && matches!(c, '/' | '@' | '.'))
    };
    text.match_indices(&name).any(|(at, found)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let after = text.get(at + found.len()..).and_then(|t| t.chars().next());
        !before.is_some_and(continues) && !after.is_some_and(continues)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_counts_only_as_a_word() {
        for (ecosystem, name, text, expected) in [
            (
                Ecosystem::Pypi,
                "friendly-bard",
                "name = 'Friendly_Bard'",
                true,
            ),
            (Ecosystem::Pypi, "request", "name = \"requests\"", false),
            (Ecosystem::Pypi, "bard", "name = 'friendly-bard'", false),
            (Ecosystem::Npm, "core", "{\"name\": \"@babel/core\"}", false),
            (
                Ecosystem::Npm,
                "@babel/core",
                "{\"name\": \"@babel/core\"}",
                true,
            ),
            (
                Ecosystem::Cargo,
                "serde_json",
                "members = [\"crates/serde-json\"]",
                true,
            ),
        ] {
            let release = ReleaseId::new(ecosystem, name, "1");
            assert_eq!(names(text, &release), expected, "{name} in {text}");
        }
    }

    #[test]
    fn monorepos_are_looked_into() {
        let root = Root {
            files: vec!["package.json".into(), "README.md".into()],
            folders: vec!["packages".into(), "core".into()],
        };
        let place = Place {
            forge: Forge::GitHub,
            host: "github.com".into(),
            path: "a/b".into(),
            folder: Some("x/y".into()),
        };
        let release = ReleaseId::new(Ecosystem::Npm, "@a/core", "1");
        assert_eq!(
            candidates(&root, &place, &release),
            [
                "package.json",
                "x/y/package.json",
                "core/package.json",
                "packages/core/package.json"
            ]
        );
    }
}
