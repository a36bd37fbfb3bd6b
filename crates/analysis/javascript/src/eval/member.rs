//! Properties: reading and writing them.

use foretaste_model::Capability;
use foretaste_model::facts::{Resolution, UseKind};
use foretaste_observe::table::Entry;
use foretaste_observe::taint::{Effect, Mark, Origin, SetId, effect};

use super::{Evaluator, MEMBER_OF, RESOLVERS};
use crate::apis::{ApiRef, Root};
use crate::ir::{NodeId, Op};
use crate::special::Special;
use crate::strings::StrId;
use crate::values::{Value, ValueId};

impl Evaluator<'_> {
    pub(super) fn get_member(
        &mut self,
        id: NodeId,
        object: NodeId,
        key: StrId,
        computed: bool,
    ) -> ValueId {
        let value_id = self.value_of(object);
        let base = self.value(value_id);
        if value_id == 0 {
            let name = self.key(key);
            return if name.constructor {
                self.constructor_of(object, &base)
            } else {
                0
            };
        }
        let name = self.key(key);
        if name.constructor {
            return self.constructor_of(object, &base);
        }
        let mut result = 0;
        for api in base.apis() {
            let at_root = &*self.apis.get(api).name == "globalThis";
            let mut member = self.apis.member(api, key.0, self.ir.strings.get(key));
            if !member.is_some() {
                continue;
            }
            if self.apis.get(member).special == Special::Side {
                result = self.join(result, value_id);
                continue;
            }
            if computed && at_root {
                member = member.reached(Resolution::Reflected);
            }
            let value = self.api_value(id, member);
            result = self.join(result, value);
        }
        for object in base.objects() {
            let value = self.get_prop(object, key);
            result = self.join(result, value);
            let asked = self.heap.peek(object as usize);
            if let Some((traps, target)) = asked.map(|o| (o.traps, o.target))
                && traps != [0; 3]
            {
                let value = self.trapped(id, traps, target, key);
                result = self.join(result, value);
            }
        }
        for function in base.functions().filter(|f| *f < RESOLVERS) {
            let own = self.function_object(function);
            let value = if name.prototype {
                self.object_value(own)
            } else {
                self.get_prop(own, key)
            };
            result = self.join(result, value);
        }
        if base.text.is_text() && base.objects().next().is_none() {
            let value = self.character(base.text, key);
            result = self.join(result, value);
        }
        if !base.taints.is_empty() && !name.measure {
            let taints = self.member_taints(base.taints, name.position.is_some());
            let value = self.data(taints);
            result = self.join(result, value);
        }
        result
    }

    /// A trail that begins at a whole parameter goes on as one of a member of it.
    pub(super) fn members_of(&mut self, taints: SetId) -> SetId {
        self.taints
            .map(taints, |taints, trail| match taints.origin_of(trail) {
                Some(Origin::Parameter(function, position))
                    if position < MEMBER_OF && taints.transforms(trail).is_empty() =>
                {
                    let set = taints.origin(Origin::Parameter(function, position + MEMBER_OF));
                    taints.trails(set).first().copied()
                }
                _ => Some(trail),
            })
    }

    fn get_prop(&mut self, object: u32, key: StrId) -> ValueId {
        let index = self.key(key).position;
        let Some(o) = self.heap.get(object as usize) else {
            return 0;
        };
        let any = o.any;
        let known = o.get(key).unwrap_or(0);
        let item = if o.items.is_empty() {
            0
        } else {
            index.and_then(|i| o.items.get(i).copied()).unwrap_or(0)
        };
        let value = self.join(known, item);
        self.join(value, any)
    }

    fn character(&mut self, text: StrId, key: StrId) -> ValueId {
        let index = self.ir.strings.get(key).parse::<usize>().ok();
        let found = index.and_then(|i| self.ir.strings.constant(text)?.chars().nth(i));
        match found {
            Some(c) => {
                let text = self.ir.strings.fold(c.to_string());
                self.intern(Value::of_text(text))
            }
            None => 0,
        }
    }

    /// `x.constructor`: of a function it is `Function`, the door to evaluating text.
    fn constructor_of(&mut self, object: NodeId, base: &Value) -> ValueId {
        self.heap.reads.restless();
        let mut result = 0;
        for api in base.apis() {
            let member = self.apis.member(api, u32::MAX, "constructor");
            let value = self.intern(Value::of_api(member.reached(Resolution::Reflected)));
            result = self.join(result, value);
        }
        if result != 0 {
            return result;
        }
        let of_method = match self.ir.node(object).op {
            Op::Member { object: inner, .. } | Op::Index { object: inner, .. } => {
                let inner = self.at(inner);
                inner.text.is_text() || inner.objects().next().is_some()
            }
            _ => false,
        };
        let literal = matches!(
            self.ir.node(object).op,
            Op::Array(_) | Op::Text(_) | Op::Number(_) | Op::Object(_)
        );
        let name = if base.functions().next().is_some() || (of_method && !literal) {
            "Function"
        } else if base.text.is_text() || base.objects().next().is_some() || base.number().is_some()
        {
            "<constructor>"
        } else {
            return 0;
        };
        let api = ApiRef::new(self.apis.named(name), Resolution::Reflected);
        self.intern(Value::of_api(api))
    }

    pub(super) fn get_index(&mut self, id: NodeId, object: NodeId, index: NodeId) -> ValueId {
        let key = self.at(index);
        let text = self.key_text(&key);
        if text.is_text() && self.ir.strings.constant(text).is_some() {
            return self.get_member(id, object, text, true);
        }
        let base = self.value(self.value_of(object));
        let mut result = self.element(self.value_of(object));
        for api in base.apis() {
            let name = &*self.apis.get(api).name;
            if matches!(name, "process.env" | "Bun.env") {
                // one variable, though which one is not known
                let mut others = self.value(result);
                others.taints = self.members_shallow(others.taints);
                // unless the name is one of all that there are
                let all = self.taints.filter(key.taints, |o| {
                    matches!(o, Origin::Source(m) if m.capability == Capability::EnvironmentReadAll)
                });
                others.taints = self.taints.union(others.taints, all);
                result = self.intern(others);
                let value = self.env_variable(id, api, StrId::NONE);
                result = self.join(result, value);
            }
        }
        for object in base.objects() {
            // a table of functions, called by a key that is not known
            let props: Vec<ValueId> = self
                .heap
                .get(object as usize)
                .map(|o| o.props().iter().take(32).map(|(_, v)| *v).collect())
                .unwrap_or_default();
            for value in props {
                let taints = self.value(value).taints;
                let functions = Value {
                    taints,
                    functions: self.value(value).functions,
                    ..Value::default()
                };
                let value = self.intern(functions);
                result = self.join(result, value);
            }
        }
        let members = self.members_of(self.value(result).taints);
        let mut value = self.value(result);
        value.taints = members;
        if value.text != StrId::NONE {
            value.text = StrId::VARIES;
        }
        self.intern(value)
    }

    /// The text of a value used as a key.
    pub(super) fn key_text(&mut self, key: &Value) -> StrId {
        if key.text != StrId::NONE {
            return key.text;
        }
        match key.number() {
            Some(number) => self.ir.strings.fold(format!("{number}")),
            None => StrId::NONE,
        }
    }

    /// The data that reading a name gives, for names that are read rather than called.
    pub(super) fn property_source(&mut self, node: NodeId, api: ApiRef) -> SetId {
        let known = self.apis.get(api);
        if let Some(name) = known
            .name
            .strip_prefix("process.env.")
            .or_else(|| known.name.strip_prefix("Bun.env."))
            .or_else(|| known.name.strip_prefix("import.meta.env."))
        {
            let name = self.ir.strings.fold(name.to_owned());
            return self.source(node, Capability::EnvironmentRead, api.id(), name);
        }
        if known.root == Root::Relative && !known.top {
            return self.outside(api);
        }
        if known.special != Special::Property {
            return SetId::EMPTY;
        }
        let Some(capability) = known.entry.and_then(Entry::capability) else {
            return SetId::EMPTY;
        };
        if matches!(effect(capability), Effect::Source | Effect::SinkAndSource) {
            self.source(node, capability, api.id(), StrId::NONE)
        } else {
            SetId::EMPTY
        }
    }

    fn env_variable(&mut self, node: NodeId, api: ApiRef, name: StrId) -> ValueId {
        let taints = self.source(node, Capability::EnvironmentRead, api.id(), name);
        self.data(taints)
    }

    /// A trail that begins here.
    pub(super) fn source(
        &mut self,
        node: NodeId,
        capability: Capability,
        api: u32,
        constant: StrId,
    ) -> SetId {
        let range = self.ir.node(node).range;
        let constant = if constant.is_text() { constant.0 } else { 0 };
        if self.recording && constant != 0 {
            let length = |id: u32| self.ir.strings.get(StrId(id)).len();
            let known = self
                .recorded
                .told
                .get(&range)
                .map_or(0, |told| length(*told));
            if length(constant) > known {
                self.recorded.told.insert(range, constant);
            }
        }
        self.taints.origin(Origin::Source(Mark {
            capability,
            api,
            constant,
            range,
        }))
    }

    pub(super) fn set_member(&mut self, id: NodeId, object: NodeId, key: StrId, value: NodeId) {
        let value = self.value_of(value);
        let base = self.value(self.value_of(object));
        for target in base.objects() {
            self.set_prop(target, key, value);
            if self
                .heap
                .peek(target as usize)
                .is_some_and(|o| !o.items.is_empty())
            {
                self.shuffle(target);
            }
        }
        for function in base.functions().filter(|f| *f < RESOLVERS) {
            let own = self.function_object(function);
            self.set_prop(own, key, value);
        }
        for api in base.apis() {
            self.set_api_member(id, api, &base, key, value);
        }
        self.intercept_part(id, &base, value);
        let nothing = base.objects().next().is_none() && base.functions().next().is_none();
        let settable = base
            .apis()
            .all(|a| matches!(self.apis.get(a).root, crate::apis::Root::Relative));
        if nothing && settable && value != 0 {
            self.attach(id, object, key, value);
        }
    }

    /// Gives a variable without a known object one, to hold what is set on it.
    fn attach(&mut self, id: NodeId, object: NodeId, key: StrId, value: ValueId) {
        let interesting = {
            let v = self.value(value);
            !v.taints.is_empty() || v.functions().next().is_some() || v.apis().next().is_some()
        };
        if !interesting {
            return;
        }
        let Op::Sym(sym) = self.ir.node(object).op else {
            return;
        };
        self.heap.reads.restless();
        let made = self.object_of(id);
        self.set_prop(made, key, value);
        let holder = self.object_value(made);
        let at = sym as usize;
        let Some(old) = self.all.get(at).copied() else {
            return;
        };
        let new = self.grow(old, holder);
        if new != old {
            self.stale.variable(sym);
        }
        if let Some(slot) = self.all.get_mut(at) {
            *slot = new;
        }
        let owner = self.ir.symbols.get(at).and_then(|s| s.owner).unwrap_or(0);
        self.stale.entangle(owner, self.ir.node(id).function);
        let now = self.now.get(at).copied().unwrap_or(0);
        let next = self.join(now, holder);
        if let Some(slot) = self.now.get_mut(at) {
            *slot = next;
        }
    }

    fn set_api_member(
        &mut self,
        id: NodeId,
        base: ApiRef,
        receiver: &Value,
        key: StrId,
        value: ValueId,
    ) {
        self.heap.reads.restless();
        let name = self.ir.strings.get(key).to_owned();
        let base_name = self.apis.get(base).name.clone();
        if matches!(&*base_name, "process.env" | "Bun.env") {
            let constants = self.describe(&self.value(value).clone());
            self.record_use(
                id,
                base,
                &[Capability::EnvironmentWrite],
                UseKind::Write,
                std::iter::once(name.clone()).chain(constants).collect(),
            );
            if name == "NODE_TLS_REJECT_UNAUTHORIZED" {
                let api = self.apis.member(base, key.0, &name);
                self.record_use(
                    id,
                    api,
                    &[Capability::NetworkInsecure],
                    UseKind::Write,
                    vec![name],
                );
            }
            return;
        }
        if self.hears_by_member(id, &name, value) {
            return;
        }
        // handlers: `socket.onmessage = f`, `xhr.onload = f`
        let handler = name.starts_with("on")
            && matches!(
                self.apis.get(base).root,
                crate::apis::Root::Kind | crate::apis::Root::Module
            );
        if handler {
            let given = self.value(value);
            let event = Value {
                taints: receiver.taints,
                ..Value::default()
            };
            let event = self.intern(event);
            for function in given.functions() {
                self.call_back(id, function, &[event, event]);
            }
            return;
        }
        let api = self.apis.member(base, key.0, &name);
        if !api.is_some() {
            return;
        }
        if self.apis.get(api).entry.is_none() && self.apis.get(api).root == Root::Module {
            self.intercept(id, api, value);
        }
        if let Some(entry) = self.apis.get(api).entry
            && !entry.capabilities.is_empty()
        {
            self.record_use(id, api, entry.capabilities, UseKind::Write, Vec::new());
            self.intercept(id, api, value);
            let capability = entry.capability().unwrap_or(Capability::NetworkHttp);
            if matches!(effect(capability), Effect::Sink | Effect::SinkAndSource) {
                let given = self.value(value);
                self.sink_value(id, api, capability, &given, super::Role::Address, true);
            }
        }
    }

    /// A name of another module or of the page is replaced by a function of this file: whoever calls it from now on hands
    /// this function what it was meant to get.
    fn intercept(&mut self, id: NodeId, api: ApiRef, value: ValueId) {
        if self.value(value).functions().next().is_some() {
            let taints = self.source(id, Capability::CodeIntercept, api.id(), StrId::NONE);
            self.pass_to(id, value, taints);
        }
    }

    /// A function of what passes through a replaced function is replaced as well: a member of the module that a replaced
    /// loader hands on.
    fn intercept_part(&mut self, id: NodeId, base: &Value, value: ValueId) {
        let passing = self.passing(base.taints);
        if !passing.is_empty() {
            self.pass_to(id, value, passing);
        }
    }

    /// Somebody calls the functions of a value with what passes through them.
    pub(super) fn pass_to(&mut self, id: NodeId, value: ValueId, passing: SetId) {
        let passing = self.data(passing);
        for function in self.value(value).functions() {
            self.call_back(id, function, &[passing; 4]);
        }
    }

    /// Of some data, what passes through a replaced function.
    pub(super) fn passing(&mut self, taints: SetId) -> SetId {
        if taints.is_empty() {
            return taints;
        }
        self.taints.filter(
            taints,
            |o| matches!(o, Origin::Source(m) if m.capability == Capability::CodeIntercept),
        )
    }

    pub(super) fn set_index(&mut self, id: NodeId, object: NodeId, index: NodeId, value: NodeId) {
        let key = self.at(index);
        let text = self.key_text(&key);
        if text.is_text() && self.ir.strings.constant(text).is_some() {
            self.set_member(id, object, text, value);
            return;
        }
        let value = self.value_of(value);
        let base = self.value(self.value_of(object));
        for target in base.objects() {
            self.set_any(target, value);
            self.shuffle(target);
        }
        // `library[name] = function () { … }` for several names
        for api in base.apis() {
            if self.apis.get(api).root == Root::Module {
                self.intercept(id, api, value);
            }
        }
        self.intercept_part(id, &base, value);
    }
}
