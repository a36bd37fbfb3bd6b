//! Names of things outside the file: modules, their exports, globals, kinds of objects.

use foretaste_model::Capability;
use foretaste_model::facts::Resolution;
use foretaste_observe::table::Entry;
use foretaste_observe::taint::{Effect, effect};
use rustc_hash::FxHashMap;

use crate::special::Special;
use crate::table::TABLE;

/// An external name and how it was reached; 0 is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ApiRef(u32);

impl ApiRef {
    pub(crate) const NONE: Self = Self(0);

    pub(crate) const fn new(id: u32, how: Resolution) -> Self {
        Self(id << 2 | how as u32)
    }

    pub(crate) const fn id(self) -> u32 {
        self.0 >> 2
    }

    /// A small number of its own.
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }

    pub(crate) const fn is_some(self) -> bool {
        self.0 >> 2 != 0
    }

    pub(crate) const fn how(self) -> Resolution {
        match self.0 & 3 {
            0 => Resolution::Direct,
            1 => Resolution::Rebound,
            2 => Resolution::Reflected,
            _ => Resolution::Method,
        }
    }

    /// The same name, reached in a more roundabout way.
    pub(crate) fn reached(self, how: Resolution) -> Self {
        let rank = |how: Resolution| match how {
            Resolution::Direct => 0,
            Resolution::Rebound => 1,
            Resolution::Method => 2,
            Resolution::Reflected => 3,
        };
        if rank(how) > rank(self.how()) {
            Self::new(self.id(), how)
        } else {
            self
        }
    }
}

/// What kind of thing a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Root {
    /// Reached from a global name of the language or host.
    Global,
    /// A package or built-in module, or something in it.
    Module,
    /// A file of the same package, or something in it.
    Relative,
    /// A kind of object, or a member of it.
    Kind,
}

/// One name.
#[derive(Debug)]
pub(crate) struct Api {
    pub(crate) name: Box<str>,
    pub(crate) entry: Option<&'static Entry>,
    pub(crate) root: Root,
    /// The module or global itself, nothing below it.
    pub(crate) top: bool,
    pub(crate) special: Special,
    /// The table knows names below this one.
    pub(crate) known_below: bool,
    /// Its result is a truth value or nothing, by its name.
    pub(crate) predicate: bool,
}

/// The external names of one file.
#[derive(Debug)]
pub(crate) struct Apis {
    list: Vec<Api>,
    known: FxHashMap<(Box<str>, u8), u32>,
    members: FxHashMap<(u32, u32), u32>,
    sources: bool,
    sinks: bool,
}

impl Apis {
    const MAX: usize = 100_000;
    const MAX_NAME: usize = 160;

    pub(crate) fn new() -> Self {
        let none = Api {
            name: "".into(),
            entry: None,
            root: Root::Global,
            top: false,
            special: Special::None,
            known_below: false,
            predicate: false,
        };
        Self {
            list: vec![none],
            known: FxHashMap::default(),
            members: FxHashMap::default(),
            sources: false,
            sinks: false,
        }
    }

    /// True if both ends of a chain were named so far. Without them nothing need be followed.
    pub(crate) const fn may_chain(&self) -> bool {
        self.sources && self.sinks
    }

    pub(crate) fn get(&self, api: ApiRef) -> &Api {
        let none = &self.list[0];
        self.list.get(api.id() as usize).unwrap_or(none)
    }

    pub(crate) fn name_of(&self, id: u32) -> &str {
        self.list.get(id as usize).map_or("", |a| &a.name)
    }

    /// A global name that is an interned string.
    pub(crate) fn global_named(&mut self, key_id: u32, name: &str) -> u32 {
        if let Some(known) = self.members.get(&(0, key_id)) {
            return *known;
        }
        let id = self.global(name);
        self.members.insert((0, key_id), id);
        id
    }

    /// A global name.
    pub(crate) fn global(&mut self, name: &str) -> u32 {
        let name = match name {
            "global" | "window" | "self" | "frames" | "top" | "root" => "globalThis",
            name => name,
        };
        self.add(name, Root::Global, true)
    }

    /// A module by the name that is imported.
    pub(crate) fn module(&mut self, name: &str) -> u32 {
        let name = name.strip_prefix("node:").unwrap_or(name);
        if name.starts_with('.') || name.starts_with('/') {
            return self.add(name, Root::Relative, true);
        }
        self.add(name, Root::Module, true)
    }

    /// A kind of object.
    pub(crate) fn kind(&mut self, name: &str) -> u32 {
        self.add(name, Root::Kind, true)
    }

    /// Something by its full name.
    pub(crate) fn named(&mut self, name: &str) -> u32 {
        self.add(name, Root::Global, false)
    }

    /// `base.key`; 0 if the name grows too long or means nothing.
    pub(crate) fn member(&mut self, base: ApiRef, key_id: u32, key: &str) -> ApiRef {
        let how = base.how();
        if let Some(known) = self.members.get(&(base.id(), key_id)) {
            return ApiRef::new(*known, how);
        }
        let id = self.member_uncached(base, key);
        self.members.insert((base.id(), key_id), id);
        ApiRef::new(id, how)
    }

    fn member_uncached(&mut self, base: ApiRef, key: &str) -> u32 {
        let api = self.get(base);
        let (root, top) = (api.root, api.top);
        if key.len() + api.name.len() > Self::MAX_NAME {
            return 0;
        }
        match (&*api.name, key) {
            ("globalThis", key) => return self.global(key),
            ("process.mainModule" | "module", "constructor") => {
                return self.add("module", Root::Module, true);
            }
            ("<constructor>" | "<prototype>" | "Function", "constructor") => {
                return self.named("Function");
            }
            // what all functions inherit is not the constructor that makes them from text
            ("Function", "prototype") => return self.named("<prototype>"),
            (_, "prototype") => return base.id(),
            (_, "default") if top && root == Root::Module => return base.id(),
            (_, "constructor") if root == Root::Kind => return base.id(),
            (_, "constructor") => return self.named("Function"),
            _ => {}
        }
        let name = if root == Root::Relative {
            match api.name.split_once('#') {
                None => format!("{}#{key}", api.name),
                Some((module, "default")) => format!("{module}#{key}"),
                Some(_) => format!("{}.{key}", api.name),
            }
        } else {
            format!("{}.{key}", api.name)
        };
        self.add(&name, root, false)
    }

    fn add(&mut self, name: &str, root: Root, top: bool) -> u32 {
        let name = if root == Root::Relative {
            name
        } else {
            TABLE.alias(name).unwrap_or(name)
        };
        let key = (Box::from(name), root as u8);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        if self.list.len() >= Self::MAX || name.len() > Self::MAX_NAME {
            return 0;
        }
        let (entry, special, known_below) = if root == Root::Relative {
            (None, Special::None, false)
        } else {
            (TABLE.get(name), Special::of(name), TABLE.is_prefix(name))
        };
        for capability in entry.map_or(&[][..], |e| e.capabilities) {
            let what = effect(*capability);
            self.sources |= matches!(what, Effect::Source | Effect::SinkAndSource)
                || capability.is_decoder()
                || matches!(
                    capability,
                    Capability::EnvironmentReadAll | Capability::NetworkListen
                );
            // every file that loads modules has that sink, and hardly any chain ends in it
            self.sinks |= matches!(what, Effect::Sink | Effect::SinkAndSource)
                && (*capability != Capability::CodeImport || self.sources);
        }
        let id = self.list.len() as u32;
        self.list.push(Api {
            name: name.into(),
            entry,
            root,
            top,
            special,
            known_below,
            predicate: crate::special::is_predicate(name),
        });
        self.known.insert(key, id);
        id
    }
}
