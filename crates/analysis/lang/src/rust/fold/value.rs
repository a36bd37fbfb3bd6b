//! Constant values.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::syntax::{Expr, Pattern};

/// Names and what they hold.
pub(in super::super) type Scope = BTreeMap<String, Value>;

/// A constant.
#[derive(Clone, Debug)]
pub(in super::super) enum Value {
    /// A number, and its bits where they are known.
    Number(i64, u8),
    Char(char),
    /// A text; what is not known of it is written `{}` or as the program names it.
    Text(Rc<str>),
    List(Rc<Vec<Self>>),
    Tuple(Rc<Vec<Self>>),
    /// The elements of a list over and over.
    Cycle(Rc<Vec<Self>>),
    /// A closure with what it sees.
    Closure(Rc<(Vec<Pattern>, Expr)>, Rc<Scope>),
    /// A function by its path.
    Function(Rc<str>),
}

impl Value {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into().into())
    }

    pub(super) fn list(values: Vec<Self>) -> Self {
        Self::List(Rc::new(values))
    }

    pub(super) const fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number, _) => Some(*number),
            _ => None,
        }
    }

    pub(in super::super) fn str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The bytes of a text or of a list of numbers.
    pub(super) fn bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::Text(text) => Some(bytes_of(text)),
            Self::List(values) => values
                .iter()
                .map(|v| v.number().and_then(|n| u8::try_from(n).ok()))
                .collect(),
            _ => None,
        }
    }

    /// What an iterator over it gives.
    pub(super) fn elements(&self) -> Option<Vec<Self>> {
        match self {
            Self::List(values) => Some(values.to_vec()),
            Self::Text(text) => Some(numbers(&bytes_of(text))),
            _ => None,
        }
    }

    /// As a format writes it.
    pub(super) fn shown(&self) -> Option<String> {
        match self {
            Self::Number(number, _) => Some(number.to_string()),
            Self::Char(c) => Some(c.to_string()),
            Self::Text(text) => Some(text.to_string()),
            _ => None,
        }
    }
}

/// The bytes of a text: a byte string's characters are its bytes.
fn bytes_of(text: &str) -> Vec<u8> {
    let narrow: Option<Vec<u8>> = text
        .chars()
        .map(|c| u8::try_from(u32::from(c)).ok())
        .collect();
    narrow.unwrap_or_else(|| text.as_bytes().to_vec())
}

pub(super) fn numbers(bytes: &[u8]) -> Vec<Value> {
    bytes
        .iter()
        .map(|b| Value::Number(i64::from(*b), 8))
        .collect()
}

/// Cuts a number to its bits.
pub(super) const fn cut(number: i64, bits: u8) -> i64 {
    match bits {
        8 => number & 0xff,
        16 => number & 0xffff,
        32 => number & 0xffff_ffff,
        _ => number,
    }
}
