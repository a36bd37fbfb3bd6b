//! Files by their SHA-256, each written whole or not at all.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;

use foretaste_io::files::{self, Draft, FileResult};

/// A draft that nobody wrote to for so long is nobody's.
const ABANDONED: Duration = Duration::from_hours(6);

/// Bytes of a file that is kept in memory, and of all that are: most of what an organisation installs is small.
const HOT_FILE: u64 = 2 << 20;
const HOT_BYTES: usize = 6 << 20;

/// The folder of files.
#[derive(Clone, Debug)]
pub(crate) struct Blobs {
    folder: PathBuf,
    hot: Arc<RwLock<HashMap<String, Bytes>>>,
}

/// A file that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Blob {
    pub(crate) path: PathBuf,
    /// Hexadecimal.
    pub(crate) sha256: String,
    pub(crate) size: u64,
    /// All of it, if it is in memory.
    pub(crate) hot: Option<Bytes>,
}

impl Blobs {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            hot: Arc::default(),
        }
    }

    /// Takes a small file into memory, so that the next client needs no disk. What its name promises was checked when it
    /// came; a file that cannot be read stays where it is.
    pub(crate) async fn warm(&self, mut blob: Blob) -> Blob {
        if blob.hot.is_some() || blob.size > HOT_FILE {
            return blob;
        }
        let path = blob.path.clone();
        let read = tokio::task::spawn_blocking(move || files::read(&path, HOT_FILE)).await;
        let Ok(Ok(bytes)) = read else { return blob };
        if bytes.len() as u64 != blob.size {
            return blob;
        }
        let bytes = Bytes::from(bytes);
        let mut hot = self.hot.write().unwrap_or_else(PoisonError::into_inner);
        let held: usize = hot.values().map(Bytes::len).sum();
        if held + bytes.len() > HOT_BYTES {
            hot.clear();
        }
        hot.insert(blob.sha256.clone(), bytes.clone());
        drop(hot);
        blob.hot = Some(bytes);
        blob
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
        let hot = self.hot.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = hot.get(sha256) {
            return Some(Blob {
                path,
                sha256: sha256.to_owned(),
                size: bytes.len() as u64,
                hot: Some(bytes.clone()),
            });
        }
        drop(hot);
        let size = files::size(&path).ok()?;
        Some(Blob {
            path,
            sha256: sha256.to_owned(),
            size,
            hot: None,
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
            hot: None,
        })
    }
}

/// Where the files of a gate lie, below its data folder.
pub(crate) fn folder(data: &Path) -> PathBuf {
    data.join("files")
}
