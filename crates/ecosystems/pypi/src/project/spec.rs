//! Requirements as PEP 508 writes them, and the URLs and paths that stand in their place.

use std::str::FromStr as _;

use foretaste_model::Digest;
use foretaste_project::{Constraint, Location, Place, Requirement};
use uv_pep440::{Operator, VersionSpecifiers};

use super::{file_name, marker};
use crate::filename::WheelFilename;

/// What is wrong, at which byte of the text, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl Fault {
    pub(super) fn new(at: usize, message: impl Into<String>) -> Self {
        Self {
            at,
            message: message.into(),
            hint: None,
        }
    }
}

/// Reads `name[extras] specifiers ; marker` or `name[extras] @ url ; marker`. What can be read of a broken one is kept
/// with the fault; without a name there is nothing.
pub(super) fn parse(text: &str, place: Place) -> (Option<Requirement>, Option<Fault>) {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let begin = text.len() - text.trim_start().len();
    let after = text[begin..]
        .find(|c| !is_name(c))
        .map_or(text.len(), |end| begin + end);
    let name = &text[begin..after];
    let valid = name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.ends_with(|c: char| c.is_ascii_alphanumeric());
    if !valid {
        return (
            None,
            Some(Fault::new(
                begin,
                format!("`{}` is no requirement", clip(text.trim())),
            )),
        );
    }
    let mut requirement = Requirement::new(name, place);
    let mut at = skip_blank(text, after);
    if text[at..].starts_with('[') {
        let Some(end) = text[at..].find(']').map(|end| at + end) else {
            return (
                Some(requirement),
                Some(Fault::new(at, "the list of extras is not closed")),
            );
        };
        match extras(&text[at + 1..end]) {
            Ok(found) => requirement.extras = found,
            Err(bad) => {
                let fault = Fault::new(at + 1, format!("`{}` is no extra", clip(bad)));
                return (Some(requirement), Some(fault));
            }
        }
        at = skip_blank(text, end + 1);
    }
    if text[at..].starts_with('@') {
        let start = skip_blank(text, at + 1);
        // the marker of a URL needs a blank before its `;`, which may stand in the URL itself
        let (url, marker_at) = match text[start..].find([' ', '\t']) {
            Some(end) => {
                let next = skip_blank(text, start + end);
                (&text[start..start + end], Some(next))
            }
            None => (&text[start..], None),
        };
        if url.is_empty() {
            return (
                Some(requirement),
                Some(Fault::new(start, "a URL is missing after `@`")),
            );
        }
        let target = target(url);
        requirement.constraint = target.constraint;
        requirement.hashes = target.hashes;
        let fault = match marker_at.filter(|next| *next < text.len()) {
            Some(next) if text[next..].starts_with(';') => {
                set_marker(&mut requirement, text, next + 1)
            }
            Some(next) => Some(Fault::new(next, "only `;` and a marker may follow the URL")),
            None => None,
        };
        return (Some(requirement), fault);
    }
    let end = text[at..].find(';').map_or(text.len(), |end| at + end);
    let marker_fault = if end < text.len() {
        set_marker(&mut requirement, text, end + 1)
    } else {
        None
    };
    let raw = text[at..end].trim_end();
    let inner = raw
        .strip_prefix('(')
        .and_then(|r| r.strip_suffix(')'))
        .map_or(raw, str::trim);
    match specifier(inner) {
        Ok(constraint) => {
            requirement.constraint = constraint;
            requirement.specifier = inner.into();
            (Some(requirement), marker_fault)
        }
        Err(fault) => {
            let starts_so =
                raw.starts_with(['<', '>', '=', '!', '~', '(', '^', ',']) || inner.is_empty();
            requirement.constraint = Constraint::Range;
            requirement.specifier = inner.into();
            let fault = Fault {
                at: at + fault.at,
                ..fault
            };
            // words after a name are no specifier, and then the name may be a word too
            (starts_so.then_some(requirement), Some(fault))
        }
    }
}

fn set_marker(requirement: &mut Requirement, text: &str, at: usize) -> Option<Fault> {
    let marker = text[at..].trim();
    requirement.marker = marker.into();
    let start = skip_blank(text, at);
    marker::check(marker)
        .err()
        .map(|(offset, message)| Fault::new(start + offset, message))
}

/// The names between the brackets of extras.
pub(super) fn extras(text: &str) -> Result<Vec<Box<str>>, &str> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    text.split(',')
        .map(str::trim)
        .map(|extra| {
            let valid = extra.starts_with(|c: char| c.is_ascii_alphanumeric())
                && extra.ends_with(|c: char| c.is_ascii_alphanumeric())
                && extra
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
            if valid { Ok(extra.into()) } else { Err(extra) }
        })
        .collect()
}

/// What a version specifier (PEP 440) ties down.
pub(super) fn specifier(text: &str) -> Result<Constraint, Fault> {
    // blanks of other scripts are none to pip
    if !text.is_ascii() {
        return Err(broken(text));
    }
    let trimmed = text.trim().trim_end_matches(',').trim_end();
    if trimmed.is_empty() || trimmed == "*" {
        return Ok(Constraint::Any);
    }
    // arbitrary equality: any string, compared as such
    if let Some(version) = trimmed.strip_prefix("===") {
        let version = version.trim();
        if !version.is_empty() && !version.contains([',', ' ', ';', ')']) {
            return Ok(Constraint::Pinned(version.into()));
        }
    }
    let specifiers = VersionSpecifiers::from_str(trimmed).map_err(|_| broken(trimmed))?;
    let clauses: Vec<_> = specifiers.iter().collect();
    if let Some(pin) = clauses
        .iter()
        .find(|c| matches!(c.operator(), Operator::Equal | Operator::ExactEqual))
    {
        // the version as written, not as normalised
        let written = trimmed
            .split(',')
            .map(str::trim)
            .find_map(|clause| clause.strip_prefix("==").filter(|v| !v.ends_with(".*")))
            .map_or_else(
                || pin.version().to_string(),
                |v| v.trim_start_matches('=').trim().to_owned(),
            );
        return Ok(Constraint::Pinned(written.into()));
    }
    let lower = |o: &Operator| matches!(o, Operator::GreaterThan | Operator::GreaterThanEqual);
    let open = clauses.iter().all(|c| {
        lower(c.operator()) || matches!(c.operator(), Operator::NotEqual | Operator::NotEqualStar)
    });
    Ok(if open && clauses.iter().any(|c| lower(c.operator())) {
        Constraint::AtLeast
    } else {
        Constraint::Range
    })
}

/// Finds the clause that is wrong.
fn broken(text: &str) -> Fault {
    let mut at = 0;
    for clause in text.split(',') {
        let trimmed = clause.trim();
        if trimmed.is_empty() || VersionSpecifiers::from_str(trimmed).is_err() {
            let at = at + (clause.len() - clause.trim_start().len());
            let mut fault = Fault::new(at, format!("`{}` is no version specifier", clip(trimmed)));
            if let Some(rest) = trimmed.strip_prefix('=').filter(|r| !r.starts_with('=')) {
                fault.hint = Some(format!("did you mean `=={}`?", clip(rest.trim())));
            }
            return fault;
        }
        at += clause.len() + 1;
    }
    Fault::new(0, format!("`{}` is no version specifier", clip(text)))
}

/// What a URL or path points at.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) constraint: Constraint,
    /// The name that `#egg=` or a wheel's file name gives.
    pub(super) name: Option<String>,
    /// The version that a wheel's file name gives.
    pub(super) version: Option<String>,
    pub(super) extras: Vec<Box<str>>,
    pub(super) hashes: Vec<Digest>,
}

/// True if a requirement is written as a URL, as pip tells it.
pub(super) fn is_url(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once(':') else {
        return false;
    };
    let scheme = scheme.to_ascii_lowercase();
    matches!(&*scheme, "http" | "https" | "file" | "ftp") || vcs_scheme(&scheme)
}

fn vcs_scheme(scheme: &str) -> bool {
    matches!(scheme, "git" | "hg" | "svn" | "bzr")
        || ["git+", "hg+", "svn+", "bzr+"]
            .iter()
            .any(|p| scheme.starts_with(p))
}

/// Reads a URL (archive, version control, `file:`) or a path.
pub(super) fn target(text: &str) -> Target {
    let (base, fragment) = text.split_once('#').unwrap_or((text, ""));
    let mut found = Target {
        constraint: Constraint::Any,
        name: None,
        version: None,
        extras: Vec::new(),
        hashes: Vec::new(),
    };
    let mut subdirectory = None;
    for part in fragment.split('&') {
        match part.split_once('=') {
            Some(("egg", egg)) => {
                let (name, rest) = egg.split_once('[').unwrap_or((egg, ""));
                found.name = (!name.is_empty()).then(|| name.to_owned());
                found.extras = extras(rest.trim_end_matches(']')).unwrap_or_default();
            }
            Some(("subdirectory", folder)) => subdirectory = Some(folder.into()),
            Some(_) => found.hashes.extend(part.parse::<Digest>().ok()),
            None => {}
        }
    }
    let scheme = base
        .split(':')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let is_vcs = vcs_scheme(&scheme) || base.to_ascii_lowercase().starts_with("git+");
    if is_vcs {
        let path_at = base.find("://").map_or(0, |at| at + 3);
        let path_at = base[path_at..]
            .find('/')
            .map_or(base.len(), |at| path_at + at);
        let (url, rev) = match base[path_at..].rfind('@') {
            Some(at) => (&base[..path_at + at], Some(base[path_at + at + 1..].into())),
            None => (base, None),
        };
        found.constraint = Constraint::Vcs {
            url: Location::new(url),
            rev,
            subdirectory,
        };
        return found;
    }
    if let Some(wheel) = WheelFilename::parse(&file_name(base).replace("%2B", "+")) {
        found.name = Some(wheel.name.into());
        found.version = Some(wheel.version.into());
    }
    found.constraint = if matches!(&*scheme, "http" | "https" | "ftp") {
        Constraint::Url(Location::new(base))
    } else {
        Constraint::Path(base.into())
    };
    found
}

/// True for what pip takes for a local file or folder: a path separator, a dot in front, or an archive's name.
pub(super) fn looks_like_path(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let archive = [
        ".whl",
        ".zip",
        ".tar.gz",
        ".tgz",
        ".tar",
        ".tar.bz2",
        ".tbz",
        ".tar.xz",
        ".txz",
        ".tlz",
        ".tar.lz",
        ".tar.lzma",
    ]
    .iter()
    .any(|end| lower.ends_with(end));
    let named_url = text
        .split_once('@')
        .is_some_and(|(before, _)| !before.contains('/') && !before.starts_with('.'));
    !named_url && (text.contains('/') || text.starts_with('.') || archive)
}

pub(super) fn skip_blank(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + (rest.len()
        - rest
            .trim_start_matches(|c: char| c.is_ascii_whitespace())
            .len())
}

/// At most 80 characters of a text, for messages.
pub(super) fn clip(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
