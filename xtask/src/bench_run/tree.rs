//! What a folder holds, as far as it can be compared.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::Result;
use sha2::{Digest, Sha256};

/// Every path below a folder: its kind and mode, and the digest of its content or where it leads.
pub(super) struct Tree(BTreeMap<String, String>);

/// What two trees do not share.
pub(super) struct Differences {
    /// Paths that are missing, new or other in one of them.
    pub(super) paths: Vec<String>,
    /// Paths that can be compared.
    pub(super) all: usize,
    /// Paths that differ between two runs without containment as well.
    pub(super) unstable: usize,
}

impl Tree {
    pub(super) fn of(folder: &Path) -> Result<Self> {
        let mut entries = BTreeMap::new();
        for entry in walkdir::WalkDir::new(folder).min_depth(1) {
            let Ok(entry) = entry else { continue };
            let path = entry.path().strip_prefix(folder)?.display().to_string();
            let kind = entry.file_type();
            let meta = entry.metadata()?;
            let what = if kind.is_symlink() {
                format!("link {}", fs::read_link(entry.path())?.display())
            } else if kind.is_dir() {
                format!("folder {:o}", meta.permissions().mode())
            } else {
                let digest = Sha256::digest(fs::read(entry.path())?);
                format!("file {:o} {digest:x?}", meta.permissions().mode())
            };
            entries.insert(path, what);
        }
        Ok(Self(entries))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Against another one; `again` is this one made anew.
    pub(super) fn differences(&self, other: &Self, again: &Self) -> Differences {
        let unstable = self.unlike(again);
        let paths = self.unlike(other);
        let all: BTreeSet<&String> = self.0.keys().chain(other.0.keys()).collect();
        Differences {
            all: all
                .into_iter()
                .filter(|path| !unstable.contains(*path))
                .count(),
            paths: paths.difference(&unstable).cloned().collect(),
            unstable: unstable.len(),
        }
    }

    /// Paths of these that are other here than in another tree.
    pub(super) fn still_unlike(&self, other: &Self, mut paths: Vec<String>) -> Vec<String> {
        paths.retain(|path| self.0.get(path) != other.0.get(path));
        paths
    }

    fn unlike(&self, other: &Self) -> BTreeSet<String> {
        let all = self.0.keys().chain(other.0.keys());
        all.filter(|path| self.0.get(*path) != other.0.get(*path))
            .cloned()
            .collect()
    }
}
