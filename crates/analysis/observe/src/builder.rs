//! Collects what an observer sees in one file, within bounds.

use foretaste_model::Capability;
use foretaste_model::facts::{
    Callee, Export, FileFacts, FileNature, Flow, FlowLink, Function, FunctionKind, IdentifierStats,
    Import, InstallSurface, Language, Layer, Literal, LiteralKind, ParseOutcome, Piece, Problem,
    ProblemKind, Resolution, Step, StepRole, Use, UseKind,
};
use foretaste_model::manifest::ManifestFacts;
use hashbrown::HashTable;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::{Caps, Places, literal, sketch, texts};

/// Functions that one file offers under other names.
const MAX_EXPORTS: usize = 512;
const MAX_EXPORT_NAME: usize = 200;

/// One use of a capability, by byte range.
#[derive(Clone, Copy, Debug)]
pub struct UseSite<'s> {
    /// The resolved API.
    pub api: &'s str,
    /// Where, as byte offsets.
    pub range: (u32, u32),
    /// The function in which it stands.
    pub function: u32,
    /// How the API was reached.
    pub resolution: Resolution,
    /// How it is used.
    pub kind: UseKind,
}

/// Collects facts about one file. Places are byte ranges of the text; lists are bounded, and a full list is reported
/// as one [`ProblemKind::Budget`].
#[derive(Debug)]
pub struct FactsBuilder<'a> {
    places: Places<'a>,
    caps: Caps,
    facts: FileFacts,
    seen_uses: FxHashMap<(u32, u64, Capability), usize>,
    /// Calls that were recorded, by function and callee: function, place among its calls.
    seen_calls: HashTable<(u32, u32)>,
    seen_flows: FxHashSet<(u32, u32, u32, u32, Capability)>,
    seen_literals: FxHashMap<u64, u8>,
    /// Offsets that want a source window: (urgency, offset), most urgent first when sorted.
    evidence: Vec<(u8, u32)>,
    full: Vec<&'static str>,
}

impl<'a> FactsBuilder<'a> {
    /// Begins the facts of `text`, with the default caps.
    pub fn new(language: Language, text: &'a str) -> Self {
        Self::with_caps(language, text, Caps::default())
    }

    /// Begins the facts of `text`.
    pub fn with_caps(language: Language, text: &'a str, caps: Caps) -> Self {
        Self {
            places: Places::new(text),
            caps,
            facts: FileFacts {
                language,
                outcome: ParseOutcome::Parsed,
                ..FileFacts::default()
            },
            seen_uses: FxHashMap::default(),
            seen_calls: HashTable::new(),
            seen_flows: FxHashSet::default(),
            seen_literals: FxHashMap::default(),
            evidence: Vec::new(),
            full: Vec::new(),
        }
    }

    /// The text and its places.
    pub const fn places(&self) -> &Places<'a> {
        &self.places
    }

    /// What has been collected so far.
    pub const fn facts(&self) -> &FileFacts {
        &self.facts
    }

    /// Sets how well the file could be read.
    pub const fn set_outcome(&mut self, outcome: ParseOutcome) {
        self.facts.outcome = outcome;
    }

    /// Sets whether people, a minifier or a generator wrote it.
    pub const fn set_nature(&mut self, nature: FileNature) {
        self.facts.nature = nature;
    }

    /// Sets what its identifiers look like.
    pub const fn set_identifiers(&mut self, identifiers: IdentifierStats) {
        self.facts.identifiers = identifiers;
    }

    /// Sets what a manifest in this file says.
    pub fn set_manifest(&mut self, manifest: ManifestFacts) {
        self.facts.manifest = Some(Box::new(manifest));
    }

    /// Adds a function and returns its index. The first one added is the module body. Once the list is full, the
    /// index of the parent is returned, so that what stands in the function counts for its surroundings.
    pub fn function(
        &mut self,
        name: &str,
        kind: FunctionKind,
        range: (u32, u32),
        parent: Option<u32>,
    ) -> u32 {
        if !self.room(self.facts.functions.len(), self.caps.functions, "functions") {
            return parent.unwrap_or(0);
        }
        let span = self.places.span(range.0, range.1);
        self.facts.functions.push(Function {
            name: cut(name, 256).into(),
            kind,
            span,
            parent,
            calls: Vec::new(),
            at_import: false,
        });
        self.facts.functions.len() as u32 - 1
    }

    /// Records that a function calls another one.
    pub fn call(&mut self, from: u32, callee: Callee) {
        let functions = &mut self.facts.functions;
        let key = hash(&(from, Some(&callee)));
        let is_it = |call: &(u32, u32)| {
            call.0 == from && callee_at(functions, *call).is_some_and(|c| *c == callee)
        };
        if self.seen_calls.find(key, is_it).is_some() {
            return;
        }
        let Some(function) = functions.get_mut(from as usize) else {
            return;
        };
        if function.calls.len() < self.caps.calls {
            let call = (from, function.calls.len() as u32);
            function.calls.push(callee);
            let rehash = |call: &(u32, u32)| hash(&(call.0, callee_at(functions, *call)));
            self.seen_calls.insert_unique(key, call, rehash);
        } else {
            self.note_full("calls of one function");
        }
    }

    /// Adds an import.
    pub fn import(&mut self, module: &str, names: Vec<Box<str>>, range: (u32, u32), function: u32) {
        if self.room(self.facts.imports.len(), self.caps.imports, "imports") {
            let span = self.places.span(range.0, range.1);
            self.facts.imports.push(Import {
                module: cut(module, 256).into(),
                names,
                span,
                function,
            });
        }
    }

    /// Adds uses of one API: one per capability. A place is reported once for each capability; when it is seen again
    /// (a loop body, a function run once more with known arguments), newly known constants are filled in.
    pub fn uses(
        &mut self,
        site: UseSite<'_>,
        capabilities: &[Capability],
        constants: impl Fn() -> Vec<Box<str>>,
    ) {
        for capability in capabilities {
            let key = (site.range.0, hash(&site.api), *capability);
            if let Some(known) = self.seen_uses.get(&key) {
                if let Some(known) = self.facts.uses.get_mut(*known) {
                    if known.kind == UseKind::Read && site.kind == UseKind::Call {
                        // named first, then called on the spot: `getattr(os, "system")("id")`
                        known.kind = UseKind::Call;
                        known.span = self.places.span(site.range.0, site.range.1);
                        known.constants = bounded(constants());
                    } else if known.constants.is_empty() && known.kind == site.kind {
                        known.constants = bounded(constants());
                    }
                }
                continue;
            }
            if !self.room(self.facts.uses.len(), self.caps.uses, "uses") {
                return;
            }
            self.seen_uses.insert(key, self.facts.uses.len());
            let span = self.places.span(site.range.0, site.range.1);
            self.facts.uses.push(Use {
                capability: *capability,
                api: cut(site.api, 256).into(),
                span,
                function: site.function,
                resolution: site.resolution,
                kind: site.kind,
                constants: bounded(constants()),
            });
            self.evidence.push((2, site.range.0));
        }
    }

    /// Classifies a string constant and keeps it if it can matter.
    pub fn literal(&mut self, value: &str, range: (u32, u32), function: u32) {
        self.classified(value, range, function, &[]);
    }

    /// Likewise, for a constant that something is only compared with: no place that is written to.
    pub fn compared(&mut self, value: &str, range: (u32, u32), function: u32) {
        self.classified(value, range, function, &[LiteralKind::PersistencePath]);
    }

    fn classified(
        &mut self,
        value: &str,
        range: (u32, u32),
        function: u32,
        without: &[LiteralKind],
    ) {
        let found = literal::classify(value);
        for (kind, part) in found.into_iter().filter(|(k, _)| !without.contains(k)) {
            let part: &str = &part;
            let seen = self
                .seen_literals
                .entry(hash(&(kind as u8, part)))
                .or_insert(0);
            *seen = seen.saturating_add(1);
            if *seen > 4 {
                continue;
            }
            if !self.room(self.facts.literals.len(), self.caps.literals, "literals") {
                return;
            }
            let span = self.places.span(range.0, range.1);
            self.facts.literals.push(Literal {
                kind,
                value: cut(part, 512).into(),
                length: part.chars().count() as u32,
                span,
                function,
            });
            self.evidence.push((3, range.0));
        }
    }

    /// Keeps a binary constant if it can matter.
    pub fn bytes_literal(&mut self, value: &[u8], range: (u32, u32), function: u32) {
        if let Ok(text) = std::str::from_utf8(value) {
            self.literal(text, range, function);
        } else if literal::is_opaque(value)
            && self.room(self.facts.literals.len(), self.caps.literals, "literals")
        {
            let span = self.places.span(range.0, range.1);
            self.facts.literals.push(Literal {
                kind: LiteralKind::Opaque,
                value: literal::escaped(value, 512).into(),
                length: value.len() as u32,
                span,
                function,
            });
            self.evidence.push((3, range.0));
        }
    }

    /// A step of a chain.
    pub fn step(
        &self,
        role: StepRole,
        capability: Capability,
        api: &str,
        range: (u32, u32),
        constant: Option<&str>,
    ) -> Step {
        Step {
            role,
            capability,
            api: cut(api, 256).into(),
            span: self.places.span(range.0, range.1),
            constant: constant.map(|c| cut(c, 512).into()),
        }
    }

    /// Adds a chain; `ends` are the byte offsets of its first and last step. One chain is kept for each pair of
    /// places and link.
    pub fn flow(&mut self, flow: Flow, ends: (u32, u32)) {
        let (Some(first), Some(last)) = (flow.steps.first(), flow.steps.last()) else {
            return;
        };
        let key = (
            ends.0,
            ends.1,
            flow.link as u32,
            u32::from(first.capability as u8),
            last.capability,
        );
        if !self.seen_flows.insert(key) {
            return;
        }
        // collected freely up to a multiple of the cap; the most telling ones are kept when finishing
        if self.facts.flows.len() < self.caps.flows * 16 {
            self.facts.flows.push(flow);
            self.evidence.push((0, ends.0));
            self.evidence.push((0, ends.1));
        }
    }

    /// Adds a piece of a chain that reaches into another file. Beyond the cap, later ones are left out.
    pub fn piece(&mut self, piece: Piece) {
        if self.facts.pieces.len() < self.caps.pieces && !self.facts.pieces.contains(&piece) {
            self.facts.pieces.push(piece);
        }
    }

    /// Adds a function that other files know by another name. Beyond the cap, later ones are left out.
    pub fn export(&mut self, name: &str, function: u32) {
        if self.facts.exports.len() < MAX_EXPORTS && name.len() <= MAX_EXPORT_NAME {
            self.facts.exports.push(Export {
                name: name.into(),
                function,
            });
        }
    }

    /// Adds an install surface.
    pub fn surface(&mut self, surface: InstallSurface, offset: Option<u32>) {
        if self.room(self.facts.surfaces.len(), self.caps.surfaces, "surfaces")
            && !self.facts.surfaces.contains(&surface)
        {
            self.facts.surfaces.push(surface);
            self.evidence.extend(offset.map(|o| (1, o)));
        }
    }

    /// Adds a layer that stands at a byte range.
    pub fn layer(
        &mut self,
        steps: Vec<Box<str>>,
        range: (u32, u32),
        executed: bool,
        facts: FileFacts,
    ) {
        if self.room(self.facts.layers.len(), self.caps.layers, "layers") {
            let span = self.places.span(range.0, range.1);
            self.facts.layers.push(Layer {
                steps,
                span,
                executed,
                facts: Box::new(facts),
            });
            self.evidence.push((0, range.0));
        }
    }

    /// Adds a problem.
    pub fn problem(&mut self, kind: ProblemKind, range: Option<(u32, u32)>, message: &str) {
        if self.facts.problems.len() < self.caps.problems {
            let span = range.map(|r| self.places.span(r.0, r.1));
            self.facts.problems.push(Problem {
                kind,
                span,
                message: cut(message, 512).into(),
            });
        }
    }

    /// Asks for a source window at a byte offset, e.g. for an evidence place that is no use, literal or flow.
    pub fn evidence(&mut self, offset: u32) {
        self.evidence.push((1, offset));
    }

    /// Sorts, bounds and returns the facts. Works out which functions the module body reaches by calls.
    pub fn finish(mut self) -> FileFacts {
        for what in std::mem::take(&mut self.full) {
            let message = format!("more {what} than are recorded; the first ones were kept");
            self.problem(ProblemKind::Budget, None, &message);
        }
        reach(&mut self.facts.functions);
        let mut facts = self.facts;
        facts.sketch = sketch(facts.language, self.places.text());
        facts.text = texts::are_kept().then(|| self.places.text().into());
        facts.flows.sort_by_key(|f| {
            (
                std::cmp::Reverse(telling(f)),
                f.steps.last().map(|s| s.span),
                f.steps.first().map(|s| s.span),
            )
        });
        facts.flows.truncate(self.caps.flows);
        facts
            .uses
            .sort_by_key(|u| (u.span.line, u.span.column, u.span, u.capability));
        facts.literals.sort_by_key(|l| (l.span, l.kind as u8));
        facts.imports.sort_by_key(|i| i.span);
        facts.layers.sort_by_key(|l| l.span);
        self.evidence.sort_unstable();
        self.evidence.dedup();
        self.evidence.truncate(self.caps.snippets * 8);
        let mut windows: FxHashMap<u32, Vec<foretaste_model::facts::Snippet>> =
            FxHashMap::default();
        let mut total = 0;
        for (_, offset) in &self.evidence {
            if total >= self.caps.snippets {
                break;
            }
            let (line, column) = self.places.position(*offset);
            let on_line = windows.entry(line).or_default();
            let covered = on_line.iter().any(|w| {
                let length = w.text.chars().count() as u32;
                w.first_column <= column
                    && (column + 60 < w.first_column + length
                        || (w.first_column == 1 && length < 240))
            });
            if !covered {
                on_line.push(self.places.window(*offset));
                total += 1;
            }
        }
        facts.snippets = windows.into_values().flatten().collect();
        facts.snippets.sort_by_key(|s| (s.line, s.first_column));
        facts.snippets.dedup_by_key(|s| (s.line, s.first_column));
        facts
    }

    fn room(&mut self, used: usize, cap: usize, what: &'static str) -> bool {
        if used < cap {
            return true;
        }
        self.note_full(what);
        false
    }

    #[cold]
    fn note_full(&mut self, what: &'static str) {
        if !self.full.contains(&what) {
            self.full.push(what);
        }
    }
}

/// A recorded call.
fn callee_at(functions: &[Function], (function, place): (u32, u32)) -> Option<&Callee> {
    functions.get(function as usize)?.calls.get(place as usize)
}

/// Marks what the module body reaches by calls inside the file.
fn reach(functions: &mut [Function]) {
    let mut queue = vec![0_u32];
    while let Some(at) = queue.pop() {
        let Some(function) = functions.get_mut(at as usize) else {
            continue;
        };
        if std::mem::replace(&mut function.at_import, true) {
            continue;
        }
        queue.extend(function.calls.iter().filter_map(|c| match c {
            Callee::Local(i) => Some(*i),
            Callee::External(_) => None,
        }));
    }
}

/// How telling a chain is: which ones to keep when there are too many.
fn telling(flow: &Flow) -> u32 {
    use Capability as C;
    let link = match flow.link {
        FlowLink::Data => 2,
        FlowLink::Resource => 1,
        FlowLink::Scope => 0,
    };
    let ends_in_network = flow
        .steps
        .last()
        .is_some_and(|s| s.capability.is_network_sink());
    let source = flow.steps.first().map_or(0, |s| match s.capability {
        // an encoded address: telling, but less so than what is sent there
        c if c.is_decoder() && ends_in_network => 3,
        C::DecodeText
        | C::DecodeCompressed
        | C::DecodeCipher
        | C::DecodeObject
        | C::EnvironmentReadAll
        | C::CredentialStore
        | C::Wallet
        | C::SecretParameter
        | C::CodeIntercept
        | C::Clipboard
        | C::Keyboard
        | C::Screen
        | C::Camera => 6,
        C::NetworkDownload | C::NetworkHttp | C::NetworkSocket => 5,
        C::HostInfo | C::UserInfo | C::CredentialToken | C::ProcessList => 4,
        C::EnvironmentRead => 2,
        C::FileRead => 1,
        _ => 3,
    });
    let sink = flow.steps.last().map_or(0, |s| match s.capability {
        c if c.is_execution() || c == C::CodeCompile => 3,
        c if c.is_network_sink() => 3,
        C::SystemPersist => 3,
        C::FileWrite => 0,
        _ => 1,
    });
    let file_only = flow
        .steps
        .last()
        .is_some_and(|s| s.capability == C::FileWrite);
    (source * 4 + sink * 5 + link * 3) * if file_only { 1 } else { 2 }
        + flow.steps.len().min(6) as u32
}

/// Constants of one use that are kept: the words of a command, or fewer if the observer says so.
pub const MAX_CONSTANTS: usize = 12;

fn bounded(constants: Vec<Box<str>>) -> Vec<Box<str>> {
    constants
        .into_iter()
        .take(MAX_CONSTANTS)
        .map(|c| {
            if c.len() > 512 {
                cut(&c, 512).into()
            } else {
                c
            }
        })
        .collect()
}

/// The first `chars` characters.
fn cut(text: &str, chars: usize) -> &str {
    if text.len() <= chars {
        return text;
    }
    text.char_indices()
        .nth(chars)
        .map_or(text, |(i, _)| text.get(..i).unwrap_or(text))
}

fn hash(value: &impl std::hash::Hash) -> u64 {
    use std::hash::BuildHasher as _;
    rustc_hash::FxBuildHasher.hash_one(value)
}

#[cfg(test)]
mod tests {

    use super::*;

    #[test]
    fn the_module_body_reaches_what_it_calls() {
        let mut facts = FactsBuilder::new(Language::Python, "x");
        let module = facts.function("<module>", FunctionKind::Module, (0, 1), None);
        let a = facts.function("a", FunctionKind::Function, (0, 1), Some(module));
        let b = facts.function("b", FunctionKind::Function, (0, 1), Some(module));
        let c = facts.function("c", FunctionKind::Function, (0, 1), Some(module));
        facts.call(module, Callee::Local(a));
        facts.call(a, Callee::Local(b));
        facts.call(b, Callee::Local(a));
        facts.call(c, Callee::Local(c));
        let facts = facts.finish();
        let reached: Vec<bool> = facts.functions.iter().map(|f| f.at_import).collect();
        assert_eq!(reached, [true, true, true, false]);
    }

    #[test]
    fn full_lists_are_reported_once_and_places_keep_their_windows() {
        let text = "f('https://collect.example.invalid/x')\n".repeat(30);
        let caps = Caps {
            uses: 10,
            ..Caps::default()
        };
        let mut facts = FactsBuilder::with_caps(Language::Python, &text, caps);
        facts.function("<module>", FunctionKind::Module, (0, 1), None);
        for i in 0..30_u32 {
            let range = (i * 39, i * 39 + 1);
            let site = UseSite {
                api: "f",
                range,
                function: 0,
                resolution: Resolution::Direct,
                kind: UseKind::Call,
            };
            facts.uses(site, &[Capability::NetworkHttp], Vec::new);
            facts.literal("https://collect.example.invalid/x", range, 0);
        }
        let facts = facts.finish();
        assert_eq!(facts.uses.len(), 10);
        assert_eq!(facts.problems.len(), 1);
        assert_eq!(facts.literals.len(), 4);
        assert_eq!(facts.literals[0].kind, LiteralKind::Url);
        for used in &facts.uses {
            assert!(facts.snippet_at(used.span).is_some());
        }
    }
}
