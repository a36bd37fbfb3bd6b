//! What a run inherits: variables, home, working directory. A parameter everywhere, so that tests can fake it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::files;

/// The process's surroundings as plain data.
#[derive(Clone, Debug)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    home: Option<PathBuf>,
    working_dir: PathBuf,
    root: PathBuf,
}

impl Environment {
    /// The surroundings of this process. Variables that are not UTF-8 are left out.
    pub fn of_process() -> Self {
        Self {
            variables: std::env::vars_os()
                .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
                .collect(),
            home: etcetera::home_dir().ok(),
            working_dir: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
            root: PathBuf::from("/"),
        }
    }

    /// No variables, no home; relative paths and system files below `root` (for tests).
    pub fn below(root: &Path) -> Self {
        Self {
            variables: BTreeMap::new(),
            home: None,
            working_dir: root.to_owned(),
            root: root.to_owned(),
        }
    }

    /// Adds a variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Sets the home folder.
    #[must_use]
    pub fn with_home(mut self, home: impl Into<PathBuf>) -> Self {
        self.home = Some(home.into());
        self
    }

    /// Sets the working directory.
    #[must_use]
    pub fn with_working_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.working_dir = dir.into();
        self
    }

    /// A variable, unless it is unset or blank.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.trim().is_empty())
    }

    /// Every variable, sorted by name.
    pub fn vars(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }

    /// The home folder.
    pub fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }

    /// The working directory.
    pub fn working_dir(&self) -> &Path {
        &self.working_dir
    }

    /// A system file such as `etc/pip.conf`, below the root.
    pub fn system(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// `$XDG_CONFIG_HOME`, or the platform's folder for configuration.
    pub fn config_home(&self) -> Option<PathBuf> {
        if let Some(dir) = self.var("XDG_CONFIG_HOME") {
            return Some(dir.into());
        }
        if cfg!(windows) {
            return self.var("APPDATA").map(PathBuf::from);
        }
        self.home.as_ref().map(|home| home.join(".config"))
    }

    /// `$XDG_CACHE_HOME`, or the platform's folder for caches.
    pub fn cache_home(&self) -> Option<PathBuf> {
        if let Some(dir) = self.var("XDG_CACHE_HOME") {
            return Some(dir.into());
        }
        if cfg!(windows) {
            return self.var("LOCALAPPDATA").map(PathBuf::from);
        }
        let home = self.home.as_ref()?;
        Some(if cfg!(target_os = "macos") {
            home.join("Library").join("Caches")
        } else {
            home.join(".cache")
        })
    }

    /// Where Foretaste keeps what can be had again: `FORETASTE_CACHE_DIR`, or `foretaste` in the cache folder.
    pub fn cache_dir(&self) -> Option<PathBuf> {
        self.var("FORETASTE_CACHE_DIR")
            .map(PathBuf::from)
            .or_else(|| self.cache_home().map(|dir| dir.join("foretaste")))
    }

    /// Where Foretaste keeps what cannot be had again: `FORETASTE_DATA_DIR`, or `foretaste` in the user's data folder
    /// (`$XDG_DATA_HOME`, or the platform's).
    pub fn data_dir(&self) -> Option<PathBuf> {
        if let Some(dir) = self.var("FORETASTE_DATA_DIR") {
            return Some(dir.into());
        }
        let home = || self.home.as_ref();
        let base = if let Some(dir) = self.var("XDG_DATA_HOME") {
            PathBuf::from(dir)
        } else if cfg!(windows) {
            PathBuf::from(self.var("LOCALAPPDATA")?)
        } else if cfg!(target_os = "macos") {
            home()?.join("Library").join("Application Support")
        } else {
            home()?.join(".local").join("share")
        };
        Some(base.join("foretaste"))
    }

    /// Where the user's own `foretaste.toml` lies: `FORETASTE_CONFIG_DIR`, or `foretaste` in the configuration folder.
    pub fn config_dir(&self) -> Option<PathBuf> {
        self.var("FORETASTE_CONFIG_DIR")
            .map(PathBuf::from)
            .or_else(|| self.config_home().map(|dir| dir.join("foretaste")))
    }

    /// Where a program lies on `PATH`, so that a file of the working directory is never run in its stead.
    pub fn which(&self, program: &str) -> Option<PathBuf> {
        let path = self.var("PATH")?;
        let names: Vec<String> = if cfg!(windows) {
            ["exe", "cmd", "bat"]
                .iter()
                .map(|ext| format!("{program}.{ext}"))
                .collect()
        } else {
            vec![program.to_owned()]
        };
        std::env::split_paths(path)
            .filter(|dir| dir.is_absolute())
            .flat_map(|dir| {
                names
                    .iter()
                    .map(move |name| dir.join(name))
                    .collect::<Vec<_>>()
            })
            .find(|candidate| files::is_file(candidate))
    }

    /// Bundles of extra certificate authorities that the user's clients are configured with through variables:
    /// OpenSSL's, requests', pip's, curl's, Node's and cargo's. Existing paths, each once.
    pub fn ca_bundles(&self) -> Vec<PathBuf> {
        let mut found: Vec<PathBuf> = Vec::new();
        for name in [
            "SSL_CERT_FILE",
            "REQUESTS_CA_BUNDLE",
            "CURL_CA_BUNDLE",
            "PIP_CERT",
            "NODE_EXTRA_CA_CERTS",
            "npm_config_cafile",
            "NPM_CONFIG_CAFILE",
            "CARGO_HTTP_CAINFO",
        ] {
            if let Some(path) = self.var(name).map(PathBuf::from)
                && !found.contains(&path)
                && files::exists(&path)
            {
                found.push(path);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_follow_the_variables() {
        let env = Environment::below(Path::new("/r")).with_home("/h");
        assert!(env.cache_dir().is_some_and(|d| d.ends_with("foretaste")));
        let env = env.with("FORETASTE_CACHE_DIR", "/c");
        assert_eq!(env.cache_dir(), Some("/c".into()));
        assert_eq!(env.system("/etc/pip.conf"), Path::new("/r/etc/pip.conf"));
    }

    #[test]
    fn blank_variables_are_unset() {
        let env = Environment::below(Path::new("/r"))
            .with("A", " ")
            .with("B", "x");
        assert_eq!((env.var("A"), env.var("B")), (None, Some("x")));
    }

    #[test]
    fn programs_are_never_taken_from_relative_path_entries() {
        let env = Environment::below(Path::new("/r")).with("PATH", ".:relative");
        assert_eq!(env.which("sh"), None);
    }
}
