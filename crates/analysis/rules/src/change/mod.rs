//! What a release can do that the release before it could not.
//!
//! A change alone is information: packages change. It accuses when what is new is also what attacks are made of.

mod author_email_changed;
mod broken_policy;
mod capability_gained;
mod entry_point_changed;
mod new_binary_file;
mod new_chain;
mod new_install_surface;
mod new_obfuscated_file;
mod raised_budget;
mod release_burst;
mod size_jump;
mod support;
mod suspicious_new_dependency;
mod unsourced_new_file;
mod widened_policy;

use foretaste_engine::AnyRule;

/// The rules of this group.
pub(crate) const RULES: &[AnyRule] = &[
    AnyRule::Release(&author_email_changed::AuthorEmailChanged),
    AnyRule::Release(&broken_policy::BrokenPolicy),
    AnyRule::Release(&capability_gained::CapabilityGained),
    AnyRule::Release(&entry_point_changed::EntryPointChanged),
    AnyRule::Release(&new_binary_file::NewBinaryFile),
    AnyRule::Release(&new_chain::NewChain),
    AnyRule::Release(&new_install_surface::NewInstallSurface),
    AnyRule::Release(&new_obfuscated_file::NewObfuscatedFile),
    AnyRule::Release(&raised_budget::RaisedBudget),
    AnyRule::Release(&release_burst::ReleaseBurst),
    AnyRule::Release(&size_jump::SizeJump),
    AnyRule::Release(&suspicious_new_dependency::SuspiciousNewDependency),
    AnyRule::Release(&unsourced_new_file::UnsourcedNewFile),
    AnyRule::Release(&widened_policy::WidenedPolicy),
];
