//! What the permission rules share.

use std::collections::BTreeMap;

use foretaste_engine::LapseKind;
use foretaste_engine::prelude::*;

/// Places that are listed for one permission.
const MAX_PLACES: usize = 5;

/// Fills a permission finding with one place for each interface, the most dangerous contexts first.
pub(super) fn permission(
    mut finding: Finding,
    scene: &Scene<'_>,
    wanted: impl Fn(Capability) -> bool,
) -> Vec<Finding> {
    let mut places: BTreeMap<Box<str>, (ExecutionContext, Evidence)> = BTreeMap::new();
    for file in scene.files() {
        for used in file.facts.uses.iter().filter(|u| wanted(u.capability)) {
            let context = file.context(used.function);
            if context >= ExecutionContext::Test
                || places
                    .get(&used.api)
                    .is_some_and(|(best, _)| *best <= context)
            {
                continue;
            }
            places.insert(
                used.api.clone(),
                (
                    context,
                    file.use_evidence(used, EvidenceRole::Site, &*used.api),
                ),
            );
        }
    }
    let mut places: Vec<_> = places.into_values().collect();
    places.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
    let Some((context, _)) = places.first() else {
        return Vec::new();
    };
    finding.context = Some(*context);
    finding.evidence = places
        .into_iter()
        .take(MAX_PLACES)
        .map(|(_, evidence)| evidence)
        .collect();
    vec![finding]
}

/// A project's lapses of one kind: their subjects for a sentence, and their places. None if there are none.
pub(crate) fn lapses(scene: &Scene<'_>, kind: LapseKind) -> Option<(String, Vec<Evidence>)> {
    let found: Vec<_> = scene.lapses.iter().filter(|l| l.kind == kind).collect();
    let mut subjects: Vec<&str> = Vec::new();
    for lapse in &found {
        if !subjects.contains(&&*lapse.subject) {
            subjects.push(&lapse.subject);
        }
    }
    let told = subjects.iter().take(MAX_PLACES).copied();
    let told = told.collect::<Vec<_>>().join(", ");
    let more = subjects.len().saturating_sub(MAX_PLACES);
    let sentence = if more > 0 {
        format!("{told} and {more} more")
    } else {
        told
    };
    let evidence = found.iter().take(MAX_PLACES).map(|lapse| Evidence {
        span: (lapse.span.line > 0).then_some(lapse.span),
        ..Evidence::file("", &lapse.file, &*lapse.subject)
    });
    (!found.is_empty()).then(|| (sentence, evidence.collect()))
}
