//! What code can do now and could not before, by the context in which it does it.

use std::collections::BTreeMap;

use foretaste_model::change::CapabilityGain;
use foretaste_model::{Capability, CapabilityGroup, EvidenceRole, ExecutionContext};

use super::pair::{Pair, class};
use crate::context::starts_a_file;

/// The capabilities that are new in a context, each with the most dangerous place.
pub(super) fn of(pair: &Pair<'_>) -> Vec<CapabilityGain> {
    let mut before: BTreeMap<Capability, ExecutionContext> = BTreeMap::new();
    let mut groups: BTreeMap<CapabilityGroup, ExecutionContext> = BTreeMap::new();
    for view in pair.old.views() {
        for used in &view.facts.uses {
            let context = view.context(used.function);
            let known = before.entry(used.capability).or_insert(context);
            *known = context.min(*known);
            let known = groups.entry(used.capability.group()).or_insert(context);
            *known = context.min(*known);
        }
    }
    let mut gains: BTreeMap<Capability, CapabilityGain> = BTreeMap::new();
    for view in pair.new.views().filter(|v| !pair.is_known(v)) {
        for used in &view.facts.uses {
            let context = pair.context(&view, used.function);
            if class(context) > class(ExecutionContext::Called) {
                continue;
            }
            let had = before.get(&used.capability).copied();
            if had.is_some_and(|had| class(had) <= class(context)) {
                continue;
            }
            // what does it itself is told before what starts another file of the package
            let gain = gains.get(&used.capability);
            if gain.is_some_and(|gain| {
                (gain.context, starts_a_file(&gain.evidence.note))
                    <= (context, starts_a_file(&used.api))
            }) {
                continue;
            }
            let group = groups.get(&used.capability.group());
            gains.insert(
                used.capability,
                CapabilityGain {
                    capability: used.capability,
                    context,
                    before: had,
                    group_is_new: group.is_none_or(|had| class(*had) > class(context)),
                    file_is_new: pair.is_new(&view),
                    evidence: view.use_evidence(used, EvidenceRole::Site, &*used.api),
                },
            );
        }
    }
    gains.into_values().collect()
}
