//! Methods of texts.

use std::rc::Rc;

use foretaste_observe::decode;

use super::builtin::{int, keyword};
use super::call::Keywords;
use super::value::{Dict, Val};
use super::{Eval, Evaluator};

impl Evaluator {
    pub(super) fn text_method(
        &mut self,
        text: &str,
        name: &str,
        args: &[Val],
        keywords: &Keywords,
    ) -> Eval<Option<Val>> {
        let arg = |i: usize| args.get(i).and_then(Val::as_str);
        self.afford(text.len())?;
        Ok(Some(match name {
            "join" => {
                let Some(items) = (match args.first() {
                    Some(items) => self.iterate(items)?,
                    None => None,
                }) else {
                    return Ok(None);
                };
                let mut out = String::new();
                let single = items.len() >= 16;
                let mut all_single = single;
                for (i, item) in items.iter().enumerate() {
                    let Val::Str(part) = item else {
                        return if item.is_unknown() {
                            Ok(Some(Val::Unknown(
                                items.iter().fold(0, |t, v| t | v.trace()),
                            )))
                        } else {
                            self.raise("TypeError")
                        };
                    };
                    if i > 0 {
                        out.push_str(text);
                    }
                    all_single &= part.text.len() <= 4;
                    out.push_str(&part.text);
                    if out.len() > super::MAX_LENGTH {
                        return Err(super::Halt::Stop);
                    }
                }
                self.afford(out.len())?;
                if all_single && text.is_empty() {
                    self.trail("characters");
                }
                Val::str(out)
            }
            "encode" => {
                let codec = arg(0)
                    .or_else(|| keyword(keywords, "encoding").and_then(Val::as_str))
                    .unwrap_or("");
                match encode_text(text, codec) {
                    Some(bytes) => Val::bytes(bytes),
                    None if codec.to_ascii_lowercase().starts_with("rot") => {
                        Val::str(decode::rot13(text))
                    }
                    None => return self.raise("UnicodeEncodeError"),
                }
            }
            "decode" => {
                // Python 2
                let codec = arg(0).unwrap_or("").to_owned();
                return self.decode_bytes(text.as_bytes(), &codec).map(Some);
            }
            "replace" => {
                let (Some(from), Some(to)) = (arg(0), arg(1)) else {
                    return Ok(None);
                };
                if from.is_empty() {
                    return Ok(None);
                }
                let count = args.get(2).and_then(Val::as_int).unwrap_or(-1);
                let made = match usize::try_from(count) {
                    Ok(count) => text.replacen(from, to, count),
                    Err(_) => text.replace(from, to),
                };
                self.afford(made.len())?;
                Val::str(made)
            }
            "strip" | "lstrip" | "rstrip" => {
                let set = arg(0).map(str::to_owned);
                let cut = |c: char| set.as_ref().map_or(c.is_whitespace(), |s| s.contains(c));
                Val::str(match name {
                    "strip" => text.trim_matches(cut),
                    "lstrip" => text.trim_start_matches(cut),
                    _ => text.trim_end_matches(cut),
                })
            }
            "split" | "rsplit" => {
                let limit = args
                    .get(1)
                    .or_else(|| keyword(keywords, "maxsplit"))
                    .and_then(Val::as_int)
                    .and_then(|n| usize::try_from(n).ok());
                let parts: Vec<&str> = match (arg(0), limit, name) {
                    (Some(""), _, _) => return self.raise("ValueError"),
                    (Some(by), Some(n), "split") => text.splitn(n + 1, by).collect(),
                    (Some(by), Some(n), _) => {
                        let mut parts: Vec<&str> = text.rsplitn(n + 1, by).collect();
                        parts.reverse();
                        parts
                    }
                    (Some(by), None, _) => text.split(by).collect(),
                    (None, _, _) if args.first().is_some_and(Val::is_unknown) => return Ok(None),
                    (None, ..) => text.split_whitespace().collect(),
                };
                self.afford(parts.len() * 40)?;
                Val::list(parts.into_iter().map(Val::str).collect())
            }
            "splitlines" => Val::list(text.lines().map(Val::str).collect()),
            "partition" | "rpartition" => {
                let Some(by) = arg(0) else { return Ok(None) };
                let found = if name == "partition" {
                    text.split_once(by)
                } else {
                    text.rsplit_once(by)
                };
                let (a, b, c) = match found {
                    Some((a, c)) => (a, by, c),
                    None => (text, "", ""),
                };
                Val::Tuple([Val::str(a), Val::str(b), Val::str(c)].into())
            }
            "lower" | "casefold" => Val::str(text.to_lowercase()),
            "upper" => Val::str(text.to_uppercase()),
            "swapcase" => Val::str(
                text.chars()
                    .map(|c| {
                        if c.is_lowercase() {
                            c.to_ascii_uppercase()
                        } else {
                            c.to_ascii_lowercase()
                        }
                    })
                    .collect::<String>(),
            ),
            "capitalize" | "title" => {
                let mut start = true;
                Val::str(
                    text.chars()
                        .map(|c| {
                            let made = if start {
                                c.to_ascii_uppercase()
                            } else {
                                c.to_ascii_lowercase()
                            };
                            start = name == "title" && !c.is_alphabetic();
                            made
                        })
                        .collect::<String>(),
                )
            }
            "startswith" | "endswith" => match args.first() {
                Some(Val::Str(part)) => Val::Bool(if name == "startswith" {
                    text.starts_with(&part.text)
                } else {
                    text.ends_with(&part.text)
                }),
                _ => return Ok(None),
            },
            "find" | "index" | "rfind" | "rindex" => {
                let Some(part) = arg(0) else { return Ok(None) };
                if args.len() > 1 {
                    return Ok(None);
                }
                let found = if name.starts_with('r') {
                    text.rfind(part)
                } else {
                    text.find(part)
                };
                match found {
                    Some(at) => int(text.get(..at).map_or(0, |t| t.chars().count())),
                    None if name.ends_with("index") => return self.raise("ValueError"),
                    None => Val::Int(-1),
                }
            }
            "count" => match arg(0) {
                Some("") | None => return Ok(None),
                Some(part) => int(text.matches(part).count()),
            },
            "isdigit" | "isdecimal" | "isnumeric" => {
                Val::Bool(!text.is_empty() && text.chars().all(char::is_numeric))
            }
            "isalpha" => Val::Bool(!text.is_empty() && text.chars().all(char::is_alphabetic)),
            "isalnum" => Val::Bool(!text.is_empty() && text.chars().all(char::is_alphanumeric)),
            "isupper" => Val::Bool(
                text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase),
            ),
            "islower" => Val::Bool(
                text.chars().any(char::is_lowercase) && !text.chars().any(char::is_uppercase),
            ),
            "isspace" => Val::Bool(!text.is_empty() && text.chars().all(char::is_whitespace)),
            "removeprefix" => Val::str(arg(0).and_then(|p| text.strip_prefix(p)).unwrap_or(text)),
            "removesuffix" => Val::str(arg(0).and_then(|p| text.strip_suffix(p)).unwrap_or(text)),
            "zfill" | "ljust" | "rjust" => {
                let width = args
                    .first()
                    .and_then(Val::as_int)
                    .and_then(|n| usize::try_from(n).ok());
                let Some(width) = width.filter(|w| *w < 1 << 20) else {
                    return Ok(None);
                };
                let fill = if name == "zfill" {
                    "0"
                } else {
                    arg(1).unwrap_or(" ")
                };
                let pad = fill.repeat(width.saturating_sub(text.chars().count()));
                Val::str(if name == "ljust" {
                    format!("{text}{pad}")
                } else {
                    format!("{pad}{text}")
                })
            }
            "format" => return self.brace_format(text, args, keywords).map(Some),
            "format_map" => match args.first() {
                Some(Val::Dict(dict)) => {
                    let keywords = dict
                        .borrow()
                        .items
                        .iter()
                        .filter_map(|(k, v)| Some((k.as_str()?.into(), v.clone())))
                        .collect();
                    return self.brace_format(text, &[], &keywords).map(Some);
                }
                _ => return Ok(None),
            },
            "translate" => {
                let Some(Val::Dict(table)) = args.first() else {
                    return Ok(None);
                };
                let table = table.borrow();
                let mut out = String::with_capacity(text.len());
                for c in text.chars() {
                    match table.get(&Val::Int(u32::from(c).into())) {
                        None => out.push(c),
                        Some(Val::Str(to)) => out.push_str(&to.text),
                        Some(Val::None) => {}
                        Some(value) => {
                            let code = value.as_int().and_then(|i| u32::try_from(i).ok());
                            out.extend(code.and_then(char::from_u32));
                        }
                    }
                }
                self.trail("translate");
                Val::str(out)
            }
            "maketrans" => return self.make_translation(args).map(Some),
            _ => return Ok(None),
        }))
    }

    pub(super) fn make_translation(&mut self, args: &[Val]) -> Eval {
        let mut table = Dict::default();
        match args {
            [Val::Dict(dict)] => {
                for (key, value) in dict.borrow().items.clone() {
                    let key = match &key {
                        Val::Str(text) => text
                            .at(0)
                            .map_or(key.clone(), |c| Val::Int(u32::from(c).into())),
                        _ => key,
                    };
                    table.set(key, value);
                }
            }
            [Val::Bytes(from), Val::Bytes(to)] => {
                let mut map: Vec<u8> = (0..=255).collect();
                for (from, to) in from.iter().zip(to.iter()) {
                    if let Some(slot) = map.get_mut(usize::from(*from)) {
                        *slot = *to;
                    }
                }
                return Ok(Val::bytes(map));
            }
            [Val::Str(from), Val::Str(to), rest @ ..] => {
                for (from, to) in from.chars().iter().zip(to.chars()) {
                    table.set(Val::Int(u32::from(*from).into()), Val::str(to.to_string()));
                }
                if let Some(Val::Str(gone)) = rest.first() {
                    for c in gone.chars() {
                        table.set(Val::Int(u32::from(*c).into()), Val::None);
                    }
                }
            }
            _ => return Ok(Val::Unknown(0)),
        }
        Ok(Val::Dict(Rc::new(table.into())))
    }
}

/// A text as bytes of a codec.
fn encode_text(text: &str, codec: &str) -> Option<Vec<u8>> {
    let codec = codec.to_ascii_lowercase().replace(['-', '_'], "");
    Some(match &*codec {
        "" | "utf8" | "utf" | "u8" | "ascii" => text.as_bytes().to_vec(),
        "latin1" | "iso88591" | "l1" | "cp1252" | "charmap" | "windows1252" => text
            .chars()
            .map(|c| u8::try_from(u32::from(c)).ok())
            .collect::<Option<Vec<u8>>>()?,
        "utf16" => [
            &[0xff, 0xfe][..],
            &text
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect::<Vec<_>>(),
        ]
        .concat(),
        "utf16le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf16be" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        _ => return None,
    })
}
