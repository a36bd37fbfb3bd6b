//! Values of the evaluator: Python's own, as far as a constant computation needs them.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use ruff_python_ast::{Expr, Parameters, Stmt};
use rustc_hash::FxHashMap;

/// Which events a value that is not known came from: one bit each.
pub(super) type Trace = u64;

/// Set if a long constant went in: what comes out is its content, in a form that is not understood.
pub(super) const HIDDEN: Trace = 1 << 63;

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Val {
    Unknown(Trace),
    None,
    Ellipsis,
    Bool(bool),
    Int(i128),
    /// An integer beyond 128 bits, by its big-endian bytes.
    Big(Rc<[u8]>),
    Float(f64),
    Str(Rc<Text>),
    Bytes(Rc<Vec<u8>>),
    List(Rc<RefCell<Vec<Self>>>),
    Tuple(Rc<[Self]>),
    Dict(Rc<RefCell<Dict>>),
    /// A module, function, class, or an object of a known kind, outside of the program.
    Api(Rc<str>, Trace),
    Function(Rc<Func>),
    Bound(Rc<(Self, Rc<Func>)>),
    /// A method of a value of Python's own.
    Method(Rc<(Self, Rc<str>)>),
    Partial(Rc<(Self, Vec<Self>)>),
    Class(Rc<Class>),
    Instance(Rc<Instance>),
    Code(Rc<Text>),
    Namespace(Rc<Env>),
}

impl Val {
    pub(super) fn str(text: impl Into<String>) -> Self {
        Self::Str(Rc::new(Text::new(text.into())))
    }

    pub(super) fn bytes(bytes: Vec<u8>) -> Self {
        Self::Bytes(Rc::new(bytes))
    }

    pub(super) fn list(values: Vec<Self>) -> Self {
        Self::List(Rc::new(RefCell::new(values)))
    }

    pub(super) fn api(name: &str) -> Self {
        Self::Api(name.into(), 0)
    }

    pub(super) const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    /// The text of a string.
    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(&text.text),
            _ => None,
        }
    }

    /// The bytes of a string or bytes.
    pub(super) fn as_data(&self) -> Option<&[u8]> {
        match self {
            Self::Str(text) => Some(text.text.as_bytes()),
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub(super) const fn as_int(&self) -> Option<i128> {
        match self {
            Self::Int(i) => Some(*i),
            Self::Bool(b) => Some(*b as i128),
            _ => None,
        }
    }

    /// Whether it counts as true, if that is known.
    pub(super) fn truth(&self) -> Option<bool> {
        Some(match self {
            Self::Unknown(_) | Self::Api(..) | Self::Instance(_) => return None,
            Self::None => false,
            Self::Bool(b) => *b,
            Self::Int(i) => *i != 0,
            Self::Float(f) => *f != 0.0,
            Self::Str(text) => !text.text.is_empty(),
            Self::Bytes(bytes) => !bytes.is_empty(),
            Self::List(list) => !list.borrow().is_empty(),
            Self::Tuple(tuple) => !tuple.is_empty(),
            Self::Dict(dict) => !dict.borrow().items.is_empty(),
            _ => true,
        })
    }

    /// What an unknown value, or one with unknown parts, came from.
    #[inline]
    pub(super) fn trace(&self) -> Trace {
        match self {
            Self::Unknown(trace) | Self::Api(_, trace) => *trace,
            Self::List(_) | Self::Tuple(_) | Self::Dict(_) | Self::Instance(_) => {
                self.trace_within(0, &mut 512)
            }
            _ => 0,
        }
    }

    /// Looks at no more than `left` values: they may hold one another in circles.
    fn trace_within(&self, depth: u32, left: &mut u32) -> Trace {
        *left = left.saturating_sub(1);
        let all = |values: &mut dyn Iterator<Item = &Self>, left: &mut u32| {
            let mut trace = 0;
            for value in values {
                if *left == 0 {
                    break;
                }
                trace |= value.trace_within(depth + 1, left);
            }
            trace
        };
        match self {
            Self::Unknown(trace) | Self::Api(_, trace) => *trace,
            Self::List(list) if depth < 4 => list
                .try_borrow()
                .map_or(0, |l| all(&mut l.iter().take(64), left)),
            Self::Tuple(tuple) if depth < 4 => all(&mut tuple.iter().take(64), left),
            Self::Dict(dict) if depth < 4 => dict.try_borrow().map_or(0, |d| {
                let items = d.items.iter().take(64);
                all(&mut items.flat_map(|(k, v)| [k, v]), left)
            }),
            Self::Instance(instance) if depth < 4 => instance
                .attributes
                .try_borrow()
                .map_or(0, |a| all(&mut a.values().take(64), left)),
            _ => 0,
        }
    }

    /// The same value as a key of a dict.
    pub(super) fn key(&self) -> Option<Key> {
        Some(match self {
            Self::None => Key::None,
            Self::Bool(b) => Key::Int(i128::from(*b)),
            Self::Int(i) => Key::Int(*i),
            Self::Str(text) => Key::Str(Rc::clone(text)),
            Self::Bytes(bytes) => Key::Bytes(Rc::clone(bytes)),
            Self::Api(name, _) => Key::Api(Rc::clone(name)),
            Self::Tuple(items) if items.len() < 16 => {
                Key::Tuple(items.iter().map(Self::key).collect::<Option<Vec<_>>>()?)
            }
            _ => return None,
        })
    }
}

/// A text, indexed by characters as Python does it.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) text: String,
    ascii: bool,
    chars: OnceCell<Box<[char]>>,
}

impl Text {
    pub(super) fn new(text: String) -> Self {
        Self {
            ascii: text.is_ascii(),
            text,
            chars: OnceCell::new(),
        }
    }

    /// Its characters; for ASCII texts only made when asked for.
    pub(super) fn chars(&self) -> &[char] {
        self.chars.get_or_init(|| self.text.chars().collect())
    }

    pub(super) fn len(&self) -> usize {
        if self.ascii {
            self.text.len()
        } else {
            self.chars().len()
        }
    }

    pub(super) fn at(&self, index: usize) -> Option<char> {
        if self.ascii {
            self.text.as_bytes().get(index).map(|b| char::from(*b))
        } else {
            self.chars().get(index).copied()
        }
    }

    /// Appends in place.
    pub(super) fn push(&mut self, more: &str) {
        self.ascii &= more.is_ascii();
        self.text.push_str(more);
        self.chars = OnceCell::new();
    }
}

/// A key of a dict.
#[derive(Clone, Debug)]
pub(super) enum Key {
    None,
    Int(i128),
    Str(Rc<Text>),
    Bytes(Rc<Vec<u8>>),
    Api(Rc<str>),
    Tuple(Vec<Self>),
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::None, Self::None) => true,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Str(a), Self::Str(b)) => a.text == b.text,
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::Api(a), Self::Api(b)) => a == b,
            (Self::Tuple(a), Self::Tuple(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Key {}

impl std::hash::Hash for Key {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        match self {
            Self::None => state.write_u8(0),
            Self::Int(i) => i.hash(state),
            Self::Str(text) => text.text.hash(state),
            Self::Bytes(bytes) => bytes.hash(state),
            Self::Api(name) => name.hash(state),
            Self::Tuple(keys) => keys.hash(state),
        }
    }
}

/// A dict in insertion order.
#[derive(Debug, Default)]
pub(super) struct Dict {
    pub(super) items: Vec<(Val, Val)>,
    places: FxHashMap<Key, usize>,
}

impl Dict {
    pub(super) fn get(&self, key: &Val) -> Option<Val> {
        let place = *self.places.get(&key.key()?)?;
        self.items.get(place).map(|(_, v)| v.clone())
    }

    pub(super) fn set(&mut self, key: Val, value: Val) {
        let Some(known) = key.key() else {
            self.items.push((key, value));
            return;
        };
        if let Some(item) = self.places.get(&known).and_then(|p| self.items.get_mut(*p)) {
            item.1 = value;
        } else {
            self.places.insert(known, self.items.len());
            self.items.push((key, value));
        }
    }

    pub(super) fn remove(&mut self, key: &Val) -> Option<Val> {
        let place = self.places.remove(&key.key()?)?;
        let (_, value) = self.items.get(place).cloned()?;
        self.items.remove(place);
        for other in self.places.values_mut() {
            if *other > place {
                *other -= 1;
            }
        }
        Some(value)
    }
}

/// A namespace.
#[derive(Debug, Default)]
pub(super) struct Env {
    pub(super) names: RefCell<FxHashMap<Rc<str>, Val>>,
    pub(super) parent: Option<Rc<Self>>,
    /// The module's namespace; `None` if this is it.
    pub(super) module: Option<Rc<Self>>,
    /// Names declared `global` or `nonlocal`.
    pub(super) outer: RefCell<Vec<Rc<str>>>,
    pub(super) is_class: bool,
}

impl Env {
    pub(super) fn get_own(&self, name: &str) -> Option<Val> {
        self.names.borrow().get(name).cloned()
    }

    pub(super) fn set_own(&self, name: &str, value: Val) {
        let mut names = self.names.borrow_mut();
        if let Some(slot) = names.get_mut(name) {
            *slot = value;
        } else {
            names.insert(name.into(), value);
        }
    }
}

/// What a function runs.
#[derive(Debug)]
pub(super) enum Body {
    Statements(Vec<Stmt>),
    Expression(Box<Expr>),
}

/// The code of a function, shared by all functions made from it.
#[derive(Debug)]
pub(super) struct Code {
    pub(super) parameters: Option<Parameters>,
    pub(super) body: Body,
    pub(super) generator: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binding {
    Plain,
    Static,
    Class,
    Property,
}

/// A function of the program.
#[derive(Debug)]
pub(super) struct Func {
    pub(super) name: Rc<str>,
    pub(super) code: Rc<Code>,
    pub(super) env: Rc<Env>,
    pub(super) defaults: Vec<(Rc<str>, Val)>,
    pub(super) binding: Binding,
    /// The class in whose body it stands.
    pub(super) owner: RefCell<Option<Rc<Class>>>,
}

#[derive(Debug)]
pub(super) struct Class {
    pub(super) name: Rc<str>,
    pub(super) bases: Vec<Val>,
    pub(super) attributes: RefCell<FxHashMap<Rc<str>, Val>>,
}

#[derive(Debug)]
pub(super) struct Instance {
    pub(super) class: Rc<Class>,
    pub(super) attributes: RefCell<FxHashMap<Rc<str>, Val>>,
}

impl Class {
    /// An attribute of the class or of its bases in the program.
    pub(super) fn find(&self, name: &str, depth: u32) -> Option<Val> {
        if depth > 16 {
            return None;
        }
        if let Some(value) = self.attributes.borrow().get(name) {
            return Some(value.clone());
        }
        self.bases.iter().find_map(|base| match base {
            Val::Class(class) => class.find(name, depth + 1),
            _ => None,
        })
    }
}
