//! Builtins and library functions whose meaning the interpreter follows: reflection, imports by name, conversions,
//! decoders of constants, paths.

use foretaste_model::Capability;
use foretaste_model::facts::{Resolution, UseKind};
use foretaste_observe::decode;
use foretaste_observe::taint::{Mark, Origin, SetId};

use super::Interpreter;
use super::call::Arg;
use crate::symbols::{Special, SymId};
use crate::value::{Shape, Value};

/// Names that are there without being bound, as far as anything here knows them.
const BUILTINS: &[&str] = &[
    "__builtins__",
    "__import__",
    "ascii",
    "bin",
    "bytearray",
    "bytes",
    "callable",
    "chr",
    "compile",
    "copyright",
    "credits",
    "dict",
    "enumerate",
    "eval",
    "exec",
    "execfile",
    "file",
    "filter",
    "frozenset",
    "getattr",
    "globals",
    "hasattr",
    "hex",
    "id",
    "input",
    "int",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "license",
    "list",
    "locals",
    "map",
    "memoryview",
    "object",
    "oct",
    "open",
    "ord",
    "print",
    "range",
    "raw_input",
    "reload",
    "repr",
    "reversed",
    "set",
    "setattr",
    "sorted",
    "str",
    "sum",
    "tuple",
    "type",
    "unichr",
    "unicode",
    "vars",
    "xrange",
    "zip",
];

pub(crate) fn is_builtin(name: &str) -> bool {
    BUILTINS.binary_search(&name).is_ok()
}

/// The numbers of the system call `memfd_create`: of x86-64, of x86 and of what was added to Linux later (arm64, RISC-V).
const MEMFD_CREATE: &[i64] = &[319, 356, 279];

impl<'a> Interpreter<'a> {
    /// Calls what the interpreter understands itself. `None`: go on with what the table says.
    pub(super) fn call_special(
        &mut self,
        special: Special,
        sym: SymId,
        callee: Value,
        args: &[Arg<'a>],
        range: (u32, u32),
    ) -> Option<Value> {
        if special == Special::None {
            return None;
        }
        let first = args.first().map_or(Value::UNKNOWN, |a| a.value);
        let second = args.get(1).map_or(Value::UNKNOWN, |a| a.value);
        let mut taint = SetId::EMPTY;
        for arg in args {
            taint = self.union(taint, arg.value.taint);
        }
        Some(match special {
            Special::Getattr => self.getattr(sym, callee, first, second, args, range),
            Special::Import => self.import_by_name(sym, callee, args, range),
            Special::Globals => {
                self.report_use(sym, range, UseKind::Call, callee.via, &[]);
                self.namespace(Value::UNKNOWN)
            }
            Special::Vars => {
                self.report_use(sym, range, UseKind::Call, callee.via, &[]);
                match first.shape {
                    // in an imported module `__builtins__` is the dictionary already, and programs ask which it is
                    Shape::Api(module) if self.symbols.name(module) == "builtins" => first,
                    _ => self.namespace(first),
                }
            }
            Special::Partial => {
                let bound = args
                    .iter()
                    .skip(1)
                    .filter(|a| !a.spread)
                    .map(|a| a.value)
                    .collect();
                self.partials.push((first.via(Resolution::Rebound), bound));
                Value::of(Shape::Partial(self.partials.len() as u32 - 1)).with(taint)
            }
            Special::Attrgetter | Special::Methodcaller => {
                self.report_use(sym, range, UseKind::Call, callee.via, &[first]);
                match (special, first.shape) {
                    (Special::Attrgetter, Shape::Str(name)) => Value::of(Shape::Getter(name)),
                    (_, Shape::Str(name)) => Value::of(Shape::Caller(name)),
                    _ => Value::UNKNOWN,
                }
            }
            Special::Type if args.len() == 1 => match first.shape {
                Shape::Instance(class) => Value::of(Shape::Class(class)),
                _ => Value::UNKNOWN,
            },
            Special::Field => {
                let named = |names: &[&str]| {
                    args.iter()
                        .find(|a| a.name.is_some_and(|n| names.contains(&n)))
                        .map(|a| a.value)
                };
                match named(&["default_factory", "factory"]) {
                    Some(factory) => self.call_values(factory, &[], range),
                    None => named(&["default"]).unwrap_or(Value::UNKNOWN),
                }
            }
            Special::Print | Special::Len | Special::Hex => self.measure(special, first),
            Special::Map => self.map(args, range, taint),
            Special::Listing
            | Special::Reversed
            | Special::Range
            | Special::Zip
            | Special::Sum
            | Special::Dict => self.fold_collection(special, args, taint),
            Special::Chr | Special::Ord | Special::Str | Special::Bytes | Special::Int => {
                self.convert(special, (first, second), taint, range)
            }
            Special::StrJoin => {
                let value = self.fold_join(first, second, range);
                value.with(taint)
            }
            Special::B64
            | Special::B32
            | Special::B16
            | Special::B85
            | Special::A85
            | Special::Inflate
            | Special::CodecsDecode
            | Special::Unquote => {
                return self.decode_constant(special, sym, callee, args, range);
            }
            Special::PathJoin => {
                let parts: Vec<Value> = args.iter().map(|a| a.value).collect();
                let joined = self.join_paths(&parts);
                let value = match joined.shape {
                    Shape::Path(id) if self.constants.text(id).contains("{}") => {
                        Value::of(Shape::Template(id))
                    }
                    Shape::Path(id) => Value::of(Shape::Str(id)),
                    _ => Value::UNKNOWN,
                };
                let taint = self.data_only(taint);
                self.folded(value, range);
                value.with(taint)
            }
            Special::PathSame => {
                if self.symbols.name(sym) == "os.path.expandvars" {
                    return None;
                }
                first.with(taint)
            }
            Special::MemoryFile => self.memory_file(sym, callee, range),
            Special::Syscall => {
                if !matches!(first.shape, Shape::Int(number) if MEMFD_CREATE.contains(&number)) {
                    return None;
                }
                let named = self.symbols.path("os.memfd_create");
                self.memory_file(named, callee, range)
            }
            // an address in the form that a library wants
            Special::Account => first.with(taint),
            Special::Pbkdf2 if self.makes_wallet_seed(args) => {
                self.report_use(sym, range, UseKind::Call, callee.via, &[]);
                let seed = self.begins(Capability::Wallet, sym, range);
                Value::tainted(self.union(taint, seed))
            }
            Special::PathClass => {
                let parts: Vec<Value> = args
                    .iter()
                    .filter(|a| a.name.is_none())
                    .map(|a| a.value)
                    .collect();
                let joined = self.join_paths(&parts);
                let taint = self.data_only(taint);
                if let Shape::Path(_) = joined.shape {
                    joined.with(taint)
                } else {
                    let kind = self.symbols.path("pathlib.Path");
                    Value::of(Shape::Object(kind)).with(taint)
                }
            }
            Special::Request => {
                // a request is its address, with whatever it carries
                let taint = self.data_only(taint);
                let url = args.iter().find(|a| a.name == Some("url")).map_or(
                    if self.symbols.name(sym).starts_with("urllib") {
                        first
                    } else {
                        second
                    },
                    |a| a.value,
                );
                self.prepare(sym, url, taint, range);
                match url.shape {
                    Shape::Str(id) | Shape::Template(id) => {
                        Value::of(Shape::Template(id)).with(taint)
                    }
                    _ => Value::of(Shape::Object(sym)).with(taint),
                }
            }
            Special::Eval => {
                // `eval("name")`: the name's value, reported like any other evaluation
                let name = self.text_of(first).map(str::to_owned)?;
                if !matches!(name_shape(name.trim()), NameShape::Plain) {
                    return None;
                }
                let value = self.find(name.trim())?;
                self.report_use(sym, range, UseKind::Call, callee.via, &[first]);
                value.via(Resolution::Reflected)
            }
            Special::Setattr => {
                if let (Shape::Instance(_), Shape::Str(_)) = (first.shape, second.shape) {
                    return Some(Value::UNKNOWN);
                }
                if let (Shape::Api(base), Some(name)) =
                    (first.shape, self.text_of(second).map(str::to_owned))
                {
                    let target = self.symbols.child(base, &name);
                    self.report_use(target, range, UseKind::Write, Resolution::Reflected, &[]);
                    if let Some(value) = args.get(2) {
                        self.intercept(target, value.value, range);
                    }
                }
                return None;
            }
            _ => return None,
        })
    }

    fn measure(&self, special: Special, first: Value) -> Value {
        match (special, first.shape) {
            (Special::Len, Shape::Str(id)) => {
                Value::of(Shape::Int(integer(self.constants.text(id).chars().count())))
            }
            (Special::Len, Shape::Bytes(id)) => {
                Value::of(Shape::Int(integer(self.constants.bytes(id).len())))
            }
            (Special::Len, Shape::List(id)) => {
                Value::of(Shape::Int(integer(self.elements(id).len())))
            }
            _ => Value::UNKNOWN,
        }
    }

    fn getattr(
        &mut self,
        sym: SymId,
        callee: Value,
        object: Value,
        name: Value,
        args: &[Arg<'a>],
        range: (u32, u32),
    ) -> Value {
        let default = args.get(2).map_or(Value::UNKNOWN, |a| a.value);
        match self.text_of(name).map(str::to_owned) {
            Some(name) if matches!(name_shape(&name), NameShape::Plain) => {
                let mut found = self.attribute_named(object, &name);
                if self.kept_name == Some(range) && object.via == Resolution::Direct {
                    found = found.via(Resolution::Direct);
                }
                if let Shape::Api(target) = found.shape
                    && self.symbols.entry(target).is_some()
                {
                    // named now, called or passed on later
                    return self.read_api(target, range, found);
                }
                self.join(default, found)
            }
            _ => {
                // a computed name on a module: which of its functions is unknown
                if let Shape::Api(base) = object.shape
                    && self.symbols.is_known(base)
                {
                    self.hidden = true;
                    let capabilities = &[Capability::CodeReflect];
                    self.report(sym, capabilities, range, UseKind::Call, callee.via, &[]);
                }
                let taint = self.union(object.taint, default.taint);
                Value::tainted(taint)
            }
        }
    }

    fn import_by_name(
        &mut self,
        sym: SymId,
        callee: Value,
        args: &[Arg<'a>],
        range: (u32, u32),
    ) -> Value {
        let name = args
            .iter()
            .find(|a| a.name.is_none() || a.name == Some("name"))
            .map_or(Value::UNKNOWN, |a| a.value);
        let values: Vec<Value> = args.iter().map(|a| a.value).collect();
        self.report_use(sym, range, UseKind::Call, callee.via, &values);
        self.external_call(sym);
        if let Some(text) = self.text_of(name).map(str::to_owned)
            && !text.contains("{}")
            && !text.is_empty()
            && text.len() < 256
        {
            if !self.frame.again {
                self.facts.import(&text, Vec::new(), range, self.frame.fact);
            }
            let mark = Mark {
                capability: Capability::CodeImport,
                api: sym.0,
                constant: 0,
                range,
            };
            self.used(name, mark);
            let whole = self.symbols.name(sym) != "__import__"
                || args.len() > 3
                || args.iter().any(|a| a.name == Some("fromlist"));
            let path = if whole {
                &*text
            } else {
                text.split('.').next().unwrap_or(&text)
            };
            return Value::of(Shape::Api(self.symbols.path(path))).via(Resolution::Reflected);
        }
        let constant = match name.shape {
            Shape::Template(id) => id.0 + 1,
            _ => 0,
        };
        let mark = Mark {
            capability: Capability::CodeImport,
            api: sym.0,
            constant,
            range,
        };
        self.used(name, mark);
        self.arrive(name.taint, mark, self.frame.fact);
        self.hidden = true;
        Value::tainted(name.taint)
    }

    /// `map(f, xs)`
    fn map(&mut self, args: &[Arg<'a>], range: (u32, u32), taint: SetId) -> Value {
        let function = args.first().map_or(Value::UNKNOWN, |a| a.value);
        let source = args.get(1).map_or(Value::UNKNOWN, |a| a.value);
        if args.len() == 2
            && let Some(elements) = self.sequence(source)
            && elements.len() <= 65_536
            && self.calls < 20
        {
            self.calls += 1;
            let mut values = Vec::with_capacity(elements.len());
            for element in elements {
                let value = self.call_values(function, &[element], range);
                if !value.shape.is_telling() && values.len() > 8 || !self.budget.step() {
                    self.calls -= 1;
                    return Value::tainted(taint);
                }
                values.push(value);
            }
            self.calls -= 1;
            return self.list(values);
        }
        if self.calls < 20 {
            self.calls += 1;
            let value = self.call_values(function, &[Value::tainted(source.taint)], range);
            self.calls -= 1;
            let taint = self.union(taint, value.taint);
            return Value::tainted(taint);
        }
        Value::tainted(taint)
    }

    /// A decoder of a constant: what it gives is known.
    fn decode_constant(
        &mut self,
        special: Special,
        sym: SymId,
        callee: Value,
        args: &[Arg<'a>],
        range: (u32, u32),
    ) -> Option<Value> {
        let input = args.first()?.value;
        let data: Vec<u8> = match input.shape {
            Shape::Str(id) => self.constants.text(id).as_bytes().to_vec(),
            Shape::Bytes(id) => self.constants.bytes(id).to_vec(),
            _ => return None,
        };
        let codec = args
            .get(1)
            .and_then(|a| self.text_of(a.value))
            .unwrap_or("")
            .to_ascii_lowercase();
        let decoded: Option<Vec<u8>> = match special {
            Special::B64 => decode::base64(&data),
            Special::B32 => decode::base32(&data),
            Special::B16 => decode::hex(&data),
            Special::B85 => decode::base85(&data),
            Special::A85 => decode::ascii85(&data),
            Special::Inflate => decode::inflate(&data),
            Special::Unquote => Some(decode::percent(&data)),
            Special::CodecsDecode => {
                codec_decode(&codec, &data, self.symbols.name(sym) == "codecs.encode")
            }
            _ => None,
        };
        let entry = self.symbols.entry(sym)?;
        let encodes = special == Special::CodecsDecode
            && self.symbols.name(sym) == "codecs.encode"
            && !codec.contains("rot");
        if encodes {
            return None;
        }
        let decoded = decoded?;
        self.report_use(sym, range, UseKind::Call, callee.via, &[input]);
        let capability = match entry.capability() {
            Some(capability) if capability.is_decoder() => capability,
            _ => Capability::DecodeText,
        };
        let constant = if let Shape::Str(id) = input.shape {
            id.0 + 1
        } else {
            let text = foretaste_observe::literal::escaped(&data, 120);
            self.constants.make_text(text).map_or(0, |id| id.0 + 1)
        };
        let mark = Mark {
            capability,
            api: sym.0,
            constant,
            range,
        };
        // a short constant hides a name, a long one a payload: both are followed
        let taint = if input.taint.is_empty() {
            self.taints.origin(Origin::Source(mark))
        } else {
            self.taints.transform(input.taint, mark)
        };
        let text = matches!(special, Special::Unquote)
            || (special == Special::CodecsDecode
                && !codec.contains("hex")
                && !codec.contains("base64")
                && !codec.contains("zlib"));
        let value = match String::from_utf8(decoded) {
            Ok(decoded) if text => self.text(decoded),
            Ok(decoded) => self.bytes(decoded.into_bytes()),
            Err(error) => self.bytes(error.into_bytes()),
        };
        self.folded(value, range);
        Some(value.with(taint))
    }
}

/// A length as Python's integers have it.
pub(super) fn integer(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// `codecs.decode(data, codec)`, and `codecs.encode` for codecs that are their own inverse.
pub(crate) fn codec_decode(codec: &str, data: &[u8], encode: bool) -> Option<Vec<u8>> {
    let codec = codec.replace('-', "_");
    match &*codec {
        "rot13" | "rot_13" => Some(decode::rot13(std::str::from_utf8(data).ok()?).into_bytes()),
        _ if encode => None,
        "hex" | "hex_codec" => decode::hex(data),
        "base64" | "base64_codec" => decode::base64(data),
        "zlib" | "zlib_codec" | "zip" => decode::inflate(data),
        "unicode_escape" | "string_escape" | "raw_unicode_escape" => {
            Some(decode::unescape(std::str::from_utf8(data).ok()?).into_bytes())
        }
        "" | "utf_8" | "utf8" | "ascii" | "u8" => Some(data.to_vec()),
        "latin_1" | "latin1" | "iso_8859_1" | "cp1252" => Some(
            data.iter()
                .map(|b| char::from(*b))
                .collect::<String>()
                .into_bytes(),
        ),
        "utf_16" | "utf_16_le" | "utf_16le" => {
            let units: Vec<u16> = data
                .chunks_exact(2)
                .map(|c| {
                    u16::from_le_bytes([
                        c.first().copied().unwrap_or(0),
                        c.get(1).copied().unwrap_or(0),
                    ])
                })
                .collect();
            Some(
                String::from_utf16_lossy(&units)
                    .trim_start_matches('\u{feff}')
                    .as_bytes()
                    .to_vec(),
            )
        }
        _ => None,
    }
}

enum NameShape {
    Plain,
    Odd,
}

fn name_shape(name: &str) -> NameShape {
    let plain = !name.is_empty()
        && name.len() <= 128
        && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if plain {
        NameShape::Plain
    } else {
        NameShape::Odd
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_is_sorted() {
        assert!(super::BUILTINS.is_sorted());
    }
}
