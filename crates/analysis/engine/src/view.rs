//! Views of facts in place: a file or layer with its path and contexts, a chain with its file.

use foretaste_model::facts::{
    ArtifactFacts, FileEntry, FileFacts, Flow, Layer, Literal, Step, StepRole, Use,
};
use foretaste_model::{Evidence, EvidenceRole, ExecutionContext, Span};

use crate::{ContextMap, Crossing};

/// One file of an artifact, or one decoded layer of it.
#[derive(Clone, Debug)]
pub struct FileView<'a> {
    /// The artifact.
    pub artifact: &'a ArtifactFacts,
    /// The file.
    pub entry: &'a FileEntry,
    /// The facts of the file, or of the layer.
    pub facts: &'a FileFacts,
    /// The decode steps of the layer, outermost first; empty for the file as it stands.
    pub layer: Vec<Box<str>>,
    /// Where the layer's text stands in the file.
    outer: Option<Span>,
    contexts: &'a ContextMap,
    index: usize,
    layer_context: Option<ExecutionContext>,
}

impl<'a> FileView<'a> {
    /// A file as it stands.
    fn root(
        artifact: &'a ArtifactFacts,
        entry: &'a FileEntry,
        contexts: &'a ContextMap,
        index: usize,
    ) -> Self {
        Self {
            artifact,
            entry,
            facts: &entry.facts,
            layer: Vec::new(),
            outer: None,
            contexts,
            index,
            layer_context: None,
        }
    }

    /// A file and everything decoded from it, outermost first.
    pub fn with_layers(
        artifact: &'a ArtifactFacts,
        entry: &'a FileEntry,
        contexts: &'a ContextMap,
        index: usize,
    ) -> impl Iterator<Item = Self> {
        let root = Self::root(artifact, entry, contexts, index);
        // most files have no layers, and every rule asks for every file
        let mut layers = root.inner();
        let mut next = 0;
        while let Some(view) = layers.get(next) {
            let inner = view.inner();
            layers.extend(inner);
            next += 1;
        }
        std::iter::once(root).chain(layers)
    }

    /// What was decoded from this file or layer itself.
    fn inner(&self) -> Vec<Self> {
        let view = |layer: &'a Layer| {
            let outer_context = self.context_at(layer.span);
            let context = if layer.executed {
                outer_context
            } else {
                outer_context.max(ExecutionContext::Called)
            };
            let mut steps = self.layer.clone();
            steps.extend(layer.steps.iter().cloned());
            Self {
                facts: &layer.facts,
                layer: steps,
                outer: Some(self.outer.unwrap_or(layer.span)),
                layer_context: Some(context),
                ..self.clone()
            }
        };
        self.facts.layers.iter().map(view).collect()
    }

    /// The chains inside this file or layer, and those that come from other files and end in this one.
    pub fn chains(&self) -> Vec<Chain<'a>> {
        let within = self.facts.flows.iter();
        let mut chains: Vec<_> = within
            .map(|flow| Chain::within(self.clone(), flow))
            .collect();
        if self.layer.is_empty() {
            let crossings = self.contexts.crossings().iter();
            let ending = crossings.filter(|c| c.last_home() == Some(self.index));
            chains.extend(ending.map(|crossing| Chain::across(self.clone(), crossing)));
        }
        chains
    }

    /// The path inside the artifact.
    pub fn path(&self) -> &'a str {
        &self.entry.path
    }

    /// When a function of this file or layer runs.
    pub fn context(&self, function: u32) -> ExecutionContext {
        self.layer_context
            .unwrap_or_else(|| self.contexts.of_function(self.index, function))
    }

    /// The functions of other files that a function of this file calls: the index of the file in
    /// [`ArtifactFacts::files`], and the function.
    pub fn calls_into_other_files(&self, function: u32) -> Vec<(usize, u32)> {
        if !self.layer.is_empty() {
            return Vec::new();
        }
        self.contexts
            .calls_into_other_files(self.index, function)
            .collect()
    }

    /// Another file of the same artifact, as it stands.
    pub fn sibling(&self, index: usize) -> Option<Self> {
        let entry = self.artifact.files.get(index)?;
        Some(Self {
            entry,
            facts: &entry.facts,
            layer: Vec::new(),
            outer: None,
            index,
            layer_context: None,
            ..self.clone()
        })
    }

    /// When the code at a place runs.
    pub fn context_at(&self, span: Span) -> ExecutionContext {
        self.context(function_at(self.facts, span).unwrap_or(0))
    }

    /// The most dangerous context of any function in it.
    pub fn worst_context(&self) -> ExecutionContext {
        (0..self.facts.functions.len().max(1) as u32)
            .map(|f| self.context(f))
            .min()
            .unwrap_or(ExecutionContext::Called)
    }

    /// Evidence at a place of this file or layer.
    pub fn evidence(&self, span: Span, role: EvidenceRole, note: impl Into<Box<str>>) -> Evidence {
        let snippet = self.facts.snippet_at(span);
        Evidence {
            artifact: self.artifact.filename.clone(),
            path: self.entry.path.clone(),
            span: Some(if self.layer.is_empty() {
                span
            } else {
                self.outer.unwrap_or(span)
            }),
            layer: self.layer.clone(),
            snippet: snippet.map_or_else(|| "".into(), |s| s.text.clone()),
            snippet_column: snippet.map_or(1, |s| s.first_column),
            note: note.into(),
            role,
        }
    }

    /// Evidence for a capability use.
    pub fn use_evidence(
        &self,
        used: &Use,
        role: EvidenceRole,
        note: impl Into<Box<str>>,
    ) -> Evidence {
        self.evidence(used.span, role, note)
    }

    /// Evidence for a literal.
    pub fn literal_evidence(&self, literal: &Literal, note: impl Into<Box<str>>) -> Evidence {
        self.evidence(literal.span, EvidenceRole::Site, note)
    }
}

/// The innermost function around a place; none at the top of the file.
pub(crate) fn function_at(facts: &FileFacts, span: Span) -> Option<u32> {
    facts
        .functions
        .iter()
        .enumerate()
        .skip(1)
        .filter(|(_, f)| {
            (f.span.line, f.span.column) <= (span.line, span.column)
                && (span.line, span.column) < (f.span.end_line, f.span.end_column)
        })
        .max_by_key(|(_, f)| (f.span.line, f.span.column))
        .map(|(i, _)| i as u32)
}

/// One chain of one file or layer.
#[derive(Clone, Debug)]
pub struct Chain<'a> {
    /// Where it was found.
    pub file: FileView<'a>,
    /// The steps.
    pub flow: &'a Flow,
    /// Where the other steps lie, if they lie in several files.
    crossing: Option<&'a Crossing>,
}

impl<'a> Chain<'a> {
    /// A chain inside one file or layer.
    const fn within(file: FileView<'a>, flow: &'a Flow) -> Self {
        Self {
            file,
            flow,
            crossing: None,
        }
    }

    /// A chain across files; `last` is the file in which it ends.
    const fn across(last: FileView<'a>, crossing: &'a Crossing) -> Self {
        Self {
            file: last,
            flow: &crossing.flow,
            crossing: Some(crossing),
        }
    }

    /// True if its steps lie in several files.
    pub const fn crosses_files(&self) -> bool {
        self.crossing.is_some()
    }

    /// Where the data comes from.
    pub fn source(&self) -> Option<&'a Step> {
        self.flow.steps.iter().find(|s| s.role == StepRole::Source)
    }

    /// Where it ends.
    pub fn sink(&self) -> Option<&'a Step> {
        self.flow
            .steps
            .iter()
            .rev()
            .find(|s| s.role == StepRole::Sink)
    }

    /// What it passes through.
    pub fn transforms(&self) -> impl Iterator<Item = &'a Step> + use<'a> {
        self.flow
            .steps
            .iter()
            .filter(|s| s.role == StepRole::Transform)
    }

    /// When the sink runs; of a chain across files, when all of it runs.
    pub fn context(&self) -> ExecutionContext {
        match self.crossing {
            Some(crossing) => crossing.context,
            None => self.file.context(self.flow.function),
        }
    }

    /// Evidence for every step, with a note for each from `note`.
    pub fn evidence(&self, note: impl Fn(&Step) -> String) -> Vec<Evidence> {
        self.flow
            .steps
            .iter()
            .enumerate()
            .map(|(at, step)| {
                let home = self
                    .crossing
                    .and_then(|c| c.homes.get(at))
                    .and_then(|home| self.file.sibling(*home));
                let file = home.as_ref().unwrap_or(&self.file);
                let role = match step.role {
                    StepRole::Source => EvidenceRole::Source,
                    StepRole::Transform => EvidenceRole::Transform,
                    StepRole::Sink => EvidenceRole::Sink,
                };
                file.evidence(step.span, role, note(step))
            })
            .collect()
    }
}
