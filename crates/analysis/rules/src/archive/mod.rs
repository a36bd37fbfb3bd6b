//! What the archive itself does.

mod ambiguous_archive;
mod hostile_archive;
mod unfinished_analysis;
mod unreadable_content;

use foretaste_engine::AnyRule;

/// The rules of this group.
pub(crate) const RULES: &[AnyRule] = &[
    AnyRule::Release(&ambiguous_archive::AmbiguousArchive),
    AnyRule::Release(&hostile_archive::HostileArchive),
    AnyRule::File(&unfinished_analysis::UnfinishedAnalysis),
    AnyRule::Release(&unreadable_content::UnreadableContent),
];
