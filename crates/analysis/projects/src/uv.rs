//! uv as the resolver: it asks the indexes that this machine's clients are configured to use, builds nothing, runs
//! nothing of a package, and asks no interpreter that lies in a project.

use std::path::{Path, PathBuf};
use std::time::Duration;

use foretaste_io::files::{self, TemporaryDir};
use foretaste_io::{Auth, CommandOutput, Environment, Program};
use foretaste_pypi::{Indexes, Settings};
use thiserror::Error;

/// How long a resolution may take.
const TIMEOUT: Duration = Duration::from_mins(5);
/// Bytes of an answer.
const MAX_OUTPUT: u64 = 64 << 20;

/// Why uv resolved nothing.
#[derive(Debug, Error)]
pub enum UvError {
    /// It is not there.
    #[error("uv is not installed; it resolves what Python projects ask for")]
    NotInstalled,
    /// The indexes are not known.
    #[error("{0}")]
    Indexes(String),
    /// A folder to work in.
    #[error(transparent)]
    File(#[from] foretaste_io::FileError),
    /// It could not be started or did not end.
    #[error(transparent)]
    Command(#[from] foretaste_io::CommandError),
    /// It refused.
    #[error("uv could not resolve it: {said}")]
    Refused {
        /// What it said, on one line.
        said: String,
    },
}

impl UvError {
    /// The package that stands in the way because it is published as source alone, in this version at least. uv says so in
    /// a hint.
    pub fn needs_build(&self) -> Option<&str> {
        let Self::Refused { said } = self else {
            return None;
        };
        let (_, rest) = said.split_once("Wheels are required for `")?;
        let (name, _) = rest.split_once('`')?;
        Some(name).filter(|name| {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            !name.is_empty() && name.chars().all(plain)
        })
    }
}

/// The program, bound to the indexes.
#[derive(Debug)]
pub struct Uv {
    program: PathBuf,
    variables: Vec<(&'static str, String)>,
}

impl Uv {
    /// Finds uv and the indexes that pip and uv are configured to use on this machine.
    ///
    /// # Errors
    /// uv is not installed, or no index is known.
    pub async fn find(env: &Environment, settings: &Settings) -> Result<Self, UvError> {
        let program = env.which("uv").ok_or(UvError::NotInstalled)?;
        let indexes = foretaste_pypi::discover(env, settings)
            .await
            .map_err(|error| UvError::Indexes(error.to_string()))?;
        Ok(Self {
            program,
            variables: variables(&indexes),
        })
    }

    /// Calls `uv` away from any project. Credentials travel in variables, never in arguments.
    ///
    /// # Errors
    /// It cannot be started, does not end, or refuses.
    pub async fn call(&self, args: Vec<String>, folder: Option<&Path>) -> Result<String, UvError> {
        let away = TemporaryDir::new(None)?;
        let mut program = Program::new(&self.program)
            .args(args)
            .dir(folder.unwrap_or_else(|| away.path()))
            .timeout(TIMEOUT)
            .max_output(MAX_OUTPUT)
            .env("UV_NO_BUILD", "1")
            .env("UV_PYTHON_DOWNLOADS", "never")
            .env("UV_NO_PROGRESS", "1")
            .env("NO_COLOR", "1");
        // what the environment of the caller activates is none of the project's business
        for name in [
            "VIRTUAL_ENV",
            "CONDA_PREFIX",
            "UV_INDEX_URL",
            "UV_EXTRA_INDEX_URL",
        ] {
            program = program.env_remove(name);
        }
        for (name, value) in &self.variables {
            program = program.env(name, value);
        }
        let answer = program.run().await?;
        if answer.success {
            return Ok(answer.stdout);
        }
        Err(UvError::Refused {
            said: said(&answer),
        })
    }

    /// Resolves a manifest to a list with one version of each package, `# via` comments and hashes.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub async fn compile(&self, manifest: &Path, more: &[String]) -> Result<String, UvError> {
        let manifest = files::real_path(manifest).unwrap_or_else(|| manifest.to_owned());
        let mut args: Vec<String> = [
            "pip",
            "compile",
            "--no-build",
            "--quiet",
            "--no-header",
            "--annotate",
        ]
        .map(str::to_owned)
        .into();
        args.extend_from_slice(more);
        args.push(manifest.display().to_string());
        self.call(args, None).await
    }
}

fn variables(indexes: &Indexes) -> Vec<(&'static str, String)> {
    let mut urls: Vec<String> = indexes.endpoints.iter().map(with_credentials).collect();
    // uv asks what it calls the default last: the order stays as it was found
    let default = urls.pop();
    let mut variables = vec![("UV_INDEX_STRATEGY", "first-index".to_owned())];
    if let Some(url) = default {
        variables.push(("UV_DEFAULT_INDEX", url));
    }
    variables.push(("UV_INDEX", urls.join(" ")));
    variables
}

fn with_credentials(endpoint: &foretaste_registry::Endpoint) -> String {
    let mut url = endpoint.url.url().clone();
    if let Some(Auth::Basic { user, password }) = &endpoint.auth {
        // a URL that cannot have them keeps none: uv then says that they are missing
        let _ = url.set_username(user);
        let _ = url.set_password(Some(password.expose()));
    }
    url.to_string()
}

/// What it said, on one line, without the marks before the lines.
fn said(answer: &CommandOutput) -> String {
    let text: String = answer
        .stderr
        .split_whitespace()
        .filter(|word| !matches!(*word, "×" | "╰─▶" | "│" | "├─▶"))
        .collect::<Vec<_>>()
        .join(" ");
    text.chars().take(900).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hint_names_what_would_have_to_be_built() {
        let refused = |said: &str| UvError::Refused {
            said: said.to_owned(),
        };
        let hint =
            "hint: Wheels are required for `acme-pad` because building from source is disabled";
        assert_eq!(refused(hint).needs_build(), Some("acme-pad"));
        for said in [
            "no solution",
            "Wheels are required for `a b` because",
            "Wheels are required for `a",
        ] {
            assert_eq!(refused(said).needs_build(), None, "{said}");
        }
    }
}
