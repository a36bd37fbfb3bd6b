//! Where records are: a file, a folder, a URL.

use std::path::PathBuf;

use foretaste_io::SafeUrl;
use foretaste_model::Ecosystem;
use url::Url;

/// Where records are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// An archive or a record.
    File(PathBuf),
    /// A service's archive or record.
    Url(Url),
}

impl Place {
    /// Reads what a user wrote.
    pub fn read(text: &str) -> Self {
        match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => Self::Url(url),
            _ => Self::File(PathBuf::from(text)),
        }
    }

    /// As it is remembered and shown: without credentials.
    pub fn shown(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Url(url) => SafeUrl::new(url.clone()).to_string(),
        }
    }

    /// The ecosystem that its last folder names, as in `.../PyPI/all.zip`.
    pub fn ecosystem(&self) -> Option<Ecosystem> {
        let folder = match self {
            Self::File(path) => path.parent()?.file_name()?.to_string_lossy().into_owned(),
            Self::Url(url) => url.path_segments()?.rev().nth(1)?.replace("%20", " "),
        };
        Ecosystem::ALL.into_iter().find(|e| e.osv() == folder)
    }

    /// A file beside it.
    pub fn beside(&self, name: &str) -> Option<Url> {
        match self {
            Self::Url(url) => url.join(name).ok(),
            Self::File(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_apart_and_name_their_ecosystem() {
        let url = Place::read("https://u:p@osv.example/dumps/crates.io/all.zip?x=1");
        assert_eq!(url.ecosystem(), Some(Ecosystem::Cargo));
        assert!(!url.shown().contains("u:p"), "{}", url.shown());
        let beside = url.beside("modified_id.csv").map(|u| u.path().to_owned());
        assert_eq!(beside.as_deref(), Some("/dumps/crates.io/modified_id.csv"));
        assert_eq!(
            Place::read("dumps/npm/all.zip").ecosystem(),
            Some(Ecosystem::Npm)
        );
        assert_eq!(Place::read("osv-pypi.zip").ecosystem(), None);
        assert_eq!(Place::read("C:\\x.zip"), Place::File("C:\\x.zip".into()));
    }
}
