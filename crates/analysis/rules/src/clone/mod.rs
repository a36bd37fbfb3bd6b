//! Relatives of known-bad packages: digests, code and indicators that were seen before.

mod known_artifact;
mod known_code;
mod known_indicator;

use foretaste_engine::AnyRule;
use foretaste_engine::prelude::*;
use foretaste_model::KnownMatch;

/// The rules of this group.
pub(crate) const RULES: &[AnyRule] = &[
    AnyRule::Release(&known_artifact::KnownArtifact),
    AnyRule::Release(&known_code::KnownCode),
    AnyRule::Release(&known_indicator::KnownIndicator),
];

/// What the scene shares with known-bad packages.
fn matches<'a>(scene: &Scene<'a>) -> &'a [KnownMatch] {
    scene.known.known().map_or(&[], Vec::as_slice)
}

/// Finishes a finding with the places of a match, and when the code there runs.
fn placed(mut finding: Finding, known: &KnownMatch, scene: &Scene<'_>, note: &str) -> Finding {
    let view = scene.files().find(|v| {
        *v.artifact.filename == *known.artifact
            && *v.entry.path == *known.path
            && v.layer == known.layer
    });
    let Some(view) = view.filter(|_| !known.path.is_empty()) else {
        return finding.evidence(Evidence::file(&known.artifact, &known.path, note));
    };
    finding = finding.context(view.worst_context());
    if known.places.is_empty() {
        finding = finding.evidence(Evidence::file(&known.artifact, &known.path, note));
    }
    for span in &known.places {
        finding = finding.evidence(view.evidence(*span, EvidenceRole::Site, note));
    }
    finding
}

/// The relative in words: its name, and its family if that says more.
fn relative(known: &KnownMatch) -> String {
    if known.family.is_empty() || known.family == known.relative {
        known.relative.to_string()
    } else {
        format!("{} (family {})", known.relative, known.family)
    }
}
