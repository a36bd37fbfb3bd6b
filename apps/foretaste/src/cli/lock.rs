//! `foretaste lock`, `verify` and `sbom` as types.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::HowArgs;

/// `foretaste lock`
#[derive(Debug, Args)]
#[command(
    after_help = "Manifests: requirements.in and other *.in lists, pyproject.toml, package.json, Cargo.toml. uv, npm and cargo resolve them,\non copies; nothing of a package is built or run. What is published as source alone is refused.\n\nExit codes: 0 written · 1 refused, and nothing was written · 2 usage or configuration error · 3 something could not\nbe vetted, and nothing was written"
)]
pub(crate) struct LockArgs {
    /// A manifest, or a folder with some.
    #[arg(value_name = "MANIFEST|DIR", default_value = ".")]
    pub(crate) path: String,
    /// The kind of lock [default: what the project has, else a requirements.txt with hashes]
    #[arg(long, value_enum, value_name = "KIND")]
    pub(crate) to: Option<LockTo>,
    /// The file that is written, instead of the usual one beside the manifest.
    #[arg(long, value_name = "FILE")]
    pub(crate) into: Option<PathBuf>,
    /// Take no release that was published fewer days ago [default: the policy's, else 0]
    #[arg(long, value_name = "DAYS")]
    pub(crate) min_age: Option<u32>,
    /// Take the newest versions instead of those of the present lock.
    #[arg(long)]
    pub(crate) upgrade: bool,
    /// Accept releases that could not be vetted in full.
    #[arg(long)]
    pub(crate) allow_incomplete: bool,
    /// Resolve and vet, and write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) how: HowArgs,
}

/// `foretaste verify`
#[derive(Debug, Args)]
#[command(
    after_help = "Every production dependency is pinned and hashed, its hash is in the index and equal to what is served, nothing comes\nfrom elsewhere than approved sources, no extra index permits confusion, workflow actions are pinned to a commit, and\nan environment holds what the locks say.\n\nExit codes: 0 all of it holds · 1 something does not · 2 usage or configuration error · 3 something could not be checked"
)]
pub(crate) struct VerifyArgs {
    /// The project.
    #[arg(value_name = "DIR", default_value = ".")]
    pub(crate) path: String,
    /// A Python environment, or a node_modules, that must hold what the locks say: nothing missing, extra or changed.
    #[arg(long, value_name = "PATH")]
    pub(crate) env: Option<PathBuf>,
    /// Development dependencies count too.
    #[arg(long)]
    pub(crate) dev: bool,
    /// Compare hashes with the index alone, and fetch no artifact.
    #[arg(long)]
    pub(crate) index_only: bool,
    #[command(flatten)]
    pub(crate) how: HowArgs,
}

/// `foretaste sbom`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 written · 2 usage or configuration error · 3 written, and something that the project asks for is not in\nit, because nothing fixes its version or its file cannot be read"
)]
pub(crate) struct SbomArgs {
    /// The project.
    #[arg(value_name = "DIR", default_value = ".")]
    pub(crate) path: String,
    /// The standard to follow.
    #[arg(long, value_enum, value_name = "STANDARD", default_value_t = SbomFormat::Cyclonedx)]
    pub(crate) to: SbomFormat,
    /// List only what the locks hold, and vet nothing.
    #[arg(long)]
    pub(crate) no_verdicts: bool,
    /// State of flaws in packages that no import of the project leads to: not affected, because the code is not reachable
    /// (CycloneDX). Without it they stay in triage, and the hint is told.
    #[arg(long, conflicts_with = "no_verdicts")]
    pub(crate) trust_imports: bool,
    #[command(flatten)]
    pub(crate) how: HowArgs,
}

/// The standards for bills of materials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SbomFormat {
    /// CycloneDX 1.6, with advisories and waivers as VEX.
    Cyclonedx,
    /// SPDX 2.3.
    Spdx,
    /// SPDX 3.0.1, as JSON-LD.
    Spdx3,
}

/// The kinds of locks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LockTo {
    /// A requirements.txt with hashes.
    Requirements,
    /// A pylock.toml (PEP 751).
    Pylock,
    /// A uv.lock.
    Uv,
    /// A package-lock.json.
    Npm,
    /// A Cargo.lock.
    Cargo,
}
