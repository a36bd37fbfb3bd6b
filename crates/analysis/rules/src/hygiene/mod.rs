//! Maintenance and hygiene: risks, never accusations.

mod abandoned_package;
mod accesses_environment;
mod accesses_files;
mod accesses_network;
mod changes_environment;
mod controls_processes;
mod decodes_data;
mod deprecated_package;
mod developer_warning;
mod empty_package;
mod extra_index;
mod few_downloads;
mod few_releases;
mod generates_code;
mod high_yank_ratio;
mod insecure_homepage;
mod insecure_network;
mod insufficient_readme;
mod loose_requirement;
mod missing_author_email;
mod missing_description;
mod missing_license;
mod missing_repository;
mod placeholder_package;
mod reads_user_input;
mod release_gap;
mod support;
mod too_many_dependencies;
mod unfinished_unpacking;
mod unhashed_lock;
mod unlocked_requirement;
mod yanked_release;

use foretaste_engine::AnyRule;

pub(crate) use empty_package::EmptyPackage;
pub(crate) use insufficient_readme::InsufficientReadme;
pub(crate) use missing_author_email::MissingAuthorEmail;
pub(crate) use missing_description::MissingDescription;
pub(crate) use missing_license::MissingLicense;
pub(crate) use missing_repository::MissingRepository;
pub(crate) use support::{lapses, unsaid};

/// The rules of this group.
pub(crate) const RULES: &[AnyRule] = &[
    AnyRule::Release(&abandoned_package::AbandonedPackage),
    AnyRule::Release(&accesses_environment::AccessesEnvironment),
    AnyRule::Release(&accesses_files::AccessesFiles),
    AnyRule::Release(&accesses_network::AccessesNetwork),
    AnyRule::Release(&changes_environment::ChangesEnvironment),
    AnyRule::Release(&controls_processes::ControlsProcesses),
    AnyRule::Release(&decodes_data::DecodesData),
    AnyRule::Release(&deprecated_package::DeprecatedPackage),
    AnyRule::Release(&developer_warning::DeveloperWarning),
    AnyRule::Release(&EmptyPackage),
    AnyRule::Release(&extra_index::ExtraIndex),
    AnyRule::Release(&few_downloads::FewDownloads),
    AnyRule::Release(&few_releases::FewReleases),
    AnyRule::Release(&generates_code::GeneratesCode),
    AnyRule::Release(&high_yank_ratio::HighYankRatio),
    AnyRule::Release(&insecure_homepage::InsecureHomepage),
    AnyRule::File(&insecure_network::InsecureNetwork),
    AnyRule::Release(&InsufficientReadme),
    AnyRule::Release(&loose_requirement::LooseRequirement),
    AnyRule::Release(&MissingAuthorEmail),
    AnyRule::Release(&MissingDescription),
    AnyRule::Release(&MissingLicense),
    AnyRule::Release(&MissingRepository),
    AnyRule::Release(&placeholder_package::PlaceholderPackage),
    AnyRule::Release(&reads_user_input::ReadsUserInput),
    AnyRule::Release(&release_gap::ReleaseGap),
    AnyRule::Release(&too_many_dependencies::TooManyDependencies),
    AnyRule::Release(&unfinished_unpacking::UnfinishedUnpacking),
    AnyRule::Release(&unhashed_lock::UnhashedLock),
    AnyRule::Release(&unlocked_requirement::UnlockedRequirement),
    AnyRule::Release(&yanked_release::YankedRelease),
];
