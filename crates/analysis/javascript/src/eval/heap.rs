//! Abstract objects: one for each place that makes one.

use rustc_hash::FxHashMap;

use crate::strings::StrId;
use crate::values::ValueId;

/// An object or array.
#[derive(Debug, Default)]
pub(crate) struct Object {
    /// Elements of an array literal, in order.
    pub(crate) items: Vec<ValueId>,
    /// Named properties, in order of first appearance.
    props: Vec<(StrId, ValueId)>,
    index: FxHashMap<StrId, u32>,
    /// Everything that went in under an unknown key.
    pub(crate) any: ValueId,
    /// The functions that are asked for its members, if it stands before another object.
    pub(crate) traps: [u32; 3],
    /// The object that it stands before.
    pub(crate) target: ValueId,
    /// Elements were added or changed after it was made: order and length are unknown.
    pub(crate) shuffled: bool,
}

impl Object {
    /// Named properties of one object.
    const MAX_PROPS: usize = 20_000;
    /// Beyond this many properties they are found by index.
    const INDEXED: usize = 12;

    pub(crate) fn props(&self) -> &[(StrId, ValueId)] {
        &self.props
    }

    pub(crate) fn get(&self, key: StrId) -> Option<ValueId> {
        if self.props.len() <= Self::INDEXED {
            return self.props.iter().find(|(k, _)| *k == key).map(|(_, v)| *v);
        }
        let at = *self.index.get(&key)?;
        self.props.get(at as usize).map(|(_, v)| *v)
    }

    /// Sets a property; false if there is no room for it.
    pub(crate) fn set(&mut self, key: StrId, value: ValueId) -> bool {
        if self.props.len() <= Self::INDEXED {
            if let Some(found) = self.props.iter_mut().find(|(k, _)| *k == key) {
                found.1 = value;
                return true;
            }
        } else if let Some(at) = self.index.get(&key) {
            if let Some(found) = self.props.get_mut(*at as usize) {
                found.1 = value;
            }
            return true;
        }
        if self.props.len() >= Self::MAX_PROPS {
            return false;
        }
        self.props.push((key, value));
        if self.props.len() == Self::INDEXED + 1 {
            self.index = self
                .props
                .iter()
                .enumerate()
                .map(|(i, (k, _))| (*k, i as u32))
                .collect();
        } else if self.props.len() > Self::INDEXED {
            self.index.insert(key, self.props.len() as u32 - 1);
        }
        true
    }
}
