//! Which registries yarn would use: it has a default and a configuration of its own, besides npm's.

use foretaste_io::{Auth, Environment, Secret, files};
use foretaste_markup::{Node, yaml_tree};
use foretaste_registry::{Endpoint, RegistryError};

use super::client_default::{self, YARN};

/// The registries of yarn: of its variables, of `.yarnrc.yml` (yarn 2 and later) and `.yarnrc` (yarn 1) in the working
/// folder, above it and in the home, and without a default one among them what yarn itself answers.
///
/// # Errors
/// A file cannot be read, a URL is unusable, or yarn has to be asked and gives none.
pub async fn yarn_registries(env: &Environment) -> Result<Vec<Endpoint>, RegistryError> {
    let mut found = Found::default();
    for name in ["YARN_NPM_REGISTRY_SERVER", "YARN_REGISTRY"] {
        if let Some(url) = env.var(name) {
            found.default_one(url, name, None)?;
        }
    }
    let folders = env.working_dir().ancestors().chain(env.home());
    for folder in folders {
        let path = folder.join(".yarnrc.yml");
        if let Some(text) = files::read_config(&path)? {
            found.settings(&yaml_tree(&text).root, &path.display().to_string())?;
        }
        let path = folder.join(".yarnrc");
        for url in files::read_config(&path)?.iter().flat_map(|text| old(text)) {
            found.default_one(url, &path.display().to_string(), None)?;
        }
    }
    if !found.has_default {
        let url = client_default::ask(&YARN, env).await?;
        found.default_one(&url, "the default of yarn", None)?;
    }
    Ok(found.endpoints)
}

#[derive(Default)]
struct Found {
    endpoints: Vec<Endpoint>,
    has_default: bool,
}

impl Found {
    fn default_one(
        &mut self,
        url: &str,
        origin: &str,
        token: Option<&str>,
    ) -> Result<(), RegistryError> {
        self.has_default |= self.add(url, origin, token)?;
        Ok(())
    }

    /// A `.yarnrc.yml`: the default registry, those of scopes, and tokens of registries.
    fn settings(&mut self, root: &Node, origin: &str) -> Result<(), RegistryError> {
        let text = |node: &Node, key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
        let members = |key: &str| root.get(key).map_or(&[][..], Node::members);
        if let Some(url) = text(root, "npmRegistryServer") {
            let token = text(root, "npmAuthToken");
            self.default_one(&url, origin, token.as_deref())?;
        }
        for scope in members("npmScopes") {
            if let Some(url) = text(&scope.node, "npmRegistryServer") {
                let token = text(&scope.node, "npmAuthToken");
                self.add(&url, origin, token.as_deref())?;
            }
        }
        for registry in members("npmRegistries") {
            // without a scheme it stands for both
            let url = match registry.key.strip_prefix("//") {
                Some(rest) => format!("https://{rest}"),
                None => registry.key.to_string(),
            };
            let token = text(&registry.node, "npmAuthToken");
            self.add(&url, origin, token.as_deref())?;
        }
        Ok(())
    }

    /// False for what only yarn can make a URL of: variables stand in it.
    fn add(&mut self, url: &str, origin: &str, token: Option<&str>) -> Result<bool, RegistryError> {
        if url.contains("${") {
            return Ok(false);
        }
        let mut endpoint = super::endpoint(url, origin)?;
        if let Some(token) = token.filter(|token| !token.contains("${")) {
            endpoint.auth = Some(Auth::Bearer(Secret::new(token)));
        }
        self.endpoints.push(endpoint);
        Ok(true)
    }
}

/// The registry of a `.yarnrc`: `registry "https://…"`.
fn old(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let value = line.trim().strip_prefix("registry")?;
        let value = value.strip_prefix([' ', '\t'])?.trim();
        Some(value.trim_matches('"'))
    })
}
