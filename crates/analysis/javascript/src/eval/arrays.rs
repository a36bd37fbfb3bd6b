//! Methods of arrays whose contents are known.

use super::Evaluator;
use super::heap::Object;
use crate::ir::NodeId;
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
