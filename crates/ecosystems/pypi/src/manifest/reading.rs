//! What is collected while a manifest is read, within bounds.

use foretaste_model::Span;
use foretaste_model::facts::{InstallSurface, Problem, ProblemKind, SurfaceKind};
use foretaste_model::manifest::{Dependency, DependencyKind, ManifestFacts};
use foretaste_model::{Ecosystem, span::LineIndex};

use super::Observation;
use super::requirement;

/// Bytes of a manifest that are read.
const MAX_BYTES: usize = 8 << 20;
/// Dependencies, surfaces, URLs or people of one manifest that are kept.
pub(super) const MAX_ENTRIES: usize = 10_000;
/// Bytes of one kept value.
const MAX_VALUE: usize = 4_096;
/// Bytes of a kept README.
pub(super) const MAX_README: usize = 64 << 10;
/// Problems of one manifest that are kept.
const MAX_PROBLEMS: usize = 50;

/// The text and what it gave so far.
pub(super) struct Reading<'a> {
    pub(super) text: &'a str,
    lines: LineIndex<'a>,
    pub(super) facts: ManifestFacts,
    surfaces: Vec<InstallSurface>,
    problems: Vec<Problem>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let kept = cut(text, MAX_BYTES);
        let mut reading = Self {
            text: kept,
            lines: LineIndex::new(kept),
            facts: ManifestFacts::new(Ecosystem::Pypi),
            surfaces: Vec::new(),
            problems: Vec::new(),
        };
        if kept.len() < text.len() {
            reading.truncated(&format!(
                "only the first {MAX_BYTES} bytes of the manifest were read"
            ));
        }
        reading
    }

    pub(super) fn finish(self) -> Observation {
        (self.facts, self.surfaces, self.problems)
    }

    /// Something malformed.
    pub(super) fn problem(&mut self, span: Option<Span>, message: impl Into<String>) {
        self.note(ProblemKind::Malformed, span, &message.into());
    }

    /// A part that was not read.
    pub(super) fn truncated(&mut self, message: &str) {
        self.note(ProblemKind::Truncated, None, message);
    }

    fn note(&mut self, kind: ProblemKind, span: Option<Span>, message: &str) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem {
                kind,
                span,
                message: value(message),
            });
        }
    }

    /// The span of a byte range.
    pub(super) fn span(&self, range: &std::ops::Range<usize>) -> Span {
        self.lines.span(range.start as u32, range.end as u32)
    }

    /// The span of a 1-based line without its indentation.
    pub(super) fn line_span(&self, line: u32) -> Span {
        let text = self.lines.line(line);
        let indent = text.chars().take_while(|c| c.is_whitespace()).count() as u32;
        let end = text.trim_end().chars().count() as u32;
        Span::on_line(line, indent + 1, end.max(indent) + 1)
    }

    /// Adds a dependency written as a requirement (PEP 508 and what precedes it). `condition` joins its marker.
    pub(super) fn requirement(
        &mut self,
        text: &str,
        kind: DependencyKind,
        condition: &str,
        span: Option<Span>,
    ) {
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            return;
        }
        match requirement::parse(text, kind) {
            Some(mut dependency) => {
                // the condition of a whole section may be megabytes long and holds for each of its lines
                let condition = cut(condition, MAX_VALUE);
                if !condition.is_empty() {
                    dependency.condition = if dependency.condition.is_empty() {
                        condition.into()
                    } else {
                        value(&format!("({}) and {condition}", dependency.condition))
                    };
                }
                dependency.span = span;
                self.dependency(dependency);
            }
            None => self.problem(span, format!("{:?} is no requirement", cut(text, 120))),
        }
    }

    /// Adds a dependency.
    pub(super) fn dependency(&mut self, dependency: Dependency) {
        if self.facts.dependencies.len() < MAX_ENTRIES {
            self.facts.dependencies.push(dependency);
        } else {
            self.truncated(&format!(
                "only the first {MAX_ENTRIES} dependencies were kept"
            ));
        }
    }

    /// Adds a surface.
    pub(super) fn surface(
        &mut self,
        kind: SurfaceKind,
        name: &str,
        command: &str,
        target: &str,
        span: Option<Span>,
    ) {
        if self.surfaces.len() < MAX_ENTRIES {
            self.surfaces.push(InstallSurface {
                kind,
                name: value(name),
                command: value(command),
                target: value(target),
                span,
            });
        }
    }

    /// Adds an entry point: a script, or a plug-in that another program loads by itself.
    pub(super) fn entry_point(
        &mut self,
        group: &str,
        name: &str,
        object: &str,
        span: Option<Span>,
    ) {
        let kind = match group {
            "console_scripts" | "gui_scripts" => SurfaceKind::EntryPoint,
            _ => SurfaceKind::Plugin,
        };
        let (group, name) = (cut(group, MAX_VALUE), cut(name, MAX_VALUE));
        self.surface(kind, &format!("{group}:{name}"), object, "", span);
    }

    /// Adds a labelled URL.
    pub(super) fn url(&mut self, label: &str, url: &str) {
        if self.facts.urls.len() < MAX_ENTRIES && !url.trim().is_empty() {
            self.facts
                .urls
                .push((value(label.trim()), value(url.trim())));
        }
    }

    /// Names home page and repository from what was collected.
    pub(super) fn settle_links(&mut self) {
        let links = super::urls::links(self.facts.homepage.as_deref(), &self.facts.urls);
        self.facts.homepage = links.homepage;
        self.facts.repository = links.repository;
    }
}

/// A value as it is kept.
pub(super) fn value(text: &str) -> Box<str> {
    cut(text, MAX_VALUE).into()
}

/// A value, unless it is blank or the word by which old tools wrote "none".
pub(super) fn stated(text: &str) -> Option<Box<str>> {
    let text = text.trim();
    (!text.is_empty() && text != "UNKNOWN").then(|| value(text))
}

/// At most `max` bytes, not cutting a character.
pub(super) fn cut(text: &str, max: usize) -> &str {
    let mut end = max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}
