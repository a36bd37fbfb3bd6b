//! Publisher, provenance and release history.

mod anomalous_dependency_version;
mod anomalous_version;
mod awakened_package;
mod disposable_author_email;
mod expired_email_domain;
mod immature_dependency;
mod provenance_lost;
mod publisher_change;
mod reregistered_email_domain;
mod young_package;
mod young_release;

pub(crate) use anomalous_version::is_absurd;

use foretaste_engine::AnyRule;

/// The rules of this group.
pub(crate) const RULES: &[AnyRule] = &[
    AnyRule::Release(&anomalous_dependency_version::AnomalousDependencyVersion),
    AnyRule::Release(&anomalous_version::AnomalousVersion),
    AnyRule::Release(&awakened_package::AwakenedPackage),
    AnyRule::Release(&disposable_author_email::DisposableAuthorEmail),
    AnyRule::Release(&expired_email_domain::ExpiredEmailDomain),
    AnyRule::Release(&immature_dependency::ImmatureDependency),
    AnyRule::Release(&provenance_lost::ProvenanceLost),
    AnyRule::Release(&publisher_change::PublisherChange),
    AnyRule::Release(&reregistered_email_domain::ReregisteredEmailDomain),
    AnyRule::Release(&young_package::YoungPackage),
    AnyRule::Release(&young_release::YoungRelease),
];
