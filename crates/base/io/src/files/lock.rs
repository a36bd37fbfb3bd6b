//! Holding a file against other processes.

use std::fs;
use std::path::Path;

use super::{FileResult, create_parent, io_error};

/// Holds a file so that no other process that asks holds it too; given up when dropped or when the process ends.
#[derive(Debug)]
pub struct FileLock(fs::File);

impl FileLock {
    /// Waits until the file is free.
    pub fn acquire(path: &Path) -> FileResult<Self> {
        create_parent(path)?;
        let file = fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .map_err(io_error("open", path))?;
        file.lock().map_err(io_error("lock", path))?;
        Ok(Self(file))
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // closing gives it up as well; there is nothing to do about an error
        let _ = self.0.unlock();
    }
}
