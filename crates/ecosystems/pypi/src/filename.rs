//! Names of wheels, sdists and eggs.

use foretaste_model::facts::ArtifactKind;

/// What a file name of an index says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DistFilename {
    /// `{name}-{version}(-{build})?-{python}-{abi}-{platform}.whl`.
    Wheel(WheelFilename),
    /// `{name}-{version}.tar.gz` and the older endings.
    Sdist {
        /// The version as written.
        version: Box<str>,
    },
    /// `{name}-{version}(-py{X.Y}(-{platform})?)?.egg`.
    Egg {
        /// The version as written.
        version: Box<str>,
    },
    /// An installer that no current client uses (`.exe`, `.msi`, `.rpm`, `.deb`, `.dmg`).
    Other {
        /// The version as written, if it could be told.
        version: Option<Box<str>>,
    },
}

/// The parts of a wheel's name (<https://packaging.python.org/en/latest/specifications/binary-distribution-format/>).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WheelFilename {
    /// The name as written.
    pub name: Box<str>,
    /// The version as written.
    pub version: Box<str>,
    /// The build tag.
    pub build: Option<Box<str>>,
    /// Python tags, e.g. `py2`, `py3`, `cp312`.
    pub python: Vec<Box<str>>,
    /// ABI tags, e.g. `none`, `abi3`, `cp312`.
    pub abi: Vec<Box<str>>,
    /// Platform tags, e.g. `any`, `manylinux_2_17_x86_64`.
    pub platform: Vec<Box<str>>,
}

/// Endings of source distributions, current and historical.
const SDIST_ENDINGS: [&str; 9] = [
    ".tar.gz",
    ".zip",
    ".tar.bz2",
    ".tgz",
    ".tar.xz",
    ".tar.Z",
    ".tbz",
    ".tar",
    ".tar.lzma",
];

/// Endings of installers.
const OTHER_ENDINGS: [&str; 5] = [".exe", ".msi", ".rpm", ".deb", ".dmg"];

impl DistFilename {
    /// Reads a file name of the package `name` (normalised). `None` if it is no distribution of that package.
    pub fn parse(filename: &str, name: &str) -> Option<Self> {
        if filename.len() > 512 || filename.contains(['/', '\\']) {
            return None;
        }
        if let Some(stem) = strip_ending(filename, ".whl") {
            let wheel = WheelFilename::parse_stem(stem)?;
            return (normalise(&wheel.name) == name).then_some(Self::Wheel(wheel));
        }
        if let Some(stem) = strip_ending(filename, ".egg") {
            let version = version_after(stem, name)?;
            let version = version.split("-py").next()?.into();
            return Some(Self::Egg { version });
        }
        for ending in SDIST_ENDINGS {
            if let Some(stem) = strip_ending(filename, ending) {
                let version = version_after(stem, name)?.into();
                return Some(Self::Sdist { version });
            }
        }
        for ending in OTHER_ENDINGS {
            if let Some(stem) = strip_ending(filename, ending) {
                let version = version_after(stem, name)
                    .and_then(|rest| rest.split(['-', ' ']).next())
                    .map(|v| v.trim_end_matches(".win32").trim_end_matches(".win"))
                    .map(Into::into);
                return Some(Self::Other { version });
            }
        }
        None
    }

    /// The version as written.
    pub fn version(&self) -> Option<&str> {
        match self {
            Self::Wheel(wheel) => Some(&wheel.version),
            Self::Sdist { version } | Self::Egg { version } => Some(version),
            Self::Other { version } => version.as_deref(),
        }
    }

    /// The kind in the vocabulary of reports.
    pub const fn kind(&self) -> ArtifactKind {
        match self {
            Self::Wheel(_) => ArtifactKind::Wheel,
            Self::Sdist { .. } => ArtifactKind::Sdist,
            Self::Egg { .. } => ArtifactKind::Egg,
            Self::Other { .. } => ArtifactKind::Archive,
        }
    }
}

impl WheelFilename {
    /// Reads a wheel's file name, with or without `.whl`.
    pub fn parse(filename: &str) -> Option<Self> {
        Self::parse_stem(strip_ending(filename, ".whl").unwrap_or(filename))
    }

    fn parse_stem(stem: &str) -> Option<Self> {
        let parts: Vec<&str> = stem.split('-').collect();
        let (name, version, build, tags) = match parts.as_slice() {
            [name, version, tags @ ..] if tags.len() == 3 => (name, version, None, tags),
            [name, version, build, tags @ ..] if tags.len() == 3 => {
                (name, version, Some(*build), tags)
            }
            _ => return None,
        };
        if name.is_empty() || version.is_empty() {
            return None;
        }
        let set = |tag: Option<&&str>| -> Vec<Box<str>> {
            tag.map(|t| t.split('.').map(Into::into).collect())
                .unwrap_or_default()
        };
        Some(Self {
            name: (*name).into(),
            // Wheels of old builders escape the `-` and `!` of a version as `_`.
            version: version.replace('_', "-").into(),
            build: build.map(Into::into),
            python: set(tags.first()),
            abi: set(tags.get(1)),
            platform: set(tags.get(2)),
        })
    }
}

fn strip_ending<'a>(filename: &'a str, ending: &str) -> Option<&'a str> {
    let at = filename.len().checked_sub(ending.len())?;
    let (stem, found) = (filename.get(..at)?, filename.get(at..)?);
    found.eq_ignore_ascii_case(ending).then_some(stem)
}

fn normalise(name: &str) -> String {
    foretaste_model::PackageName::new(foretaste_model::Ecosystem::Pypi, name)
        .as_str()
        .to_owned()
}

/// What follows the package's name and a `-`. Names may hold `-` themselves, so every split is compared with the name
/// that the index was asked for.
fn version_after<'a>(stem: &'a str, name: &str) -> Option<&'a str> {
    stem.match_indices('-').find_map(|(at, _)| {
        let rest = stem.get(at + 1..)?;
        (!rest.is_empty() && normalise(stem.get(..at)?) == name).then_some(rest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(filename: &str, name: &str) -> Option<String> {
        DistFilename::parse(filename, name)
            .map(|f| format!("{} {}", f.kind().title(), f.version().unwrap_or("?")))
    }

    #[test]
    fn reads_versions_of_every_kind_of_file() {
        for (filename, name, expected) in [
            ("requests-2.32.0.tar.gz", "requests", Some("sdist 2.32.0")),
            (
                "Flask-SQLAlchemy-3.0.zip",
                "flask-sqlalchemy",
                Some("sdist 3.0"),
            ),
            (
                "flask_sqlalchemy-3.0.tar.gz",
                "flask-sqlalchemy",
                Some("sdist 3.0"),
            ),
            (
                "zope.interface-5.0.tar.bz2",
                "zope-interface",
                Some("sdist 5.0"),
            ),
            ("a-1-1.0.tar.gz", "a-1", Some("sdist 1.0")),
            ("pytz-2004b-2.tgz", "pytz", Some("sdist 2004b-2")),
            (
                "six-1.16.0-py2.py3-none-any.whl",
                "six",
                Some("wheel 1.16.0"),
            ),
            (
                "a-1.0-2-cp39-abi3-manylinux1_x86_64.whl",
                "a",
                Some("wheel 1.0"),
            ),
            (
                "torch-2.0+cu118-cp39-cp39-linux_x86_64.whl",
                "torch",
                Some("wheel 2.0+cu118"),
            ),
            ("lxml-2.2.2-py2.5-win32.egg", "lxml", Some("egg 2.2.2")),
            (
                "pywin32-214.win32-py2.6.exe",
                "pywin32",
                Some("archive 214"),
            ),
            ("other-1.0.tar.gz", "requests", None),
            ("other-1.0-py3-none-any.whl", "requests", None),
            ("requests-2.32.0.tar.gz.asc", "requests", None),
            ("requests-.tar.gz", "requests", None),
            ("../requests-1.0.tar.gz", "requests", None),
            ("requests-1.0-py3-none.whl", "requests", None),
            ("", "requests", None),
        ] {
            assert_eq!(read(filename, name).as_deref(), expected, "{filename}");
        }
    }

    #[test]
    fn splits_compressed_tag_sets() {
        let wheel = WheelFilename::parse(
            "x-1-1a-cp38.cp39-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        )
        .expect("a wheel");
        assert_eq!(wheel.build.as_deref(), Some("1a"));
        assert_eq!(wheel.python.len(), 2);
        assert_eq!(&*wheel.platform[1], "manylinux2014_x86_64");
    }

    proptest! {
        #[test]
        fn never_panics(filename in "\\PC{0,80}", name in "[a-z-]{0,8}") {
            let _ = DistFilename::parse(&filename, &name);
        }
    }
}
