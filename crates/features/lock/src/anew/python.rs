//! poetry's and pipenv's manifests: uv resolves what they ask for. The tools themselves would build what is published as source
//! alone.

use foretaste_io::files::{self, TemporaryDir};
use foretaste_project::{Manifest, SourceKind};
use foretaste_projects::{Project, Uv};

use super::wishes;
use crate::Locker;

pub(super) async fn resolve(locker: &Locker, manifest: &Manifest) -> Result<Project, String> {
    let mut list = String::new();
    for (name, wish) in wishes(manifest)? {
        let specifier =
            pep440(&wish.specifier).ok_or("it asks for alternatives, which uv has no words for")?;
        // poetry's conditions on the interpreter are no markers
        if wish.marker.contains("python ") {
            return Err("it has conditions that only its own tool understands".to_owned());
        }
        let extras = match &*wish.extras {
            [] => String::new(),
            extras => format!("[{}]", extras.join(",")),
        };
        let marker = match &*wish.marker {
            "" => String::new(),
            marker => format!(" ; {marker}"),
        };
        list.push_str(&line(name, &extras, &specifier, &marker)?);
    }
    let known = foretaste_pypi::discover(&locker.environment, &locker.python)
        .await
        .map_err(|e| e.to_string())?;
    let is_known = |url: &str| {
        let plain = |url: &str| url.trim_end_matches('/').to_owned();
        let mut endpoints = known.endpoints.iter();
        endpoints.any(|e| plain(e.url.url().as_str()) == plain(url))
    };
    let named = manifest
        .sources
        .iter()
        .filter(|s| matches!(s.kind, SourceKind::Index | SourceKind::ExtraIndex));
    if named.into_iter().any(|s| !is_known(s.location.expose())) {
        return Err("it names an index that this machine's clients do not use".to_owned());
    }
    let uv = Uv::find(&locker.environment, &locker.python)
        .await
        .map_err(|e| e.to_string())?;
    let stage = TemporaryDir::new(None).map_err(|e| e.to_string())?;
    let wanted = stage.path().join("requirements.in");
    files::write(&wanted, list.as_bytes()).map_err(|e| e.to_string())?;
    let mut args = vec!["--universal".to_owned()];
    if let Some(version) = manifest.requires.as_deref().and_then(lowest) {
        args.extend(["--python-version".to_owned(), version]);
    }
    let answer = uv
        .compile(&wanted, &args)
        .await
        .map_err(|e| e.to_string())?;
    let written = stage.path().join("requirements.txt");
    files::write(&written, answer.as_bytes()).map_err(|e| e.to_string())?;
    Project::of_file(&written, &locker.environment).map_err(|e| e.to_string())
}

/// One line of a list: what could be read as another line, or as an option, is refused.
fn line(name: &str, extras: &str, specifier: &str, marker: &str) -> Result<String, String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let starts = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    let rest = [extras, specifier, marker].concat();
    let breaks = |c: char| c.is_control() || "\\#@".contains(c);
    if !starts || !name.chars().all(is_name) || rest.contains(breaks) || rest.contains("--") {
        return Err("it names something in a way that is not repeated".to_owned());
    }
    Ok(format!("{name}{rest}\n"))
}

/// The lowest interpreter that a project runs on: `3.9` of `^3.9` or `>=3.9,<4`.
fn lowest(requires: &str) -> Option<String> {
    let first = requires.split(',').find(|part| !part.contains('<'))?;
    let version: String = first
        .chars()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(|c| c.is_ascii_digit() || *c == '.')
        .collect();
    let version = version.trim_end_matches('.');
    version.contains('.').then(|| version.to_owned())
}

/// A constraint in poetry's words (<https://python-poetry.org/docs/dependency-specification/>) as a specifier of PEP 440; none
/// for alternatives.
fn pep440(written: &str) -> Option<String> {
    if written.contains('|') {
        return None;
    }
    let mut parts = Vec::new();
    let mut text = written.to_owned();
    for operator in ["^", "~", "=", "<", ">"] {
        text = text.replace(&format!("{operator} "), operator);
    }
    for part in text.split([',', ' ']).filter(|p| !p.is_empty()) {
        let first = part.chars().next()?;
        parts.push(match first {
            '*' => continue,
            '^' => between(part.get(1..)?, caret)?,
            '~' if !part.starts_with("~=") => between(part.get(1..)?, tilde)?,
            '=' if !part.starts_with("==") => format!("={part}"),
            '<' | '>' | '=' | '!' | '~' => part.to_owned(),
            _ => format!("=={part}"),
        });
    }
    Some(parts.join(","))
}

fn between(version: &str, last: fn(&[u64]) -> usize) -> Option<String> {
    let numbers: Vec<u64> = version
        .split('.')
        .map_while(|part| {
            let end = part
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(part.len());
            part.get(..end)?.parse().ok()
        })
        .collect();
    let kept = numbers.get(..=last(&numbers))?;
    let (raised, before) = kept.split_last()?;
    let mut upper: Vec<String> = before.iter().map(ToString::to_string).collect();
    upper.push(raised.checked_add(1)?.to_string());
    Some(format!(">={version},<{}", upper.join(".")))
}

/// The number that may not change: the first that is not zero.
fn caret(numbers: &[u64]) -> usize {
    let first = numbers.iter().position(|n| *n != 0);
    first.unwrap_or_else(|| numbers.len().saturating_sub(1))
}

/// The second, or the only one.
fn tilde(numbers: &[u64]) -> usize {
    usize::from(numbers.len() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poetry_s_words_become_specifiers() {
        for (written, wanted) in [
            ("", Some("")),
            ("*", Some("")),
            ("^1.2.3", Some(">=1.2.3,<2")),
            ("^0.2.3", Some(">=0.2.3,<0.3")),
            ("^0.0.3", Some(">=0.0.3,<0.0.4")),
            ("^0.0", Some(">=0.0,<0.1")),
            ("^2", Some(">=2,<3")),
            ("^1.0b1", Some(">=1.0b1,<2")),
            ("~1.2.3", Some(">=1.2.3,<1.3")),
            ("~1", Some(">=1,<2")),
            ("~=1.4.2", Some("~=1.4.2")),
            ("1.*", Some("==1.*")),
            ("= 1.2", Some("==1.2")),
            ("1.2.3", Some("==1.2.3")),
            (">= 1.2, < 1.5", Some(">=1.2,<1.5")),
            (">=1.2 <1.5", Some(">=1.2,<1.5")),
            ("^1 || ^2", None),
        ] {
            assert_eq!(pep440(written).as_deref(), wanted, "{written}");
        }
    }

    #[test]
    fn no_line_brings_another_or_an_option() {
        assert_eq!(
            line("a.b", "[x]", ">=1", " ; os_name == 'nt'").as_deref(),
            Ok("a.b[x]>=1 ; os_name == 'nt'\n")
        );
        for (name, specifier) in [
            ("a\n--index-url https://x.invalid", ""),
            ("-r", "x"),
            ("a", "==1\n-r x"),
            ("a", "==1 --hash=sha256:0"),
            ("a", "==1\\"),
            ("a", " @ https://x.invalid/a.whl"),
        ] {
            assert!(line(name, "", specifier, "").is_err(), "{name}{specifier}");
        }
    }

    #[test]
    fn the_lowest_interpreter_is_found() {
        for (requires, wanted) in [
            ("^3.9", Some("3.9")),
            (">=3.10,<4", Some("3.10")),
            ("<4,>=3.8", Some("3.8")),
            ("3.12.*", Some("3.12")),
            ("3.11", Some("3.11")),
            ("*", None),
            ("^3", None),
        ] {
            assert_eq!(lowest(requires).as_deref(), wanted, "{requires}");
        }
    }
}
