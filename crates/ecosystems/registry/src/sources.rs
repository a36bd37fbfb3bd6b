//! What a client's configuration gives: endpoints, and the credentials for them.

use std::path::PathBuf;

use foretaste_io::{Credentials, Environment, HttpClient, HttpError, Request, Response, files};
use foretaste_model::{Ecosystem, PackageName};
use url::Url;

use crate::answers::{Answers, stamp};
use crate::{Endpoint, RegistryError};

/// The endpoints of an ecosystem on this machine, in the order in which they are asked.
#[derive(Clone, Debug)]
pub struct Sources {
    /// The endpoints. Their URLs end with a slash.
    pub endpoints: Vec<Endpoint>,
    /// Credentials, each for its own place.
    pub credentials: Credentials,
}

impl Sources {
    /// Endpoints from URLs, each with where it was configured; credentials in the URLs are taken out.
    ///
    /// # Errors
    /// When one of them is no `http` or `https` URL.
    pub fn new(urls: &[(String, String)]) -> Result<Self, RegistryError> {
        let mut endpoints: Vec<Endpoint> = Vec::new();
        let mut credentials = Credentials::none();
        for (url, origin) in urls {
            let mut text = url.trim().to_owned();
            if !text.ends_with('/') && !text.ends_with(".json") {
                text.push('/');
            }
            let endpoint = Endpoint::parse(&text, origin)?;
            if let Some(auth) = &endpoint.auth {
                credentials.add(endpoint.url.url(), auth.clone());
            }
            if !endpoints.iter().any(|e| e.url == endpoint.url) {
                endpoints.push(endpoint);
            }
        }
        Ok(Self {
            endpoints,
            credentials,
        })
    }

    /// Gets a path below an endpoint, with the credentials for it.
    ///
    /// # Errors
    /// See [`HttpError`]; a path that cannot be joined is [`RegistryError::Malformed`].
    pub async fn get(
        &self,
        http: &HttpClient,
        endpoint: &Endpoint,
        path: &str,
    ) -> Result<Response, RegistryError> {
        let url = endpoint.url.url().join(path);
        let url = url.map_err(|e| RegistryError::Malformed {
            what: format!("a path below {}", endpoint.url),
            reason: e.to_string(),
        })?;
        self.get_url(http, url).await
    }

    /// Gets a URL with the credentials for it.
    ///
    /// # Errors
    /// See [`HttpError`].
    pub async fn get_url(&self, http: &HttpClient, url: Url) -> Result<Response, RegistryError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(RegistryError::Malformed {
                what: "a URL of the registry".to_owned(),
                reason: format!("the scheme `{}` is not followed", url.scheme()),
            });
        }
        let auth = self.credentials.find(&url);
        http.get(Request::get(url).auth(auth))
            .await
            .map_err(|error| match error {
                HttpError::Unauthorized { .. } => RegistryError::unauthorized(
                    error,
                    Some("the client's own configuration or the registry's URL"),
                ),
                other => other.into(),
            })
    }

    /// "No endpoint has such a package."
    pub fn not_found(&self, ecosystem: Ecosystem, name: &PackageName) -> RegistryError {
        RegistryError::NotFound {
            ecosystem,
            name: name.clone(),
            indexes: self.endpoints.iter().map(|e| e.url.clone()).collect(),
        }
    }
}

/// True if an endpoint answered that it has no such thing.
pub fn is_not_found(error: &RegistryError) -> bool {
    matches!(error, RegistryError::Http(error) if error.is_not_found())
}

/// A question to a client program about its configuration.
pub struct ClientQuestion<'a> {
    /// The program, as found in `PATH`.
    pub program: &'a str,
    /// Its arguments.
    pub args: &'a [&'a str],
    /// What the names of the environment variables that it reads begin with.
    pub variables: &'a str,
    /// The configuration files that it reads.
    pub files: Vec<PathBuf>,
}

impl ClientQuestion<'_> {
    /// What it prints, remembered as long as nothing that decides has changed; none if it is not installed or fails.
    pub async fn ask(&self, env: &Environment) -> Option<String> {
        let path = env.which(self.program)?;
        // the program behind links: that is what another version changes
        let real = files::real_path(&path);
        let mut parts = vec![stamp(&path), stamp(real.as_deref().unwrap_or(&path))];
        parts.extend(self.args.iter().map(|arg| (*arg).to_owned()));
        parts.extend(self.files.iter().map(|file| stamp(file)));
        let mut variables: Vec<String> = env
            .vars()
            .filter(|(name, _)| name.starts_with(self.variables))
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        variables.sort();
        parts.extend(variables);
        let answers = Answers::of(env, self.program, &parts);
        if let Some(answer) = answers.recall(Answers::OF_PROGRAM) {
            return Some(answer);
        }
        let output = foretaste_io::Program::new(path)
            .args(self.args.iter().map(|a| (*a).to_owned()))
            .dir(&env.system("/"))
            .run()
            .await
            .ok()?;
        if !output.success {
            return None;
        }
        // a URL with a password is kept nowhere
        if !output.stdout.contains('@') {
            answers.remember(&output.stdout);
        }
        Some(output.stdout)
    }
}

/// The entry that a request means: the version asked for, as `same` compares; else the newest that is `good`, else the
/// newest at all. `ascending` is in the order of versions.
pub fn choose<'a, T>(
    ascending: &'a [T],
    wanted: Option<&str>,
    same: impl Fn(&T, &str) -> bool,
    good: impl Fn(&T) -> bool,
) -> Option<&'a T> {
    match wanted.map(str::trim) {
        Some(wanted) => ascending.iter().find(|entry| same(entry, wanted)),
        None => ascending
            .iter()
            .rev()
            .find(|entry| good(entry))
            .or_else(|| ascending.last()),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[tokio::test]
    async fn a_client_is_asked_again_when_its_configuration_changed() {
        let dir = tempfile::tempdir().expect("a folder");
        let count = dir.path().join("count");
        let config = dir.path().join("config");
        let program = dir.path().join("bin/client");
        let script = format!(
            "#!/bin/sh\necho x >> {0}\nwc -l < {0}\ncat {1} 2>/dev/null\n:\n",
            count.display(),
            config.display()
        );
        files::write(&program, script.as_bytes()).expect("written");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755))
            .expect("executable");
        let env = Environment::below(dir.path())
            .with(
                "PATH",
                &format!("{}:/usr/bin:/bin", dir.path().join("bin").display()),
            )
            .with(
                "FORETASTE_CACHE_DIR",
                &dir.path().join("cache").to_string_lossy(),
            );
        let question = ClientQuestion {
            program: "client",
            args: &["sources"],
            variables: "CLIENT",
            files: vec![config.clone()],
        };
        let ask = async |env: &Environment| question.ask(env).await.expect("an answer");
        assert_eq!(ask(&env).await, "1\n");
        assert_eq!(ask(&env).await, "1\n");
        assert_eq!(ask(&env.clone().with("CLIENT_X", "y")).await, "2\n");
        files::write(&config, b"https://user:word@index.example/\n").expect("written");
        // it names a password: not remembered
        assert!(ask(&env).await.starts_with("3\n"));
        assert!(ask(&env).await.starts_with("4\n"));
    }
}
