//! The home folder: empty and in memory, with the tools that live in the real one, and without its secrets.

use std::path::{Path, PathBuf};

use foretaste_io::files;

use crate::policy::environment::without_credentials;

/// Folders of the home that hold programs and what belongs to them. Changes to them are part of the review.
pub(crate) const TOOLS: &[&str] = &[
    ".pyenv",
    ".rbenv",
    ".nvm",
    ".volta",
    ".fnm",
    ".asdf",
    ".local/bin",
    ".local/lib",
    ".local/pipx",
    ".local/share/uv",
    ".local/share/mise",
    ".local/share/pnpm",
    ".local/share/fnm",
    ".local/share/pypoetry",
    ".cargo/bin",
    ".rustup",
    ".gem",
    ".bun",
    ".deno",
    ".npm-global",
    ".poetry",
    "go",
    "miniconda3",
    "anaconda3",
    ".conda/envs",
];

/// Files and folders with secrets below what is shown.
pub(crate) const SECRETS: &[&str] = &[".gem/credentials", ".local/share/uv/credentials"];

/// Caches of package managers. What a run writes there is forgotten, so that it cannot poison the next one.
pub(crate) const CACHES: &[&str] = &[
    ".cache/pip",
    ".cache/uv",
    ".cache/pypoetry",
    ".cache/yarn",
    ".cache/pnpm",
    ".cache/node-gyp",
    ".cache/node/corepack",
    ".cache/go-build",
    ".npm/_cacache",
    ".cargo/registry",
    ".cargo/git",
    ".bundle/cache",
    ".yarn/berry/cache",
];

/// Configuration of package managers, copied without its secrets.
pub(crate) const CONFIGURATION: &[&str] = &[
    ".npmrc",
    ".yarnrc",
    ".yarnrc.yml",
    ".config/pip/pip.conf",
    ".pip/pip.conf",
    ".config/uv/uv.toml",
    ".cargo/config.toml",
    ".cargo/config",
    ".gitconfig",
    ".config/git/config",
    ".gemrc",
    ".cargo/env",
    ".config/pypoetry/config.toml",
];

/// The largest configuration file that is copied.
const MAX_CONFIGURATION: u64 = 1 << 20;

/// Those of `names` that are there, outermost first and none inside another.
pub(crate) fn present(home: &Path, names: &[&str]) -> Vec<PathBuf> {
    names
        .iter()
        .map(|name| home.join(name))
        .filter(|path| path.is_dir())
        .collect()
}

/// A configuration file without the lines that hold secrets; `None` if there is no such file.
pub(crate) fn cleaned(path: &Path) -> Option<String> {
    let text = files::read_text(path, MAX_CONFIGURATION).ok()?;
    Some(
        text.lines()
            .filter(|line| !holds_secret(line))
            .map(|line| format!("{}\n", without_credentials(line)))
            .collect(),
    )
}

/// True for a line such as `//host/:_authToken=...` or `password = ...`.
fn holds_secret(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    let key = lower.split(['=', ':']).next().unwrap_or("").trim();
    let named = [
        "token",
        "password",
        "passwd",
        "secret",
        "_auth",
        "credential",
        "apikey",
        "api_key",
        "extraheader",
        "authident",
        "certfile",
        "keyfile",
    ];
    named.iter().any(|word| {
        key.contains(word)
            || lower.contains(&format!(":{word}"))
            || lower.contains(&format!("_{word}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_left_out_of_configuration() {
        for line in [
            "//registry.example/:_authToken=npm_abc",
            "_auth = aGk6aG8=",
            "password=x",
            "npmAuthToken: abc_token",
            "npmAuthIdent: me:pw",
            "\textraheader = AUTHORIZATION: basic abc",
        ] {
            assert!(holds_secret(line), "{line}");
        }
        for line in [
            "registry=https://registry.example/",
            "cert = /etc/ssl/ca.pem",
            "[global]",
            "fund=false",
        ] {
            assert!(!holds_secret(line), "{line}");
        }
    }
}
