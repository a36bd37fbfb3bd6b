//! Dependency arrows: apps → features → analysis → ecosystems → base, one way.

use std::collections::HashMap;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The layers from the bottom up. Test support may use everything; nothing but tests may use it.
const LAYERS: [&str; 6] = [
    "crates/base/",
    "crates/ecosystems/",
    "crates/analysis/",
    "crates/features/",
    "crates/testing/",
    "apps/",
];

/// Checks every arrow of the workspace.
///
/// # Errors
/// The arrows that point upward or sideways where they must not.
pub(crate) fn run() -> Result<()> {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .output()
        .context("cannot run cargo metadata")?;
    let metadata: Value =
        serde_json::from_slice(&output.stdout).context("cargo metadata wrote no JSON")?;
    let packages = metadata["packages"]
        .as_array()
        .context("cargo metadata lists no packages")?;
    let layer_of = |package: &Value| {
        let path = package["manifest_path"].as_str().unwrap_or("");
        LAYERS
            .iter()
            .position(|layer| path.contains(&format!("/{layer}")))
    };
    let layers: HashMap<&str, usize> = packages
        .iter()
        .filter_map(|p| Some((p["name"].as_str()?, layer_of(p)?)))
        .collect();
    let mut wrong = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or("");
        let Some(from) = layers.get(name) else {
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let target = dependency["name"].as_str().unwrap_or("");
            let Some(to) = layers.get(target) else {
                continue;
            };
            let is_dev = dependency["kind"].as_str() == Some("dev");
            let allowed = match (LAYERS[*from], LAYERS[*to]) {
                (_, "crates/testing/") => is_dev || LAYERS[*from] == "crates/testing/",
                ("crates/testing/", _) => true,
                ("crates/features/", "crates/features/") => false,
                _ => to <= from,
            };
            if !allowed {
                wrong.push(format!(
                    "{name} ({}) → {target} ({})",
                    LAYERS[*from], LAYERS[*to]
                ));
            }
        }
    }
    if !wrong.is_empty() {
        bail!("arrows that point the wrong way:\n  {}", wrong.join("\n  "));
    }
    println!("layers: {} crates, every arrow points down", layers.len());
    Ok(())
}
