//! Which variable a name in the syntax tree is.

use oxc_ast::ast::{BindingPattern, IdentifierReference};
use oxc_semantic::Scoping;
use oxc_syntax::symbol::SymbolId;

/// The variable of a reference; none for a name that the file does not declare.
pub(crate) fn referred(scoping: &Scoping, id: &IdentifierReference<'_>) -> Option<SymbolId> {
    scoping.get_reference(id.reference_id.get()?).symbol_id()
}

/// The variable that a plain pattern declares; none for one that takes a value apart.
pub(crate) fn declared(pattern: &BindingPattern<'_>) -> Option<SymbolId> {
    match pattern {
        BindingPattern::BindingIdentifier(id) => id.symbol_id.get(),
        _ => None,
    }
}
