//! Python's built-in functions.

use std::rc::Rc;

use super::call::Keywords;
use super::expression::unique;
use super::number::{parse_int, power};
use super::order::sorted;
use super::statement::module_of;
use super::value::{Dict, Env, Val};
use super::{Eval, Evaluator, Halt};

const TYPES: &[&str] = &[
    "bool",
    "bytearray",
    "bytes",
    "dict",
    "float",
    "frozenset",
    "int",
    "list",
    "object",
    "set",
    "str",
    "tuple",
    "type",
];

/// Names of which the meaning is remembered.
const MAX_OUTSIDE: usize = 10_000;

/// True for the names of built-in types.
pub(crate) fn is_type(name: &str) -> bool {
    TYPES.binary_search(&name).is_ok()
}

/// The name of a value's type.
pub(super) const fn type_name(value: &Val) -> &'static str {
    match value {
        Val::None => "NoneType",
        Val::Bool(_) => "bool",
        Val::Int(_) | Val::Big(_) => "int",
        Val::Float(_) => "float",
        Val::Str(_) => "str",
        Val::Bytes(_) => "bytes",
        Val::List(_) => "list",
        Val::Tuple(_) => "tuple",
        Val::Dict(_) | Val::Namespace(_) => "dict",
        Val::Code(_) => "code",
        Val::Function(_) | Val::Bound(_) => "function",
        Val::Class(_) => "type",
        _ => "object",
    }
}

/// What a name means that nothing binds.
fn builtin(name: &str) -> Val {
    match name {
        "__name__" => Val::str("__main__"),
        "__builtins__" | "__builtin__" => Val::api("builtins"),
        "__debug__" => Val::Bool(true),
        "__file__" | "__doc__" | "__spec__" | "__loader__" | "__package__" => Val::Unknown(0),
        "unichr" => Val::api("chr"),
        "xrange" => Val::api("range"),
        "unicode" => Val::api("str"),
        "raw_input" => Val::api("input"),
        "long" => Val::api("int"),
        _ if crate::interpreter::is_builtin(name)
            || is_type(name)
            || matches!(
                name,
                "abs"
                    | "all"
                    | "any"
                    | "breakpoint"
                    | "classmethod"
                    | "complex"
                    | "copyright"
                    | "credits"
                    | "delattr"
                    | "dir"
                    | "divmod"
                    | "exit"
                    | "format"
                    | "hash"
                    | "help"
                    | "license"
                    | "max"
                    | "min"
                    | "next"
                    | "pow"
                    | "property"
                    | "quit"
                    | "round"
                    | "slice"
                    | "staticmethod"
                    | "super"
            )
            || name.ends_with("Error")
            || matches!(
                name,
                "Exception"
                    | "BaseException"
                    | "KeyboardInterrupt"
                    | "SystemExit"
                    | "StopIteration"
            ) =>
        {
            Val::api(name)
        }
        _ => Val::Unknown(0),
    }
}

impl Evaluator {
    /// A name that nothing binds.
    pub(super) fn builtin_named(&mut self, name: &str) -> Val {
        if let Some(known) = self.outside.get(name) {
            return known.clone();
        }
        let value = builtin(name);
        // texts grow in place, so they are made anew
        if matches!(value, Val::Api(..) | Val::Unknown(_))
            && name.len() < 64
            && self.outside.len() < MAX_OUTSIDE
        {
            self.outside.insert(name.into(), value.clone());
        }
        value
    }

    /// Calls a builtin. `None`: it is none.
    pub(super) fn call_builtin(
        &mut self,
        name: &str,
        args: &[Val],
        keywords: &Keywords,
        env: &Rc<Env>,
    ) -> Eval<Option<Val>> {
        if name.contains('.') {
            return Ok(None);
        }
        let first = args.first().cloned().unwrap_or(Val::Unknown(0));
        let second = args.get(1);
        let unknown = Val::Unknown(args.iter().fold(0, |t, a| t | a.trace()));
        let value = match name {
            "exec" | "eval" => return self.run_code(name, args, keywords, env).map(Some),
            "compile" => match first.as_data().and_then(|d| std::str::from_utf8(d).ok()) {
                Some(text) => Val::Code(Rc::new(super::value::Text::new(text.to_owned()))),
                None if matches!(first, Val::Code(_)) => first,
                None => unknown,
            },
            "__import__" => match first.as_str() {
                Some(text) => {
                    let text = text.to_owned();
                    let api: Rc<str> = "__import__".into();
                    if self.nesting == 0 {
                        self.event(&api, args, 0);
                    }
                    let whole = keywords.iter().any(|(n, _)| &**n == "fromlist") || args.len() > 3;
                    let path = if whole {
                        &*text
                    } else {
                        text.split('.').next().unwrap_or(&text)
                    };
                    self.module_named(path)
                }
                None => unknown,
            },
            "getattr" => match second.and_then(Val::as_str) {
                Some(attribute) => {
                    let attribute = attribute.to_owned();
                    self.attribute(&first, &attribute)?
                }
                None => unknown,
            },
            "setattr" => {
                if let (Some(attribute), Some(value)) = (second.and_then(Val::as_str), args.get(2))
                {
                    let attribute = attribute.to_owned();
                    self.set_attribute(&first, &attribute, value.clone());
                }
                Val::None
            }
            "hasattr" => Val::Unknown(0),
            "globals" => Val::Namespace(module_of(env)),
            "locals" => Val::Namespace(Rc::clone(env)),
            "vars" => match &first {
                _ if args.is_empty() => Val::Namespace(Rc::clone(env)),
                Val::Api(path, trace) => Val::Api(format!("{path}.__dict__").into(), *trace),
                _ => unknown,
            },
            "chr" => match first.as_int().and_then(|i| u32::try_from(i).ok()) {
                Some(i) => Val::str(char::from_u32(i).unwrap_or('\u{fffd}').to_string()),
                None => unknown,
            },
            "ord" => match &first {
                Val::Str(text) if text.len() == 1 => text
                    .at(0)
                    .map_or(unknown, |c| Val::Int(u32::from(c).into())),
                Val::Bytes(bytes) => bytes.first().map_or(unknown, |b| Val::Int((*b).into())),
                Val::Str(_) => return self.raise("TypeError"),
                _ => unknown,
            },
            "len" => match &first {
                Val::Str(text) => int(text.len()),
                Val::Bytes(bytes) => int(bytes.len()),
                Val::List(list) => int(list.borrow().len()),
                Val::Tuple(items) => int(items.len()),
                Val::Dict(dict) => int(dict.borrow().items.len()),
                _ => unknown,
            },
            "str" => match (&first, second) {
                _ if args.is_empty() => Val::str(""),
                (Val::Bytes(bytes), Some(codec)) => {
                    let codec = codec.as_str().unwrap_or("").to_owned();
                    let bytes = Rc::clone(bytes);
                    self.decode_bytes(&bytes, &codec)?
                }
                _ => match self.display(&first) {
                    Some(text) => {
                        self.afford(text.len())?;
                        Val::str(text)
                    }
                    None => unknown,
                },
            },
            "repr" | "ascii" => self.repr(&first, 0).map_or(unknown, Val::str),
            "format" => {
                let spec = second.and_then(Val::as_str).unwrap_or("").to_owned();
                self.format_value(&first, &spec).map_or(unknown, Val::str)
            }
            "bytes" | "bytearray" | "memoryview" => match &first {
                _ if args.is_empty() => Val::bytes(Vec::new()),
                Val::Bytes(_) => first,
                Val::Str(text) => Val::bytes(text.text.as_bytes().to_vec()),
                Val::Int(n) => {
                    let n = usize::try_from(*n).unwrap_or(0);
                    self.afford(n)?;
                    Val::bytes(vec![0; n])
                }
                _ => match self.iterate(&first)? {
                    Some(items) => {
                        let bytes: Option<Vec<u8>> = items
                            .iter()
                            .map(|v| v.as_int().and_then(|i| u8::try_from(i).ok()))
                            .collect();
                        if bytes.as_ref().is_some_and(|b| b.len() >= 16) {
                            self.trail("characters");
                        }
                        bytes.map_or(unknown, Val::bytes)
                    }
                    None => unknown,
                },
            },
            "int" => match (&first, second.and_then(Val::as_int)) {
                (Val::Float(f), _) => Val::Int(*f as i128),
                (Val::Int(_) | Val::Big(_), _) => first,
                (Val::Bool(b), _) => Val::Int((*b).into()),
                (Val::Str(_) | Val::Bytes(_), radix) => {
                    let text = first
                        .as_data()
                        .and_then(|d| std::str::from_utf8(d).ok())
                        .unwrap_or("")
                        .trim()
                        .to_owned();
                    return match parse_int(&text, radix) {
                        Some(value) => Ok(Some(value)),
                        None => self.raise("ValueError"),
                    };
                }
                _ if args.is_empty() => Val::Int(0),
                _ => unknown,
            },
            "float" => match &first {
                Val::Float(_) => first,
                Val::Str(text) => text.text.trim().parse().map_or(unknown, Val::Float),
                v => v.as_int().map_or(unknown, |i| Val::Float(i as f64)),
            },
            "bool" => first.truth().map_or(unknown, Val::Bool),
            "hex" | "oct" | "bin" => match first.as_int() {
                Some(i) => {
                    let sign = if i < 0 { "-" } else { "" };
                    let i = i.unsigned_abs();
                    Val::str(match name {
                        "hex" => format!("{sign}0x{i:x}"),
                        "oct" => format!("{sign}0o{i:o}"),
                        _ => format!("{sign}0b{i:b}"),
                    })
                }
                None => match &first {
                    Val::Big(bytes) if name == "hex" => {
                        let text: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
                        Val::str(format!("0x{}", text.trim_start_matches('0')))
                    }
                    _ => unknown,
                },
            },
            "abs" => match &first {
                Val::Float(f) => Val::Float(f.abs()),
                v => v.as_int().map_or(unknown, |i| Val::Int(i.wrapping_abs())),
            },
            "round" => match &first {
                Val::Float(f) => Val::Int(f.round_ties_even() as i128),
                v => v.as_int().map_or(unknown, Val::Int),
            },
            "divmod" => match second {
                Some(by) => {
                    let quotient = self.binary(ruff_python_ast::Operator::FloorDiv, &first, by)?;
                    let rest = self.binary(ruff_python_ast::Operator::Mod, &first, by)?;
                    Val::Tuple([quotient, rest].into())
                }
                None => unknown,
            },
            "pow" => match (
                first.as_int(),
                second.and_then(Val::as_int),
                args.get(2).map(Val::as_int),
            ) {
                (Some(a), Some(b), Some(Some(m))) => power(a, b, m).map_or(unknown, Val::Int),
                (Some(_), Some(_), None) => self.binary(
                    ruff_python_ast::Operator::Pow,
                    &first,
                    second.unwrap_or(&Val::None),
                )?,
                _ => unknown,
            },
            "range" => match self.range(args)? {
                Some(items) => Val::list(items),
                None => unknown,
            },
            "list" | "iter" | "set" | "frozenset" | "tuple" | "sorted" | "reversed"
            | "enumerate" => {
                if args.is_empty() {
                    return Ok(Some(if name == "tuple" {
                        Val::Tuple([].into())
                    } else {
                        Val::list(Vec::new())
                    }));
                }
                let Some(mut items) = self.iterate(&first)? else {
                    return Ok(Some(unknown));
                };
                match name {
                    "tuple" => Val::Tuple(items.into()),
                    "set" | "frozenset" => Val::list(unique(items)),
                    "reversed" => {
                        items.reverse();
                        Val::list(items)
                    }
                    "sorted" => self.sort(items, keywords)?,
                    "enumerate" => {
                        let start = second
                            .or_else(|| keyword(keywords, "start"))
                            .and_then(Val::as_int)
                            .unwrap_or(0);
                        Val::list(
                            items
                                .into_iter()
                                .zip(start..)
                                .map(|(v, i)| Val::Tuple([Val::Int(i), v].into()))
                                .collect(),
                        )
                    }
                    _ => Val::list(items),
                }
            }
            "dict" => {
                let mut dict = Dict::default();
                if let Val::Dict(old) = &first {
                    for (key, value) in old.borrow().items.clone() {
                        dict.set(key, value);
                    }
                } else if let Some(items) = self.iterate(&first)? {
                    for item in items {
                        if let Some(pair) = self.iterate(&item)?
                            && let [key, value] = &pair[..]
                        {
                            dict.set(key.clone(), value.clone());
                        }
                    }
                } else if !args.is_empty() {
                    return Ok(Some(unknown));
                }
                for (name, value) in keywords {
                    dict.set(Val::str(&**name), value.clone());
                }
                Val::Dict(Rc::new(dict.into()))
            }
            "zip" => {
                let mut all = Vec::new();
                for arg in args {
                    match self.iterate(arg)? {
                        Some(items) => all.push(items),
                        None => return Ok(Some(unknown)),
                    }
                }
                let shortest = all.iter().map(Vec::len).min().unwrap_or(0);
                let rows = (0..shortest)
                    .map(|i| Val::Tuple(all.iter().filter_map(|v| v.get(i).cloned()).collect()))
                    .collect();
                self.afford(shortest * 32)?;
                Val::list(rows)
            }
            "map" => {
                let mut all = Vec::new();
                for arg in args.get(1..).unwrap_or(&[]) {
                    match self.iterate(arg)? {
                        Some(items) => all.push(items),
                        None => return Ok(Some(unknown)),
                    }
                }
                let shortest = all.iter().map(Vec::len).min().unwrap_or(0);
                let mut out = Vec::with_capacity(shortest);
                for i in 0..shortest {
                    let row = all.iter().filter_map(|v| v.get(i).cloned()).collect();
                    out.push(self.call(&first, row, Vec::new())?);
                }
                Val::list(out)
            }
            "filter" => {
                let Some(items) = (match second {
                    Some(items) => self.iterate(items)?,
                    None => None,
                }) else {
                    return Ok(Some(unknown));
                };
                let mut out = Vec::new();
                for item in items {
                    let keep = match &first {
                        Val::None => item.truth(),
                        f => self.call(f, vec![item.clone()], Vec::new())?.truth(),
                    };
                    if keep != Some(false) {
                        out.push(item);
                    }
                }
                Val::list(out)
            }
            "sum" => {
                let Some(items) = self.iterate(&first)? else {
                    return Ok(Some(unknown));
                };
                let mut total = second.cloned().unwrap_or(Val::Int(0));
                for item in items {
                    total = self.binary(ruff_python_ast::Operator::Add, &total, &item)?;
                }
                total
            }
            "min" | "max" => {
                let items = if args.len() == 1 {
                    self.iterate(&first)?
                } else {
                    Some(args.to_vec())
                };
                let Some(items) = items else {
                    return Ok(Some(unknown));
                };
                let Val::List(sorted) = self.sort(items, keywords)? else {
                    return Ok(Some(unknown));
                };
                let sorted = sorted.borrow();
                let found = if name == "min" {
                    sorted.first()
                } else {
                    sorted.last()
                };
                found.cloned().unwrap_or(unknown)
            }
            "any" | "all" => {
                let Some(items) = self.iterate(&first)? else {
                    return Ok(Some(unknown));
                };
                let any = name == "any";
                let mut doubt = false;
                for item in &items {
                    match item.truth() {
                        Some(truth) if truth == any => return Ok(Some(Val::Bool(any))),
                        Some(_) => {}
                        None => doubt = true,
                    }
                }
                if doubt { unknown } else { Val::Bool(!any) }
            }
            "isinstance" => match (&first, second) {
                (Val::Unknown(_) | Val::Api(..) | Val::Instance(_), _) => unknown,
                (value, Some(Val::Api(class, _))) if is_type(class) => {
                    let own = type_name(value);
                    Val::Bool(
                        own == &**class
                            || (own == "bool" && &**class == "int")
                            || &**class == "object",
                    )
                }
                _ => Val::Unknown(0),
            },
            "type" if args.len() == 1 => match &first {
                Val::Unknown(_) => unknown,
                Val::Instance(instance) => Val::Class(Rc::clone(&instance.class)),
                value => Val::api(type_name(value)),
            },
            "next" => match &first {
                // an iterator that is a list here: its first element, which is gone afterwards
                Val::List(list) => {
                    let mut list = list.borrow_mut();
                    if list.is_empty() {
                        match second {
                            Some(value) => value.clone(),
                            None => return self.raise("StopIteration"),
                        }
                    } else {
                        list.remove(0)
                    }
                }
                _ => unknown,
            },
            "print" | "exit" | "quit" | "help" | "breakpoint" | "delattr" => Val::None,
            "callable" | "id" | "hash" | "dir" | "object" | "slice" | "super" | "property"
            | "classmethod" | "staticmethod" | "issubclass" => Val::Unknown(0),
            _ if name.ends_with("Error") || name == "Exception" => Val::api(name),
            _ => return Ok(None),
        };
        Ok(Some(value))
    }

    fn range(&mut self, args: &[Val]) -> Eval<Option<Vec<Val>>> {
        let numbers: Option<Vec<i128>> = args.iter().map(Val::as_int).collect();
        let (from, to, step) = match numbers.as_deref() {
            Some([to]) => (0, *to, 1),
            Some([from, to]) => (*from, *to, 1),
            Some([from, to, step]) if *step != 0 => (*from, *to, *step),
            _ => return Ok(None),
        };
        let count = ((to - from + step - step.signum()) / step).max(0);
        if count > 1 << 21 {
            return Ok(None);
        }
        let count = usize::try_from(count).unwrap_or(0);
        self.afford(count * 24)?;
        Ok(Some(
            (0..count as i128)
                .map(|i| Val::Int(from + i * step))
                .collect(),
        ))
    }

    pub(super) fn sort(&mut self, items: Vec<Val>, keywords: &Keywords) -> Eval {
        let by = keyword(keywords, "key")
            .cloned()
            .filter(|k| !matches!(k, Val::None));
        let mut keyed = Vec::with_capacity(items.len());
        for item in items {
            let key = match &by {
                Some(by) => self.call(by, vec![item.clone()], Vec::new())?,
                None => item.clone(),
            };
            keyed.push((key, item));
        }
        if !self.budget.spend(keyed.len() as u64 * 4) {
            return Err(Halt::Stop);
        }
        let trace = keyed.iter().fold(0, |t, (_, item)| t | item.trace());
        let Some(mut keyed) = sorted(keyed) else {
            return Ok(Val::Unknown(trace));
        };
        if keyword(keywords, "reverse").and_then(Val::truth) == Some(true) {
            keyed.reverse();
        }
        Ok(Val::list(keyed.into_iter().map(|(_, v)| v).collect()))
    }
}

pub(super) fn keyword<'k>(keywords: &'k Keywords, name: &str) -> Option<&'k Val> {
    keywords.iter().find(|(n, _)| &**n == name).map(|(_, v)| v)
}

pub(super) fn int(length: usize) -> Val {
    Val::Int(length as i128)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_is_sorted() {
        assert!(super::TYPES.is_sorted());
    }
}
