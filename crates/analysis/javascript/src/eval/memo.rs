//! Answers that are asked for again and again.

use std::num::NonZeroU32;

use foretaste_model::Capability;
use foretaste_observe::given;
use foretaste_observe::taint::{Origin, SetId, Taints};
use rustc_hash::FxHashMap;

use super::Evaluator;
use crate::apis::ApiRef;
use crate::ir::{FnId, NodeId};
use crate::special;
use crate::strings::StrId;
use crate::values::{Value, ValueId};

/// What is remembered.
#[derive(Debug, Default)]
pub(super) struct Memo {
    /// The trail that begins at a parameter.
    markers: FxHashMap<(FnId, u32), SetId>,
    /// What a member of a value carries; for positions in lists also the environment as a whole.
    members: FxHashMap<(SetId, bool), SetId>,
    /// Whether a set holds trails that begin at a parameter of a function.
    begins: FxHashMap<(FnId, SetId), bool>,
    /// What the objects of a value hold as a function has read them.
    deep: FxHashMap<(FnId, [u32; 2]), Deep>,
    /// The objects that are looked into now.
    pub(super) visited: Vec<u32>,
    /// Values that are some data and nothing else, by the set.
    of_taints: Known,
    /// Values that are one object and nothing else.
    of_object: Known,
    /// Values that are one external name, by the name.
    of_api: Known,
    /// Values without their data.
    bare: Known,
    /// Values with only the data that has a source of its own.
    sourced: Known,
    /// Which sinks behind a parameter were reached by some data before: function, position, data, text.
    arrivals: FxHashMap<(FnId, u32, SetId, StrId), Seen>,
    /// What trails of a function become where it is given some data.
    grafts: FxHashMap<(FnId, SetId, [SetId; 2]), SetId>,
    /// What the names of members are.
    keys: Vec<Option<Key>>,
}

/// What the objects of a value hold.
#[derive(Debug)]
struct Deep {
    taints: SetId,
    cost: u64,
    /// The evaluation in which they were looked into.
    clock: u32,
    objects: Box<[u32]>,
}

/// Values by what they are made from.
#[derive(Debug, Default)]
struct Known(Vec<Option<NonZeroU32>>);

impl Known {
    fn get(&self, at: usize) -> Option<ValueId> {
        self.0.get(at).copied().flatten().map(|v| v.get() - 1)
    }

    fn set(&mut self, at: usize, value: ValueId) {
        if self.0.len() <= at {
            self.0.resize(at + 1, None);
        }
        if let Some(slot) = self.0.get_mut(at) {
            *slot = NonZeroU32::new(value + 1);
        }
    }
}

/// Which sinks of the summary of a function, as bits by their place in it, were reached by some data.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    /// Those that were looked at.
    pub(super) done: u64,
    /// Those of them that have something to write down.
    pub(super) records: u64,
}

/// The data that a call hands to some parameters of a function, by position.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Given {
    data: [(u32, SetId); Taints::MAX_SET],
    count: u8,
}

impl Given {
    pub(super) fn holds(&self, position: u32) -> bool {
        self.known().iter().any(|(p, _)| *p == position)
    }

    pub(super) fn of(&self, position: u32) -> SetId {
        let found = self.known().iter().find(|(p, _)| *p == position);
        found.map_or(SetId::EMPTY, |(_, data)| *data)
    }

    pub(super) fn add(&mut self, position: u32, data: SetId) {
        if let Some(slot) = self.data.get_mut(usize::from(self.count)) {
            *slot = (position, data);
            self.count += 1;
        }
    }

    fn known(&self) -> &[(u32, SetId)] {
        self.data.get(..usize::from(self.count)).unwrap_or(&[])
    }

    /// The data alone, if it is for few parameters: which ones follows from the trails that begin at them.
    pub(super) fn key(&self) -> Option<[SetId; 2]> {
        let [(_, one), (_, other), ..] = self.data;
        (self.count <= 2).then_some([one, other])
    }
}

impl Memo {
    pub(super) fn arrivals(&self, key: (FnId, u32, SetId, StrId)) -> Seen {
        self.arrivals.get(&key).copied().unwrap_or_default()
    }

    pub(super) fn graft(&self, key: (FnId, SetId, [SetId; 2])) -> Option<SetId> {
        self.grafts.get(&key).copied()
    }

    pub(super) fn remember_graft(&mut self, key: (FnId, SetId, [SetId; 2]), grafted: SetId) {
        self.grafts.insert(key, grafted);
    }

    pub(super) fn remember_arrival(&mut self, key: (FnId, u32, SetId, StrId), seen: Seen) {
        self.arrivals.insert(key, seen);
    }
}

/// What the name of a member is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    /// A measure such as `length`.
    pub(super) measure: bool,
    /// A position in a list.
    pub(super) position: Option<usize>,
    pub(super) constructor: bool,
    pub(super) prototype: bool,
    /// What a wallet is opened with.
    pub(super) secret: bool,
}

impl Evaluator<'_> {
    pub(super) fn key(&mut self, key: StrId) -> Key {
        let at = key.0 as usize;
        if let Some(Some(known)) = self.memo.keys.get(at) {
            return *known;
        }
        let name = self.ir.strings.get(key);
        let known = Key {
            measure: special::is_measure(name),
            position: name.parse().ok(),
            constructor: name == "constructor",
            prototype: name == "prototype",
            secret: given::is_wallet_secret(name),
        };
        if at < 1 << 22 {
            if self.memo.keys.len() <= at {
                self.memo.keys.resize(at + 1, None);
            }
            if let Some(slot) = self.memo.keys.get_mut(at) {
                *slot = Some(known);
            }
        }
        known
    }

    pub(super) fn marker(&mut self, function: FnId, position: u32) -> SetId {
        if let Some(known) = self.memo.markers.get(&(function, position)) {
            return *known;
        }
        let marker = self.taints.origin(Origin::Parameter(function, position));
        self.memo.markers.insert((function, position), marker);
        marker
    }

    /// What a member of a value carries.
    pub(super) fn member_taints(&mut self, taints: SetId, position: bool) -> SetId {
        if taints.is_empty() {
            return taints;
        }
        if let Some(known) = self.memo.members.get(&(taints, position)) {
            return *known;
        }
        let members = self.members_of(taints);
        // the environment as a whole was not read if one variable was
        let found = self.taints.filter(members, |o| {
            position
                || !matches!(o, Origin::Source(m) if m.capability == Capability::EnvironmentReadAll)
        });
        self.memo.members.insert((taints, position), found);
        found
    }

    /// True if a trail of a set begins at a parameter of a function.
    pub(super) fn begins_at(&mut self, function: FnId, taints: SetId) -> bool {
        if taints.is_empty() {
            return false;
        }
        if let Some(known) = self.memo.begins.get(&(function, taints)) {
            return *known;
        }
        let begins = self.taints.trails(taints).iter().any(|t| {
            matches!(self.taints.origin_of(*t), Some(Origin::Parameter(owner, _)) if owner == function)
        });
        self.memo.begins.insert((function, taints), begins);
        begins
    }

    pub(super) fn known_deep(&self, objects: [u32; 2]) -> Option<(SetId, u64)> {
        let known = self.memo.deep.get(&(self.heap.current.get(), objects))?;
        let is_old = |o: &u32| self.heap.changed_at(*o) >= known.clock;
        if known.objects.iter().any(is_old) {
            return None;
        }
        known
            .objects
            .iter()
            .for_each(|o| self.heap.reads.object(*o));
        Some((known.taints, known.cost))
    }

    pub(super) fn remember_deep(&mut self, objects: [u32; 2], taints: SetId, cost: u64) {
        let deep = Deep {
            taints,
            cost,
            clock: self.stale.clock,
            objects: self.memo.visited.as_slice().into(),
        };
        let reader = self.heap.current.get();
        self.memo.deep.insert((reader, objects), deep);
    }

    /// A value that is some data and nothing else.
    pub(super) fn data(&mut self, taints: SetId) -> ValueId {
        if let Some(known) = self.memo.of_taints.get(taints.index()) {
            return known;
        }
        let value = self.intern(Value::of_taints(taints));
        self.memo.of_taints.set(taints.index(), value);
        value
    }

    /// A value that is an object and nothing else.
    pub(super) fn object_value(&mut self, object: u32) -> ValueId {
        if let Some(known) = self.memo.of_object.get(object as usize) {
            return known;
        }
        let value = self.intern(Value::of_object(object));
        self.memo.of_object.set(object as usize, value);
        value
    }

    /// The value of a name: the name, and the data that reading it gives.
    pub(super) fn api_value(&mut self, node: NodeId, api: ApiRef) -> ValueId {
        if let Some(known) = self.memo.of_api.get(api.index()) {
            return known;
        }
        let mut value = Value::of_api(api);
        value.taints = self.property_source(node, api);
        let id = self.intern(value);
        // a source begins where it is read
        if value.taints.is_empty() {
            self.memo.of_api.set(api.index(), id);
        }
        id
    }

    /// A value without its data.
    pub(super) fn bare(&mut self, value: ValueId) -> ValueId {
        if let Some(known) = self.memo.bare.get(value as usize) {
            return known;
        }
        let mut bare = self.value(value);
        bare.taints = SetId::EMPTY;
        let bare = self.intern(bare);
        self.memo.bare.set(value as usize, bare);
        bare
    }

    /// A value with only the data that has a source of its own.
    pub(super) fn sourced(&mut self, value: ValueId) -> ValueId {
        if let Some(known) = self.memo.sourced.get(value as usize) {
            return known;
        }
        let mut sourced = self.value(value);
        let is_source = |o| matches!(o, Origin::Source(_));
        sourced.taints = self.taints.filter(sourced.taints, is_source);
        let sourced = self.intern(sourced);
        self.memo.sourced.set(value as usize, sourced);
        sourced
    }
}
