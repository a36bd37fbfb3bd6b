//! Requirements: PEP 508, and the looser forms that older metadata holds.

use foretaste_model::manifest::{Dependency, DependencyKind, DependencySource};

use super::reading::value;

/// Reads `name[extras] specifiers ; marker`, `name @ url ; marker`, and the old `name (specifiers)`.
pub(crate) fn parse(text: &str, kind: DependencyKind) -> Option<Dependency> {
    let text = text.trim();
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    let valid = name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.ends_with(|c: char| c.is_ascii_alphanumeric());
    if !valid {
        return None;
    }
    let mut rest = rest.trim_start();
    if let Some(extras) = rest.strip_prefix('[') {
        rest = extras.split_once(']')?.1.trim_start();
    }
    let (requirement, condition, source) = if let Some(url) = rest.strip_prefix('@') {
        // The marker of a URL needs a blank before its `;`, which may stand in the URL itself.
        let (url, marker) = url.split_once(" ;").unwrap_or((url, ""));
        ("", marker, source(url.trim()))
    } else {
        let (requirement, marker) = rest.split_once(';').unwrap_or((rest, ""));
        let requirement = requirement
            .trim()
            .trim_start_matches('(')
            .trim_end_matches(')')
            .trim();
        if !requirement.is_empty() && !requirement.starts_with(['<', '>', '=', '!', '~']) {
            return None;
        }
        (requirement, marker, DependencySource::Registry)
    };
    let condition = condition.trim();
    let kind = if kind == DependencyKind::Run && names_an_extra(condition) {
        DependencyKind::Optional
    } else {
        kind
    };
    Some(Dependency {
        name: value(name),
        requirement: value(requirement),
        kind,
        source,
        condition: value(condition),
        span: None,
    })
}

/// A dependency with the name alone, where the rest cannot be read.
pub(crate) fn repair(text: &str, kind: DependencyKind) -> Option<Dependency> {
    parse(text, kind).or_else(|| {
        let name = text.split_whitespace().next()?;
        parse(name, kind)
    })
}

/// What a URL points at: a version-control scheme (`git+https`), a path, or an archive.
pub(super) fn source(url: &str) -> DependencySource {
    let lower = url.to_ascii_lowercase();
    let scheme = lower.split(':').next().unwrap_or_default();
    if scheme == "git"
        || ["git+", "hg+", "svn+", "bzr+"]
            .iter()
            .any(|vcs| scheme.starts_with(vcs))
    {
        DependencySource::Git(value(url))
    } else if scheme == "file" || !lower.contains("://") {
        DependencySource::Path(value(url))
    } else {
        DependencySource::Url(value(url))
    }
}

/// Whether a marker applies only with an extra.
fn names_an_extra(marker: &str) -> bool {
    marker
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .any(|word| word == "extra")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Option<String> {
        parse(text, DependencyKind::Run).map(|d| {
            let source = match d.source {
                DependencySource::Registry => String::new(),
                other => format!(" {other:?}"),
            };
            format!(
                "{:?} {} [{}] [{}]{source}",
                d.kind, d.name, d.requirement, d.condition
            )
        })
    }

    #[test]
    fn reads_every_form() {
        for (text, expected) in [
            ("six", Some("Run six [] []")),
            ("requests>=2.8.1,<3", Some("Run requests [>=2.8.1,<3] []")),
            (
                "zope.interface (>3.5.0)",
                Some("Run zope.interface [>3.5.0] []"),
            ),
            (
                "requests [security,tests] >= 2.8.1, == 2.8.* ; python_version < \"2.7\"",
                Some("Run requests [>= 2.8.1, == 2.8.*] [python_version < \"2.7\"]"),
            ),
            (
                "pytest; extra == 'test'",
                Some("Optional pytest [] [extra == 'test']"),
            ),
            (
                "pip @ https://files.example/pip-1.zip#sha1=da9234ee ; python_version<'3'",
                Some(
                    "Run pip [] [python_version<'3'] Url(\"https://files.example/pip-1.zip#sha1=da9234ee\")",
                ),
            ),
            (
                "x @ git+https://git.example/x@main",
                Some("Run x [] [] Git(\"git+https://git.example/x@main\")"),
            ),
            (
                "x@file:///tmp/x",
                Some("Run x [] [] Path(\"file:///tmp/x\")"),
            ),
            ("name===1.0-odd", Some("Run name [===1.0-odd] []")),
            ("", None),
            ("-e .", None),
            ("https://x.example/y.zip", None),
            ("name what ever", None),
            ("name[open", None),
        ] {
            assert_eq!(read(text).as_deref(), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,60}") {
            let _ = parse(&text, DependencyKind::Run);
            let _ = repair(&text, DependencyKind::Run);
        }
    }
}
