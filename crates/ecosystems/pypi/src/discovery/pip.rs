//! pip's configuration (<https://pip.pypa.io/en/stable/topics/configuration/>).

use std::path::{Path, PathBuf};

use foretaste_io::{Environment, files};
use foretaste_registry::{Endpoint, RegistryError};

use super::ClientIndexes;
use crate::ini::{Delimiters, Ini};

/// Sections that `pip install` reads, strongest first.
const SECTIONS: [&str; 2] = ["install", "global"];

/// `PIP_INDEX_URL`, `PIP_EXTRA_INDEX_URL`, `PIP_NO_INDEX`.
pub(super) fn environment(env: &Environment) -> Result<ClientIndexes, RegistryError> {
    Ok(ClientIndexes {
        default: env
            .var("PIP_INDEX_URL")
            .map(|url| Endpoint::parse(url, "PIP_INDEX_URL"))
            .transpose()?,
        extra: endpoints(
            env.var("PIP_EXTRA_INDEX_URL").unwrap_or_default(),
            "PIP_EXTRA_INDEX_URL",
        )?,
        no_index: env
            .var("PIP_NO_INDEX")
            .filter(|value| is_true(value))
            .map(|_| "PIP_NO_INDEX".to_owned()),
        broken: None,
    })
}

/// The configuration files together; later ones override earlier ones, key by key.
pub(super) fn files(env: &Environment) -> Result<ClientIndexes, RegistryError> {
    let mut found = ClientIndexes::default();
    for (path, ini) in read_all(env)? {
        let origin = path.display().to_string();
        if let Some(url) = value(&ini, "index-url") {
            found.default = Some(Endpoint::parse(url, &origin)?);
        }
        // The variable replaces the files' list, and a later file replaces an earlier one's.
        if let Some(list) = value(&ini, "extra-index-url")
            && env.var("PIP_EXTRA_INDEX_URL").is_none()
        {
            found.extra = endpoints(list, &origin)?;
        }
        if let Some(flag) = value(&ini, "no-index") {
            found.no_index = is_true(flag).then(|| format!("no-index in {origin}"));
        }
    }
    Ok(found)
}

/// `cert` of the configuration files, those that exist.
pub(super) fn certificates(env: &Environment) -> Result<Vec<PathBuf>, RegistryError> {
    let mut found = Vec::new();
    for (path, ini) in read_all(env)? {
        if let Some(cert) = value(&ini, "cert") {
            let cert = match (cert.strip_prefix("~/"), env.home()) {
                (Some(rest), Some(home)) => home.join(rest),
                _ => path.parent().unwrap_or(Path::new("")).join(cert),
            };
            if files::exists(&cert) && !found.contains(&cert) {
                found.push(cert);
            }
        }
    }
    Ok(found)
}

fn read_all(env: &Environment) -> Result<Vec<(PathBuf, Ini)>, RegistryError> {
    let mut found = Vec::new();
    for path in paths(env) {
        if let Some(text) = files::read_config(&path)? {
            found.push((path, Ini::parse(&text, Delimiters::EqualsAndColon)));
        }
    }
    Ok(found)
}

/// The files pip reads, weakest first: global, user (old and new place), virtual environment, `PIP_CONFIG_FILE`. The
/// null device as `PIP_CONFIG_FILE` switches all of them off.
fn paths(env: &Environment) -> Vec<PathBuf> {
    let name = if cfg!(windows) { "pip.ini" } else { "pip.conf" };
    let chosen = env.var("PIP_CONFIG_FILE").map(PathBuf::from);
    if chosen
        .as_deref()
        .is_some_and(|p| p == Path::new("/dev/null") || p == Path::new("nul"))
    {
        return Vec::new();
    }
    let mut paths: Vec<PathBuf> = Vec::new();
    if cfg!(windows) {
        if let Some(dir) = env.var("PROGRAMDATA") {
            paths.push(Path::new(dir).join("pip").join(name));
        }
    } else {
        if cfg!(target_os = "macos") {
            paths.push(env.system("Library/Application Support/pip/pip.conf"));
        }
        match env.var("XDG_CONFIG_DIRS") {
            // Strongest first in the variable, weakest first here.
            Some(dirs) => paths.extend(
                std::env::split_paths(dirs)
                    .collect::<Vec<_>>()
                    .into_iter()
                    .rev()
                    .map(|dir| dir.join("pip").join(name)),
            ),
            None => paths.push(env.system("etc/xdg/pip/pip.conf")),
        }
        paths.push(env.system("etc/pip.conf"));
    }
    if let Some(home) = env.home() {
        let old = if cfg!(windows) { "pip" } else { ".pip" };
        paths.push(home.join(old).join(name));
        if cfg!(target_os = "macos") {
            paths.push(home.join("Library/Application Support/pip/pip.conf"));
        }
    }
    if let Some(config) = env.config_home() {
        paths.push(config.join("pip").join(name));
    }
    // pip looks below `sys.prefix`, which these two tell without starting Python.
    if let Some(prefix) = env.var("VIRTUAL_ENV").or_else(|| env.var("CONDA_PREFIX")) {
        paths.push(Path::new(prefix).join(name));
    }
    paths.extend(chosen);
    paths
}

fn value<'a>(ini: &'a Ini, key: &str) -> Option<&'a str> {
    SECTIONS
        .iter()
        .find_map(|section| ini.get(section, key))
        .map(str::trim)
        .filter(|value| !value.is_empty())
}

fn endpoints(list: &str, origin: &str) -> Result<Vec<Endpoint>, RegistryError> {
    list.split_whitespace()
        .map(|url| Endpoint::parse(url, origin).map_err(Into::into))
        .collect()
}

/// pip's `strtobool`.
fn is_true(value: &str) -> bool {
    matches!(
        value.trim().to_ascii_lowercase().as_str(),
        "y" | "yes" | "t" | "true" | "on" | "1"
    )
}
