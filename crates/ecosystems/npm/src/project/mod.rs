//! Manifests, locks and installed trees of projects: `package.json` and the locks of npm, yarn, pnpm and bun.

mod bun_lock;
mod node_modules;
mod package_json;
mod package_lock;
mod pnpm_lock;
mod pnpm_workspace;
mod reach;
mod source;
mod specifier;
mod yarn_berry;
mod yarn_lock;

use foretaste_project::{Format, Reader};

pub use node_modules::{Installed, installed};
pub use specifier::{Specifier, specifier};

/// How each file is read.
pub const READERS: &[Reader] = &[
    Reader {
        format: Format::PackageJson,
        matches: |path| name(path) == "package.json",
        read: package_json::read,
    },
    Reader {
        format: Format::PnpmWorkspace,
        matches: |path| matches!(name(path), "pnpm-workspace.yaml" | "pnpm-workspace.yml"),
        read: pnpm_workspace::read,
    },
    Reader {
        format: Format::PackageLock,
        matches: |path| {
            matches!(
                name(path),
                "package-lock.json" | "npm-shrinkwrap.json" | ".package-lock.json"
            )
        },
        read: package_lock::read,
    },
    // berry's lock has the same name: each says so itself, and this reader hands it on
    Reader {
        format: Format::YarnLock,
        matches: |path| name(path) == "yarn.lock",
        read: yarn_lock::read,
    },
    Reader {
        format: Format::PnpmLock,
        matches: |path| name(path) == "pnpm-lock.yaml",
        read: pnpm_lock::read,
    },
    Reader {
        format: Format::BunLock,
        matches: |path| name(path) == "bun.lock",
        read: bun_lock::read,
    },
];

/// The last part of a path.
fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
