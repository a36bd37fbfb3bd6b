//! Chains whose steps lie in several files of one package.

use foretaste_model::ExecutionContext;
use foretaste_model::facts::Flow;

/// A chain that was put together from pieces of several files.
#[derive(Clone, Debug, PartialEq)]
pub struct Crossing {
    /// Its steps; the function is the one of the last step, in the last step's file.
    pub flow: Flow,
    /// The file of each step, by index in [`foretaste_model::facts::ArtifactFacts::files`].
    pub homes: Vec<usize>,
    /// When the whole of it runs: in the least dangerous of its pieces' contexts.
    pub context: ExecutionContext,
}

impl Crossing {
    /// The file in which it ends.
    pub fn last_home(&self) -> Option<usize> {
        self.homes.last().copied()
    }
}
