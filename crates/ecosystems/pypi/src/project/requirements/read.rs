//! Reading a requirements file with those that it includes.

use std::sync::Arc;

use foretaste_model::{Digest, DigestAlgorithm};
use foretaste_project::{
    DeclaredOption, DeclaredSource, Document, Files, Format, Group, Include, Input, Location,
    Manifest, Place, Problem, Reading, Requirement, SourceKind, Text,
};

use super::lines::{Line, lines};
use super::options::{self, Set};
use super::via::Via;
use super::words::words;
use crate::project::decode::decode;
use crate::project::file_name;
use crate::project::spec::{self, Fault};

/// Files that include each other in a row.
const MAX_DEPTH: usize = 32;
/// Requirements that are kept.
const MAX_REQUIREMENTS: usize = 100_000;
/// Problems that are kept.
const MAX_PROBLEMS: usize = 200;

pub(in crate::project) fn read(input: &Input<'_>) -> Reading {
    let mut session = Session {
        manifest: Manifest::new(Format::Requirements, input.path),
        problems: Vec::new(),
        open: Vec::new(),
        files: input.files,
    };
    let constraint = file_name(input.path)
        .to_ascii_lowercase()
        .contains("constraint");
    session.file(input.path, input.bytes, constraint);
    Reading {
        document: Some(Document::Manifest(session.manifest)),
        problems: session.problems,
    }
}

/// Reads one line that stands in a file of another format, at `place`.
pub(in crate::project) fn line(
    written: &str,
    place: &Place,
    input: &Input<'_>,
    manifest: &mut Manifest,
    problems: &mut Vec<Problem>,
) {
    let empty = Manifest::new(manifest.format, input.path);
    let mut session = Session {
        manifest: std::mem::replace(manifest, empty),
        problems: Vec::new(),
        open: vec![],
        files: input.files,
    };
    let before = session.manifest.requirements.len();
    session.file(input.path, written.as_bytes(), false);
    for found in session.manifest.requirements.iter_mut().skip(before) {
        if found.place.path == place.path {
            found.place = place.clone();
        }
    }
    problems.extend(session.problems.into_iter().map(|mut problem| {
        problem.place = place.clone();
        problem
    }));
    *manifest = session.manifest;
}

struct Session<'a> {
    manifest: Manifest,
    problems: Vec<Problem>,
    /// The files that are being read, from the outermost in.
    open: Vec<Arc<str>>,
    files: &'a dyn Files,
}

impl Session<'_> {
    fn problem(&mut self, problem: Problem) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }

    fn fault(&mut self, text: &Text<'_>, line: &Line, fault: Fault) {
        let range = line.range(&(fault.at..line.text.len().max(fault.at)));
        let mut problem = Problem::new(text.place(&range), fault.message);
        problem.hint = fault.hint.map(Into::into);
        self.problem(problem);
    }

    fn file(&mut self, path: &Arc<str>, bytes: &[u8], constraint: bool) {
        let (decoded, broken) = decode(bytes);
        let text = Text::new(path, &decoded);
        if broken {
            let problem = Problem::new(Place::file(path), "some bytes fit no encoding")
                .hint("save it as UTF-8, or name its encoding in a comment `# -*- coding: … -*-`");
            self.problem(problem);
        }
        self.open.push(path.clone());
        let files = self.files;
        let mut via = Via::default();
        let mut last = None;
        for line in lines(text.text(), &|name| files.variable(name)) {
            if line.text.is_empty() {
                let below = last.and_then(|at: usize| self.manifest.requirements.get_mut(at));
                via.comment(line.comment.as_deref().unwrap_or(""), below);
                continue;
            }
            via.end();
            let before = self.manifest.requirements.len();
            self.line(&text, &line, constraint);
            last = (self.manifest.requirements.len() == before + 1).then_some(before);
            if let Some(comment) = &line.comment {
                let this = last.and_then(|at| self.manifest.requirements.get_mut(at));
                via.comment(comment, this);
            }
        }
        self.open.pop();
    }

    fn line(&mut self, text: &Text<'_>, line: &Line, constraint: bool) {
        let split = option_start(&line.text);
        let requirement = line.text[..split].trim_end();
        let words = match words(&line.text, split) {
            Ok(words) => words,
            Err(at) => {
                self.fault(text, line, Fault::new(at, "a quotation does not end"));
                Vec::new()
            }
        };
        let (set, faults) = options::parse(&words);
        for fault in faults {
            self.fault(text, line, fault);
        }
        if requirement.is_empty() {
            self.options(text, line, &set, constraint);
        } else {
            self.requirement(text, line, requirement, &set, constraint);
        }
    }

    /// A line that begins with a requirement.
    fn requirement(
        &mut self,
        text: &Text<'_>,
        line: &Line,
        written: &str,
        set: &[Set],
        constraint: bool,
    ) {
        let place = text.place(&line.range(&(0..written.len())));
        let (found, fault) = one(written, place);
        if let Some(fault) = fault {
            self.fault(text, line, fault);
        }
        let mut found = found;
        for option in set {
            if !option.kind.of_requirement {
                let message = format!("`{}` has no effect behind a requirement", option.kind.name);
                self.fault(text, line, Fault::new(option.start, message));
                continue;
            }
            if option.kind.name == "--hash" {
                match hash(&option.value) {
                    Ok(digest) => {
                        if let Some(found) = &mut found {
                            found.hashes.push(digest);
                        }
                    }
                    Err(message) => self.fault(text, line, Fault::new(option.value_at, message)),
                }
            } else {
                self.option(text, line, option);
            }
        }
        self.keep(found, text, constraint);
    }

    fn keep(&mut self, found: Option<Requirement>, text: &Text<'_>, constraint: bool) {
        let Some(mut found) = found else {
            return;
        };
        if self.manifest.requirements.len() >= MAX_REQUIREMENTS {
            return;
        }
        let named = super::group_of(text.path());
        found.group = match (constraint, named) {
            (true, _) => Group::Constraint,
            (false, "") => Group::Main,
            (false, _) => Group::Dev,
        };
        found.group_name = named.into();
        self.manifest.requirements.push(found);
    }

    /// A line of options alone.
    fn options(&mut self, text: &Text<'_>, line: &Line, set: &[Set], constraint: bool) {
        let mut taken = None;
        for option in set {
            let first =
                |taken: &mut Option<&'static str>| taken.replace(option.kind.name).is_none();
            match option.kind.name {
                "--requirement" | "--constraint" | "--editable" if !first(&mut taken) => {
                    let message = format!("`{}` is not read: a line holds one", option.kind.name);
                    self.fault(text, line, Fault::new(option.start, message));
                }
                "--requirement" => self.include(text, line, option, false),
                "--constraint" => self.include(text, line, option, true),
                "--editable" => {
                    let place = text.place(&line.range(&(option.start..option.end)));
                    let found = editable(&option.value, place);
                    self.keep(Some(found), text, constraint);
                }
                "--index-url" => self.source(text, line, option, SourceKind::Index),
                "--extra-index-url" => self.source(text, line, option, SourceKind::ExtraIndex),
                "--find-links" => self.source(text, line, option, SourceKind::FindLinks),
                "--trusted-host" => self.source(text, line, option, SourceKind::TrustedHost),
                "--no-index" => self.source(text, line, option, SourceKind::NoIndex),
                "--hash" | "--global-option" | "--config-settings" => {
                    let message =
                        format!("`{}` has no effect without a requirement", option.kind.name);
                    self.fault(text, line, Fault::new(option.start, message));
                }
                _ => self.option(text, line, option),
            }
        }
    }

    fn option(&mut self, text: &Text<'_>, line: &Line, option: &Set) {
        self.manifest.options.push(DeclaredOption {
            name: option.kind.name.into(),
            value: option.value.as_str().into(),
            place: text.place(&line.range(&(option.start..option.end))),
        });
    }

    fn source(&mut self, text: &Text<'_>, line: &Line, option: &Set, kind: SourceKind) {
        self.manifest.sources.push(DeclaredSource {
            kind,
            name: None,
            location: Location::new(&option.value),
            explicit: false,
            place: text.place(&line.range(&(option.start..option.end))),
        });
    }

    /// `-r` and `-c`.
    fn include(&mut self, text: &Text<'_>, line: &Line, option: &Set, constraint: bool) {
        let place = text.place(&line.range(&(option.start..option.end)));
        let written = &*option.value;
        let lower = written.to_ascii_lowercase();
        let remote = ["http:", "https:", "file:"]
            .iter()
            .any(|s| lower.starts_with(s));
        let path: Arc<str> = if remote {
            Location::new(written).redacted().into()
        } else {
            let Some(path) = beside(text.path(), written) else {
                let message = format!(
                    "`{}` lies outside of the project and is not read",
                    spec::clip(written)
                );
                self.problem(Problem::new(place, message));
                return;
            };
            path.into()
        };
        self.manifest.includes.push(Include {
            path: path.clone(),
            constraint,
            place: place.clone(),
        });
        if remote {
            let message = format!(
                "`{}` is not read: whoever serves it decides what is installed",
                spec::clip(&path)
            );
            self.problem(Problem::new(place, message).hint("keep a copy of it in the project"));
            return;
        }
        if self.open.contains(&path) || self.open.len() >= MAX_DEPTH {
            self.problem(Problem::new(place, format!("`{path}` includes itself")));
            return;
        }
        match self.files.read(&path) {
            Ok(bytes) => self.file(&path, &bytes, constraint),
            Err(reason) => self.problem(Problem::new(
                place,
                format!("cannot read `{path}`: {reason}"),
            )),
        }
    }
}

/// Where the options of a line begin: pip cuts at single blanks, and the first piece with a hyphen in front is one.
fn option_start(line: &str) -> usize {
    let mut at = 0;
    for piece in line.split(' ') {
        if piece.starts_with('-') {
            return at;
        }
        at += piece.len() + 1;
    }
    line.len()
}

/// A requirement as a line of a requirements file writes it: PEP 508, a URL or a path.
fn one(written: &str, place: Place) -> (Option<Requirement>, Option<Fault>) {
    let separator = if spec::is_url(written) { "; " } else { ";" };
    let (body, marker) = written
        .split_once(separator)
        .map_or((written, None), |(b, m)| (b, Some(m)));
    let body = body.trim_end();
    if !spec::is_url(body) && !spec::looks_like_path(body) {
        return spec::parse(written, place);
    }
    let mut requirement = Requirement::new("", place);
    let (base, extras) = if spec::is_url(body) {
        (body, "")
    } else {
        strip_extras(body)
    };
    fill(&mut requirement, spec::target(base));
    if let Ok(extras) = spec::extras(extras)
        && !extras.is_empty()
    {
        requirement.extras = extras;
    }
    let mut fault = None;
    if let Some(marker) = marker {
        requirement.marker = marker.trim().into();
        let at = spec::skip_blank(written, body.len() + separator.len());
        fault = super::super::marker::check(marker.trim())
            .err()
            .filter(|_| !marker.trim().is_empty())
            .map(|(offset, message)| Fault::new(at + offset, message));
    }
    (Some(requirement), fault)
}

/// `-e`: a path or a version-control URL.
fn editable(written: &str, place: Place) -> Requirement {
    let mut requirement = Requirement::new("", place);
    requirement.editable = true;
    // newer pips take `name @ url` too
    if let Some((name, url)) = written
        .split_once('@')
        .filter(|(_, url)| spec::is_url(url.trim()))
    {
        let (name, extras) = strip_extras(name.trim());
        if !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        {
            fill(&mut requirement, spec::target(url.trim()));
            requirement.name = Some(name.into());
            requirement.extras = spec::extras(extras).unwrap_or_default();
            return requirement;
        }
    }
    let (base, extras) = strip_extras(written);
    let is_vcs = spec::is_url(written) && !written.to_ascii_lowercase().starts_with("file:");
    fill(
        &mut requirement,
        spec::target(if is_vcs { written } else { base }),
    );
    if !is_vcs && let Ok(extras) = spec::extras(extras) {
        requirement.extras = extras;
    }
    requirement
}

fn fill(requirement: &mut Requirement, target: spec::Target) {
    requirement.name = target.name.map(Into::into);
    requirement.extras = target.extras;
    requirement.hashes = target.hashes;
    if let Some(version) = target.version {
        requirement.specifier = format!("=={version}").into();
    }
    requirement.constraint = target.constraint;
}

/// `path[a,b]` → `path` and `a,b`.
fn strip_extras(text: &str) -> (&str, &str) {
    text.strip_suffix(']')
        .and_then(|t| t.rsplit_once('['))
        .map_or((text, ""), |(base, extras)| (base.trim_end(), extras))
}

/// `sha256:…`: pip takes SHA-256, SHA-384 and SHA-512.
fn hash(value: &str) -> Result<Digest, String> {
    let digest: Digest = value
        .parse()
        .map_err(|_| format!("`{}` is no hash of the form `sha256:…`", spec::clip(value)))?;
    match digest.algorithm {
        DigestAlgorithm::Sha256 | DigestAlgorithm::Sha384 | DigestAlgorithm::Sha512 => Ok(digest),
        other => Err(format!("`{}` is too weak a hash for pip", other.id())),
    }
}

/// The path of a file that is named beside another, without `..`; none if it leaves the project.
fn beside(path: &str, written: &str) -> Option<String> {
    let written = written.replace('\\', "/");
    if written.starts_with('/') || written.as_bytes().get(1) == Some(&b':') {
        return None;
    }
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in written.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            other => parts.push(other),
        }
    }
    Some(parts.join("/"))
}
