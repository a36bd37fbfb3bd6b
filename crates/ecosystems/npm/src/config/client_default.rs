//! npm's own default registry, asked from npm once and remembered.

use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use foretaste_io::{Environment, Program, files};
use foretaste_model::Ecosystem;
use foretaste_registry::RegistryError;
use serde::{Deserialize, Serialize};

const HINT: &str = "set `npm_config_registry`, `registry` in an .npmrc or in foretaste.toml, or install npm, \
                    whose default is used then";

/// The remembered answer, valid for the npm that gave it.
#[derive(Serialize, Deserialize)]
struct Remembered {
    npm: String,
    modified: u64,
    registry: String,
}

/// Asks `npm config get registry`, which takes about half a second, unless the answer of this very npm is known.
pub(super) async fn ask(env: &Environment) -> Result<String, RegistryError> {
    let not_configured = |hint: String| RegistryError::NotConfigured {
        ecosystem: Ecosystem::Npm,
        hint,
    };
    let Some(npm) = env.which("npm") else {
        return Err(not_configured(HINT.to_owned()));
    };
    let npm = files::real_path(&npm).unwrap_or(npm);
    let memory = env.cache_dir().map(|d| d.join("npm-default-registry.json"));
    let modified = files::modified(&npm)
        .ok()
        .and_then(|t| t.duration_since(UNIX_EPOCH).ok())
        .map_or(0, |d| d.as_secs());
    let known = memory.as_deref().and_then(recall);
    if let Some(known) = known
        && known.npm == npm.display().to_string()
        && known.modified == modified
    {
        return Ok(known.registry);
    }
    // not in the project's folder: what its .npmrc says was read already, and is not npm's default
    let output = Program::new(&npm)
        .args(["config", "get", "registry"])
        .env("NO_UPDATE_NOTIFIER", "1")
        .dir(&env.system("/"))
        .timeout(Duration::from_secs(30))
        .run()
        .await?;
    let registry = output.stdout.lines().next_back().unwrap_or("").trim();
    if !output.success || !registry.starts_with("http") {
        return Err(not_configured(format!(
            "`npm config get registry` gave no URL; {HINT}"
        )));
    }
    if let Some(path) = &memory {
        let answer = Remembered {
            npm: npm.display().to_string(),
            modified,
            registry: registry.to_owned(),
        };
        remember(path, &answer);
    }
    Ok(registry.to_owned())
}

fn recall(path: &Path) -> Option<Remembered> {
    let text = files::read_config(path).ok().flatten()?;
    serde_json::from_str(&text).ok()
}

/// A cache that cannot be written costs half a second the next time, and no more.
fn remember(path: &Path, answer: &Remembered) {
    if let Ok(text) = serde_json::to_vec(answer)
        && let Err(error) = files::write_atomic(path, &text)
    {
        tracing::debug!(%error, "npm's default registry is not remembered");
    }
}
