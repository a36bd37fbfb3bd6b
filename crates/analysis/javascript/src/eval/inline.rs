//! Small functions followed once more for the constants of one call.
//!
//! A summary joins what all callers give: of `get(_, key) { return load(key.replace("1", "")) }` it knows that several names
//! are loaded, not which. Where that matters, the nodes of the function are evaluated with the values of one call in place of
//! its parameters. What they make belongs to that call; what the function tells others stays as it was.

use std::rc::Rc;

use foretaste_observe::taint::SetId;
use rustc_hash::FxHashMap;

use super::Evaluator;
use crate::ir::{FnId, NodeId, SymId};
use crate::values::ValueId;

/// Nodes of a function that is followed so.
const MAX_NODES: u32 = 96;

/// The runs of nodes of a function.
type Body = Rc<[(NodeId, NodeId)]>;

/// The call that is followed.
#[derive(Debug)]
pub(super) struct Inline {
    /// Where the call stands.
    call: NodeId,
    function: FnId,
    args: Vec<ValueId>,
    returned: ValueId,
}

/// The call that is followed now, and what such calls made.
#[derive(Debug, Default)]
pub(super) struct Inlines {
    now: Option<Inline>,
    /// Objects, by the call and the node that makes them.
    objects: FxHashMap<(NodeId, NodeId), u32>,
    /// Runs of nodes of each function, once somebody asked.
    bodies: Option<FxHashMap<FnId, Body>>,
}

impl Evaluator<'_> {
    /// What a function gives for the values of one call, if it is small and no other is followed now.
    pub(super) fn applied(
        &mut self,
        call: NodeId,
        function: FnId,
        args: &[ValueId],
    ) -> Option<ValueId> {
        if self.inlines.now.is_some() || function >= super::RESOLVERS || self.budget.is_exhausted()
        {
            return None;
        }
        let body = self.body(function)?;
        let nodes: u32 = body.iter().map(|(start, end)| end - start).sum();
        if nodes > MAX_NODES {
            return None;
        }
        self.budget.spend(u64::from(nodes));
        let caller = self.ir.node(call).function;
        if self.edges.insert((caller, function)) {
            self.stale.called(caller, function);
        }
        self.heap.reads.restless();
        let before: Vec<ValueId> = each(&body).map(|id| self.value_of(id)).collect();
        let own: Vec<SymId> = self.stale.own(function).to_vec();
        let held: Vec<ValueId> = own.iter().map(|sym| self.holds(*sym)).collect();
        for sym in &own {
            self.hold(*sym, 0);
        }
        self.inlines.now = Some(Inline {
            call,
            function,
            args: args.to_vec(),
            returned: 0,
        });
        for id in each(&body) {
            let value = self.node(id, self.ir.node(id));
            self.put(id, value);
        }
        let returned = self.inlines.now.take().map_or(0, |i| i.returned);
        for (id, value) in each(&body).zip(before) {
            self.put(id, value);
        }
        for (sym, value) in own.iter().zip(held) {
            self.hold(*sym, value);
        }
        Some(returned)
    }

    fn put(&mut self, id: NodeId, value: ValueId) {
        if let Some(slot) = self.node_values.get_mut(id as usize) {
            *slot = value;
        }
    }

    fn holds(&self, sym: SymId) -> ValueId {
        self.now.get(sym as usize).copied().unwrap_or(0)
    }

    fn hold(&mut self, sym: SymId, value: ValueId) {
        if let Some(slot) = self.now.get_mut(sym as usize) {
            *slot = value;
        }
    }

    /// What a parameter is in the call that is followed.
    pub(super) fn inline_param(&self, function: FnId, position: u32) -> Option<ValueId> {
        let inline = self.inlines.now.as_ref()?;
        (inline.function == function)
            .then(|| inline.args.get(position as usize).copied().unwrap_or(0))
    }

    /// Takes what the followed function gives back; false if another one does.
    pub(super) fn inline_return(&mut self, function: FnId, value: ValueId) -> bool {
        let Some(known) = self.inlines.now.as_ref().filter(|i| i.function == function) else {
            return false;
        };
        let joined = self.join(known.returned, value);
        if let Some(inline) = &mut self.inlines.now {
            inline.returned = joined;
        }
        true
    }

    /// Takes what a variable of the followed function is given; false if that is seen by others too.
    pub(super) fn inline_bind(&mut self, sym: SymId, value: ValueId) -> bool {
        let info = self.ir.symbols.get(sym as usize);
        let is_own = self
            .inlines
            .now
            .as_ref()
            .is_some_and(|i| info.is_some_and(|s| s.linear && s.owner == Some(i.function)));
        if is_own {
            self.hold(sym, value);
        }
        is_own
    }

    /// The object that a node makes in the followed call.
    pub(super) fn inline_object(&mut self, node: NodeId) -> Option<u32> {
        let call = self.inlines.now.as_ref()?.call;
        if let Some(known) = self.inlines.objects.get(&(call, node)) {
            return Some(*known);
        }
        let id = self.heap.push(super::heap::Object::default());
        self.inlines.objects.insert((call, node), id);
        Some(id)
    }

    fn body(&mut self, function: FnId) -> Option<Body> {
        let segments = &self.stale.segments;
        let bodies = self.inlines.bodies.get_or_insert_with(|| {
            let mut all: FxHashMap<FnId, Vec<(NodeId, NodeId)>> = FxHashMap::default();
            for segment in segments {
                let body = all.entry(segment.function).or_default();
                body.push((segment.start, segment.end));
            }
            all.into_iter().map(|(f, b)| (f, b.into())).collect()
        });
        bodies.get(&function).cloned()
    }

    /// A member of an object that a proxy stands for: what its handler gives for the name.
    pub(super) fn trapped(
        &mut self,
        id: NodeId,
        traps: [u32; 3],
        target: ValueId,
        key: crate::strings::StrId,
    ) -> ValueId {
        let name = self.intern(crate::values::Value {
            text: key,
            taints: SetId::EMPTY,
            ..crate::values::Value::default()
        });
        let traps = crate::values::Value {
            functions: traps,
            ..crate::values::Value::default()
        };
        let mut result = 0;
        for function in traps.functions() {
            let given = match self.applied(id, function, &[target, name]) {
                Some(given) => given,
                None => self.call_back(id, function, &[target, name]),
            };
            result = self.join(result, given);
        }
        result
    }
}

fn each(body: &[(NodeId, NodeId)]) -> impl Iterator<Item = NodeId> + '_ {
    body.iter().flat_map(|(start, end)| *start..*end)
}
