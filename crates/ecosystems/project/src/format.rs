//! The formats that are read.

use foretaste_model::Ecosystem;
use serde::{Deserialize, Serialize};

/// What a file is to a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FormatKind {
    /// It asks for packages.
    Manifest,
    /// It says which packages were chosen.
    Lock,
}

macro_rules! formats {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $ecosystem:ident, $kind:ident;)*) => {
        /// A file format of a manifest or lock.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
        )]
        #[serde(rename_all = "kebab-case")]
        pub enum Format {
            $($(#[$doc])* $name,)*
        }

        impl Format {
            /// Every format.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The name in reports.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// Whose packages it names.
            pub const fn ecosystem(self) -> Ecosystem {
                match self { $(Self::$name => Ecosystem::$ecosystem,)* }
            }

            /// Manifest or lock.
            pub const fn kind(self) -> FormatKind {
                match self { $(Self::$name => FormatKind::$kind,)* }
            }
        }
    };
}

formats! {
    /// `requirements*.txt`, `requirements.in`, `constraints*.txt`: pip's format.
    Requirements = "requirements.txt", Pypi, Manifest;
    /// `pyproject.toml`: PEP 621, PEP 735, and the tables of poetry, pdm, uv and hatch.
    Pyproject = "pyproject.toml", Pypi, Manifest;
    /// setuptools' declarative file.
    SetupCfg = "setup.cfg", Pypi, Manifest;
    /// setuptools' program, of which only literal arguments are read.
    SetupPy = "setup.py", Pypi, Manifest;
    /// pipenv's manifest.
    Pipfile = "Pipfile", Pypi, Manifest;
    /// conda's `environment.yml`, with its pip part.
    CondaEnvironment = "environment.yml", Pypi, Manifest;
    /// poetry's lock.
    PoetryLock = "poetry.lock", Pypi, Lock;
    /// pipenv's lock.
    PipfileLock = "Pipfile.lock", Pypi, Lock;
    /// pdm's lock.
    PdmLock = "pdm.lock", Pypi, Lock;
    /// uv's lock.
    UvLock = "uv.lock", Pypi, Lock;
    /// `pylock.toml`, `pylock.<name>.toml`: PEP 751.
    Pylock = "pylock.toml", Pypi, Lock;
    /// npm's manifest.
    PackageJson = "package.json", Npm, Manifest;
    /// `pnpm-workspace.yaml`: members and catalogs.
    PnpmWorkspace = "pnpm-workspace.yaml", Npm, Manifest;
    /// npm's lock, versions 1 to 3, and `npm-shrinkwrap.json`.
    PackageLock = "package-lock.json", Npm, Lock;
    /// yarn 1's lock.
    YarnLock = "yarn.lock", Npm, Lock;
    /// yarn 2's lock and later.
    YarnBerryLock = "yarn.lock (berry)", Npm, Lock;
    /// pnpm's lock.
    PnpmLock = "pnpm-lock.yaml", Npm, Lock;
    /// bun's text lock.
    BunLock = "bun.lock", Npm, Lock;
    /// cargo's manifest.
    CargoToml = "Cargo.toml", Cargo, Manifest;
    /// cargo's lock.
    CargoLock = "Cargo.lock", Cargo, Lock;
    /// Go's manifest, which with minimal version selection names every module.
    GoMod = "go.mod", Go, Manifest;
    /// Go's hashes.
    GoSum = "go.sum", Go, Lock;
    /// bundler's manifest, of which only literal calls are read.
    Gemfile = "Gemfile", RubyGems, Manifest;
    /// bundler's lock.
    GemfileLock = "Gemfile.lock", RubyGems, Lock;
    /// composer's manifest.
    ComposerJson = "composer.json", Packagist, Manifest;
    /// composer's lock.
    ComposerLock = "composer.lock", Packagist, Lock;
    /// A workflow or composite action: what it `uses:`.
    Workflow = "workflow", Actions, Manifest;
}
