//! Artifacts that were tasted before: under which key, and in which form, the store keeps them.

use std::collections::HashMap;
use std::sync::Arc;

use foretaste_model::facts::{ArtifactKind, FileEntry, FileFacts, ProblemKind};
use foretaste_model::{Anomaly, AnomalyKind, ContentDigest, Limits};
use foretaste_store::{FileRow, FileTable, StoredArtifact};

/// The key of an artifact: its bytes, and everything else that decides what is found in them. The name of the file
/// decides how it is opened, the limits how far, and the source of unpackers and observers what they see.
pub(crate) fn key(digest: ContentDigest, filename: &str, limits: &Limits) -> ContentDigest {
    let observers = (
        env!("TASTING_FINGERPRINT"),
        foretaste_lang::OBSERVER_VERSION,
    );
    let inputs = format!("{digest}\n{observers:?}\n{limits:?}\n{filename}");
    ContentDigest::of(inputs.as_bytes())
}

/// False if time decided what was found: another run may see more.
pub(crate) fn is_repeatable(stored: &StoredArtifact) -> bool {
    let timed_out = |a: &Anomaly| a.kind == AnomalyKind::TimeOut;
    !stored.table.anomalies.iter().any(timed_out) && !stored.facts.iter().any(|f| ended_early(f))
}

/// True if the observer of a file died or took too long: a quieter machine may see more.
pub(crate) fn ended_early(facts: &FileFacts) -> bool {
    facts
        .problems
        .iter()
        .any(|p| p.kind == ProblemKind::ParserDied)
}

/// What is kept of an artifact. Files that share their facts share them there too.
pub(crate) fn stored(
    kind: ArtifactKind,
    anomalies: Vec<Anomaly>,
    files: Vec<FileEntry>,
) -> StoredArtifact {
    let mut facts: Vec<Arc<FileFacts>> = Vec::new();
    let mut places: HashMap<*const FileFacts, u32> = HashMap::new();
    let rows = files
        .into_iter()
        .map(|file| {
            let place = *places.entry(Arc::as_ptr(&file.facts)).or_insert_with(|| {
                facts.push(file.facts.clone());
                facts.len() as u32 - 1
            });
            FileRow {
                path: file.path,
                digest: file.digest,
                executable: file.executable,
                facts: place,
            }
        })
        .collect();
    let table = FileTable {
        kind,
        anomalies,
        files: rows,
    };
    StoredArtifact { table, facts }
}

/// The files of a stored artifact, and the rest of its table.
pub(crate) fn files(mut stored: StoredArtifact) -> (FileTable, Vec<FileEntry>) {
    let facts = stored.facts;
    let rows = std::mem::take(&mut stored.table.files);
    let files = rows
        .into_iter()
        .filter_map(|row| {
            Some(FileEntry {
                path: row.path,
                digest: row.digest,
                executable: row.executable,
                facts: facts.get(row.facts as usize)?.clone(),
            })
        })
        .collect();
    (stored.table, files)
}
