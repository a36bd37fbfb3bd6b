//! Giving up what the namespaces gave.

use rustix::thread::{
    CapabilitySet, CapabilitySets, remove_capability_from_bounding_set, set_capabilities,
};

use super::failure::{At, Failure, Stage};

/// Gives up every capability for good, and every way to new ones.
///
/// # Errors
/// The kernel refuses.
pub(crate) fn give_up() -> Result<(), Failure> {
    rustix::thread::set_no_new_privs(true).at(Stage::Privileges, "no_new_privs")?;
    for capability in CapabilitySet::all().iter() {
        match remove_capability_from_bounding_set(capability) {
            // a capability that this kernel does not know
            Ok(()) | Err(rustix::io::Errno::INVAL) => {}
            other => other.at(Stage::Privileges, "bounding set")?,
        }
    }
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    set_capabilities(None, none).at(Stage::Privileges, "capabilities")
}
