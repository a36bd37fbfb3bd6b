//! What cannot be had again: the database, and the files that were published here. Public files are fetched anew.

use std::path::{Path, PathBuf};

use foretaste_io::digests::Hashing;
use foretaste_io::files::{self, Draft, Parts};

use crate::blobs::{self, Blobs};
use crate::database::{Database, Place};
use crate::gate::GateError;
use crate::settings::{DATABASE, Settings};

/// Bytes that are copied at once.
const PART: u64 = 1 << 20;

/// What was saved or brought back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Published files.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
}

/// Writes the database and every published file of a gate to a new folder. The gate may be serving.
///
/// # Errors
/// The folder exists, something cannot be read or written, or a file is not what its name promises.
pub async fn backup(settings: &Settings, to: &Path) -> Result<Saved, GateError> {
    let from = file(settings)?;
    if files::exists(to) {
        let reason = format!("{} exists already, and nothing was written", to.display());
        return Err(GateError::Unfit(reason));
    }
    if !files::is_file(&from) {
        let reason = format!("{} holds no gate's data", settings.data.display());
        return Err(GateError::Unfit(reason));
    }
    files::create_dir(to)?;
    let database = Database::open(&Place::Sqlite(from)).await?;
    database.copy_to(&to.join(DATABASE)).await?;
    database.close().await;
    // the copy tells what belongs to it: more may be published meanwhile
    let database = Database::open(&Place::Sqlite(to.join(DATABASE))).await?;
    let published = in_folders(settings, database.published_digests().await?);
    database.close().await;
    copy(&published, &settings.files(), &blobs::folder(to)).await
}

/// Makes a gate's data folder from a backup. Every file is checked against the digest under which it was published. The
/// database comes last: without it, the folder holds no gate, and restoring can be tried again.
///
/// # Errors
/// The data folder holds a gate already, something cannot be read or written, or a file is not what its name promises.
pub async fn restore(from: &Path, settings: &Settings) -> Result<Saved, GateError> {
    let target = file(settings)?;
    let data = &settings.data;
    if files::exists(&target) {
        let reason = format!(
            "{} holds a gate's data already, and nothing was written; name another `data` in gate.toml",
            data.display()
        );
        return Err(GateError::Unfit(reason));
    }
    if !files::is_file(&from.join(DATABASE)) {
        let reason = format!("{} is no backup of a gate", from.display());
        return Err(GateError::Unfit(reason));
    }
    files::create_dir(data)?;
    let database = Database::open(&Place::Sqlite(from.join(DATABASE))).await?;
    let published = in_folders(settings, database.published_digests().await?);
    let saved = copy(&published, &blobs::folder(from), &settings.files()).await?;
    let copied = database.copy_to(&target).await;
    database.close().await;
    if copied.is_err() {
        // half a database would turn the next try away
        files::remove(&target)?;
    }
    copied?;
    Ok(saved)
}

/// The database's file.
fn file(settings: &Settings) -> Result<PathBuf, GateError> {
    match settings.database() {
        Place::Sqlite(path) => Ok(path),
        Place::Postgres(_) => Err(GateError::Unfit(format!(
            "the database is PostgreSQL: save it with pg_dump, and the folder {} after it; bring both back in the other order",
            settings.files().display()
        ))),
    }
}

/// What is not kept in a bucket: that is saved with the bucket's own means.
fn in_folders(settings: &Settings, published: Vec<String>) -> Vec<String> {
    let elsewhere = settings.storage.bucket.is_some();
    if elsewhere { Vec::new() } else { published }
}

/// Copies published files from one folder of files to another.
async fn copy(published: &[String], from: &Path, to: &Path) -> Result<Saved, GateError> {
    let (source, target) = (
        Blobs::new(from.to_owned(), None),
        Blobs::new(to.to_owned(), None),
    );
    target.sweep()?;
    let mut saved = Saved { files: 0, bytes: 0 };
    for sha256 in published {
        let lost = || {
            GateError::Unfit(format!(
                "the published file {sha256} is not in {}",
                from.display()
            ))
        };
        let blob = source.find(sha256).ok_or_else(lost)?;
        let drafts = target.drafts();
        let (path, size) = (blob.path, blob.size);
        let copied = tokio::task::spawn_blocking(move || copy_file(&path, size, &drafts)).await;
        let (draft, hex) = copied.map_err(|e| GateError::Unfit(e.to_string()))??;
        if hex != *sha256 {
            let reason = format!(
                "the published file {sha256} is damaged in {}",
                from.display()
            );
            return Err(GateError::Unfit(reason));
        }
        let kept = target.keep(draft, sha256).await;
        kept.map_err(|e| GateError::Blob(e.to_string()))?;
        saved.files += 1;
        saved.bytes += size;
    }
    Ok(saved)
}

fn copy_file(path: &Path, size: u64, drafts: &Path) -> files::FileResult<(Draft, String)> {
    let parts = Parts::open(path)?;
    let mut draft = Draft::in_folder(drafts)?;
    let mut hashing = Hashing::new(&[]);
    let mut at = 0;
    while at < size {
        let bytes = parts.read(at, PART.min(size - at))?;
        hashing.update(&bytes);
        draft.write(&bytes)?;
        at += bytes.len() as u64;
    }
    Ok((draft, hashing.finish().0.to_hex()))
}
