//! Making and filling objects, arrays and classes.

use foretaste_model::Capability;
use foretaste_model::facts::{FIXED_PAYEE, HIDDEN_COPY, Resolution, UseKind};
use foretaste_observe::given::{self, Payment};

use super::heap::Object;
use super::{Evaluator, RESOLVERS};
use crate::apis::ApiRef;
use crate::ir::{FnId, Key, List, NodeId, Op, Props};
use crate::strings::StrId;
use crate::values::{Value, ValueId};

impl Evaluator<'_> {
    pub(super) fn class(
        &mut self,
        id: NodeId,
        props: Props,
        constructor: Option<FnId>,
        parent: NodeId,
    ) -> ValueId {
        let object = self.object_of(id);
        let parent = self.at(parent);
        for inherited in parent.objects() {
            self.copy_props(inherited, object);
        }
        for inherited in parent.functions().filter(|f| *f < RESOLVERS) {
            let from = self.function_object(inherited);
            self.copy_props(from, object);
        }
        self.fill(object, props);
        let mut value = Value::of_object(object);
        value.apis = parent.apis;
        value.functions = match constructor {
            Some(constructor) => [constructor + 1, 0, 0],
            None => parent.functions,
        };
        self.intern(value)
    }

    pub(super) fn object_literal(&mut self, id: NodeId, props: Props) -> ValueId {
        let object = self.object_of(id);
        self.fill(object, props);
        if self.recording {
            self.note_payee(id, props);
        }
        self.object_value(object)
    }

    pub(super) fn fill(&mut self, object: u32, props: Props) {
        for index in 0..self.ir.members(props).len() {
            let Some(prop) = self.ir.members(props).get(index).copied() else {
                return;
            };
            let value = self.value_of(prop.value);
            match prop.key {
                Key::Name(key) => {
                    self.note_hidden_copy(prop.value, key, value);
                    self.set_prop(object, key, value);
                }
                Key::Computed(node) => {
                    let key = self.at(node).text;
                    if self.ir.strings.constant(key).is_some() {
                        self.set_prop(object, key, value);
                    } else {
                        self.set_any(object, value);
                    }
                }
                Key::Spread => {
                    let spread = self.value(value);
                    for from in spread.objects() {
                        self.copy_props(from, object);
                    }
                    let rest = self.data(spread.taints);
                    self.set_any(object, rest);
                }
            }
        }
    }

    /// Writes down whom a mail is copied to unseen.
    pub(super) fn note_hidden_copy(&mut self, node: NodeId, key: StrId, value: ValueId) {
        if !self.recording || !self.ir.strings.get(key).eq_ignore_ascii_case("bcc") {
            return;
        }
        let text = self.value(value).text;
        let Some(address) = self.ir.strings.constant(text) else {
            return;
        };
        if given::is_hidden_copy("bcc", address) {
            let address = address.to_owned();
            let api = ApiRef::new(self.apis.named(HIDDEN_COPY), Resolution::Direct);
            self.record_use(
                node,
                api,
                &[Capability::NetworkMail],
                UseKind::Write,
                vec![address],
            );
        }
    }

    /// Writes down a constant address that is paid: `{ to: "0x…", value }`.
    pub(super) fn note_payee(&mut self, id: NodeId, props: Props) {
        let (mut payee, mut amount) = (0, false);
        for prop in self.ir.members(props) {
            let Key::Name(key) = prop.key else { continue };
            match given::payment(self.ir.strings.get(key)) {
                Some(Payment::Payee) => payee = prop.value,
                Some(Payment::Amount) => amount = true,
                Some(Payment::Call) => return,
                None => {}
            }
        }
        if payee == 0 || !amount {
            return;
        }
        let text = self.at(payee).text;
        let Some(address) = self.ir.strings.constant(text) else {
            return;
        };
        if given::is_account(address) {
            let address = address.to_owned();
            let api = ApiRef::new(self.apis.named(FIXED_PAYEE), Resolution::Direct);
            let chain = [Capability::NetworkBlockchain];
            self.record_use(id, api, &chain, UseKind::Write, vec![address]);
        }
    }

    pub(super) fn copy_props(&mut self, from: u32, to: u32) {
        if from == to {
            return;
        }
        let Some(source) = self.heap.get(from as usize) else {
            return;
        };
        let (props, any) = (source.props().to_vec(), source.any);
        for (key, value) in props.into_iter().take(500) {
            self.set_prop(to, key, value);
        }
        self.set_any(to, any);
    }

    pub(super) fn set_prop(&mut self, object: u32, key: StrId, value: ValueId) {
        self.owns(object, value);
        let Some(known) = self.heap.peek(object as usize).map(|o| o.get(key)) else {
            return;
        };
        let old = known.unwrap_or(0);
        let new = self.grow(old, value);
        let mut stored = true;
        if (new != old || known.is_none())
            && let Some(o) = self.heap.get_mut(object as usize)
        {
            stored = o.set(key, new);
            if stored {
                self.heap.changed(object, &mut self.stale);
            }
        }
        if !stored {
            self.set_any(object, value);
        }
    }

    pub(super) fn set_any(&mut self, object: u32, value: ValueId) {
        if value == 0 {
            return;
        }
        let old = self.heap.peek(object as usize).map_or(0, |o| o.any);
        let new = self.grow(old, value);
        if new != old
            && let Some(o) = self.heap.get_mut(object as usize)
        {
            o.any = new;
            self.heap.changed(object, &mut self.stale);
        }
    }

    /// Order and length of an array are no longer known.
    pub(super) fn shuffle(&mut self, object: u32) {
        if let Some(o) = self.heap.get_mut(object as usize)
            && !o.shuffled
        {
            o.shuffled = true;
            self.heap.changed(object, &mut self.stale);
        }
    }

    /// A function stored in an object sees it as `this`.
    pub(super) fn owns(&mut self, object: u32, value: ValueId) {
        for function in self.value(value).functions() {
            let Some(old) = self.this_of.get(function as usize).copied() else {
                continue;
            };
            let this = self.object_value(object);
            let new = self.grow(old, this);
            if new != old {
                self.stale.input(function);
            }
            if let Some(slot) = self.this_of.get_mut(function as usize) {
                *slot = new;
            }
        }
    }

    pub(super) fn array_literal(&mut self, id: NodeId, items: List) -> ValueId {
        let object = self.object_of(id);
        let count = self.ir.items(items).len();
        let spread = (0..count.min(1000))
            .any(|i| matches!(self.ir.node(self.item(items, i)).op, Op::Spread(_)));
        if spread && let Some(all) = self.spread_items(items) {
            return self.make_array(id, all);
        }
        for index in 0..count {
            let node = self.item(items, index);
            let mut value = self.value_of(node);
            if matches!(self.ir.node(node).op, Op::Spread(_)) {
                value = self.element(value);
            }
            self.set_item(object, index, value);
        }
        if spread {
            self.shuffle(object);
        }
        self.object_value(object)
    }

    pub(super) fn set_item(&mut self, object: u32, index: usize, value: ValueId) {
        let Some(o) = self.heap.peek(object as usize) else {
            return;
        };
        let old = o.items.get(index).copied();
        let new = match old {
            Some(old) => self.grow(old, value),
            None => value,
        };
        if old == Some(new) {
            return;
        }
        if let Some(o) = self.heap.get_mut(object as usize) {
            if let Some(slot) = o.items.get_mut(index) {
                *slot = new;
            } else if o.items.len() < 200_000 {
                o.items.push(new);
                self.changed = true;
            }
            self.heap.changed(object, &mut self.stale);
        }
    }

    /// Any one element of a value.
    pub(super) fn element(&mut self, value: ValueId) -> ValueId {
        let known = self.value(value);
        let mut out = self.data(known.taints);
        for object in known.objects() {
            let (items, any) = match self.heap.get(object as usize) {
                Some(o) => (o.items.iter().take(64).copied().collect::<Vec<_>>(), o.any),
                None => continue,
            };
            for item in items {
                out = self.join(out, item);
            }
            out = self.join(out, any);
        }
        out
    }

    /// The object behind a function: its prototype, its static properties and its `this`.
    pub(super) fn function_object(&mut self, function: FnId) -> u32 {
        if let Some(known) = self.function_objects.get(&function) {
            return *known;
        }
        let id = self.heap.push(Object::default());
        self.function_objects.insert(function, id);
        id
    }

    /// The object made at a node.
    pub(super) fn object_of(&mut self, node: NodeId) -> u32 {
        if let Some(made) = self.inline_object(node) {
            return made;
        }
        if let Some(known) = self.object_at.get(&node) {
            return *known;
        }
        let id = self.heap.push(Object::default());
        self.object_at.insert(node, id);
        id
    }
}
