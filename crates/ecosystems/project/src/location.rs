//! URLs and paths as a file of the project writes them.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A URL or path as written. It may hold a password: what is printed or serialised has user-info removed.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Location(Box<str>);

impl Location {
    /// Keeps a URL or path.
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The text with its credentials, for comparing and for asking. Never print it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The text with `***@` in the place of user-info.
    pub fn redacted(&self) -> String {
        let Some((scheme, rest)) = self.0.split_once("://") else {
            return self.0.to_string();
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(end);
        match authority.rsplit_once('@') {
            // `git@host` is how a Git server is named, not a secret
            Some((user, host)) if user != "git" => format!("{scheme}://***@{host}{tail}"),
            _ => self.0.to_string(),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.redacted(), f)
    }
}

impl Serialize for Location {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.redacted())
    }
}

impl<'de> Deserialize<'de> for Location {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Box::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_shown() {
        for (text, shown) in [
            (
                "https://u:secret@pkgs.example/simple/?x#y",
                "https://***@pkgs.example/simple/?x#y",
            ),
            ("https://token@pkgs.example", "https://***@pkgs.example"),
            (
                "git+ssh://git@git.example/a.git@v1",
                "git+ssh://git@git.example/a.git@v1",
            ),
            ("https://pkgs.example/a@b/c", "https://pkgs.example/a@b/c"),
            ("../wheels", "../wheels"),
        ] {
            let location = Location::new(text);
            assert_eq!(location.to_string(), shown);
            assert!(!format!("{location:?}").contains("secret"));
            assert_eq!(location.expose(), text);
        }
    }
}
