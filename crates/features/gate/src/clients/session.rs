//! One command behind the gate: what its environment and its words become.

use std::path::Path;

use super::{Client, strip};

/// How a command is run so that it reaches the gate and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// Variables that are set.
    pub set: Vec<(String, String)>,
    /// Variables that are removed.
    pub removed: Vec<String>,
    /// The words after the program.
    pub args: Vec<String>,
    /// Options that were taken out, because they lead past the gate.
    pub dropped: Vec<String>,
    /// Sources in the command that no gate can vet: URLs and repositories.
    pub unvettable: Vec<String>,
}

impl Session {
    /// Plans a command of a client. `gate` is the gate's URL without a slash at its end, `scratch` an empty folder for the
    /// command, `names` those of the variables that are set.
    pub fn plan<'a>(
        client: Client,
        args: &[String],
        gate: &str,
        scratch: &Path,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let forbidden = match client {
            Client::Pip | Client::Poetry => strip::PIP,
            Client::Uv => strip::UV,
            Client::Npm | Client::Pnpm | Client::Yarn => strip::NPM,
            Client::Cargo => strip::CARGO,
        };
        let (kept, dropped) = strip::strip(args, forbidden);
        let mut session = Self {
            unvettable: kept
                .iter()
                .filter(|a| leads_elsewhere(a))
                .cloned()
                .collect(),
            args: kept,
            dropped,
            removed: names
                .into_iter()
                .filter(|name| steers(name))
                .map(str::to_owned)
                .collect(),
            ..Self::default()
        };
        session.close_other_ways(gate);
        let scratch = scratch.display().to_string();
        match client {
            Client::Pip => {
                session.set("PIP_INDEX_URL", &format!("{gate}/pypi/simple/"));
                session.set("PIP_CONFIG_FILE", NOWHERE);
                session.set("PIP_DISABLE_PIP_VERSION_CHECK", "1");
            }
            Client::Uv => {
                session.set("UV_DEFAULT_INDEX", &format!("{gate}/pypi/simple/"));
                session.set("UV_NO_CONFIG", "1");
            }
            Client::Poetry => {
                session.set("PIP_INDEX_URL", &format!("{gate}/pypi/simple/"));
                session.set("PIP_CONFIG_FILE", NOWHERE);
                session.set("POETRY_CACHE_DIR", &scratch);
            }
            Client::Npm | Client::Pnpm | Client::Yarn => {
                let registry = format!("{gate}/npm/");
                session.set("npm_config_registry", &registry);
                session.set("npm_config_replace_registry_host", "always");
                // a cache that is read by digest would give what the gate never saw
                session.set("npm_config_cache", &scratch);
                if client == Client::Pnpm {
                    session.set("npm_config_store_dir", &scratch);
                }
                session.set("npm_config_proxy", gate);
                session.set("npm_config_https_proxy", gate);
                session.set("npm_config_noproxy", LOOPBACK);
                session.set("npm_config_update_notifier", "false");
                session.set("YARN_REGISTRY", &registry);
                session.set("YARN_CACHE_FOLDER", &scratch);
                session.set("YARN_NPM_REGISTRY_SERVER", &registry);
                session.set("YARN_UNSAFE_HTTP_WHITELIST", "127.0.0.1");
                session.set("YARN_ENABLE_GLOBAL_CACHE", "false");
            }
            Client::Cargo => session.redirect_cargo(gate),
        }
        session
    }

    fn set(&mut self, name: &str, value: &str) {
        self.removed.retain(|n| n != name);
        self.set.push((name.to_owned(), value.to_owned()));
    }

    /// Every proxy variable leads to the gate, which is none: whatever honours them and wants another host is refused, with
    /// the reason.
    fn close_other_ways(&mut self, gate: &str) {
        for name in [
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "ALL_PROXY",
            "http_proxy",
            "https_proxy",
            "all_proxy",
        ] {
            self.set(name, gate);
        }
        self.set("NO_PROXY", LOOPBACK);
        self.set("no_proxy", LOOPBACK);
    }

    fn redirect_cargo(&mut self, gate: &str) {
        let mut config = Vec::new();
        for text in [
            "source.crates-io.replace-with=\"foretaste-gate\"".to_owned(),
            format!("source.foretaste-gate.registry=\"sparse+{gate}/cargo/index/\""),
        ] {
            config.extend(["--config".to_owned(), text]);
        }
        // after a toolchain (`+nightly`), before the command
        let at = usize::from(self.args.first().is_some_and(|a| a.starts_with('+')));
        self.args.splice(at..at, config);
        self.set("CARGO_HTTP_PROXY", gate);
    }
}

const LOOPBACK: &str = "127.0.0.1,localhost";
const NOWHERE: &str = if cfg!(windows) { "nul" } else { "/dev/null" };

/// Variables that say where packages come from, by their whole name.
const STEERING: [&str; 14] = [
    "PIP_INDEX_URL",
    "PIP_PYPI_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_TRUSTED_HOST",
    "PIP_PROXY",
    "PIP_ISOLATED",
    "UV_INDEX",
    "UV_INDEX_URL",
    "UV_DEFAULT_INDEX",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_CONFIG_FILE",
    "NPM_CONFIG_USERCONFIG",
];

/// True for a variable that says where packages come from.
fn steers(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    STEERING.contains(&upper.as_str())
        || (upper.starts_with("NPM_CONFIG_") && upper.ends_with("REGISTRY"))
        || (upper.starts_with("CARGO_SOURCE_") || upper.starts_with("CARGO_REGISTRIES_"))
}

/// A word that names a package by its place: no registry is asked for it.
fn leads_elsewhere(arg: &str) -> bool {
    let lower = arg.to_ascii_lowercase();
    let scheme = [
        "http://", "https://", "git+", "git://", "ssh://", "hg+", "svn+", "bzr+", "ftp://",
    ];
    !lower.starts_with('-')
        && (scheme.iter().any(|s| lower.contains(s))
            || lower.starts_with("github:")
            || lower.starts_with("gitlab:")
            || lower.starts_with("bitbucket:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(client: Client, text: &str, names: &[&str]) -> Session {
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        Session::plan(
            client,
            &words,
            "http://127.0.0.1:9",
            Path::new("/tmp/x"),
            names.iter().copied(),
        )
    }

    fn value<'a>(session: &'a Session, name: &str) -> &'a str {
        session
            .set
            .iter()
            .find(|(n, _)| n == name)
            .map_or("", |(_, v)| v.as_str())
    }

    #[test]
    fn a_pip_command_has_one_index_and_no_other_way() {
        let names = ["PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL", "HOME"];
        let session = plan(
            Client::Pip,
            "install --extra-index-url https://x.example y",
            &names,
        );
        assert_eq!(session.args, ["install", "y"]);
        assert_eq!(session.dropped, ["--extra-index-url"]);
        assert_eq!(session.removed, ["PIP_EXTRA_INDEX_URL"]);
        assert_eq!(
            value(&session, "PIP_INDEX_URL"),
            "http://127.0.0.1:9/pypi/simple/"
        );
        assert_eq!(value(&session, "HTTPS_PROXY"), "http://127.0.0.1:9");
    }

    #[test]
    fn places_that_no_gate_can_vet_are_named() {
        for word in [
            "git+https://h.example/x",
            "x @ https://h.example/x.whl",
            "github:o/r",
        ] {
            let words = ["install".to_owned(), word.to_owned()];
            let session = Session::plan(Client::Npm, &words, "http://g", Path::new("/t"), []);
            assert_eq!(session.unvettable, [word]);
        }
        assert!(
            plan(Client::Pip, "install ./local", &[])
                .unvettable
                .is_empty()
        );
    }

    #[test]
    fn cargo_is_redirected_after_its_toolchain() {
        let session = plan(Client::Cargo, "+stable fetch", &[]);
        assert_eq!(session.args[0], "+stable");
        assert_eq!(session.args[5], "fetch");
        assert!(session.args[4].contains("sparse+http://127.0.0.1:9/cargo/index/"));
    }
}
