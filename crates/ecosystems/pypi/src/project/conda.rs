//! conda's `environment.yml`: its pip part is vetted, its conda part is listed.

use foretaste_markup::yaml;
use foretaste_project::{
    Constraint, DeclaredSource, Document, Format, Input, Location, Manifest, Place, Problem,
    Reading, Requirement, SourceKind,
};

use super::{decode, file_name, requirements};

/// `environment.yml`, `environment-dev.yaml`, `conda-env.yml`.
pub(super) fn matches(path: &str) -> bool {
    let name = file_name(path);
    let stem = name
        .strip_suffix(".yml")
        .or_else(|| name.strip_suffix(".yaml"));
    stem.is_some_and(|s| s == "conda" || s.starts_with("environment") || s.starts_with("conda-env"))
}

pub(super) fn read(input: &Input<'_>) -> Reading {
    let (decoded, _) = decode::decode(input.bytes);
    let document = yaml(&decoded);
    let mut manifest = Manifest::new(Format::CondaEnvironment, input.path);
    let mut problems: Vec<Problem> = document
        .problems
        .iter()
        .map(|p| {
            Problem::new(
                Place::new(input.path, p.span.unwrap_or_default()),
                p.message.clone(),
            )
        })
        .collect();
    manifest.name = document.text("name").map(Into::into);
    let mut is_conda = false;
    for entry in &document.entries {
        let place = Place::new(input.path, entry.span);
        let parts: Vec<&str> = entry.path.split('/').collect();
        match parts[..] {
            ["channels", _] => {
                is_conda = true;
                manifest.sources.push(DeclaredSource {
                    kind: SourceKind::Channel,
                    name: None,
                    location: Location::new(&entry.value),
                    explicit: false,
                    place,
                });
            }
            ["dependencies", _] => {
                is_conda = true;
                manifest.beyond.push(conda_package(&entry.value, place));
            }
            ["dependencies", _, "pip", _] => {
                is_conda = true;
                requirements::line(&entry.value, &place, input, &mut manifest, &mut problems);
            }
            _ => {}
        }
    }
    Reading {
        document: is_conda.then_some(Document::Manifest(manifest)),
        problems: if is_conda { problems } else { Vec::new() },
    }
}

/// `channel::name=version=build` or `name >=1`.
fn conda_package(written: &str, place: Place) -> Requirement {
    let body = written.rsplit("::").next().unwrap_or(written).trim();
    let end = body
        .find([' ', '=', '<', '>', '!', '~', '['])
        .unwrap_or(body.len());
    let (name, specifier) = body.split_at(end);
    let mut found = Requirement::new(name, place);
    let specifier = specifier.trim();
    found.specifier = specifier.into();
    let exact = specifier.trim_start_matches('=');
    found.constraint = if specifier.is_empty() {
        Constraint::Any
    } else if specifier.starts_with('=') && !exact.contains(['*', ',', '|', '<', '>']) {
        let mut parts = exact.split('=');
        let version = parts.next().unwrap_or_default();
        // one `=` is a prefix match, unless a build follows
        if specifier.starts_with("==") || parts.next().is_some() {
            Constraint::Pinned(version.into())
        } else {
            Constraint::Range
        }
    } else if specifier.starts_with('>') && !specifier.contains(['<', ',']) {
        Constraint::AtLeast
    } else {
        Constraint::Range
    };
    found
}
