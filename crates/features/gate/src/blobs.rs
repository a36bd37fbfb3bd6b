//! Files by their SHA-256, each written whole or not at all: in a folder, or in an object store before which the folder is
//! a cache.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use foretaste_io::files::{self, Draft, FileError, FileResult};
use foretaste_io::{ObjectError, Objects};
use thiserror::Error;

use crate::cached::hot::{self, Hot};

/// A draft that nobody wrote to for so long is nobody's.
const ABANDONED: Duration = Duration::from_hours(6);

/// A file could not be kept, or not be brought here.
#[derive(Debug, Error)]
pub(crate) enum BlobError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Objects(#[from] ObjectError),
    #[error("{key} in the object store has other bytes than its name says; remove it")]
    Damaged { key: String },
    #[error("writing a file broke off")]
    BrokeOff,
}

/// The files.
#[derive(Clone, Debug)]
pub(crate) struct Blobs {
    folder: PathBuf,
    /// Where all of them are, if not in the folder.
    objects: Option<Objects>,
    hot: Arc<Hot>,
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
    pub(crate) fn new(folder: PathBuf, objects: Option<Objects>) -> Self {
        Self {
            folder,
            objects,
            hot: Arc::default(),
        }
    }

    /// Takes a small file that is asked for often into memory, so that the next client needs no disk. What its name promises
    /// was checked when it came; a file that cannot be read stays where it is.
    pub(crate) async fn warm(&self, mut blob: Blob) -> Blob {
        if blob.hot.is_some() || !self.hot.wants(&blob.sha256, blob.size) {
            return blob;
        }
        let path = blob.path.clone();
        let read = tokio::task::spawn_blocking(move || files::read(&path, hot::LARGEST)).await;
        let Ok(Ok(bytes)) = read else { return blob };
        if bytes.len() as u64 != blob.size {
            return blob;
        }
        let bytes = Bytes::from(bytes);
        self.hot.keep(&blob.sha256, &bytes);
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
        self.folder.join(object_key(sha256))
    }

    /// Brings a file to the folder, if it is there or in the object store.
    pub(crate) async fn bring(&self, sha256: &str) -> Result<Option<Blob>, BlobError> {
        if let Some(blob) = self.find(sha256) {
            return Ok(Some(blob));
        }
        let Some(objects) = self.objects.as_ref().filter(|_| is_digest(sha256)) else {
            return Ok(None);
        };
        let key = object_key(sha256);
        let Some((draft, digest)) = objects.get(&key, &self.drafts(), u64::MAX).await? else {
            return Ok(None);
        };
        if digest.to_hex() != sha256 {
            return Err(BlobError::Damaged { key });
        }
        self.name(draft, sha256).await.map(Some)
    }

    /// A file, if it is in the folder.
    pub(crate) fn find(&self, sha256: &str) -> Option<Blob> {
        // the digest comes from an index: it names a file only if it is one
        let path = is_digest(sha256).then(|| self.path(sha256))?;
        if let Some(bytes) = self.hot.get(sha256) {
            return Some(Blob {
                path,
                sha256: sha256.to_owned(),
                size: bytes.len() as u64,
                hot: Some(bytes),
            });
        }
        let size = files::size(&path).ok()?;
        Some(Blob {
            path,
            sha256: sha256.to_owned(),
            size,
            hot: None,
        })
    }

    /// Keeps a draft under its digest; on disk, or in the object store, for certain when this returns.
    pub(crate) async fn keep(&self, draft: Draft, sha256: &str) -> Result<Blob, BlobError> {
        if let Some(objects) = &self.objects {
            let key = object_key(sha256);
            objects.put(&key, draft.path(), draft.size()).await?;
        }
        self.name(draft, sha256).await
    }

    async fn name(&self, draft: Draft, sha256: &str) -> Result<Blob, BlobError> {
        let (path, size) = (self.path(sha256), draft.size());
        let place = path.clone();
        let kept = tokio::task::spawn_blocking(move || draft.keep(&place)).await;
        kept.map_err(|_| BlobError::BrokeOff)??;
        Ok(Blob {
            path,
            sha256: sha256.to_owned(),
            size,
            hot: None,
        })
    }

    /// Removes a file from the folder that was brought from the object store for a moment only, so that it takes the place of
    /// none that clients ask for. What is being sent is read to its end.
    pub(crate) fn let_go(&self, blob: &Blob) -> FileResult<()> {
        match self.objects {
            Some(_) => files::remove(&blob.path),
            None => Ok(()),
        }
    }

    /// Removes the files that came first from the folder until the rest has at most so many bytes: all of them are in the
    /// object store. What is being sent is read to its end.
    pub(crate) fn trim(&self, most: u64) -> FileResult<()> {
        if self.objects.is_none() {
            return Ok(());
        }
        let (mut all, mut held) = (Vec::new(), 0);
        for shard in files::list(&self.folder)? {
            let folder = self.folder.join(&shard);
            if shard.len() != 2 || !files::is_dir(&folder) {
                continue;
            }
            for name in files::list(&folder)? {
                let path = folder.join(name);
                let (size, came) = (files::size(&path)?, files::modified(&path)?);
                held += size;
                all.push((came, size, path));
            }
        }
        all.sort();
        for (_, size, path) in all {
            if held <= most {
                break;
            }
            if let Some(sha256) = path.file_name().and_then(|name| name.to_str()) {
                self.hot.forget(sha256);
            }
            files::remove(&path)?;
            held -= size;
        }
        Ok(())
    }
}

fn is_digest(sha256: &str) -> bool {
    sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The key of a file in an object store.
fn object_key(sha256: &str) -> String {
    format!("{}/{sha256}", sha256.get(..2).unwrap_or("__"))
}

/// Where the files of a gate lie, below its data folder.
pub(crate) fn folder(data: &Path) -> PathBuf {
    data.join("files")
}
