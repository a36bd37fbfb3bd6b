//! Closures that calls are given: what they are handed, and what becomes of what they give back.

use std::rc::Rc;

use foretaste_observe::taint::SetId;

use super::call::Target;
use super::run::Run;
use super::tree::Function;
use super::value::Value;

/// Elements of a list that are looked at.
const MAX_TELLING: usize = 64;

/// Functions that give what a closure makes of each element.
const MAPS: &[&str] = &["array_map", "map", "collect", "flat_map", "filter_map"];

/// Functions that give some of the elements.
const PICKS: &[&str] = &["array_filter", "select", "filter", "reject", "sort_by"];

impl Run<'_, '_> {
    /// Closures that a call was given run with what the call gives.
    pub(super) fn blocks(
        &mut self,
        blocks: &[Rc<Function>],
        target: &Target,
        values: &[(Option<Box<str>>, Value)],
        result: &mut Value,
    ) {
        if blocks.is_empty() {
            return;
        }
        let listed = target
            .receiver
            .iter()
            .chain(values.iter().map(|(_, v)| v))
            .find(|v| v.items.is_some());
        let items = listed.and_then(|v| v.items.clone());
        let telling = listed.and_then(|v| self.telling(v));
        let method = target.name.rsplit('.').next().unwrap_or("");
        let mut trails = result.trails;
        let receiver = target.receiver.as_ref().map_or(SetId::EMPTY, |r| r.trails);
        trails = self.taints.union(trails, receiver);
        for (_, value) in values {
            trails = self.taints.union(trails, value.trails);
        }
        for block in blocks {
            if !self.may_enter(block) {
                continue;
            }
            let mut given: Vec<Value> =
                block.parameters.iter().map(|_| Value::of(trails)).collect();
            if let Some(first) = given.first_mut() {
                first.object = result.object;
                first.file.clone_from(&result.file);
                first.shape.clone_from(&telling);
            }
            let given_back = self.invoke(block, self.function, &given, true);
            result.trails = self.taints.union(result.trails, given_back.trails);
            if MAPS.contains(&method) && result.items.is_none() && given_back.shape.is_some() {
                result.items = Some(Rc::new(vec![(None, given_back)]));
            } else if PICKS.contains(&method) && result.items.is_none() {
                result.items.clone_from(&items);
            }
        }
    }

    /// What the elements of a list say, as long as there is a budget for it.
    pub(super) fn telling(&mut self, list: &Value) -> Option<Rc<str>> {
        let count = list
            .items
            .as_ref()
            .map_or(0, |items| items.len().min(MAX_TELLING));
        (count > 0 && self.budget.spend(8 * count as u64))
            .then(|| list.telling_item(MAX_TELLING))
            .flatten()
    }
}
