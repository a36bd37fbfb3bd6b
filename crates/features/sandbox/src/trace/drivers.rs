//! What installs, imports and runs a package, by ecosystem.

use foretaste_model::Ecosystem;

/// A script that is called as `PROGRAM FILE STEP PACKAGE NAME` in an empty folder, for each step once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Driver {
    /// What runs it.
    pub(super) program: &'static str,
    /// The script's name.
    pub(super) file: &'static str,
    /// The script.
    pub(super) text: &'static str,
}

/// The driver of an ecosystem.
pub(super) const fn of(ecosystem: Ecosystem) -> Option<Driver> {
    match ecosystem {
        Ecosystem::Pypi => Some(Driver {
            program: "python3",
            file: "drive.py",
            text: include_str!("drivers/python.py"),
        }),
        Ecosystem::Npm => Some(Driver {
            program: "node",
            file: "drive.js",
            text: include_str!("drivers/node.js"),
        }),
        Ecosystem::Cargo => Some(Driver {
            program: "sh",
            file: "drive.sh",
            text: include_str!("drivers/cargo.sh"),
        }),
        Ecosystem::RubyGems => Some(Driver {
            program: "sh",
            file: "drive.sh",
            text: include_str!("drivers/gem.sh"),
        }),
        _ => None,
    }
}
