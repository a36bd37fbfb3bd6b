//! Follows values from sources through transforms to sinks, without knowing a language.
//!
//! A *trail* is a source with the transforms behind it; a value carries a small *set* of trails. Both live in one
//! arena per file and are named by copyable ids, so that an interpreter can copy values freely. Trails may begin at a
//! parameter instead of a source: that is how function summaries are made and joined to call sites
//! ([`Taints::graft`]).

use std::hash::BuildHasher as _;

use foretaste_model::Capability;
use foretaste_model::facts::StepRole;
use hashbrown::HashTable;
use rustc_hash::{FxBuildHasher, FxHashMap};

/// A trail: a source, or another trail with one more transform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TrailId(u32);

/// A set of trails. The empty set is the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SetId(u32);

impl SetId {
    /// No trails.
    pub const EMPTY: Self = Self(0);

    /// True if there are no trails.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its place among the sets of the file, which are numbered from 0 without gaps.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// One step, by byte range; `api` and `constant` are ids of whatever interner the observer uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mark {
    /// The capability.
    pub capability: Capability,
    /// The API, as an id of the observer.
    pub api: u32,
    /// The constant that matters, as an id of the observer; 0 for none.
    pub constant: u32,
    /// Where.
    pub range: (u32, u32),
}

/// Where a trail begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A source.
    Source(Mark),
    /// A parameter of a function: function, position.
    Parameter(u32, u32),
    /// What a name of another module holds or gives, as an id of the observer: joined to that module's pieces when the
    /// package is judged.
    Outside(u32),
    /// No data: the identity of a resource such as a path made at run time, by which a write and a later use of the
    /// same path are joined.
    Resource(u32),
}

#[derive(Clone, Copy, Debug)]
enum Node {
    Origin(Origin),
    Transform {
        parent: TrailId,
        mark: Mark,
        depth: u8,
    },
}

/// The arena of one file.
#[derive(Debug)]
pub struct Taints {
    nodes: Vec<Node>,
    /// The trails of all sets, one set behind the other.
    members: Vec<TrailId>,
    /// Where each set begins and ends in `members`.
    sets: Vec<(u32, u32)>,
    known_nodes: FxHashMap<(Option<TrailId>, Origin), TrailId>,
    /// The sets by what is in them.
    known_sets: HashTable<SetId>,
    unions: FxHashMap<(SetId, SetId), SetId>,
    /// What grafts gave: the same calls are looked at in pass after pass.
    grafts: FxHashMap<(SetId, TrailId), SetId>,
    /// What transforms gave.
    transforms: FxHashMap<(SetId, Mark), SetId>,
    /// The sets of one trail each, by trail; the empty set where none was asked for.
    singles: Vec<SetId>,
    /// Room in which sets are put together: most turn out to be known.
    scratch: Vec<TrailId>,
}

impl Default for Taints {
    fn default() -> Self {
        Self {
            nodes: Vec::new(),
            members: Vec::new(),
            sets: vec![(0, 0)],
            known_nodes: FxHashMap::default(),
            known_sets: HashTable::new(),
            unions: FxHashMap::default(),
            grafts: FxHashMap::default(),
            transforms: FxHashMap::default(),
            singles: Vec::new(),
            scratch: Vec::new(),
        }
    }
}

impl Taints {
    /// Trails that one value may carry.
    pub const MAX_SET: usize = 12;
    /// Transforms that one trail may have.
    pub const MAX_DEPTH: u8 = 8;
    const MAX_NODES: usize = 200_000;

    /// The set of one trail that begins at `origin`.
    pub fn origin(&mut self, origin: Origin) -> SetId {
        match self.node(None, origin) {
            Some(trail) => self.collected(|_, trails| trails.push(trail)),
            None => SetId::EMPTY,
        }
    }

    /// The trails of a set.
    pub fn trails(&self, set: SetId) -> &[TrailId] {
        members(&self.members, &self.sets, set)
    }

    /// Where a trail begins.
    pub fn origin_of(&self, trail: TrailId) -> Option<Origin> {
        let mut at = trail;
        loop {
            match self.nodes.get(at.0 as usize)? {
                Node::Origin(origin) => return Some(*origin),
                Node::Transform { parent, .. } => at = *parent,
            }
        }
    }

    /// Where a trail without transforms begins.
    pub fn untouched(&self, trail: TrailId) -> Option<Origin> {
        match self.nodes.get(trail.0 as usize)? {
            Node::Origin(origin) => Some(*origin),
            Node::Transform { .. } => None,
        }
    }

    /// The steps of a trail behind its origin, in order.
    pub fn transforms(&self, trail: TrailId) -> Vec<Mark> {
        let mut marks = Vec::new();
        let mut at = trail;
        while let Some(Node::Transform { parent, mark, .. }) = self.nodes.get(at.0 as usize) {
            marks.push(*mark);
            at = *parent;
        }
        marks.reverse();
        marks
    }

    /// Every step of a trail with its role; parameters and resources give none.
    pub fn steps(&self, trail: TrailId) -> Vec<(StepRole, Mark)> {
        let mut steps = Vec::new();
        if let Some(Origin::Source(mark)) = self.origin_of(trail) {
            steps.push((StepRole::Source, mark));
        }
        steps.extend(
            self.transforms(trail)
                .into_iter()
                .map(|m| (StepRole::Transform, m)),
        );
        steps
    }

    /// All trails of two sets; the first ones win when there are too many.
    pub fn union(&mut self, a: SetId, b: SetId) -> SetId {
        if b.is_empty() || a == b {
            return a;
        }
        if a.is_empty() {
            return b;
        }
        if let Some(known) = self.unions.get(&(a, b)) {
            return *known;
        }
        let set = self.collected(|taints, trails| {
            trails.extend_from_slice(taints.trails(a));
            trails.extend_from_slice(taints.trails(b));
        });
        self.unions.insert((a, b), set);
        set
    }

    /// A set with one more transform behind every trail that carries data. Resources are dropped: what comes out of a
    /// transform is no path.
    pub fn transform(&mut self, set: SetId, mark: Mark) -> SetId {
        if set.is_empty() {
            return set;
        }
        if let Some(known) = self.transforms.get(&(set, mark)) {
            return *known;
        }
        let transformed = self.map(set, |taints, trail| {
            if matches!(taints.origin_of(trail), Some(Origin::Resource(_))) {
                None
            } else {
                Some(taints.append(trail, mark))
            }
        });
        self.transforms.insert((set, mark), transformed);
        transformed
    }

    /// True if a set holds anything but names of other modules.
    pub fn has_own(&self, set: SetId) -> bool {
        self.trails(set)
            .iter()
            .any(|t| !matches!(self.origin_of(*t), Some(Origin::Outside(_))))
    }

    /// The trails of a set that satisfy a condition on their origin.
    pub fn filter(&mut self, set: SetId, keep: impl Fn(Origin) -> bool) -> SetId {
        self.map(set, |taints, trail| {
            taints.origin_of(trail).filter(|o| keep(*o)).map(|_| trail)
        })
    }

    /// Puts the transforms of `inner` (a trail that begins at a parameter) behind every trail of the argument.
    pub fn graft(&mut self, argument: SetId, inner: TrailId) -> SetId {
        if argument.is_empty() {
            return argument;
        }
        if let Some(known) = self.grafts.get(&(argument, inner)) {
            return *known;
        }
        let marks = self.transforms(inner);
        let grafted = self.map(argument, |taints, trail| {
            let mut at = trail;
            for mark in &marks {
                if matches!(taints.origin_of(at), Some(Origin::Resource(_))) {
                    return None;
                }
                at = taints.append(at, *mark);
            }
            Some(at)
        });
        self.grafts.insert((argument, inner), grafted);
        grafted
    }

    /// Applies `f` to each trail and collects what it gives.
    pub fn map(
        &mut self,
        set: SetId,
        mut f: impl FnMut(&mut Self, TrailId) -> Option<TrailId>,
    ) -> SetId {
        if set.is_empty() {
            return set;
        }
        self.collected(|taints, trails| {
            let mut at = 0;
            while let Some(trail) = taints.trails(set).get(at).copied() {
                trails.extend(f(taints, trail));
                at += 1;
            }
        })
    }

    /// The set of one trail.
    pub fn single(&mut self, trail: TrailId) -> SetId {
        let at = trail.0 as usize;
        if let Some(known) = self.singles.get(at)
            && !known.is_empty()
        {
            return *known;
        }
        let set = self.collected(|_, trails| trails.push(trail));
        if self.singles.len() <= at {
            self.singles.resize(at + 1, SetId::EMPTY);
        }
        if let Some(slot) = self.singles.get_mut(at) {
            *slot = set;
        }
        set
    }

    /// The set of some trails.
    pub fn set(&mut self, mut trails: Vec<TrailId>) -> SetId {
        self.intern(&mut trails)
    }

    /// The set of the trails that `collect` puts together.
    fn collected(&mut self, collect: impl FnOnce(&mut Self, &mut Vec<TrailId>)) -> SetId {
        let mut trails = std::mem::take(&mut self.scratch);
        trails.clear();
        collect(self, &mut trails);
        let set = self.intern(&mut trails);
        self.scratch = trails;
        set
    }

    fn intern(&mut self, trails: &mut Vec<TrailId>) -> SetId {
        if trails.is_empty() {
            return SetId::EMPTY;
        }
        let mut kept = 0;
        for at in 0..trails.len() {
            let (before, rest) = trails.split_at(at);
            if let Some(trail) = rest.first().copied()
                && !before.iter().take(kept).any(|t| *t == trail)
            {
                trails.swap(kept, at);
                kept += 1;
            }
        }
        trails.truncate(kept);
        if trails.len() > Self::MAX_SET {
            // what is known to be a source goes before what another file may make one
            trails.sort_by_key(|t| matches!(self.origin_of(*t), Some(Origin::Outside(_))));
            trails.truncate(Self::MAX_SET);
        }
        let hash = hash(trails);
        let is_it = |set: &SetId| members(&self.members, &self.sets, *set) == &trails[..];
        if let Some(known) = self.known_sets.find(hash, is_it) {
            return *known;
        }
        if self.sets.len() > Self::MAX_NODES {
            return SetId::EMPTY;
        }
        let id = SetId(self.sets.len() as u32);
        let start = self.members.len() as u32;
        self.members.extend_from_slice(trails);
        self.sets.push((start, self.members.len() as u32));
        let (all, sets) = (&self.members, &self.sets);
        self.known_sets
            .insert_unique(hash, id, |set| self::hash(members(all, sets, *set)));
        id
    }

    fn append(&mut self, trail: TrailId, mark: Mark) -> TrailId {
        let depth = match self.nodes.get(trail.0 as usize) {
            Some(Node::Transform {
                depth, mark: last, ..
            }) => {
                // the same step again, as in a loop, adds nothing
                if *depth >= Self::MAX_DEPTH || *last == mark {
                    return trail;
                }
                depth + 1
            }
            _ => 1,
        };
        let key = (Some(trail), Origin::Source(mark));
        if let Some(known) = self.known_nodes.get(&key) {
            return *known;
        }
        if self.nodes.len() >= Self::MAX_NODES {
            return trail;
        }
        let id = TrailId(self.nodes.len() as u32);
        self.nodes.push(Node::Transform {
            parent: trail,
            mark,
            depth,
        });
        self.known_nodes.insert(key, id);
        id
    }

    fn node(&mut self, parent: Option<TrailId>, origin: Origin) -> Option<TrailId> {
        if let Some(known) = self.known_nodes.get(&(parent, origin)) {
            return Some(*known);
        }
        if self.nodes.len() >= Self::MAX_NODES {
            return None;
        }
        let id = TrailId(self.nodes.len() as u32);
        self.nodes.push(Node::Origin(origin));
        self.known_nodes.insert((parent, origin), id);
        Some(id)
    }
}

fn hash(trails: &[TrailId]) -> u64 {
    FxBuildHasher.hash_one(trails)
}

/// The trails of a set.
fn members<'m>(all: &'m [TrailId], sets: &[(u32, u32)], set: SetId) -> &'m [TrailId] {
    let range = sets.get(set.0 as usize).copied().unwrap_or_default();
    all.get(range.0 as usize..range.1 as usize).unwrap_or(&[])
}

/// What a capability does to data by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Its result is data worth following.
    Source,
    /// Its result is its argument in another form.
    Transform,
    /// Data that reaches it has arrived.
    Sink,
    /// Both: what goes in is sent, what comes out was fetched (a request and its response, a command and its output).
    SinkAndSource,
    /// None of these.
    None,
}

/// The default effect of a capability.
pub const fn effect(capability: Capability) -> Effect {
    use Capability as C;
    match capability {
        C::EnvironmentRead
        | C::EnvironmentReadAll
        | C::HostInfo
        | C::UserInfo
        | C::FileRead
        | C::Clipboard
        | C::Screen
        | C::Keyboard
        | C::Camera
        | C::CredentialStore
        | C::CredentialToken
        | C::Wallet
        | C::SecretParameter
        | C::CodeIntercept
        | C::NetworkRequest
        | C::UserInput
        | C::ProcessList
        | C::ProcessMemory
        | C::SystemSettingsRead
        | C::HostLocation => Effect::Source,
        C::NetworkHttp
        | C::NetworkDownload
        | C::NetworkSocket
        | C::NetworkRemote
        | C::NetworkWebsocket
        | C::NetworkMessenger
        | C::NetworkMail
        | C::NetworkDns
        | C::ProcessSpawn
        | C::ProcessShell => Effect::SinkAndSource,
        C::EncodeText
        | C::EncodeCompressed
        | C::EncodeCipher
        | C::EncodeObject
        | C::Hash
        | C::DecodeText
        | C::DecodeCompressed
        | C::DecodeCipher
        | C::DecodeObject => Effect::Transform,
        C::CodeEval
        | C::CodeCompile
        | C::CodeImport
        | C::CodeNative
        | C::CodeWasm
        | C::FileWrite
        | C::SystemPersist
        | C::SystemSettings
        | C::PackageInstall => Effect::Sink,
        _ => Effect::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(capability: Capability, at: u32) -> Mark {
        Mark {
            capability,
            api: at,
            constant: 0,
            range: (at, at + 1),
        }
    }

    #[test]
    fn trails_grow_join_and_stay_bounded() {
        let mut taints = Taints::default();
        let env = taints.origin(Origin::Source(mark(Capability::EnvironmentReadAll, 1)));
        let host = taints.origin(Origin::Source(mark(Capability::HostInfo, 2)));
        let both = taints.union(env, host);
        assert_eq!(taints.trails(both).len(), 2);
        assert_eq!(taints.union(both, env), taints.union(both, host));
        let encoded = taints.transform(both, mark(Capability::EncodeText, 3));
        let trail = taints.trails(encoded)[0];
        assert_eq!(taints.steps(trail).len(), 2);
        let mut deep = env;
        for i in 0..50 {
            deep = taints.transform(deep, mark(Capability::EncodeText, 10 + i));
        }
        assert_eq!(taints.steps(taints.trails(deep)[0]).len(), 9);
    }

    #[test]
    fn a_summary_is_grafted_onto_its_argument() {
        let mut taints = Taints::default();
        let parameter = taints.origin(Origin::Parameter(7, 0));
        let inside = taints.transform(parameter, mark(Capability::EncodeText, 5));
        let argument = taints.origin(Origin::Source(mark(Capability::HostInfo, 1)));
        let inner = taints.trails(inside)[0];
        let grafted = taints.graft(argument, inner);
        let steps = taints.steps(taints.trails(grafted)[0]);
        assert_eq!(
            steps.iter().map(|s| s.1.range.0).collect::<Vec<_>>(),
            [1, 5]
        );
        assert_eq!(taints.graft(argument, inner), grafted);
        assert_eq!(taints.graft(SetId::EMPTY, inner), SetId::EMPTY);
    }

    #[test]
    fn the_set_of_one_trail_is_the_set_that_holds_it() {
        let mut taints = Taints::default();
        let set = taints.origin(Origin::Parameter(1, 0));
        let other = taints.origin(Origin::Parameter(1, 1));
        for set in [other, set, other] {
            let trail = taints.trails(set)[0];
            assert_eq!(taints.single(trail), set);
        }
    }
}
