//! Byte code without running it: the names and constants of marshalled code objects, of Python 2.7 to 3.14.
//!
//! What comes out is Python text that reads like an inventory: imports, the APIs that the names spell, the constants.
//! It says what the code touches, not in which order.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::table::TABLE;

/// Objects that one stream may hold.
const MAX_OBJECTS: u32 = 200_000;
/// Nesting of objects.
const MAX_DEPTH: u32 = 64;
/// How long an inventory may get.
const MAX_TEXT: usize = 1 << 20;

/// How a version lays out its code objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// 3.11 and later.
    Qualified,
    /// 3.8 to 3.10.
    Positional,
    /// 3.0 to 3.7.
    Three,
    /// 2.x.
    Two,
}

#[derive(Clone, Debug)]
enum Object {
    Other,
    Text(String),
    Bytes(Vec<u8>),
    Many(Vec<Self>),
}

#[derive(Debug, Default)]
struct Found {
    names: BTreeSet<String>,
    texts: Vec<String>,
    payloads: Vec<Vec<u8>>,
    codes: u32,
}

/// An inventory of marshalled code. `None` if it is none.
pub(crate) fn listing(data: &[u8]) -> Option<String> {
    [
        Layout::Qualified,
        Layout::Positional,
        Layout::Three,
        Layout::Two,
    ]
    .into_iter()
    .find_map(|layout| {
        let mut reader = Reader {
            data,
            at: 0,
            layout,
            refs: Vec::new(),
            left: MAX_OBJECTS,
            found: Found::default(),
        };
        reader.object(0)?;
        (reader.found.codes > 0).then(|| inventory(&reader.found))
    })
}

struct Reader<'a> {
    data: &'a [u8],
    at: usize,
    layout: Layout,
    refs: Vec<Object>,
    left: u32,
    found: Found,
}

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.data.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let bytes = self.data.get(self.at..self.at.checked_add(length)?)?;
        self.at += length;
        Some(bytes)
    }

    fn number(&mut self) -> Option<usize> {
        let bytes: [u8; 4] = self.take(4)?.try_into().ok()?;
        usize::try_from(i32::from_le_bytes(bytes)).ok()
    }

    fn object(&mut self, depth: u32) -> Option<Object> {
        self.left = self.left.checked_sub(1)?;
        if depth > MAX_DEPTH {
            return None;
        }
        let kind = self.byte()?;
        let slot = (kind & 0x80 != 0).then(|| {
            self.refs.push(Object::Other);
            self.refs.len() - 1
        });
        let object = match kind & 0x7f {
            b'0' | b'N' | b'F' | b'T' | b'S' | b'.' => Object::Other,
            b'i' => {
                self.take(4)?;
                Object::Other
            }
            b'I' | b'g' => {
                self.take(8)?;
                Object::Other
            }
            b'y' => {
                self.take(16)?;
                Object::Other
            }
            b'f' => {
                let length = usize::from(self.byte()?);
                self.take(length)?;
                Object::Other
            }
            b'l' => {
                let bytes: [u8; 4] = self.take(4)?.try_into().ok()?;
                let digits = usize::try_from(i32::from_le_bytes(bytes).unsigned_abs()).ok()?;
                self.take(digits.checked_mul(2)?)?;
                Object::Other
            }
            b's' => {
                let length = self.number()?;
                Object::Bytes(self.take(length)?.to_vec())
            }
            b't' if self.layout == Layout::Two => {
                let length = self.number()?;
                let text = Object::Bytes(self.take(length)?.to_vec());
                self.refs.push(text.clone());
                text
            }
            b't' | b'u' | b'a' | b'A' => {
                let length = self.number()?;
                Object::Text(String::from_utf8_lossy(self.take(length)?).into_owned())
            }
            b'z' | b'Z' => {
                let length = usize::from(self.byte()?);
                Object::Text(String::from_utf8_lossy(self.take(length)?).into_owned())
            }
            b')' => {
                let count = usize::from(self.byte()?);
                self.many(count, depth)?
            }
            b'(' | b'[' | b'<' | b'>' => {
                let count = self.number()?;
                self.many(count, depth)?
            }
            b':' => self.many(3, depth)?,
            b'{' => {
                let mut items = Vec::new();
                loop {
                    if self.data.get(self.at) == Some(&b'0') {
                        self.at += 1;
                        break Object::Many(items);
                    }
                    items.push(self.object(depth + 1)?);
                    items.push(self.object(depth + 1)?);
                }
            }
            b'r' | b'R' => {
                let index = self.number()?;
                return self.refs.get(index).cloned();
            }
            b'c' => {
                self.code(depth)?;
                Object::Other
            }
            _ => return None,
        };
        if let Some(slot) = slot
            && let Some(place) = self.refs.get_mut(slot)
        {
            *place = object.clone();
        }
        Some(object)
    }

    fn many(&mut self, count: usize, depth: u32) -> Option<Object> {
        if count > self.data.len().saturating_sub(self.at) {
            return None;
        }
        let mut items = Vec::with_capacity(count.min(4096));
        for _ in 0..count {
            items.push(self.object(depth + 1)?);
        }
        Some(Object::Many(items))
    }

    fn code(&mut self, depth: u32) -> Option<()> {
        let numbers = match self.layout {
            Layout::Qualified | Layout::Three => 5,
            Layout::Positional => 6,
            Layout::Two => 4,
        };
        self.take(numbers * 4)?;
        let Object::Bytes(_) = self.object(depth + 1)? else {
            return None;
        };
        let Object::Many(constants) = self.object(depth + 1)? else {
            return None;
        };
        let Object::Many(names) = self.object(depth + 1)? else {
            return None;
        };
        // variables, then: kinds or free and cell variables
        let Object::Many(_) = self.object(depth + 1)? else {
            return None;
        };
        if self.layout == Layout::Qualified {
            let Object::Bytes(_) = self.object(depth + 1)? else {
                return None;
            };
        }
        if self.layout != Layout::Qualified {
            self.object(depth + 1)?;
            self.object(depth + 1)?;
        }
        // file, name, qualified name
        self.object(depth + 1)?;
        self.object(depth + 1)?;
        if self.layout == Layout::Qualified {
            self.object(depth + 1)?;
        }
        self.take(4)?;
        self.object(depth + 1)?;
        if self.layout == Layout::Qualified {
            self.object(depth + 1)?;
        }
        self.found.codes += 1;
        for name in names {
            match name {
                Object::Text(name) => self.found.names.insert(name),
                Object::Bytes(name) => self
                    .found
                    .names
                    .insert(String::from_utf8_lossy(&name).into_owned()),
                _ => false,
            };
        }
        self.keep(constants, 0);
        Some(())
    }

    fn keep(&mut self, constants: Vec<Object>, depth: u32) {
        for constant in constants {
            match constant {
                Object::Text(text) if text.len() >= 3 => self.found.texts.push(text),
                Object::Bytes(bytes) => match String::from_utf8(bytes) {
                    Ok(text) if text.len() >= 3 => self.found.texts.push(text),
                    Ok(_) => {}
                    Err(error) => self.found.payloads.push(error.into_bytes()),
                },
                Object::Many(inner) if depth < 4 => self.keep(inner, depth + 1),
                _ => {}
            }
        }
    }
}

/// The inventory as Python text.
fn inventory(found: &Found) -> String {
    let mut out = String::new();
    let identifier = |n: &str| {
        !n.is_empty()
            && n.len() < 80
            && !n.starts_with(|c: char| c.is_ascii_digit())
            && n.split('.')
                .all(|p| !p.is_empty() && p.chars().all(|c| c.is_alphanumeric() || c == '_'))
    };
    let names: Vec<&str> = found
        .names
        .iter()
        .map(String::as_str)
        .filter(|n| identifier(n))
        .take(4000)
        .collect();
    for module in &names {
        if !TABLE.is_prefix(module) || out.len() > MAX_TEXT {
            continue;
        }
        let apis: Vec<&&str> = names
            .iter()
            .filter(|n| !n.contains('.') && TABLE.get(&format!("{module}.{n}")).is_some())
            .collect();
        if !apis.is_empty() {
            let _ = writeln!(out, "import {module}");
            for api in apis {
                let _ = writeln!(out, "{module}.{api}");
            }
        }
    }
    for name in ["exec", "eval", "compile", "__import__"] {
        if found.names.contains(name) {
            let _ = writeln!(out, "{name}");
        }
    }
    for text in found.texts.iter().take(20_000) {
        if out.len() + text.len() > MAX_TEXT {
            break;
        }
        out.push_str("_ = \"");
        for c in text.chars() {
            match c {
                '"' | '\\' => {
                    out.push('\\');
                    out.push(c);
                }
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\0' => out.push_str("\\0"),
                c => out.push(c),
            }
        }
        out.push_str("\"\n");
    }
    for bytes in found.payloads.iter().take(200) {
        if out.len() + bytes.len() * 4 > MAX_TEXT * 2 {
            break;
        }
        out.push_str("_ = b\"");
        for byte in bytes {
            match byte {
                b'"' | b'\\' => {
                    out.push('\\');
                    out.push(char::from(*byte));
                }
                0x20..0x7f => out.push(char::from(*byte)),
                _ => {
                    let _ = write!(out, "\\x{byte:02x}");
                }
            }
        }
        out.push_str("\"\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `import os; os.system("echo inert")`, compiled by CPython 3.12 and 2.7, by hand.
    fn object(layout: Layout) -> Vec<u8> {
        let text = |s: &str| {
            let mut out = vec![if layout == Layout::Two { b't' } else { b'z' }];
            if layout == Layout::Two {
                out.extend((s.len() as u32).to_le_bytes());
            } else {
                out.push(s.len() as u8);
            }
            out.extend(s.as_bytes());
            out
        };
        let tuple = |items: Vec<Vec<u8>>| {
            let mut out = vec![b'('];
            out.extend((items.len() as u32).to_le_bytes());
            out.extend(items.concat());
            out
        };
        let bytes = vec![b's', 2, 0, 0, 0, 0x97, 0];
        let mut out = vec![0xe3];
        let numbers = if layout == Layout::Two { 4 } else { 5 };
        out.extend(vec![0; numbers * 4]);
        out.extend(&bytes);
        out.extend(tuple(vec![vec![b'N'], text("echo inert")]));
        out.extend(tuple(vec![text("os"), text("system")]));
        out.extend(tuple(vec![]));
        if layout == Layout::Two {
            out.extend(tuple(vec![]));
            out.extend(tuple(vec![]));
        } else {
            out.extend(&bytes);
        }
        out.extend(text("x.py"));
        out.extend(text("<module>"));
        if layout != Layout::Two {
            out.extend(text("<module>"));
        }
        out.extend(1_u32.to_le_bytes());
        out.extend(&bytes);
        if layout != Layout::Two {
            out.extend(&bytes);
        }
        out
    }

    #[test]
    fn streams_are_read_to_their_end() {
        // a tuple of two modules: what the first leaves unread is no object
        for layout in [Layout::Qualified, Layout::Two] {
            let one = object(layout);
            let mut two = vec![b'(', 2, 0, 0, 0];
            two.extend(one.iter().chain(&one));
            assert!(listing(&two).is_some());
        }
    }

    #[test]
    fn names_and_constants_are_listed() {
        for layout in [Layout::Qualified, Layout::Two] {
            let text = listing(&object(layout)).unwrap();
            assert!(text.contains("import os\nos.system\n"), "{text}");
            assert!(text.contains("\"echo inert\""), "{text}");
        }
    }

    proptest! {
        #[test]
        fn hostile_streams_end(mut data in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = listing(&data);
            data.insert(0, 0xe3);
            let _ = listing(&data);
        }
    }
}
