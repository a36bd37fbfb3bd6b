//! cargo's `config.toml` files: the nearest one wins for each key.

use std::path::{Path, PathBuf};

use foretaste_io::{Environment, files};
use foretaste_registry::RegistryError;
use toml_edit::{Document, Item, TableLike};

/// Every file that exists, the nearest first.
pub(super) struct ConfigFiles(Vec<ConfigFile>);

struct ConfigFile {
    path: PathBuf,
    document: Document<String>,
}

impl ConfigFiles {
    pub(super) fn read(env: &Environment) -> Result<Self, RegistryError> {
        let mut found = Self(Vec::new());
        let mut folders: Vec<PathBuf> = env
            .working_dir()
            .ancestors()
            .take(64)
            .map(|dir| dir.join(".cargo"))
            .collect();
        if let Some(home) = cargo_home(env)
            && !folders.contains(&home)
        {
            folders.push(home);
        }
        for folder in folders {
            // the name without extension is older; cargo prefers it where both exist
            for name in ["config", "config.toml"] {
                let path = folder.join(name);
                if let Some(text) = files::read_config(&path)? {
                    found.0.push(parse(path, text)?);
                    break;
                }
            }
        }
        Ok(found)
    }

    /// The first value of a path of keys, with the file it stands in.
    fn get(&self, keys: &[&str]) -> Option<(&Item, String)> {
        self.0.iter().find_map(|file| {
            let mut keys = keys.iter();
            let mut item = file.document.as_table().get(keys.next()?)?;
            for key in keys {
                item = item.as_table_like()?.get(key)?;
            }
            Some((item, file.path.display().to_string()))
        })
    }

    fn text(&self, keys: &[&str]) -> Option<(String, String)> {
        let (item, place) = self.get(keys)?;
        Some((item.as_str()?.to_owned(), place))
    }

    /// What `name` is replaced with (`[source.<name>] replace-with`); a source may also be named by its index.
    pub(super) fn replacement(&self, env: &Environment, name: &str) -> Option<(String, String)> {
        self.text(&["source", name, "replace-with"]).or_else(|| {
            let (index, _) = self.index(env, name)?;
            self.sources()
                .find(|(_, source)| {
                    source.get("registry").and_then(Item::as_str) == Some(index.as_str())
                })
                .and_then(|(alias, _)| self.text(&["source", alias, "replace-with"]))
        })
    }

    /// The index of a registry or source: the environment, `[registries.<name>]`, `[source.<name>] registry`.
    pub(super) fn index(&self, env: &Environment, name: &str) -> Option<(String, String)> {
        let variable = format!("CARGO_REGISTRIES_{}_INDEX", upper(name));
        if let Some(url) = env.var(&variable) {
            return Some((url.to_owned(), variable));
        }
        self.text(&["registries", name, "index"])
            .or_else(|| self.text(&["source", name, "registry"]))
    }

    /// A source that is no registry: what it is, and where that is said.
    pub(super) fn unsupported_source(&self, name: &str) -> Option<(&'static str, String)> {
        [
            ("directory", "folder of vendored crates"),
            ("local-registry", "local registry"),
            ("git", "git repository"),
        ]
        .into_iter()
        .find_map(|(key, kind)| Some((kind, self.get(&["source", name, key])?.1)))
    }

    /// The name under which an index is configured, so that its token can be found.
    pub(super) fn name_of_index(&self, url: &str) -> Option<String> {
        let plain = |url: &str| {
            url.trim_start_matches("sparse+")
                .trim_end_matches('/')
                .to_owned()
        };
        let wanted = plain(url);
        self.tables("registries")
            .find(|(_, registry)| {
                let index = registry.get("index").and_then(Item::as_str);
                index.is_some_and(|index| plain(index) == wanted)
            })
            .map(|(name, _)| name.to_owned())
    }

    fn sources(&self) -> impl Iterator<Item = (&str, &dyn TableLike)> {
        self.tables("source")
    }

    fn tables(&self, key: &'static str) -> impl Iterator<Item = (&str, &dyn TableLike)> {
        self.0
            .iter()
            .filter_map(move |file| file.document.as_table().get(key)?.as_table_like())
            .flat_map(TableLike::iter)
            .filter_map(|(name, item)| Some((name, item.as_table_like()?)))
    }
}

fn parse(path: PathBuf, text: String) -> Result<ConfigFile, RegistryError> {
    match Document::parse(text) {
        Ok(document) => Ok(ConfigFile { path, document }),
        // the whole error would show a piece of the file
        Err(error) => Err(RegistryError::Configuration {
            path: path.display().to_string(),
            reason: error.message().to_owned(),
        }),
    }
}

/// `CARGO_HOME`, or `~/.cargo`.
pub(super) fn cargo_home(env: &Environment) -> Option<PathBuf> {
    env.var("CARGO_HOME")
        .map(|home| env.working_dir().join(home))
        .or_else(|| env.home().map(|home| home.join(Path::new(".cargo"))))
}

/// A registry's name as it stands in variables.
pub(super) fn upper(name: &str) -> String {
    name.to_uppercase().replace('-', "_")
}
