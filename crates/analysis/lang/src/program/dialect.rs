//! What the interpreter must know of a language besides its grammar.

use foretaste_model::facts::Language;
use foretaste_observe::table::Table;
use tree_sitter::Node as Syntax;

use super::lower::Lower;
use super::tree::Node;

/// One language.
pub(crate) struct Dialect {
    pub(super) language: Language,
    /// Its grammar.
    pub(super) grammar: fn() -> tree_sitter::Language,
    /// What its APIs can do.
    pub(super) table: &'static Table,
    /// What a node of the grammar means.
    pub(super) lower: fn(&mut Lower<'_, '_>, Syntax<'_>) -> Node,
    /// Names that stand for their last part: `Kernel.system` is `system`.
    pub(super) roots: &'static [&'static str],
    /// Case does not matter in names.
    pub(super) folds_case: bool,
    /// A name that is no variable may be a call without arguments.
    pub(super) bare_calls: bool,
    /// Calls that load a file: their API, and the folder that the path starts from (empty for a search path).
    pub(super) loads: &'static [(&'static str, &'static str)],
    /// Calls whose first argument names the method that is called on the receiver.
    pub(super) sends: &'static [&'static str],
}
