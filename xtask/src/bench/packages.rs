//! Real packages to measure on: those at hand, or fetched once with pip; nothing of them is executed, built or installed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::step;

/// Wheels of popular applications' trees; enough source for a stable figure.
const WHEELS: &[&str] = &[
    "django", "flask", "requests", "rich", "sphinx", "pytest", "black", "boto3", "fastapi",
    "jinja2",
];

/// What can be downloaded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Wheel,
    Sdist,
}

impl Form {
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "whl" => Some(Self::Wheel),
            "gz" => Some(Self::Sdist),
            _ => None,
        }
    }

    const fn option(self) -> &'static str {
        match self {
            Self::Wheel => "--only-binary=:all:",
            Self::Sdist => "--no-binary=:all:",
        }
    }
}

/// Packages at hand, and where others are kept.
pub(super) struct Packages {
    at_hand: Vec<PathBuf>,
    home: PathBuf,
}

impl Packages {
    /// Takes what lies in `folders`; what is missing there will be kept below `home`.
    pub(super) fn new(folders: &[PathBuf], home: &Path) -> Self {
        let mut at_hand: Vec<PathBuf> = folders.iter().flat_map(|folder| listed(folder)).collect();
        at_hand.sort();
        Self {
            at_hand,
            home: home.join("packages"),
        }
    }

    /// The wheels to measure whole sets on.
    ///
    /// # Errors
    /// None is at hand, and pip cannot fetch them.
    pub(super) fn wheels(&self) -> Result<Vec<PathBuf>> {
        let mut all = self.all(Form::Wheel);
        if !all.is_empty() {
            return Ok(all);
        }
        for name in WHEELS {
            all.extend(self.download(name, name, &[Form::Wheel.option()])?);
        }
        all.sort();
        all.dedup();
        Ok(all)
    }

    /// The packages of a form that are at hand.
    pub(super) fn all(&self, form: Form) -> Vec<PathBuf> {
        let fits = self.at_hand.iter().filter(|p| Form::of(p) == Some(form));
        fits.cloned().collect()
    }

    /// One release: at hand, or fetched without its dependencies.
    ///
    /// # Errors
    /// It is not at hand, and pip cannot fetch it.
    pub(super) fn one(&self, name: &str, form: Form) -> Result<PathBuf> {
        let start = format!("{}-", name.replace("==", "-"));
        let at_hand = self.at_hand.iter().find(|p| {
            let file = p.file_name().unwrap_or_default().to_string_lossy();
            Form::of(p) == Some(form) && file.to_ascii_lowercase().starts_with(&start)
        });
        if let Some(file) = at_hand {
            return Ok(file.clone());
        }
        let suffix = if form == Form::Wheel {
            "alone"
        } else {
            "sdist"
        };
        let folder = format!("{}.{suffix}", name.replace("==", "-"));
        let files = self.download(name, &folder, &["--no-deps", form.option()])?;
        let first = files.into_iter().next();
        first.ok_or_else(|| anyhow::anyhow!("pip fetched nothing for {name}"))
    }

    /// Downloads once with pip, and gives the files in order.
    fn download(&self, name: &str, folder: &str, options: &[&str]) -> Result<Vec<PathBuf>> {
        let folder = self.home.join(folder);
        if !folder.exists() {
            // a download that broke off leaves nothing behind that looks like a whole one
            let mut part = folder.clone().into_os_string();
            part.push(".part");
            let shown = part.to_string_lossy().into_owned();
            let mut args = vec!["-m", "pip", "download", "-q", "-d", &shown];
            args.extend(options);
            args.push(name);
            step("python3", &args)?;
            fs::rename(&part, &folder)?;
        }
        let mut files = listed(&folder);
        files.sort();
        Ok(files)
    }
}

/// What lies in a folder.
fn listed(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}
