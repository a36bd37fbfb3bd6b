//! Packages come from approved places, and no second index can slip one in.

use foretaste_project::{Format, Location, Place, SourceKind};
use foretaste_projects::Project;

use crate::Settings;
use crate::failure::{Check, Failure};
use crate::verifier::Findings;

/// Indexes that are asked beside the main one. Where every line has a hash, what another index offers is not taken.
pub(crate) fn indexes(project: &Project, found: &mut Findings) {
    for manifest in &project.manifests {
        if !matches!(manifest.format, Format::Requirements | Format::Gemfile) {
            continue;
        }
        let hashed = manifest.wishes().all(|r| !r.hashes.is_empty());
        if hashed && !manifest.requirements.is_empty() {
            continue;
        }
        for source in &manifest.sources {
            if source.kind == SourceKind::ExtraIndex && !source.explicit {
                found.failures.push(Failure::at(
                    Check::ExtraIndex,
                    &source.place,
                    &source.location.to_string(),
                    format!(
                        "{} is asked for every name beside the main index: the higher version wins, whoever published it",
                        source.location
                    ),
                    "use one index that fronts the others, or give every line a hash: foretaste lock",
                ));
            }
        }
    }
}

/// What comes from a URL or repository.
pub(crate) fn elsewhere(
    url: &Location,
    name: &str,
    place: &Place,
    settings: &Settings,
    found: &mut Findings,
) {
    if is_approved(url.expose(), &settings.sources) {
        return;
    }
    found.failures.push(unapproved(url, name, place));
}

pub(crate) fn unapproved(url: &Location, name: &str, place: &Place) -> Failure {
    Failure::at(
        Check::UnapprovedSource,
        place,
        name,
        format!("{name} comes from {url}, which is no approved source"),
        "take a release of your registry, or approve the place: `sources` in [lock] of foretaste.toml",
    )
}

/// Whether a URL begins with an approved one, at a boundary of its path.
pub(crate) fn is_approved(url: &str, approved: &[String]) -> bool {
    let plain = |text: &str| text.strip_prefix("git+").unwrap_or(text).to_owned();
    let url = plain(url);
    approved.iter().any(|begin| {
        let begin = plain(begin);
        url.strip_prefix(&begin).is_some_and(|rest| {
            rest.is_empty() || begin.ends_with('/') || rest.starts_with(['/', '?', '#', '@', '.'])
        }) && begin.contains("://")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_approved_up_to_a_boundary() {
        let approved = vec!["https://git.acme.example/team".to_owned()];
        for (url, wanted) in [
            ("https://git.acme.example/team/lib.git", true),
            ("git+https://git.acme.example/team", true),
            ("https://git.acme.example/team-evil/lib", false),
            ("https://git.acme.example.evil.example/team/lib", false),
        ] {
            assert_eq!(is_approved(url, &approved), wanted, "{url}");
        }
    }
}
