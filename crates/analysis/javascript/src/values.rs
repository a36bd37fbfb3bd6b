//! Abstract values, interned.

use std::hash::BuildHasher as _;

use foretaste_observe::taint::SetId;
use hashbrown::HashTable;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::apis::ApiRef;
use crate::strings::StrId;

/// An interned value; 0 is a value about which nothing is known.
pub(crate) type ValueId = u32;

/// What is known about a value. Everything in it may be true at once: it is a join of what was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Value {
    /// It may be one of these external names, or an object of that kind.
    pub(crate) apis: [ApiRef; 3],
    /// It may be one of these functions of the file (index + 1).
    pub(crate) functions: [u32; 3],
    /// It may be one of these objects (index + 1).
    pub(crate) objects: [u32; 2],
    /// Its text, perhaps with holes.
    pub(crate) text: StrId,
    /// The bits of its number; [`Value::NO_NUMBER`] if none, [`Value::NUMBERS`] if several.
    pub(crate) number: u64,
    /// Where data in it comes from.
    pub(crate) taints: SetId,
}

impl Default for Value {
    fn default() -> Self {
        Self {
            apis: [ApiRef::NONE; 3],
            functions: [0; 3],
            objects: [0; 2],
            text: StrId::NONE,
            number: Self::NO_NUMBER,
            taints: SetId::EMPTY,
        }
    }
}

impl Value {
    /// No number is known. (A NaN that arithmetic never makes.)
    pub(crate) const NO_NUMBER: u64 = u64::MAX;
    /// Different numbers met. (Another such NaN.)
    const NUMBERS: u64 = u64::MAX - 1;

    pub(crate) fn of_api(api: ApiRef) -> Self {
        Self {
            apis: [api, ApiRef::NONE, ApiRef::NONE],
            ..Self::default()
        }
    }

    pub(crate) fn of_text(text: StrId) -> Self {
        Self {
            text,
            ..Self::default()
        }
    }

    pub(crate) fn of_taints(taints: SetId) -> Self {
        Self {
            taints,
            ..Self::default()
        }
    }

    pub(crate) fn of_object(object: u32) -> Self {
        Self {
            objects: [object + 1, 0],
            ..Self::default()
        }
    }

    pub(crate) fn of_function(function: u32) -> Self {
        Self {
            functions: [function + 1, 0, 0],
            ..Self::default()
        }
    }

    pub(crate) fn apis(&self) -> impl Iterator<Item = ApiRef> + use<> {
        self.apis.into_iter().filter(|a| a.is_some())
    }

    pub(crate) fn functions(&self) -> impl Iterator<Item = u32> + use<> {
        self.functions
            .into_iter()
            .filter(|f| *f != 0)
            .map(|f| f - 1)
    }

    pub(crate) fn objects(&self) -> impl Iterator<Item = u32> + use<> {
        self.objects.into_iter().filter(|o| *o != 0).map(|o| o - 1)
    }

    pub(crate) fn number(&self) -> Option<f64> {
        let is_one = self.number != Self::NO_NUMBER && self.number != Self::NUMBERS;
        is_one.then(|| f64::from_bits(self.number))
    }

    /// Joins another value into this one, all but the taints.
    fn absorb(&mut self, other: &Self) {
        for api in other.apis() {
            if self.apis.iter().any(|a| a.id() == api.id()) {
                continue;
            }
            if let Some(free) = self.apis.iter_mut().find(|a| !a.is_some()) {
                *free = api;
            }
        }
        insert(&mut self.functions, &other.functions);
        insert(&mut self.objects, &other.objects);
        if other.text != StrId::NONE && self.text != other.text {
            self.text = if self.text == StrId::NONE {
                other.text
            } else {
                StrId::VARIES
            };
        }
        if self.number == Self::NO_NUMBER {
            self.number = other.number;
        } else if other.number != Self::NO_NUMBER && other.number != self.number {
            self.number = Self::NUMBERS;
            self.text = StrId::VARIES;
        }
    }
}

fn insert<const N: usize>(into: &mut [u32; N], from: &[u32; N]) {
    for item in from.iter().filter(|i| **i != 0) {
        if into.contains(item) {
            continue;
        }
        if let Some(free) = into.iter_mut().find(|i| **i == 0) {
            *free = *item;
        }
    }
}

/// The values of one file.
#[derive(Debug)]
pub(crate) struct Values {
    list: Vec<Value>,
    /// The values by what they are.
    known: HashTable<ValueId>,
    joins: FxHashMap<(ValueId, ValueId), ValueId>,
    /// What the next value probably is: what the same place gave before.
    pub(crate) hint: ValueId,
}

impl Values {
    pub(crate) fn new() -> Self {
        let unknown = Value::default();
        let mut known = HashTable::new();
        known.insert_unique(hash(&unknown), 0, |_| hash(&unknown));
        Self {
            list: vec![unknown],
            known,
            joins: FxHashMap::default(),
            hint: 0,
        }
    }

    pub(crate) fn get(&self, id: ValueId) -> Value {
        self.list.get(id as usize).copied().unwrap_or_default()
    }

    pub(crate) fn intern(&mut self, value: Value) -> ValueId {
        if self.list.get(self.hint as usize) == Some(&value) {
            return self.hint;
        }
        let hash = hash(&value);
        let list = &self.list;
        let known = self
            .known
            .find(hash, |id| list.get(*id as usize) == Some(&value));
        if let Some(known) = known {
            return *known;
        }
        let id = self.list.len() as ValueId;
        self.known.insert_unique(hash, id, |id| {
            self::hash(&list.get(*id as usize).copied().unwrap_or_default())
        });
        self.list.push(value);
        id
    }

    /// The join of two values; `union` joins taints.
    pub(crate) fn join(
        &mut self,
        a: ValueId,
        b: ValueId,
        union: impl FnOnce(SetId, SetId) -> SetId,
    ) -> ValueId {
        if a == b || b == 0 {
            return a;
        }
        if a == 0 {
            return b;
        }
        if let Some(known) = self.joins.get(&(a, b)) {
            return *known;
        }
        let (mut value, other) = (self.get(a), self.get(b));
        // a default beside data from elsewhere is not the text of both
        let unknown = |v: &Value| v.text == StrId::NONE && !v.taints.is_empty();
        let varies = (unknown(&value) && other.text != StrId::NONE)
            || (unknown(&other) && value.text != StrId::NONE);
        value.absorb(&other);
        if varies {
            value.text = StrId::VARIES;
        }
        value.taints = union(value.taints, other.taints);
        let id = self.intern(value);
        self.joins.insert((a, b), id);
        id
    }
}

fn hash(value: &Value) -> u64 {
    FxBuildHasher.hash_one(value)
}

#[cfg(test)]
mod tests {
    use foretaste_observe::taint::{Origin, Taints};
    use proptest::prelude::*;

    use super::*;

    /// A value that says one thing, and perhaps carries data.
    fn value() -> impl Strategy<Value = (u32, u32, bool)> {
        (0..6_u32, 1..4_u32, any::<bool>())
    }

    fn made(taints: &mut Taints, (kind, which, is_tainted): (u32, u32, bool)) -> Value {
        let mut value = match kind {
            0 => Value::of_text(StrId(which)),
            1 => Value {
                number: f64::from(which).to_bits(),
                ..Value::default()
            },
            2 => Value::of_function(which),
            3 => Value::of_object(which),
            4 => Value::of_text(StrId::VARIES),
            _ => Value::default(),
        };
        if is_tainted {
            value.taints = taints.origin(Origin::Parameter(0, which));
        }
        value
    }

    proptest! {
        /// A pass that joins what it joined before changes nothing: without that no analysis would settle.
        #[test]
        fn what_was_joined_once_changes_nothing_any_more(parts in prop::collection::vec(value(), 1..12)) {
            let (mut taints, mut values) = (Taints::default(), Values::new());
            let parts: Vec<ValueId> = parts
                .into_iter()
                .map(|part| {
                    let value = made(&mut taints, part);
                    values.intern(value)
                })
                .collect();
            let mut joined = 0;
            for part in &parts {
                joined = values.join(joined, *part, |a, b| taints.union(a, b));
            }
            for part in &parts {
                prop_assert_eq!(values.join(joined, *part, |a, b| taints.union(a, b)), joined);
            }
        }

        /// Which of two values came first does not decide what text and number are known.
        #[test]
        fn texts_and_numbers_join_in_either_order(one in value(), other in value()) {
            let (mut taints, mut values) = (Taints::default(), Values::new());
            let (one, other) = (made(&mut taints, one), made(&mut taints, other));
            let (one, other) = (values.intern(one), values.intern(other));
            let there = values.join(one, other, |a, b| taints.union(a, b));
            let back = values.join(other, one, |a, b| taints.union(a, b));
            let known = |id| (values.get(id).text, values.get(id).number);
            prop_assert_eq!(known(there), known(back));
        }
    }
}
