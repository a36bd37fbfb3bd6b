//! Texts of values, and the ways to put values into texts.

use super::value::Val;
use super::{Eval, Evaluator};

impl Evaluator {
    /// `str(value)`
    pub(super) fn display(&self, value: &Val) -> Option<String> {
        match value {
            Val::Str(text) => Some(text.text.clone()),
            other => self.repr(other, 0),
        }
    }

    /// `repr(value)`
    pub(super) fn repr(&self, value: &Val, depth: u32) -> Option<String> {
        if depth > 8 {
            return None;
        }
        let list = |items: &[Val], open: char, close: char| -> Option<String> {
            if items.len() > 200_000 {
                return None;
            }
            let mut out = String::from(open);
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                out.push_str(&self.repr(item, depth + 1)?);
            }
            out.push(close);
            Some(out)
        };
        Some(match value {
            Val::None => "None".to_owned(),
            Val::Ellipsis => "Ellipsis".to_owned(),
            Val::Bool(true) => "True".to_owned(),
            Val::Bool(false) => "False".to_owned(),
            Val::Int(i) => i.to_string(),
            Val::Float(f) if f.fract() == 0.0 && f.abs() < 1e16 => format!("{f:.1}"),
            Val::Float(f) => f.to_string(),
            Val::Str(text) => quoted(&text.text),
            Val::Bytes(bytes) => {
                let mut out = String::from("b'");
                for byte in bytes.iter() {
                    match byte {
                        b'\\' => out.push_str("\\\\"),
                        b'\'' => out.push_str("\\'"),
                        b'\n' => out.push_str("\\n"),
                        b'\r' => out.push_str("\\r"),
                        b'\t' => out.push_str("\\t"),
                        0x20..0x7f => out.push(char::from(*byte)),
                        _ => out.push_str(&format!("\\x{byte:02x}")),
                    }
                }
                out.push('\'');
                out
            }
            Val::List(items) => list(&items.try_borrow().ok()?, '[', ']')?,
            Val::Tuple(items) => list(items, '(', ')')?,
            Val::Dict(dict) => {
                let dict = dict.try_borrow().ok()?;
                let mut out = String::from("{");
                for (i, (key, value)) in dict.items.iter().enumerate() {
                    if i > 0 {
                        out.push_str(", ");
                    }
                    out.push_str(&self.repr(key, depth + 1)?);
                    out.push_str(": ");
                    out.push_str(&self.repr(value, depth + 1)?);
                }
                out.push('}');
                out
            }
            Val::Api(name, _) => crate::printed::printed(name)?,
            _ => return None,
        })
    }

    /// `format(value, spec)`
    pub(super) fn format_value(&self, value: &Val, spec: &str) -> Option<String> {
        if spec.is_empty() {
            return self.display(value);
        }
        let mut spec = spec;
        let mut fill = ' ';
        let mut align = None;
        let mut chars = spec.chars();
        if let (Some(first), Some(second)) = (chars.next(), chars.next())
            && matches!(second, '<' | '>' | '^' | '=')
        {
            fill = first;
            align = Some(second);
            spec = chars.as_str();
        } else if let Some(first @ ('<' | '>' | '^' | '=')) = spec.chars().next() {
            align = Some(first);
            spec = spec.get(1..)?;
        }
        let kind = spec.chars().last().filter(char::is_ascii_alphabetic);
        let mut rest = match kind {
            Some(kind) => spec.strip_suffix(kind)?,
            None => spec,
        };
        rest = rest.trim_start_matches(['+', '-', ' ']);
        let alternate = rest.starts_with('#');
        rest = rest.trim_start_matches('#');
        if rest.starts_with('0') && align.is_none() {
            fill = '0';
            align = Some('>');
        }
        let (width, precision) = rest.split_once('.').unwrap_or((rest, ""));
        let width: usize = if width.is_empty() {
            0
        } else {
            width.replace(',', "").parse().ok()?
        };
        let number = value.as_int();
        let mut text = match (kind, number) {
            (Some('x'), Some(i)) => format!("{}{i:x}", if alternate { "0x" } else { "" }),
            (Some('X'), Some(i)) => format!("{i:X}"),
            (Some('o'), Some(i)) => format!("{i:o}"),
            (Some('b'), Some(i)) => format!("{}{i:b}", if alternate { "0b" } else { "" }),
            (Some('c'), Some(i)) => char::from_u32(u32::try_from(i).ok()?)?.to_string(),
            (Some('d'), Some(i)) => i.to_string(),
            (Some('f'), _) => {
                let f = match value {
                    Val::Float(f) => *f,
                    v => v.as_int()? as f64,
                };
                format!("{f:.*}", precision.parse().unwrap_or(6).min(60))
            }
            (None | Some('s'), _) => self.display(value)?,
            _ => return None,
        };
        let missing = width.min(1 << 16).saturating_sub(text.chars().count());
        if missing > 0 {
            let default = if number.is_some() { '>' } else { '<' };
            let pad = |n: usize| fill.to_string().repeat(n);
            text = match align.unwrap_or(default) {
                '<' => text + &pad(missing),
                '^' => format!("{}{text}{}", pad(missing / 2), pad(missing - missing / 2)),
                _ => pad(missing) + &text,
            };
        }
        Some(text)
    }

    /// `format % values`
    pub(super) fn percent(&mut self, format: &str, values: &Val) -> Eval {
        let items = match values {
            Val::Tuple(items) => items.to_vec(),
            other => vec![other.clone()],
        };
        let unknown = Val::Unknown(values.trace());
        let mut out = String::new();
        let mut next = 0;
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            let mut spec = String::new();
            let mut named = None;
            let kind = loop {
                match chars.next() {
                    Some('(') => {
                        let name: String = chars.by_ref().take_while(|c| *c != ')').collect();
                        named = Some(name);
                    }
                    Some(c) if c.is_ascii_alphabetic() || c == '%' => break c,
                    Some(c) if spec.len() < 16 => spec.push(c),
                    _ => return Ok(unknown),
                }
            };
            if kind == '%' {
                out.push('%');
                continue;
            }
            let value = match (&named, values) {
                (Some(name), Val::Dict(dict)) => dict.borrow().get(&Val::str(name.as_str())),
                _ => {
                    next += 1;
                    items.get(next - 1).cloned()
                }
            };
            let Some(value) = value else {
                return Ok(unknown);
            };
            let shown = match kind {
                'r' => self.repr(&value, 0),
                'c' if value.as_str().is_some() => self.display(&value),
                'i' | 'd' | 'u' => match &value {
                    Val::Float(f) => Some((*f as i128).to_string()),
                    v => self.format_value(v, &format!("{spec}d")),
                },
                's' if spec.is_empty() => self.display(&value),
                kind => self.format_value(&value, &format!("{spec}{kind}")),
            };
            match shown {
                Some(shown) => out.push_str(&shown),
                None => return Ok(unknown),
            }
            self.step()?;
        }
        self.afford(out.len())?;
        Ok(Val::str(out))
    }

    /// `format.format(…)`
    pub(super) fn brace_format(
        &mut self,
        format: &str,
        args: &[Val],
        keywords: &super::call::Keywords,
    ) -> Eval {
        let mut out = String::new();
        let mut next = 0;
        let mut rest = format;
        while let Some(at) = rest.find(['{', '}']) {
            self.step()?;
            out.push_str(rest.get(..at).unwrap_or(""));
            let tail = rest.get(at..).unwrap_or("");
            if tail.starts_with("{{") || tail.starts_with("}}") {
                out.push_str(tail.get(..1).unwrap_or(""));
                rest = tail.get(2..).unwrap_or("");
                continue;
            }
            let Some(end) = tail.find('}') else {
                return self.raise("ValueError");
            };
            let field = tail.get(1..end).unwrap_or("");
            let (path, spec) = field.split_once(':').unwrap_or((field, ""));
            let (path, conversion) = path.split_once('!').unwrap_or((path, ""));
            let head = path.split(['.', '[']).next().unwrap_or("");
            let value = if head.is_empty() {
                next += 1;
                args.get(next - 1).cloned()
            } else if let Ok(index) = head.parse::<usize>() {
                args.get(index).cloned()
            } else {
                super::builtin::keyword(keywords, head).cloned()
            };
            let mut value = value.unwrap_or(Val::Unknown(0));
            let more = path.get(head.len()..).unwrap_or("");
            for part in more.split(['.', '[']).filter(|p| !p.is_empty()) {
                value = match part.strip_suffix(']') {
                    Some(index) => {
                        let key = index
                            .parse::<i64>()
                            .map_or_else(|_| Val::str(index), |i| Val::Int(i.into()));
                        self.item(&value, &key)?
                    }
                    None => self.attribute(&value, part)?,
                };
            }
            let shown = if conversion == "r" {
                self.repr(&value, 0)
            } else {
                self.format_value(&value, spec)
            };
            match shown {
                Some(shown) => out.push_str(&shown),
                None => {
                    let all = args
                        .iter()
                        .chain(keywords.iter().map(|(_, v)| v))
                        .fold(0, |t, v| t | v.trace());
                    return Ok(Val::Unknown(all));
                }
            }
            rest = tail.get(end + 1..).unwrap_or("");
        }
        out.push_str(rest);
        self.afford(out.len())?;
        Ok(Val::str(out))
    }
}

fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}
