//! Which registry cargo would use on this machine, and with which token.

mod files;
mod tokens;

use foretaste_io::{Environment, Secret};
use foretaste_model::Ecosystem;
use foretaste_registry::{Endpoint, RegistryError};

use files::ConfigFiles;

/// The name under which cargo knows its default registry.
pub const CRATES_IO: &str = "crates-io";

/// What a flag and `foretaste.toml` say; everything else comes from cargo's own configuration.
#[derive(Clone, Debug, Default)]
pub struct CargoSettings {
    /// A registry given on the command line: the URL of a sparse index, or a name from cargo's configuration.
    pub flag: Option<String>,
    /// A registry from `foretaste.toml`, in the same forms.
    pub configured: Option<String>,
}

/// cargo's configuration as far as it concerns look-ups.
#[derive(Clone, Debug)]
pub struct CargoConfig {
    /// The sparse index that is asked. One, because cargo asks exactly one for each dependency.
    pub endpoints: Vec<Endpoint>,
    /// The token for it. It is sent only if the registry asks for it (`auth-required`, or 401).
    pub token: Option<Secret>,
}

impl CargoConfig {
    /// Discovers the configuration: flag, `foretaste.toml`, `CARGO_REGISTRIES_<NAME>_INDEX`, `config.toml` from the
    /// working directory upwards and in `CARGO_HOME` (source replacement included), and last cargo's own default.
    ///
    /// # Errors
    /// When a file cannot be read, a registry is unknown, or its index is not a sparse one.
    pub fn discover(env: &Environment, settings: &CargoSettings) -> Result<Self, RegistryError> {
        let config = ConfigFiles::read(env)?;
        let (wanted, origin) = match (&settings.flag, &settings.configured) {
            (Some(flag), _) => (flag.as_str(), "the command line"),
            (None, Some(configured)) => (configured.as_str(), "foretaste.toml"),
            (None, None) => (CRATES_IO, "the default of cargo"),
        };
        let resolved = if wanted.contains("://") {
            Resolved {
                name: None,
                // where a user names an index to us, it can only be a sparse one
                url: format!("sparse+{}", wanted.trim_start_matches("sparse+")),
                origin: origin.to_owned(),
            }
        } else {
            resolve(env, &config, wanted)?
        };
        let token = match &resolved.name {
            Some(name) => tokens::find(env, name)?,
            None => config
                .name_of_index(&resolved.url)
                .map(|name| tokens::find(env, &name))
                .transpose()?
                .flatten(),
        };
        Ok(Self {
            endpoints: vec![endpoint(&resolved)?],
            token,
        })
    }
}

/// A registry whose index is known.
struct Resolved {
    name: Option<String>,
    url: String,
    origin: String,
}

/// Follows `replace-with` from a registry or source name to an index.
fn resolve(env: &Environment, config: &ConfigFiles, name: &str) -> Result<Resolved, RegistryError> {
    let mut name = name.to_owned();
    let mut followed = Vec::new();
    let mut origin = None;
    while let Some((next, place)) = config.replacement(env, &name) {
        if followed.contains(&next) {
            return Err(not_configured(format!(
                "`replace-with` leads from `{name}` back to itself in {place}"
            )));
        }
        followed.push(std::mem::replace(&mut name, next));
        origin = Some(place);
    }
    if let Some((url, place)) = config.index(env, &name) {
        return Ok(Resolved {
            name: Some(name),
            url,
            origin: origin.unwrap_or(place),
        });
    }
    if let Some((kind, place)) = config.unsupported_source(&name) {
        return Err(not_configured(format!(
            "{place} replaces the registry by a {kind}, which has no sparse index to ask; name a registry in \
             foretaste.toml or on the command line"
        )));
    }
    if name == CRATES_IO {
        return Ok(Resolved {
            name: Some(name),
            url: format!("sparse+{}", plain_default()),
            origin: origin.unwrap_or_else(|| "the default of cargo".to_owned()),
        });
    }
    Err(not_configured(format!(
        "cargo's configuration has no registry `{name}`; add `[registries.{name}] index = \"sparse+https://…\"` to a \
         .cargo/config.toml"
    )))
}

fn not_configured(hint: String) -> RegistryError {
    RegistryError::NotConfigured {
        ecosystem: Ecosystem::Cargo,
        hint,
    }
}

/// The default index without the marker that cargo's own configuration puts before it.
fn plain_default() -> &'static str {
    tame_index::CRATES_IO_HTTP_INDEX.trim_start_matches("sparse+")
}

/// A sparse index URL; it always ends with a slash, so that joining keeps its path.
fn endpoint(resolved: &Resolved) -> Result<Endpoint, RegistryError> {
    let text = resolved.url.trim();
    let mut url = match text.strip_prefix("sparse+") {
        Some(url) => url.to_owned(),
        // the same content stands in the sparse form of the default index
        None if text == tame_index::CRATES_IO_INDEX => plain_default().to_owned(),
        None => {
            return Err(not_configured(format!(
                "the index from {} is not a sparse one (`sparse+https://…`), and indexes in git are not read",
                resolved.origin
            )));
        }
    };
    if !url.ends_with('/') {
        url.push('/');
    }
    let mut endpoint = Endpoint::parse(&url, &resolved.origin)?;
    endpoint.name = resolved.name.as_deref().map(Into::into);
    Ok(endpoint)
}

#[cfg(test)]
mod tests;
