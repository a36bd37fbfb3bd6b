//! What a file's path and nature say of its part in a package, before anything is known of who loads it.

use foretaste_model::facts::{ArtifactKind, FileFacts, FileNature, Language};

/// True for the path of a test, of documentation, of an example or of a type stub.
pub fn is_test_path(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let mut parts: Vec<&str> = lower.split('/').collect();
    let file = parts.pop().unwrap_or("");
    let folder = |p: &&str| {
        matches!(
            *p,
            "test"
                | "tests"
                | "testing"
                | "__tests__"
                | "spec"
                | "specs"
                | "doc"
                | "docs"
                | "example"
                | "examples"
                | "samples"
                | "demo"
                | "demos"
                | "benchmark"
                | "benchmarks"
                | "benches"
                | "fixtures"
                | "typeshed"
        )
    };
    let stem = file.split('.').next().unwrap_or(file);
    parts.iter().any(folder)
        || file.ends_with(".pyi")
        || file.ends_with(".d.ts")
        || file.contains(".test.")
        || file.contains(".spec.")
        || file == "conftest.py"
        || (stem.starts_with("test_") && file.ends_with(".py"))
        || (stem.ends_with("_test") && file.ends_with(".py"))
}

/// Folders where maintainers keep what they start themselves: continuous integration, releases, generators.
pub(crate) fn is_workshop(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let folders = lower.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders.split('/').any(|part| {
        matches!(
            part,
            "script"
                | "scripts"
                | "tool"
                | "tools"
                | "ci"
                | "dev"
                | "devtools"
                | "bench"
                | "maint"
                | "release"
                | "packaging"
        ) || (part.len() > 1 && part.starts_with('.') && part != "..")
    })
}

/// What the package carries but does not run by itself: scripts for browsers inside a Python package, third-party
/// folders, and minified scripts until something loads them. Python is never minified for delivery: a Python file that
/// looks so is hidden, not an asset.
pub(crate) fn is_asset(path: &str, facts: &FileFacts, kind: ArtifactKind) -> bool {
    let python = matches!(
        kind,
        ArtifactKind::Sdist | ArtifactKind::Wheel | ArtifactKind::Egg
    );
    let script = matches!(
        facts.language,
        Language::JavaScript | Language::TypeScript | Language::Html
    );
    let vendored =
        |part: &str| matches!(part, "node_modules" | "bower_components" | "site-packages");
    script && (python || facts.nature == FileNature::Minified || path.split('/').any(vendored))
}
