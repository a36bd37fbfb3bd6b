//! Methods, functions and macros of Rust's libraries that constants are made with.

use std::rc::Rc;

use foretaste_observe::decode;

use super::eval::{Folder, MAX_LENGTH};
use super::syntax::{Expr, Form};
use super::value::{Scope, Value, cut, numbers};

/// Methods that give back what they are called on.
const SAME: &[&str] = &[
    "as_mut",
    "as_ref",
    "as_slice",
    "as_str",
    "borrow",
    "by_ref",
    "clone",
    "cloned",
    "copied",
    "deref",
    "expect",
    "into",
    "into_boxed_str",
    "into_iter",
    "into_owned",
    "into_string",
    "iter",
    "ok",
    "peekable",
    "to_owned",
    "to_string",
    "to_string_lossy",
    "to_vec",
    "try_into",
    "unwrap",
    "unwrap_or",
    "unwrap_or_default",
    "unwrap_or_else",
    "leak",
];

impl Folder<'_> {
    pub(super) fn macro_call(
        &mut self,
        name: &str,
        parts: &[Expr],
        scope: &mut Scope,
    ) -> Option<Value> {
        match name.rsplit('.').next().unwrap_or(name) {
            "format" | "format_args" => {
                let (template, given) = parts.split_first()?;
                let Form::Text(template) = &template.form else {
                    return None;
                };
                self.format(template, given, scope)
            }
            "concat" => {
                let texts: Vec<String> = parts
                    .iter()
                    .map(|p| {
                        self.eval(p, scope)
                            .and_then(|v| v.shown())
                            .unwrap_or_else(|| "{}".to_owned())
                    })
                    .collect();
                self.joined(texts.iter().map(String::as_str))
            }
            "stringify" => match &parts.first()?.form {
                Form::Path(path) => Some(Value::text(path.replace('.', "::"))),
                _ => None,
            },
            _ => None,
        }
    }

    /// `format!`; what is not known keeps its place.
    fn format(&mut self, template: &str, given: &[Expr], scope: &mut Scope) -> Option<Value> {
        self.spend(template.len())?;
        let mut out = String::new();
        let mut rest = template;
        let mut next = given.iter();
        while let Some(at) = rest.find(['{', '}']) {
            out.push_str(rest.get(..at)?);
            let tail = rest.get(at..)?;
            if tail.starts_with("{{") || tail.starts_with("}}") {
                out.push_str(tail.get(..1)?);
                rest = tail.get(2..)?;
                continue;
            }
            let end = tail.find('}').filter(|_| tail.starts_with('{'))?;
            let name = tail.get(1..end)?;
            let (name, how) = name.split_once(':').unwrap_or((name, ""));
            let value = match name {
                "" => next.next().and_then(|e| self.eval(e, scope)),
                name => match name.parse::<usize>() {
                    Ok(at) => given.get(at).and_then(|e| self.eval(e, scope)),
                    Err(_) => self.path(name, scope),
                },
            };
            let shown = value.and_then(|v| v.shown());
            if let Some(shown) = shown.filter(|_| matches!(how, "" | "?")) {
                self.spend(shown.len())?;
                out.push_str(&shown);
            } else {
                out.push('{');
                out.push_str(name);
                out.push('}');
            }
            if out.len() > MAX_LENGTH {
                return None;
            }
            rest = tail.get(end + 1..)?;
        }
        out.push_str(rest);
        Some(Value::text(out))
    }

    /// Functions of libraries, by the end of their paths.
    pub(super) fn known_function(&mut self, path: &str, values: &[Value]) -> Option<Value> {
        let mut parts = path.rsplit('.');
        let name = parts.next()?;
        let of = parts.next().unwrap_or("");
        match (of, name) {
            ("String", "new" | "with_capacity" | "default") => return Some(Value::text("")),
            ("Vec", "new" | "with_capacity" | "default") => return Some(Value::list(Vec::new())),
            _ => {}
        }
        let first = values.first()?;
        self.spend(1)?;
        match (of, name) {
            ("char", "from" | "from_u32") => self.cast(first.clone(), "char"),
            ("String" | "str", "from_utf8" | "from_utf8_lossy" | "from_utf8_unchecked")
            | ("CStr", "from_bytes_with_nul") => {
                let bytes = first.bytes()?;
                self.spend(bytes.len())?;
                self.hid |= matches!(first, Value::List(_));
                String::from_utf8(bytes).ok().map(Value::text)
            }
            (
                "String" | "PathBuf" | "Path" | "OsString" | "OsStr" | "Cow" | "Box" | "Vec" | "Rc"
                | "Arc",
                "from" | "new",
            )
            | ("" | "Some" | "Ok", "Some" | "Ok")
            | (_, "black_box" | "from_str") => Some(first.clone()),
            ("u8" | "u16" | "u32" | "u64" | "usize", "from") => self.cast(first.clone(), of),
            ("String", "from_iter") => self.collected(first.elements()?),
            ("hex", "decode") => {
                self.hid = true;
                decode::hex(first.str()?.as_bytes()).map(|b| Value::list(numbers(&b)))
            }
            ("base64", "decode") => self.base64(first),
            _ => None,
        }
    }

    fn base64(&mut self, value: &Value) -> Option<Value> {
        self.hid = true;
        let text = value.str()?;
        self.spend(text.len())?;
        decode::base64(text.as_bytes()).map(|b| Value::list(numbers(&b)))
    }

    /// Characters and texts become one text, anything else a list.
    fn collected(&mut self, values: Vec<Value>) -> Option<Value> {
        let is_text = values
            .iter()
            .all(|v| matches!(v, Value::Char(_) | Value::Text(_)));
        if values.is_empty() || !is_text {
            return Some(Value::list(values));
        }
        let parts: Vec<String> = values.iter().filter_map(Value::shown).collect();
        self.joined(parts.iter().map(String::as_str))
    }

    pub(super) fn method(
        &mut self,
        of: &Expr,
        name: &str,
        arguments: &[Expr],
        scope: &mut Scope,
    ) -> Option<Value> {
        // `engine::general_purpose::STANDARD.decode(..)`
        if name == "decode"
            && let Form::Path(path) = &of.form
        {
            let meant = self.aliases.get(path).unwrap_or(path).clone();
            if is_alphabet(&meant) {
                let text = self.eval(arguments.first()?, scope)?;
                return if meant.contains("HEX") {
                    self.known_function("hex.decode", &[text])
                } else {
                    self.base64(&text)
                };
            }
        }
        let receiver = self.eval(of, scope)?;
        if matches!(receiver, Value::Function(_)) && name != "into" {
            return None;
        }
        if SAME.contains(&name) {
            return Some(receiver);
        }
        let mut values = Vec::new();
        for argument in arguments {
            let value = self.eval(argument, scope);
            match (value, name) {
                (Some(value), _) => values.push(value),
                // a path or list that grows by something unknown
                (None, "join" | "push" | "push_str") => values.push(Value::text("{}")),
                (None, _) => return None,
            }
        }
        if let Form::Path(variable) = &of.form
            && matches!(
                name,
                "push" | "push_str" | "extend" | "extend_from_slice" | "insert_str" | "reverse"
            )
        {
            let grown = self.grown(&receiver, name, values.first())?;
            scope.insert(variable.clone(), grown);
            return Some(Value::Tuple(Rc::default()));
        }
        self.of_number(&receiver, name, values.first())
            .or_else(|| self.of_text(&receiver, name, &values))
            .or_else(|| self.of_list(&receiver, name, &values))
    }

    fn grown(&mut self, receiver: &Value, name: &str, value: Option<&Value>) -> Option<Value> {
        if name == "reverse" {
            let mut values = receiver.elements()?;
            self.hid = true;
            values.reverse();
            return Some(Value::list(values));
        }
        let value = value?;
        match receiver {
            Value::Text(text) => {
                let more = match value {
                    Value::List(values) => values
                        .iter()
                        .map(Value::shown)
                        .collect::<Option<String>>()?,
                    value => value.shown()?,
                };
                self.joined([&**text, more.as_str()].into_iter())
            }
            Value::List(values) => {
                self.spend(values.len())?;
                let mut values = values.to_vec();
                match name {
                    "push" => values.push(value.clone()),
                    _ => values.extend(value.elements()?),
                }
                Some(Value::list(values))
            }
            _ => None,
        }
    }

    fn of_number(&mut self, receiver: &Value, name: &str, value: Option<&Value>) -> Option<Value> {
        let Value::Number(x, bits) = *receiver else {
            return None;
        };
        if let "to_be_bytes" | "to_le_bytes" | "to_ne_bytes" = name {
            self.hid = true;
            let width = match bits {
                0 if x > 0xffff_ffff => 8,
                0 => 4,
                bits => usize::from(bits / 8),
            };
            let all = x.to_be_bytes();
            let mut bytes = all.get(8 - width..)?.to_vec();
            if name != "to_be_bytes" {
                bytes.reverse();
            }
            return Some(Value::list(numbers(&bytes)));
        }
        if name == "swap_bytes" {
            return match bits {
                32 => Some(Value::Number(i64::from((x as u32).swap_bytes()), 32)),
                16 => Some(Value::Number(i64::from((x as u16).swap_bytes()), 16)),
                _ => None,
            };
        }
        let y = value?.number()?;
        let bits = match (bits, value) {
            (0, Some(Value::Number(_, b))) if *b > 0 => *b,
            (0, _) if x <= 0xff && y <= 0xff => 8,
            (0, _) => 32,
            (bits, _) => bits,
        };
        let turned = |left: bool| {
            let by = u32::try_from(y).ok()?;
            Some(match (bits, left) {
                (8, true) => i64::from((x as u8).rotate_left(by)),
                (8, false) => i64::from((x as u8).rotate_right(by)),
                (32, true) => i64::from((x as u32).rotate_left(by)),
                (32, false) => i64::from((x as u32).rotate_right(by)),
                _ => return None,
            })
        };
        let number = match name {
            "wrapping_add" => x.wrapping_add(y),
            "wrapping_sub" => x.wrapping_sub(y),
            "wrapping_mul" => x.wrapping_mul(y),
            "rotate_left" => turned(true)?,
            "rotate_right" => turned(false)?,
            "pow" => x.checked_pow(u32::try_from(y).ok()?)?,
            "min" => x.min(y),
            "max" => x.max(y),
            "rem_euclid" => x.checked_rem_euclid(y)?,
            "bitxor" => x ^ y,
            _ => return None,
        };
        Some(Value::Number(cut(number, bits), bits))
    }

    fn of_text(&mut self, receiver: &Value, name: &str, values: &[Value]) -> Option<Value> {
        let text = receiver.str()?;
        self.spend(text.len())?;
        Some(match name {
            "chars" => Value::list(text.chars().map(Value::Char).collect()),
            "as_bytes" | "bytes" | "into_bytes" => Value::list(numbers(&receiver.bytes()?)),
            "trim" => Value::text(text.trim()),
            "to_lowercase" | "to_ascii_lowercase" => Value::text(text.to_lowercase()),
            "to_uppercase" | "to_ascii_uppercase" => Value::text(text.to_uppercase()),
            "len" => length(text.len()),
            "replace" => {
                let (from, to) = (values.first()?.shown()?, values.get(1)?.shown()?);
                if from.is_empty() {
                    return None;
                }
                self.hid = true;
                self.spend(text.matches(&*from).count() * to.len())?;
                Value::text(text.replace(&*from, &to))
            }
            "split" => {
                let by = values.first()?.shown()?;
                Value::list(text.split(&*by).map(Value::text).collect())
            }
            "split_whitespace" => Value::list(text.split_whitespace().map(Value::text).collect()),
            "repeat" => {
                let times = usize::try_from(values.first()?.number()?).ok()?;
                self.spend(text.len().checked_mul(times)?)?;
                Value::text(text.repeat(times))
            }
            // of a path
            "join" => {
                let more = values.first()?.shown()?;
                self.joined([text, "/", &more].into_iter())?
            }
            _ => return None,
        })
    }

    fn of_list(&mut self, receiver: &Value, name: &str, values: &[Value]) -> Option<Value> {
        if let ("concat" | "join", Value::List(parts)) = (name, receiver) {
            let between = values.first().and_then(Value::shown).unwrap_or_default();
            let parts: Vec<String> = parts
                .iter()
                .map(|p| match p {
                    Value::Text(_) | Value::Char(_) => p.shown(),
                    _ => p.bytes().and_then(|b| String::from_utf8(b).ok()),
                })
                .collect::<Option<_>>()?;
            let texts = parts.iter().enumerate().flat_map(|(at, part)| {
                [if at == 0 { "" } else { between.as_str() }, part.as_str()]
            });
            return self.joined(texts);
        }
        let elements = receiver.elements()?;
        self.spend(elements.len())?;
        let count = || {
            values
                .first()?
                .number()
                .and_then(|n| usize::try_from(n).ok())
        };
        Some(match name {
            "enumerate" => {
                let pairs = elements.into_iter().enumerate();
                Value::list(
                    pairs
                        .map(|(i, v)| Value::Tuple(Rc::new(vec![length(i), v])))
                        .collect(),
                )
            }
            "map" => {
                let f = values.first()?;
                Value::list(
                    elements
                        .into_iter()
                        .map(|v| self.apply(f, vec![v]))
                        .collect::<Option<_>>()?,
                )
            }
            "filter" | "take_while" => {
                let f = values.first()?;
                let mut kept = Vec::new();
                for value in elements {
                    if self.apply(f, vec![value.clone()])?.number()? != 0 {
                        kept.push(value);
                    } else if name == "take_while" {
                        break;
                    }
                }
                Value::list(kept)
            }
            "flat_map" | "flatten" => {
                let mut all = Vec::new();
                for value in elements {
                    let inner = match values.first() {
                        Some(f) => self.apply(f, vec![value])?,
                        None => value,
                    };
                    all.extend(inner.elements()?);
                    self.spend(all.len())?;
                }
                Value::list(all)
            }
            "fold" => {
                let (mut state, f) = (values.first()?.clone(), values.get(1)?);
                for value in elements {
                    state = self.apply(f, vec![state, value])?;
                }
                state
            }
            "rev" => {
                self.hid = true;
                Value::list(elements.into_iter().rev().collect())
            }
            "cycle" => Value::Cycle(Rc::new(elements)),
            "zip" => {
                let others = match values.first()? {
                    Value::Cycle(values) => {
                        self.spend(elements.len())?;
                        values
                            .iter()
                            .cycle()
                            .take(elements.len())
                            .cloned()
                            .collect()
                    }
                    other => other.elements()?,
                };
                let pairs = elements.into_iter().zip(others);
                Value::list(
                    pairs
                        .map(|(a, b)| Value::Tuple(Rc::new(vec![a, b])))
                        .collect(),
                )
            }
            "skip" => Value::list(elements.into_iter().skip(count()?).collect()),
            "take" => Value::list(elements.into_iter().take(count()?).collect()),
            "step_by" => Value::list(elements.into_iter().step_by(count()?.max(1)).collect()),
            "chunks" | "chunks_exact" => {
                let size = count()?.max(1);
                Value::list(
                    elements
                        .chunks(size)
                        .map(|c| Value::list(c.to_vec()))
                        .collect(),
                )
            }
            "chain" => Value::list(
                elements
                    .into_iter()
                    .chain(values.first()?.elements()?)
                    .collect(),
            ),
            "collect" => self.collected(elements)?,
            "len" | "count" => length(elements.len()),
            "get" | "nth" => elements.get(count()?)?.clone(),
            "first" | "next" => elements.first()?.clone(),
            "last" => elements.last()?.clone(),
            _ => return None,
        })
    }
}

/// Engines of the crates that decode base64 and hex.
fn is_alphabet(path: &str) -> bool {
    const ALPHABETS: &[&str] = &[
        "STANDARD",
        "STANDARD_NO_PAD",
        "URL_SAFE",
        "URL_SAFE_NO_PAD",
        "BASE64_STANDARD",
        "BASE64_STANDARD_NO_PAD",
        "BASE64_URL_SAFE",
        "BASE64",
        "BASE64URL",
        "BASE64_NOPAD",
        "HEXLOWER",
        "HEXUPPER",
        "HEXLOWER_PERMISSIVE",
    ];
    ALPHABETS.contains(&path.rsplit('.').next().unwrap_or(path))
}

/// A length or place as a number.
fn length(length: usize) -> Value {
    Value::Number(i64::try_from(length).unwrap_or(i64::MAX), 64)
}
