//! A URL that may be a secret.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use super::{SendError, Sender};

/// Where a webhook is: by itself, or in a variable, so that it stands in no file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The URL. Whoever knows it may post: it is printed without its path.
    Url(String),
    /// The variable that holds it.
    Env(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(text) => match Url::parse(text) {
                Ok(url) => write!(f, "at {}", url.host_str().unwrap_or("?")),
                Err(_) => f.write_str("at ?"),
            },
            Self::Env(name) => write!(f, "in ${name}"),
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Sender {
    pub(super) fn url(&self, place: &Place) -> Result<Url, SendError> {
        let text = match place {
            Place::Url(text) => text,
            Place::Env(name) => self.variable(name)?,
        };
        Url::parse(text)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"))
            .ok_or_else(|| SendError::Url(format!("the URL {place}")))
    }
}
