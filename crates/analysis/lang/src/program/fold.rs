//! Works out calls whose arguments are constants: decoders first of all.

use std::fmt::Write as _;
use std::rc::Rc;

use foretaste_observe::decode;

use super::value::{Constant, Item, Value};

/// A value that was worked out, and the decode steps behind it.
#[derive(Debug)]
pub(super) struct Folded {
    pub(super) value: Value,
    pub(super) steps: Vec<&'static str>,
}

/// What a function makes of bytes.
type Decoder = fn(&[u8]) -> Option<Vec<u8>>;

/// Functions that undo an encoding, by their names in all languages, with the word for the step.
const DECODERS: &[(&str, &str, Decoder)] = &[
    ("base64_decode", "base64", decode::base64),
    ("Base64.decode64", "base64", decode::base64),
    ("Base64.strict_decode64", "base64", decode::base64),
    ("Base64.urlsafe_decode64", "base64", decode::base64),
    (
        "encoding/base64.StdEncoding.DecodeString",
        "base64",
        decode::base64,
    ),
    (
        "encoding/base64.RawStdEncoding.DecodeString",
        "base64",
        decode::base64,
    ),
    (
        "encoding/base64.URLEncoding.DecodeString",
        "base64",
        decode::base64,
    ),
    (
        "encoding/base64.RawURLEncoding.DecodeString",
        "base64",
        decode::base64,
    ),
    (
        "encoding/base32.StdEncoding.DecodeString",
        "base32",
        decode::base32,
    ),
    ("hex2bin", "hex", decode::hex),
    ("encoding/hex.DecodeString", "hex", decode::hex),
    ("gzinflate", "zlib", decode::inflate),
    ("gzuncompress", "zlib", decode::inflate),
    ("gzdecode", "gzip", decode::inflate),
    ("zlib_decode", "zlib", decode::inflate),
    ("Zlib.Inflate.inflate", "zlib", decode::inflate),
    ("Zlib.inflate", "zlib", decode::inflate),
    ("Zlib.gunzip", "gzip", decode::inflate),
    ("urldecode", "percent", |t| Some(decode::percent(t))),
    ("rawurldecode", "percent", |t| Some(decode::percent(t))),
    ("CGI.unescape", "percent", |t| Some(decode::percent(t))),
    ("URI.decode_www_form_component", "percent", |t| {
        Some(decode::percent(t))
    }),
    ("net/url.QueryUnescape", "percent", |t| {
        Some(decode::percent(t))
    }),
    ("net/url.PathUnescape", "percent", |t| {
        Some(decode::percent(t))
    }),
    ("str_rot13", "rot13", |t| {
        std::str::from_utf8(t)
            .ok()
            .map(|t| decode::rot13(t).into_bytes())
    }),
    ("strrev", "reverse", |t| {
        Some(t.iter().rev().copied().collect())
    }),
    (".reverse", "reverse", |t| {
        Some(t.iter().rev().copied().collect())
    }),
    (".unhex", "hex", decode::hex),
];

/// Functions that change a text in a plain way.
const PLAIN: &[(&str, Decoder)] = &[
    ("strtolower", |t| Some(t.to_ascii_lowercase())),
    (".downcase", |t| Some(t.to_ascii_lowercase())),
    ("strings.ToLower", |t| Some(t.to_ascii_lowercase())),
    ("strtoupper", |t| Some(t.to_ascii_uppercase())),
    (".upcase", |t| Some(t.to_ascii_uppercase())),
    ("strings.ToUpper", |t| Some(t.to_ascii_uppercase())),
    ("trim", |t| Some(t.trim_ascii().to_vec())),
    ("rtrim", |t| Some(t.trim_ascii_end().to_vec())),
    ("ltrim", |t| Some(t.trim_ascii_start().to_vec())),
    (".strip", |t| Some(t.trim_ascii().to_vec())),
    (".chomp", |t| Some(t.trim_ascii_end().to_vec())),
    ("strings.TrimSpace", |t| Some(t.trim_ascii().to_vec())),
    (".to_s", |t| Some(t.to_vec())),
    (".to_sym", |t| Some(t.to_vec())),
    (".freeze", |t| Some(t.to_vec())),
    (".dup", |t| Some(t.to_vec())),
    (".b", |t| Some(t.to_vec())),
    (".force_encoding", |t| Some(t.to_vec())),
    (".encode", |t| Some(t.to_vec())),
    (".intern", |t| Some(t.to_vec())),
    (".unpack1", |t| Some(t.to_vec())),
    ("stripslashes", |t| {
        Some(t.iter().copied().filter(|b| *b != b'\\').collect())
    }),
    ("string", |t| Some(t.to_vec())),
    ("strval", |t| Some(t.to_vec())),
    ("URI", |t| Some(t.to_vec())),
    ("URI.parse", |t| Some(t.to_vec())),
    ("Shellwords.escape", |t| Some(t.to_vec())),
    // other paths depend on where the program is
    ("File.expand_path", |t| {
        t.starts_with(b"~").then(|| t.to_vec())
    }),
    ("bytes.NewBufferString", |t| Some(t.to_vec())),
    ("strings.NewReader", |t| Some(t.to_vec())),
    ("bytes.NewReader", |t| Some(t.to_vec())),
];

/// The arguments of a call.
type Arguments<'v> = &'v [(Option<Box<str>>, Value)];

/// Works out a call, if it can be. `room` is how many bytes may still be made.
pub(super) fn call(
    name: &str,
    receiver: Option<&Value>,
    arguments: Arguments<'_>,
    room: &mut usize,
) -> Option<Folded> {
    let operand = match receiver {
        Some(receiver) if name.starts_with('.') => receiver,
        _ => &arguments.first()?.1,
    };
    let folded = transformed(name, receiver, operand, arguments).or_else(|| {
        let value = other(name, receiver, operand, arguments)?;
        let mut steps = steps_of(receiver, arguments);
        let spells = matches!(
            name,
            "chr" | ".chr" | ".pack" | "pack" | ".map" | "array_map"
        ) || name == "string" && operand.items.is_some();
        // a line break made from its number hides nothing
        let hides = value
            .bytes()
            .is_none_or(|b| b.iter().any(u8::is_ascii_alphanumeric));
        if spells && hides && !steps.contains(&"chr") {
            steps.push("chr");
        }
        Some(Folded { value, steps })
    })?;
    let length = folded.value.bytes().map_or(0, <[u8]>::len);
    *room = room.checked_sub(length)?;
    Some(folded)
}

/// The steps behind all values of a call.
fn steps_of(receiver: Option<&Value>, arguments: Arguments<'_>) -> Vec<&'static str> {
    let mut steps: Vec<&'static str> = Vec::new();
    for value in receiver.into_iter().chain(arguments.iter().map(|(_, v)| v)) {
        for step in &*value.steps {
            if !steps.contains(step) && steps.len() < 8 {
                steps.push(step);
            }
        }
    }
    steps
}

fn transformed(
    name: &str,
    receiver: Option<&Value>,
    operand: &Value,
    arguments: Arguments<'_>,
) -> Option<Folded> {
    let bytes = operand.bytes()?;
    let mut steps = operand.steps.to_vec();
    let first = arguments.first().and_then(|(_, v)| v.str());
    let unpacks = receiver.is_some() && matches!(name, ".unpack" | ".unpack1");
    if unpacks {
        let format = first.unwrap_or("");
        let decoded = match format.as_bytes().first() {
            Some(b'm') => {
                steps.push("base64");
                decode::base64(bytes)?
            }
            Some(b'H') => {
                steps.push("hex");
                bytes
                    .iter()
                    .map(|b| format!("{b:02x}"))
                    .collect::<String>()
                    .into_bytes()
            }
            Some(b'a' | b'A') => bytes.to_vec(),
            _ => return None,
        };
        let text = Value::text(&decoded);
        let value = if name == ".unpack" {
            Value::list(vec![(None, text)], operand.trails)
        } else {
            text
        };
        return Some(Folded { value, steps });
    }
    if let Some((_, step, decoder)) = DECODERS.iter().find(|(n, _, _)| *n == name) {
        if steps.len() < 8 {
            steps.push(step);
        }
        return Some(Folded {
            value: Value::text(&decoder(bytes)?),
            steps,
        });
    }
    let (_, plain) = PLAIN.iter().find(|(n, _)| *n == name)?;
    Some(Folded {
        value: Value::text(&plain(bytes)?),
        steps,
    })
}

fn other(
    name: &str,
    receiver: Option<&Value>,
    operand: &Value,
    arguments: Arguments<'_>,
) -> Option<Value> {
    let at = |i: usize| arguments.get(i).map(|(_, v)| v);
    let text = |i: usize| at(i).and_then(Value::bytes);
    match name {
        "chr" | ".chr" => Some(Value::text(&[operand.integer()? as u8])),
        "ord" | ".ord" => Some(Value::number(i64::from(*operand.bytes()?.first()?))),
        "string" => bytes_of(operand).map(|b| Value::text(&b)),
        "implode" | "join" => match (at(0)?, at(1)) {
            (glue, Some(list)) if list.items.is_some() => joined(list, glue.bytes()?),
            (list, Some(glue)) if list.items.is_some() => joined(list, glue.bytes()?),
            (list, None) => joined(list, b""),
            _ => None,
        },
        ".join" => joined(receiver?, text(0).unwrap_or(b"")),
        "strings.Join" => joined(at(0)?, text(1)?),
        "path/filepath.Join" | "path.Join" | "File.join" => {
            let parts = arguments
                .iter()
                .take(64)
                .map(|(_, value)| value.said().unwrap_or_else(|| "*".to_owned()));
            let joined = parts.collect::<Vec<_>>().join("/");
            if joined.contains('*') {
                let known_in_part =
                    joined.len() < 400 && joined.contains(|c| !matches!(c, '*' | '/'));
                return known_in_part.then(|| Value {
                    shape: Some(joined.into()),
                    ..Value::default()
                });
            }
            Some(Value::text(joined.as_bytes()))
        }
        ".pack" => packed(receiver?, at(0)?.str()?),
        "pack" => match at(0)?.str()?.as_bytes() {
            [b'H', ..] => decode::hex(text(1)?).map(|b| Value::text(&b)),
            [b'C' | b'c', ..] => {
                let numbers: Option<Vec<u8>> = arguments
                    .iter()
                    .skip(1)
                    .map(|(_, v)| v.integer().map(|n| n as u8))
                    .collect();
                numbers.map(|n| Value::text(&n))
            }
            _ => None,
        },
        ".map" | ".collect" if at(0)?.str() == Some("chr") => {
            let bytes = bytes_of(receiver?)?;
            let items = bytes.iter().map(|b| (None, Value::text(&[*b]))).collect();
            Some(Value::list(items, receiver?.trails))
        }
        "array_map" if at(0)?.str().is_some_and(|f| f.eq_ignore_ascii_case("chr")) => {
            let bytes = bytes_of(at(1)?)?;
            let items = bytes.iter().map(|b| (None, Value::text(&[*b]))).collect();
            Some(Value::list(items, at(1)?.trails))
        }
        ".reverse" | "array_reverse" => {
            let items: Vec<Item> = operand.items.as_ref()?.iter().rev().cloned().collect();
            Some(Value::list(items, operand.trails))
        }
        "str_replace" | "str_ireplace" => {
            let (from, to, subject) = (text(0)?, text(1)?, text(2)?);
            replaced(subject, from, to).map(|t| Value::text(&t))
        }
        "strings.ReplaceAll" | "strings.Replace" => {
            replaced(text(0)?, text(1)?, text(2)?).map(|t| Value::text(&t))
        }
        ".gsub" | ".sub" | ".delete" => {
            let to = text(1).unwrap_or(b"");
            replaced(receiver?.bytes()?, text(0)?, to).map(|t| Value::text(&t))
        }
        "strtr" => Some(Value::text(&translated(text(0)?, text(1)?, text(2)?))),
        ".tr" => Some(Value::text(&translated(
            receiver?.bytes()?,
            text(0)?,
            text(1)?,
        ))),
        "substr" => {
            let subject = text(0)?;
            let from = place(at(1)?.integer()?, subject.len());
            let to = match at(2) {
                Some(length) => {
                    let length = length.integer()?;
                    if length < 0 {
                        place(length, subject.len())
                    } else {
                        from.saturating_add(length as usize).min(subject.len())
                    }
                }
                None => subject.len(),
            };
            Some(Value::text(subject.get(from..to).unwrap_or(b"")))
        }
        "str_repeat" | "strings.Repeat" => {
            let times = usize::try_from(at(1)?.integer()?).ok()?;
            let length = text(0)?.len().checked_mul(times)?;
            (length <= 1 << 20).then(|| Value::text(&text(0).unwrap_or(b"").repeat(times)))
        }
        "sprintf" | "format" | "fmt.Sprintf" => formatted(at(0)?.str()?, arguments.get(1..)?),
        "str_split" => {
            let items = text(0)?;
            (items.len() <= 4_096).then(|| {
                let items = items.iter().map(|b| (None, Value::text(&[*b]))).collect();
                Value::list(items, operand.trails)
            })
        }
        "explode" | "strings.Split" | ".split" => {
            let (subject, by) = match name {
                "explode" => (text(1)?, text(0)?),
                "strings.Split" => (text(0)?, text(1)?),
                _ => (receiver?.bytes()?, text(0)?),
            };
            let (subject, by) = (
                std::str::from_utf8(subject).ok()?,
                std::str::from_utf8(by).ok()?,
            );
            if by.is_empty() {
                return None;
            }
            let items = subject
                .split(by)
                .take(4_096)
                .map(|part| (None, Value::text(part.as_bytes())))
                .collect();
            Some(Value::list(items, operand.trails))
        }
        "intval" | ".to_i" | "hexdec" => {
            let (radix, text) = match name {
                "hexdec" => (16, operand.str()?),
                _ => (10, operand.str()?),
            };
            i64::from_str_radix(text.trim(), radix)
                .ok()
                .map(Value::number)
        }
        _ => None,
    }
}

/// Exclusive or with a key that repeats, as programs write it: as long as the shorter one without repetition.
pub(super) fn xor(text: &[u8], key: &[u8]) -> Option<Value> {
    if text.is_empty() || key.is_empty() {
        return None;
    }
    let bytes: Vec<u8> = text.iter().zip(key).map(|(a, b)| a ^ b).collect();
    Some(Value::text(&bytes))
}

/// The bytes of a text, or of a list of numbers.
fn bytes_of(value: &Value) -> Option<Vec<u8>> {
    match (&value.constant, &value.items) {
        (Some(Constant::Text(text)), _) => Some(text.to_vec()),
        (Some(Constant::Number(number)), _) => {
            let character = u32::try_from(*number).ok().and_then(char::from_u32)?;
            Some(character.to_string().into_bytes())
        }
        (None, Some(items)) => items
            .iter()
            .map(|(_, v)| v.integer().and_then(|n| u8::try_from(n).ok()))
            .collect(),
        _ => None,
    }
}

fn joined(list: &Value, glue: &[u8]) -> Option<Value> {
    let items = list.items.as_ref()?;
    let mut out = Vec::new();
    for (at, (_, item)) in items.iter().enumerate() {
        if at > 0 {
            out.extend_from_slice(glue);
        }
        match &item.constant {
            Some(Constant::Text(text)) => out.extend_from_slice(text),
            Some(Constant::Number(number)) => out.extend_from_slice(number.to_string().as_bytes()),
            None => return None,
        }
        if out.len() > decode::MAX_OUTPUT {
            return None;
        }
    }
    let mut value = Value::text(&out);
    value.steps = Rc::default();
    Some(value)
}

fn packed(list: &Value, format: &str) -> Option<Value> {
    let items = list.items.as_ref()?;
    match format.as_bytes().first()? {
        b'c' | b'C' => bytes_of(list).map(|b| Value::text(&b)),
        b'U' => {
            let text: Option<String> = items
                .iter()
                .map(|(_, v)| u32::try_from(v.integer()?).ok().and_then(char::from_u32))
                .collect();
            text.map(|t| Value::text(t.as_bytes()))
        }
        b'H' => {
            let (_, first) = items.first()?;
            decode::hex(first.bytes()?).map(|b| Value::text(&b))
        }
        b'a' | b'A' => items.first().map(|(_, v)| v.clone()),
        _ => None,
    }
}

fn replaced(subject: &[u8], from: &[u8], to: &[u8]) -> Option<Vec<u8>> {
    if from.is_empty() {
        return None;
    }
    let mut out = Vec::with_capacity(subject.len());
    let mut rest = subject;
    while let Some(at) = memchr::memmem::find(rest, from) {
        out.extend_from_slice(rest.get(..at).unwrap_or(b""));
        out.extend_from_slice(to);
        rest = rest.get(at + from.len()..).unwrap_or(b"");
        if out.len() > decode::MAX_OUTPUT {
            return None;
        }
    }
    out.extend_from_slice(rest);
    Some(out)
}

/// One character for another; `a-z` is a range.
fn translated(subject: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let (from, to) = (expanded(from), expanded(to));
    subject
        .iter()
        .map(|byte| {
            let place = from.iter().position(|f| f == byte);
            place
                .and_then(|p| to.get(p).or(to.last()))
                .copied()
                .unwrap_or(*byte)
        })
        .collect()
}

fn expanded(set: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(byte) = set.get(at) {
        match (set.get(at + 1), set.get(at + 2)) {
            (Some(b'-'), Some(last)) if last >= byte => {
                out.extend(*byte..=*last);
                at += 3;
            }
            _ => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    out
}

/// A place in a text of a length; negative ones count from the end.
fn place(at: i64, length: usize) -> usize {
    if at < 0 {
        length.saturating_sub(at.unsigned_abs() as usize)
    } else {
        (at as usize).min(length)
    }
}

/// `%s`, `%d`, `%v`, `%c` and `%x` of constants; the others make the text unknown.
fn formatted(format: &str, values: Arguments<'_>) -> Option<Value> {
    let mut out = String::new();
    let mut values = values.iter().map(|(_, v)| v);
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        out.push_str(rest.get(..at)?);
        let mut tail = rest.get(at + 1..)?.chars();
        match tail.next()? {
            '%' => out.push('%'),
            's' | 'd' | 'v' | 'i' => out.push_str(&values.next()?.said()?),
            'c' => out.push(char::from_u32(
                u32::try_from(values.next()?.integer()?).ok()?,
            )?),
            'x' => write!(out, "{:x}", values.next()?.integer()?).ok()?,
            _ => return None,
        }
        if out.len() > decode::MAX_OUTPUT {
            return None;
        }
        rest = tail.as_str();
    }
    out.push_str(rest);
    Some(Value::text(out.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fold(name: &str, receiver: Option<&Value>, arguments: &[Value]) -> Option<String> {
        let arguments: Vec<_> = arguments.iter().cloned().map(|v| (None, v)).collect();
        let folded = call(name, receiver, &arguments, &mut 1_000_000)?;
        folded.value.said()
    }

    #[test]
    fn calls_with_constants_are_worked_out() {
        let text = |t: &str| Value::text(t.as_bytes());
        let numbers = |n: &[i64]| {
            Value::list(
                n.iter().map(|n| (None, Value::number(*n))).collect(),
                foretaste_observe::taint::SetId::EMPTY,
            )
        };
        let cases = [
            (fold("base64_decode", None, &[text("aGk=")]), "hi"),
            (fold("strrev", None, &[text("metsys")]), "system"),
            (fold("chr", None, &[Value::number(65)]), "A"),
            (
                fold(".pack", Some(&numbers(&[104, 105])), &[text("c*")]),
                "hi",
            ),
            (fold(".unpack1", Some(&text("aGk=")), &[text("m")]), "hi"),
            (
                fold("str_replace", None, &[text("x"), text(""), text("exvxal")]),
                "eval",
            ),
            (
                fold(".tr", Some(&text("uryyb")), &[text("a-z"), text("n-za-m")]),
                "hello",
            ),
            (
                fold("substr", None, &[text("abcdef"), Value::number(-2)]),
                "ef",
            ),
            (
                fold(
                    "fmt.Sprintf",
                    None,
                    &[text("http://%s/%d"), text("h"), Value::number(1)],
                ),
                "http://h/1",
            ),
            (fold("string", None, &[numbers(&[104, 105])]), "hi"),
            (fold("hexdec", None, &[text("1f")]), "31"),
        ];
        for (found, wanted) in cases {
            assert_eq!(found.as_deref(), Some(wanted));
        }
        assert_eq!(
            fold("substr", None, &[text("a"), Value::number(i64::MIN)]),
            Some("a".to_owned())
        );
        assert_eq!(
            fold("str_repeat", None, &[text("ab"), Value::number(i64::MAX)]),
            None
        );
        assert_eq!(fold("sprintf", None, &[text("%"), text("x")]), None);
    }
}
