//! `Cargo.toml` as what a project asks for.

use foretaste_model::manifest::{Dependency, DependencyKind, DependencySource};
use foretaste_project::{
    Constraint, Document, Format, Group, Input, Location, Manifest, Place, Problem, Reading,
    Requirement,
};

pub(super) fn read(input: &Input<'_>) -> Reading {
    let text = String::from_utf8_lossy(input.bytes);
    let (facts, _, odd) = crate::manifest::cargo_toml(&text);
    let mut manifest = Manifest::new(Format::CargoToml, input.path);
    manifest.name = facts.name;
    manifest.version = facts.version;
    manifest.requires = facts.requires;
    manifest.requirements = facts
        .dependencies
        .iter()
        .map(|d| requirement(d, input))
        .collect();
    let problems = odd
        .into_iter()
        .map(|p| {
            let place = p.span.map_or_else(
                || Place::file(input.path),
                |span| Place::new(input.path, span),
            );
            Problem::new(place, p.message)
        })
        .collect();
    Reading {
        document: Some(Document::Manifest(manifest)),
        problems,
    }
}

fn requirement(dependency: &Dependency, input: &Input<'_>) -> Requirement {
    let place = dependency.span.map_or_else(
        || Place::file(input.path),
        |span| Place::new(input.path, span),
    );
    let mut made = Requirement::new(&dependency.name, place);
    made.specifier.clone_from(&dependency.requirement);
    made.marker.clone_from(&dependency.condition);
    made.group = match dependency.kind {
        DependencyKind::Run => Group::Main,
        DependencyKind::Build => Group::Build,
        DependencyKind::Dev => Group::Dev,
        DependencyKind::Optional => Group::Optional,
        DependencyKind::Peer => Group::Peer,
    };
    made.constraint = match &dependency.source {
        DependencySource::Registry => specifier(&dependency.requirement),
        DependencySource::OtherRegistry(name) => {
            made.index = Some(Location::new(name));
            specifier(&dependency.requirement)
        }
        DependencySource::Url(url) => Constraint::Url(Location::new(url)),
        DependencySource::Path(path) => Constraint::Path(path.clone()),
        DependencySource::Git(at) => {
            let (url, rev) = at
                .split_once('#')
                .map_or((&**at, None), |(u, r)| (u, Some(r)));
            Constraint::Vcs {
                url: Location::new(url),
                rev: rev.map(Into::into),
                subdirectory: None,
            }
        }
    };
    made
}

/// <https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html>: a bare version is a caret requirement.
fn specifier(text: &str) -> Constraint {
    let text = text.trim();
    if text.is_empty() || text == "*" {
        return Constraint::Any;
    }
    if text.contains(',') {
        return Constraint::Range;
    }
    if let Some(version) = text.strip_prefix('=') {
        return Constraint::Pinned(version.trim().into());
    }
    if text.starts_with('>') {
        return Constraint::AtLeast;
    }
    Constraint::Range
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use foretaste_project::NoFiles;

    use super::*;

    #[test]
    fn every_kind_of_dependency_is_read_with_its_place() {
        let path: Arc<str> = "Cargo.toml".into();
        let text = "[package]\nname = \"shop\"\nversion = \"1.0.0\"\n\n[dependencies]\nserde = \"1\"\nexact = \"=1.2.3\"\nlocal = { path = \"../local\", version = \"1\" }\ngit = { git = \"https://git.example/x\", rev = \"abc\" }\nany = \"*\"\n\n[dev-dependencies]\ntest = \">=1\"\n";
        let reading = read(&Input {
            path: &path,
            bytes: text.as_bytes(),
            files: &NoFiles,
        });
        let Some(Document::Manifest(manifest)) = reading.document else {
            unreachable!("a manifest")
        };
        assert_eq!(manifest.name.as_deref(), Some("shop"));
        let told: Vec<String> = manifest
            .requirements
            .iter()
            .map(|r| {
                let name = r.name.as_deref().unwrap_or("-");
                format!(
                    "{name}:{} {:?} {:?}",
                    r.place.span.line, r.constraint, r.group
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                "serde:6 Range Main",
                "exact:7 Pinned(\"1.2.3\") Main",
                "local:8 Path(\"../local\") Main",
                "git:9 Vcs { url: \"https://git.example/x\", rev: Some(\"abc\"), subdirectory: None } Main",
                "any:10 Any Main",
                "test:13 AtLeast Dev",
            ]
        );
    }
}
