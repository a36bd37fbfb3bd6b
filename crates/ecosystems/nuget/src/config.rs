//! Which sources `dotnet` and `nuget` would use on this machine.

use foretaste_io::{Auth, Environment, Secret, files};
use foretaste_markup::xml;
use foretaste_model::Ecosystem;
use foretaste_registry::{ClientQuestion, RegistryError, Sources};

/// One `NuGet.Config`: sources as key and URL, keys of disabled ones, credentials as key, user and password.
#[derive(Default)]
struct File {
    sources: Vec<(String, String)>,
    cleared: bool,
    disabled: Vec<String>,
    users: Vec<(String, String)>,
    passwords: Vec<(String, String)>,
}

/// Discovers the sources: `configured` (`foretaste.toml`), else the `NuGet.Config` files from the working folder
/// upwards and that of the user, else what `dotnet nuget list source` answers. Passwords in clear text are used;
/// encrypted ones can be read only by NuGet on Windows.
///
/// # Errors
/// When nothing is configured, or a file or URL cannot be read.
pub async fn discover(
    env: &Environment,
    configured: Option<&str>,
) -> Result<Sources, RegistryError> {
    if let Some(url) = configured {
        return Sources::new(&[(url.to_owned(), "foretaste.toml".to_owned())]);
    }
    let mut found: Vec<(String, String, String)> = Vec::new();
    let mut disabled = Vec::new();
    let mut credentials = File::default();
    for path in candidates(env) {
        let Some(text) = files::read_config(&path)? else {
            continue;
        };
        let file = read(&text);
        disabled.extend(file.disabled);
        credentials.users.extend(file.users);
        credentials.passwords.extend(file.passwords);
        for (key, url) in file.sources {
            // the nearest file decides; folders and shares are no registries
            if url.starts_with("http") && !found.iter().any(|(k, ..)| *k == key) {
                found.push((key, url, path.display().to_string()));
            }
        }
        if file.cleared {
            break;
        }
    }
    found.retain(|(key, ..)| !disabled.contains(key));
    let of_dotnet = ClientQuestion {
        program: "dotnet",
        args: &["nuget", "list", "source", "--format", "short"],
        variables: "NUGET",
        files: candidates(env),
    };
    if found.is_empty()
        && let Some(answer) = of_dotnet.ask(env).await
    {
        let enabled = answer.lines().filter_map(|line| line.strip_prefix("E "));
        found.extend(enabled.filter(|u| u.starts_with("http")).map(|url| {
            (
                String::new(),
                url.trim().to_owned(),
                "`dotnet nuget list source`".to_owned(),
            )
        }));
    }
    if found.is_empty() {
        return Err(RegistryError::NotConfigured {
            ecosystem: Ecosystem::NuGet,
            hint: "set `indexes.nuget.url` in foretaste.toml to the index.json of a source, `packageSources` in NuGet.Config, or install dotnet".to_owned(),
        });
    }
    let urls: Vec<_> = found
        .iter()
        .map(|(_, url, place)| (url.clone(), place.clone()))
        .collect();
    let mut sources = Sources::new(&urls)?;
    for (endpoint, (key, ..)) in sources.endpoints.iter().zip(&found) {
        let of =
            |list: &[(String, String)]| list.iter().find(|(k, _)| k == key).map(|(_, v)| v.clone());
        if let (Some(user), Some(password)) = (of(&credentials.users), of(&credentials.passwords)) {
            let password = Secret::new(expanded(env, &password));
            let auth = Auth::Basic {
                user: expanded(env, &user).into(),
                password,
            };
            sources.credentials.add(endpoint.url.url(), auth);
        }
    }
    Ok(sources)
}

fn candidates(env: &Environment) -> Vec<std::path::PathBuf> {
    let mut paths = Vec::new();
    for folder in env.working_dir().ancestors().take(64) {
        for name in ["nuget.config", "NuGet.config", "NuGet.Config"] {
            paths.push(folder.join(name));
        }
    }
    if let Some(home) = env.home() {
        paths.push(home.join(".nuget").join("NuGet").join("NuGet.Config"));
        paths.push(home.join(".config").join("NuGet").join("NuGet.Config"));
    }
    paths.extend(
        env.var("APPDATA")
            .map(|d| std::path::Path::new(d).join("NuGet").join("NuGet.Config")),
    );
    paths
}

fn read(text: &str) -> File {
    let document = xml(text);
    let mut file = File::default();
    for (section, list) in [("packageSources", 0), ("disabledPackageSources", 1)] {
        for (element, values) in document.items(&format!("configuration/{section}")) {
            if element.starts_with("clear") {
                file.cleared |= list == 0;
                continue;
            }
            let value = |name: &str| {
                values
                    .iter()
                    .find(|(p, _)| *p == name)
                    .map(|(_, e)| e.value.to_string())
            };
            match (value("@key"), value("@value")) {
                (Some(key), Some(value)) if list == 0 => file.sources.push((key, value)),
                (Some(key), Some(value)) if value == "true" => file.disabled.push(key),
                _ => {}
            }
        }
    }
    let mut name = String::new();
    for (path, entry) in document.below("configuration/packageSourceCredentials") {
        let Some((source, last)) = path.split_once('/') else {
            continue;
        };
        let source = source.replace("_x0020_", " ");
        match last.rsplit('/').next() {
            Some("@key") => name = entry.value.to_string(),
            Some("@value") if name == "Username" => {
                file.users.push((source, entry.value.to_string()));
            }
            Some("@value") if name == "ClearTextPassword" => {
                file.passwords.push((source, entry.value.to_string()));
            }
            _ => {}
        }
    }
    file
}

/// `%NAME%` stands for a variable.
fn expanded(env: &Environment, text: &str) -> String {
    match text.strip_prefix('%').and_then(|t| t.strip_suffix('%')) {
        Some(name) => env.var(name).unwrap_or_default().to_owned(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sources_and_credentials_of_a_configuration_are_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = "<configuration><packageSources><clear/><add key=\"acme feed\" value=\"https://nuget.example/v3/index.json\"/><add key=\"old\" value=\"https://old.example/\"/><add key=\"disk\" value=\"/srv\"/></packageSources><disabledPackageSources><add key=\"old\" value=\"true\"/></disabledPackageSources><packageSourceCredentials><acme_x0020_feed><add key=\"Username\" value=\"me\"/><add key=\"ClearTextPassword\" value=\"%FEED_TOKEN%\"/></acme_x0020_feed></packageSourceCredentials></configuration>";
        let home = folder.path().join(".nuget/NuGet/NuGet.Config");
        files::write(&home, text.as_bytes()).expect("written");
        let env = Environment::below(folder.path())
            .with_home(folder.path().to_str().expect("a path"))
            .with("FEED_TOKEN", "secret");
        let sources = discover(&env, None).await.expect("configured");
        assert_eq!(sources.endpoints.len(), 1);
        let url = sources.endpoints[0].url.url();
        let Some(Auth::Basic { password, .. }) = sources.credentials.find(url) else {
            panic!("credentials");
        };
        assert_eq!(password.expose(), "secret");
    }
}
