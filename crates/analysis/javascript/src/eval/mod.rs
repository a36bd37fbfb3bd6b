//! Works out values: walks the intermediate form front to back until nothing changes, then once more to record what
//! is used and where data goes.

mod arrays;
mod arrivals;
mod builtin;
mod call;
mod cipher;
mod code;
mod emitter;
mod external;
mod fold;
mod fresh;
mod given;
mod heap;
mod inline;
mod language;
mod local;
mod member;
mod memo;
mod objects;
mod page;
mod patterns;
mod payload;
mod pieces;
mod record;
mod roles;
mod stale;

use foretaste_model::Capability;
use foretaste_observe::Budget;
use foretaste_observe::taint::{Mark, Taints, TrailId};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::apis::{ApiRef, Apis};
use crate::ir::{FnId, Ir, List, Node, NodeId, Op, SymId};
use crate::strings::StrId;
use crate::values::{Value, ValueId, Values};
use fresh::{Fresh, is_followed};
use memo::Memo;
pub(crate) use pieces::{From, PieceRecord, To};
pub(crate) use record::{FlowRecord, Recorded, Touch, UseRecord};
use roles::{called_parameters, handed_nodes, quiet_nodes, telling_parameters};
use stale::{Heap, Stale};

/// Added to the position of a parameter of which only a member was taken.
const MEMBER_OF: u32 = 256;
/// Function numbers from here on stand for the `resolve` of the promise made at a node.
const RESOLVERS: u32 = 1 << 31;

/// A sink that a parameter of a function reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reach {
    /// Position of the parameter, perhaps with [`MEMBER_OF`].
    position: u32,
    /// From the parameter through transforms.
    trail: TrailId,
    sink: Mark,
    role: Role,
    /// Where the sink stands.
    function: FnId,
}

/// A function calls one of its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Invocation {
    position: u32,
    /// The first values it is given, and how many of these there are.
    args: [ValueId; 4],
    count: usize,
}

/// How data reaches a sink: what of it would leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// As content.
    Content,
    /// As the address itself.
    Address,
}

/// The analysis of one file.
pub(crate) struct Evaluator<'a> {
    pub(crate) ir: Ir<'a>,
    pub(crate) apis: Apis,
    pub(crate) taints: Taints,
    values: Values,
    node_values: Vec<ValueId>,
    /// What each variable holds at this point of the pass.
    now: Vec<ValueId>,
    /// What it held at the end of the last pass.
    last: Vec<ValueId>,
    /// All it ever held.
    all: Vec<ValueId>,
    params: FxHashMap<(FnId, u32), ValueId>,
    returns: Vec<ValueId>,
    this_of: Vec<ValueId>,
    heap: Heap,
    stale: Stale,
    fresh: Fresh,
    object_at: FxHashMap<NodeId, u32>,
    function_objects: FxHashMap<FnId, u32>,
    resolved: FxHashMap<NodeId, ValueId>,
    reaches: Vec<Vec<Reach>>,
    memo: Memo,
    /// Functions that load the module named by a parameter: its position, and the loader.
    loaders: FxHashMap<FnId, (u32, ApiRef)>,
    /// Functions that write the file which a parameter names.
    writers: FxHashMap<FnId, (u32, ApiRef)>,
    /// What objects of `crypto` hold, by object.
    held: FxHashMap<u32, cipher::Held>,
    /// What each variable is given, once somebody asked.
    assigned: Option<FxHashMap<SymId, Vec<NodeId>>>,
    /// Small functions followed for one call.
    inlines: inline::Inlines,
    budget: Budget,
    changed: bool,
    /// Parameters are followed to sinks: there is something to follow.
    marking: bool,
    /// A child is an interpreter: it executes what is written to it.
    feeds: bool,
    /// Modules are loaded by names that are not written out.
    loads: bool,
    /// Passes that are done.
    passes: u32,
    /// Passes since parameters are followed.
    settled: u32,
    /// Parameters that their function calls.
    called: FxHashSet<(FnId, u32)>,
    /// Parameters by whose names it is known what they are given.
    telling: FxHashMap<(FnId, u32), Capability>,
    recording: bool,
    /// Events by their names.
    channels: FxHashMap<StrId, emitter::Channel>,
    /// Callbacks within callbacks that are being followed.
    depth: u32,
    pub(crate) recorded: Recorded,
    /// Nodes whose value is only taken apart, called or named.
    quiet: Vec<bool>,
    /// Nodes whose value is handed on: as an argument, a property, a result.
    handed: Vec<bool>,
    /// Parameters that were given too many different objects to tell them apart.
    crowded: FxHashSet<(FnId, u32)>,
    /// Calls of a parameter inside a function: which one, with what.
    invocations: Vec<Vec<Invocation>>,
    /// Calls among functions of the file.
    pub(crate) edges: FxHashSet<(FnId, FnId)>,
}

impl<'a> Evaluator<'a> {
    /// Passes before giving up on a stable result.
    const MAX_PASSES: usize = 7;
    /// Passes with parameters followed, after which results of functions are known.
    const SETTLED: u32 = 2;
    /// Calls of parameters that the summary of one function holds.
    const MAX_INVOCATIONS: usize = 16;
    /// Sinks that the summary of one function holds.
    const MAX_REACHES: usize = 24;

    /// Analyses a file.
    pub(crate) fn run(ir: Ir<'a>, budget: Budget) -> Self {
        let functions = ir.functions.len();
        let symbols = ir.symbols.len();
        let mut evaluator = Self {
            node_values: vec![0; ir.nodes.len()],
            now: vec![0; symbols],
            last: vec![0; symbols],
            all: vec![0; symbols],
            params: FxHashMap::default(),
            returns: vec![0; functions],
            this_of: vec![0; functions],
            heap: Heap::default(),
            stale: Stale::new(&ir),
            fresh: Fresh::new(ir.nodes.len()),
            object_at: FxHashMap::default(),
            function_objects: FxHashMap::default(),
            resolved: FxHashMap::default(),
            reaches: vec![Vec::new(); functions],
            memo: Memo::default(),
            loaders: FxHashMap::default(),
            writers: FxHashMap::default(),
            held: FxHashMap::default(),
            assigned: None,
            inlines: inline::Inlines::default(),
            quiet: quiet_nodes(&ir),
            handed: handed_nodes(&ir),
            crowded: FxHashSet::default(),
            invocations: vec![Vec::new(); functions],
            edges: FxHashSet::default(),
            apis: Apis::new(),
            taints: Taints::default(),
            values: Values::new(),
            recorded: Recorded::default(),
            changed: false,
            marking: false,
            loads: false,
            feeds: false,
            passes: 0,
            settled: 0,
            called: called_parameters(&ir),
            telling: telling_parameters(&ir),
            recording: false,
            channels: FxHashMap::default(),
            depth: 0,
            budget,
            ir,
        };
        // large files get fewer passes: most that later ones find is more ways from the same sources to the same sinks
        let passes = match evaluator.ir.nodes.len() {
            0..30_000 => Self::MAX_PASSES,
            30_000..200_000 => 4,
            _ => 3,
        };
        for _ in 0..passes {
            evaluator.changed = false;
            evaluator.pass();
            if evaluator.budget.is_exhausted() {
                break;
            }
            if evaluator.marking {
                evaluator.settled += 1;
                if evaluator.settled == Self::SETTLED {
                    evaluator.stale.settle();
                }
            } else if evaluator.apis.may_chain() || evaluator.loads {
                evaluator.marking = true;
                evaluator.stale.all();
                evaluator.fresh.forget();
                continue;
            }
            // what functions give back is known from the second pass on
            if !evaluator.changed && (!evaluator.marking || evaluator.settled > Self::SETTLED) {
                break;
            }
        }
        evaluator.recording = true;
        evaluator.stale.all();
        evaluator.pass();
        evaluator.offer();
        evaluator.export();
        evaluator
    }

    /// True if the budget ran out.
    pub(crate) const fn is_exhausted(&self) -> bool {
        self.budget.is_exhausted()
    }

    fn pass(&mut self) {
        for index in 0..self.stale.segments.len() {
            let Some(segment) = self.stale.segments.get(index).copied() else {
                return;
            };
            let (takes_part, first) = self.stale.takes_part(segment.function, self.passes + 1);
            if !takes_part {
                continue;
            }
            if first {
                for sym in self.stale.own(segment.function) {
                    if let Some(now) = self.now.get_mut(*sym as usize) {
                        *now = 0;
                    }
                }
            }
            self.heap.current.set(segment.function);
            if !self.segment(segment) {
                return;
            }
        }
        for (sym, (last, now)) in self.last.iter_mut().zip(&self.now).enumerate() {
            if last != now {
                *last = *now;
                self.stale.variable(sym as SymId);
            }
        }
        self.passes += 1;
    }

    /// Evaluates a run of nodes; false if the budget is used up.
    fn segment(&mut self, segment: stale::Segment) -> bool {
        for id in segment.start..segment.end {
            if !self.budget.step() && !self.recording {
                return false;
            }
            let node = self.ir.node(id);
            let is_followed = is_followed(&node.op);
            if self.passes > 0 {
                let is_constant = matches!(
                    node.op,
                    Op::Text(_) | Op::Number(_) | Op::Function(_) | Op::Unknown
                );
                if is_constant {
                    continue;
                }
                if is_followed && self.is_fresh(id, &node) {
                    if self.recording {
                        self.record_fresh(id, &node);
                    }
                    continue;
                }
            }
            self.stale.clock += 1;
            let before = self.value_of(id);
            self.values.hint = before;
            let value = if is_followed {
                self.followed(id, node)
            } else {
                self.node(id, node)
            };
            if value != before {
                if let Some(slot) = self.node_values.get_mut(id as usize) {
                    *slot = value;
                }
                self.fresh.moved(id, self.stale.clock);
            }
        }
        true
    }

    fn value_of(&self, node: NodeId) -> ValueId {
        self.node_values.get(node as usize).copied().unwrap_or(0)
    }

    fn value(&self, id: ValueId) -> Value {
        self.values.get(id)
    }

    fn at(&self, node: NodeId) -> Value {
        self.values.get(self.value_of(node))
    }

    fn intern(&mut self, value: Value) -> ValueId {
        self.values.intern(value)
    }

    fn join(&mut self, a: ValueId, b: ValueId) -> ValueId {
        let taints = &mut self.taints;
        self.values.join(a, b, |x, y| taints.union(x, y))
    }

    /// Joins into a slot that grows from pass to pass.
    fn grow(&mut self, old: ValueId, new: ValueId) -> ValueId {
        let joined = self.join(old, new);
        self.changed |= joined != old;
        joined
    }

    fn node(&mut self, id: NodeId, node: Node) -> ValueId {
        match node.op {
            Op::Unknown | Op::Pattern { .. } => 0,
            Op::Text(text) => self.intern(Value::of_text(text)),
            Op::Number(number) => self.intern(Value {
                number: number.to_bits(),
                ..Value::default()
            }),
            Op::Sym(sym) => self.variable(id, sym),
            Op::Global(name) => self.global(id, name),
            Op::This(function) => self.this(function),
            Op::Arguments(function) => self.arguments_of(function),
            Op::Function(function) => self.intern(Value::of_function(function)),
            Op::Class {
                props,
                constructor,
                parent,
            } => self.class(id, props, constructor, parent),
            Op::Member { object, key } => {
                let mut value = self.get_member(id, object, key, false);
                self.record_read(id, value);
                if self.marking && self.key(key).secret {
                    value = self.joined_source(id, Capability::SecretParameter, key, value);
                }
                value
            }
            Op::Index { object, index } => {
                let value = self.get_index(id, object, index);
                self.record_read(id, value);
                value
            }
            Op::Call { callee, args } => self.call(id, callee, args, false),
            Op::New { callee, args } => self.call(id, callee, args, true),
            Op::Unpacked(text) => self.unpacked(id, text),
            Op::Concat(parts) => self.concat(parts),
            Op::Either(options) => {
                let mut value = 0;
                for index in 0..self.ir.items(options).len() {
                    let option = self.item(options, index);
                    value = self.join(value, self.value_of(option));
                }
                value
            }
            Op::Object(props) => self.object_literal(id, props),
            Op::Array(items) => self.array_literal(id, items),
            Op::Spread(inner) | Op::Same(inner) => self.value_of(inner),
            Op::Narrow {
                value,
                name,
                member,
                list,
            } => self.narrow(id, value, name, member, list),
            Op::Rest { value, from } => self.rest(id, value, from),
            Op::Element(inner) => self.element(self.value_of(inner)),
            Op::Arith { op, left, right } => self.arith(op, left, right),
            Op::Param(function, position) | Op::RestParam(function, position) => {
                let value = self.param(function, position);
                match self.telling.get(&(function, position)) {
                    Some(capability) if self.marking => {
                        let capability = *capability;
                        let info = self.ir.functions.get(function as usize);
                        let name = info.and_then(|f| f.params.get(position as usize));
                        let name = name.copied().unwrap_or(StrId::NONE);
                        self.joined_source(id, capability, name, value)
                    }
                    _ => value,
                }
            }
            Op::Import { module, name } => {
                let value = self.import(module, name);
                self.record_read(id, value);
                value
            }
            Op::Bind { sym, value, strong } => self.bind(sym, value, strong),
            Op::SetMember { object, key, value } => {
                self.set_member(id, object, key, value);
                let value = self.value_of(value);
                self.note_hidden_copy(id, key, value);
                value
            }
            Op::SetIndex {
                object,
                index,
                value,
            } => {
                self.set_index(id, object, index, value);
                self.value_of(value)
            }
            Op::Return(value) => {
                let (function, value) = (node.function as usize, self.value_of(value));
                if self.inline_return(function as FnId, value) {
                    return value;
                }
                let old = self.returns.get(function).copied().unwrap_or(0);
                let new = self.grow(old, value);
                if new != old {
                    self.stale.output(function as FnId);
                }
                if let Some(slot) = self.returns.get_mut(function) {
                    *slot = new;
                }
                value
            }
        }
    }

    fn item(&self, list: List, index: usize) -> NodeId {
        self.ir.items(list).get(index).copied().unwrap_or(0)
    }

    fn variable(&mut self, id: NodeId, sym: SymId) -> ValueId {
        let at = sym as usize;
        let Some(info) = self.ir.symbols.get(at).copied() else {
            return 0;
        };
        let own = info.owner == Some(self.ir.node(id).function);
        let now = self.now.get(at).copied().unwrap_or(0);
        let value = if info.linear && own && now != 0 {
            now
        } else if info.linear {
            let last = self.last.get(at).copied().unwrap_or(0);
            if last == 0 { now } else { last }
        } else {
            self.all.get(at).copied().unwrap_or(0)
        };
        self.record_read(id, value);
        value
    }

    fn bind(&mut self, sym: SymId, value_node: NodeId, strong: bool) -> ValueId {
        let at = sym as usize;
        let mut value = self.value_of(value_node);
        value = self.rebound(value_node, value);
        if self.inline_bind(sym, value) {
            return value;
        }
        let Some(old) = self.all.get(at).copied() else {
            return value;
        };
        let new = self.grow(old, value);
        if new != old {
            self.stale.variable(sym);
        }
        if let Some(slot) = self.all.get_mut(at) {
            *slot = new;
        }
        let linear = self.ir.symbols.get(at).is_some_and(|s| s.linear) && strong;
        let now = self.now.get(at).copied().unwrap_or(0);
        let next = if linear { value } else { self.join(now, value) };
        if let Some(slot) = self.now.get_mut(at) {
            *slot = next;
        }
        value
    }

    fn global(&mut self, id: NodeId, name: StrId) -> ValueId {
        let api = ApiRef::new(
            self.apis.global_named(name.0, self.ir.strings.get(name)),
            foretaste_model::facts::Resolution::Direct,
        );
        let mut value = self.api_value(id, api);
        if let Some(sym) = self.ir.implicit.get(&name).copied() {
            self.heap.reads.restless();
            let assigned = self.all.get(sym as usize).copied().unwrap_or(0);
            if assigned != 0 {
                value = self.join(assigned, value);
            }
        }
        self.record_read(id, value);
        value
    }

    fn this(&mut self, function: FnId) -> ValueId {
        if function == 0 {
            let api = ApiRef::new(
                self.apis.global("globalThis"),
                foretaste_model::facts::Resolution::Direct,
            );
            return self.intern(Value::of_api(api));
        }
        let object = self.function_object(function);
        let own = self.object_value(object);
        let known = self.this_of.get(function as usize).copied().unwrap_or(0);
        if known == 0 { own } else { known }
    }

    fn arguments_of(&mut self, function: FnId) -> ValueId {
        let mut value = 0;
        for position in 0..4 {
            let param = self.param(function, position);
            value = self.join(value, param);
        }
        value
    }

    fn param(&mut self, function: FnId, position: u32) -> ValueId {
        if let Some(given) = self.inline_param(function, position) {
            return given;
        }
        let known = self.params.get(&(function, position)).copied().unwrap_or(0);
        let value = if self.marking || self.called.contains(&(function, position)) {
            let marker = self.marker(function, position);
            let mut given = self.value(known);
            given.taints = self.taints.union(marker, given.taints);
            self.intern(given)
        } else {
            known
        };
        let is_require = || {
            let info = self.ir.functions.get(function as usize);
            let name = info.and_then(|f| f.params.get(position as usize));
            name.is_some_and(|n| self.ir.strings.get(*n) == "require")
        };
        // bundlers hand modules their loader under its own name
        let loader = if known == 0 && is_require() {
            let require = self.apis.global("require");
            let api = ApiRef::new(require, foretaste_model::facts::Resolution::Direct);
            self.intern(Value::of_api(api))
        } else {
            0
        };
        self.join(value, loader)
    }

    fn import(&mut self, module: StrId, name: StrId) -> ValueId {
        let text = self.ir.strings.cow(module);
        let how = foretaste_model::facts::Resolution::Direct;
        let module = ApiRef::new(self.apis.module(&text), how);
        let api = match self.ir.strings.get(name) {
            "*" => module,
            key => self.apis.member(module, name.0, key),
        };
        if !api.is_some() {
            return 0;
        }
        self.api_value(0, api)
    }
}
