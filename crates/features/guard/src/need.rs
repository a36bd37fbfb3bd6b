//! Which commands bring packages in.

use foretaste_io::python_module;

/// What has to happen before a command runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: it brings no package in.
    Nothing,
    /// It runs behind a gate of its own.
    Gate,
    /// It builds what its lock names: whatever is not on this machine yet is fetched behind a gate first. The lock holds
    /// every package to its digest afterwards.
    FetchFirst,
}

/// Words of pip that bring packages in.
const PIP: &[&str] = &["install", "download", "wheel", "lock"];
/// Words of uv that bring packages in, or resolve them, which may build them.
const UV: &[&str] = &[
    "add", "build", "compile", "install", "lock", "remove", "run", "sync", "upgrade", "x",
];
/// Words of poetry that bring packages in.
const POETRY: &[&str] = &["add", "install", "lock", "remove", "sync", "update"];
/// Words of npm, pnpm and yarn that bring packages in.
const NPM: &[&str] = &[
    "add",
    "ci",
    "clean-install",
    "create",
    "dedupe",
    "dlx",
    "exec",
    "fetch",
    "i",
    "ic",
    "in",
    "init",
    "ins",
    "inst",
    "install",
    "install-ci-test",
    "install-clean",
    "install-test",
    "isntall",
    "it",
    "cit",
    "import",
    "link",
    "rebuild",
    "up",
    "update",
    "upgrade",
    "x",
];
/// Words of cargo that resolve or fetch, and build nothing or what they fetch themselves.
const CARGO_FETCH: &[&str] = &[
    "add",
    "fetch",
    "generate-lockfile",
    "install",
    "update",
    "upgrade",
    "vendor",
];
/// Words of cargo that build, and answer a question without.
const CARGO_BUILD: &[&str] = &[
    "b", "bench", "build", "c", "check", "d", "doc", "fix", "package", "publish", "rustc",
    "rustdoc", "t", "test",
];
/// Words of cargo that neither fetch nor build. Any other may: a command of its own, or an alias.
const CARGO_QUIET: &[&str] = &[
    "clean",
    "fmt",
    "help",
    "init",
    "locate-project",
    "login",
    "logout",
    "metadata",
    "new",
    "owner",
    "pkgid",
    "read-manifest",
    "remove",
    "rm",
    "search",
    "tree",
    "uninstall",
    "verify-project",
    "version",
    "yank",
];

/// Words behind which another program and its own words stand.
const HANDS_ON: &[&str] = &["create", "dlx", "exec", "init", "run", "x"];

/// What a command needs, by the name it is called by and the words after it.
///
/// A word that may only be the value of an option counts as well: to vet once too often costs a moment.
pub fn need(name: &str, args: &[String]) -> Need {
    let own: Vec<&str> = args
        .iter()
        .map(String::as_str)
        .take_while(|word| *word != "--")
        .collect();
    let words: Vec<&str> = own
        .iter()
        .copied()
        .filter(|word| !word.starts_with(['-', '+']))
        .collect();
    let any = |known: &[&str]| words.iter().any(|word| known.contains(word));
    let asks = |words: &[&str]| {
        let is_question = |word: &&str| matches!(*word, "--help" | "-h" | "--version");
        words.iter().any(is_question)
    };
    // asked of the package manager itself, not of a program that it brings in and starts
    let asks_only = asks(&own) && !any(HANDS_ON);
    let gate = |is_needed: bool| {
        if is_needed { Need::Gate } else { Need::Nothing }
    };
    match name {
        _ if name.starts_with("python") => match python_module(args) {
            Some((module @ ("pip" | "uv" | "poetry"), rest)) => need(module, rest),
            _ => Need::Nothing,
        },
        _ if name.starts_with("pip") => gate(any(PIP) && !asks_only),
        // its own interpreters and its own renewal come from no index
        "uv" if matches!(words.first(), Some(&("python" | "self" | "cache" | "help"))) => {
            Need::Nothing
        }
        "uv" => gate(any(UV) && !asks_only),
        "uvx" | "npx" | "pnpx" => gate(!words.is_empty()),
        "poetry" => gate(any(POETRY) && !asks_only),
        // yarn alone installs
        "yarn" | "yarnpkg" => gate((words.is_empty() || any(NPM)) && !asks_only),
        "npm" | "pnpm" => gate(any(NPM) && !asks_only),
        "cargo" => match words.first() {
            // behind a word that may be an alias, another program is asked, which is built first
            Some(word)
                if asks_only && (CARGO_FETCH.contains(word) || CARGO_BUILD.contains(word)) =>
            {
                Need::Nothing
            }
            Some(word) if CARGO_FETCH.contains(word) => Need::Gate,
            Some(word) if !CARGO_QUIET.contains(word) => Need::FetchFirst,
            _ => Need::Nothing,
        },
        _ => Need::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(command: &str) -> Need {
        let mut words = command.split(' ').map(str::to_owned);
        let name = words.next().unwrap_or_default();
        need(&name, &words.collect::<Vec<_>>())
    }

    #[test]
    fn what_brings_packages_in_is_vetted() {
        for command in [
            "pip install six",
            "pip3.12 --quiet install six",
            "pip --cache-dir /x download six",
            "python3 -m pip install six",
            "python -I -m uv pip sync r.txt",
            "python -mpip install six",
            "python3 -Im pip install six",
            "uv run pytest --version",
            "pnpm dlx x --help",
            "uv add six",
            "uv pip install six",
            "uvx ruff",
            "poetry install",
            "npm ci",
            "npm i",
            "npx cowsay hi",
            "pnpm dlx x",
            "yarn",
            "yarn --frozen-lockfile",
            "yarn add x",
            "cargo install ripgrep",
            "cargo +nightly add serde",
        ] {
            assert_eq!(of(command), Need::Gate, "{command}");
        }
        assert_eq!(of("cargo build --release"), Need::FetchFirst);
        assert_eq!(of("cargo +1.95 t"), Need::FetchFirst);
        assert_eq!(of("cargo xtask test"), Need::FetchFirst);
        assert_eq!(of("cargo xtask --help"), Need::FetchFirst);
    }

    #[test]
    fn everything_else_runs_as_it_is() {
        for command in [
            "pip list",
            "pip install --help",
            "pip",
            "python",
            "python app.py install",
            "python -m venv x",
            "python -c import\\ pip",
            "uv python install 3.13",
            "uv self update",
            "uv pip list",
            "poetry run app",
            "npm run build",
            "npm -- install",
            "yarn run build",
            "cargo --version",
            "cargo build --help",
            "cargo fmt",
            "cargo metadata",
            "make install",
        ] {
            assert_eq!(of(command), Need::Nothing, "{command}");
        }
    }
}
