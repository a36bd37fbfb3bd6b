//! URLs that can be shown.

use std::fmt;

use percent_encoding::percent_decode_str;
use url::Url;

use crate::{Auth, Secret};

/// A URL without credentials: its user-info was taken out, and its query and fragment are not shown (signed URLs and
/// some indexes carry tokens there).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SafeUrl(Url);

impl SafeUrl {
    /// Takes the user-info out of `url`.
    pub fn new(mut url: Url) -> Self {
        // Both fail only for URLs that cannot have a user, such as `data:`.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        Self(url)
    }

    /// Splits `url` into what can be shown and the credentials that stood in its user-info.
    pub fn split(url: Url) -> (Self, Option<Auth>) {
        let auth = user_info(&url);
        (Self::new(url), auth)
    }

    /// Reads a URL and splits it.
    ///
    /// # Errors
    /// When `text` is no absolute URL.
    pub fn parse(text: &str) -> Result<(Self, Option<Auth>), url::ParseError> {
        Url::parse(text.trim()).map(Self::split)
    }

    /// The URL itself, with query and fragment, without user-info.
    pub const fn url(&self) -> &Url {
        &self.0
    }

    /// Scheme, host and port: what credentials are bound to.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// The host, or an empty string for a `file:` URL.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }
}

/// The user and password in a URL, percent-decoded. A lone user name is a token, as `uv` and `pip` send it.
fn user_info(url: &Url) -> Option<Auth> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let user = decode(url.username());
    let password = url.password().map(decode);
    if user.is_empty() && password.is_none() {
        return None;
    }
    Some(Auth::Basic {
        user: user.into(),
        password: Secret::new(password.unwrap_or_default()),
    })
}

impl fmt::Display for SafeUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.0.clone();
        shown.set_query(None);
        shown.set_fragment(None);
        f.write_str(shown.as_str())?;
        if self.0.query().is_some() {
            f.write_str("?…")?;
        }
        Ok(())
    }
}

impl fmt::Debug for SafeUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_neither_user_info_nor_query() {
        let (url, auth) =
            SafeUrl::parse("https://me:p%40ss@pkgs.example/simple/?token=abc#x").expect("a URL");
        assert_eq!(url.to_string(), "https://pkgs.example/simple/?…");
        assert_eq!(format!("{url:?}"), "https://pkgs.example/simple/?…");
        assert_eq!(url.origin(), "https://pkgs.example");
        let Some(Auth::Basic { user, password }) = auth else {
            panic!("user-info is credentials");
        };
        assert_eq!((&*user, password.expose()), ("me", "p@ss"));
    }

    #[test]
    fn a_url_without_user_info_has_no_credentials() {
        assert_eq!(
            SafeUrl::parse("http://127.0.0.1:8080/simple").map(|(_, a)| a),
            Ok(None)
        );
        assert!(SafeUrl::parse("not a url").is_err());
    }
}
