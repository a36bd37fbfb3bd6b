//! # A file is run or loaded, and then removed
//!
//! ## What it finds
//! While the package is installed or imported, a file is started or loaded as a library, and the same file is deleted
//! afterwards; whenever it happens, if the program is still running when its file is removed.
//!
//! ## Why it matters
//! What removes its own traces does not want to be looked at later: the dropper behind axios (npm, March 2026) replaced
//! its own manifest, and the libraries of `termncolor` (PyPI, 2025) were deleted as soon as they ran. Whoever looks at the
//! installed package finds nothing.
//!
//! ## Example
//! ```python
//! ctypes.CDLL(here + "/theme.so").run(); os.remove(here + "/theme.so")
//! ```
//!
//! ## What to do
//! Look into the archive, not at the installed files.
//!
//! ## When it is wrong
//! Build scripts compile a probe, run it and remove it; they name a compiler in the same function and are not reported.
use foretaste_engine::prelude::*;

use crate::code;

declare_rule! {
    RunsAndErases,
    id: "runs-and-erases",
    title: "runs a file and removes it",
    group: Chain,
    severity: High,
    confidence: High,
    needs: [Code],
    tags: ["T1070.004", "T1129"],
    since: "0.1.0",
}

impl FileRule for RunsAndErases {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let uses = &file.facts.uses;
        let finding = uses.iter().find_map(|erases| {
            if erases.capability != Capability::FileDelete {
                return None;
            }
            let context = file.context(erases.function);
            let path = erases.constants.first().filter(|p| names_a_file(p))?;
            if context > ExecutionContext::Called {
                return None;
            }
            let beside = || uses.iter().filter(|u| u.function == erases.function);
            let runs = beside().find(|u| {
                (code::spawns(u) || u.capability == Capability::CodeNative)
                    && u.span.line <= erases.span.line
                    // the program, or what an interpreter is given: what stands further behind is only handed to it
                    && u.constants.iter().take(4).any(|c| c == path)
            })?;
            // installers wait for the program that they remove
            if context > ExecutionContext::Import
                && code::erased_while_running(file, runs).is_none()
            {
                return None;
            }
            if beside().any(|u| code::spawns(u) && is_compiler(&code::command_line(u))) {
                return None;
            }
            let mut finding = self
                .finding(format!("runs `{path}` and removes it {}", context.phrase()))
                .context(context)
                .evidence(file.use_evidence(runs, EvidenceRole::Source, &*runs.api))
                .evidence(file.use_evidence(erases, EvidenceRole::Sink, &*erases.api));
            if is_shipped(file, runs, path) {
                // whoever installed it is not to find what they installed
                finding = finding.severity(Severity::Critical);
            }
            Some(finding)
        });
        finding.into_iter().collect()
    }
}

/// True if it is native code of the package itself: what it is loaded as, or what it is.
fn is_shipped(file: &FileView<'_>, runs: &Use, path: &str) -> bool {
    fn name(path: &str) -> &str {
        path.rsplit(['/', '\\']).next().unwrap_or(path)
    }
    file.artifact.files.iter().any(|f| {
        name(&f.path) == name(path)
            && (runs.capability == Capability::CodeNative || f.facts.language == Language::Native)
    })
}

/// True for a path that ends in a name that is written out.
fn names_a_file(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.len() > 2 && !name.contains("{}") && !name.contains('…')
}

fn is_compiler(line: &str) -> bool {
    const COMPILERS: &[&str] = &["cc", "gcc", "clang", "c++", "g++", "cl", "rustc", "javac"];
    code::words(line)
        .next()
        .is_some_and(|first| COMPILERS.contains(&first.rsplit('/').next().unwrap_or(first)))
}
