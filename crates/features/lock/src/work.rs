//! What is locked: which manifest into which file.

use std::path::{Path, PathBuf};

use foretaste_io::files;
use foretaste_project::{Format, FormatKind};
use foretaste_projects::reader_of;

use crate::LockError;

/// The kinds of locks that are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A list of requirements with hashes, which pip installs with `--require-hashes`.
    Requirements,
    /// PEP 751.
    Pylock,
    /// uv's own.
    UvLock,
    /// npm's.
    PackageLock,
    /// cargo's.
    CargoLock,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Requirements,
        Self::Pylock,
        Self::UvLock,
        Self::PackageLock,
        Self::CargoLock,
    ];

    /// The usual name of the file.
    pub const fn file(self) -> &'static str {
        match self {
            Self::Requirements => "requirements.txt",
            Self::Pylock => "pylock.toml",
            Self::UvLock => "uv.lock",
            Self::PackageLock => "package-lock.json",
            Self::CargoLock => "Cargo.lock",
        }
    }

    /// True if uv resolves it.
    pub const fn is_python(self) -> bool {
        matches!(self, Self::Requirements | Self::Pylock | Self::UvLock)
    }

    /// What to do with the file.
    pub const fn use_it(self) -> &'static str {
        match self {
            Self::Requirements => "pip install --require-hashes -r",
            Self::Pylock => "uv pip sync",
            Self::UvLock => "uv sync --locked, with",
            Self::PackageLock => "npm ci --ignore-scripts, with",
            Self::CargoLock => "cargo build --locked, with",
        }
    }
}

/// One manifest that becomes one lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// The kind of lock.
    pub kind: Kind,
    /// The manifest.
    pub manifest: PathBuf,
    /// The file that is written.
    pub output: PathBuf,
}

/// What there is to lock at `path`: a manifest, or a folder with some.
///
/// # Errors
/// Nothing there can be locked, or not in this way.
pub fn works(path: &Path, to: Option<Kind>, output: Option<&Path>) -> Result<Vec<Work>, LockError> {
    let mut found = Vec::new();
    if files::is_dir(path) {
        let mut names = files::list(path).unwrap_or_default();
        names.sort();
        let lists: Vec<&String> = names.iter().filter(|n| is_source_list(n)).collect();
        for name in &names {
            let wanted = match &**name {
                "pyproject.toml" => lists.is_empty(),
                "package.json" | "Cargo.toml" => true,
                name => is_source_list(name),
            };
            if wanted {
                found.extend(work(&path.join(name), to));
            }
        }
        if let Some(to) = to {
            found.retain(|w| w.kind == to);
        }
    } else {
        found.extend(work(path, to));
    }
    match (output, &mut *found) {
        (_, []) => {
            return Err(LockError::NothingToLock {
                path: path.to_owned(),
            });
        }
        (Some(output), [one]) => output.clone_into(&mut one.output),
        (Some(_), _) => {
            return Err(LockError::OneOutput {
                manifests: found.iter().map(|w| w.manifest.clone()).collect(),
            });
        }
        (None, _) => {}
    }
    if let Some(own) = found.iter().find(|w| w.output == w.manifest) {
        return Err(LockError::OwnSource {
            path: own.manifest.clone(),
        });
    }
    Ok(found)
}

/// `requirements.in`, `dev-requirements.in`: what is written by hand.
fn is_source_list(name: &str) -> bool {
    name.ends_with(".in") && reader_of(name).is_some_and(|r| r.format == Format::Requirements)
}

fn work(manifest: &Path, to: Option<Kind>) -> Option<Work> {
    let name = manifest.file_name()?.to_str()?;
    let folder = manifest.parent().unwrap_or(Path::new(""));
    let reader = reader_of(name)?;
    if reader.format.kind() != FormatKind::Manifest {
        return None;
    }
    let exists = |kind: &Kind| files::exists(&folder.join(kind.file()));
    let (kind, file) = match reader.format {
        Format::Requirements => {
            let kind = to
                .filter(|k| *k == Kind::Pylock)
                .unwrap_or(Kind::Requirements);
            let file = match kind {
                Kind::Pylock => kind.file().to_owned(),
                _ => format!(
                    "{}.txt",
                    name.trim_end_matches(".in").trim_end_matches(".txt")
                ),
            };
            (kind, file)
        }
        Format::Pyproject | Format::SetupCfg => {
            // a project that has one of them keeps it
            let kept = [Kind::UvLock, Kind::Pylock, Kind::Requirements]
                .into_iter()
                .find(exists);
            let kind = to
                .filter(|k| k.is_python())
                .or(kept)
                .unwrap_or(Kind::Requirements);
            (kind, kind.file().to_owned())
        }
        Format::PackageJson => (Kind::PackageLock, Kind::PackageLock.file().to_owned()),
        Format::CargoToml => (Kind::CargoLock, Kind::CargoLock.file().to_owned()),
        _ => return None,
    };
    Some(Work {
        kind,
        manifest: manifest.to_owned(),
        output: folder.join(file),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str], to: Option<Kind>) -> Vec<String> {
        let dir = files::TemporaryDir::new(None).expect("a folder");
        for name in names {
            files::write(&dir.path().join(name), b"").expect("written");
        }
        let shown = |path: &Path| {
            let relative = path.strip_prefix(dir.path()).unwrap_or(path);
            relative.display().to_string()
        };
        match works(dir.path(), to, None) {
            Ok(works) => works
                .iter()
                .map(|w| format!("{} > {}", shown(&w.manifest), shown(&w.output)))
                .collect(),
            Err(_) => Vec::new(),
        }
    }

    #[test]
    fn every_manifest_of_a_folder_has_its_lock() {
        assert_eq!(
            of(
                &["requirements.in", "dev-requirements.in", "package.json"],
                None
            ),
            [
                "dev-requirements.in > dev-requirements.txt",
                "package.json > package-lock.json",
                "requirements.in > requirements.txt"
            ]
        );
        assert_eq!(
            of(&["pyproject.toml", "uv.lock"], None),
            ["pyproject.toml > uv.lock"]
        );
        assert_eq!(
            of(&["pyproject.toml", "Cargo.toml"], Some(Kind::Pylock)),
            ["pyproject.toml > pylock.toml"]
        );
        assert!(of(&["README.md"], None).is_empty());
    }

    #[test]
    fn a_list_is_never_written_over_itself() {
        let dir = files::TemporaryDir::new(None).expect("a folder");
        let list = dir.path().join("requirements.txt");
        files::write(&list, b"six\n").expect("written");
        assert!(matches!(
            works(&list, None, None),
            Err(LockError::OwnSource { .. })
        ));
    }
}
