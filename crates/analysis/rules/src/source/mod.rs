//! Source repository against artifact.

mod archived_repository;
mod artifact_differs_from_source;
mod forked_repository;
mod missing_source_repository;
mod release_without_tag;
mod starjacked_repository;
mod unpopular_repository;

use foretaste_engine::AnyRule;

/// The rules of this group.
pub(crate) const RULES: &[AnyRule] = &[
    AnyRule::Release(&archived_repository::ArchivedRepository),
    AnyRule::Release(&artifact_differs_from_source::ArtifactDiffersFromSource),
    AnyRule::Release(&forked_repository::ForkedRepository),
    AnyRule::Release(&missing_source_repository::MissingSourceRepository),
    AnyRule::Release(&release_without_tag::ReleaseWithoutTag),
    AnyRule::Release(&starjacked_repository::StarjackedRepository),
    AnyRule::Release(&unpopular_repository::UnpopularRepository),
];
