//! Pickles: what loading one calls, as Python text.
//!
//! A pickle is a program for a small stack machine, and one of its instructions calls any function of any module
//! (`Lib/pickle.py`, "Never unpickle data received from an untrusted source"). The machine is followed here with values that
//! are only named; nothing is imported or called.

mod opcodes;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::rc::Rc;

use foretaste_model::Capability;
use opcodes::{Op, Reader};

use crate::table::TABLE;

/// Instructions that are followed: models of a million objects call the same few functions all along.
const MAX_STEPS: usize = 400_000;
/// Values on the stack and in the memo.
const MAX_VALUES: usize = 100_000;
/// Calls that are written down.
const MAX_CALLS: usize = 200;
/// Bytes of the text.
const MAX_TEXT: usize = 512 << 10;
/// Bytes of one argument's text.
const MAX_ARGUMENT: usize = 128 << 10;
/// Pickles that follow one another in one file, as PyTorch's older format has it.
const MAX_PICKLES: usize = 16;

/// A value on the stack.
#[derive(Clone, Debug)]
enum Value {
    Mark,
    Unknown,
    Text(Rc<str>),
    Bytes(Rc<[u8]>),
    /// A function or class, or what a call gave: the expression that names it.
    Name(Rc<str>),
    Many(Rc<Vec<Self>>),
}

/// How long a header of somebody's own format may be, that stands before a pickle.
const MAX_HEADER: usize = 256;

/// Where in a file of some other format a pickle begins: behind a short header that its loader passes over, in one frame
/// (PEP 3154) or with a call at its start.
pub fn behind_header(bytes: &[u8]) -> Option<usize> {
    let begins = |rest: &[u8]| match rest {
        [0x80, 4..=5, 0x95, frame @ ..] => frame.first_chunk::<8>().is_some_and(|length| {
            usize::try_from(u64::from_le_bytes(*length))
                .is_ok_and(|l| l > 0 && l <= frame.len() - 8)
        }),
        [0x80, 2..=3, b'c', name @ ..] => name.split(|b| *b == b'\n').next().is_some_and(|n| {
            n.len() < 60
                && n.iter()
                    .all(|b| b.is_ascii_alphanumeric() || *b == b'_' || *b == b'.')
        }),
        _ => false,
    };
    let head = bytes.get(..MAX_HEADER.min(bytes.len()))?;
    memchr::memchr_iter(0x80, head)
        .filter(|at| *at > 0)
        .find(|at| bytes.get(*at..).is_some_and(begins))
}

/// What loading a pickle calls, as Python source; none if that is nothing that could harm.
pub(crate) fn listing(bytes: &[u8]) -> Option<String> {
    let start = match bytes.first() {
        Some(0x80) => 0,
        _ => behind_header(bytes).unwrap_or(0),
    };
    let mut machine = Machine::default();
    let mut reader = Reader::new(bytes.get(start..)?);
    let mut pickles = 0;
    for _ in 0..MAX_STEPS {
        let Some(op) = reader.next() else { break };
        if op == Op::Stop {
            pickles += 1;
            machine.stack.clear();
            machine.memo.clear();
            if pickles == MAX_PICKLES {
                break;
            }
        } else if machine.step(op).is_none() {
            break;
        }
    }
    machine.harms.then_some(machine.text)
}

#[derive(Debug, Default)]
struct Machine {
    stack: Vec<Value>,
    memo: HashMap<u32, Value>,
    text: String,
    calls: usize,
    harms: bool,
}

impl Machine {
    /// Follows one instruction; none if the machine would fail, or there is too much of it.
    fn step(&mut self, op: Op<'_>) -> Option<()> {
        if self.stack.len() > MAX_VALUES || self.memo.len() > MAX_VALUES {
            return None;
        }
        match op {
            Op::Mark => self.stack.push(Value::Mark),
            Op::Pop => {
                self.stack.pop()?;
            }
            Op::PopMark => {
                self.above_mark()?;
            }
            Op::Dup => self.stack.push(self.stack.last()?.clone()),
            Op::Text(text) => self.stack.push(text_of(text)),
            Op::Bytes(bytes) => self.stack.push(Value::Bytes(cut(bytes).into())),
            Op::Other => self.stack.push(Value::Unknown),
            Op::Global(module, name) => {
                let name = named(
                    &String::from_utf8_lossy(module),
                    &String::from_utf8_lossy(name),
                );
                self.stack.push(name);
            }
            Op::StackGlobal => {
                let (name, module) = (self.stack.pop()?, self.stack.pop()?);
                self.stack.push(match (module, name) {
                    (Value::Text(module), Value::Text(name)) => named(&module, &name),
                    _ => Value::Unknown,
                });
            }
            Op::Instance(module, name) => {
                let args = self.above_mark()?;
                let name = named(
                    &String::from_utf8_lossy(module),
                    &String::from_utf8_lossy(name),
                );
                self.call(&name, &args);
            }
            Op::Object => {
                let mut args = self.above_mark()?;
                if args.is_empty() {
                    return None;
                }
                let function = args.remove(0);
                self.call(&function, &args);
            }
            Op::Call | Op::CallNamed => {
                if op == Op::CallNamed {
                    self.stack.pop()?;
                }
                let (args, function) = (self.stack.pop()?, self.stack.pop()?);
                let args = match args {
                    Value::Many(items) => Rc::unwrap_or_clone(items),
                    other => vec![other],
                };
                self.call(&function, &args);
            }
            Op::Build | Op::Append => {
                let item = self.stack.pop()?;
                if op == Op::Append {
                    self.put_in(vec![item])?;
                }
            }
            Op::SetItem => {
                let (value, key) = (self.stack.pop()?, self.stack.pop()?);
                self.put_in(vec![key, value])?;
            }
            Op::Appends => {
                let items = self.above_mark()?;
                self.put_in(items)?;
            }
            Op::Tuple | Op::Collection => {
                let items = self.above_mark()?;
                self.stack.push(Value::Many(Rc::new(items)));
            }
            Op::TupleOf(count) => {
                let from = self.stack.len().checked_sub(count)?;
                let items = self.stack.split_off(from);
                self.stack.push(Value::Many(Rc::new(items)));
            }
            Op::Empty => self.stack.push(Value::Many(Rc::default())),
            Op::Put(key) => {
                self.memo.insert(key, self.stack.last()?.clone());
            }
            Op::Memoize => {
                let key = self.memo.len() as u32;
                self.memo.insert(key, self.stack.last()?.clone());
            }
            Op::Get(key) => self.stack.push(self.memo.get(&key)?.clone()),
            Op::Stop | Op::Skip => {}
        }
        Some(())
    }

    fn above_mark(&mut self) -> Option<Vec<Value>> {
        let mark = self.stack.iter().rposition(|v| matches!(v, Value::Mark))?;
        let above = self.stack.split_off(mark + 1);
        self.stack.pop();
        Some(above)
    }

    /// Puts values into the collection on top; what is large stays as it is, a command line has few words.
    fn put_in(&mut self, items: Vec<Value>) -> Option<()> {
        if let Value::Many(known) = self.stack.last_mut()?
            && known.len() + items.len() <= 64
        {
            Rc::make_mut(known).extend(items);
        }
        Some(())
    }

    /// Writes a call down. Its value is a variable of its own.
    fn call(&mut self, function: &Value, args: &[Value]) {
        let Value::Name(name) = function else {
            self.stack.push(Value::Unknown);
            return;
        };
        if self.calls == MAX_CALLS || self.text.len() > MAX_TEXT {
            self.stack.push(Value::Unknown);
            return;
        }
        self.harms |= is_harmful(name);
        self.calls += 1;
        let result = format!("v{}", self.calls);
        if let Some((module, _)) = name.rsplit_once('.')
            && !module.starts_with("builtins")
        {
            let _ = writeln!(self.text, "import {module}");
        }
        let mut line = format!("{result} = {}(", name.trim_start_matches("builtins."));
        for arg in args.iter().take(8) {
            write_value(&mut line, arg, 0);
            line.push_str(", ");
        }
        let _ = writeln!(self.text, "{line})");
        self.stack.push(Value::Name(result.into()));
    }
}

/// Modules with ways to run something that no table of capabilities lists one by one.
const HARMFUL: &[&str] = &[
    "asyncio",
    "bdb",
    "cProfile",
    "code",
    "codeop",
    "commands",
    "ctypes",
    "doctest",
    "idlelib",
    "pdb",
    "pip",
    "profile",
    "pty",
    "pydoc",
    "runpy",
    "subprocess",
    "timeit",
    "trace",
    "venv",
    "webbrowser",
];

/// True for what no data needs to come to life.
pub const fn harms_when_loaded(capability: Capability) -> bool {
    capability.is_execution()
        || capability.is_network_sink()
        || capability.is_network_source()
        || matches!(
            capability,
            Capability::CodeCompile | Capability::FileDelete | Capability::FileWrite
        )
}

fn is_harmful(name: &str) -> bool {
    let module = name.split('.').next().unwrap_or(name);
    HARMFUL.contains(&module)
        || TABLE
            .get(name.trim_start_matches("builtins."))
            .is_some_and(|entry| entry.capabilities.iter().copied().any(harms_when_loaded))
}

/// A function of a module, by the name that a program would use. Anything that is no name is unknown.
fn named(module: &str, name: &str) -> Value {
    let is_path = |text: &str| {
        !text.is_empty()
            && text.len() <= 200
            && text.split('.').all(|part| {
                !part.is_empty()
                    && !part.starts_with(|c: char| c.is_ascii_digit())
                    && part.chars().all(|c| c.is_alphanumeric() || c == '_')
            })
    };
    if !is_path(module) || !is_path(name) {
        return Value::Unknown;
    }
    let module = match module {
        "posix" | "nt" => "os",
        "__builtin__" => "builtins",
        other => other,
    };
    Value::Name(format!("{module}.{name}").into())
}

fn cut(bytes: &[u8]) -> &[u8] {
    bytes.get(..bytes.len().min(MAX_ARGUMENT)).unwrap_or(bytes)
}

fn text_of(bytes: &[u8]) -> Value {
    Value::Text(String::from_utf8_lossy(cut(bytes)).into())
}

/// Writes a value as Python does.
fn write_value(out: &mut String, value: &Value, depth: u8) {
    if out.len() > MAX_TEXT {
        return;
    }
    match value {
        Value::Text(text) => {
            out.push('"');
            for c in text.chars() {
                match c {
                    '"' | '\\' => out.extend(['\\', c]),
                    '\n' => out.push_str("\\n"),
                    '\r' => out.push_str("\\r"),
                    c if c.is_control() => {
                        let _ = write!(out, "\\x{:02x}", u32::from(c) & 0xff);
                    }
                    c => out.push(c),
                }
            }
            out.push('"');
        }
        Value::Bytes(bytes) => {
            out.push_str("b\"");
            for byte in bytes.iter() {
                match byte {
                    b'"' | b'\\' => out.extend(['\\', char::from(*byte)]),
                    b' '..=b'~' => out.push(char::from(*byte)),
                    _ => {
                        let _ = write!(out, "\\x{byte:02x}");
                    }
                }
            }
            out.push('"');
        }
        Value::Name(name) => out.push_str(name.trim_start_matches("builtins.")),
        Value::Many(items) if depth < 4 => {
            out.push('[');
            for item in items.iter() {
                write_value(out, item, depth + 1);
                out.push_str(", ");
            }
            out.push(']');
        }
        Value::Mark | Value::Unknown | Value::Many(_) => out.push_str("None"),
    }
}

#[cfg(test)]
mod tests {
    use super::{behind_header, listing};

    #[test]
    fn a_pickle_behind_a_header_of_another_format_is_read() {
        let mut file = b"MODEL001".to_vec();
        file.extend(b"\x80\x04\x95\x1e\0\0\0\0\0\0\0\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x0aecho inert\x94\x85\x94R\x94.");
        assert_eq!(behind_header(&file), Some(8));
        let text = listing(&file).expect("a command");
        assert!(text.contains("os.system(\"echo inert\""), "{text}");
        file[11] = 0xff;
        assert_eq!(behind_header(&file), None, "no frame is so long");
        assert_eq!(behind_header(b"MODEL001 \x80 and so on"), None);
    }

    #[test]
    fn a_command_is_read_in_every_protocol() {
        let old = b"cos\nsystem\n(S'echo inert'\ntR.";
        let middle = b"\x80\x02cposix\nsystem\nX\x0a\x00\x00\x00echo inert\x85R.";
        let new = b"\x80\x04\x95\x1e\0\0\0\0\0\0\0\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x0aecho inert\x94\x85\x94R\x94.";
        for pickle in [&old[..], middle, new] {
            let text = listing(pickle).expect("a command");
            assert!(text.contains("os.system(\"echo inert\""), "{text}");
        }
    }

    #[test]
    fn what_a_call_gave_is_followed() {
        // eval(bytes.fromhex("41").decode()) in spirit: the second call gets what the first gave
        let pickle =
            b"\x80\x02cbase64\nb64decode\nX\x04\0\0\0QUJD\x85Rq\x000cbuiltins\nexec\nh\x00\x85R.";
        let text = listing(pickle).expect("it executes");
        assert!(text.contains("v1 = base64.b64decode(\"QUJD\", )"), "{text}");
        assert!(text.contains("v2 = exec(v1, )"), "{text}");
    }

    #[test]
    fn models_and_noise_are_silent() {
        let array = b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85X\x01\0\0\0b\x87R.";
        assert_eq!(listing(array), None);
        assert_eq!(listing(b"\x80\x02}q\x00(X\x01\0\0\0aK\x01u."), None);
        for end in 0..array.len() {
            assert_eq!(listing(&array[..end]), None);
        }
        let noise: Vec<u8> = (0..4000_u32).map(|i| (i * 7919 % 251) as u8).collect();
        listing(&noise);
    }
}
