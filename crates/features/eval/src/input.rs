//! Which files are measured: lists, folders of archives, folders of packages.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use foretaste_io::{FileError, files};
use thiserror::Error;

/// The largest list that is read.
const MAX_LIST: u64 = 64 << 20;
/// Files of one folder that are looked at.
const MAX_FILES: usize = 2_000_000;
/// How archives of packages end.
const ARCHIVES: [&str; 17] = [
    ".whl", ".egg", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tar.zst", ".tar",
    ".zip", ".crate", ".gem", ".nupkg", ".jar", ".vsix", ".phar",
];

/// Why there is nothing to measure.
#[derive(Debug, Error)]
pub enum InputError {
    /// A list or folder cannot be read.
    #[error(transparent)]
    Unreadable(#[from] FileError),
    /// A list or folder holds no package.
    #[error("{0} holds no package: expected a list of paths, or a folder of archives or packages")]
    Nothing(PathBuf),
    /// A listed path does not exist.
    #[error("{list}:{line}: {path} does not exist; are the paths relative to `--root`?")]
    Missing {
        /// The list.
        list: PathBuf,
        /// The 1-based line.
        line: usize,
        /// What it names.
        path: PathBuf,
    },
}

/// What a sample is known to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// Known to be malicious.
    Malicious,
    /// Taken to be harmless.
    Benign,
}

/// One package to scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// How reports name it: as listed, or relative to its folder.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// What it is known to be.
    pub side: Side,
    /// The family of a malicious one; its own name where none is known.
    pub family: String,
    /// The kind that the user gave, instead of what the package looks like.
    pub kind: Option<String>,
    /// Bytes; 0 for a folder.
    pub size: u64,
}

/// A list or folder of malicious packages.
#[derive(Clone, Debug)]
pub struct MaliciousSource {
    /// The list or folder.
    pub path: PathBuf,
    /// What listed paths are relative to, instead of the list's folder.
    pub root: Option<PathBuf>,
    /// A table of path and family; the list's own second column otherwise.
    pub families: Option<PathBuf>,
}

/// A list or folder of benign packages.
#[derive(Clone, Debug)]
pub struct BenignSource {
    /// The kind to report them under.
    pub kind: Option<String>,
    /// The list or folder.
    pub path: PathBuf,
}

/// Finds every sample, sorted by side and name.
///
/// # Errors
/// A list or folder cannot be read, holds nothing, or names what does not exist.
pub fn collect(
    malicious: &[MaliciousSource],
    benign: &[BenignSource],
) -> Result<Vec<Sample>, InputError> {
    let mut samples = Vec::new();
    for source in malicious {
        let mut families = BTreeMap::new();
        if let Some(table) = &source.families {
            for line in lines(table)? {
                if let Some(family) = line.family {
                    families.insert(line.path, family);
                }
            }
        }
        for found in packages(&source.path, source.root.as_deref())? {
            let family = families
                .get(&found.name)
                .cloned()
                .or(found.family)
                .unwrap_or_else(|| found.name.clone());
            samples.push(Sample {
                name: found.name,
                path: found.path,
                side: Side::Malicious,
                family,
                kind: None,
                size: found.size,
            });
        }
    }
    for source in benign {
        for found in packages(&source.path, None)? {
            samples.push(Sample {
                name: found.name,
                path: found.path,
                side: Side::Benign,
                family: String::new(),
                kind: source.kind.clone(),
                size: found.size,
            });
        }
    }
    samples.sort_by(|a, b| (a.side, &a.name, &a.path).cmp(&(b.side, &b.name, &b.path)));
    samples.dedup_by(|a, b| a.side == b.side && a.path == b.path);
    Ok(samples)
}

struct Found {
    name: String,
    path: PathBuf,
    family: Option<String>,
    size: u64,
}

struct Line {
    number: usize,
    path: String,
    family: Option<String>,
}

fn lines(list: &Path) -> Result<Vec<Line>, InputError> {
    let text = files::read_text(list, MAX_LIST)?;
    let lines = text.lines().enumerate().filter_map(|(index, line)| {
        let mut columns = line.split('\t');
        let path = columns.next()?.trim();
        if path.is_empty() || path.starts_with('#') {
            return None;
        }
        Some(Line {
            number: index + 1,
            path: path.to_owned(),
            family: columns
                .next()
                .map(str::trim)
                .filter(|f| !f.is_empty())
                .map(ToOwned::to_owned),
        })
    });
    Ok(lines.collect())
}

fn packages(path: &Path, root: Option<&Path>) -> Result<Vec<Found>, InputError> {
    let found = if files::is_dir(path) {
        let folders = package_folders(path)?;
        if folders.is_empty() {
            archives(path)?
        } else {
            folders
        }
    } else if is_archive(path) {
        vec![Found {
            name: file_name(path),
            path: path.to_owned(),
            family: None,
            size: files::size(path)?,
        }]
    } else {
        listed(path, root)?
    };
    if found.is_empty() {
        return Err(InputError::Nothing(path.to_owned()));
    }
    Ok(found)
}

fn listed(list: &Path, root: Option<&Path>) -> Result<Vec<Found>, InputError> {
    let root = root.unwrap_or_else(|| list.parent().unwrap_or(Path::new("")));
    let mut found = Vec::new();
    for line in lines(list)? {
        let path = root.join(&line.path);
        let size = if files::is_dir(&path) {
            0
        } else {
            files::size(&path).map_err(|_| InputError::Missing {
                list: list.to_owned(),
                line: line.number,
                path: path.clone(),
            })?
        };
        found.push(Found {
            name: line.path,
            path,
            family: line.family,
            size,
        });
    }
    Ok(found)
}

/// Every archive below a folder.
fn archives(folder: &Path) -> Result<Vec<Found>, InputError> {
    let walk = files::walk(folder, MAX_FILES, |_| false)?;
    let found = walk.files.into_iter().filter(|f| is_archive(&f.path));
    Ok(found
        .map(|f| Found {
            name: f.relative,
            path: f.path,
            family: None,
            size: f.size,
        })
        .collect())
}

/// The packages of a folder that holds one package in each folder, as `node_modules` does: with scopes, and with the
/// packages that a package brings for itself.
fn package_folders(folder: &Path) -> Result<Vec<Found>, InputError> {
    let mut found = Vec::new();
    let mut open = vec![(folder.to_owned(), String::new(), 0_u8)];
    while let Some((at, prefix, depth)) = open.pop() {
        for name in files::list(&at)? {
            let path = at.join(&name);
            if name.starts_with('.') || !files::is_dir(&path) {
                continue;
            }
            let shown = format!("{prefix}{name}");
            if name.starts_with('@') {
                open.push((path, format!("{shown}/"), depth));
            } else if is_package(&path) {
                let inner = path.join("node_modules");
                if depth < 16 && files::is_dir(&inner) {
                    open.push((inner, format!("{shown}/node_modules/"), depth + 1));
                }
                found.push(Found {
                    name: shown,
                    path,
                    family: None,
                    size: 0,
                });
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn is_package(folder: &Path) -> bool {
    [
        "package.json",
        "setup.py",
        "pyproject.toml",
        "PKG-INFO",
        "Cargo.toml",
    ]
    .iter()
    .any(|manifest| files::is_file(&folder.join(manifest)))
}

fn is_archive(path: &Path) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    ARCHIVES.iter().any(|ending| name.ends_with(ending))
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default()
}
