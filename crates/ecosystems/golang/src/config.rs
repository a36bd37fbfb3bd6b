//! Which module proxies `go` would use on this machine, and for which modules it would use none.

use foretaste_io::{Environment, files};
use foretaste_model::Ecosystem;
use foretaste_registry::{ClientQuestion, RegistryError, Sources};

/// Proxies, and the patterns of private modules.
#[derive(Clone, Debug)]
pub struct GoConfig {
    /// The proxies, in order.
    pub sources: Sources,
    /// `GONOPROXY`, or `GOPRIVATE`: modules that are never asked of a proxy.
    pub private: Vec<String>,
}

impl GoConfig {
    /// Discovers the proxies: `configured` (`foretaste.toml`), `GOPROXY` from the environment or from go's own
    /// configuration file, else what `go env` answers.
    ///
    /// # Errors
    /// When no proxy is configured, or a file or URL cannot be read.
    pub async fn discover(
        env: &Environment,
        configured: Option<&str>,
    ) -> Result<Self, RegistryError> {
        let file = env.var("GOENV").map(std::path::PathBuf::from).or_else(|| {
            let home = env.var("XDG_CONFIG_HOME").map(std::path::PathBuf::from);
            let home = home.or_else(|| env.home().map(|h| h.join(".config")));
            home.map(|h| h.join("go").join("env"))
        });
        let text = match &file {
            Some(path) if path.as_os_str() != "off" => {
                files::read_config(path)?.unwrap_or_default()
            }
            _ => String::new(),
        };
        let setting = |key: &str| {
            env.var(key).map(str::to_owned).or_else(|| {
                let mut lines = text.lines().filter_map(|line| line.split_once('='));
                lines
                    .find(|(k, _)| k.trim() == key)
                    .map(|(_, v)| v.trim().to_owned())
            })
        };
        let (proxies, origin) = if let Some(url) = configured {
            (url.to_owned(), "foretaste.toml".to_owned())
        } else if let Some(list) = setting("GOPROXY") {
            (list, "GOPROXY".to_owned())
        } else {
            let question = ClientQuestion {
                program: "go",
                args: &["env", "GOPROXY"],
                variables: "GO",
                files: file.into_iter().collect(),
            };
            let answer = question.ask(env).await;
            (answer.unwrap_or_default(), "`go env GOPROXY`".to_owned())
        };
        let urls: Vec<(String, String)> = proxies
            .split([',', '|'])
            .map(str::trim)
            .take_while(|p| *p != "off")
            .filter(|p| !p.is_empty() && *p != "direct")
            .map(|p| (p.to_owned(), origin.clone()))
            .collect();
        if urls.is_empty() {
            return Err(RegistryError::NotConfigured {
                ecosystem: Ecosystem::Go,
                hint: "set `GOPROXY` to a module proxy, or `indexes.go.url` in foretaste.toml; sources are not cloned (`direct`)".to_owned(),
            });
        }
        let private = setting("GONOPROXY")
            .or_else(|| setting("GOPRIVATE"))
            .unwrap_or_default();
        Ok(Self {
            sources: Sources::new(&urls)?,
            private: private
                .split(',')
                .map(|p| p.trim().to_owned())
                .filter(|p| !p.is_empty())
                .collect(),
        })
    }

    /// True if a pattern of private modules fits: a glob for as many leading parts of the path as it has.
    pub fn is_private(&self, module: &str) -> bool {
        self.private.iter().any(|pattern| {
            let parts: Vec<&str> = pattern.trim_end_matches('/').split('/').collect();
            let mut path = module.split('/');
            parts
                .iter()
                .all(|glob| path.next().is_some_and(|part| fits(glob, part)))
        })
    }
}

/// `*` and `?` within one part of a path.
fn fits(glob: &str, text: &str) -> bool {
    let (glob, text) = (glob.as_bytes(), text.as_bytes());
    let (mut g, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match glob.get(g) {
            Some(b'*') => {
                star = Some((g, t));
                g += 1;
            }
            Some(c) if *c == b'?' || Some(c) == text.get(t) => {
                g += 1;
                t += 1;
            }
            _ => {
                let Some((at, from)) = star else { return false };
                star = Some((at, from + 1));
                g = at + 1;
                t = from + 1;
            }
        }
    }
    glob.get(g..)
        .is_none_or(|rest| rest.iter().all(|b| *b == b'*'))
}

/// A module path or version as proxies write it: `!a` for `A`.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_uppercase() {
            out.push('!');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn proxies_and_private_patterns_are_read() {
        let env = Environment::below(std::path::Path::new("/nowhere"))
            .with(
                "GOPROXY",
                "https://u:secret@a.example,https://b.example|direct",
            )
            .with("GOPRIVATE", "*.corp.example,code.example/acme/*");
        let config = GoConfig::discover(&env, None).await.expect("configured");
        assert_eq!(config.sources.endpoints.len(), 2);
        assert!(!format!("{config:?}").contains("secret"));
        for (module, private) in [
            ("git.corp.example/x", true),
            ("code.example/acme/pad/v2", true),
            ("code.example/acme", false),
            ("code.example/other/pad", false),
        ] {
            assert_eq!(config.is_private(module), private, "{module}");
        }
        assert_eq!(escaped("github.example/Azure/x"), "github.example/!azure/x");
        let off = Environment::below(std::path::Path::new("/nowhere")).with("GOPROXY", "off");
        assert!(GoConfig::discover(&off, None).await.is_err());
    }
}
