//! What is known of a value.

use std::rc::Rc;

use foretaste_model::facts::LiteralKind;
use foretaste_observe::literal;
use foretaste_observe::taint::SetId;

use super::tree::Function;

/// A value while a program is gone through.
#[derive(Clone, Debug, Default)]
pub(super) struct Value {
    /// The whole value, if it is known.
    pub(super) constant: Option<Constant>,
    /// The known parts of a text, with `*` for the others.
    pub(super) shape: Option<Rc<str>>,
    /// Where it comes from.
    pub(super) trails: SetId,
    /// The kind of object that the capability table knows.
    pub(super) object: &'static str,
    /// The name of what it is, if it is something that has one: a class, a function.
    pub(super) path: Option<Rc<str>>,
    /// The closure that it is.
    pub(super) closure: Option<Rc<Function>>,
    /// The decode steps behind a constant.
    pub(super) steps: Rc<[&'static str]>,
    /// The file it stands for: an open handle, a path.
    pub(super) file: Option<Rc<str>>,
    /// Its elements, if it is a list or table.
    pub(super) items: Option<Rc<Vec<Item>>>,
}

/// An element: its key in a table, and its value.
pub(super) type Item = (Option<Box<str>>, Value);

/// A known value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Constant {
    Text(Rc<[u8]>),
    Number(i64),
}

impl Value {
    /// A known text.
    pub(super) fn text(text: &[u8]) -> Self {
        Self {
            constant: Some(Constant::Text(text.into())),
            ..Self::default()
        }
    }

    /// A known number.
    pub(super) fn number(number: i64) -> Self {
        Self {
            constant: Some(Constant::Number(number)),
            ..Self::default()
        }
    }

    /// A list.
    pub(super) fn list(items: Vec<Item>, trails: SetId) -> Self {
        Self {
            items: Some(Rc::new(items)),
            trails,
            ..Self::default()
        }
    }

    /// Something of which only the origin is known.
    pub(super) fn of(trails: SetId) -> Self {
        Self {
            trails,
            ..Self::default()
        }
    }

    /// The bytes of a known text.
    pub(super) fn bytes(&self) -> Option<&[u8]> {
        match &self.constant {
            Some(Constant::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// A known text that is one.
    pub(super) fn str(&self) -> Option<&str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    /// A known number.
    pub(super) const fn integer(&self) -> Option<i64> {
        match self.constant {
            Some(Constant::Number(number)) => Some(number),
            _ => None,
        }
    }

    /// The text, or what is known of it.
    pub(super) fn said(&self) -> Option<String> {
        match &self.constant {
            Some(Constant::Text(text)) => std::str::from_utf8(text).ok().map(str::to_owned),
            Some(Constant::Number(number)) => Some(number.to_string()),
            None => self.shape.as_deref().map(str::to_owned),
        }
    }

    /// What the element of a list may be that says the most, if all of them are known in part: a secret file, an address.
    pub(super) fn telling_item(&self, most: usize) -> Option<Rc<str>> {
        let items = self.items.as_deref()?;
        let said: Vec<String> = items
            .iter()
            .take(most)
            .filter_map(|(_, v)| v.said())
            .filter(|text| (4..400).contains(&text.len()) && text.contains(['/', '\\', '.']))
            .collect();
        let of = |wanted: LiteralKind| {
            said.iter().find(|text| {
                literal::classify(text)
                    .into_iter()
                    .any(|(kind, _)| kind == wanted)
            })
        };
        let found = of(LiteralKind::SecretPath).or_else(|| of(LiteralKind::Url))?;
        Some(found.as_str().into())
    }

    /// The element with a key or at a place.
    pub(super) fn item(&self, key: &Self) -> Option<&Self> {
        let items = self.items.as_deref()?;
        let by_key = |wanted: &str| {
            items
                .iter()
                .rev()
                .find(|(k, _)| k.as_deref() == Some(wanted))
                .map(|(_, v)| v)
        };
        match &key.constant {
            Some(Constant::Text(_)) => by_key(key.str()?),
            Some(Constant::Number(number)) => by_key(&number.to_string()).or_else(|| {
                let place = if *number < 0 {
                    items.len().checked_sub(number.unsigned_abs() as usize)?
                } else {
                    usize::try_from(*number).ok()?
                };
                items.get(place).map(|(_, v)| v)
            }),
            None => None,
        }
    }
}
