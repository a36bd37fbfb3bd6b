//! Install surfaces: code that runs without being imported.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Span;

/// One way in which code of a package runs without the user calling it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct InstallSurface {
    /// The mechanism.
    pub kind: SurfaceKind,
    /// The mechanism's own name: `postinstall`, `install` (cmdclass), `console_scripts:foo`.
    pub name: Box<str>,
    /// The command line or code object that runs, if stated: `node setup.js`, `pkg.mod:main`, `AfterInstall`.
    pub command: Box<str>,
    /// The file that declares it, relative to the file in which it was seen; empty for that file itself. Of a command class:
    /// the classes of the same file from which it inherits, between blanks.
    pub target: Box<str>,
    /// Where it is declared.
    pub span: Option<Span>,
}

/// The name of a [`SurfaceKind::Pth`] surface that is, letter by letter, what setuptools writes for a namespace package.
pub const NAMESPACE_LINE: &str = "namespace package";

/// How the name of a life-cycle script ends that npm runs for folders and git repositories alone, not for what comes from
/// a registry.
pub const SOURCE_INSTALL_ONLY: &str = " (git and folder installs only)";

/// Mechanisms that run package code.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum SurfaceKind {
    /// `setup.py` runs on every install from source.
    SetupPy,
    /// A command class in `setup.py` (`cmdclass`).
    CmdClass,
    /// A build backend from an index (`build-backend`).
    BuildBackend,
    /// A build backend inside the source tree (`backend-path`).
    InTreeBackend,
    /// A line in a `.pth` file that starts with `import`.
    Pth,
    /// `sitecustomize` or `usercustomize`.
    SiteCustomize,
    /// An npm life-cycle script that runs on install (`preinstall`, `install`, `postinstall`, `prepare`, ...).
    NpmLifecycle,
    /// A `binding.gyp` without an install script: npm runs `node-gyp rebuild`.
    BindingGyp,
    /// A cargo build script.
    BuildRs,
    /// A procedural macro: runs in the compiler.
    ProcMacro,
    /// A cargo `links` key: native library, build script expected.
    NativeLinks,
    /// A console or GUI script.
    EntryPoint,
    /// A plug-in entry point that another program loads by itself (pytest11, flake8, ...).
    Plugin,
    /// An npm `bin`.
    Bin,
    /// A native extension of a gem: its `extconf.rb`, `Rakefile` or `configure` runs on install.
    GemExtension,
    /// A plug-in of the gem program: `rubygems_plugin.rb` runs whenever it starts.
    GemPlugin,
    /// A composer script that runs when its package is the root project.
    ComposerScript,
    /// A composer plug-in: its class runs inside composer, also while other packages are installed.
    ComposerPlugin,
    /// A file of composer's `autoload.files`: it runs in every request that loads the autoloader.
    ComposerAutoload,
    /// A PowerShell script of a NuGet package: `tools/init.ps1`, `tools/install.ps1`.
    NugetScript,
    /// An MSBuild file of a NuGet package: it runs in every build that references the package.
    MsbuildImport,
    /// What an editor extension runs when it is activated.
    ExtensionActivation,
    /// A step of a GitHub Action: it runs in the workflows that use it.
    ActionStep,
    /// What importing an npm package loads (`main`, `module`, `browser`, `exports`).
    Main,
}

/// The name of the surface of an extension that is activated whenever the editor starts.
pub const EDITOR_STARTS: &str = "whenever the editor starts";

impl SurfaceKind {
    /// True if it runs while the package is installed or built.
    pub const fn runs_at_install(self) -> bool {
        matches!(
            self,
            Self::SetupPy
                | Self::CmdClass
                | Self::BuildBackend
                | Self::InTreeBackend
                | Self::NpmLifecycle
                | Self::BindingGyp
                | Self::BuildRs
                | Self::ProcMacro
                | Self::GemExtension
                | Self::ComposerScript
                | Self::ComposerPlugin
                | Self::NugetScript
                | Self::MsbuildImport
        )
    }

    /// True if it runs whenever the interpreter starts.
    pub const fn runs_at_start(self) -> bool {
        matches!(self, Self::Pth | Self::SiteCustomize | Self::GemPlugin)
    }
}
