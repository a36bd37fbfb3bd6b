//! What of a build backend inside an sdist an installation runs.

use std::collections::BTreeSet;

use foretaste_model::ExecutionContext;
use foretaste_model::facts::{Callee, Function};

use super::Work;

impl Work<'_> {
    /// Raises a backend or build hook: every function, since a frontend may call any, but for those that only
    /// `if __name__ == "__main__"` reaches. They are commands for its maintainers.
    pub(super) fn raise_backend(&mut self, index: usize) {
        let functions = &self.artifact.files[index].facts.functions;
        let main = functions.iter().position(|f| &*f.name == "<main>");
        let by_hand = main.map_or_else(BTreeSet::new, |main| {
            let from_main = reached(functions, [main]);
            let others = (0..functions.len()).filter(|f| !from_main.contains(f));
            let elsewhere = reached(functions, others);
            &from_main - &elsewhere
        });
        for function in 0..self.contexts[index].len() {
            if !by_hand.contains(&function) {
                self.raise(index, function as u32, ExecutionContext::Install);
            }
        }
    }
}

/// The functions that are called from some functions of a file, directly or not, and these.
fn reached(functions: &[Function], from: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
    let mut waiting: Vec<usize> = from.into_iter().collect();
    let mut reached: BTreeSet<usize> = waiting.iter().copied().collect();
    while let Some(at) = waiting.pop() {
        let calls = functions.get(at).map_or(&[][..], |f| &f.calls);
        for callee in calls {
            if let Callee::Local(local) = callee
                && reached.insert(*local as usize)
            {
                waiting.push(*local as usize);
            }
        }
    }
    reached
}
