//! What several suites ask of facts.

use foretaste_model::facts::FileFacts;

/// True if a layer that is run starts a program.
pub(crate) fn runs(facts: &FileFacts) -> bool {
    facts.layers.iter().any(|layer| {
        let mut uses = layer.facts.uses.iter();
        layer.executed && uses.any(|u| &*u.api == "child_process.exec")
    })
}
