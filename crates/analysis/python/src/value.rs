//! What the interpreter knows about a value.

use std::borrow::Cow;

use foretaste_model::facts::Resolution;
use foretaste_observe::taint::SetId;

use crate::symbols::SymId;

/// The index of a text or byte string in [`Constants`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TextId(pub(crate) u32);

/// A value: what it is, where it came from, how it was reached. Copied freely.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value {
    pub(crate) shape: Shape,
    pub(crate) taint: SetId,
    pub(crate) via: Resolution,
}

impl Value {
    pub(crate) const UNKNOWN: Self = Self::of(Shape::Unknown);

    pub(crate) const fn of(shape: Shape) -> Self {
        Self {
            shape,
            taint: SetId::EMPTY,
            via: Resolution::Direct,
        }
    }

    pub(crate) const fn tainted(taint: SetId) -> Self {
        Self {
            shape: Shape::Unknown,
            taint,
            via: Resolution::Direct,
        }
    }

    pub(crate) const fn with(self, taint: SetId) -> Self {
        Self { taint, ..self }
    }

    pub(crate) const fn via(self, via: Resolution) -> Self {
        Self { via, ..self }
    }
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Unknown,
    None,
    Bool(bool),
    Int(i64),
    /// A known text.
    Str(TextId),
    /// A text of which parts are known; unknown parts are written `{}`.
    Template(TextId),
    /// A `pathlib` path; its text may hold `{}`.
    Path(TextId),
    /// Known bytes.
    Bytes(TextId),
    /// A module, function, class or method outside of the file.
    Api(SymId),
    /// An object of a known kind.
    Object(SymId),
    /// A function of this file.
    Function(u32),
    /// A method of an object of this file: function, class.
    Method(u32, u32),
    /// A class of this file.
    Class(u32),
    /// An object of a class of this file.
    Instance(u32),
    /// A list, tuple or set with known elements.
    List(u32),
    /// A dict with known keys.
    Dict(u32),
    /// A callable with some arguments bound already.
    Partial(u32),
    /// `operator.methodcaller(name)`, `operator.attrgetter(name)`.
    Caller(TextId),
    Getter(TextId),
    /// The namespace of the module or of an object: `globals()`, `vars(x)`, `x.__dict__`.
    Namespace(u32),
}

impl Shape {
    /// True if knowing it tells more than a name would.
    pub(crate) const fn is_telling(self) -> bool {
        !matches!(self, Self::Unknown | Self::None | Self::Bool(_))
    }

    /// True for a function or method of the file.
    pub(crate) const fn is_own_callable(self) -> bool {
        matches!(
            self,
            Self::Function(_) | Self::Method(..) | Self::Partial(_)
        )
    }

    /// True for a function, however it is made.
    pub(crate) const fn is_callable(self) -> bool {
        matches!(
            self,
            Self::Function(_) | Self::Method(..) | Self::Api(_) | Self::Partial(_)
        )
    }

    /// True for what a function can be run with to learn more than its summary says.
    pub(crate) const fn is_constant_or_callable(self) -> bool {
        matches!(
            self,
            Self::Str(_)
                | Self::Template(_)
                | Self::Bytes(_)
                | Self::List(_)
                | Self::Dict(_)
                | Self::Api(_)
                | Self::Function(_)
                | Self::Method(..)
                | Self::Partial(_)
                | Self::Int(_)
        )
    }
}

/// Texts and byte strings of one file: borrowed from its syntax tree, or made by folding.
#[derive(Debug, Default)]
pub(crate) struct Constants<'a> {
    texts: Vec<Cow<'a, str>>,
    bytes: Vec<Cow<'a, [u8]>>,
    made: usize,
}

impl<'a> Constants<'a> {
    /// The longest constant that folding may make, in bytes.
    pub(crate) const MAX_LENGTH: usize = 2 << 20;
    /// All that folding may make in one file, in bytes.
    const MAX_MADE: usize = 32 << 20;

    pub(crate) fn borrow_text(&mut self, text: &'a str) -> TextId {
        self.texts.push(Cow::Borrowed(text));
        TextId(self.texts.len() as u32 - 1)
    }

    pub(crate) fn borrow_bytes(&mut self, bytes: Cow<'a, [u8]>) -> TextId {
        self.bytes.push(bytes);
        TextId(self.bytes.len() as u32 - 1)
    }

    /// Keeps a text that was made, if there is room.
    pub(crate) fn make_text(&mut self, text: String) -> Option<TextId> {
        self.afford(text.len())?;
        self.texts.push(Cow::Owned(text));
        Some(TextId(self.texts.len() as u32 - 1))
    }

    /// Keeps bytes that were made, if there is room.
    pub(crate) fn make_bytes(&mut self, bytes: Vec<u8>) -> Option<TextId> {
        self.afford(bytes.len())?;
        self.bytes.push(Cow::Owned(bytes));
        Some(TextId(self.bytes.len() as u32 - 1))
    }

    fn afford(&mut self, length: usize) -> Option<()> {
        self.made = self.made.saturating_add(length + 32);
        (length <= Self::MAX_LENGTH && self.made <= Self::MAX_MADE).then_some(())
    }

    pub(crate) fn text(&self, id: TextId) -> &str {
        self.texts.get(id.0 as usize).map_or("", |t| t)
    }

    pub(crate) fn bytes(&self, id: TextId) -> &[u8] {
        self.bytes.get(id.0 as usize).map_or(&[], |b| b)
    }
}
