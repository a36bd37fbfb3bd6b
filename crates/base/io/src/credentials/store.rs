//! Which credentials go to which URL.

use base64::Engine as _;
use url::Url;

use super::Netrc;
use crate::{Environment, FileError, Secret};

/// How a request says who asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Auth {
    /// HTTP Basic (RFC 7617).
    Basic {
        /// The user; `__token__` for many indexes.
        user: Box<str>,
        /// The password or token.
        password: Secret,
    },
    /// `Authorization: Bearer <token>` (npm `_authToken`).
    Bearer(Secret),
    /// The value of `Authorization` as it stands (cargo, npm `_auth` with its own scheme).
    Raw(Secret),
}

impl Auth {
    /// The value of the `Authorization` header.
    pub fn header(&self) -> Secret {
        match self {
            Self::Basic { user, password } => {
                let pair = format!("{user}:{}", password.expose());
                let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
                Secret::new(format!("Basic {encoded}"))
            }
            Self::Bearer(token) => Secret::new(format!("Bearer {}", token.expose())),
            Self::Raw(value) => value.clone(),
        }
    }
}

/// Credentials by origin (scheme, host, port) and path prefix; the longest prefix wins, then netrc by host.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    scoped: Vec<(Url, Auth)>,
    netrc: Netrc,
}

impl Credentials {
    /// None.
    pub fn none() -> Self {
        Self::default()
    }

    /// What the user's netrc holds: `NETRC`, or `~/.netrc`, or `~/_netrc`.
    ///
    /// # Errors
    /// When the file exists but cannot be read.
    pub fn from_netrc(env: &Environment) -> Result<Self, FileError> {
        Ok(Self {
            scoped: Vec::new(),
            netrc: Netrc::find(env)?,
        })
    }

    /// Adds credentials for everything at and below `base`.
    pub fn add(&mut self, base: &Url, auth: Auth) {
        self.scoped.push((base.clone(), auth));
    }

    /// The credentials for a URL, if there are any.
    pub fn find(&self, url: &Url) -> Option<Auth> {
        let scoped = self
            .scoped
            .iter()
            .filter(|(base, _)| base.origin() == url.origin() && is_below(url.path(), base.path()))
            .max_by_key(|(base, _)| base.path().trim_end_matches('/').len());
        if let Some((_, auth)) = scoped {
            return Some(auth.clone());
        }
        let entry = self.netrc.find_host(url.host_str()?)?;
        Some(Auth::Basic {
            user: entry.login.clone(),
            password: entry.password.clone(),
        })
    }
}

/// Whether `path` is `prefix` or stands below it, segment-wise: `/a` covers `/a/b` but not `/ab`.
fn is_below(path: &str, prefix: &str) -> bool {
    let prefix = prefix.trim_end_matches('/');
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    fn token(value: &str) -> Auth {
        Auth::Bearer(Secret::new(value))
    }

    #[test]
    fn credentials_stay_with_their_origin_and_path() {
        let mut credentials = Credentials::none();
        credentials.add(&url("https://a.example/npm/"), token("outer"));
        credentials.add(&url("https://a.example/npm/team"), token("inner"));
        for (at, expected) in [
            ("https://a.example/npm/pkg", Some("outer")),
            ("https://a.example/npm", Some("outer")),
            ("https://a.example/npm/team/pkg", Some("inner")),
            ("https://a.example/npm/teammates", Some("outer")),
            ("https://a.example/npmx", None),
            ("https://a.example/", None),
            ("http://a.example/npm/pkg", None),
            ("https://a.example:8443/npm/pkg", None),
            ("https://b.example/npm/pkg", None),
        ] {
            assert_eq!(credentials.find(&url(at)), expected.map(token), "{at}");
        }
    }

    #[test]
    fn the_header_is_encoded_but_never_shown() {
        let auth = Auth::Basic {
            user: "me".into(),
            password: Secret::new("pw"),
        };
        assert_eq!(auth.header().expose(), "Basic bWU6cHc=");
        assert!(!format!("{auth:?}").contains("pw"));
    }
}
