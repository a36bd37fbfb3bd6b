//! uv's configuration (<https://docs.astral.sh/uv/concepts/indexes/>).

use std::path::{Path, PathBuf};

use foretaste_io::{Auth, Environment, Secret, files};
use foretaste_registry::{Endpoint, RegistryError};
use serde::Deserialize;
use toml::de::DeTable;

use super::ClientIndexes;

/// The part of uv.toml and `[tool.uv]` that names indexes.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct UvConfig {
    index: Vec<UvIndex>,
    index_url: Option<String>,
    extra_index_url: Vec<String>,
    no_index: Option<bool>,
    pip: UvPip,
}

/// `[pip]`: the same for `uv pip`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct UvPip {
    index_url: Option<String>,
    extra_index_url: Vec<String>,
    no_index: Option<bool>,
}

/// One `[[index]]`.
#[derive(Debug, Deserialize)]
struct UvIndex {
    url: String,
    name: Option<String>,
    #[serde(default)]
    default: bool,
    /// Only for packages that are pinned to it.
    #[serde(default)]
    explicit: bool,
    /// `flat` for a page or folder of links, which is no simple index.
    format: Option<String>,
}

/// `UV_DEFAULT_INDEX`, `UV_INDEX_URL`, `UV_INDEX`, `UV_EXTRA_INDEX_URL`, `UV_NO_INDEX`.
pub(super) fn environment(env: &Environment) -> Result<ClientIndexes, RegistryError> {
    let mut found = ClientIndexes::default();
    for name in ["UV_DEFAULT_INDEX", "UV_INDEX_URL"] {
        if let Some(text) = env.var(name)
            && found.default.is_none()
        {
            found.default = Some(named(env, text, name)?);
        }
    }
    for name in ["UV_INDEX", "UV_EXTRA_INDEX_URL"] {
        for text in env.var(name).unwrap_or_default().split_whitespace() {
            found.extra.push(named(env, text, name)?);
        }
    }
    found.no_index = env
        .var("UV_NO_INDEX")
        .filter(|v| matches!(v.to_ascii_lowercase().as_str(), "1" | "true" | "yes" | "on"))
        .map(|_| "UV_NO_INDEX".to_owned());
    Ok(found)
}

/// The nearest folder, from the working directory upwards, with a uv.toml or a pyproject.toml that has `[tool.uv]`.
pub(super) fn project(env: &Environment) -> Result<ClientIndexes, RegistryError> {
    if is_off(env) {
        return Ok(ClientIndexes::default());
    }
    if let Some(path) = env.var("UV_CONFIG_FILE") {
        return file(env, Path::new(path)).map(Option::unwrap_or_default);
    }
    for dir in env.working_dir().ancestors().take(64) {
        if let Some(found) = file(env, &dir.join("uv.toml"))? {
            return Ok(found);
        }
        if let Some(found) = pyproject(env, &dir.join("pyproject.toml"))? {
            return Ok(found);
        }
    }
    Ok(ClientIndexes::default())
}

/// The user's file, then the system's.
pub(super) fn user_and_system(env: &Environment) -> Result<ClientIndexes, RegistryError> {
    let mut merged = ClientIndexes::default();
    if is_off(env) || env.var("UV_CONFIG_FILE").is_some() {
        return Ok(merged);
    }
    let mut paths: Vec<PathBuf> = env
        .config_home()
        .map(|dir| dir.join("uv").join("uv.toml"))
        .into_iter()
        .collect();
    match env.var("XDG_CONFIG_DIRS") {
        Some(dirs) => {
            paths.extend(std::env::split_paths(dirs).map(|dir| dir.join("uv").join("uv.toml")));
        }
        None => paths.push(env.system("etc/xdg/uv/uv.toml")),
    }
    paths.push(env.system("etc/uv/uv.toml"));
    for path in paths {
        if let Some(found) = file(env, &path)? {
            merged.default = merged.default.or(found.default);
            merged.extra.extend(found.extra);
            merged.no_index = merged.no_index.or(found.no_index);
        }
    }
    Ok(merged)
}

fn is_off(env: &Environment) -> bool {
    env.var("UV_NO_CONFIG").is_some()
}

fn file(env: &Environment, path: &Path) -> Result<Option<ClientIndexes>, RegistryError> {
    let Some(text) = files::read_config(path)? else {
        return Ok(None);
    };
    let config: UvConfig = toml::from_str(&text).map_err(|e| unreadable(path, &text, &e))?;
    indexes(env, config, path).map(Some)
}

fn pyproject(env: &Environment, path: &Path) -> Result<Option<ClientIndexes>, RegistryError> {
    let Some(text) = files::read_config(path)? else {
        return Ok(None);
    };
    // a file that is being edited is broken now and then: as uv does, what it says elsewhere is heeded
    let (table, errors) = DeTable::parse_recoverable(&text);
    let document = toml::Table::deserialize(toml::Deserializer::from(table))
        .map_err(|e| unreadable(path, &text, &e))?;
    let table = document.get("tool").and_then(|tool| tool.get("uv"));
    let mut found = match table.cloned() {
        None => None,
        Some(table) => {
            let config: UvConfig = table.try_into().map_err(|e| unreadable(path, &text, &e))?;
            Some(indexes(env, config, path)?)
        }
    };
    if let Some(error) = errors.first() {
        let named = found
            .as_ref()
            .is_some_and(|f| f.default.is_some() || !f.extra.is_empty());
        // an index that may stand in the broken part is not passed by: its packages would be asked for elsewhere
        if !named && text.contains("tool.uv") && text.contains("index") {
            return Err(unreadable(path, &text, error));
        }
        let broken = unreadable(path, &text, error).to_string();
        found.get_or_insert_default().broken = Some(broken);
    }
    Ok(found)
}

fn unreadable(path: &Path, text: &str, error: &toml::de::Error) -> RegistryError {
    let place = error.span().map(|span| {
        let before = text.get(..span.start).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before.get(start..).unwrap_or_default().chars().count() + 1;
        format!(":{line}:{column}")
    });
    RegistryError::Configuration {
        path: format!("{}{}", path.display(), place.unwrap_or_default()),
        // The full display of a TOML error quotes the line, which may hold a password.
        reason: error.message().replace('\n', ", "),
    }
}

fn indexes(
    env: &Environment,
    config: UvConfig,
    path: &Path,
) -> Result<ClientIndexes, RegistryError> {
    let origin = path.display().to_string();
    let mut found = ClientIndexes::default();
    for index in config.index {
        if index.format.as_deref() == Some("flat") {
            tracing::warn!(file = origin, "a flat index is configured; it is not asked");
            continue;
        }
        if index.explicit {
            continue;
        }
        let mut endpoint = Endpoint::parse(&index.url, &origin)?;
        name_it(env, &mut endpoint, index.name.as_deref());
        if index.default {
            found.default = found.default.or(Some(endpoint));
        } else {
            found.extra.push(endpoint);
        }
    }
    if found.default.is_none()
        && let Some(url) = config.index_url.or(config.pip.index_url)
    {
        found.default = Some(Endpoint::parse(&url, &origin)?);
    }
    for url in config
        .extra_index_url
        .iter()
        .chain(&config.pip.extra_index_url)
    {
        found.extra.push(Endpoint::parse(url, &origin)?);
    }
    if config.no_index.or(config.pip.no_index) == Some(true) {
        found.no_index = Some(format!("no-index in {origin}"));
    }
    Ok(found)
}

/// `name=url` or `url`.
fn named(env: &Environment, text: &str, origin: &str) -> Result<Endpoint, RegistryError> {
    let text = text.trim();
    let (name, url) = match text.split_once('=') {
        Some((name, url)) if !name.contains([':', '/']) => (Some(name), url),
        _ => (None, text),
    };
    let mut endpoint = Endpoint::parse(url, origin)?;
    name_it(env, &mut endpoint, name);
    Ok(endpoint)
}

/// Gives an endpoint its name, and the credentials from `UV_INDEX_<NAME>_USERNAME` and `_PASSWORD`.
fn name_it(env: &Environment, endpoint: &mut Endpoint, name: Option<&str>) {
    let Some(name) = name else {
        return;
    };
    endpoint.name = Some(name.into());
    let key: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        })
        .collect();
    let user = env.var(&format!("UV_INDEX_{key}_USERNAME"));
    let password = env.var(&format!("UV_INDEX_{key}_PASSWORD"));
    if user.is_some() || password.is_some() {
        endpoint.auth = Some(Auth::Basic {
            user: user.unwrap_or_default().into(),
            password: Secret::new(password.unwrap_or_default()),
        });
    }
}
