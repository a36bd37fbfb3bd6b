//! Requirements files in pip's full grammar (<https://pip.pypa.io/en/stable/reference/requirements-file-format/>).

mod lines;
mod options;
mod read;
mod via;
mod words;

pub(super) use read::{line, read};

use super::file_name;

/// `requirements*.txt`, `*requirements.txt`, `constraints*.txt`, the same with `.in`, and every text in a folder
/// `requirements/`.
pub(super) fn matches(path: &str) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    let Some(stem) = name
        .strip_suffix(".txt")
        .or_else(|| name.strip_suffix(".in"))
    else {
        return false;
    };
    let folder = path.rsplit('/').nth(1).unwrap_or_default();
    stem.starts_with("requirements")
        || stem.ends_with("requirements")
        || stem.starts_with("constraints")
        || stem.ends_with("constraints")
        || matches!(folder, "requirements" | "reqs")
}

/// The group that a file's name tells: `requirements-dev.txt`, `requirements/test.in`. Empty for the main list.
fn group_of(path: &str) -> &'static str {
    const DEVELOPMENT: &[&str] = &[
        "dev",
        "develop",
        "development",
        "test",
        "tests",
        "testing",
        "lint",
        "doc",
        "docs",
        "ci",
        "typing",
        "mypy",
    ];
    let name = file_name(path).to_ascii_lowercase();
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words
        .find_map(|word| DEVELOPMENT.iter().find(|d| **d == word))
        .copied()
        .unwrap_or("")
}
