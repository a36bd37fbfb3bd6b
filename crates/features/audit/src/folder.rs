//! Reading a folder on disk as if it were an unpacked artifact.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;

use foretaste_archive::{Member, looks_like_archive, open_member};
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

/// Files at the root of a folder that say: this folder is one package, not a place where packages lie.
const MANIFESTS: &[&str] = &[
    "Cargo.toml",
    "PKG-INFO",
    "action.yaml",
    "action.yml",
    "composer.json",
    "extension.vsixmanifest",
    "go.mod",
    "package.json",
    "pom.xml",
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
];

/// What tasting an archive as a package of its own took from the folder's limits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Used {
    pub(crate) bytes: u64,
    pub(crate) files: u32,
}

/// Reads the files below `root` one at a time and hands each to `take`, archives with all that is in them.
///
/// Archives in a folder that is no package itself (a download folder, `dist/`) are first offered to `package`; what it
/// takes is not opened here.
///
/// # Errors
/// The folder itself cannot be listed.
pub(crate) fn read(
    root: &Path,
    limits: &Limits,
    mut package: impl FnMut(&str, &[u8]) -> Option<Used>,
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
    let is_package = walk.files.iter().any(|f| is_manifest(&f.relative));
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
    let (mut total, mut entries) = (0_u64, 0_u32);
    let mut opened = Vec::new();
    for file in walk.files {
        total = total.saturating_add(file.size);
        entries = entries.saturating_add(1);
        if total > limits.unpacked_bytes {
            odd(
                AnomalyKind::TooManyBytes,
                &file.relative,
                format!(
                    "the folder holds more than {} bytes, archives unpacked; what comes after stayed unread",
                    limits.unpacked_bytes
                ),
            );
            break;
        }
        if entries > limits.entries {
            odd(
                AnomalyKind::TooManyEntries,
                &file.relative,
                format!(
                    "the folder holds more than {} files, archives unpacked; what comes after stayed unread",
                    limits.entries
                ),
            );
            break;
        }
        let data = match files::read(&file.path, limits.member_bytes) {
            Ok(data) => data,
            Err(error) => {
                odd(AnomalyKind::Corrupt, &file.relative, error.to_string());
                continue;
            }
        };
        let is_archive = looks_like_archive(&data);
        let member = Member {
            raw_path: file.relative.as_bytes().into(),
            path: file.relative.clone(),
            executable: file.executable,
            data: data.into(),
            complete: true,
            depth: 0,
            link_to: None,
        };
        if !is_archive {
            take(member);
        } else if let Some(used) = (!is_package)
            .then(|| package(&file.relative, &member.data))
            .flatten()
        {
            total = total.saturating_add(used.bytes);
            entries = entries.saturating_add(used.files);
            take(member);
        } else {
            let left = Limits {
                unpacked_bytes: limits.unpacked_bytes - total,
                entries: limits.entries - entries,
                ..*limits
            };
            let summary = open_member(member, &left, &mut |member| {
                entries =
                    entries.saturating_add(u32::from(member.path.len() > file.relative.len()));
                take(member);
                ControlFlow::Continue(())
            });
            total = total.saturating_add(summary.unpacked_bytes.saturating_sub(file.size));
            opened.extend(summary.anomalies.into_iter().map(|mut anomaly| {
                if anomaly.path.is_empty() {
                    anomaly.path = format!("{}!/", file.relative).into();
                }
                anomaly
            }));
        }
    }
    folder.anomalies.extend(opened);
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

/// True for a file that says: the folder at whose root it stands is one package.
pub(crate) fn is_manifest(relative: &str) -> bool {
    match relative.split_once('/') {
        None => {
            MANIFESTS.contains(&relative)
                || relative.ends_with(".nuspec")
                || relative.ends_with(".gemspec")
        }
        Some((folder, rest)) => {
            folder.ends_with(".dist-info") && rest == "METADATA"
                || folder.ends_with(".egg-info") && rest == "PKG-INFO"
        }
    }
}
