//! Files that others read while they arrive.

use std::path::{Path, PathBuf};

use tokio::sync::watch;

use crate::files::{self, FileResult};

/// How far a body has come, for whoever reads its file meanwhile. Another try writes another file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// The file.
    pub path: PathBuf,
    /// Bytes that were announced.
    pub length: Option<u64>,
    /// Bytes that can be read.
    pub written: u64,
    /// True once these are all of them, and are what was expected.
    pub whole: bool,
}

impl Arrived {
    /// All of a file.
    pub fn all(path: &Path, size: u64) -> Self {
        Self {
            path: path.to_owned(),
            length: Some(size),
            written: size,
            whole: true,
        }
    }
}

/// A file that lies on this disk, or is on its way there.
#[derive(Clone, Debug)]
pub struct Incoming(watch::Receiver<Option<Arrived>>);

impl Incoming {
    /// A file that is here.
    pub fn here(path: &Path, size: u64) -> Self {
        Self(watch::channel(Some(Arrived::all(path, size))).1)
    }

    /// A file on its way, of which these are the news.
    pub const fn following(news: watch::Receiver<Option<Arrived>>) -> Self {
        Self(news)
    }

    /// True if all of it is here.
    pub fn is_whole(&self) -> bool {
        self.0.borrow().as_ref().is_some_and(|a| a.whole)
    }

    /// Its size, as far as that is known.
    pub fn size(&self) -> Option<u64> {
        self.0.borrow().as_ref().and_then(|a| a.length)
    }

    /// Waits until all of it is here. False if it will never be.
    pub async fn whole(&mut self) -> bool {
        let whole = |a: &Option<Arrived>| a.as_ref().is_some_and(|a| a.whole);
        self.0.wait_for(whole).await.is_ok()
    }

    /// Reads all of it, at most `limit` bytes, once it is here. None if it will never be.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn read(&mut self, limit: u64) -> Option<FileResult<Vec<u8>>> {
        loop {
            if !self.whole().await {
                return None;
            }
            let path = self.0.borrow_and_update().as_ref()?.path.clone();
            let bytes = tokio::task::spawn_blocking(move || files::read(&path, limit));
            let bytes = bytes.await.ok()?;
            // it is just given its name: the next news says which
            let is_moved = bytes.as_ref().is_err_and(files::FileError::is_not_found);
            if !is_moved || self.0.changed().await.is_err() {
                return Some(bytes);
            }
        }
    }

    /// The beginning of a file that is not whole yet, once at least `least` bytes are here. None if all of it is here, or if
    /// it will never be.
    pub async fn beginning(&mut self, least: u64, limit: u64) -> Option<Vec<u8>> {
        let enough =
            |a: &Option<Arrived>| a.as_ref().is_some_and(|a| a.whole || a.written >= least);
        let arrived = self.0.wait_for(enough).await.ok()?.clone()?;
        if arrived.whole || arrived.written > limit {
            return None;
        }
        let read = move || files::read_start(&arrived.path, arrived.written);
        let (bytes, _) = tokio::task::spawn_blocking(read).await.ok()?.ok()?;
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrived(path: &Path, written: u64, whole: bool) -> Arrived {
        Arrived {
            path: path.to_owned(),
            length: Some(6),
            written,
            whole,
        }
    }

    #[tokio::test]
    async fn what_is_here_is_read_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        files::write(&path, b"abcdef").expect("written");
        let mut incoming = Incoming::here(&path, 6);
        assert_eq!(incoming.size(), Some(6));
        assert!(incoming.is_whole());
        let bytes = incoming.read(10).await.expect("it is here");
        assert_eq!(bytes.expect("read"), b"abcdef");
        assert_eq!(incoming.beginning(1, 10).await, None);
        assert!(incoming.read(3).await.expect("it is here").is_err());
    }

    #[tokio::test]
    async fn a_beginning_is_read_before_the_end_is_here() {
        let folder = tempfile::tempdir().expect("a folder");
        let (draft, path) = (folder.path().join("draft"), folder.path().join("file"));
        let (news, receiver) = watch::channel(None);
        let mut incoming = Incoming::following(receiver);
        files::write(&draft, b"abc").expect("written");
        news.send_replace(Some(arrived(&draft, 3, false)));
        assert_eq!(incoming.beginning(2, 10).await.expect("some"), b"abc");
        // the name that was told is gone before it is read
        news.send_replace(Some(arrived(&draft, 6, true)));
        files::write(&path, b"abcdef").expect("written");
        files::remove(&draft).expect("removed");
        let mut other = incoming.clone();
        let read = tokio::spawn(async move { other.read(10).await });
        tokio::task::yield_now().await;
        news.send_replace(Some(arrived(&path, 6, true)));
        let bytes = read.await.expect("it ends").expect("it is here");
        assert_eq!(bytes.expect("read"), b"abcdef");
    }

    #[tokio::test]
    async fn what_never_comes_is_not_waited_for() {
        let (news, receiver) = watch::channel(None);
        let mut incoming = Incoming::following(receiver);
        news.send_replace(Some(arrived(Path::new("/none"), 3, false)));
        drop(news);
        assert!(!incoming.whole().await);
        assert!(incoming.read(10).await.is_none());
        assert_eq!(incoming.beginning(4, 10).await, None);
    }
}
