//! Operators, items, slices, membership.

use std::rc::Rc;

use ruff_python_ast::{Operator, UnaryOp};

use super::expression::unique;
use super::value::Val;
use super::{Eval, Evaluator, MAX_LENGTH};

impl Evaluator {
    pub(super) fn binary(&mut self, op: Operator, a: &Val, b: &Val) -> Eval {
        let trace = || a.trace() | b.trace();
        Ok(match (op, a, b) {
            (Operator::Add, Val::Str(a), Val::Str(b)) => {
                self.afford(a.text.len() + b.text.len())?;
                Val::str(format!("{}{}", a.text, b.text))
            }
            (Operator::Add, Val::Bytes(a), Val::Bytes(b)) => {
                self.afford(a.len() + b.len())?;
                Val::bytes([&a[..], &b[..]].concat())
            }
            (Operator::Add, Val::List(a), Val::List(b)) => {
                let mut items = a.borrow().clone();
                items.extend(b.borrow().iter().cloned());
                self.afford(items.len() * 24)?;
                Val::list(items)
            }
            (Operator::Add, Val::Tuple(a), Val::Tuple(b)) => {
                self.afford((a.len() + b.len()) * 24)?;
                Val::Tuple(a.iter().chain(b.iter()).cloned().collect())
            }
            (Operator::Mod, Val::Str(format), _) => {
                let format = Rc::clone(format);
                return self.percent(&format.text, b);
            }
            (Operator::Mult, Val::Str(text), n) | (Operator::Mult, n, Val::Str(text))
                if n.as_int().is_some() =>
            {
                let n = times(n, text.text.len());
                self.afford(n * text.text.len())?;
                Val::str(text.text.repeat(n))
            }
            (Operator::Mult, Val::Bytes(bytes), n) | (Operator::Mult, n, Val::Bytes(bytes))
                if n.as_int().is_some() =>
            {
                let n = times(n, bytes.len());
                self.afford(n * bytes.len())?;
                Val::bytes(bytes.repeat(n))
            }
            (Operator::Mult, Val::List(list), n) | (Operator::Mult, n, Val::List(list))
                if n.as_int().is_some() =>
            {
                let items = list.borrow().clone();
                let n = times(n, items.len() * 24);
                self.afford(n * items.len() * 24)?;
                let mut all = Vec::with_capacity(n * items.len());
                for _ in 0..n {
                    all.extend_from_slice(&items);
                }
                Val::list(all)
            }
            (Operator::Sub, Val::List(a), Val::List(b)) => {
                let (a, b) = (a.borrow().clone(), b.borrow().clone());
                let gone: Vec<_> = b.iter().filter_map(Val::key).collect();
                Val::list(
                    a.into_iter()
                        .filter(|v| v.key().is_none_or(|k| !gone.contains(&k)))
                        .collect(),
                )
            }
            (Operator::BitOr, Val::List(a), Val::List(b)) => {
                let mut items = a.borrow().clone();
                items.extend(b.borrow().iter().cloned());
                Val::list(unique(items))
            }
            (_, Val::Float(_), _) | (_, _, Val::Float(_)) => {
                let float = |v: &Val| match v {
                    Val::Float(f) => Some(*f),
                    v => v.as_int().map(|i| i as f64),
                };
                match (float(a), float(b)) {
                    (Some(a), Some(b)) => return self.float(op, a, b),
                    _ => Val::Unknown(trace()),
                }
            }
            (Operator::BitXor, Val::Bytes(_), _) => Val::Unknown(trace()),
            _ => match (a.as_int(), b.as_int()) {
                (Some(a), Some(b)) => return self.integer(op, a, b),
                _ if known(a) && known(b) => return self.raise("TypeError"),
                _ => Val::Unknown(trace()),
            },
        })
    }

    fn float(&mut self, op: Operator, a: f64, b: f64) -> Eval {
        Ok(match op {
            Operator::Add => Val::Float(a + b),
            Operator::Sub => Val::Float(a - b),
            Operator::Mult => Val::Float(a * b),
            Operator::Div | Operator::FloorDiv | Operator::Mod if b == 0.0 => {
                return self.raise("ZeroDivisionError");
            }
            Operator::Div => Val::Float(a / b),
            Operator::FloorDiv => Val::Float((a / b).floor()),
            Operator::Mod => Val::Float(a.rem_euclid(b)),
            Operator::Pow => Val::Float(a.powf(b)),
            _ => return self.raise("TypeError"),
        })
    }

    fn integer(&mut self, op: Operator, a: i128, b: i128) -> Eval {
        let shift = || u32::try_from(b).ok();
        let value = match op {
            Operator::Add => a.checked_add(b),
            Operator::Sub => a.checked_sub(b),
            Operator::Mult => a.checked_mul(b),
            Operator::Div | Operator::FloorDiv | Operator::Mod if b == 0 => {
                return self.raise("ZeroDivisionError");
            }
            Operator::Div => return Ok(Val::Float(a as f64 / b as f64)),
            Operator::FloorDiv => a.checked_div(b).map(|q| {
                if a % b != 0 && ((a < 0) != (b < 0)) {
                    q - 1
                } else {
                    q
                }
            }),
            Operator::Mod => a.checked_rem(b).map(|r| {
                if r != 0 && ((r < 0) != (b < 0)) {
                    r + b
                } else {
                    r
                }
            }),
            Operator::Pow if b < 0 => return Ok(Val::Float((a as f64).powf(b as f64))),
            Operator::Pow => shift().and_then(|b| a.checked_pow(b)),
            Operator::LShift => shift()
                .filter(|b| *b < 120)
                .and_then(|b| a.checked_mul(1_i128 << b)),
            Operator::RShift => shift().map(|b| if b > 126 { a >> 126 >> 1 } else { a >> b }),
            Operator::BitOr => Some(a | b),
            Operator::BitXor => Some(a ^ b),
            Operator::BitAnd => Some(a & b),
            Operator::MatMult => None,
        };
        Ok(value.map_or(Val::Unknown(0), Val::Int))
    }

    pub(super) fn unary(&mut self, op: UnaryOp, value: &Val) -> Eval {
        Ok(match (op, value) {
            (UnaryOp::Not, value) => match value.truth() {
                Some(truth) => Val::Bool(!truth),
                None => Val::Unknown(value.trace()),
            },
            (UnaryOp::USub, Val::Float(f)) => Val::Float(-f),
            (op, value) => match (op, value.as_int()) {
                (UnaryOp::USub, Some(i)) => Val::Int(i.wrapping_neg()),
                (UnaryOp::UAdd, Some(i)) => Val::Int(i),
                (UnaryOp::Invert, Some(i)) => Val::Int(!i),
                _ => Val::Unknown(value.trace()),
            },
        })
    }

    pub(super) fn equal(&self, a: &Val, b: &Val) -> Option<bool> {
        self.equal_at(a, b, 0)
    }

    fn equal_at(&self, a: &Val, b: &Val, depth: u32) -> Option<bool> {
        if depth > 20 {
            return None;
        }
        let all = |a: &[Val], b: &[Val]| -> Option<bool> {
            if a.len() != b.len() {
                return Some(false);
            }
            for (a, b) in a.iter().zip(b) {
                if !self.equal_at(a, b, depth + 1)? {
                    return Some(false);
                }
            }
            Some(true)
        };
        Some(match (a, b) {
            (Val::Unknown(_), _) | (_, Val::Unknown(_)) => return None,
            (Val::Str(a), Val::Str(b)) => a.text == b.text,
            (Val::Bytes(a), Val::Bytes(b)) => a == b,
            (Val::None, Val::None) | (Val::Ellipsis, Val::Ellipsis) => true,
            (Val::Float(a), Val::Float(b)) => a == b,
            (Val::Float(a), b) | (b, Val::Float(a)) => match b.as_int() {
                Some(b) => (b as f64 - *a).abs() < f64::EPSILON,
                None => false,
            },
            (Val::List(a), Val::List(b)) => {
                return match (a.try_borrow(), b.try_borrow()) {
                    (Ok(a), Ok(b)) => all(&a, &b),
                    _ => None,
                };
            }
            (Val::Tuple(a), Val::Tuple(b)) => return all(a, b),
            (Val::Api(a, 0), Val::Api(b, 0)) if a == b => true,
            (Val::Api(a, 0), Val::Api(b, 0)) => {
                // two builtins are two things; what a variable of a module holds is not known
                if super::builtin::is_type(a) && super::builtin::is_type(b) {
                    false
                } else {
                    return None;
                }
            }
            (Val::Api(..), b) | (b, Val::Api(..)) => {
                if matches!(b, Val::Function(_) | Val::Class(_)) {
                    false
                } else {
                    return None;
                }
            }
            (Val::Class(a), Val::Class(b)) => Rc::ptr_eq(a, b),
            (Val::Function(a), Val::Function(b)) => Rc::ptr_eq(a, b),
            (Val::Instance(a), Val::Instance(b)) if Rc::ptr_eq(a, b) => true,
            (Val::Instance(_), _) | (_, Val::Instance(_)) => return None,
            (a, b) => match (a.as_int(), b.as_int()) {
                (Some(a), Some(b)) => a == b,
                _ => false,
            },
        })
    }

    pub(super) fn contains(&mut self, container: &Val, item: &Val) -> Eval<Option<bool>> {
        Ok(match (container, item) {
            (Val::Str(text), Val::Str(part)) => Some(text.text.contains(&part.text)),
            (Val::Bytes(bytes), Val::Bytes(part)) => {
                Some(part.is_empty() || bytes.windows(part.len()).any(|w| w == &part[..]))
            }
            (Val::Dict(dict), item) => item.key().map(|_| dict.borrow().get(item).is_some()),
            (Val::Namespace(env), Val::Str(name)) => Some(env.get_own(&name.text).is_some()),
            // searched where they are: a loop that asks a long list each time would copy it each time
            (Val::List(list), item) => {
                let items = list.borrow();
                self.afford(items.len() * 8)?;
                self.is_among(&items, item)
            }
            (Val::Tuple(items), item) => self.is_among(items, item),
            (Val::Bytes(_), item) => {
                let items = self.iterate(container)?.unwrap_or_default();
                self.is_among(&items, item)
            }
            _ => None,
        })
    }

    fn is_among(&mut self, items: &[Val], item: &Val) -> Option<bool> {
        self.budget.spend(items.len() as u64 / 8);
        let mut doubt = false;
        for other in items {
            match self.equal(other, item) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => doubt = true,
            }
        }
        (!doubt).then_some(false)
    }

    /// The items of a value, if they are known.
    pub(super) fn iterate(&mut self, value: &Val) -> Eval<Option<Vec<Val>>> {
        Ok(Some(match value {
            Val::List(list) => {
                let items = list.borrow().clone();
                self.afford(items.len() * 8)?;
                items
            }
            Val::Tuple(items) => items.to_vec(),
            Val::Str(text) => {
                self.afford(text.text.len() * 24)?;
                text.text.chars().map(|c| Val::str(c.to_string())).collect()
            }
            Val::Bytes(bytes) => {
                self.afford(bytes.len() * 8)?;
                bytes.iter().map(|b| Val::Int((*b).into())).collect()
            }
            Val::Dict(dict) => dict.borrow().items.iter().map(|(k, _)| k.clone()).collect(),
            _ => return Ok(None),
        }))
    }

    pub(super) fn item(&mut self, base: &Val, key: &Val) -> Eval {
        let index = |length: usize| -> Option<usize> {
            let i = key.as_int()?;
            let at = if i < 0 { i + length as i128 } else { i };
            usize::try_from(at).ok().filter(|at| *at < length)
        };
        let unknown = || Val::Unknown(base.trace() | key.trace());
        let value = match base {
            Val::Str(text) => index(text.len())
                .and_then(|i| text.at(i))
                .map(|c| Val::str(c.to_string())),
            Val::Bytes(bytes) => index(bytes.len())
                .and_then(|i| bytes.get(i))
                .map(|b| Val::Int((*b).into())),
            Val::List(list) => {
                let list = list.borrow();
                index(list.len()).and_then(|i| list.get(i).cloned())
            }
            Val::Tuple(items) => index(items.len()).and_then(|i| items.get(i).cloned()),
            Val::Dict(dict) => {
                if key.key().is_none() {
                    return Ok(unknown());
                }
                return match dict.borrow().get(key) {
                    Some(value) => Ok(value),
                    None => self.raise("KeyError"),
                };
            }
            Val::Namespace(env) => {
                return Ok(match key {
                    Val::Str(name) => match env.get_own(&name.text) {
                        Some(value) => value,
                        None => self.builtin_named(&name.text),
                    },
                    _ => unknown(),
                });
            }
            Val::Api(name, trace) => {
                if let (Some(module), Some(key)) = (name.strip_suffix(".__dict__"), key.as_str()) {
                    let module = Val::api(module);
                    return self.attribute(&module, key);
                }
                if let (true, Some(key)) =
                    (matches!(&**name, "sys.modules" | "builtins"), key.as_str())
                {
                    return Ok(if &**name == "builtins" {
                        self.builtin_named(key)
                    } else {
                        self.module_named(key)
                    });
                }
                if &**name == "os.environ" {
                    let name: Rc<str> = "os.environ.__getitem__".into();
                    let bit = self.event(&name, std::slice::from_ref(key), *trace);
                    return Ok(Val::Unknown(bit | trace));
                }
                return Ok(Val::Unknown(*trace));
            }
            _ => return Ok(unknown()),
        };
        match value {
            Some(value) => Ok(value),
            None if key.as_int().is_some() => self.raise("IndexError"),
            None => Ok(unknown()),
        }
    }

    pub(super) fn set_item(&mut self, base: &Val, key: Val, value: Val) -> Eval<()> {
        match base {
            Val::List(list) => {
                let mut list = list.borrow_mut();
                let length = list.len() as i128;
                if let Some(i) = key.as_int() {
                    let at = if i < 0 { i + length } else { i };
                    if let Some(slot) = usize::try_from(at).ok().and_then(|at| list.get_mut(at)) {
                        *slot = value;
                    }
                }
            }
            Val::Dict(dict) => {
                self.afford(48)?;
                dict.borrow_mut().set(key, value);
            }
            Val::Namespace(env) => {
                if let Val::Str(name) = &key {
                    env.set_own(&name.text, value);
                }
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn slice(&mut self, base: &Val, bounds: [Option<i64>; 3]) -> Eval {
        let [lower, upper, step] = bounds;
        if step == Some(0) {
            return self.raise("ValueError");
        }
        let picks = |length: usize| places(length, lower, upper, step);
        Ok(match base {
            Val::Str(text) => {
                self.afford(text.text.len())?;
                if step.unwrap_or(1) == 1 && text.text.is_ascii() {
                    let range = plain(text.len(), lower, upper);
                    return Ok(Val::str(text.text.get(range).unwrap_or("")));
                }
                let chars = text.chars();
                Val::str(
                    picks(chars.len())
                        .filter_map(|i| chars.get(i))
                        .collect::<String>(),
                )
            }
            Val::Bytes(bytes) => {
                self.afford(bytes.len())?;
                Val::bytes(
                    picks(bytes.len())
                        .filter_map(|i| bytes.get(i))
                        .copied()
                        .collect(),
                )
            }
            Val::List(list) => {
                let list = list.borrow().clone();
                self.afford(list.len() * 8)?;
                Val::list(
                    picks(list.len())
                        .filter_map(|i| list.get(i))
                        .cloned()
                        .collect(),
                )
            }
            Val::Tuple(items) => Val::Tuple(
                picks(items.len())
                    .filter_map(|i| items.get(i))
                    .cloned()
                    .collect(),
            ),
            _ => Val::Unknown(base.trace()),
        })
    }
}

const fn known(value: &Val) -> bool {
    matches!(
        value,
        Val::None
            | Val::Bool(_)
            | Val::Int(_)
            | Val::Str(_)
            | Val::Bytes(_)
            | Val::List(_)
            | Val::Tuple(_)
    )
}

/// How often something of a length can be repeated.
fn times(n: &Val, length: usize) -> usize {
    let n = n.as_int().unwrap_or(0).max(0);
    usize::try_from(n)
        .unwrap_or(usize::MAX)
        .min(MAX_LENGTH / length.max(1) + 1)
}

fn plain(length: usize, lower: Option<i64>, upper: Option<i64>) -> std::ops::Range<usize> {
    let place = |bound: Option<i64>, default: usize| match bound {
        None => default,
        Some(i) if i < 0 => {
            length.saturating_sub(usize::try_from(i.unsigned_abs()).unwrap_or(length))
        }
        Some(i) => usize::try_from(i).unwrap_or(length).min(length),
    };
    let (from, to) = (place(lower, 0), place(upper, length));
    from..to.max(from)
}

/// The indexes that a slice picks.
fn places(
    length: usize,
    lower: Option<i64>,
    upper: Option<i64>,
    step: Option<i64>,
) -> impl Iterator<Item = usize> {
    let step = step.unwrap_or(1);
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let place = |bound: i64| {
        if bound < 0 {
            bound.saturating_add(length)
        } else {
            bound
        }
    };
    let (mut at, end) = if step > 0 {
        (
            lower.map_or(0, place).clamp(0, length),
            upper.map_or(length, place).clamp(0, length),
        )
    } else {
        (
            lower.map_or(length - 1, place).clamp(-1, length - 1),
            upper.map_or(-1, place).clamp(-1, length - 1),
        )
    };
    std::iter::from_fn(move || {
        if (step > 0 && at < end) || (step < 0 && at > end) {
            let now = at;
            at = at.saturating_add(step);
            usize::try_from(now).ok()
        } else {
            None
        }
    })
}
