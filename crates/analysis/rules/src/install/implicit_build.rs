//! # npm builds it, though no script says so
//!
//! ## What it finds
//! A `binding.gyp` that runs commands of its own (`<!(...)` expansions, actions): npm calls `node-gyp rebuild` for it
//! without any script in `package.json`.
//!
//! ## Why it matters
//! The Phantom Gyp attacks (npm, June 2026) moved from install scripts to a 157-byte `binding.gyp`, past every tool that
//! reads scripts only.
//!
//! ## Example
//! `"sources": ["<!(node steal.js)"]`
//!
//! ## What to do
//! `npm ci --ignore-scripts`; look at the commands.
//!
//! ## When it is wrong
//! Native modules ask node for include folders in this way: `<!(node -p "require('node-addon-api').include")` is not
//! reported.
use foretaste_engine::prelude::*;

declare_rule! {
    ImplicitBuild,
    id: "implicit-build",
    title: "runs commands in an implicit build",
    group: Install,
    severity: High,
    confidence: Medium,
    needs: [Code],
    tags: ["T1195.002"],
    since: "0.1.0",
}

/// Parts of command expansions that honest native modules use.
const HONEST: &[&str] = &[
    "node-addon-api",
    "require('nan')",
    "require(\"nan\")",
    "node -p",
    "node -e \"require",
    "pkg-config",
    "node-gyp",
    "include_dir",
    "napi_build_version",
    "uname",
    "llvm-config",
    "nproc",
    "python -c",
    "python3 -c",
];

impl FileRule for ImplicitBuild {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let surfaces = file
            .facts
            .surfaces
            .iter()
            .filter(|s| s.kind == SurfaceKind::BindingGyp && !s.command.is_empty());
        surfaces
            .filter(|s| !HONEST.iter().any(|h| s.command.to_lowercase().contains(h)))
            .map(|s| {
                let evidence = s.span.map_or_else(
                    || Evidence::file(&file.artifact.filename, file.path(), s.command.clone()),
                    |span| file.evidence(span, EvidenceRole::Trigger, s.command.clone()),
                );
                self.finding(format!(
                    "npm runs `{}` while it builds the package, though no script says so",
                    s.command
                ))
                .context(ExecutionContext::Install)
                .evidence(evidence)
            })
            .collect()
    }
}
