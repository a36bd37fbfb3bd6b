//! What to do, and where first.

use serde::{Deserialize, Serialize};

use crate::installed::Installed;
use crate::posture::RepositoryPosture;

/// Something to mend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// What is wrong.
    pub kind: FixKind,
    /// How often.
    pub count: usize,
    /// In how many repositories; 1 in a repository's own list.
    pub repositories: usize,
}

/// What can be wrong, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FixKind {
    /// An index beside the main one.
    ExtraIndex,
    /// Packages that no lock fixes.
    NoLock,
    /// A lock that is behind its manifest.
    StaleLock,
    /// A lock without hashes.
    NoHashes,
    /// Installed packages that are not what is locked.
    NotAsLocked,
    /// Dependency changes that nobody else is on record for.
    UnseenChanges,
    /// Actions that are bound to a tag or branch.
    UnpinnedActions,
    /// Packages past every registry.
    DirectSources,
}

impl FixKind {
    const ALL: [Self; 8] = [
        Self::ExtraIndex,
        Self::NoLock,
        Self::StaleLock,
        Self::NoHashes,
        Self::NotAsLocked,
        Self::UnseenChanges,
        Self::UnpinnedActions,
        Self::DirectSources,
    ];

    /// What is wrong, for a count: `1 lock without hashes`, `3 locks …`.
    pub fn counted(self, count: usize) -> String {
        let (one, many) = match self {
            Self::ExtraIndex => (
                "index that is asked beside the main one for every name",
                "indexes that are asked beside the main one for every name",
            ),
            Self::NoLock => (
                "set of packages without a lock",
                "sets of packages without a lock",
            ),
            Self::StaleLock => (
                "requirement that the lock lacks",
                "requirements that the lock lacks",
            ),
            Self::NoHashes => (
                "locked set without a hash for every package",
                "locked sets without a hash for every package",
            ),
            Self::NotAsLocked => (
                "package that is not installed as it is locked",
                "packages that are not installed as they are locked",
            ),
            Self::UnseenChanges => (
                "dependency change with nobody else on record",
                "dependency changes with nobody else on record",
            ),
            Self::UnpinnedActions => (
                "workflow action bound to a tag or branch",
                "workflow actions bound to a tag or branch",
            ),
            Self::DirectSources => (
                "package from a URL or repository, past every registry",
                "packages from a URL or repository, past every registry",
            ),
        };
        format!("{count} {}", if count == 1 { one } else { many })
    }

    /// Why it matters.
    pub const fn why(self) -> &'static str {
        match self {
            Self::ExtraIndex => {
                "whoever publishes an internal name there with a higher version is installed (dependency confusion)"
            }
            Self::NoLock => "each build takes what is newest that minute, a bad release too",
            Self::StaleLock => "the build resolves them anew, past what was reviewed",
            Self::NoHashes => {
                "a file that is exchanged in the registry or on the way is installed unnoticed"
            }
            Self::NotAsLocked => "what was tried here is not what was reviewed",
            Self::UnseenChanges => "one stolen account is enough to add a package",
            Self::UnpinnedActions => "whoever moves the tag runs code with the workflow's secrets",
            Self::DirectSources => "no registry keeps what was there yesterday, and nobody vets it",
        }
    }

    /// What to do.
    pub const fn action(self) -> &'static str {
        match self {
            Self::ExtraIndex => {
                "use one index that knows the internal names, or bind each internal package to its index by name"
            }
            Self::NoLock => {
                "commit a lock: `uv lock`, `npm install --package-lock-only`, `cargo generate-lockfile`"
            }
            Self::StaleLock => {
                "renew the lock, and let the build fail if it is stale (`uv sync --locked`, `npm ci`)"
            }
            Self::NoHashes => {
                "write the lock with hashes: `uv pip compile --generate-hashes`, or a lock format that has them"
            }
            Self::NotAsLocked => {
                "install from the lock alone (`uv sync --locked`, `pip-sync`, `npm ci`), and let `foretaste verify --env` watch"
            }
            Self::UnseenChanges => {
                "protect the main line: requests only, with an owner's approval for manifests and locks"
            }
            Self::UnpinnedActions => "bind each action to a commit, with the version as a comment",
            Self::DirectSources => {
                "publish it to your own registry, or bind it to a commit or hash"
            }
        }
    }

    fn count(self, of: &RepositoryPosture) -> usize {
        let measures = &of.measures;
        match self {
            Self::ExtraIndex => measures.extra_indexes,
            Self::NoLock => measures.locking.locked.lacking(),
            Self::StaleLock => measures.unlocked,
            // a set without a lock is told as such
            Self::NoHashes => measures
                .locking
                .hashed
                .lacking()
                .saturating_sub(measures.locking.locked.lacking()),
            Self::NotAsLocked => of.installed.as_ref().map_or(0, Installed::differ),
            Self::UnseenChanges => of
                .changes
                .as_ref()
                .map_or(0, |c| c.seen_by_another.lacking()),
            Self::UnpinnedActions => measures.pinned_actions.lacking(),
            Self::DirectSources => measures.origins.direct,
        }
    }
}

/// What to mend in a repository, the gravest first.
pub(crate) fn of(repository: &RepositoryPosture) -> Vec<Fix> {
    FixKind::ALL
        .into_iter()
        .map(|kind| Fix {
            kind,
            count: kind.count(repository),
            repositories: 1,
        })
        .filter(|fix| fix.count > 0)
        .collect()
}

/// What to mend over all, the gravest first.
pub(crate) fn over(repositories: &[RepositoryPosture]) -> Vec<Fix> {
    FixKind::ALL
        .into_iter()
        .map(|kind| {
            let counts = repositories
                .iter()
                .map(|r| kind.count(r))
                .filter(|n| *n > 0);
            Fix {
                kind,
                repositories: counts.clone().count(),
                count: counts.sum(),
            }
        })
        .filter(|fix| fix.count > 0)
        .collect()
}
