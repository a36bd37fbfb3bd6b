//! # A package with nothing in it acts while it is installed
//!
//! ## What it finds
//! A source distribution or npm package whose only code is its installer, and that installer reaches the network, starts
//! programs, executes hidden code or puts something among its user's own files.
//!
//! ## Why it matters
//! Nearly three quarters of the malicious PyPI artifacts hold no code outside `setup.py`: being installed is all they are
//! for. An honest package that needs work at install time has something to install.
//!
//! ## Example
//! A `setup.py` that posts the host name, beside an empty `__init__.py`.
//!
//! ## What to do
//! Do not install. Look at what the installer does.
//!
//! ## When it is wrong
//! Stubs that only forward to another package and say so; they have no reason to use the network. It fires on no
//! benign package of the development set.
use foretaste_engine::prelude::*;
use foretaste_model::facts::{ArtifactFacts, ArtifactKind, FileEntry, UseKind};

use crate::code;

declare_rule! {
    HollowInstaller,
    id: "hollow-installer",
    title: "acts on install and holds nothing else",
    group: Install,
    severity: High,
    confidence: High,
    needs: [Code],
    tags: ["T1195.002", "AV-001"],
    options: [{ "lines", 20.0, "lines", "packages with fewer lines of code outside their installer are hollow" }],
    since: "0.1.0",
}

impl ReleaseRule for HollowInstaller {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let limit = scene.option(self.meta(), "lines") as u32;
        let mut findings = Vec::new();
        for artifact in scene.artifacts {
            let is_hollow = lines_outside(artifact).is_some_and(|lines| lines < limit);
            if artifact.kind == ArtifactKind::Wheel || !is_hollow {
                continue;
            }
            let mut acts: Vec<(u8, FileView<'_>, &Use)> = Vec::new();
            for file in scene.files().filter(|f| std::ptr::eq(f.artifact, artifact)) {
                let uses: Vec<&Use> = file.facts.uses.iter().collect();
                for used in uses {
                    if file.context(used.function) <= ExecutionContext::Start
                        && let Some(rank) = act(used)
                    {
                        acts.push((rank, file.clone(), used));
                    }
                }
            }
            let Some((rank, file, used)) = acts.into_iter().min_by_key(|(rank, _, _)| *rank) else {
                findings.extend(Self::idle_command(scene, artifact));
                continue;
            };
            let context = file.context(used.function);
            let (what, confidence) = match rank {
                0 => ("reaches the network", Confidence::High),
                1 => ("executes code that it does not show", Confidence::High),
                2 => ("only looks around or leaves a mark", Confidence::High),
                // nothing that is built or set up belongs there: certain in itself
                3 => ("writes among its user's own files", Confidence::Certain),
                _ => ("starts programs", Confidence::Medium),
            };
            findings.push(
                self.finding(format!(
                    "holds no code but its installer, which {what} {}",
                    context.phrase()
                ))
                .confidence(confidence)
                .context(context)
                .evidence(file.use_evidence(used, EvidenceRole::Site, &*used.api)),
            );
        }
        findings
    }
}

impl HollowInstaller {
    /// An install command of its own, in a package with nothing to install: what it does today is not the point.
    fn idle_command(scene: &Scene<'_>, artifact: &ArtifactFacts) -> Option<Finding> {
        let mut files = scene.files().filter(|f| std::ptr::eq(f.artifact, artifact));
        files.find_map(|file| {
            let mut surfaces = file.facts.surfaces.iter();
            let surface = surfaces.find(|s| s.kind == SurfaceKind::CmdClass)?;
            let finding = Self
                .finding("holds no code but a command of its own for its installation")
                .severity(Severity::Medium)
                .context(ExecutionContext::Install);
            let span = surface.span.unwrap_or_default();
            Some(finding.evidence(file.evidence(
                span,
                EvidenceRole::Site,
                format!("{}: {}", surface.name, surface.command),
            )))
        })
    }
}

/// How telling an act is at install time, most telling first.
fn act(used: &Use) -> Option<u8> {
    let line = code::command_line(used);
    if code::talks(used) {
        Some(0)
    } else if used.capability == Capability::CodeEval && used.constants.is_empty() {
        Some(1)
    } else if code::spawns(used) && code::is_aimless(&line) {
        Some(2)
    } else if writes_among_own_files(used) {
        Some(3)
    } else if code::spawns(used) && !is_build_tool(&line) {
        Some(4)
    } else {
        None
    }
}

/// True for writing where a user keeps documents, or beside them at the top of a home: not to the folders that begin with a dot,
/// in which settings and completions are put.
fn writes_among_own_files(used: &Use) -> bool {
    const KEPT: &[&str] = &["/desktop/", "/documents/", "/downloads/", "/pictures/"];
    const HOMES: &[&str] = &["~/", "/home/{}/", "/users/{}/", "{home}/"];
    used.capability == Capability::FileWrite
        && used.kind == UseKind::Call
        && used.constants.iter().any(|path| {
            let path = path.replace('\\', "/").to_lowercase();
            let at_top = HOMES.iter().any(|home| {
                path.split_once(home).is_some_and(|(_, rest)| {
                    !rest.is_empty() && !rest.starts_with('.') && !rest.contains('/')
                })
            });
            at_top || KEPT.iter().any(|kept| path.contains(kept))
        })
}

/// Programs that builds and releases call honestly.
fn is_build_tool(line: &str) -> bool {
    const TOOLS: &[&str] = &[
        "git",
        "hg",
        "make",
        "cmake",
        "gcc",
        "cc",
        "c++",
        "g++",
        "clang",
        "pkg-config",
        "node-gyp",
        "cargo",
        "rustc",
        "twine",
        "setup.py",
        "sphinx-build",
        "swig",
        "npm",
        "husky",
    ];
    code::words(line)
        .take(2)
        .any(|w| TOOLS.contains(&w.rsplit('/').next().unwrap_or(w)))
}

/// Lines of code that is not the installer; none if there is something else to install.
fn lines_outside(artifact: &ArtifactFacts) -> Option<u32> {
    let most = code::Beside {
        data: 50_000,
        unknown: 2_000,
    };
    code::lines(artifact, most, is_installer)
}

fn is_installer(file: &FileEntry) -> bool {
    let path = &*file.path;
    path == "setup.py"
        || path == "build.rs"
        || (!path.contains('/') && file.facts.surfaces.iter().any(|s| s.kind.runs_at_install()))
}
