//! Where data arrives: chains, resources that one step writes and the next one uses, and what stands together in one
//! function.

use foretaste_model::Capability;
use foretaste_model::facts::{Flow, FlowLink, Step, StepRole, carries_out};
use foretaste_observe::taint::{Mark, Origin, SetId, TrailId};

use super::Interpreter;
use super::function::{End, Record};
use super::transform::UNKNOWN;
use crate::value::{Shape, TextId, Value};

/// What a file or other resource is known by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum WriteKey {
    /// Its path, with `{}` for unknown parts.
    Path(String),
    /// The path of a folder that an archive was unpacked to.
    Folder(String),
    /// The object that wrote it.
    Label(u32),
    /// The data its path was made of.
    Data(SetId),
}

/// What was written to a resource.
#[derive(Clone, Copy, Debug)]
pub(super) struct Write {
    pub(super) data: Value,
    pub(super) mark: Mark,
}

/// Something of interest that a function does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Event {
    pub(super) mark: Mark,
    /// True if data of interest was followed into or out of it.
    pub(super) joined: bool,
}

/// Resources that are remembered.
const MAX_WRITES: usize = 256;
/// Events of one function that are remembered.
const MAX_EVENTS: usize = 64;

impl Interpreter<'_> {
    /// Data arrives at a sink that stands in the function `fact`.
    pub(super) fn arrive(&mut self, data: SetId, sink: Mark, fact: u32) {
        for trail in self.taints.trails(data).to_vec() {
            match self.taints.origin_of(trail) {
                Some(Origin::Source(source)) => {
                    if self.matters(source, trail, sink) {
                        self.data_flow(trail, sink, fact);
                    }
                }
                Some(Origin::Parameter(function, _)) => {
                    let end = End::Sink(sink);
                    self.add_record(function, Record { trail, end, fact });
                }
                Some(Origin::Outside(name)) => self.outside_arrives(name, trail, sink, fact),
                Some(Origin::Resource(_)) | None => {}
            }
        }
    }

    /// The address of a request comes out of a decoder that was given a constant: somebody hides where it goes.
    pub(super) fn hidden_address(&mut self, address: SetId, sink: Mark) {
        for trail in self.taints.trails(address).to_vec() {
            match self.taints.origin_of(trail) {
                Some(Origin::Source(source))
                    if self.decodes_constant(source) && source.range != sink.range =>
                {
                    self.data_flow(trail, sink, self.frame.fact);
                }
                // the text stands in another module
                Some(Origin::Outside(name)) if self.is_decoded(trail) => {
                    self.outside_arrives(name, trail, sink, self.frame.fact);
                }
                _ => {}
            }
        }
    }

    /// True for a decoder of something that stands in the code.
    fn decodes_constant(&self, source: Mark) -> bool {
        source.capability.is_decoder() && !self.is_of_unknown(source)
    }

    fn is_of_unknown(&self, source: Mark) -> bool {
        source.constant > 0 && self.constants.text(TextId(source.constant - 1)) == UNKNOWN
    }

    /// True if the first thing that happens to data is that it is decoded.
    fn is_decoded(&self, trail: TrailId) -> bool {
        let transforms = self.taints.transforms(trail);
        transforms
            .first()
            .is_some_and(|m| m.capability.is_decoder())
    }

    fn data_flow(&mut self, trail: TrailId, sink: Mark, fact: u32) {
        let steps = self.steps(trail, sink);
        let Some(first) = self.taints.steps(trail).first().map(|s| s.1.range.0) else {
            return;
        };
        for event in &mut self.frame.events {
            event.joined |= event.mark.range.0 == first || event.mark.range == sink.range;
        }
        let flow = Flow {
            steps,
            function: fact,
            link: FlowLink::Data,
        };
        self.facts.flow(flow, (first, sink.range.0));
    }

    pub(super) fn steps(&self, trail: TrailId, sink: Mark) -> Vec<Step> {
        let mut steps: Vec<Step> = self
            .taints
            .steps(trail)
            .into_iter()
            .map(|(role, mark)| self.step(role, mark))
            .collect();
        steps.push(self.step(StepRole::Sink, sink));
        steps
    }

    pub(super) fn step(&self, role: StepRole, mark: Mark) -> Step {
        let constant = (mark.constant > 0).then(|| self.constants.text(TextId(mark.constant - 1)));
        self.facts.step(
            role,
            mark.capability,
            self.symbols.name(crate::symbols::SymId(mark.api)),
            mark.range,
            constant,
        )
    }

    /// True if a chain from this source to this sink says anything about intent.
    fn matters(&self, source: Mark, trail: TrailId, sink: Mark) -> bool {
        if source.range == sink.range {
            return false;
        }
        if self.is_of_unknown(source) {
            return sink.capability == Capability::CodeEval;
        }
        let transforms = self.taints.transforms(trail);
        let between = transforms.iter().map(|m| m.capability);
        let command = || self.constants.text(TextId(sink.constant - 1));
        let carries_out = sink.constant > 0 && carries_out(command());
        source
            .capability
            .tells_with(sink.capability, between, carries_out)
    }

    // ── resources ──

    /// The names under which a path or object is remembered.
    pub(super) fn write_keys(&self, resource: Value) -> Vec<WriteKey> {
        let mut keys = Vec::new();
        if let Some(text) = self.text_of(resource)
            && text
                .replace("{}", "")
                .trim_matches(['/', '\\', '.', ' '])
                .len()
                >= 2
        {
            keys.push(WriteKey::Path(text.to_owned()));
        }
        for trail in self.taints.trails(resource.taint) {
            if let Some(Origin::Resource(label)) = self.taints.origin_of(*trail) {
                keys.push(WriteKey::Label(label));
            }
        }
        if keys.is_empty() && self.taints.has_own(resource.taint) {
            keys.push(WriteKey::Data(resource.taint));
        }
        keys
    }

    /// Something is written to a resource.
    pub(super) fn written(&mut self, keys: Vec<WriteKey>, data: Value, mark: Mark) {
        for key in keys {
            if self.writes.len() >= MAX_WRITES && !self.writes.contains_key(&key) {
                return;
            }
            let old = self.writes.get(&key).copied();
            let data = match old {
                Some(old) => self.join(old.data, data),
                None => data,
            };
            self.writes.insert(key, Write { data, mark });
        }
    }

    /// What was written to the resource that a value names.
    pub(super) fn read_back(&self, resource: Value) -> Option<Write> {
        self.write_keys(resource)
            .iter()
            .find_map(|k| self.writes.get(k))
            .copied()
    }

    /// True if anything was written that a later step may use.
    pub(super) fn has_writes(&self) -> bool {
        !self.writes.is_empty()
    }

    /// A resource is run, loaded or imported: joins that to what was written to it.
    pub(super) fn used(&mut self, resource: Value, sink: Mark) {
        if self.writes.is_empty() {
            return;
        }
        let mut found: Vec<(WriteKey, Write)> = Vec::new();
        let text = self.text_of(resource).map(str::to_owned);
        let own = self.taints.trails(resource.taint);
        for (key, write) in &self.writes {
            let hit = match key {
                WriteKey::Path(path) => text
                    .as_deref()
                    .is_some_and(|t| names_path(t, path)),
                WriteKey::Folder(path) => text
                    .as_deref()
                    .is_some_and(|t| names_path_below(t, path)),
                WriteKey::Label(label) => own.iter().any(
                    |t| matches!(self.taints.origin_of(*t), Some(Origin::Resource(l)) if l == *label),
                ),
                WriteKey::Data(set) => self.taints.trails(*set).iter().all(|t| own.contains(t)),
            };
            if hit {
                found.push((key.clone(), *write));
            }
        }
        found.sort_by_key(|(_, w)| w.mark.range);
        for (_, write) in found.into_iter().take(4) {
            self.resource_flow(write, sink);
        }
    }

    fn resource_flow(&mut self, write: Write, sink: Mark) {
        if write.mark.range == sink.range {
            return;
        }
        if let Shape::Str(_) | Shape::Bytes(_) = write.data.shape
            && let Some(text) = self.text_of(write.data).map(str::to_owned)
        {
            self.layers
                .add_text(&text, &["write"], write.mark.range, true);
        }
        let mut sources = Vec::new();
        for trail in self.taints.trails(write.data.taint).to_vec() {
            if let Some(Origin::Source(source)) = self.taints.origin_of(trail)
                && (source.capability.is_network_source() || self.decodes_constant(source))
            {
                sources.push(trail);
            }
        }
        let constant = matches!(write.data.shape, Shape::Str(_) | Shape::Bytes(_));
        if sources.is_empty() && !constant {
            return;
        }
        let middle = self.step(StepRole::Transform, write.mark);
        let fact = self.frame.fact;
        if sources.is_empty() {
            let mut first = middle;
            first.role = StepRole::Source;
            let flow = Flow {
                steps: vec![first, self.step(StepRole::Sink, sink)],
                function: fact,
                link: FlowLink::Resource,
            };
            self.facts.flow(flow, (write.mark.range.0, sink.range.0));
            return;
        }
        for trail in sources {
            let mut steps = self.steps(trail, sink);
            let last = steps.len().saturating_sub(1);
            steps.insert(last, middle.clone());
            let first = self
                .taints
                .steps(trail)
                .first()
                .map_or(write.mark.range.0, |s| s.1.range.0);
            for event in &mut self.frame.events {
                event.joined |= event.mark.range.0 == first || event.mark.range == sink.range;
            }
            let flow = Flow {
                steps,
                function: fact,
                link: FlowLink::Resource,
            };
            self.facts.flow(flow, (first, sink.range.0));
        }
    }

    // ── what stands together ──

    /// Notes that the running function does something of interest.
    pub(super) fn event(&mut self, mark: Mark) {
        if self.frame.events.len() < MAX_EVENTS
            && !self
                .frame
                .events
                .iter()
                .any(|e| e.mark.range == mark.range && e.mark.capability == mark.capability)
        {
            self.frame.events.push(Event {
                mark,
                joined: false,
            });
        }
    }

    /// At the end of a function: steps that follow one another in it without a proven link.
    pub(super) fn scope_flows(&mut self) {
        use Capability as C;
        let events = std::mem::take(&mut self.frame.events);
        if events.len() < 2 {
            return;
        }
        let first = |f: &dyn Fn(&Event) -> bool| events.iter().find(|e| f(e)).map(|e| e.mark);
        let sends = |e: &Event| {
            matches!(
                e.mark.capability,
                C::NetworkHttp
                    | C::NetworkSocket
                    | C::NetworkMail
                    | C::NetworkRemote
                    | C::NetworkWebsocket
                    | C::NetworkMessenger
            )
        };
        let runs = |e: &Event| matches!(e.mark.capability, C::ProcessSpawn | C::ProcessShell);
        // reverse shell: a connection, streams redirected to it or a shell named
        if let Some(connect) = first(&|e| e.mark.capability == C::NetworkSocket) {
            let redirect = first(&|e| e.mark.capability == C::ProcessRedirect);
            let shell = first(&|e| runs(e) && self.names_shell(e.mark))
                .or_else(|| redirect.and_then(|_| first(&runs)));
            match (redirect, shell) {
                (Some(redirect), Some(shell)) => self.scope_flow(&[connect, redirect, shell]),
                (None, Some(shell)) => self.scope_flow(&[connect, shell]),
                _ => {}
            }
        }
        let sensitive = |e: &Event| {
            !e.joined
                && matches!(
                    e.mark.capability,
                    C::HostInfo
                        | C::UserInfo
                        | C::EnvironmentReadAll
                        | C::Clipboard
                        | C::Screen
                        | C::Keyboard
                        | C::Camera
                        | C::CredentialStore
                        | C::CredentialToken
                        | C::Wallet
                        | C::HostLocation
                )
        };
        if let Some(send) = first(&|e| sends(e) && !e.joined) {
            let mut seen = Vec::new();
            for source in events.iter().filter(|e| sensitive(e)) {
                if !seen.contains(&source.mark.capability) && seen.len() < 3 {
                    seen.push(source.mark.capability);
                    self.scope_flow(&[source.mark, send]);
                }
            }
        }
        let fetches = |e: &Event| {
            !e.joined && matches!(e.mark.capability, C::NetworkDownload | C::NetworkHttp)
        };
        if let (Some(fetch), Some(run)) = (first(&fetches), first(&|e| runs(e) && !e.joined))
            && fetch.range.0 < run.range.0
        {
            self.scope_flow(&[fetch, run]);
        }
    }

    fn scope_flow(&mut self, marks: &[Mark]) {
        let (Some(first), Some(last)) = (marks.first(), marks.last()) else {
            return;
        };
        if first.range == last.range {
            return;
        }
        let count = marks.len();
        let steps = marks
            .iter()
            .enumerate()
            .map(|(i, mark)| {
                let role = if i == 0 {
                    StepRole::Source
                } else if i + 1 == count {
                    StepRole::Sink
                } else {
                    StepRole::Transform
                };
                self.step(role, *mark)
            })
            .collect();
        let flow = Flow {
            steps,
            function: self.frame.fact,
            link: FlowLink::Scope,
        };
        self.facts.flow(flow, (first.range.0, last.range.0));
    }

    fn names_shell(&self, mark: Mark) -> bool {
        mark.constant > 0 && {
            let text = self.constants.text(TextId(mark.constant - 1));
            [
                "/bin/sh",
                "/bin/bash",
                "bash",
                "cmd.exe",
                "cmd",
                "powershell",
                "sh",
                "zsh",
            ]
            .iter()
            .any(|s| text == *s || text.starts_with(&format!("{s} ")) || text.contains("/bin/"))
        }
    }
}

/// True if a text is a path, or a command line in which it stands; a short path must be a word of its own.
/// True if a text names something in a folder.
fn names_path_below(text: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches(['/', '\\']);
    folder.len() >= 3
        && text
            .match_indices(folder)
            .any(|(at, _)| text[at + folder.len()..].starts_with(['/', '\\']))
}

fn names_path(text: &str, path: &str) -> bool {
    text == path
        || (path.len() >= 5 && text.contains(path))
        || (path.len() >= 3
            && path.contains('.')
            && text
                .split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '/' | '\\'))
                .any(|word| word == path))
}
