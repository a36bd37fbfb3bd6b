//! Methods of Python's own types.

use std::rc::Rc;

use foretaste_observe::decode;

use super::builtin::{int, keyword};
use super::call::Keywords;
use super::value::{Dict, Val};
use super::{Eval, Evaluator};

impl Evaluator {
    pub(super) fn call_method(
        &mut self,
        base: &Val,
        name: &str,
        args: &[Val],
        keywords: &Keywords,
    ) -> Eval {
        let unknown = Val::Unknown(args.iter().fold(base.trace(), |t, a| t | a.trace()));
        let made = match base {
            Val::Str(text) => {
                let text = Rc::clone(text);
                self.text_method(&text.text, name, args, keywords)?
            }
            Val::Bytes(bytes) => {
                let bytes = Rc::clone(bytes);
                self.bytes_method(&bytes, name, args)?
            }
            Val::List(list) => {
                let list = Rc::clone(list);
                self.list_method(&list, name, args, keywords)?
            }
            Val::Tuple(items) => match name {
                "index" | "count" => {
                    let list = Rc::new(std::cell::RefCell::new(items.to_vec()));
                    self.list_method(&list, name, args, keywords)?
                }
                _ => None,
            },
            Val::Dict(dict) => {
                let dict = Rc::clone(dict);
                self.dict_method(&dict, name, args, keywords)?
            }
            Val::Namespace(env) => match (name, args.first()) {
                ("get" | "__getitem__" | "pop" | "setdefault", Some(Val::Str(key))) => {
                    Some(match env.get_own(&key.text) {
                        Some(value) => value,
                        None => match self.builtin_named(&key.text) {
                            Val::Unknown(_) => args.get(1).cloned().unwrap_or(Val::Unknown(0)),
                            value => value,
                        },
                    })
                }
                ("update", Some(Val::Dict(dict))) => {
                    for (key, value) in &dict.borrow().items {
                        if let Val::Str(name) = key {
                            env.set_own(&name.text, value.clone());
                        }
                    }
                    Some(Val::None)
                }
                ("__setitem__", Some(Val::Str(key))) => {
                    if let Some(value) = args.get(1) {
                        env.set_own(&key.text, value.clone());
                    }
                    Some(Val::None)
                }
                _ => None,
            },
            Val::Int(_) | Val::Big(_) | Val::Bool(_) => {
                self.int_method(base, name, args, keywords)?
            }
            Val::Partial(partial) => {
                let partial = Rc::clone(partial);
                self.cipher_method(&partial, name, args)?
            }
            _ => None,
        };
        if let Some(made) = made {
            return Ok(made);
        }
        // operators by their names: `"a".__add__("b")`
        use ruff_python_ast::Operator as O;
        let op = match name {
            "__add__" => O::Add,
            "__sub__" => O::Sub,
            "__mul__" => O::Mult,
            "__mod__" => O::Mod,
            "__xor__" => O::BitXor,
            "__and__" => O::BitAnd,
            "__or__" => O::BitOr,
            "__floordiv__" => O::FloorDiv,
            "__lshift__" => O::LShift,
            "__rshift__" => O::RShift,
            "__getitem__" => {
                return match args.first() {
                    Some(key) => self.item(base, key),
                    None => Ok(unknown),
                };
            }
            "__len__" => {
                let items = self.iterate(base)?;
                return Ok(items.map_or(unknown, |i| int(i.len())));
            }
            "__str__" => return Ok(self.display(base).map_or(unknown, Val::str)),
            "__repr__" => return Ok(self.repr(base, 0).map_or(unknown, Val::str)),
            _ => return Ok(unknown),
        };
        match args.first() {
            Some(other) => self.binary(op, base, other),
            None => Ok(unknown),
        }
    }

    fn bytes_method(&mut self, bytes: &[u8], name: &str, args: &[Val]) -> Eval<Option<Val>> {
        self.afford(bytes.len())?;
        let data = |i: usize| match args.get(i) {
            Some(Val::Bytes(b)) => Some(b.to_vec()),
            _ => None,
        };
        Ok(Some(match name {
            "decode" => {
                let codec = args.first().and_then(Val::as_str).unwrap_or("").to_owned();
                return self.decode_bytes(bytes, &codec).map(Some);
            }
            "hex" => Val::str(bytes.iter().map(|b| format!("{b:02x}")).collect::<String>()),
            "join" => {
                let Some(items) = (match args.first() {
                    Some(items) => self.iterate(items)?,
                    None => None,
                }) else {
                    return Ok(None);
                };
                let parts: Option<Vec<&[u8]>> = items.iter().map(Val::as_data).collect();
                match parts {
                    Some(parts) => {
                        let made = parts.join(bytes);
                        self.afford(made.len())?;
                        Val::bytes(made)
                    }
                    None => return Ok(None),
                }
            }
            "strip" | "lstrip" | "rstrip" => {
                let set = data(0).unwrap_or_else(|| b" \t\r\n\x0b\x0c".to_vec());
                let mut rest = bytes;
                if name != "rstrip" {
                    while let [first, tail @ ..] = rest
                        && set.contains(first)
                    {
                        rest = tail;
                    }
                }
                if name != "lstrip" {
                    while let [head @ .., last] = rest
                        && set.contains(last)
                    {
                        rest = head;
                    }
                }
                Val::bytes(rest.to_vec())
            }
            "replace" => {
                let (Some(from), Some(to)) = (data(0), data(1)) else {
                    return Ok(None);
                };
                if from.is_empty() {
                    return Ok(None);
                }
                let mut out = Vec::with_capacity(bytes.len());
                let mut at = 0;
                while at < bytes.len() {
                    if bytes.get(at..).is_some_and(|b| b.starts_with(&from)) {
                        out.extend_from_slice(&to);
                        at += from.len();
                    } else {
                        out.extend(bytes.get(at));
                        at += 1;
                    }
                    if out.len() > super::MAX_LENGTH {
                        return Err(super::Halt::Stop);
                    }
                }
                Val::bytes(out)
            }
            "split" => {
                let Some(by) = data(0).filter(|b| b.len() == 1) else {
                    return Ok(None);
                };
                let parts = bytes
                    .split(|b| by.first() == Some(b))
                    .map(|p| Val::bytes(p.to_vec()))
                    .collect();
                Val::list(parts)
            }
            "translate" => {
                let Some(table) = data(0).filter(|t| t.len() == 256) else {
                    return Ok(None);
                };
                self.trail("translate");
                Val::bytes(
                    bytes
                        .iter()
                        .filter_map(|b| table.get(usize::from(*b)))
                        .copied()
                        .collect(),
                )
            }
            "lower" => Val::bytes(bytes.to_ascii_lowercase()),
            "upper" => Val::bytes(bytes.to_ascii_uppercase()),
            "startswith" => match data(0) {
                Some(part) => Val::Bool(bytes.starts_with(&part)),
                None => return Ok(None),
            },
            "endswith" => match data(0) {
                Some(part) => Val::Bool(bytes.ends_with(&part)),
                None => return Ok(None),
            },
            "find" | "index" => match data(0).filter(|p| !p.is_empty()) {
                Some(part) => match bytes.windows(part.len()).position(|w| w == part) {
                    Some(at) => int(at),
                    None => Val::Int(-1),
                },
                None => return Ok(None),
            },
            "tobytes" | "__bytes__" | "copy" => Val::bytes(bytes.to_vec()),
            "fromhex" => match args.first().and_then(Val::as_data).and_then(decode::hex) {
                Some(made) => Val::bytes(made),
                None => return Ok(None),
            },
            "append" | "extend" => return Ok(None),
            _ => return Ok(None),
        }))
    }

    fn list_method(
        &mut self,
        list: &Rc<std::cell::RefCell<Vec<Val>>>,
        name: &str,
        args: &[Val],
        keywords: &Keywords,
    ) -> Eval<Option<Val>> {
        let first = args.first().cloned();
        Ok(Some(match (name, first) {
            ("append" | "add" | "appendleft", Some(value)) => {
                self.afford(24)?;
                let mut list = list.borrow_mut();
                if name == "appendleft" {
                    list.insert(0, value);
                } else {
                    list.push(value);
                }
                Val::None
            }
            ("extend" | "update", Some(value)) => {
                let items = self
                    .iterate(&value)?
                    .unwrap_or_else(|| vec![Val::Unknown(value.trace())]);
                self.afford(items.len() * 24)?;
                list.borrow_mut().extend(items);
                Val::None
            }
            ("insert", Some(at)) => {
                if let (Some(at), Some(value)) = (at.as_int(), args.get(1)) {
                    let mut list = list.borrow_mut();
                    let length = list.len() as i128;
                    let at = if at < 0 {
                        (at + length).max(0)
                    } else {
                        at.min(length)
                    };
                    list.insert(usize::try_from(at).unwrap_or(0), value.clone());
                    drop(list);
                    self.budget.spend(list_cost(length));
                }
                Val::None
            }
            ("pop" | "popleft", at) => {
                let mut list = list.borrow_mut();
                let length = list.len() as i128;
                let at = match at {
                    Some(at) => match at.as_int() {
                        Some(at) => at,
                        None => return Ok(None),
                    },
                    None if name == "popleft" => 0,
                    None => -1,
                };
                let at = if at < 0 { at + length } else { at };
                match usize::try_from(at).ok().filter(|at| *at < list.len()) {
                    Some(at) => {
                        let value = list.remove(at);
                        drop(list);
                        if i128::try_from(at).unwrap_or(0) + 1 < length {
                            self.budget.spend(list_cost(length));
                        }
                        value
                    }
                    None => return self.raise("IndexError"),
                }
            }
            ("reverse", _) => {
                list.borrow_mut().reverse();
                Val::None
            }
            ("clear", _) => {
                list.borrow_mut().clear();
                Val::None
            }
            ("copy", _) => Val::list(list.borrow().clone()),
            ("sort", _) => {
                let items = list.borrow().clone();
                match self.sort(items, keywords)? {
                    Val::List(sorted) => {
                        let sorted = sorted.borrow().clone();
                        *list.borrow_mut() = sorted;
                    }
                    // the same elements, nobody knows where
                    unknown => list.borrow_mut().fill(unknown),
                }
                Val::None
            }
            ("index", Some(value)) => {
                let items = list.borrow().clone();
                self.budget.spend(items.len() as u64 / 8);
                let found = items
                    .iter()
                    .position(|i| self.equal(i, &value) == Some(true));
                match found {
                    Some(at) => int(at),
                    None => return self.raise("ValueError"),
                }
            }
            ("count", Some(value)) => {
                let items = list.borrow().clone();
                int(items
                    .iter()
                    .filter(|i| self.equal(i, &value) == Some(true))
                    .count())
            }
            ("remove" | "discard", Some(value)) => {
                let at = {
                    let items = list.borrow();
                    items
                        .iter()
                        .position(|i| self.equal(i, &value) == Some(true))
                };
                if let Some(at) = at {
                    list.borrow_mut().remove(at);
                }
                Val::None
            }
            ("union", Some(value)) => {
                let mut items = list.borrow().clone();
                items.extend(self.iterate(&value)?.unwrap_or_default());
                Val::list(super::expression::unique(items))
            }
            ("__iter__", _) => Val::List(Rc::clone(list)),
            ("__next__", _) => {
                let mut list = list.borrow_mut();
                if list.is_empty() {
                    return self.raise("StopIteration");
                }
                list.remove(0)
            }
            // a generator here
            ("send" | "close" | "throw", _) => Val::Unknown(0),
            _ => return Ok(None),
        }))
    }

    fn dict_method(
        &mut self,
        dict: &Rc<std::cell::RefCell<Dict>>,
        name: &str,
        args: &[Val],
        keywords: &Keywords,
    ) -> Eval<Option<Val>> {
        let first = args.first();
        Ok(Some(match (name, first) {
            ("get", Some(key)) => {
                if key.key().is_none() {
                    return Ok(None);
                }
                let found = dict.borrow().get(key);
                found.unwrap_or_else(|| args.get(1).cloned().unwrap_or(Val::None))
            }
            ("pop", Some(key)) => {
                let found = dict.borrow_mut().remove(key);
                match found.or_else(|| args.get(1).cloned()) {
                    Some(value) => value,
                    None => return self.raise("KeyError"),
                }
            }
            ("setdefault", Some(key)) => {
                let found = dict.borrow().get(key);
                if let Some(value) = found {
                    value
                } else {
                    let value = args.get(1).cloned().unwrap_or(Val::None);
                    dict.borrow_mut().set(key.clone(), value.clone());
                    value
                }
            }
            ("keys", _) => Val::list(dict.borrow().items.iter().map(|(k, _)| k.clone()).collect()),
            ("values", _) => {
                Val::list(dict.borrow().items.iter().map(|(_, v)| v.clone()).collect())
            }
            ("items", _) => Val::list(
                dict.borrow()
                    .items
                    .iter()
                    .map(|(k, v)| Val::Tuple([k.clone(), v.clone()].into()))
                    .collect(),
            ),
            ("copy", _) => {
                let mut made = Dict::default();
                for (key, value) in dict.borrow().items.clone() {
                    made.set(key, value);
                }
                Val::Dict(Rc::new(made.into()))
            }
            ("update", first) => {
                if let Some(Val::Dict(other)) = first {
                    let items = other.borrow().items.clone();
                    self.afford(items.len() * 48)?;
                    for (key, value) in items {
                        dict.borrow_mut().set(key, value);
                    }
                }
                for (name, value) in keywords {
                    dict.borrow_mut().set(Val::str(&**name), value.clone());
                }
                Val::None
            }
            ("clear", _) => {
                *dict.borrow_mut() = Dict::default();
                Val::None
            }
            ("__contains__", Some(key)) => Val::Bool(dict.borrow().get(key).is_some()),
            ("__setitem__", Some(key)) => {
                if let Some(value) = args.get(1) {
                    dict.borrow_mut().set(key.clone(), value.clone());
                }
                Val::None
            }
            _ => return Ok(None),
        }))
    }

    fn int_method(
        &mut self,
        base: &Val,
        name: &str,
        args: &[Val],
        keywords: &Keywords,
    ) -> Eval<Option<Val>> {
        Ok(Some(match name {
            "to_bytes" => {
                let length = args
                    .first()
                    .or_else(|| keyword(keywords, "length"))
                    .and_then(Val::as_int)
                    .and_then(|n| usize::try_from(n).ok())
                    .unwrap_or(1);
                if length > 1 << 20 {
                    return Ok(None);
                }
                let order = args
                    .get(1)
                    .or_else(|| keyword(keywords, "byteorder"))
                    .and_then(Val::as_str)
                    .unwrap_or("big");
                let bytes = match base {
                    Val::Big(bytes) => bytes.to_vec(),
                    v => v.as_int().unwrap_or(0).to_be_bytes().to_vec(),
                };
                let start = bytes.iter().position(|b| *b != 0).unwrap_or(bytes.len());
                let bytes = bytes.get(start..).unwrap_or(&[]);
                if bytes.len() > length {
                    return self.raise("OverflowError");
                }
                let mut out = vec![0; length - bytes.len()];
                out.extend_from_slice(bytes);
                if order == "little" {
                    out.reverse();
                }
                self.trail("integer");
                Val::bytes(out)
            }
            "bit_length" => match base {
                Val::Big(bytes) => {
                    let top = bytes.first().copied().unwrap_or(0);
                    int(bytes.len() * 8 - top.leading_zeros() as usize)
                }
                v => int(128 - v.as_int().unwrap_or(0).unsigned_abs().leading_zeros() as usize),
            },
            "conjugate" | "__int__" | "real" => base.clone(),
            _ => return Ok(None),
        }))
    }

    /// `bytes.decode(codec)`
    pub(super) fn decode_bytes(&mut self, bytes: &[u8], codec: &str) -> Eval {
        self.afford(bytes.len())?;
        let codec = codec.to_ascii_lowercase();
        if let Some(step) = super::codec::codec_step(&codec) {
            self.trail(step);
        }
        Ok(match super::codec::codec(&codec, bytes) {
            Some(made) => match String::from_utf8(made) {
                Ok(text) => Val::str(text),
                Err(error) if super::codec::codec_step(&codec).is_some() => {
                    Val::bytes(error.into_bytes())
                }
                Err(error) => Val::str(String::from_utf8_lossy(error.as_bytes()).into_owned()),
            },
            None => Val::Unknown(super::value::HIDDEN),
        })
    }
}

fn list_cost(length: i128) -> u64 {
    u64::try_from(length / 64).unwrap_or(0)
}
