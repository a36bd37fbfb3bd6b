//! What the last pass writes down.

use foretaste_model::Capability;
use foretaste_model::facts::{FlowLink, Resolution, StepRole, UseKind};
use foretaste_observe::taint::Mark;
use foretaste_observe::taint::TrailId;
use rustc_hash::FxHashMap;

use super::Evaluator;
use super::pieces::PieceRecord;
use crate::apis::ApiRef;
use crate::ir::{FnId, NodeId, Op};
use crate::special::Special;
use crate::strings::{HOLE, StrId};
use crate::values::{Value, ValueId};

/// One use of an API.
#[derive(Debug)]
pub(crate) struct UseRecord {
    pub(crate) api: u32,
    pub(crate) how: Resolution,
    pub(crate) kind: UseKind,
    pub(crate) capabilities: Vec<Capability>,
    pub(crate) range: (u32, u32),
    pub(crate) function: FnId,
    pub(crate) constants: Vec<Box<str>>,
}

/// One chain.
#[derive(Debug)]
pub(crate) struct FlowRecord {
    pub(crate) steps: Vec<(StepRole, Mark)>,
    pub(crate) function: FnId,
    pub(crate) link: FlowLink,
}

/// Text that the code makes out of constants, or evaluates.
#[derive(Debug)]
pub(crate) struct LayerRecord {
    pub(crate) text: StrId,
    pub(crate) steps: Vec<Box<str>>,
    pub(crate) range: (u32, u32),
    pub(crate) executed: bool,
}

/// What happens to a file on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Touch {
    Write,
    Run,
}

/// A file that is written or run.
#[derive(Clone, Debug)]
pub(crate) struct FileRecord {
    pub(crate) touch: Touch,
    pub(crate) paths: Vec<StrId>,
    pub(crate) mark: Mark,
    pub(crate) function: FnId,
}

/// Everything written down.
#[derive(Debug, Default)]
pub(crate) struct Recorded {
    pub(crate) uses: Vec<UseRecord>,
    pub(crate) flows: Vec<FlowRecord>,
    /// What sources are called, by their places: earlier passes may have known less.
    pub(crate) told: FxHashMap<(u32, u32), u32>,
    /// Pieces of chains that begin or end in other files.
    pub(crate) pieces: Vec<PieceRecord>,
    /// Functions under the names by which other files import them.
    pub(crate) exports: Vec<(StrId, FnId)>,
    pub(crate) layers: Vec<LayerRecord>,
    pub(crate) files: Vec<FileRecord>,
    /// Calls of external names: caller, name.
    pub(crate) external: Vec<(FnId, u32)>,
    /// Modules loaded at run time: name, node, function.
    pub(crate) required: Vec<(StrId, NodeId, FnId)>,
    /// Folded texts that stand in no single literal.
    pub(crate) folded: Vec<(StrId, (u32, u32), FnId)>,
}

impl Recorded {
    const MAX: usize = 20_000;
}

impl Evaluator<'_> {
    pub(super) fn record_use(
        &mut self,
        node: NodeId,
        api: ApiRef,
        capabilities: &[Capability],
        kind: UseKind,
        constants: Vec<String>,
    ) {
        self.heap.reads.restless();
        if !self.recording || capabilities.is_empty() || self.recorded.uses.len() >= Recorded::MAX {
            return;
        }
        let at = self.ir.node(node);
        self.recorded.uses.push(UseRecord {
            api: api.id(),
            how: api.how(),
            kind,
            capabilities: capabilities.to_vec(),
            range: at.range,
            function: at.function,
            constants: constants.into_iter().map(Into::into).collect(),
        });
    }

    /// A name is read as a value.
    pub(super) fn record_read(&mut self, node: NodeId, value: ValueId) {
        if !self.recording || value == 0 {
            return;
        }
        let quiet = self.quiet.get(node as usize).copied().unwrap_or(false);
        for api in self.value(value).apis() {
            let known = self.apis.get(api);
            if let Some(name) = env_name(&known.name) {
                if matches!(self.ir.node(node).op, Op::Member { .. } | Op::Index { .. }) {
                    let name = name.to_owned();
                    self.record_use(
                        node,
                        api,
                        &[Capability::EnvironmentRead],
                        UseKind::Read,
                        vec![name],
                    );
                }
                continue;
            }
            let Some(entry) = known.entry else { continue };
            if api.how() == Resolution::Method && known.special != Special::Property {
                continue;
            }
            // a member was read of it, or it is called: that place says more
            let says_nothing = quiet && (known.known_below || known.special != Special::Property);
            let own_name = matches!(
                self.ir.node(node).op,
                Op::Member { .. } | Op::Index { .. } | Op::Global(_) | Op::Sym(_)
            );
            let all_of_env = entry.capabilities == [Capability::EnvironmentReadAll];
            if (quiet && all_of_env) || says_nothing || !own_name || entry.capabilities.is_empty() {
                continue;
            }
            // handing on what a variable already stands for was seen where the variable was bound
            let value_like = known.special == Special::Property
                || entry.capabilities.iter().any(|c| {
                    c.is_execution()
                        || matches!(
                            c,
                            Capability::CodeReflect
                                | Capability::HostInfo
                                | Capability::HostLocation
                        )
                });
            let handed = self.handed.get(node as usize).copied().unwrap_or(false);
            if known.special != Special::Property && !handed && !is_fact(entry.capabilities) {
                continue;
            }
            if !value_like
                || (matches!(self.ir.node(node).op, Op::Sym(_))
                    && !all_of_env
                    && !known.special.eq(&Special::Eval))
            {
                continue;
            }
            let capabilities = entry.capabilities;
            self.record_use(node, api, capabilities, UseKind::Read, Vec::new());
        }
    }

    pub(super) fn record_flow(&mut self, trail: TrailId, sink: Mark, function: FnId) {
        if self.recorded.flows.len() >= 4096 {
            return;
        }
        let mut steps = self.taints.steps(trail);
        steps.push((StepRole::Sink, sink));
        self.recorded.flows.push(FlowRecord {
            steps,
            function,
            link: FlowLink::Data,
        });
    }

    pub(super) fn record_external(&mut self, node: NodeId, api: ApiRef) {
        self.heap.reads.restless();
        if self.recording && self.is_named(api) && self.recorded.external.len() < 100_000 {
            let function = self.ir.node(node).function;
            self.recorded.external.push((function, api.id()));
        }
    }

    pub(super) fn record_layer(
        &mut self,
        node: NodeId,
        text: StrId,
        steps: Vec<Box<str>>,
        executed: bool,
    ) {
        self.heap.reads.restless();
        if !self.recording || self.recorded.layers.len() >= 256 {
            return;
        }
        if self.ir.strings.constant(text).is_some() {
            self.recorded.layers.push(LayerRecord {
                text,
                steps,
                range: self.ir.node(node).range,
                executed,
            });
        }
    }

    pub(super) fn record_file(
        &mut self,
        node: NodeId,
        touch: Touch,
        paths: Vec<StrId>,
        mark: Mark,
    ) {
        self.heap.reads.restless();
        if self.recording && !paths.is_empty() && self.recorded.files.len() < 512 {
            let function = self.ir.node(node).function;
            self.recorded.files.push(FileRecord {
                touch,
                paths,
                mark,
                function,
            });
        }
    }

    /// A folded text, for the literals.
    pub(super) fn record_folded(&mut self, node: NodeId, text: StrId) {
        self.heap.reads.restless();
        if self.recording
            && self.recorded.folded.len() < 4096
            && let Some(constant) = self.ir.strings.constant(text)
            && constant.len() >= 6
        {
            let at = self.ir.node(node);
            self.recorded.folded.push((text, at.range, at.function));
        }
    }

    /// The constant end of the name of a file that is written, for the literals: `path.join(dir, ".git", "hooks", name)`.
    pub(super) fn record_path(&mut self, node: NodeId, text: StrId) {
        let whole = self.ir.strings.get(text);
        let Some((_, end)) = whole.rsplit_once(HOLE).filter(|(_, end)| end.len() > 1) else {
            return;
        };
        let end = end.to_owned();
        let end = self.ir.strings.fold(end);
        self.record_folded(node, end);
    }

    /// The texts in a value, for the constants of a use.
    pub(super) fn describe(&mut self, value: &Value) -> Vec<String> {
        let mut out = Vec::new();
        if value.text.is_text() {
            out.push(self.shown(value.text));
            return out;
        }
        for object in value.objects() {
            let Some(o) = self.heap.get(object as usize) else {
                continue;
            };
            if !o.items.is_empty() {
                let items: Vec<ValueId> = o.items.iter().take(12).copied().collect();
                let texts: Vec<String> = items
                    .iter()
                    .map(|v| self.value(*v).text)
                    .filter(|t| t.is_text())
                    .map(|t| self.shown(t))
                    .collect();
                if !texts.is_empty() {
                    out.push(texts.join(" "));
                }
                continue;
            }
            for key in [
                "url", "uri", "href", "baseURL", "hostname", "host", "port", "path", "method",
                "chat_id",
            ] {
                let Some(id) = self.ir.strings.find(key) else {
                    continue;
                };
                let found = self.heap.get(object as usize).and_then(|o| o.get(id));
                if let Some(found) = found
                    && let Some(text) = self.text_of(&self.value(found))
                    && !text.is_empty()
                {
                    out.push(text.chars().take(512).map(dehole).collect());
                }
            }
        }
        out
    }

    fn shown(&self, text: StrId) -> String {
        self.ir
            .strings
            .get(text)
            .chars()
            .take(512)
            .map(dehole)
            .collect()
    }
}

/// Facts that a property tells without being called.
fn is_fact(capabilities: &[Capability]) -> bool {
    capabilities.iter().all(|c| {
        matches!(
            c,
            Capability::HostInfo | Capability::HostLocation | Capability::CodeReflect
        )
    })
}

/// Unknown parts are shown as an ellipsis.
fn dehole(c: char) -> char {
    if c == HOLE { '…' } else { c }
}

/// The variable that `process.env.X` reads.
pub(crate) fn env_name(api: &str) -> Option<&str> {
    ["process.env.", "Bun.env.", "import.meta.env."]
        .iter()
        .find_map(|p| api.strip_prefix(p))
        .filter(|n| !n.contains('.') && !n.is_empty())
}
