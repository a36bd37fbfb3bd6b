//! The client's own default index, asked from the client: pip and uv print it in their help.

use std::path::Path;
use std::time::Duration;

use foretaste_io::{CommandOutput, Environment, Program, files};
use foretaste_model::{ContentDigest, Ecosystem};
use foretaste_registry::{Answers, Endpoint, RegistryError};

use crate::platform::find_python;

/// Asks `python -m pip`, then `pip`, then `uv`.
pub(super) async fn ask(env: &Environment) -> Result<Endpoint, RegistryError> {
    let pip = ["--isolated", "install", "--help"];
    let mut candidates: Vec<(std::path::PathBuf, Vec<&str>, &str)> = Vec::new();
    if let Some(python) = find_python(env) {
        // Isolated: `-m` alone would import a `pip` that lies in the current folder, which may be what is vetted.
        let args = ["-I", "-m", "pip"].into_iter().chain(pip).collect();
        candidates.push((python, args, "pip"));
    }
    for name in ["pip3", "pip"] {
        if let Some(path) = env.which(name) {
            candidates.push((path, pip.to_vec(), "pip"));
        }
    }
    if let Some(path) = env.which("uv") {
        candidates.push((path, vec!["pip", "install", "--help"], "uv"));
    }
    for (program, args, client) in candidates {
        if let Some(url) = ask_one(env, &program, &args, client).await {
            let origin = format!("the default of {client}");
            return Ok(Endpoint::parse(&url, &origin)?);
        }
    }
    Err(RegistryError::NotConfigured {
        ecosystem: Ecosystem::Pypi,
        hint: "neither pip nor uv could be asked for its default; set PIP_INDEX_URL, or pass \
               --index-url <URL of a simple index>"
            .to_owned(),
    })
}

async fn ask_one(env: &Environment, program: &Path, args: &[&str], client: &str) -> Option<String> {
    let question = format!("index-of-{client}");
    let answers = match sources_of_pip(program) {
        Some(digest) => Answers::of(env, &question, &[digest]),
        None => Answers::of_program(env, &question, program),
    };
    if let Some(url) = answers.recall(Answers::OF_PROGRAM) {
        return Some(url);
    }
    let mut question = Program::new(program);
    if let Some(beside) = program.parent() {
        question = question.dir(beside);
    }
    let output = question
        .args(args.iter().copied())
        // Wide, so that no URL is broken over two lines; without configuration, so that it is the client's own word.
        .env("COLUMNS", "1000")
        .env("NO_COLOR", "1")
        .env(
            "PIP_CONFIG_FILE",
            if cfg!(windows) { "nul" } else { "/dev/null" },
        )
        .env("UV_NO_CONFIG", "1")
        .env_remove("PIP_INDEX_URL")
        .env_remove("UV_INDEX_URL")
        .env_remove("UV_DEFAULT_INDEX")
        .timeout(Duration::from_secs(20))
        .run()
        .await;
    let url = match output {
        Ok(CommandOutput {
            success: true,
            stdout,
            ..
        }) => read_default(&stdout),
        Ok(_) => None,
        Err(error) => {
            tracing::debug!(%error, "a client could not be asked");
            None
        }
    }?;
    answers.remember(&url);
    Some(url)
}

/// The sources of the pip beside an interpreter in which its default stands, so that the pip of a new environment need not
/// be started where the same pip of another one was asked; none where pip is not there.
fn sources_of_pip(program: &Path) -> Option<String> {
    let prefix = program.parent()?.parent()?;
    let lib = prefix.join("lib");
    let names = files::list(&lib).ok()?;
    let packages = names
        .iter()
        .filter(|name| name.starts_with("python"))
        .map(|name| lib.join(name).join("site-packages"))
        .chain([prefix.join("Lib/site-packages")])
        .map(|dir| dir.join("pip/_internal"))
        .find(|dir| files::is_dir(dir))?;
    let mut all = Vec::new();
    for name in ["models/index.py", "cli/cmdoptions.py"] {
        all.extend(files::read(&packages.join(name), 1 << 20).ok()?);
    }
    Some(ContentDigest::of(&all).to_hex())
}

/// The URL behind the word "default" in the description of `--index-url` or `--default-index`.
fn read_default(help: &str) -> Option<String> {
    [
        "--default-index <",
        "--index-url <",
        "--index-url",
        "--default-index",
    ]
    .iter()
    .find_map(|option| {
        let (_, after) = help.split_once(option)?;
        // Not beyond this option's own description.
        let own: Vec<&str> = after
            .lines()
            .enumerate()
            .take_while(|(at, line)| *at == 0 || !line.trim_start().starts_with('-'))
            .map(|(_, line)| line)
            .collect();
        let own = own.join("\n");
        let (_, own) = own.split_once("default")?;
        let start = own.find("https://").or_else(|| own.find("http://"))?;
        let url = own
            .get(start..)?
            .split(|c: char| c.is_whitespace() || matches!(c, ')' | '>' | ']' | '"' | '`'))
            .next()?
            .trim_end_matches(['.', ',']);
        url::Url::parse(url).ok().map(|_| url.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_help_of_pip_and_of_uv() {
        let pip = "Package Index Options:\n  -i, --index-url <url>       Base URL of the Python Package Index (default\n                              https://pkgs.example/simple). This should point to\n  --extra-index-url <url>     Extra URLs (default https://wrong.example)\n";
        assert_eq!(
            read_default(pip).as_deref(),
            Some("https://pkgs.example/simple")
        );
        let uv = "Index options:\n      --index <INDEX>\n          The URLs, see --default-index\n\n      --default-index <DEFAULT_INDEX>\n          The URL of the default package index (by default: <https://pkgs.example/simple>).\n\n  -i, --index-url <INDEX_URL>\n          (Deprecated)\n";
        assert_eq!(
            read_default(uv).as_deref(),
            Some("https://pkgs.example/simple")
        );
        assert_eq!(read_default("no such option"), None);
        assert_eq!(
            read_default("--index-url <url>  no word\n  --extra <url> default https://x.example"),
            None
        );
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn asks_the_program_once_and_names_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().expect("a folder");
        let bin = dir.path().join("bin");
        let count = dir.path().join("count");
        let script = format!(
            "#!/bin/sh\necho x >> {}\necho '  -i, --index-url <url>  Base (default http://127.0.0.1:9/simple).'\n",
            count.display()
        );
        let pip = bin.join("pip");
        foretaste_io::files::write(&pip, script.as_bytes()).expect("written");
        std::fs::set_permissions(&pip, std::fs::Permissions::from_mode(0o755)).expect("executable");
        let env = Environment::below(dir.path())
            .with("PATH", &bin.to_string_lossy())
            .with(
                "FORETASTE_CACHE_DIR",
                &dir.path().join("cache").to_string_lossy(),
            );
        for _ in 0..2 {
            let endpoint = ask(&env).await.expect("an answer");
            assert_eq!(endpoint.url.to_string(), "http://127.0.0.1:9/simple");
            assert_eq!(&*endpoint.origin, "the default of pip");
        }
        assert_eq!(foretaste_io::files::size(&count).ok(), Some(2));
    }

    #[test]
    fn the_same_pip_in_two_environments_is_one() {
        let dir = tempfile::tempdir().expect("a folder");
        let pip = |venv: &str, index: &str| {
            let venv = dir.path().join(venv);
            let inner = venv.join("lib/python3.11/site-packages/pip/_internal");
            files::write(&inner.join("models/index.py"), index.as_bytes()).expect("written");
            files::write(&inner.join("cli/cmdoptions.py"), b"help").expect("written");
            sources_of_pip(&venv.join("bin/python3"))
        };
        let one = pip("one", "https://a.example");
        assert!(one.is_some());
        assert_eq!(one, pip("two", "https://a.example"));
        assert_ne!(one, pip("three", "https://b.example"));
        assert_eq!(sources_of_pip(&dir.path().join("bin/python3")), None);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn python_is_asked_isolated_and_away_from_the_current_folder() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().expect("a folder");
        let bin = dir.path().join("bin");
        let seen = dir.path().join("seen");
        let script = format!(
            "#!/bin/sh\necho \"$@\" >> {0}\npwd >> {0}\n",
            seen.display()
        );
        let python = bin.join("python3");
        foretaste_io::files::write(&python, script.as_bytes()).expect("written");
        std::fs::set_permissions(&python, std::fs::Permissions::from_mode(0o755))
            .expect("executable");
        let env = Environment::below(dir.path()).with("PATH", &bin.to_string_lossy());
        assert!(ask(&env).await.is_err());
        let seen = foretaste_io::files::read_text(&seen, 1_000).expect("asked");
        assert!(
            seen.starts_with("-I -m pip --isolated install --help\n"),
            "{seen}"
        );
        assert!(seen.trim_end().ends_with("/bin"), "{seen}");
    }

    #[tokio::test]
    async fn without_a_client_the_error_names_the_setting() {
        let dir = tempfile::tempdir().expect("a folder");
        let env = Environment::below(dir.path()).with("PATH", "/no/such/folder");
        let error = ask(&env).await.expect_err("nobody to ask");
        assert!(error.to_string().contains("PIP_INDEX_URL"), "{error}");
    }
}
