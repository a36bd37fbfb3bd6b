//! Code that runs without being imported, and what an install brings along.

mod bundled_binary;
mod dependency_confusion_probe;
mod git_dependency;
mod hollow_installer;
mod implicit_build;
mod install_hook;
mod installs_another_package;
mod manifest_confusion;
mod network_at_install;
mod privilege_use;
mod process_at_install;
mod startup_code;
mod support;
mod url_dependency;

use foretaste_engine::AnyRule;

/// The rules of this group.
pub(crate) const RULES: &[AnyRule] = &[
    AnyRule::File(&bundled_binary::BundledBinary),
    AnyRule::Release(&dependency_confusion_probe::DependencyConfusionProbe),
    AnyRule::Release(&git_dependency::GitDependency),
    AnyRule::Release(&hollow_installer::HollowInstaller),
    AnyRule::File(&implicit_build::ImplicitBuild),
    AnyRule::File(&install_hook::InstallHook),
    AnyRule::File(&installs_another_package::InstallsAnotherPackage),
    AnyRule::Release(&manifest_confusion::ManifestConfusion),
    AnyRule::File(&network_at_install::NetworkAtInstall),
    AnyRule::File(&privilege_use::PrivilegeUse),
    AnyRule::File(&process_at_install::ProcessAtInstall),
    AnyRule::File(&startup_code::StartupCode),
    AnyRule::Release(&url_dependency::UrlDependency),
];
