//! Files by their SHA-256, each written whole or not at all.

use std::path::{Path, PathBuf};
use std::time::Duration;

use foretaste_io::files::{self, Draft, FileResult};

/// A draft that nobody wrote to for so long is nobody's.
const ABANDONED: Duration = Duration::from_hours(6);

/// The folder of files.
#[derive(Clone, Debug)]
pub(crate) struct Blobs {
    folder: PathBuf,
}

/// A file that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Blob {
    pub(crate) path: PathBuf,
    /// Hexadecimal.
    pub(crate) sha256: String,
    pub(crate) size: u64,
}

impl Blobs {
    pub(crate) const fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Where drafts are written: on the same disk, so that keeping one is a rename.
    pub(crate) fn drafts(&self) -> PathBuf {
        self.folder.join("drafts")
    }

    /// Removes what an earlier process left half-written. Young drafts may be another process's.
    pub(crate) fn sweep(&self) -> FileResult<()> {
        let drafts = self.drafts();
        files::create_dir(&drafts)?;
        for name in files::list(&drafts)? {
            let path = drafts.join(name);
            let age = files::modified(&path).ok().and_then(|t| t.elapsed().ok());
            if age.is_some_and(|age| age > ABANDONED) {
                files::remove(&path)?;
            }
        }
        Ok(())
    }

    fn path(&self, sha256: &str) -> PathBuf {
        let shard = sha256.get(..2).unwrap_or("__");
        self.folder.join(shard).join(sha256)
    }

    /// A file, if it is there.
    pub(crate) fn find(&self, sha256: &str) -> Option<Blob> {
        // the digest comes from an index: it names a file only if it is one
        let is_digest = sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit());
        let path = is_digest.then(|| self.path(sha256))?;
        let size = files::size(&path).ok()?;
        Some(Blob {
            path,
            sha256: sha256.to_owned(),
            size,
        })
    }

    /// Keeps a draft under its digest; on disk for certain when this returns.
    pub(crate) fn keep(&self, draft: Draft, sha256: &str) -> FileResult<Blob> {
        let (path, size) = (self.path(sha256), draft.size());
        draft.keep(&path)?;
        Ok(Blob {
            path,
            sha256: sha256.to_owned(),
            size,
        })
    }
}

/// Where the files of a gate lie, below its data folder.
pub(crate) fn folder(data: &Path) -> PathBuf {
    data.join("files")
}
