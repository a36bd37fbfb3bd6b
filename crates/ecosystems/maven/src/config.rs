//! Which repositories `mvn` would use on this machine.

use foretaste_io::{Auth, Environment, Secret, files};
use foretaste_markup::{Document, xml};
use foretaste_model::Ecosystem;
use foretaste_registry::{RegistryError, Sources};

/// A repository or mirror: id, URL, place.
type Place = (String, String, String);

/// Discovers the repositories: `configured` (`foretaste.toml`), else the mirror of `~/.m2/settings.xml` that stands for
/// all or for `central`, else the repositories of its profiles and of the `pom.xml` in the working folder.
/// Credentials are those of `servers` under the same id; encrypted passwords are not used.
///
/// # Errors
/// When nothing is configured, or a file or URL cannot be read. Maven's built-in repository is named nowhere that can
/// be asked without running Maven.
pub fn discover(env: &Environment, configured: Option<&str>) -> Result<Sources, RegistryError> {
    if let Some(url) = configured {
        return Sources::new(&[(url.to_owned(), "foretaste.toml".to_owned())]);
    }
    let mut found: Vec<Place> = Vec::new();
    let mut servers: Vec<(String, String, String)> = Vec::new();
    let mut paths: Vec<std::path::PathBuf> = env
        .home()
        .map(|h| h.join(".m2").join("settings.xml"))
        .into_iter()
        .collect();
    paths.push(env.system("/etc/maven/settings.xml"));
    for path in paths {
        let Some(text) = files::read_config(&path)? else {
            continue;
        };
        let document = xml(&text);
        let place = path.display().to_string();
        let mirrors = fields(&document, "settings/mirrors", ["id", "url", "mirrorOf"]);
        for [id, url, of] in mirrors {
            let covers = of
                .split(',')
                .map(str::trim)
                .any(|o| matches!(o, "*" | "external:*" | "central"));
            if covers && url.starts_with("http") && found.is_empty() {
                found.push((id, url, format!("a mirror in {place}")));
            }
        }
        servers.extend(
            fields(
                &document,
                "settings/servers",
                ["id", "username", "password"],
            )
            .into_iter()
            .map(|[a, b, c]| (a, b, c)),
        );
        if found.is_empty() {
            for (profile, _) in document.items("settings/profiles") {
                repositories(
                    &document,
                    &format!("settings/profiles/{profile}/repositories"),
                    &place,
                    &mut found,
                );
            }
        }
    }
    if !found
        .iter()
        .any(|(.., origin)| origin.starts_with("a mirror"))
    {
        let pom = env.working_dir().join("pom.xml");
        if let Some(text) = files::read_config(&pom)? {
            repositories(
                &xml(&text),
                "project/repositories",
                &pom.display().to_string(),
                &mut found,
            );
        }
    }
    if found.is_empty() {
        return Err(RegistryError::NotConfigured {
            ecosystem: Ecosystem::Maven,
            hint: "set `indexes.maven.url` in foretaste.toml, or a mirror in ~/.m2/settings.xml"
                .to_owned(),
        });
    }
    let urls: Vec<_> = found
        .iter()
        .map(|(_, url, place)| (url.clone(), place.clone()))
        .collect();
    let mut sources = Sources::new(&urls)?;
    for (endpoint, (id, ..)) in sources.endpoints.iter().zip(&found) {
        let server = servers.iter().find(|(server, ..)| server == id);
        // `{…}` is encrypted for Maven alone
        if let Some((_, user, password)) = server.filter(|(.., p)| !p.starts_with('{')) {
            let auth = Auth::Basic {
                user: expanded(env, user).into(),
                password: Secret::new(expanded(env, password)),
            };
            sources.credentials.add(endpoint.url.url(), auth);
        }
    }
    Ok(sources)
}

fn repositories(document: &Document, path: &str, place: &str, found: &mut Vec<Place>) {
    for [id, url, _] in fields(document, path, ["id", "url", "layout"]) {
        if url.starts_with("http") {
            found.push((id, url, place.to_owned()));
        }
    }
}

fn fields<const N: usize>(document: &Document, path: &str, names: [&str; N]) -> Vec<[String; N]> {
    let items = document.items(path).into_iter().take(256);
    items
        .map(|(_, values)| {
            names.map(|name| {
                let value = values.iter().find(|(p, _)| *p == name);
                value.map_or_else(String::new, |(_, e)| e.value.trim().to_owned())
            })
        })
        .collect()
}

/// `${env.NAME}` stands for a variable.
fn expanded(env: &Environment, text: &str) -> String {
    match text
        .strip_prefix("${env.")
        .and_then(|t| t.strip_suffix('}'))
    {
        Some(name) => env.var(name).unwrap_or_default().to_owned(),
        None => text.to_owned(),
    }
}
