//! npm's layers of settings, strongest first: environment, project, user, machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use foretaste_io::{Environment, FileError, files};

use super::npmrc::{self, Trust};

/// Every layer that exists.
#[derive(Debug, Default)]
pub(super) struct Layers(pub(super) Vec<Layer>);

/// The settings of one source.
#[derive(Debug)]
pub(super) struct Layer {
    /// The words under which a user finds it.
    pub(super) origin: String,
    pub(super) settings: BTreeMap<String, String>,
}

impl Layers {
    pub(super) fn read(env: &Environment) -> Result<Self, FileError> {
        let mut layers = Self::default();
        let variables = from_variables(env);
        let path_setting = |key: &str| variables.get(key).map(PathBuf::from);
        let user = path_setting("userconfig").or_else(|| Some(env.home()?.join(".npmrc")));
        let global = path_setting("globalconfig").or_else(|| {
            let prefix = path_setting("prefix").or_else(|| default_prefix(env))?;
            Some(prefix.join("etc").join("npmrc"))
        });
        let project = project_folder(env.working_dir()).join(".npmrc");
        layers.0.push(Layer {
            origin: "the environment (npm_config_*)".to_owned(),
            settings: variables,
        });
        if user.as_ref() != Some(&project) {
            layers.file(&project, env, Trust::Project)?;
        }
        for path in [user, global].into_iter().flatten() {
            layers.file(&path, env, Trust::Own)?;
        }
        Ok(layers)
    }

    fn file(&mut self, path: &Path, env: &Environment, trust: Trust) -> Result<(), FileError> {
        if let Some(text) = files::read_config(path)? {
            let (settings, held_back) = npmrc::parse(&text, env, trust);
            if !held_back.is_empty() {
                tracing::warn!(
                    path = %path.display(),
                    variables = held_back.join(", "),
                    "variables that are not for registries are not given to a project's .npmrc"
                );
            }
            self.0.push(Layer {
                origin: path.display().to_string(),
                settings,
            });
        }
        Ok(())
    }

    /// The strongest value of a setting that is not blank, with its origin.
    pub(super) fn get(&self, key: &str) -> Option<(&str, &str)> {
        self.0.iter().find_map(|layer| {
            let value = layer.settings.get(key)?.trim();
            // `null` and `undefined` unset a setting
            (!matches!(value, "" | "null" | "undefined")).then_some((value, &*layer.origin))
        })
    }

    /// Every setting with its origin, the strongest layer first.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.0.iter().flat_map(|layer| {
            layer
                .settings
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_str(), layer.origin.as_str()))
        })
    }
}

/// `npm_config_*` in any case: `_` is `-`, except in keys of hosts (`npm_config_//host/:_authToken`).
fn from_variables(env: &Environment) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::new();
    for (name, value) in env.vars() {
        let Some((prefix, key)) = name.split_at_checked(11) else {
            continue;
        };
        if !prefix.eq_ignore_ascii_case("npm_config_") || key.is_empty() || value.is_empty() {
            continue;
        }
        let key = if key.starts_with("//") {
            key.to_owned()
        } else {
            let (first, rest) = key.split_at_checked(1).unwrap_or((key, ""));
            format!("{first}{}", rest.replace('_', "-")).to_ascii_lowercase()
        };
        settings.insert(key, value.to_owned());
    }
    settings
}

/// The nearest folder upwards with a `package.json` or `node_modules`, else the working directory.
fn project_folder(start: &Path) -> &Path {
    start
        .ancestors()
        .take(64)
        .find(|dir| {
            files::is_file(&dir.join("package.json")) || files::is_dir(&dir.join("node_modules"))
        })
        .unwrap_or(start)
}

/// npm's prefix: the folder above the one in which node itself lies (beside it on Windows).
fn default_prefix(env: &Environment) -> Option<PathBuf> {
    let node = env.which("node")?;
    let node = files::real_path(&node).unwrap_or(node);
    let dir = node.parent()?;
    if cfg!(windows) {
        Some(dir.to_owned())
    } else {
        dir.parent().map(Path::to_owned)
    }
}
