//! The folder of shims.

use std::path::{Path, PathBuf};

use foretaste_io::{Environment, FileError, files};

/// Programs that are guarded wherever they are.
const NAMES: &[&str] = &[
    "pip", "pip3", "python", "python3", "uv", "uvx", "poetry", "npm", "npx", "pnpm", "pnpx",
    "yarn", "yarnpkg", "cargo",
];
/// Versioned forms that get a shim.
const MAX_VERSIONED: usize = 200;

/// A folder with one shim for each guarded program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shims {
    folder: PathBuf,
}

impl Shims {
    /// The folder of this user; none if no data folder is known.
    pub fn of_user(environment: &Environment) -> Option<Self> {
        environment
            .data_dir()
            .map(|folder| Self::at(folder.join("shims")))
    }

    /// A folder.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// Where they lie.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes them, and gives their names: every guarded program, and the versioned forms (`pip3.12`) that `PATH` has.
    /// `foretaste` is the program that they call.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn write(
        &self,
        foretaste: &Path,
        environment: &Environment,
    ) -> Result<Vec<String>, FileError> {
        let mut names: Vec<String> = NAMES.iter().map(|&name| name.to_owned()).collect();
        names.extend(versioned(&self.outside(environment)));
        names.sort();
        names.dedup();
        for name in &names {
            let path = self.folder.join(name);
            let script = script(name, foretaste, &self.folder);
            // a shell starts often: what stands there already is left alone
            let stands = files::read(&path, 1 << 16).is_ok_and(|old| old == script.as_bytes());
            if !stands {
                files::write_executable(&path, script.as_bytes())?;
            }
        }
        Ok(names)
    }

    /// Removes them; true if there were any.
    ///
    /// # Errors
    /// The folder cannot be removed.
    pub fn remove(&self) -> Result<bool, FileError> {
        if !files::is_dir(&self.folder) {
            return Ok(false);
        }
        files::remove_dir(&self.folder)?;
        Ok(true)
    }

    /// The surroundings without this folder on `PATH`: where the real programs are found.
    pub fn outside(&self, environment: &Environment) -> Environment {
        let path = environment.var("PATH").unwrap_or_default();
        let own = files::real_path(&self.folder);
        let others = std::env::split_paths(path)
            .filter(|dir| *dir != self.folder && (own.is_none() || files::real_path(dir) != own));
        let joined = std::env::join_paths(others).unwrap_or_default();
        environment.clone().with("PATH", &joined.to_string_lossy())
    }
}

/// Versioned forms of pip and Python that lie on `PATH`.
fn versioned(environment: &Environment) -> Vec<String> {
    let is_versioned = |name: &str| {
        ["pip", "python"].iter().any(|base| {
            name.strip_prefix(base).is_some_and(|version| {
                version.starts_with(|c: char| c.is_ascii_digit())
                    && version.chars().all(|c| c.is_ascii_digit() || c == '.')
            })
        })
    };
    std::env::split_paths(environment.var("PATH").unwrap_or_default())
        .filter(|dir| dir.is_absolute())
        .flat_map(|dir| files::list(&dir).unwrap_or_default())
        .filter(|name| is_versioned(name))
        .take(MAX_VERSIONED)
        .collect()
}

fn script(name: &str, foretaste: &Path, folder: &Path) -> String {
    let program = quoted(&foretaste.display().to_string());
    let folder = quoted(&folder.display().to_string());
    format!(
        "#!/bin/sh\n\
         # Written by `foretaste shell-init`: what {name} brings in is vetted first.\n\
         # Once without: FORETASTE_GUARD=off {name} …    For good: foretaste shell-init --remove\n\
         if [ -x {program} ]; then\n    exec {program} guard --shims {folder} {name} \"$@\"\nfi\n\
         echo {program}' is gone, so nothing vets what {name} brings in; remove '{folder}', or install foretaste again' >&2\n\
         exit 127\n"
    )
}

/// A word of a POSIX shell.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn shims_are_written_once_and_hidden_from_the_search() {
        let root = tempfile::tempdir().unwrap();
        let bin = root.path().join("bin");
        files::write_executable(&bin.join("pip3.12"), b"#!/bin/sh\n").unwrap();
        files::write_executable(&bin.join("pip-compile"), b"#!/bin/sh\n").unwrap();
        let shims = Shims::at(root.path().join("it's/shims"));
        let path = format!("{}:{}", shims.folder().display(), bin.display());
        let environment = Environment::below(root.path()).with("PATH", &path);
        let names = shims
            .write(Path::new("/usr/bin/foretaste"), &environment)
            .unwrap();
        assert!(names.iter().any(|n| n == "pip3.12") && names.iter().any(|n| n == "cargo"));
        assert!(!names.iter().any(|n| n == "pip-compile"));
        let shim = shims.folder().join("pip3.12");
        assert_eq!(environment.which("pip3.12").as_deref(), Some(&*shim));
        assert_eq!(
            shims.outside(&environment).which("pip3.12"),
            Some(bin.join("pip3.12"))
        );
        assert_eq!(shims.outside(&environment).which("npm"), None);
        let written = files::modified(&shim).unwrap();
        shims
            .write(Path::new("/usr/bin/foretaste"), &environment)
            .unwrap();
        assert_eq!(files::modified(&shim).unwrap(), written);
        assert!(shims.remove().unwrap() && !shims.remove().unwrap());
    }
}
