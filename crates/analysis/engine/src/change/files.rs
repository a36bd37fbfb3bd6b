//! Files that came, went, moved or changed, and native programs among them.

use foretaste_model::change::{FileChange, FileChangeKind};
use foretaste_model::facts::{ArtifactKind, BinaryFacts, BinaryFormat, FileEntry};
use foretaste_model::{Evidence, EvidenceRole};

use super::pair::{Pair, key};

/// Every file that is not as it was.
pub(super) fn of(pair: &Pair<'_>) -> Vec<FileChange> {
    let change = |file: &FileEntry, artifact: &str, kind, old_bytes, new_bytes| FileChange {
        artifact: artifact.into(),
        path: file.path.clone(),
        kind,
        old_bytes,
        new_bytes,
    };
    let size = |file: &FileEntry| file.facts.shape.bytes;
    let (old, new) = (pair.old.artifact, pair.new.artifact);
    let mut changes = Vec::new();
    for file in &new.files {
        let before = pair.old.by_key.get(&key(&file.path));
        let before = before.map(|i| &old.files[*i]);
        let (kind, old_bytes) = match before {
            Some(before) if before.digest == file.digest => continue,
            Some(before) => (FileChangeKind::Changed, size(before)),
            None if pair.old.digests.contains(&file.digest) => (FileChangeKind::Moved, size(file)),
            None => (FileChangeKind::Added, 0),
        };
        changes.push(change(file, &new.filename, kind, old_bytes, size(file)));
    }
    for file in &old.files {
        let gone = !pair.new.by_key.contains_key(&key(&file.path));
        if gone && !pair.new.digests.contains(&file.digest) {
            let kind = FileChangeKind::Removed;
            changes.push(change(file, &old.filename, kind, size(file), 0));
        }
    }
    changes
}

/// Native code of a sort that the earlier artifact did not have. Platform wheels are made of libraries.
pub(super) fn binaries(pair: &Pair<'_>) -> Vec<Evidence> {
    let native = |b: &BinaryFacts| {
        matches!(
            b.format,
            BinaryFormat::Elf | BinaryFormat::Pe | BinaryFormat::MachO
        )
    };
    let platform_wheel = pair.new.artifact.kind == ArtifactKind::Wheel
        && !pair.new.artifact.filename.ends_with("-any.whl");
    let usual = |b: &BinaryFacts| {
        let before = pair.old.artifact.files.iter();
        before
            .filter_map(|f| f.facts.binary.as_ref())
            .any(|o| o.format == b.format && o.executable == b.executable)
    };
    pair.new
        .files()
        .filter(|view| pair.is_new(view))
        .filter_map(|view| {
            let binary = view.facts.binary.as_ref().filter(|b| native(b))?;
            let expected = usual(binary) || (platform_wheel && !binary.executable);
            let kind = if binary.executable {
                "program"
            } else {
                "library"
            };
            (!expected).then(|| Evidence {
                role: EvidenceRole::Site,
                ..Evidence::file(
                    &view.artifact.filename,
                    view.path(),
                    format!("{} {kind}", binary.format.title()),
                )
            })
        })
        .collect()
}
