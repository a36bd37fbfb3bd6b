//! Words that are put before or behind a name without changing what it seems to be.

/// Words that stand before a name, with a separator. Sorted, for look-up.
const LEADING: &[&str] = &[
    "easy", "fast", "free", "get", "go", "js", "lib", "my", "new", "node", "nodejs", "npm",
    "official", "original", "py", "py3", "pypi", "python", "python2", "python3", "real", "rs",
    "rust", "simple", "super", "the", "ultra", "use",
];

/// Words that stand behind a name, with a separator: languages, kinds of software, editions, platforms,
/// stages. Sorted, for look-up.
const TRAILING: &[&str] = &[
    "alpha",
    "api",
    "arm64",
    "base",
    "beta",
    "bin",
    "binary",
    "cli",
    "client",
    "clone",
    "common",
    "compat",
    "copy",
    "core",
    "cpu",
    "cuda",
    "custom",
    "darwin",
    "demo",
    "dev",
    "develop",
    "example",
    "fast",
    "fix",
    "fixed",
    "fork",
    "framework",
    "free",
    "go",
    "gpu",
    "helper",
    "helpers",
    "hotfix",
    "js",
    "latest",
    "legacy",
    "lib",
    "library",
    "libs",
    "light",
    "linux",
    "lite",
    "mac",
    "macos",
    "mini",
    "mod",
    "module",
    "new",
    "next",
    "nightly",
    "node",
    "nodejs",
    "npm",
    "official",
    "old",
    "original",
    "osx",
    "package",
    "patch",
    "patched",
    "pkg",
    "plus",
    "premium",
    "pro",
    "py",
    "py2",
    "py3",
    "python",
    "python2",
    "python3",
    "rc",
    "real",
    "rs",
    "rust",
    "safe",
    "sample",
    "sdk",
    "secure",
    "simd",
    "slim",
    "stable",
    "test",
    "testing",
    "tests",
    "tool",
    "tools",
    "ts",
    "turbo",
    "typescript",
    "update",
    "updated",
    "util",
    "utils",
    "win",
    "win32",
    "win64",
    "windows",
    "wrapper",
    "x64",
    "x86",
];

/// Syllables that stand at either end without a separator.
const GLUED_BEFORE: &[&str] = &["python", "node", "py", "lib"];
const GLUED_BEHIND: &[&str] = &["python", "nodejs", "node", "lib", "js", "py"];

/// The shortest name that is left when its affixes are taken off; what is shorter could be anything.
const SHORTEST_CORE: usize = 3;

/// The squashed name without its affixes and version digits, or `None` when there is nothing to take off.
pub(crate) fn core<S: AsRef<str>>(words: &[S]) -> Option<String> {
    let mut words = words;
    let mut changed = false;
    while let [_, rest @ ..] = words
        && let [first, ..] = words
        && is_enough(rest)
        && LEADING.binary_search(&first.as_ref()).is_ok()
    {
        words = rest;
        changed = true;
    }
    while let [rest @ .., last] = words
        && is_enough(rest)
        && (TRAILING.binary_search(&last.as_ref()).is_ok() || is_version(last.as_ref()))
    {
        words = rest;
        changed = true;
    }
    let joined: String = words.iter().map(AsRef::as_ref).collect();
    let bare = without_syllables(&joined);
    (changed || bare != joined).then(|| bare.to_owned())
}

fn is_enough<S: AsRef<str>>(words: &[S]) -> bool {
    words.iter().map(|w| w.as_ref().len()).sum::<usize>() >= SHORTEST_CORE
}

/// `2`, `v2`.
fn is_version(word: &str) -> bool {
    let digits = word.strip_prefix('v').unwrap_or(word);
    !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit())
}

/// Takes version digits and one glued syllable off.
fn without_syllables(name: &str) -> &str {
    let long_enough = |rest: &&str| rest.chars().count() > SHORTEST_CORE;
    let digits = |name: &'_ str| -> Option<usize> {
        let bare = name.trim_end_matches(|c: char| c.is_ascii_digit());
        (bare.len() < name.len() && bare.chars().count() >= SHORTEST_CORE).then_some(bare.len())
    };
    let name = digits(name).and_then(|end| name.get(..end)).unwrap_or(name);
    GLUED_BEHIND
        .iter()
        .filter_map(|syllable| name.strip_suffix(syllable))
        .chain(
            GLUED_BEFORE
                .iter()
                .filter_map(|syllable| name.strip_prefix(syllable)),
        )
        .find(long_enough)
        .unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(LEADING.is_sorted());
        assert!(TRAILING.is_sorted());
    }

    #[test]
    fn cores_are_what_a_reader_recognises() {
        for (name, expected) in [
            ("requests", None),
            ("python-nmap", Some("nmap")),
            ("react-router-dom.js", Some("reactrouterdom")),
            ("urllib3", Some("urllib")),
            ("typescriptjs", Some("typescript")),
            ("requests-darwin-lite", Some("requests")),
            ("underscore.string-2", Some("underscorestring")),
            ("py-js", None),
            ("pyyaml", Some("yaml")),
            ("js", None),
            ("node", None),
        ] {
            let words: Vec<String> = name.split(['-', '.']).map(str::to_owned).collect();
            assert_eq!(core(&words).as_deref(), expected, "{name}");
        }
    }
}
