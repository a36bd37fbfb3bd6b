//! Reading, writing and walking; every error carries the path.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the door to the disk that everybody else uses"
)]

mod draft;
mod lock;

use std::fs;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use thiserror::Error;

pub use draft::Draft;
pub use lock::FileLock;

/// What went wrong with a file.
#[derive(Debug, Error)]
pub enum FileError {
    /// An operation of the system failed.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried: `read`, `write`, ...
        action: &'static str,
        /// The path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is larger than the caller can bear.
    #[error("cannot read {}: it is larger than the limit of {limit} bytes", path.display())]
    TooLarge {
        /// The path.
        path: PathBuf,
        /// The limit.
        limit: u64,
    },
    /// The file is not text.
    #[error("cannot read {}: it is not valid UTF-8", path.display())]
    NotText {
        /// The path.
        path: PathBuf,
    },
}

impl FileError {
    /// The path it concerns.
    pub fn path(&self) -> &Path {
        match self {
            Self::Io { path, .. } | Self::TooLarge { path, .. } | Self::NotText { path } => path,
        }
    }

    /// What went wrong, for those whom the layout of this disk does not concern.
    pub fn without_path(&self) -> String {
        match self {
            Self::Io { action, source, .. } => {
                // what wraps an error of the system may name the path as well
                let mut innermost: &dyn std::error::Error = source;
                while let Some(inner) = innermost.source() {
                    innermost = inner;
                }
                format!("cannot {action} a file: {innermost}")
            }
            Self::TooLarge { limit, .. } => {
                format!("a file is larger than the limit of {limit} bytes")
            }
            Self::NotText { .. } => "a file is not valid UTF-8".to_owned(),
        }
    }

    /// True if the file does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}

/// The result of a file operation.
pub type FileResult<T> = Result<T, FileError>;

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FileError {
    let path = path.to_owned();
    move |source| FileError::Io {
        action,
        path,
        source,
    }
}

/// Reads a whole file of at most `limit` bytes.
pub fn read(path: &Path, limit: u64) -> FileResult<Vec<u8>> {
    let file = fs::File::open(path).map_err(io_error("read", path))?;
    // room for all of it at once: a buffer that doubles holds three times the file while it grows
    let size = file.metadata().map_or(0, |m| m.len());
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(limit)).unwrap_or(0));
    file.take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(io_error("read", path))?;
    if bytes.len() as u64 > limit {
        return Err(FileError::TooLarge {
            path: path.to_owned(),
            limit,
        });
    }
    Ok(bytes)
}

/// Reads the first `limit` bytes of a file, and says whether there is more.
pub fn read_start(path: &Path, limit: u64) -> FileResult<(Vec<u8>, bool)> {
    let file = fs::File::open(path).map_err(io_error("read", path))?;
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(io_error("read", path))?;
    let more = bytes.len() as u64 > limit;
    bytes.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok((bytes, more))
}

/// A file that is read where it lies, a part at a time.
#[derive(Debug)]
pub struct Parts {
    file: std::sync::Mutex<fs::File>,
    path: PathBuf,
    size: u64,
}

impl Parts {
    /// Opens a file.
    pub fn open(path: &Path) -> FileResult<Self> {
        let file = fs::File::open(path).map_err(io_error("read", path))?;
        let size = file
            .metadata()
            .map_err(io_error("look at", path))
            .map(|m| m.len())?;
        Ok(Self {
            file: std::sync::Mutex::new(file),
            path: path.to_owned(),
            size,
        })
    }

    /// Bytes that it had when it was opened.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads `length` bytes from `offset` on; fewer are an error, and so are more than the file has.
    pub fn read(&self, offset: u64, length: u64) -> FileResult<Vec<u8>> {
        let short = || io_error("read", &self.path)(io::ErrorKind::UnexpectedEof.into());
        let end = offset.checked_add(length).ok_or_else(short)?;
        if end > self.size {
            return Err(short());
        }
        let mut bytes = vec![0; usize::try_from(length).map_err(|_| short())?];
        let mut file = self
            .file
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        file.seek(io::SeekFrom::Start(offset))
            .and_then(|_| file.read_exact(&mut bytes))
            .map_err(io_error("read", &self.path))?;
        Ok(bytes)
    }
}

/// Bytes of a configuration file; no real one is larger.
pub const CONFIG_LIMIT: u64 = 4 << 20;

/// Reads a UTF-8 text file of at most `limit` bytes.
pub fn read_text(path: &Path, limit: u64) -> FileResult<String> {
    String::from_utf8(read(path, limit)?).map_err(|_| FileError::NotText {
        path: path.to_owned(),
    })
}

/// Reads a configuration file, if it exists.
pub fn read_config(path: &Path) -> FileResult<Option<String>> {
    match read_text(path, CONFIG_LIMIT) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.is_not_found() => Ok(None),
        // A path through a regular file, e.g. `/dev/null/pip.conf`.
        Err(FileError::Io { source, .. }) if source.kind() == io::ErrorKind::NotADirectory => {
            Ok(None)
        }
        Err(e) => Err(e),
    }
}

/// Writes a file, creating its folder; not atomic, follows links: for outputs that the user named.
pub fn write(path: &Path, bytes: &[u8]) -> FileResult<()> {
    create_parent(path)?;
    fs::write(path, bytes).map_err(io_error("write", path))
}

/// Writes a file so that readers see the old content or the new one, never a part. What is no file (`/dev/null`, a pipe) is
/// written to, and not replaced. Who may read it is what it was, or what the umask says: locks and reports are shared.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> FileResult<()> {
    let maker = &mut tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(path).map_or(0o666, |m| m.permissions().mode());
        maker.permissions(fs::Permissions::from_mode(mode));
    }
    replace(path, bytes, maker)
}

/// As [`write_atomic`], for what nobody else may read: pages of private registries, what the machine did.
pub fn write_private(path: &Path, bytes: &[u8]) -> FileResult<()> {
    replace(path, bytes, &tempfile::Builder::new())
}

fn replace(path: &Path, bytes: &[u8], maker: &tempfile::Builder<'_, '_>) -> FileResult<()> {
    create_parent(path)?;
    if fs::metadata(path).is_ok_and(|m| !m.is_file() && !m.is_dir()) {
        return fs::write(path, bytes).map_err(io_error("write", path));
    }
    let dir = path.parent().unwrap_or_else(|| Path::new("."));
    let mut temporary = maker
        .tempfile_in(dir)
        .map_err(io_error("write below", dir))?;
    temporary
        .write_all(bytes)
        .map_err(io_error("write", path))?;
    temporary
        .persist(path)
        .map_err(|e| io_error("write", path)(e.error))?;
    Ok(())
}

/// As [`write_durable`], for a program that everybody may run.
pub fn write_executable(path: &Path, bytes: &[u8]) -> FileResult<()> {
    let dir = path.parent().unwrap_or_else(|| Path::new("."));
    let mut draft = Draft::in_folder(dir)?;
    draft.write(bytes)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(draft.path(), fs::Permissions::from_mode(0o755))
            .map_err(io_error("make executable", path))?;
    }
    draft.keep(path)
}

/// As [`write_private`], and the new content has reached the disk when it returns: for what must outlive a power cut.
pub fn write_durable(path: &Path, bytes: &[u8]) -> FileResult<()> {
    let dir = path.parent().unwrap_or_else(|| Path::new("."));
    let mut draft = Draft::in_folder(dir)?;
    draft.write(bytes)?;
    draft.keep(path)
}

/// Adds a line to the end of a file, creating it.
pub fn append_line(path: &Path, line: &str) -> FileResult<()> {
    create_parent(path)?;
    let mut file = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .map_err(io_error("open", path))?;
    // one write, so that lines of several processes do not mix
    file.write_all(format!("{line}\n").as_bytes())
        .and_then(|()| file.sync_data())
        .map_err(io_error("write", path))
}

/// A file to be read without blocking, and its size.
pub async fn open_async(path: &Path) -> FileResult<(tokio::fs::File, u64)> {
    let file = tokio::fs::File::open(path)
        .await
        .map_err(io_error("read", path))?;
    let size = file
        .metadata()
        .await
        .map_err(io_error("look at", path))?
        .len();
    Ok((file, size))
}

/// Creates a folder and those above it.
pub fn create_dir(path: &Path) -> FileResult<()> {
    fs::create_dir_all(path).map_err(io_error("create", path))
}

fn create_parent(path: &Path) -> FileResult<()> {
    match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => create_dir(dir),
        _ => Ok(()),
    }
}

/// Removes a file; that it does not exist is no error.
pub fn remove(path: &Path) -> FileResult<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(io_error("remove", path)(e)),
        _ => Ok(()),
    }
}

/// Removes a folder with its content; that it does not exist is no error.
pub fn remove_dir(path: &Path) -> FileResult<()> {
    match fs::remove_dir_all(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(io_error("remove", path)(e)),
        _ => Ok(()),
    }
}

/// A folder of its own that is removed with everything in it when the value is dropped.
#[derive(Debug)]
pub struct TemporaryDir(tempfile::TempDir);

impl TemporaryDir {
    /// Makes one below `parent` (which is created), or where the system keeps such folders.
    pub fn new(parent: Option<&Path>) -> FileResult<Self> {
        let made = match parent {
            Some(parent) => {
                create_dir(parent)?;
                tempfile::Builder::new().prefix(".tmp-").tempdir_in(parent)
            }
            None => tempfile::tempdir(),
        };
        let shown = parent.map_or_else(std::env::temp_dir, Path::to_owned);
        made.map(Self).map_err(io_error("create below", &shown))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

/// True if something is there.
pub fn exists(path: &Path) -> bool {
    path.exists()
}

/// The path with every link resolved; none if it leads nowhere.
pub fn real_path(path: &Path) -> Option<PathBuf> {
    fs::canonicalize(path).ok()
}

/// True for a regular file (links followed).
pub fn is_file(path: &Path) -> bool {
    path.is_file()
}

/// True for a folder (links followed).
pub fn is_dir(path: &Path) -> bool {
    path.is_dir()
}

/// When a file was last changed.
pub fn modified(path: &Path) -> FileResult<SystemTime> {
    fs::metadata(path)
        .and_then(|m| m.modified())
        .map_err(io_error("look at", path))
}

/// Size of a file in bytes.
pub fn size(path: &Path) -> FileResult<u64> {
    fs::metadata(path)
        .map(|m| m.len())
        .map_err(io_error("look at", path))
}

/// The names in a folder, sorted; names that are not UTF-8 are lossy.
pub fn list(path: &Path) -> FileResult<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(path).map_err(io_error("list", path))? {
        let entry = entry.map_err(io_error("list", path))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// A folder's content.
#[derive(Debug, Default)]
pub struct Walk {
    /// Regular files, sorted by their relative path.
    pub files: Vec<WalkedFile>,
    /// What was not followed or could not be read: relative path and reason, sorted.
    pub left_out: Vec<(String, String)>,
    /// True if the folder holds more than the bound that was asked for.
    pub truncated: bool,
}

/// One regular file below a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalkedFile {
    /// The path below the folder, with `/` between its parts; lossy where it is not UTF-8.
    pub relative: String,
    /// Where it lies.
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// Unix mode says executable.
    pub executable: bool,
}

/// Lists the regular files below `root`, at most `max_entries`; links are not followed but named, and `skip_dir` says
/// which folders (by name) to leave out silently.
pub fn walk(root: &Path, max_entries: usize, skip_dir: impl Fn(&str) -> bool) -> FileResult<Walk> {
    let mut walk = Walk::default();
    let mut seen = 0_usize;
    let entries = walkdir::WalkDir::new(root)
        .sort_by_file_name()
        .max_depth(256)
        .into_iter()
        .filter_entry(|e| {
            e.depth() == 0 || !e.file_type().is_dir() || !skip_dir(&e.file_name().to_string_lossy())
        });
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(e) if e.depth() == 0 => {
                let source = e
                    .into_io_error()
                    .unwrap_or_else(|| io::Error::other("cannot be walked"));
                return Err(io_error("list", root)(source));
            }
            Err(e) => {
                let path = e.path().map(|p| relative(root, p)).unwrap_or_default();
                let reason = e
                    .io_error()
                    .map_or_else(|| "cannot be walked".to_owned(), ToString::to_string);
                walk.left_out.push((path, reason));
                continue;
            }
        };
        if entry.depth() == 0 || entry.file_type().is_dir() {
            continue;
        }
        seen += 1;
        if seen > max_entries {
            walk.truncated = true;
            break;
        }
        let name = relative(root, entry.path());
        if entry.file_type().is_symlink() {
            walk.left_out
                .push((name, "symbolic link, not followed".to_owned()));
        } else if entry.file_type().is_file() {
            match entry.metadata() {
                Ok(metadata) => walk.files.push(WalkedFile {
                    relative: name,
                    path: entry.path().to_owned(),
                    size: metadata.len(),
                    executable: is_executable(&metadata),
                }),
                Err(e) => walk.left_out.push((name, e.to_string())),
            }
        } else {
            walk.left_out.push((name, "not a regular file".to_owned()));
        }
    }
    walk.files.sort_by(|a, b| a.relative.cmp(&b.relative));
    walk.left_out.sort();
    Ok(walk)
}

/// A path below `root` with `/` between its parts.
pub(crate) fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
const fn is_executable(_: &fs::Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_to_and_stays_what_it_is() {
        let path = Path::new("/dev/null");
        write_atomic(path, b"gone").expect("takes everything");
        let kind = fs::metadata(path).expect("is there");
        assert!(!kind.is_file(), "it was replaced");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_shared_can_be_read_as_what_other_programs_write_and_what_is_private_cannot() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().expect("a folder");
        let mode = |name: &str| {
            let told = fs::metadata(dir.path().join(name)).expect("it is there");
            told.permissions().mode() & 0o777
        };
        fs::write(dir.path().join("plain"), "x").expect("written");
        write_atomic(&dir.path().join("lock"), b"x").expect("written");
        assert_eq!(mode("lock"), mode("plain"));
        write_private(&dir.path().join("page"), b"x").expect("written");
        assert_eq!(mode("page"), 0o600);
        // what was given to it stays
        let kept = fs::Permissions::from_mode(0o640);
        fs::set_permissions(dir.path().join("lock"), kept).expect("set");
        write_atomic(&dir.path().join("lock"), b"y").expect("written");
        assert_eq!(mode("lock"), 0o640);
    }

    #[test]
    fn errors_name_the_path() {
        let error = read(Path::new("/no/such/file"), 10).expect_err("missing");
        assert!(error.is_not_found());
        assert!(error.to_string().starts_with("cannot read /no/such/file: "));
        assert_eq!(read_config(Path::new("/no/such/file")).ok(), Some(None));
    }

    #[test]
    fn a_file_beyond_the_limit_is_an_error_not_a_part() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("a/b.txt");
        write_atomic(&path, b"12345").expect("written");
        assert_eq!(read(&path, 5).ok().as_deref(), Some(&b"12345"[..]));
        assert!(matches!(
            read(&path, 4),
            Err(FileError::TooLarge { limit: 4, .. })
        ));
        assert_eq!(read_start(&path, 3).ok(), Some((b"123".to_vec(), true)));
    }

    #[test]
    fn parts_are_read_where_they_lie_and_never_beyond_the_end() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("b.bin");
        write(&path, b"12345").expect("written");
        let parts = Parts::open(&path).expect("opened");
        assert_eq!(parts.read(1, 3).ok().as_deref(), Some(&b"234"[..]));
        assert_eq!(parts.read(5, 0).ok().as_deref(), Some(&b""[..]));
        assert!(parts.read(3, 3).is_err() && parts.read(u64::MAX, 2).is_err());
    }

    #[test]
    fn a_draft_is_seen_whole_or_not_at_all() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut draft = Draft::in_folder(&dir.path().join("drafts")).expect("begun");
        draft.write(b"12").expect("written");
        draft.write(b"34").expect("written");
        let place = dir.path().join("kept/x.bin");
        assert!(!exists(&place));
        draft.keep(&place).expect("kept");
        assert_eq!(read(&place, 9).ok().as_deref(), Some(&b"1234"[..]));
        let dropped = Draft::in_folder(&dir.path().join("drafts")).expect("begun");
        let path = dropped.path().to_owned();
        drop(dropped);
        assert!(!exists(&path));
    }

    #[test]
    fn a_temporary_folder_goes_with_its_content() {
        let parent = tempfile::tempdir().expect("a folder");
        let dir = TemporaryDir::new(Some(&parent.path().join("a"))).expect("made");
        let file = dir.path().join("b/c");
        write(&file, b"x").expect("written");
        drop(dir);
        assert!(!exists(&file) && exists(&parent.path().join("a")));
    }

    #[cfg(unix)]
    #[test]
    fn a_walk_is_sorted_and_follows_no_links() {
        let dir = tempfile::tempdir().expect("a folder");
        for name in ["b/z.py", "b/a.py", "a.txt", ".git/HEAD"] {
            write(&dir.path().join(name), b"x").expect("written");
        }
        std::os::unix::fs::symlink("/", dir.path().join("loop")).expect("a link");
        let walk = walk(dir.path(), 100, |name| name == ".git").expect("walked");
        let names: Vec<_> = walk.files.iter().map(|f| f.relative.as_str()).collect();
        assert_eq!(names, ["a.txt", "b/a.py", "b/z.py"]);
        assert_eq!(walk.left_out.len(), 1);
        assert!(!walk.truncated);
        assert!(super::walk(dir.path(), 1, |_| false).is_ok_and(|w| w.truncated));
        assert!(super::walk(&dir.path().join("none"), 1, |_| false).is_err());
    }
}
