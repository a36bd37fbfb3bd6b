//! Conversions, collections made by builtins, and paths.

use foretaste_observe::taint::SetId;

use super::Interpreter;
use super::call::Arg;
use crate::symbols::Special;
use crate::value::{Shape, Value};

/// Numbers that a constant `range` may give.
const MAX_RANGE: i64 = 65_536;

impl<'a> Interpreter<'a> {
    pub(super) fn convert(
        &mut self,
        special: Special,
        (first, second): (Value, Value),
        taint: SetId,
        range: (u32, u32),
    ) -> Value {
        let value = match (special, first.shape) {
            (Special::Chr, Shape::Int(i)) => match u32::try_from(i).ok().and_then(char::from_u32) {
                Some(c) => self.text(c.to_string()),
                None => Value::UNKNOWN,
            },
            (Special::Ord, Shape::Str(_) | Shape::Bytes(_)) => {
                let one = self.text_of(first).and_then(|t| t.chars().next());
                one.map_or(Value::UNKNOWN, |c| {
                    Value::of(Shape::Int(i64::from(u32::from(c))))
                })
            }
            (Special::Str, Shape::Str(_) | Shape::Template(_))
            | (Special::Bytes, Shape::Bytes(_))
            | (Special::Int | Special::Ord, Shape::Int(_)) => first,
            (Special::Str, Shape::Path(id)) if self.constants.text(id).contains("{}") => {
                Value::of(Shape::Template(id))
            }
            (Special::Str, Shape::Path(id)) => Value::of(Shape::Str(id)),
            (Special::Str, Shape::Int(i)) => self.text(i.to_string()),
            (Special::Str, Shape::Api(sym)) => {
                let name = self.symbols.name(sym).to_owned();
                self.printed(&name)
            }
            (Special::Str, Shape::Bytes(_)) => match self.text_of(first).map(str::to_owned) {
                Some(text) => self.text(text),
                None => Value::UNKNOWN,
            },
            (Special::Bytes, Shape::Str(id)) => {
                let bytes = self.constants.text(id).as_bytes().to_vec();
                self.bytes(bytes)
            }
            (Special::Bytes, Shape::List(list)) => {
                let bytes: Option<Vec<u8>> = self
                    .elements(list)
                    .iter()
                    .map(|v| match v.shape {
                        Shape::Int(i) => u8::try_from(i).ok(),
                        _ => None,
                    })
                    .collect();
                match bytes {
                    Some(bytes) => {
                        let source = (bytes.len() >= 16 && taint.is_empty())
                            .then(|| String::from_utf8_lossy(&bytes).into_owned());
                        let value = self.bytes(bytes);
                        match source {
                            Some(text) => {
                                let hidden = self.hidden_text(&text, range);
                                value.with(hidden)
                            }
                            None => value,
                        }
                    }
                    None => Value::UNKNOWN,
                }
            }
            (Special::Int, Shape::Str(_) | Shape::Bytes(_)) => {
                let radix = match second.shape {
                    Shape::Int(r) => u32::try_from(r).ok().filter(|r| (2..=36).contains(r)),
                    _ => Some(10),
                };
                let digits = self.text_of(first).unwrap_or("").trim();
                let digits = digits
                    .strip_prefix("0x")
                    .filter(|_| radix == Some(16))
                    .unwrap_or(digits);
                radix
                    .and_then(|r| i64::from_str_radix(digits, r).ok())
                    .map_or(Value::UNKNOWN, |i| Value::of(Shape::Int(i)))
            }
            _ => Value::UNKNOWN,
        };
        let taint = self.union(value.taint, taint);
        value.with(taint)
    }

    pub(super) fn fold_collection(
        &mut self,
        special: Special,
        args: &[Arg<'a>],
        taint: SetId,
    ) -> Value {
        let first = args.first().map_or(Value::UNKNOWN, |a| a.value);
        let int = |i: usize| match args.get(i).map(|a| a.value.shape) {
            Some(Shape::Int(n)) => Some(n),
            _ => None,
        };
        let value = match special {
            Special::Range => {
                let (from, to, step) = match args.len() {
                    1 => (Some(0), int(0), Some(1)),
                    2 => (int(0), int(1), Some(1)),
                    _ => (int(0), int(1), int(2)),
                };
                match (from, to, step) {
                    (Some(from), Some(to), Some(step)) if step != 0 => {
                        let count = to.saturating_sub(from).checked_div(step).unwrap_or(0);
                        if (0..MAX_RANGE).contains(&count) {
                            let mut values = Vec::new();
                            let mut at = from;
                            while (step > 0 && at < to) || (step < 0 && at > to) {
                                values.push(Value::of(Shape::Int(at)));
                                at = at.saturating_add(step);
                            }
                            self.list(values)
                        } else {
                            Value::UNKNOWN
                        }
                    }
                    _ => Value::UNKNOWN,
                }
            }
            Special::Dict => match first.shape {
                Shape::Dict(_) => first,
                _ if args.iter().all(|a| a.name.is_some_and(|n| !n.is_empty())) => {
                    let mut items = Vec::new();
                    for arg in args {
                        if let Some(name) = arg.name {
                            let key = Value::of(Shape::Str(self.constants.borrow_text(name)));
                            items.push((key, arg.value));
                        }
                    }
                    self.dicts.push(items);
                    Value::of(Shape::Dict(self.dicts.len() as u32 - 1))
                }
                _ => Value::UNKNOWN,
            },
            Special::Reversed => match self.sequence(first) {
                Some(mut elements) => {
                    elements.reverse();
                    self.list(elements)
                }
                None => Value::UNKNOWN,
            },
            Special::Listing if args.len() == 1 => match self.sequence(first) {
                Some(elements) => self.list(elements),
                None => Value::UNKNOWN,
            },
            Special::Zip => {
                let sequences: Option<Vec<Vec<Value>>> =
                    args.iter().map(|a| self.sequence(a.value)).collect();
                match sequences {
                    Some(sequences) if !sequences.is_empty() => {
                        let shortest = sequences.iter().map(Vec::len).min().unwrap_or(0).min(4096);
                        let mut tuples = Vec::with_capacity(shortest);
                        for i in 0..shortest {
                            let tuple =
                                sequences.iter().filter_map(|s| s.get(i)).copied().collect();
                            tuples.push(self.list(tuple));
                        }
                        self.list(tuples)
                    }
                    _ => Value::UNKNOWN,
                }
            }
            _ => Value::UNKNOWN,
        };
        value.with(taint)
    }

    // ── paths ──

    pub(super) fn is_path(&self, value: Value) -> bool {
        match value.shape {
            Shape::Path(_) => true,
            Shape::Object(kind) => self.symbols.name(kind) == "pathlib.Path",
            _ => false,
        }
    }

    /// What a builtin prints, if it is one.
    pub(super) fn printed(&mut self, name: &str) -> Value {
        let text = super::is_builtin(name).then(|| crate::printed::printed(name));
        match text.flatten() {
            Some(text) => self.text(text),
            None => Value::UNKNOWN,
        }
    }

    /// Joins parts of a path; a later absolute part starts anew.
    pub(super) fn join_paths(&mut self, parts: &[Value]) -> Value {
        let mut path = String::new();
        let mut known = false;
        for part in parts {
            let mut text = String::new();
            self.append_text(&mut text, *part);
            known |= text != "{}";
            if text.starts_with('/') || path.is_empty() {
                path = text;
            } else {
                if !path.ends_with(['/', '\\']) {
                    path.push('/');
                }
                path.push_str(&text);
            }
        }
        if !known {
            return Value::UNKNOWN;
        }
        match self.constants.make_text(path) {
            Some(id) => Value::of(Shape::Path(id)),
            None => Value::UNKNOWN,
        }
    }
}
