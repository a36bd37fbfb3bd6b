//! Specifiers of dependencies, as npm, yarn, pnpm and bun read them.

use foretaste_model::manifest::DependencySource;
use foretaste_project::{Constraint, Location};
use nodejs_semver::{Range, Version};

use crate::manifest::source_of;

/// A specifier, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Specifier {
    /// The package that is installed: not the alias.
    pub name: String,
    /// What of the specifier is about versions; the whole of it where none is.
    pub specifier: String,
    /// How far it ties the choice down.
    pub constraint: Constraint,
    /// A link instead of a copy.
    pub editable: bool,
}

/// Reads the specifier of a dependency that is called `name`.
pub fn specifier(name: &str, text: &str) -> Specifier {
    let text = text.trim();
    let made = |name: &str, specifier: &str, constraint| Specifier {
        name: name.to_owned(),
        specifier: specifier.to_owned(),
        constraint,
        editable: false,
    };
    if let Some(rest) = text.strip_prefix("workspace:") {
        // `workspace:other@^1` is an alias of a member
        let (real, range) = rest
            .rfind('@')
            .filter(|at| *at > 0)
            .map_or((name, rest), |at| (&rest[..at], &rest[at + 1..]));
        return made(real, range, Constraint::Workspace);
    }
    if text.starts_with("catalog:") {
        return made(name, text, Constraint::Range);
    }
    if let Some(rest) = text.strip_prefix("patch:") {
        // `patch:left-pad@npm%3A1.3.0#~/.yarn/patches/…`: what is patched is what is vetted
        let inner = rest
            .split('#')
            .next()
            .unwrap_or("")
            .replace("%3A", ":")
            .replace("%3a", ":");
        let (real, range) = split(&inner);
        let range = range.strip_prefix("npm:").unwrap_or(range);
        return made(
            if real.is_empty() { name } else { real },
            range,
            range_of(range),
        );
    }
    if let Some(rest) = text.strip_prefix("jsr:") {
        // jsr serves `@std/path` to npm clients as `@jsr/std__path`
        let (real, range) = if rest.starts_with('@') {
            split(rest)
        } else {
            (name, rest)
        };
        let real = real.strip_prefix('@').map_or_else(
            || real.to_owned(),
            |r| format!("@jsr/{}", r.replace('/', "__")),
        );
        return made(&real, range, range_of(range));
    }
    if let Some(rest) = text.strip_prefix("npm:")
        && (rest.is_empty() || rest.parse::<Version>().is_ok() || rest.parse::<Range>().is_ok())
    {
        // berry writes `npm:^1` for a plain range
        return made(name, rest, range_of(rest));
    }
    let (real, requirement, source) = source_of(name, text);
    match source {
        DependencySource::Git(url) => made(&real, text, vcs(&url)),
        DependencySource::Url(url) => made(&real, text, Constraint::Url(Location::new(&url))),
        DependencySource::Path(path) => {
            let scheme = path.split(':').next().unwrap_or("");
            let plain = if matches!(scheme, "file" | "link" | "portal") {
                path.get(scheme.len() + 1..).unwrap_or("")
            } else {
                &path
            };
            let plain = plain.split("::").next().unwrap_or(plain);
            Specifier {
                editable: matches!(scheme, "link" | "portal"),
                ..made(&real, text, Constraint::Path(plain.into()))
            }
        }
        DependencySource::Registry | DependencySource::OtherRegistry(_) => {
            let constraint = range_of(&requirement);
            made(&real, &requirement, constraint)
        }
    }
}

/// `name@rest`, where a scope's `@` does not count.
pub(super) fn split(text: &str) -> (&str, &str) {
    let skip = usize::from(text.starts_with('@'));
    match text.get(skip..).and_then(|t| t.find('@')) {
        Some(at) => (&text[..at + skip], &text[at + skip + 1..]),
        None => (text, ""),
    }
}

/// How far a range of versions ties the choice down. A tag (`latest`, `next`) moves, and ties nothing.
fn range_of(text: &str) -> Constraint {
    let text = text.trim();
    let exact = text.trim_start_matches(['=', 'v', ' ']);
    if text.is_empty() || matches!(text, "*" | "x" | "X" | "latest") {
        return Constraint::Any;
    }
    if exact.starts_with(|c: char| c.is_ascii_digit()) && exact.parse::<Version>().is_ok() {
        return Constraint::Pinned(exact.into());
    }
    let one = !text.contains("||") && !text.contains(" - ") && !text.contains('<');
    if one && text.starts_with('>') && text.matches('>').count() == 1 {
        return Constraint::AtLeast;
    }
    if text.parse::<Range>().is_ok() {
        Constraint::Range
    } else {
        Constraint::Any
    }
}

/// `git+https://h/r.git#rev`, `u/r#semver:^1&path:x`.
fn vcs(text: &str) -> Constraint {
    let (url, fragment) = text.split_once('#').unwrap_or((text, ""));
    let mut rev = None;
    let mut subdirectory = None;
    for part in fragment.split('&').filter(|p| !p.is_empty()) {
        if let Some(path) = part.strip_prefix("path:") {
            subdirectory = Some(path.into());
        } else {
            // yarn writes `#commit=…`, `#tag=…`
            let value = ["commit=", "commit:", "tag=", "head="]
                .iter()
                .find_map(|p| part.strip_prefix(p))
                .unwrap_or(part);
            rev.get_or_insert_with(|| Box::from(value));
        }
    }
    Constraint::Vcs {
        url: Location::new(url),
        rev,
        subdirectory,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> String {
        let s = specifier("dep", text);
        let kind = match s.constraint {
            Constraint::Any => "any".to_owned(),
            Constraint::AtLeast => "at least".to_owned(),
            Constraint::Range => "range".to_owned(),
            Constraint::Pinned(v) => format!("pinned {v}"),
            Constraint::Url(u) => format!("url {u}"),
            Constraint::Vcs { url, rev, .. } => {
                format!("vcs {url} {}", rev.as_deref().unwrap_or("-"))
            }
            Constraint::Path(p) => format!("path {p}{}", if s.editable { " linked" } else { "" }),
            Constraint::Workspace => "workspace".to_owned(),
        };
        format!("{} {kind}", s.name)
    }

    #[test]
    fn every_kind_of_specifier_is_told_apart() {
        for (text, expected) in [
            ("", "dep any"),
            ("latest", "dep any"),
            ("next", "dep any"),
            ("1.2.3", "dep pinned 1.2.3"),
            ("=v1.2.3-rc.1", "dep pinned 1.2.3-rc.1"),
            ("1.2", "dep range"),
            ("^1.2.3 || 3.x", "dep range"),
            ("~1", "dep range"),
            (">=1.2", "dep at least"),
            (">=1 <2", "dep range"),
            (">=1 || 3", "dep range"),
            ("npm:@a/b@2.0.0", "@a/b pinned 2.0.0"),
            ("npm:ms", "ms any"),
            ("npm:^1", "dep range"),
            ("jsr:@std/path@1.0.0", "@jsr/std__path pinned 1.0.0"),
            ("workspace:*", "dep workspace"),
            ("workspace:@a/b@*", "@a/b workspace"),
            ("catalog:", "dep range"),
            ("file:../x", "dep path ../x"),
            ("link:./x", "dep path ./x linked"),
            ("./x", "dep path ./x"),
            ("https://h.example/x.tgz", "dep url https://h.example/x.tgz"),
            ("u/r#v1", "dep vcs u/r v1"),
            (
                "git+ssh://git@h.example/r.git#abc",
                "dep vcs git+ssh://git@h.example/r.git abc",
            ),
            ("github:u/r", "dep vcs github:u/r -"),
            (
                "patch:left-pad@npm%3A1.3.0#~/x.patch",
                "left-pad pinned 1.3.0",
            ),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(name in "\\PC{0,20}", text in "\\PC{0,60}", parts in proptest::collection::vec(
            proptest::sample::select(vec!["@", "npm:", "workspace:", "patch:", "jsr:", "#", "/", "é", "1.0.0", "git+", "://"]), 0..8)) {
            let _ = (specifier(&name, &text), specifier(&name, &parts.concat()));
        }
    }
}
