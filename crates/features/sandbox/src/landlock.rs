//! Landlock: a second wall behind the mounts, which a hole in the mounts does not open.

use std::path::PathBuf;

use landlock::{
    ABI, Access, AccessFs, CompatLevel, Compatible, LandlockStatus, PathBeneath, PathFd, Ruleset,
    RulesetAttr, RulesetCreatedAttr, RulesetStatus, Scope, path_beneath_rules,
};
use nix::errno::Errno;

use crate::contained::failure::{Failure, Stage};

/// The newest version that is asked for; older kernels give what they have.
const NEWEST: ABI = ABI::V6;

/// Lets this process read everything that is mounted, and write only below `writable`.
///
/// # Errors
/// The kernel knows Landlock but refuses.
///
/// Returns the version in force, or `None` where the kernel has none; then the mounts stand alone, and the report says so.
pub(crate) fn confine(writable: &[PathBuf]) -> Result<Option<i32>, Failure> {
    let refused = |_| Failure::new(Stage::Landlock, Errno::EPERM, "landlock");
    let all = AccessFs::from_all(NEWEST);
    let read = AccessFs::from_read(NEWEST);
    let ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(all)
        .and_then(|r| r.scope(Scope::from_all(NEWEST)))
        .and_then(Ruleset::create)
        .map_err(refused)?;
    let mut ruleset = ruleset
        .add_rules(path_beneath_rules(["/"], read))
        .map_err(refused)?;
    // without the right to make devices
    let write = all & !(AccessFs::MakeBlock | AccessFs::MakeChar);
    for path in writable {
        if let Ok(fd) = PathFd::new(path) {
            ruleset = ruleset
                .add_rule(PathBeneath::new(fd, write))
                .map_err(refused)?;
        }
    }
    let status = ruleset.restrict_self().map_err(refused)?;
    Ok(match (status.ruleset, status.landlock) {
        (RulesetStatus::NotEnforced, _) => None,
        (_, LandlockStatus::Available { effective_abi, .. }) => Some(effective_abi as i32),
        _ => None,
    })
}
