//! What the permission rules share.

use std::collections::BTreeMap;

use foretaste_engine::LapseKind;
use foretaste_engine::prelude::*;

use super::{
    EmptyPackage, InsufficientReadme, MissingAuthorEmail, MissingDescription, MissingLicense,
    MissingRepository,
};

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

/// A project's lapses of one kind as one finding with their places. `told` gives it for their subjects, as part of a
/// sentence. None if there are none.
pub(crate) fn lapses(
    scene: &Scene<'_>,
    kind: LapseKind,
    told: impl FnOnce(&str) -> Finding,
) -> Option<Finding> {
    let found: Vec<_> = scene.lapses.iter().filter(|l| l.kind == kind).collect();
    if found.is_empty() {
        return None;
    }
    let mut subjects: Vec<&str> = Vec::new();
    for lapse in &found {
        if !subjects.contains(&&*lapse.subject) {
            subjects.push(&lapse.subject);
        }
    }
    let named = subjects.iter().take(MAX_PLACES).copied();
    let named = named.collect::<Vec<_>>().join(", ");
    let more = subjects.len().saturating_sub(MAX_PLACES);
    let sentence = if more > 0 {
        format!("{named} and {more} more")
    } else {
        named
    };
    let evidence = found.iter().take(MAX_PLACES).map(|lapse| Evidence {
        span: (lapse.span.line > 0).then_some(lapse.span),
        ..Evidence::file("", &lapse.file, &*lapse.subject)
    });
    let mut finding = told(&sentence);
    finding.evidence = evidence.collect();
    Some(finding)
}

/// What a release without a named source leaves unsaid beside that; nothing if it names one, or if that is all.
pub(crate) fn unsaid(scene: &Scene<'_>) -> Vec<Box<str>> {
    let says = |rule: &dyn ReleaseRule| rule.judge(scene).into_iter().next().map(|f| f.message);
    let Some(source) = says(&MissingRepository) else {
        return Vec::new();
    };
    let others: [&dyn ReleaseRule; 5] = [
        &InsufficientReadme,
        &MissingDescription,
        &MissingAuthorEmail,
        &MissingLicense,
        &EmptyPackage,
    ];
    let mut unsaid: Vec<Box<str>> = others.into_iter().filter_map(says).collect();
    if !unsaid.is_empty() {
        unsaid.insert(0, source);
    }
    unsaid
}
