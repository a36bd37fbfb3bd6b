//! Values of evaluation: what a constant expression can give.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use oxc_ast::ast::{ArrowFunctionExpression, Function};

use super::pattern::Pattern;

/// Nothing certain is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unknown;

/// A value that is known in full.
#[derive(Clone, Debug)]
pub(super) enum Val<'a> {
    Undefined,
    Null,
    Bool(bool),
    Number(f64),
    Text(Text),
    List(List<'a>),
    Function(&'a Function<'a>),
    Arrow(&'a ArrowFunctionExpression<'a>),
    /// A global of the language, or a member of one: `String.fromCharCode`.
    Name(Rc<str>),
    /// A regular expression.
    Pattern(Pattern),
    /// Something of which only its text is known: `[].flat` is `function flat() { [native code] }`.
    Opaque(Rc<str>),
}

/// A text in UTF-16.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) units: Rc<Vec<u16>>,
    /// What of it comes out of character codes or an encoding.
    pub(super) decoded: Runs,
}

/// Runs of characters that were decoded: at the beginning, at the end, and the longest.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Runs {
    head: usize,
    tail: usize,
    longest: usize,
}

impl Runs {
    /// All of a text, or nothing of it.
    pub(super) const fn all(length: usize) -> Self {
        Self {
            head: length,
            tail: length,
            longest: length,
        }
    }

    /// The runs of a part.
    fn part(self, length: usize) -> Self {
        Self {
            head: self.head.min(length),
            tail: self.tail.min(length),
            longest: self.longest.min(length),
        }
    }

    /// The runs of two texts behind one another, of these lengths.
    fn then(self, own: usize, other: Self, length: usize) -> Self {
        let middle = self.tail + other.head;
        Self {
            head: if self.head == own {
                own + other.head
            } else {
                self.head
            },
            tail: if other.tail == length {
                self.tail + length
            } else {
                other.tail
            },
            longest: self.longest.max(other.longest).max(middle),
        }
    }
}

/// An array; every value that holds it shares it.
pub(super) type List<'a> = Rc<Items<'a>>;

/// What an array holds.
#[derive(Debug)]
pub(super) struct Items<'a> {
    pub(super) all: RefCell<Vec<Val<'a>>>,
    /// It is a buffer: its text is that of its bytes.
    pub(super) bytes: bool,
    /// The attempt that changed it last.
    pub(super) changed: Cell<u32>,
    /// An attempt that failed changed it: what it holds is not known any more.
    pub(super) spoilt: Cell<bool>,
}

impl Text {
    /// A text as it is written.
    pub(super) fn plain(text: &str) -> Self {
        Self::of_units(text.encode_utf16().collect(), Runs::default())
    }

    /// A text that was made from another, with as much of it decoded.
    pub(super) fn new(text: &str, decoded: Runs) -> Self {
        Self::of_units(text.encode_utf16().collect(), decoded)
    }

    /// No run is longer than the text.
    pub(super) fn of_units(units: Vec<u16>, decoded: Runs) -> Self {
        Self {
            decoded: decoded.part(units.len()),
            units: Rc::new(units),
        }
    }

    /// A text that was decoded.
    pub(super) fn unpacked(units: Vec<u16>) -> Self {
        Self::of_units(units, Runs::all(usize::MAX >> 1))
    }

    /// Puts a text behind this one.
    pub(super) fn push(&mut self, other: &Self) {
        let lengths = (self.units.len(), other.units.len());
        self.decoded = self.decoded.then(lengths.0, other.decoded, lengths.1);
        Rc::make_mut(&mut self.units).extend_from_slice(&other.units);
    }

    /// True for a name that was decoded, or a text with more than names in it that were: what a generator of code counts
    /// up is shorter.
    pub(super) fn is_unpacked(&self) -> bool {
        const NAME: usize = 3;
        const TEXT: usize = 8;
        let longest = self.decoded.longest;
        longest >= TEXT || (longest >= NAME && longest == self.units.len())
    }

    pub(super) fn to_utf8(&self) -> String {
        String::from_utf16_lossy(&self.units)
    }

    /// Its characters as bytes; none if one is above 255.
    pub(super) fn to_bytes(&self) -> Option<Vec<u8>> {
        self.units.iter().map(|u| u8::try_from(*u).ok()).collect()
    }
}

impl Val<'_> {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(Text::plain(text))
    }

    pub(super) fn list(items: Vec<Self>) -> Self {
        Self::of_items(items, false)
    }

    fn of_items(items: Vec<Self>, bytes: bool) -> Self {
        Self::List(Rc::new(Items {
            all: RefCell::new(items),
            bytes,
            changed: Cell::new(0),
            spoilt: Cell::new(false),
        }))
    }

    /// A buffer with these bytes.
    pub(super) fn buffer(bytes: &[u8]) -> Self {
        let items = bytes.iter().map(|b| Self::Number(f64::from(*b))).collect();
        Self::of_items(items, true)
    }

    pub(super) fn truth(&self) -> bool {
        match self {
            Self::Undefined | Self::Null => false,
            Self::Bool(b) => *b,
            Self::Number(n) => *n != 0.0 && !n.is_nan(),
            Self::Text(t) => !t.units.is_empty(),
            _ => true,
        }
    }

    pub(super) fn number(&self) -> Result<f64, Unknown> {
        Ok(match self {
            Self::Undefined => f64::NAN,
            Self::Null => 0.0,
            Self::Bool(b) => f64::from(u8::from(*b)),
            Self::Number(n) => *n,
            Self::Text(t) => number_of(&t.to_utf8()),
            Self::List(_) => number_of(&self.as_text()?.to_utf8()),
            _ => return Err(Unknown),
        })
    }

    /// As text, as `String(x)` gives it.
    pub(super) fn as_text(&self) -> Result<Text, Unknown> {
        self.text_within(4)
    }

    /// As text, lists in lists as deep as this: they may hold one another.
    fn text_within(&self, depth: u32) -> Result<Text, Unknown> {
        const MAX_ITEMS: usize = 64;
        Ok(match self {
            Self::List(list) => {
                let items = list.all.borrow();
                if depth == 0 || list.bytes || list.spoilt.get() || items.len() > MAX_ITEMS {
                    return Err(Unknown);
                }
                let mut whole = Text::plain("");
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        whole.push(&Text::plain(","));
                    }
                    if !matches!(item, Self::Undefined | Self::Null) {
                        whole.push(&item.text_within(depth - 1)?);
                    }
                    if whole.units.len() > 1 << 16 {
                        return Err(Unknown);
                    }
                }
                whole
            }
            Self::Opaque(text) => Text::plain(text),
            Self::Undefined => Text::plain("undefined"),
            Self::Null => Text::plain("null"),
            Self::Bool(b) => Text::plain(if *b { "true" } else { "false" }),
            Self::Number(n) => Text::plain(&written(*n)?),
            Self::Text(t) => t.clone(),
            _ => return Err(Unknown),
        })
    }

    /// `a === b` for values that compare by content.
    pub(super) fn same(&self, other: &Self) -> Result<bool, Unknown> {
        Ok(match (self, other) {
            (Self::Undefined, Self::Undefined) | (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => (a - b).abs() == 0.0,
            (Self::Text(a), Self::Text(b)) => a.units == b.units,
            (Self::List(a), Self::List(b)) => Rc::ptr_eq(a, b),
            (
                Self::Function(_)
                | Self::Arrow(_)
                | Self::Name(_)
                | Self::Pattern(_)
                | Self::Opaque(_),
                _,
            )
            | (
                _,
                Self::Function(_)
                | Self::Arrow(_)
                | Self::Name(_)
                | Self::Pattern(_)
                | Self::Opaque(_),
            ) => return Err(Unknown),
            _ => false,
        })
    }
}

/// A number as JavaScript writes it, for all that need no exponent.
fn written(n: f64) -> Result<String, Unknown> {
    if n.is_nan() {
        Ok("NaN".to_owned())
    } else if n.abs() < 1e21 && (n == 0.0 || n.abs() >= 1e-6) {
        Ok(format!("{n}"))
    } else {
        Err(Unknown)
    }
}

/// The number that a text stands for; not a number for everything else.
fn number_of(text: &str) -> f64 {
    let text = text.trim();
    if text.is_empty() {
        return 0.0;
    }
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u32::from_str_radix(digits, 16).map_or(f64::NAN, f64::from);
    }
    text.parse().unwrap_or(f64::NAN)
}

/// JavaScript's conversion to a 32-bit integer.
#[expect(
    clippy::cast_sign_loss,
    reason = "the value was wrapped into range before"
)]
pub(super) fn to_int(x: f64) -> i32 {
    if !x.is_finite() {
        return 0;
    }
    let wrapped = x.trunc().rem_euclid(4_294_967_296.0);
    (wrapped as u32).cast_signed()
}

/// A position in something of a length, as `slice` counts: from the end if it is negative.
pub(super) fn position(n: f64, length: usize) -> usize {
    let length = length as f64;
    let at = if n.is_nan() { 0.0 } else { n.trunc() };
    let at = if at < 0.0 { at + length } else { at };
    at.clamp(0.0, length) as usize
}
