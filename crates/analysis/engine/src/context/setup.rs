//! Which commands of setup.py an installation runs.

use foretaste_model::facts::{InstallSurface, SurfaceKind};

/// Commands of setuptools that an installation with pip runs.
const INSTALL_STEPS: &[&str] = &[
    "bdist_egg",
    "bdist_wheel",
    "build",
    "build_clib",
    "build_ext",
    "build_py",
    "build_scripts",
    "develop",
    "dist_info",
    "easy_install",
    "editable_wheel",
    "egg_info",
    "install",
    "install_data",
    "install_egg_info",
    "install_headers",
    "install_lib",
    "install_scripts",
];

/// Whether an installation runs a command of setup.py: one of its own steps, or any once such a step is the package's own,
/// which may call it. A command `upload` alone is run by whoever publishes.
pub(super) fn runs_in_installation(surfaces: &[InstallSurface], command: &str) -> bool {
    let is_step = |name: &str| name.is_empty() || INSTALL_STEPS.contains(&name);
    is_step(command)
        || surfaces
            .iter()
            .any(|s| s.kind == SurfaceKind::CmdClass && is_step(&s.name))
}
