//! Reading a folder on disk as if it were an unpacked artifact.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

use foretaste_archive::Member;
use foretaste_io::{FileResult, files};
use foretaste_model::report::NotTasted;
use foretaste_model::{Anomaly, AnomalyKind, Limits};

/// Folders that tools make and nobody publishes.
const SKIPPED: &[&str] = &[
    ".git",
    ".hg",
    ".svn",
    ".mypy_cache",
    ".ruff_cache",
    ".tox",
    ".venv",
    "__pycache__",
    "node_modules",
    "target",
    "venv",
];

/// What reading a folder left behind.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    /// What went wrong.
    pub(crate) anomalies: Vec<Anomaly>,
    /// What was left out on purpose.
    pub(crate) left_out: Vec<NotTasted>,
}

/// Reads the files below `root` one at a time and hands each to `take`.
///
/// # Errors
/// The folder itself cannot be listed.
pub(crate) fn read(
    root: &Path,
    limits: &Limits,
    mut take: impl FnMut(Member),
) -> FileResult<Folder> {
    let skipped = RefCell::new(BTreeSet::new());
    let walk = files::walk(root, limits.entries as usize, |name| {
        let skip = SKIPPED.contains(&name);
        if skip {
            skipped.borrow_mut().insert(name.to_owned());
        }
        skip
    })?;
    let mut folder = Folder::default();
    let mut odd = |kind, path: &str, detail: String| {
        folder.anomalies.push(Anomaly {
            kind,
            path: path.into(),
            detail: detail.into(),
        });
    };
    if walk.truncated {
        odd(
            AnomalyKind::TooManyEntries,
            "",
            format!("more than {} files", limits.entries),
        );
    }
    let mut total = 0;
    for file in walk.files {
        total += file.size;
        if total > limits.unpacked_bytes {
            odd(
                AnomalyKind::TooManyBytes,
                &file.relative,
                format!("more than {} bytes", limits.unpacked_bytes),
            );
            break;
        }
        match files::read(&file.path, limits.member_bytes) {
            Ok(data) => take(Member {
                raw_path: file.relative.as_bytes().into(),
                path: file.relative,
                executable: file.executable,
                data: data.into(),
                complete: true,
                depth: 0,
                link_to: None,
            }),
            Err(error) => odd(AnomalyKind::Corrupt, &file.relative, error.to_string()),
        }
    }
    let reason = |reason: &str| -> Box<str> { reason.into() };
    folder.left_out = skipped
        .into_inner()
        .into_iter()
        .map(|name| NotTasted {
            filename: format!("{name}/").into(),
            reason: reason("made by tools, not published"),
        })
        .chain(walk.left_out.into_iter().map(|(path, why)| NotTasted {
            filename: path.into(),
            reason: reason(&why),
        }))
        .collect();
    Ok(folder)
}
