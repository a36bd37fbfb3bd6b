//! Names that imitate others.

mod confusable_name;
mod internal_name_confusion;

use foretaste_engine::AnyRule;

/// The rules of this group.
pub(crate) const RULES: &[AnyRule] = &[
    AnyRule::Release(&confusable_name::ConfusableName),
    AnyRule::Release(&internal_name_confusion::InternalNameConfusion),
];
