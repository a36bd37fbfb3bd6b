//! Calls: of functions of the file, through summaries; of external names; of methods of values.

use foretaste_model::Capability;
use foretaste_model::facts::Resolution;
use foretaste_observe::taint::{Origin, SetId};

use super::memo::Given;
use super::{Evaluator, Invocation, MEMBER_OF, RESOLVERS};
use crate::apis::{ApiRef, Root};
use crate::ir::{FnId, List, NodeId, Op};
use crate::values::{Value, ValueId};

/// One argument.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arg {
    pub(super) node: NodeId,
    pub(super) value: ValueId,
}

/// A call being evaluated.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub(super) node: NodeId,
    pub(super) args: Vec<Arg>,
    pub(super) new: bool,
    /// The object on which a method is called.
    pub(super) receiver: Option<NodeId>,
}

impl Evaluator<'_> {
    /// Arguments of one call that are looked at.
    const MAX_ARGS: usize = 64;

    pub(super) fn call(&mut self, id: NodeId, callee: NodeId, args: List, new: bool) -> ValueId {
        let mut site = Site {
            node: id,
            args: Vec::with_capacity(self.ir.items(args).len().min(Self::MAX_ARGS)),
            new,
            receiver: None,
        };
        for index in 0..self.ir.items(args).len().min(Self::MAX_ARGS) {
            let node = self.item(args, index);
            let mut value = self.value_of(node);
            if matches!(self.ir.node(node).op, Op::Spread(_)) {
                value = self.element(value);
            }
            site.args.push(Arg { node, value });
        }
        let mut method = None;
        match self.ir.node(callee).op {
            Op::Member { object, key } => {
                site.receiver = Some(object);
                method = Some(self.ir.strings.cow(key));
            }
            Op::Index { object, index } => {
                site.receiver = Some(object);
                let key = self.at(index);
                let key = self.key_text(&key);
                method = self
                    .ir
                    .strings
                    .constant(key)
                    .is_some()
                    .then(|| self.ir.strings.cow(key));
            }
            _ => {}
        }
        if let Some(name) = method.as_deref()
            && let Some(receiver) = site.receiver
            && matches!(name, "call" | "apply" | "bind")
        {
            let target = self.at(receiver);
            let known = target.functions().next().is_some() || target.apis().next().is_some();
            // `Reflect.apply` is a name of its own
            let own = self
                .at(callee)
                .apis()
                .any(|a| self.apis.get(a).special != crate::special::Special::None);
            if known && !own {
                return self.call_indirectly(name, receiver, site);
            }
        }
        let target = self.callee(callee);
        self.dispatch(target, &site, method.as_deref())
    }

    /// The name of the variable that stands at a node; empty if it is none.
    pub(super) fn variable_name(&self, node: NodeId) -> &str {
        match self.ir.node(node).op {
            Op::Sym(sym) => self
                .ir
                .symbols
                .get(sym as usize)
                .map_or("", |s| self.ir.strings.get(s.name)),
            _ => "",
        }
    }

    /// The value called, with helpers of transpilers known by their name alone.
    fn callee(&mut self, callee: NodeId) -> Value {
        let value = self.at(callee);
        let name = self.variable_name(callee);
        if name.starts_with('_') && value.functions().next().is_some() {
            let name = name
                .trim_end_matches(|c: char| c.is_ascii_digit())
                .to_owned();
            if crate::special::Special::of(&name) != crate::special::Special::None {
                let api = ApiRef::new(self.apis.global(&name), Resolution::Direct);
                return Value::of_api(api);
            }
        }
        value
    }

    /// `f.call(this, ...)`, `f.apply(this, [...])`, `f.bind(this, ...)`.
    fn call_indirectly(&mut self, name: &str, target: NodeId, mut site: Site) -> ValueId {
        let value = self.at(target);
        if name == "bind" {
            return self.value_of(target);
        }
        let this = if site.args.is_empty() {
            Arg { node: 0, value: 0 }
        } else {
            site.args.remove(0)
        };
        if name == "apply"
            && let Some(list) = site.args.first().copied()
        {
            site.args = self.spread_for(&value, list);
        }
        site.receiver = Some(this.node);
        let method = match self.ir.node(target).op {
            Op::Member { key, .. } => Some(self.ir.strings.cow(key)),
            _ => None,
        };
        self.dispatch(value, &site, method.as_deref())
    }

    /// The arguments that an array holds for a function: for one that takes character after character, the array itself.
    pub(super) fn spread_for(&mut self, target: &Value, list: Arg) -> Vec<Arg> {
        let is_text = |api| self.apis.get(api).special == crate::special::Special::CharCode;
        if target.apis().any(is_text) {
            return vec![list];
        }
        self.spread_out(list)
    }

    /// The arguments that an array holds.
    pub(super) fn spread_out(&mut self, list: Arg) -> Vec<Arg> {
        let value = self.value(list.value);
        let items: Vec<ValueId> = value
            .objects()
            .filter_map(|o| self.heap.get(o as usize))
            .flat_map(|o| o.items.iter().take(Self::MAX_ARGS).copied())
            .collect();
        if items.is_empty() {
            let element = self.element(list.value);
            return vec![Arg {
                node: list.node,
                value: element,
            }];
        }
        items
            .into_iter()
            .map(|value| Arg {
                node: list.node,
                value,
            })
            .collect()
    }

    pub(super) fn dispatch(&mut self, target: Value, site: &Site, method: Option<&str>) -> ValueId {
        let mut result = 0;
        let mut handled = false;
        let invoked = self.note_invocation(&target, site);
        let several = target.functions().nth(1).is_some();
        for function in target.functions() {
            handled = true;
            if invoked && several {
                // which of them is called depends on who calls: that is seen there
                continue;
            }
            let value = self.call_local(function, site);
            result = self.join(result, value);
        }
        if site.new && target.objects != [0; 2] {
            // the class itself stands for what is made of it, with a constructor of its own or not
            handled = true;
            let made = Value {
                objects: target.objects,
                ..Value::default()
            };
            let made = self.intern(made);
            result = self.join(result, made);
        }
        let receiver = site.receiver.map_or(0, |r| self.value_of(r));
        for api in target.apis() {
            let (value, known) = self.call_external(api, site);
            result = self.join(result, value);
            handled |= known;
        }
        if !handled && let Some(method) = method {
            let (value, known) = self.call_method(method, receiver, site);
            result = self.join(result, value);
            handled = known;
        }
        if handled {
            return result;
        }
        let predicate = match target.apis().next() {
            Some(api) => self.apis.get(api).predicate,
            None => method.is_some_and(crate::special::is_predicate),
        };
        if predicate {
            return result;
        }
        let value = self.call_unknown(receiver, site);
        self.join(result, value)
    }

    /// A function about which nothing is known gives back what went in.
    fn call_unknown(&mut self, receiver: ValueId, site: &Site) -> ValueId {
        let mut taints = self.value(receiver).taints;
        for arg in &site.args {
            let value = self.value(arg.value);
            taints = self.taints.union(taints, value.taints);
            let inner = self.deep_of_objects(&value);
            taints = self.taints.union(taints, inner);
        }
        // a signature or address is no longer the secret that went in
        let is_secret =
            |o| matches!(o, Origin::Source(m) if m.capability == Capability::SecretParameter);
        if !taints.is_empty() {
            taints = self.taints.filter(taints, |o| !is_secret(o));
        }
        let value = Value {
            taints,
            ..Value::default()
        };
        self.intern(value)
    }

    fn call_local(&mut self, function: FnId, site: &Site) -> ValueId {
        if function >= RESOLVERS {
            self.heap.reads.restless();
            let given = site.args.first().map_or(0, |a| a.value);
            let node = function - RESOLVERS;
            let old = self.resolved.get(&node).copied().unwrap_or(0);
            let new = self.grow(old, given);
            if new != old {
                let waits = self.ir.node(node).function;
                self.stale.function(waits);
            }
            self.resolved.insert(node, new);
            return 0;
        }
        self.heap.reads.function(function);
        let caller = self.ir.node(site.node).function;
        if self.edges.insert((caller, function)) {
            self.stale.called(caller, function);
        }
        for (position, arg) in site.args.iter().enumerate() {
            self.give(function, position as u32, arg.value, false);
        }
        if let Some(receiver) = site.receiver {
            self.give_this(function, self.value_of(receiver));
        }
        self.apply_reaches(function, site);
        self.written_for(function, site);
        if self.depth < 8 {
            self.depth += 1;
            self.invoke_arguments(function, site);
            self.depth -= 1;
        }
        let mut returned = self.returns.get(function as usize).copied().unwrap_or(0);
        if let Some((position, api)) = self.loaders.get(&function).copied()
            && let Some(name) = site.args.get(position as usize).copied()
            && self
                .ir
                .strings
                .constant(self.value(name.value).text)
                .is_some()
        {
            let inner = Site {
                node: site.node,
                args: vec![name],
                new: false,
                receiver: None,
            };
            let (module, _) = self.call_external(api, &inner);
            returned = self.join(returned, module);
        }
        let result = self.handed_back(function, returned, site);
        if site.new {
            let own = self.function_object(function);
            let this = self.this_of.get(function as usize).copied().unwrap_or(0);
            let object = self.value(this).objects().next().unwrap_or(own);
            let made = self.object_value(object);
            return self.join(result, made);
        }
        result
    }

    /// What a function gives back for the arguments of a call.
    fn handed_back(&mut self, function: FnId, returned: ValueId, site: &Site) -> ValueId {
        let mut value = self.value(returned);
        let taints = self.graft_result(function, value.taints, site);
        if taints == value.taints {
            return returned;
        }
        value.taints = taints;
        self.intern(value)
    }

    /// A parameter is called: written down for the callers of its function.
    fn note_invocation(&mut self, target: &Value, site: &Site) -> bool {
        let Some((owner, position)) = self.parameter_in(target.taints) else {
            return false;
        };
        let mut invocation = Invocation {
            position,
            args: [0; 4],
            count: site.args.len().min(4),
        };
        for (slot, arg) in invocation.args.iter_mut().zip(&site.args) {
            *slot = arg.value;
        }
        if let Some(known) = self.invocations.get_mut(owner as usize)
            && known.len() < Self::MAX_INVOCATIONS
            && !known.contains(&invocation)
        {
            known.push(invocation);
            self.changed = true;
            self.stale.output(owner);
        }
        true
    }

    /// The whole parameter that a value first of all is: its function, its position.
    fn parameter_in(&self, taints: SetId) -> Option<(FnId, u32)> {
        let trail = self.taints.trails(taints).first().copied()?;
        match self.taints.untouched(trail)? {
            Origin::Parameter(owner, position) if position < MEMBER_OF => Some((owner, position)),
            _ => None,
        }
    }

    /// True if it matters to somebody that a value is called: it is a function, or a parameter of one that has room.
    fn is_invoked(&self, given: &Value) -> bool {
        let has_room = |owner: FnId| {
            let known = self.invocations.get(owner as usize);
            known.is_some_and(|k| k.len() < Self::MAX_INVOCATIONS)
        };
        given.functions != [0; 3]
            || self
                .parameter_in(given.taints)
                .is_some_and(|(owner, _)| has_room(owner))
    }

    /// Calls the functions given for parameters that a called function calls.
    fn invoke_arguments(&mut self, function: FnId, site: &Site) {
        let count = self.invocations.get(function as usize).map_or(0, Vec::len);
        if count == 0 || self.budget.is_exhausted() {
            return;
        }
        for index in 0..count {
            let invocations = self.invocations.get(function as usize);
            let Some(invocation) = invocations.and_then(|i| i.get(index)).copied() else {
                return;
            };
            let given = site
                .args
                .get(invocation.position as usize)
                .map_or(Value::default(), |a| self.value(a.value));
            if !self.is_invoked(&given) {
                continue;
            }
            let mut args = Vec::with_capacity(invocation.count);
            for arg in invocation.args.iter().take(invocation.count) {
                let value = self.handed_back(function, *arg, site);
                args.push(Arg {
                    node: site.node,
                    value,
                });
            }
            let inner = Site {
                node: site.node,
                args,
                new: false,
                receiver: None,
            };
            self.note_invocation(&given, &inner);
            for callback in given.functions().filter(|f| *f != function) {
                let values: Vec<ValueId> = inner.args.iter().map(|a| a.value).collect();
                self.call_back(site.node, callback, &values);
            }
        }
    }

    fn give_this(&mut self, function: FnId, receiver: ValueId) {
        let receiver = self.value(receiver);
        if receiver.objects().next().is_none() {
            return;
        }
        let Some(old) = self.this_of.get(function as usize).copied() else {
            return;
        };
        let known = self.value(old);
        if receiver.objects().all(|o| known.objects().any(|k| k == o)) {
            return;
        }
        let this = self.intern(Value {
            objects: receiver.objects,
            ..Value::default()
        });
        let new = self.grow(old, this);
        if new != old {
            self.stale.input(function);
        }
        if let Some(slot) = self.this_of.get_mut(function as usize) {
            *slot = new;
        }
    }

    /// Joins an argument into a parameter. Data goes through summaries, unless the caller is outside of the file.
    pub(super) fn give(&mut self, function: FnId, position: u32, value: ValueId, data: bool) {
        if value == 0 {
            return;
        }
        // data that is given has a source of its own; the rest goes through summaries
        let whole = if data { value } else { self.bare(value) };
        let mut value = self.value(whole);
        let unchanged = value;
        let slot = (function, position);
        let known = self.params.get(&slot).copied().unwrap_or(0);
        if self.crowded.contains(&slot) {
            value.objects = [0; 2];
        } else if value.objects().next().is_some() {
            // objects of several callers in one parameter would mix what belongs to each
            let mut old = self.value(known);
            let more = value
                .objects()
                .filter(|o| !old.objects().any(|k| k == *o))
                .count();
            if old.objects().count() + more > 2 {
                self.crowded.insert(slot);
                value.objects = [0; 2];
                old.objects = [0; 2];
                let rest = self.intern(old);
                self.params.insert(slot, rest);
                self.changed = true;
                self.stale.input(function);
            }
        }
        let value = if value == unchanged {
            whole
        } else {
            self.intern(value)
        };
        if value == 0 {
            return;
        }
        let old = self.params.get(&slot).copied().unwrap_or(0);
        let new = self.grow(old, value);
        if new != old {
            self.params.insert(slot, new);
            self.stale.input(function);
        }
    }

    /// The caller outside of the file calls a function with some values.
    pub(super) fn call_back(
        &mut self,
        node: NodeId,
        function: FnId,
        values: &[ValueId],
    ) -> ValueId {
        if function >= RESOLVERS {
            let site = Site {
                node,
                args: values.iter().map(|v| Arg { node, value: *v }).collect(),
                new: false,
                receiver: None,
            };
            return self.call_local(function, &site);
        }
        self.heap.reads.function(function);
        let caller = self.ir.node(node).function;
        if self.edges.insert((caller, function)) {
            self.stale.called(caller, function);
        }
        let args = values.iter().map(|v| Arg { node, value: *v }).collect();
        for (position, value) in values.iter().enumerate() {
            // data with an own source goes in as it is, parameters of the caller through the summary
            self.give_sources(function, position as u32, *value);
        }
        let site = Site {
            node,
            args,
            new: false,
            receiver: None,
        };
        self.apply_reaches(function, &site);
        let returned = self.returns.get(function as usize).copied().unwrap_or(0);
        self.handed_back(function, returned, &site)
    }

    fn give_sources(&mut self, function: FnId, position: u32, value: ValueId) {
        let value = self.sourced(value);
        self.give(function, position, value, true);
    }

    /// Replaces the parameters in what a function gives back by the arguments of a call.
    fn graft_result(&mut self, function: FnId, returned: SetId, site: &Site) -> SetId {
        if !self.begins_at(function, returned) {
            return returned;
        }
        let mut given = Given::default();
        for index in 0..self.taints.trails(returned).len() {
            let trail = self.taints.trails(returned).get(index);
            if let Some(Origin::Parameter(owner, position)) =
                trail.and_then(|t| self.taints.origin_of(*t))
                && owner == function
                && !given.holds(position)
            {
                let data = self.argument(site, position);
                given.add(position, data);
            }
        }
        let key = given.key().map(|key| (function, returned, key));
        if let Some(known) = key.and_then(|key| self.memo.graft(key)) {
            return known;
        }
        let mut out = SetId::EMPTY;
        for trail in self.taints.trails(returned).to_vec() {
            let Some(origin) = self.taints.origin_of(trail) else {
                continue;
            };
            let set = match origin {
                Origin::Parameter(owner, position) if owner == function => {
                    let data = given.of(position);
                    self.taints.graft(data, trail)
                }
                _ => self.taints.single(trail),
            };
            out = self.taints.union(out, set);
        }
        if let Some(key) = key {
            self.memo.remember_graft(key, out);
        }
        out
    }

    /// The data in the argument at the position of a parameter.
    pub(super) fn argument(&mut self, site: &Site, position: u32) -> SetId {
        let shallow = position >= MEMBER_OF;
        let Some(arg) = site.args.get((position % MEMBER_OF) as usize).copied() else {
            return SetId::EMPTY;
        };
        let value = self.value(arg.value);
        if shallow {
            return self.members_shallow(value.taints);
        }
        let inner = self.deep_of_objects(&value);
        self.taints.union(value.taints, inner)
    }

    pub(super) fn members_shallow(&mut self, taints: SetId) -> SetId {
        self.taints.filter(taints, |o| {
            !matches!(o, Origin::Source(m)
                if m.capability == Capability::EnvironmentReadAll)
        })
    }

    /// True if a name stands for something outside of the file that is worth naming as a callee.
    pub(super) fn is_named(&self, api: ApiRef) -> bool {
        let known = self.apis.get(api);
        match known.root {
            Root::Module | Root::Relative | Root::Kind => true,
            Root::Global => known.entry.is_some(),
        }
    }
}
