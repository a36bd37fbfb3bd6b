//! Methods of arrays whose contents are known.

use super::Evaluator;
use super::heap::Object;
use crate::ir::{List, NodeId, Op};
use crate::strings::StrId;
use crate::values::{Value, ValueId};

impl Evaluator<'_> {
    /// The known elements of an array value, if they are all known and in order.
    pub(super) fn exact_items(&self, value: &Value) -> Option<Vec<ValueId>> {
        if value.objects.iter().filter(|o| **o != 0).count() != 1 {
            return None;
        }
        let object = value.objects().next()?;
        let o = self.heap.get(object as usize)?;
        (!o.shuffled && !o.items.is_empty() && o.items.len() <= 100_000 && o.any == 0)
            .then(|| o.items.clone())
    }

    /// A new array made at a node.
    pub(super) fn make_array(&mut self, node: NodeId, items: Vec<ValueId>) -> ValueId {
        self.heap.reads.restless();
        let object = self.object_of(node);
        if let Some(o) = self.heap.get_mut(object as usize)
            && o.items != items
        {
            let first = o.items.is_empty();
            *o = Object::default();
            o.items = items;
            self.changed |= first;
            self.heap.changed(object, &mut self.stale);
        }
        self.object_value(object)
    }

    /// A value of which a condition has said what it is called: itself, its member, or the elements of a list.
    pub(super) fn narrow(
        &mut self,
        id: NodeId,
        value: NodeId,
        name: StrId,
        member: StrId,
        list: bool,
    ) -> ValueId {
        let whole = self.value_of(value);
        let mut one = if list { self.element(whole) } else { whole };
        let known = self.value(one);
        let constant = self.ir.strings.constant(known.text).is_some();
        if constant || known.functions().next().is_some() {
            return whole;
        }
        one = self.intern(Value {
            text: name,
            number: Value::NO_NUMBER,
            ..known
        });
        if member != StrId::NONE {
            let named = self.data_named(&known, name);
            let object = self.object_of(id);
            self.set_prop(object, member, named);
            one = self.object_value(object);
        }
        if !list {
            return one;
        }
        let object = self.object_of(value);
        self.set_any(object, one);
        self.shuffle(object);
        self.object_value(object)
    }

    /// The data of a value under a name.
    fn data_named(&mut self, value: &Value, name: StrId) -> ValueId {
        self.intern(Value {
            text: name,
            taints: value.taints,
            ..Value::default()
        })
    }

    /// A new array of texts.
    pub(super) fn texts(&mut self, node: NodeId, parts: Vec<String>) -> ValueId {
        let mut items = Vec::with_capacity(parts.len());
        for part in parts {
            let id = self.ir.strings.fold(part);
            items.push(self.intern(Value::of_text(id)));
        }
        self.make_array(node, items)
    }

    /// The elements of an array literal, if all that is spread out in it is known and in order.
    pub(super) fn spread_items(&self, list: List) -> Option<Vec<ValueId>> {
        let mut all = Vec::new();
        for node in self.ir.items(list) {
            let value = self.value_of(*node);
            if matches!(self.ir.node(*node).op, Op::Spread(_)) {
                // data of the list itself is in no element of it
                let list = self.value(value);
                if !list.taints.is_empty() {
                    return None;
                }
                all.extend(self.exact_items(&list)?);
            } else {
                all.push(value);
            }
            if all.len() > 10_000 {
                return None;
            }
        }
        Some(all)
    }

    /// The elements of an array from a position on; of an array that is not known, the array.
    pub(super) fn rest(&mut self, id: NodeId, value: NodeId, from: u32) -> ValueId {
        let whole = self.value_of(value);
        let list = self.value(whole);
        match self.exact_items(&list) {
            Some(mut items) if items.len() > from as usize && list.taints.is_empty() => {
                let rest = items.split_off(from as usize);
                self.make_array(id, rest)
            }
            _ => whole,
        }
    }

    /// `list.join(separator)` of texts.
    pub(super) fn join_texts(&mut self, value: &Value, separator: &str) -> Option<StrId> {
        let items = self.exact_items(value)?;
        let mut out = String::new();
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                out.push_str(separator);
            }
            let item = self.value(*item);
            out.push_str(&self.text_of(&item)?);
        }
        Some(self.ir.strings.fold(out))
    }
}
