//! Which variables a run inherits: an allow-list, less what holds a secret.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The section `[environment]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EnvironmentPolicy {
    /// Variables that are passed besides the usual ones, whatever they hold. A `*` at the end stands for any rest.
    pub pass: Vec<String>,
    /// Variables that are set.
    pub set: std::collections::BTreeMap<String, String>,
}

/// Variables that say how to run, not who runs.
const PASSED: &[&str] = &[
    "PATH",
    "LANG",
    "LANGUAGE",
    "LC_*",
    "TERM",
    "COLORTERM",
    "NO_COLOR",
    "FORCE_COLOR",
    "CLICOLOR*",
    "COLUMNS",
    "LINES",
    "TZ",
    "CI",
    "SOURCE_DATE_EPOCH",
    "DEBIAN_FRONTEND",
    "VIRTUAL_ENV*",
    "CONDA_PREFIX",
    "CONDA_DEFAULT_ENV",
    "PYENV_ROOT",
    "PYENV_VERSION",
    "PYTHON*",
    "PIP_*",
    "UV_*",
    "POETRY_*",
    "PDM_*",
    "NODE_*",
    "npm_config_*",
    "NPM_CONFIG_*",
    "YARN_*",
    "PNPM_HOME",
    "NVM_DIR",
    "NVM_BIN",
    "VOLTA_HOME",
    "CARGO_*",
    "RUST*",
    "GEM_*",
    "BUNDLE_*",
    "RBENV_*",
    "GO*",
    "CGO_*",
    "JAVA_HOME",
    "MAVEN_OPTS",
    "CC",
    "CXX",
    "CPP",
    "LD",
    "AR",
    "CFLAGS",
    "CXXFLAGS",
    "CPPFLAGS",
    "LDFLAGS",
    "MAKEFLAGS",
    "CMAKE_*",
    "PKG_CONFIG*",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "NIX_SSL_CERT_FILE",
    "FORETASTE_NOW",
];

/// Words that mark a variable as a secret.
const SECRET: &[&str] = &[
    "TOKEN",
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "CREDENTIAL",
    "APIKEY",
    "API_KEY",
    "PRIVATE_KEY",
    "AUTH",
    "USERCONFIG",
    "SESSION",
];

impl EnvironmentPolicy {
    /// The value with which a variable is passed into the run, if it is: URLs lose their users and passwords.
    pub fn passed<'a>(&self, name: &str, value: &'a str) -> Option<Cow<'a, str>> {
        let listed = |list: &[&str]| list.iter().any(|pattern| matches(pattern, name));
        let own: Vec<&str> = self.pass.iter().map(String::as_str).collect();
        if listed(&own) {
            return Some(value.into());
        }
        let upper = name.to_ascii_uppercase();
        let is_secret = SECRET.iter().any(|word| upper.contains(word));
        (listed(PASSED) && !is_secret).then(|| without_credentials(value))
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    pattern
        .strip_suffix('*')
        .map_or_else(|| pattern == name, |start| name.starts_with(start))
}

/// A text whose URLs have no users, passwords and tokens any more: the supervisor knows them, where they are needed.
pub fn without_credentials(text: &str) -> Cow<'_, str> {
    let mut parts = text.split("://");
    let mut cleaned = parts.next().unwrap_or("").to_owned();
    for rest in parts {
        let end = rest
            .find(['/', '?', '#', ' ', '"', '\''])
            .unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let host = match authority.rsplit_once('@') {
            Some((user, host)) if user != "git" => host,
            _ => authority,
        };
        cleaned.extend(["://", host, path]);
    }
    if cleaned == text {
        text.into()
    } else {
        cleaned.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_stay_outside_whatever_their_names_begin_with() {
        let policy = EnvironmentPolicy::default();
        for (name, value) in [
            ("AWS_SECRET_ACCESS_KEY", "x"),
            ("CARGO_REGISTRY_TOKEN", "x"),
            ("NODE_AUTH_TOKEN", "x"),
            ("UV_PUBLISH_PASSWORD", "x"),
            ("SSH_AUTH_SOCK", "/x"),
            ("LD_PRELOAD", "/x"),
            ("DBUS_SESSION_BUS_ADDRESS", "/x"),
        ] {
            assert_eq!(policy.passed(name, value), None, "{name}");
        }
        for (name, value) in [
            ("PATH", "/bin"),
            ("LC_ALL", "C"),
            ("PIP_INDEX_URL", "https://pkgs.example/simple"),
        ] {
            assert_eq!(policy.passed(name, value).as_deref(), Some(value), "{name}");
        }
        let index = "https://me:p%40w@pkgs.example/simple https://a@b.example?x=@y";
        let passed = policy.passed("PIP_EXTRA_INDEX_URL", index);
        let without = "https://pkgs.example/simple https://b.example?x=@y";
        assert_eq!(passed.as_deref(), Some(without));
    }

    #[test]
    fn what_the_policy_names_is_passed() {
        let policy = EnvironmentPolicy {
            pass: vec!["MY_TOKEN".into(), "APP_*".into()],
            ..Default::default()
        };
        assert!(
            policy.passed("MY_TOKEN", "x").is_some()
                && policy.passed("APP_AUTH", "x").is_some()
                && policy.passed("MY_TOKENS", "x").is_none()
        );
    }
}
