//! Folding of constants: conversions, methods of texts and bytes, slices, joins, formats, paths.

use foretaste_model::Capability;
use foretaste_observe::decode;
use foretaste_observe::taint::{Mark, Origin, SetId};

use super::Interpreter;
use super::builtins::{codec_decode, integer};
use super::call::Arg;
use crate::value::{Shape, TextId, Value};

/// Elements that folding handles.
const MAX_ELEMENTS: usize = 65_536;

impl<'a> Interpreter<'a> {
    /// The text of a value as far as it is known.
    pub(super) fn text_of(&self, value: Value) -> Option<&str> {
        match value.shape {
            Shape::Str(id) | Shape::Template(id) | Shape::Path(id) => Some(self.constants.text(id)),
            Shape::Bytes(id) => std::str::from_utf8(self.constants.bytes(id)).ok(),
            _ => None,
        }
    }

    /// The elements of a value that is a known sequence.
    pub(super) fn sequence(&mut self, value: Value) -> Option<Vec<Value>> {
        match value.shape {
            Shape::List(list) => {
                let elements = self.elements(list);
                (elements.len() <= MAX_ELEMENTS).then(|| elements.to_vec())
            }
            Shape::Str(id) => {
                let text = self.constants.text(id);
                if text.len() > MAX_ELEMENTS {
                    return None;
                }
                let chars: Vec<char> = text.chars().collect();
                Some(
                    chars
                        .into_iter()
                        .map(|c| self.text(c.to_string()).with(value.taint))
                        .collect(),
                )
            }
            Shape::Bytes(id) => {
                let bytes = self.constants.bytes(id);
                (bytes.len() <= MAX_ELEMENTS).then(|| {
                    bytes
                        .iter()
                        .map(|b| Value::of(Shape::Int(i64::from(*b))).with(value.taint))
                        .collect()
                })
            }
            Shape::Dict(dict) => {
                let items = self.dicts.get(dict as usize)?;
                Some(items.iter().map(|(k, _)| *k).collect())
            }
            _ => None,
        }
    }

    /// A method of a known text, bytes, list or dict.
    pub(super) fn fold_method(
        &mut self,
        receiver: Value,
        name: &str,
        args: &[Arg<'a>],
        range: (u32, u32),
    ) -> Option<Value> {
        let first = args.first().map(|a| a.value);
        let mut taint = receiver.taint;
        for arg in args {
            taint = self.union(taint, arg.value.taint);
        }
        let value = match receiver.shape {
            Shape::Str(_) | Shape::Bytes(_) if name == "join" => {
                let joined = self.fold_join(receiver, first?, range);
                taint = self.union(taint, joined.taint);
                joined
            }
            Shape::Str(id) | Shape::Template(id) => {
                let whole = matches!(receiver.shape, Shape::Str(_));
                self.text_method(id, whole, name, args, range)?
            }
            Shape::Bytes(id) => self.bytes_method(id, name, args)?,
            Shape::Dict(dict) => match name {
                "get" | "pop" | "setdefault" | "__getitem__" => {
                    let found = self.dict_item(dict, first?);
                    found.or_else(|| args.get(1).map(|a| Value::tainted(a.value.taint)))?
                }
                "values" => {
                    let values = self
                        .dicts
                        .get(dict as usize)?
                        .iter()
                        .map(|(_, v)| *v)
                        .collect();
                    self.list(values)
                }
                "keys" => {
                    let keys = self
                        .dicts
                        .get(dict as usize)?
                        .iter()
                        .map(|(k, _)| *k)
                        .collect();
                    self.list(keys)
                }
                "items" => {
                    let items = self.dicts.get(dict as usize)?.clone();
                    let pairs = items
                        .into_iter()
                        .map(|(k, v)| self.list(vec![k, v]))
                        .collect();
                    self.list(pairs)
                }
                "copy" => receiver,
                _ => return None,
            },
            Shape::List(_) if name == "copy" => receiver,
            Shape::List(list) if name == "pop" || name == "__getitem__" => {
                let end = Value::of(Shape::Int(-1));
                self.item(Value::of(Shape::List(list)), first.unwrap_or(end), range)
            }
            Shape::Namespace(namespace) if matches!(name, "get" | "__getitem__" | "pop") => {
                let name = self.text_of(first?)?.to_owned();
                self.named_in(namespace, &name)
            }
            Shape::Int(i) if name == "to_bytes" => {
                let length = match first.map(|f| f.shape) {
                    Some(Shape::Int(n)) => usize::try_from(n).ok().filter(|n| *n <= 8)?,
                    _ => return None,
                };
                let little = args.get(1).and_then(|a| self.text_of(a.value)) == Some("little");
                let mut bytes = i.to_be_bytes().get(8 - length..)?.to_vec();
                if little {
                    bytes.reverse();
                }
                self.bytes(bytes)
            }
            _ => return None,
        };
        let taint = self.union(taint, value.taint);
        Some(value.with(taint))
    }

    fn text_method(
        &mut self,
        id: TextId,
        whole: bool,
        name: &str,
        args: &[Arg<'a>],
        range: (u32, u32),
    ) -> Option<Value> {
        let arg = |i: usize| args.get(i).and_then(|a| self.text_of(a.value));
        let text = self.constants.text(id);
        let made: String = match name {
            "encode" if !whole => return Some(Value::of(Shape::Template(id))),
            "encode" => {
                let codec = arg(0).unwrap_or("").to_ascii_lowercase();
                if codec.contains("rot") {
                    return Some({
                        let made = decode::rot13(text);
                        self.text(made)
                    });
                }
                let latin = codec.contains("latin") || codec.contains("8859");
                let bytes = if latin {
                    text.chars()
                        .map(|c| u8::try_from(u32::from(c)).ok())
                        .collect::<Option<Vec<u8>>>()?
                } else if codec.replace(['-', '_'], "").starts_with("utf16") {
                    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
                } else if matches!(
                    &*codec.replace('-', "_"),
                    "base64" | "hex" | "zlib" | "bz2" | "unicode_escape"
                ) {
                    return None;
                } else {
                    text.as_bytes().to_vec()
                };
                return Some(self.bytes(bytes));
            }
            "decode" if whole => {
                // Python 2: texts decode
                let codec = arg(0).unwrap_or("").to_ascii_lowercase();
                let decoded = codec_decode(&codec, text.as_bytes(), false)?;
                let value = match String::from_utf8(decoded) {
                    Ok(text) => self.text(text),
                    Err(error) => self.bytes(error.into_bytes()),
                };
                return Some(value);
            }
            "format" => return Some(self.format(id, args, range)),
            "replace" => text.replace(arg(0)?, arg(1)?),
            "strip" => match arg(0) {
                Some(set) => text.trim_matches(|c| set.contains(c)).to_owned(),
                None => text.trim().to_owned(),
            },
            "lstrip" => match arg(0) {
                Some(set) => text.trim_start_matches(|c| set.contains(c)).to_owned(),
                None => text.trim_start().to_owned(),
            },
            "rstrip" => match arg(0) {
                Some(set) => text.trim_end_matches(|c| set.contains(c)).to_owned(),
                None => text.trim_end().to_owned(),
            },
            "lower" | "casefold" => text.to_lowercase(),
            "upper" => text.to_uppercase(),
            "title" | "capitalize" => {
                let mut chars = text.chars();
                chars
                    .next()
                    .map(|c| {
                        c.to_uppercase()
                            .chain(chars.flat_map(char::to_lowercase))
                            .collect()
                    })
                    .unwrap_or_default()
            }
            "swapcase" => text
                .chars()
                .map(|c| {
                    if c.is_lowercase() {
                        c.to_ascii_uppercase()
                    } else {
                        c.to_ascii_lowercase()
                    }
                })
                .collect(),
            "removeprefix" => text.strip_prefix(arg(0)?).unwrap_or(text).to_owned(),
            "removesuffix" => text.strip_suffix(arg(0)?).unwrap_or(text).to_owned(),
            "expandtabs" | "__str__" => text.to_owned(),
            "split" if whole => {
                let parts: Vec<String> = match arg(0) {
                    Some("") => return None,
                    Some(by) => text
                        .split(by)
                        .take(MAX_ELEMENTS)
                        .map(str::to_owned)
                        .collect(),
                    None => text
                        .split_whitespace()
                        .take(MAX_ELEMENTS)
                        .map(str::to_owned)
                        .collect(),
                };
                let values = parts.into_iter().map(|p| self.text(p)).collect();
                return Some(self.list(values));
            }
            "splitlines" if whole => {
                let parts: Vec<String> =
                    text.lines().take(MAX_ELEMENTS).map(str::to_owned).collect();
                let values = parts.into_iter().map(|p| self.text(p)).collect();
                return Some(self.list(values));
            }
            "translate" if whole => return None,
            _ => return None,
        };
        Some(match self.constants.make_text(made) {
            Some(id) if whole => {
                let value = Value::of(Shape::Str(id));
                self.folded(value, range);
                value
            }
            Some(id) => Value::of(Shape::Template(id)),
            None => Value::UNKNOWN,
        })
    }

    fn bytes_method(&mut self, id: TextId, name: &str, args: &[Arg<'a>]) -> Option<Value> {
        let bytes = self.constants.bytes(id);
        match name {
            "decode" => {
                let codec = args
                    .first()
                    .and_then(|a| self.text_of(a.value))
                    .unwrap_or("")
                    .to_ascii_lowercase();
                let decoded = codec_decode(&codec, bytes, false)?;
                match String::from_utf8(decoded) {
                    Ok(text) => Some(self.text(text)),
                    Err(error) => Some(self.bytes(error.into_bytes())),
                }
            }
            "hex" => {
                let digit = |n: u8| char::from_digit(u32::from(n), 16).unwrap_or('0');
                let text: String = bytes
                    .iter()
                    .flat_map(|b| [digit(b >> 4), digit(b & 15)])
                    .collect();
                Some(self.text(text))
            }
            "strip" => {
                let made = bytes.trim_ascii().to_vec();
                Some(self.bytes(made))
            }
            "replace" => {
                let text = std::str::from_utf8(bytes).ok()?;
                let from = args.first().and_then(|a| self.text_of(a.value))?;
                let to = args.get(1).and_then(|a| self.text_of(a.value))?;
                let made = text.replace(from, to).into_bytes();
                Some(self.bytes(made))
            }
            _ => None,
        }
    }

    /// `separator.join(parts)`
    pub(super) fn fold_join(&mut self, separator: Value, parts: Value, range: (u32, u32)) -> Value {
        let Some(elements) = self.sequence(parts) else {
            return Value::tainted(parts.taint);
        };
        if let Shape::Bytes(separator) = separator.shape {
            let mut out = Vec::new();
            for (i, element) in elements.iter().enumerate() {
                let Shape::Bytes(part) = element.shape else {
                    return Value::tainted(parts.taint);
                };
                if i > 0 {
                    out.extend_from_slice(self.constants.bytes(separator));
                }
                out.extend_from_slice(self.constants.bytes(part));
            }
            return self.bytes(out).with(parts.taint);
        }
        let mut text = String::new();
        let mut whole = true;
        let count = elements.len();
        for (i, element) in elements.into_iter().enumerate() {
            if i > 0 {
                self.append_text(&mut text, separator);
            }
            whole &= self.append_text(&mut text, element);
        }
        let mut taint = parts.taint;
        // (one behind the other they are an alphabet, `''.join(map(chr, range(128)))`)
        let ascends = || text.chars().zip(text.chars().skip(1)).all(|(a, b)| a < b);
        if whole && count >= 8 && text.chars().count() == count && taint.is_empty() && !ascends() {
            // put together character by character: nobody writes that
            taint = self.hidden_text(&text, range);
        }
        self.composed(text, whole, taint, range)
    }

    /// The source mark of a text that was hidden in single characters.
    pub(super) fn hidden_text(&mut self, text: &str, range: (u32, u32)) -> SetId {
        let preview: String = text.chars().take(120).collect();
        let constant = self.constants.make_text(preview).map_or(0, |id| id.0 + 1);
        let api = self.symbols.path("str.join").0;
        self.taints.origin(Origin::Source(Mark {
            capability: Capability::DecodeText,
            api,
            constant,
            range,
        }))
    }

    /// `"…{}…".format(…)`
    fn format(&mut self, format: TextId, args: &[Arg<'a>], range: (u32, u32)) -> Value {
        let format = self.constants.text(format).to_owned();
        let mut taint = SetId::EMPTY;
        for arg in args {
            taint = self.union(taint, arg.value.taint);
        }
        let mut text = String::new();
        let mut whole = true;
        let mut next = 0;
        let mut rest = &*format;
        while let Some(at) = rest.find(['{', '}']) {
            text.push_str(rest.get(..at).unwrap_or(""));
            let tail = rest.get(at..).unwrap_or("");
            if tail.starts_with("{{") || tail.starts_with("}}") {
                text.push_str(tail.get(..1).unwrap_or(""));
                rest = tail.get(2..).unwrap_or("");
                continue;
            }
            let Some(end) = tail.find('}') else {
                break;
            };
            let field = tail.get(1..end).unwrap_or("");
            let name = field.split([':', '!', '.', '[']).next().unwrap_or("");
            let value = if name.is_empty() {
                next += 1;
                args.iter()
                    .filter(|a| a.name.is_none() && !a.spread)
                    .nth(next - 1)
            } else if let Ok(index) = name.parse::<usize>() {
                args.iter()
                    .filter(|a| a.name.is_none() && !a.spread)
                    .nth(index)
            } else {
                args.iter().find(|a| a.name == Some(name))
            };
            let plain = field.len() == name.len();
            match value {
                Some(arg) if plain => whole &= self.append_text(&mut text, arg.value),
                _ => {
                    text.push_str("{}");
                    whole = false;
                }
            }
            rest = tail.get(end + 1..).unwrap_or("");
            if !self.budget.step() {
                break;
            }
        }
        text.push_str(rest);
        self.composed(text, whole, taint, range)
    }

    /// `"…%s…" % values`
    pub(super) fn percent_format(&mut self, format: TextId, values: Value) -> Value {
        let format = self.constants.text(format).to_owned();
        let values = match values.shape {
            Shape::List(list) => self.elements(list).to_vec(),
            _ => vec![values],
        };
        let mut text = String::new();
        let mut whole = true;
        let mut next = 0;
        let mut chars = format.chars().peekable();
        while let Some(c) = chars.next() {
            if c != '%' {
                text.push(c);
                continue;
            }
            if chars.peek() == Some(&'%') {
                chars.next();
                text.push('%');
                continue;
            }
            let mut kind = None;
            let mut plain = true;
            for c in chars.by_ref().take(64) {
                if c.is_ascii_alphabetic() && c != 'l' && c != 'h' {
                    kind = Some(c);
                    break;
                }
                plain = false;
                if c == '(' {
                    // a key of a dict: not followed
                    kind = Some('(');
                    break;
                }
            }
            if kind == Some('(') {
                while let Some(c) = chars.next() {
                    if c == ')' {
                        chars.next();
                        break;
                    }
                }
            }
            let value = values.get(next).copied().unwrap_or(Value::UNKNOWN);
            next += 1;
            match (kind, value.shape) {
                (Some('c'), Shape::Int(i)) if plain => {
                    text.extend(u32::try_from(i).ok().and_then(char::from_u32));
                }
                (Some('s' | 'd' | 'i'), _) if plain => whole &= self.append_text(&mut text, value),
                _ => {
                    text.push_str("{}");
                    whole = false;
                }
            }
        }
        match self.constants.make_text(text) {
            Some(id) if whole => Value::of(Shape::Str(id)),
            Some(id) => Value::of(Shape::Template(id)),
            None => Value::UNKNOWN,
        }
    }

    /// `base[a:b:c]`; bounds are absent, known, or (`Err(true)`) `None`, or (`Err(false)`) unknown.
    pub(super) fn slice(
        &mut self,
        base: Value,
        bounds: [Option<Result<i64, bool>>; 3],
        range: (u32, u32),
    ) -> Value {
        let known: Option<Vec<Option<i64>>> = bounds
            .iter()
            .map(|b| match b {
                None | Some(Err(true)) => Some(None),
                Some(Ok(i)) => Some(Some(*i)),
                Some(Err(false)) => None,
            })
            .collect();
        let Some([lower, upper, step]) = known.as_deref() else {
            return Value::tainted(base.taint);
        };
        let value = match base.shape {
            Shape::Str(id) => {
                let chars: Vec<char> = self.constants.text(id).chars().collect();
                let picked: String = sliced(&chars, *lower, *upper, *step).into_iter().collect();
                let value = self.text(picked);
                self.folded(value, range);
                value
            }
            Shape::Bytes(id) => {
                let picked = sliced(self.constants.bytes(id), *lower, *upper, *step);
                self.bytes(picked)
            }
            Shape::List(list) => {
                let picked = sliced(self.elements(list), *lower, *upper, *step);
                self.list(picked)
            }
            _ => Value::UNKNOWN,
        };
        value.with(base.taint)
    }
}

/// Python's slicing.
fn sliced<T: Copy>(
    items: &[T],
    lower: Option<i64>,
    upper: Option<i64>,
    step: Option<i64>,
) -> Vec<T> {
    let length = integer(items.len());
    let step = step.unwrap_or(1);
    let place = |bound: i64| {
        if bound < 0 {
            bound.saturating_add(length)
        } else {
            bound
        }
    };
    let mut out = Vec::new();
    if step > 0 {
        let mut at = lower.map_or(0, place).clamp(0, length);
        let end = upper.map_or(length, place).clamp(0, length);
        while at < end {
            out.extend(usize::try_from(at).ok().and_then(|i| items.get(i)));
            at = at.saturating_add(step);
        }
    } else if step < 0 {
        let mut at = lower.map_or(length - 1, place).clamp(-1, length - 1);
        let end = upper.map_or(-1, place).clamp(-1, length - 1);
        while at > end {
            out.extend(usize::try_from(at).ok().and_then(|i| items.get(i)));
            at = at.saturating_add(step);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_are_those_of_python() {
        let items = [0, 1, 2, 3, 4];
        assert_eq!(sliced(&items, None, None, Some(-1)), [4, 3, 2, 1, 0]);
        assert_eq!(sliced(&items, Some(-2), None, None), [3, 4]);
        assert_eq!(sliced(&items, Some(1), Some(-1), Some(2)), [1, 3]);
        assert_eq!(sliced(&items, Some(9), Some(0), Some(-2)), [4, 2]);
        assert!(sliced(&items, Some(3), Some(1), None).is_empty());
    }
}
