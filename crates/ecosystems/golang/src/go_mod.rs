//! `go.mod` (<https://go.dev/ref/mod#go-mod-file>).

use foretaste_model::facts::{Problem, ProblemKind};
use foretaste_model::manifest::{Dependency, DependencyKind, DependencySource, ManifestFacts};
use foretaste_model::{Ecosystem, Span};

/// Lines that are read.
const MAX_LINES: usize = 50_000;

/// Reads a `go.mod`. Never fails: what is wrong is a [`Problem`].
///
/// `replace` directives count in the main module only; where one leads to a path or another module, that is a
/// dependency with its source.
pub fn observe(text: &str) -> (ManifestFacts, Vec<Problem>) {
    let mut facts = ManifestFacts::new(Ecosystem::Go);
    let mut problems = Vec::new();
    let mut block: Option<&str> = None;
    for (at, line) in text.lines().enumerate() {
        if at >= MAX_LINES {
            problems.push(Problem {
                kind: ProblemKind::Truncated,
                span: None,
                message: format!("only the first {MAX_LINES} lines were read").into(),
            });
            break;
        }
        let (code, comment) = line.split_once("//").unwrap_or((line, ""));
        let mut words: Vec<&str> = code.split_whitespace().take(8).map(unquoted).collect();
        match (block, &words[..]) {
            (_, []) => continue,
            (Some(_), [")"]) => {
                block = None;
                continue;
            }
            (None, [verb, "("]) => {
                block = Some(verb);
                continue;
            }
            (Some(verb), _) => words.insert(0, verb),
            (None, _) => {}
        }
        let begin = (line.len() - line.trim_start().len()) as u32;
        let span = Span::on_line(
            at as u32 + 1,
            begin + 1,
            code.trim_end().chars().count() as u32 + 1,
        );
        directive(
            &words,
            comment.contains("indirect"),
            span,
            &mut facts,
            &mut problems,
        );
    }
    (facts, problems)
}

fn directive(
    words: &[&str],
    indirect: bool,
    span: Span,
    facts: &mut ManifestFacts,
    problems: &mut Vec<Problem>,
) {
    let mut depend = |name: &str, requirement: &str, source: DependencySource, kind| {
        facts.dependencies.push(Dependency {
            name: name.into(),
            requirement: requirement.into(),
            kind,
            source,
            condition: if indirect {
                "indirect".into()
            } else {
                "".into()
            },
            span: Some(span),
        });
    };
    match words {
        ["module", name] => {
            facts.name = Some((*name).into());
            facts.repository = repository(name);
        }
        ["go", version] => facts.requires = Some((*version).into()),
        ["require", name, version] => {
            depend(
                name,
                version,
                DependencySource::Registry,
                DependencyKind::Run,
            );
        }
        ["tool", name] => depend(name, "", DependencySource::Registry, DependencyKind::Dev),
        ["replace", name, rest @ ..] => {
            let Some(arrow) = rest.iter().position(|w| *w == "=>") else {
                return;
            };
            let target = rest.get(arrow + 1).copied().unwrap_or("");
            let version = rest.get(arrow + 2).copied().unwrap_or("");
            let source = if target.starts_with(['.', '/']) {
                DependencySource::Path(target.into())
            } else {
                DependencySource::OtherRegistry(target.into())
            };
            depend(name, version, source, DependencyKind::Run);
        }
        [
            "exclude" | "retract" | "toolchain" | "godebug" | "ignore",
            ..,
        ] => {}
        [verb, ..] if problems.len() < 16 => problems.push(Problem {
            kind: ProblemKind::Malformed,
            span: Some(span),
            message: format!("`{verb}` is no directive, or has the wrong number of words").into(),
        }),
        _ => {}
    }
}

fn unquoted(word: &str) -> &str {
    word.trim_matches(['"', '`'])
}

/// The repository of a module whose path says where it is: `host/owner/name/...`.
fn repository(module: &str) -> Option<Box<str>> {
    let mut parts = module.split('/');
    let host = parts.next().filter(|h| h.contains('.'))?;
    let (owner, name) = (parts.next()?, parts.next()?);
    Some(format!("https://{host}/{owner}/{name}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_file_is_read() {
        let text = "module code.example/acme/pad/v2 // x\n\ngo 1.22\n\nrequire (\n\tcode.example/a/b v1.0.0\n\tcode.example/c/d v0.1.0 // indirect\n)\nreplace code.example/a/b v1.0.0 => ../b\nretract v2.0.0\nnonsense\n";
        let (facts, problems) = observe(text);
        assert_eq!(facts.name.as_deref(), Some("code.example/acme/pad/v2"));
        assert_eq!(
            facts.repository.as_deref(),
            Some("https://code.example/acme/pad")
        );
        assert_eq!(facts.requires.as_deref(), Some("1.22"));
        let seen: Vec<_> = facts
            .dependencies
            .iter()
            .map(|d| (&*d.name, &*d.requirement, &*d.condition))
            .collect();
        assert_eq!(
            seen,
            [
                ("code.example/a/b", "v1.0.0", ""),
                ("code.example/c/d", "v0.1.0", "indirect"),
                ("code.example/a/b", "", ""),
            ]
        );
        assert_eq!(
            facts.dependencies[0].span.map(|s| (s.line, s.column)),
            Some((6, 2))
        );
        assert_eq!(problems.len(), 1);
    }
}
