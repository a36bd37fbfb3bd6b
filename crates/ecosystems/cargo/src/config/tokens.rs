//! Tokens: `CARGO_REGISTRIES_<NAME>_TOKEN`, `CARGO_REGISTRY_TOKEN`, `credentials.toml`.

use foretaste_io::{Environment, Secret, files};
use foretaste_registry::RegistryError;
use toml_edit::{Document, Item};

use super::CRATES_IO;
use super::files::{cargo_home, upper};

/// The token of a registry. Credential helpers (`credential-provider`) are other programs and are not run.
pub(super) fn find(env: &Environment, name: &str) -> Result<Option<Secret>, RegistryError> {
    let own = format!("CARGO_REGISTRIES_{}_TOKEN", upper(name));
    let default = (name == CRATES_IO).then_some("CARGO_REGISTRY_TOKEN");
    let variables = [Some(own.as_str()), default];
    if let Some(token) = variables.into_iter().flatten().find_map(|v| env.var(v)) {
        return Ok(Some(Secret::new(token)));
    }
    let Some(home) = cargo_home(env) else {
        return Ok(None);
    };
    for file in ["credentials", "credentials.toml"] {
        let path = home.join(file);
        let Some(text) = files::read_config(&path)? else {
            continue;
        };
        let document = Document::parse(text).map_err(|error| RegistryError::Configuration {
            path: path.display().to_string(),
            // the whole error would show a piece of the file, which holds tokens
            reason: error.message().to_owned(),
        })?;
        let root = document.as_table();
        let registry = root.get("registries").and_then(|r| r.get(name));
        let table = match registry {
            None if name == CRATES_IO => root.get("registry"),
            other => other,
        };
        let token = table.and_then(|t| t.get("token")).and_then(Item::as_str);
        return Ok(token.map(Secret::new));
    }
    Ok(None)
}
