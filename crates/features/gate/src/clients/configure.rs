//! Configuration files that leave a client one index.

use super::Client;

/// A file to write, as far as it concerns the gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFile {
    /// Where it usually lies.
    pub path: &'static str,
    /// What it is good to know about it.
    pub remark: &'static str,
    /// The text.
    pub text: String,
}

/// The configuration of a client for the gate at `url` (without a slash at its end). With `token`, credentials are read from
/// the environment variable `FORETASTE_GATE_TOKEN` as far as the client can.
pub fn configuration(client: Client, url: &str, token: bool) -> Vec<ConfigFile> {
    let insecure = url.starts_with("http://");
    let host = url.split("://").nth(1).unwrap_or(url);
    let bare = host.split(['/', ':']).next().unwrap_or(host);
    let scheme = url.split("://").next().unwrap_or("https");
    match client {
        Client::Pip => {
            let auth = if token {
                "__token__:${FORETASTE_GATE_TOKEN}@"
            } else {
                ""
            };
            let trust = if insecure && bare != "127.0.0.1" && bare != "localhost" {
                format!("trusted-host = {bare}\n")
            } else {
                String::new()
            };
            vec![ConfigFile {
                path: "/etc/pip.conf",
                remark: if token {
                    "pip expands no variables here: write the token in their place, or set PIP_INDEX_URL in CI"
                } else {
                    "it must be the only index: remove `extra-index-url` and `find-links` wherever they stand"
                },
                text: format!(
                    "[global]\nindex-url = {scheme}://{auth}{host}/pypi/simple/\n{trust}"
                ),
            }]
        }
        Client::Uv => vec![ConfigFile {
            path: "~/.config/uv/uv.toml",
            remark: if token {
                "set UV_INDEX_FORETASTE_USERNAME=__token__ and UV_INDEX_FORETASTE_PASSWORD to the token"
            } else {
                "remove other `[[index]]` entries; a project's own go into its pyproject.toml as they are"
            },
            text: format!(
                "publish-url = \"{url}/pypi/legacy/\"\n\n[[index]]\nname = \"foretaste\"\nurl = \"{url}/pypi/simple/\"\ndefault = true\n"
            ),
        }],
        Client::Poetry => vec![ConfigFile {
            path: "pyproject.toml",
            remark: if token {
                "set POETRY_HTTP_BASIC_FORETASTE_USERNAME=__token__ and POETRY_HTTP_BASIC_FORETASTE_PASSWORD to the token"
            } else {
                "a primary source switches the default one off"
            },
            text: format!(
                "[[tool.poetry.source]]\nname = \"foretaste\"\nurl = \"{url}/pypi/simple/\"\npriority = \"primary\"\n"
            ),
        }],
        Client::Npm | Client::Pnpm => {
            let auth = if token {
                format!("//{host}/npm/:_authToken=${{FORETASTE_GATE_TOKEN}}\n")
            } else {
                String::new()
            };
            vec![ConfigFile {
                path: "~/.npmrc",
                remark: "remove `@scope:registry` lines: scopes are served by the gate, too",
                text: format!("registry={url}/npm/\nreplace-registry-host=always\n{auth}"),
            }]
        }
        Client::Yarn => {
            let auth = if token {
                "npmAuthToken: \"${FORETASTE_GATE_TOKEN}\"\n"
            } else {
                ""
            };
            let whitelist = if insecure {
                format!("unsafeHttpWhitelist:\n  - \"{bare}\"\n")
            } else {
                String::new()
            };
            vec![
                ConfigFile {
                    path: ".yarnrc.yml",
                    remark: "yarn 2 and later",
                    text: format!("npmRegistryServer: \"{url}/npm\"\n{auth}{whitelist}"),
                },
                ConfigFile {
                    path: "~/.yarnrc",
                    remark: "yarn 1",
                    text: format!("registry \"{url}/npm/\"\n"),
                },
            ]
        }
        Client::Cargo => {
            let mut files = vec![ConfigFile {
                path: "~/.cargo/config.toml",
                remark: "public crates come through the gate; Cargo.lock stays as it is",
                text: format!(
                    "[source.crates-io]\nreplace-with = \"foretaste\"\n\n[source.foretaste]\nregistry = \"sparse+{url}/cargo/index/\"\n\n[registries.foretaste]\nindex = \"sparse+{url}/cargo/index/\"\n"
                ),
            }];
            if token {
                files.push(ConfigFile {
                    path: "~/.cargo/credentials.toml",
                    remark: "or set CARGO_REGISTRIES_FORETASTE_TOKEN",
                    text: "[registries.foretaste]\ntoken = \"<the token>\"\n".to_owned(),
                });
            }
            files
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_client_is_told_one_place() {
        for client in Client::ALL {
            for token in [false, true] {
                for file in configuration(client, "https://pkgs.acme.example", token) {
                    if file.path.ends_with("credentials.toml") {
                        continue;
                    }
                    assert!(
                        file.text.contains("pkgs.acme.example"),
                        "{client:?}: {file:?}"
                    );
                    assert!(!file.text.contains("extra-index-url"));
                    if file.path.ends_with(".toml") {
                        file.text.parse::<toml::Table>().expect("it is TOML");
                    }
                }
            }
        }
    }
}
