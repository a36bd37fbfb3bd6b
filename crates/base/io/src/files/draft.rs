//! Files in the making.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use super::{FileResult, create_dir, create_parent, io_error};

/// A file that nobody sees before it is whole: written beside its place, and gone if it is dropped.
#[derive(Debug)]
pub struct Draft {
    temporary: tempfile::NamedTempFile,
    size: u64,
}

impl Draft {
    /// Begins a file in a folder, which is created.
    pub fn in_folder(dir: &Path) -> FileResult<Self> {
        create_dir(dir)?;
        let temporary = tempfile::Builder::new()
            .prefix(".draft-")
            .tempfile_in(dir)
            .map_err(io_error("write below", dir))?;
        Ok(Self { temporary, size: 0 })
    }

    /// Appends.
    pub fn write(&mut self, bytes: &[u8]) -> FileResult<()> {
        self.size += bytes.len() as u64;
        // the handle of the file itself: the other one adds the path to its errors
        self.temporary
            .as_file_mut()
            .write_all(bytes)
            .map_err(io_error("write", self.temporary.path()))
    }

    /// Bytes written so far.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Where it lies for now.
    pub fn path(&self) -> &Path {
        self.temporary.path()
    }

    /// Gives it its name, on disk for certain: the content and the name are synchronised before this returns.
    pub fn keep(self, path: &Path) -> FileResult<()> {
        create_parent(path)?;
        self.temporary
            .as_file()
            .sync_all()
            .map_err(io_error("write", path))?;
        self.temporary
            .persist(path)
            .map_err(|e| io_error("write", path)(e.error))?;
        // the new name is an entry of the folder; where folders cannot be synced (Windows), the system does it itself
        let dir = path.parent().unwrap_or_else(|| Path::new("."));
        if let Ok(folder) = fs::File::open(dir) {
            folder.sync_all().or_else(|e| match e.kind() {
                io::ErrorKind::PermissionDenied | io::ErrorKind::InvalidInput => Ok(()),
                _ => Err(io_error("write below", dir)(e)),
            })?;
        }
        Ok(())
    }
}
