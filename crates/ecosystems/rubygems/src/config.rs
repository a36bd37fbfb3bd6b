//! Which sources `gem` and `bundle` would use on this machine.

use foretaste_io::{Auth, Environment, Secret, files};
use foretaste_markup::yaml;
use foretaste_model::Ecosystem;
use foretaste_registry::{ClientQuestion, RegistryError, Sources};

/// Discovers the sources: `configured` (`foretaste.toml`), `RUBYGEMS_HOST`, the `source` lines of the Gemfile in the
/// working folder, `~/.gemrc` and `/etc/gemrc`, else what `gem sources` answers. Bundler's mirrors
/// (`BUNDLE_MIRROR__…`) replace them, and its credentials (`BUNDLE_<HOST>`) go with them.
///
/// # Errors
/// When nothing is configured, or a file or URL cannot be read.
pub async fn discover(
    env: &Environment,
    configured: Option<&str>,
) -> Result<Sources, RegistryError> {
    let mut found: Vec<(String, String)> = Vec::new();
    if let Some(url) = configured {
        found.push((url.to_owned(), "foretaste.toml".to_owned()));
    } else if let Some(url) = env.var("RUBYGEMS_HOST") {
        found.push((url.to_owned(), "RUBYGEMS_HOST".to_owned()));
    } else {
        let gemfile = env.working_dir().join("Gemfile");
        if let Some(text) = files::read_config(&gemfile)? {
            let place = gemfile.display().to_string();
            found.extend(gemfile_sources(&text).map(|url| (url, place.clone())));
        }
        let mut places = vec![env.system("/etc/gemrc")];
        places.extend(env.home().map(|home| home.join(".gemrc")));
        for path in places.into_iter().rev() {
            if found.is_empty()
                && let Some(text) = files::read_config(&path)?
            {
                let document = yaml(&text);
                let place = path.display().to_string();
                for key in [":sources", "sources"] {
                    let urls = document.below(key).map(|(_, e)| e.value.to_string());
                    found.extend(urls.map(|url| (url, place.clone())));
                }
            }
        }
        if found.is_empty()
            && let Some(answer) = of_gem(env).ask(env).await
        {
            let urls = answer
                .lines()
                .map(str::trim)
                .filter(|l| l.starts_with("http"));
            found.extend(urls.map(|url| (url.to_owned(), "`gem sources`".to_owned())));
        }
    }
    if found.is_empty() {
        return Err(RegistryError::NotConfigured {
            ecosystem: Ecosystem::RubyGems,
            hint: "set `indexes.rubygems.url` in foretaste.toml, `:sources:` in ~/.gemrc, or install ruby".to_owned(),
        });
    }
    let bundler = bundler_settings(env)?;
    let setting = |key: &str| {
        env.var(key).map(str::to_owned).or_else(|| {
            let entry = bundler.iter().find(|(k, _)| k == key);
            entry.map(|(_, value)| value.clone())
        })
    };
    if configured.is_none() {
        for (url, origin) in &mut found {
            let key = format!(
                "BUNDLE_MIRROR__{}",
                encoded(&format!("{}/", url.trim_end_matches('/')))
            );
            if let Some(mirror) = setting(&key) {
                *url = mirror;
                "a mirror in bundler's configuration".clone_into(origin);
            }
        }
    }
    let mut sources = Sources::new(&found)?;
    for endpoint in &sources.endpoints {
        let key = format!("BUNDLE_{}", encoded(endpoint.url.host()));
        if let Some(value) = setting(&key) {
            let (user, password) = value.split_once(':').unwrap_or((&value, ""));
            let auth = Auth::Basic {
                user: user.into(),
                password: Secret::new(password),
            };
            sources.credentials.add(endpoint.url.url(), auth);
        }
    }
    Ok(sources)
}

/// `gem sources`, whose answer is that of these files.
fn of_gem(env: &Environment) -> ClientQuestion<'static> {
    let mut files = vec![env.system("/etc/gemrc")];
    files.extend(env.home().map(|home| home.join(".gemrc")));
    files.extend(env.config_home().map(|home| home.join("gem/gemrc")));
    let named = env.var("GEMRC").unwrap_or_default();
    files.extend(std::env::split_paths(named));
    ClientQuestion {
        program: "gem",
        args: &["sources", "--list"],
        variables: "GEM",
        files,
    }
}

/// The `source "…"` lines of a Gemfile, which is read and not run.
fn gemfile_sources(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter_map(|line| {
        let rest = line.trim_start().strip_prefix("source")?;
        let rest = rest.trim_start_matches([' ', '(']);
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let url = rest.get(1..)?.split(quote).next()?;
        url.starts_with("http").then(|| url.to_owned())
    })
}

/// `.bundle/config` of the working folder, then that of the user.
fn bundler_settings(env: &Environment) -> Result<Vec<(String, String)>, RegistryError> {
    let mut settings = Vec::new();
    let mut folders = vec![env.working_dir().to_owned()];
    folders.extend(env.home().map(std::borrow::ToOwned::to_owned));
    for folder in folders {
        if let Some(text) = files::read_config(&folder.join(".bundle").join("config"))? {
            for entry in yaml(&text).entries {
                settings.push((entry.path.to_string(), entry.value.to_string()));
            }
        }
    }
    Ok(settings)
}

/// A setting's name as bundler writes it.
fn encoded(text: &str) -> String {
    text.replace('-', "___").replace('.', "__").to_uppercase()
}
