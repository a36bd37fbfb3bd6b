//! Addresses that stand encoded in a program and are known once they are worked out.

use foretaste_model::Capability;
use foretaste_model::facts::{Flow, FlowLink, StepRole};
use foretaste_observe::taint::Mark;

use super::effects::Given;
use super::run::Run;

/// Steps after which nobody reads an address any more; percent codes are how addresses are written.
const HIDES: &[&str] = &[
    "base32", "base64", "chr", "gzip", "hex", "reverse", "rot13", "xor", "zlib",
];

impl Run<'_, '_> {
    /// Something connects to an address that was hidden.
    pub(super) fn hidden_address(&mut self, sink: Mark, given: &[Given<'_>]) {
        if !sink.capability.is_network_sink() {
            return;
        }
        let address = self.word_of(sink.constant);
        let found = given.iter().find_map(|(_, value)| {
            let step = value.steps.iter().find(|s| HIDES.contains(s))?;
            let is_address = value.str() == Some(address) && address.contains("://");
            is_address.then_some(*step)
        });
        let Some(step) = found else { return };
        let source = Mark {
            capability: Capability::DecodeText,
            api: self.word(step),
            constant: sink.constant,
            range: (sink.range.0, sink.range.0),
        };
        let steps = vec![
            self.step(StepRole::Source, source),
            self.step(StepRole::Sink, sink),
        ];
        let flow = Flow {
            steps,
            function: self.function,
            link: FlowLink::Data,
        };
        self.facts.flow(flow, (source.range.0, sink.range.0));
    }
}
