//! Where a registry is, and how we know.

use foretaste_io::{Auth, SafeUrl};
use thiserror::Error;

/// One registry or index URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Where it is, without credentials.
    pub url: SafeUrl,
    /// Credentials that were configured with it.
    pub auth: Option<Auth>,
    /// Where it was configured, in the user's words: `--index-url`, `PIP_INDEX_URL`, `/etc/pip.conf`,
    /// `the default of pip`.
    pub origin: Box<str>,
    /// The name the user's configuration gives it, if any (an uv index, an npm scope, a cargo registry).
    pub name: Option<Box<str>>,
}

/// A configured URL that cannot be used.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("the index URL from {origin} cannot be used: {reason}")]
pub struct EndpointError {
    /// Where it was configured.
    pub origin: Box<str>,
    /// Why.
    pub reason: Box<str>,
}

impl Endpoint {
    /// Reads a configured `http` or `https` URL; user-info becomes credentials.
    ///
    /// # Errors
    /// When it is no such URL. The message does not repeat the text, which may hold a password.
    pub fn parse(text: &str, origin: &str) -> Result<Self, EndpointError> {
        let error = |reason: String| EndpointError {
            origin: origin.into(),
            reason: reason.into(),
        };
        let (url, auth) = SafeUrl::parse(text).map_err(|e| error(e.to_string()))?;
        if !matches!(url.url().scheme(), "http" | "https") {
            return Err(error(format!(
                "its scheme is `{}`, and only http and https are supported",
                url.url().scheme()
            )));
        }
        Ok(Self {
            url,
            auth,
            origin: origin.into(),
            name: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_credentials_out_of_what_is_shown() {
        let endpoint =
            Endpoint::parse("https://u:secret@pkgs.example/simple", "PIP_INDEX_URL").expect("ok");
        assert!(endpoint.auth.is_some());
        assert!(!format!("{endpoint:?}").contains("secret"));
        for text in [
            "u:secret@pkgs.example",
            "https://u:secret@:x/",
            "file:///x",
            "",
        ] {
            let error = Endpoint::parse(text, "pip.conf").expect_err(text);
            assert!(!error.to_string().contains("secret"), "{error}");
            assert!(error.to_string().contains("pip.conf"), "{error}");
        }
    }
}
