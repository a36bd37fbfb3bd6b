//! Which repositories `composer` would use on this machine.

use foretaste_io::{Auth, Environment, Secret, files};
use foretaste_model::Ecosystem;
use foretaste_npm::json::{self, Node};
use foretaste_registry::{ClientQuestion, RegistryError, Sources};

/// Discovers the repositories: `configured` (`foretaste.toml`), else those of type `composer` in the `composer.json` of
/// the working folder and in composer's own `config.json`, then what composer answers. Credentials come from
/// `auth.json` in both places.
///
/// # Errors
/// When nothing is configured, or a file or URL cannot be read.
pub async fn discover(
    env: &Environment,
    configured: Option<&str>,
) -> Result<Sources, RegistryError> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut folders = vec![env.working_dir().to_owned()];
    if let Some(home) = env.var("COMPOSER_HOME") {
        folders.push(home.into());
    } else if let Some(home) = env.home() {
        folders.push(home.join(".config").join("composer"));
        folders.push(home.join(".composer"));
    }
    let mut default_off = false;
    if let Some(url) = configured {
        found.push((url.to_owned(), "foretaste.toml".to_owned()));
    } else {
        for (i, folder) in folders.iter().enumerate() {
            let path = folder.join(if i == 0 {
                "composer.json"
            } else {
                "config.json"
            });
            let Some(text) = files::read_config(&path)? else {
                continue;
            };
            let document = json::read(&text);
            let place = path.display().to_string();
            default_off |= repositories(document.root.get("repositories"), &place, &mut found);
        }
        let of_composer = ClientQuestion {
            program: "composer",
            args: &["config", "--global", "--no-interaction", "repositories"],
            variables: "COMPOSER",
            files: folders.iter().map(|dir| dir.join("config.json")).collect(),
        };
        if !default_off && let Some(answer) = of_composer.ask(env).await {
            let document = json::read(&answer);
            repositories(Some(&document.root), "`composer config`", &mut found);
        }
    }
    if found.is_empty() {
        return Err(RegistryError::NotConfigured {
            ecosystem: Ecosystem::Packagist,
            hint: "set `indexes.composer.url` in foretaste.toml, `repositories` in composer.json, or install composer".to_owned(),
        });
    }
    let mut sources = Sources::new(&found)?;
    for folder in &folders {
        if let Some(text) = files::read_config(&folder.join("auth.json"))? {
            credentials(&text, &mut sources);
        }
    }
    Ok(sources)
}

/// Adds the repositories of type `composer`; true if the default one is switched off.
fn repositories(node: Option<&Node>, place: &str, found: &mut Vec<(String, String)>) -> bool {
    let Some(node) = node else { return false };
    let named = node.members().iter().map(|m| &m.node);
    for repository in node.items().iter().chain(named) {
        let field = |key: &str| repository.get(key).and_then(Node::text);
        if let (Some("composer"), Some(url)) = (field("type"), field("url"))
            && url.starts_with("http")
        {
            found.push((url.to_owned(), place.to_owned()));
        }
    }
    let off = |n: &Node| {
        let members = n.members().iter();
        members.clone().any(|m| {
            m.key.starts_with("packagist") && matches!(m.node.value, json::Value::Bool(false))
        })
    };
    off(node) || node.items().iter().any(off)
}

fn credentials(text: &str, sources: &mut Sources) {
    let document = json::read(text);
    for endpoint in &sources.endpoints {
        let host = endpoint.url.host();
        let of = |table: &str| document.root.get(table)?.get(host);
        if let Some(pair) = of("http-basic") {
            let field = |key: &str| pair.get(key).and_then(Node::text).unwrap_or("");
            let auth = Auth::Basic {
                user: field("username").into(),
                password: Secret::new(field("password")),
            };
            sources.credentials.add(endpoint.url.url(), auth);
        } else if let Some(token) = of("bearer").and_then(Node::text) {
            let auth = Auth::Bearer(Secret::new(token));
            sources.credentials.add(endpoint.url.url(), auth);
        }
    }
}
