//! # A module exists as byte code only
//!
//! ## What it finds
//! Python byte code without the source that it was made from. It weighs more if the names in it tell that it reaches the
//! network, starts programs, evaluates code or reads the environment.
//!
//! ## Why it matters
//! Python imports a `.pyc` like any module, and neither reviewers nor most scanners read it. `fshec2` (PyPI, 2023) kept its
//! whole payload in `full.pyc` and had nothing suspicious in any source.
//!
//! ## Example
//! ```text
//! fshec2/__init__.py     from . import main
//! fshec2/main.py         importlib.import_module("full")
//! fshec2/full.pyc        the collector
//! ```
//!
//! ## What to do
//! Ask for the source. What the byte code names is listed with `foretaste audit -v`; it was not run.
//!
//! ## When it is wrong
//! Vendors of closed software ship byte code on purpose, and some wheels carry caches of deleted modules.
use foretaste_engine::prelude::*;
use foretaste_model::facts::BinaryFormat;

declare_rule! {
    SourcelessBytecode,
    id: "sourceless-bytecode",
    title: "holds modules as byte code without source",
    group: Obfuscation,
    severity: Low,
    confidence: Medium,
    needs: [Code],
    tags: ["T1027.010", "T1059.006"],
    since: "0.1.0",
}

impl FileRule for SourcelessBytecode {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let is_byte_code = file
            .facts
            .binary
            .as_ref()
            .is_some_and(|b| b.format == BinaryFormat::Pyc);
        if !is_byte_code || !file.layer.is_empty() || has_source(file) {
            return Vec::new();
        }
        let inner = file.facts.layers.first().map(|l| &*l.facts);
        let does = |wanted: &dyn Fn(Capability) -> bool| {
            inner.and_then(|f| f.uses.iter().find(|u| wanted(u.capability)))
        };
        let talks = does(&|c| c.is_network_sink() || c.is_network_source());
        let gathers = does(&|c| {
            matches!(
                c,
                Capability::EnvironmentReadAll
                    | Capability::HostInfo
                    | Capability::UserInfo
                    | Capability::CredentialStore
                    | Capability::Wallet
                    | Capability::Clipboard
                    | Capability::Screen
                    | Capability::Keyboard
            )
        });
        let runs = does(&|c| {
            matches!(
                c,
                Capability::CodeEval | Capability::ProcessShell | Capability::ProcessSpawn
            )
        });
        let decodes = does(&Capability::is_decoder);
        let context = file.worst_context();
        let pair = match (talks, gathers, runs, decodes) {
            (Some(talks), Some(other), ..) | (Some(talks), _, Some(other), _) => {
                Some([talks, other])
            }
            (_, _, Some(runs), Some(decodes)) => Some([decodes, runs]),
            _ => None,
        };
        let message = match pair {
            Some([a, b]) => format!(
                "a module that exists as byte code only names {} and {} {}",
                a.api,
                b.api,
                context.phrase()
            ),
            None => "a module exists as byte code only".to_owned(),
        };
        let mut finding = self
            .finding(message)
            .context(context)
            .evidence(file.evidence(
                Span::default(),
                EvidenceRole::Site,
                "byte code without source",
            ));
        if pair.is_some() {
            finding = finding
                .severity(Severity::High)
                .confidence(Confidence::High);
        }
        vec![finding]
    }
}

/// True if the source lies where Python would look for it: beside the file, or above `__pycache__`.
fn has_source(file: &FileView<'_>) -> bool {
    let path = file.path();
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.split('.').next().unwrap_or(name);
    let folder = folder.strip_suffix("__pycache__").unwrap_or(folder);
    let folder = folder.trim_end_matches('/');
    ["py", "pyx", "pyi"].iter().any(|end| {
        let source = if folder.is_empty() {
            format!("{stem}.{end}")
        } else {
            format!("{folder}/{stem}.{end}")
        };
        file.artifact.file(&source).is_some()
    })
}
