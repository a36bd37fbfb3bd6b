//! Which nodes of a function that is evaluated again give what they gave before.
//!
//! A node gives the same again if its operands have the values they had and nothing has changed that it read besides:
//! objects, and what called functions have told. What it read is written down while it is evaluated. What it did then
//! was to add to things that only grow, so that doing it again adds nothing. Nodes for which that is not true, and nodes
//! that have something to record, say so and are evaluated whenever their function is.

use std::cell::{Cell, RefCell};

use super::Evaluator;
use crate::ir::{FnId, Key, List, Node, NodeId, Op};
use crate::values::ValueId;

/// Marks a function among the things that a node has read; all others are objects.
const FUNCTION: u32 = 1 << 31;
/// Things that one node may read before it counts as having read every object.
const MAX_READ: usize = 24;

/// What the node that is evaluated now has read.
#[derive(Debug, Default)]
pub(super) struct Reads {
    list: RefCell<Vec<u32>>,
    /// It may have read any object.
    any: Cell<bool>,
    /// It must be evaluated whenever its function is.
    restless: Cell<bool>,
}

impl Reads {
    pub(super) fn object(&self, id: u32) {
        self.note(id);
    }

    /// What a function gives, calls and lets arrive at sinks.
    pub(super) fn function(&self, function: FnId) {
        self.note(function | FUNCTION);
    }

    pub(super) fn restless(&self) {
        self.restless.set(true);
    }

    fn note(&self, what: u32) {
        let mut list = self.list.borrow_mut();
        if list.contains(&what) {
            return;
        }
        if list.len() < MAX_READ {
            list.push(what);
        } else if what & FUNCTION == 0 {
            self.any.set(true);
        } else {
            self.restless.set(true);
        }
    }

    fn begin(&self) {
        self.list.borrow_mut().clear();
        self.any.set(false);
        self.restless.set(false);
    }
}

/// What is known of a node: when it was evaluated and when its value changed, counted in evaluations, and what it has
/// read when it was evaluated last.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    evaluated: u32,
    moved: u32,
    /// Where the things that it has read begin.
    start: u32,
    len: u8,
    room: u8,
    any: bool,
    restless: bool,
}

/// What is known of all nodes.
#[derive(Debug)]
pub(super) struct Fresh {
    states: Vec<State>,
    /// The things read by all nodes.
    things: Vec<u32>,
}

impl Fresh {
    pub(super) fn new(nodes: usize) -> Self {
        Self {
            states: vec![State::default(); nodes],
            things: Vec::new(),
        }
    }

    /// Nothing is known to be as it was.
    pub(super) fn forget(&mut self) {
        for state in &mut self.states {
            state.evaluated = 0;
        }
    }

    /// The value of a node is another one.
    pub(super) fn moved(&mut self, node: NodeId, clock: u32) {
        if let Some(state) = self.states.get_mut(node as usize) {
            state.moved = clock;
        }
    }

    fn has_moved(&self, node: NodeId, since: u32) -> bool {
        let state = self.states.get(node as usize);
        state.is_none_or(|s| s.moved > since)
    }
}

/// True for nodes of which it is worth knowing. The others cost less than finding out, or set what is set anew in each
/// pass.
pub(super) const fn is_followed(op: &Op) -> bool {
    matches!(
        op,
        Op::Global(_)
            | Op::Import { .. }
            | Op::Member { .. }
            | Op::Index { .. }
            | Op::Call { .. }
            | Op::New { .. }
            | Op::Concat(_)
            | Op::Array(_)
            | Op::Element(_)
            | Op::Object(_)
            | Op::Class { .. }
            | Op::SetMember { .. }
            | Op::SetIndex { .. }
    )
}

impl Evaluator<'_> {
    /// Evaluates a node and writes down what it reads.
    pub(super) fn followed(&mut self, id: NodeId, node: Node) -> ValueId {
        self.heap.reads.begin();
        let value = self.node(id, node);
        let Some(state) = self.fresh.states.get_mut(id as usize) else {
            return value;
        };
        let reads = &self.heap.reads;
        let list = reads.list.borrow();
        state.evaluated = self.stale.clock;
        state.any = reads.any.get();
        state.restless = reads.restless.get();
        state.len = list.len() as u8;
        if state.restless || list.is_empty() {
            return value;
        }
        if state.len > state.room {
            state.start = self.fresh.things.len() as u32;
            state.room = state.len;
            self.fresh.things.extend_from_slice(&list);
        } else {
            let room = self.fresh.things.iter_mut().skip(state.start as usize);
            for (slot, thing) in room.zip(list.iter()) {
                *slot = *thing;
            }
        }
        value
    }

    /// True if evaluating a node would give what it gave and do nothing new.
    pub(super) fn is_fresh(&self, id: NodeId, node: &Node) -> bool {
        let Some(state) = self.fresh.states.get(id as usize) else {
            return false;
        };
        let since = state.evaluated;
        if since == 0 || state.restless || (state.any && self.heap.changed_last >= since) {
            return false;
        }
        if self.has_moved_operand(node, since) {
            return false;
        }
        let start = state.start as usize;
        let things = self.fresh.things.get(start..start + usize::from(state.len));
        things.unwrap_or(&[]).iter().all(|thing| {
            // a node that changes what it has read is evaluated once more
            let changed = if thing & FUNCTION == 0 {
                self.heap.changed_at(*thing)
            } else {
                self.stale.told(thing & !FUNCTION)
            };
            changed < since
        })
    }

    fn has_moved_operand(&self, node: &Node, since: u32) -> bool {
        let moved = |node: NodeId| self.fresh.has_moved(node, since);
        let any = |list: List| self.ir.items(list).iter().any(|n| moved(*n));
        match node.op {
            Op::Global(_) | Op::Import { .. } => false,
            Op::Member { object, .. } => moved(object),
            Op::Index { object, index } => moved(object) || moved(index),
            Op::Call { callee, args } | Op::New { callee, args } => {
                moved(callee)
                    || any(args)
                    || match self.ir.node(callee).op {
                        Op::Member { object, .. } => moved(object),
                        Op::Index { object, index } => moved(object) || moved(index),
                        _ => false,
                    }
            }
            Op::Concat(list) | Op::Array(list) => any(list),
            Op::Element(inner) => moved(inner),
            Op::Object(props) => self.has_moved_property(props, since),
            Op::Class { props, parent, .. } => {
                moved(parent) || self.has_moved_property(props, since)
            }
            Op::SetMember { object, value, .. } => moved(object) || moved(value),
            Op::SetIndex {
                object,
                index,
                value,
            } => moved(object) || moved(index) || moved(value),
            _ => true,
        }
    }

    fn has_moved_property(&self, props: crate::ir::Props, since: u32) -> bool {
        self.ir.members(props).iter().any(|prop| {
            self.fresh.has_moved(prop.value, since)
                || matches!(prop.key, Key::Computed(key) if self.fresh.has_moved(key, since))
        })
    }

    /// What is recorded of a node that gives what it gave.
    pub(super) fn record_fresh(&mut self, id: NodeId, node: &Node) {
        match node.op {
            Op::Member { .. } | Op::Index { .. } | Op::Global(_) | Op::Import { .. } => {
                self.record_read(id, self.value_of(id));
            }
            Op::SetMember { key, value, .. } => {
                self.note_hidden_copy(id, key, self.value_of(value));
            }
            Op::Object(props) | Op::Class { props, .. } => {
                for index in 0..self.ir.members(props).len() {
                    if let Some(prop) = self.ir.members(props).get(index).copied()
                        && let Key::Name(key) = prop.key
                    {
                        self.note_hidden_copy(prop.value, key, self.value_of(prop.value));
                    }
                }
                if matches!(node.op, Op::Object(_)) {
                    self.note_payee(id, props);
                }
            }
            _ => {}
        }
    }
}
