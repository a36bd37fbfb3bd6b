//! What decoded code calls of its package: `python -c "import pkg.setup; pkg.setup.run()"`.

use foretaste_model::ExecutionContext;
use foretaste_model::facts::{Callee, FileFacts};

use super::Work;

impl<'a> Work<'a> {
    /// Follows the calls and imports of the layers that a function runs; each runs as a whole, when the function does.
    pub(super) fn follow_layers(&mut self, index: usize, function: u32, context: ExecutionContext) {
        for layer in self.index.file(index).layers_of(function) {
            self.follow_layer((index, function), &layer.facts, context);
        }
    }

    fn follow_layer(
        &mut self,
        runs: (usize, u32),
        facts: &'a FileFacts,
        context: ExecutionContext,
    ) {
        for callee in facts.functions.iter().flat_map(|f| &f.calls) {
            if let Callee::External(name) = callee {
                self.raise_external(runs, name, context);
            }
        }
        for import in &facts.imports {
            self.raise_imported(runs.0, import, context);
        }
        for layer in facts.layers.iter().filter(|l| l.executed) {
            self.follow_layer(runs, &layer.facts, context);
        }
    }
}
