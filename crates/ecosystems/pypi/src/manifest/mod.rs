//! What Python's manifests say, as pure functions of their text.
//!
//! setup.py and `.pth` files are programs; the Python observer reads those.

mod core_metadata;
mod entry_points;
mod flit;
mod people;
mod poetry;
mod pyproject;
mod reading;
mod requirement;
mod requires_txt;
mod setup_cfg;
mod urls;
mod wheel;

use foretaste_model::facts::{InstallSurface, Problem};
use foretaste_model::manifest::ManifestFacts;

pub(crate) use core_metadata::observe as observe_core_metadata;
pub(crate) use people::people;
pub(crate) use requirement::repair as requirement_or_name;
pub(crate) use urls::links;

use reading::Reading;

/// What was seen in one manifest.
pub type Observation = (ManifestFacts, Vec<InstallSurface>, Vec<Problem>);

/// Reads the manifest at `path` (inside an artifact or folder). `None` if that is no manifest of a Python package.
///
/// Never fails: what is malformed is a problem, and the rest is read.
pub fn observe(path: &str, text: &str) -> Option<Observation> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let folder = folder.rsplit('/').next().unwrap_or_default();
    let in_dist_info = folder.ends_with(".dist-info");
    let in_egg_info = folder.ends_with(".egg-info") || folder == "EGG-INFO";
    let read: fn(&mut Reading<'_>) = match name {
        "PKG-INFO" => core_metadata::read,
        "METADATA" if in_dist_info => core_metadata::read,
        "WHEEL" if in_dist_info => wheel::read,
        "entry_points.txt" if in_dist_info || in_egg_info => entry_points::read,
        "requires.txt" if in_egg_info => requires_txt::read,
        "pyproject.toml" => pyproject::read,
        "setup.cfg" => setup_cfg::read,
        _ => return None,
    };
    let mut reading = Reading::new(text);
    read(&mut reading);
    Some(reading.finish())
}

/// True if [`observe`] reads this path.
pub fn is_manifest(path: &str) -> bool {
    observe(path, "").is_some()
}

#[cfg(test)]
mod tests;
