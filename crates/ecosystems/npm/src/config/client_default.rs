//! The default registry of a client, asked from it once and remembered.

use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use foretaste_io::{Environment, Program, files};
use foretaste_model::Ecosystem;
use foretaste_registry::RegistryError;
use serde::{Deserialize, Serialize};

/// A client that can be asked.
pub(super) struct Client {
    program: &'static str,
    /// What its setting is called, in one version or another.
    settings: &'static [&'static str],
    /// What to do where it is not there.
    hint: &'static str,
}

/// npm
pub(super) const NPM: Client = Client {
    program: "npm",
    settings: &["registry"],
    hint: "set `npm_config_registry`, `registry` in an .npmrc or in foretaste.toml, or install npm, whose default is used \
           then",
};

/// yarn, of 2 and later or of 1
pub(super) const YARN: Client = Client {
    program: "yarn",
    settings: &["npmRegistryServer", "registry"],
    hint: "set `npmRegistryServer` in a .yarnrc.yml, or install yarn, whose default is used then",
};

/// The remembered answer, valid for the program that gave it.
#[derive(Serialize, Deserialize)]
struct Remembered {
    program: String,
    modified: u64,
    registry: String,
}

/// Asks `config get`, which takes about half a second, unless the answer of this very program is known.
pub(super) async fn ask(client: &Client, env: &Environment) -> Result<String, RegistryError> {
    let not_configured = |hint: String| RegistryError::NotConfigured {
        ecosystem: Ecosystem::Npm,
        hint,
    };
    let Some(program) = env.which(client.program) else {
        return Err(not_configured(client.hint.to_owned()));
    };
    let program = files::real_path(&program).unwrap_or(program);
    let memory = format!("{}-default-registry.json", client.program);
    let memory = env.cache_dir().map(|d| d.join(memory));
    let modified = files::modified(&program)
        .ok()
        .and_then(|t| t.duration_since(UNIX_EPOCH).ok())
        .map_or(0, |d| d.as_secs());
    let known = memory.as_deref().and_then(recall);
    if let Some(known) = known
        && known.program == program.display().to_string()
        && known.modified == modified
    {
        return Ok(known.registry);
    }
    for setting in client.settings {
        // not in the project's folder: what its configuration says was read already, and is not the client's default;
        // nor could a program that it names run there
        let output = Program::new(&program)
            .args(["config", "get", setting])
            .env("NO_UPDATE_NOTIFIER", "1")
            // a stand-in of corepack's fetches no yarn for this
            .env("COREPACK_ENABLE_NETWORK", "0")
            .dir(&env.system("/"))
            .timeout(Duration::from_secs(30))
            .run()
            .await?;
        let registry = output.stdout.lines().next_back().unwrap_or("").trim();
        if !output.success || !registry.starts_with("http") {
            continue;
        }
        if let Some(path) = &memory {
            let answer = Remembered {
                program: program.display().to_string(),
                modified,
                registry: registry.to_owned(),
            };
            remember(path, &answer);
        }
        return Ok(registry.to_owned());
    }
    Err(not_configured(format!(
        "`{} config get {}` gave no URL; {}",
        client.program,
        client.settings.first().unwrap_or(&""),
        client.hint
    )))
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
        tracing::debug!(%error, "the default registry of a client is not remembered");
    }
}
