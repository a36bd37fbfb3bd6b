//! Members and methods of texts and lists.

use super::Evaluation;
use super::expression::MAX_LENGTH;
use super::signs;
use super::value::{List, Runs, Text, Unknown, Val, position};

impl<'a> Evaluation<'a, '_> {
    /// What a list holds now, if that is known.
    fn held(list: &List<'a>) -> Result<(), Unknown> {
        if list.spoilt.get() {
            return Err(Unknown);
        }
        Ok(())
    }

    /// The list is about to change.
    fn touch(&mut self, list: &List<'a>) -> Result<(), Unknown> {
        Self::held(list)?;
        if list.changed.replace(self.attempts) != self.attempts {
            self.changed.push(list.clone());
        }
        Ok(())
    }

    /// The elements of a list, or the characters of a text.
    pub(super) fn elements(&mut self, value: &Val<'a>) -> Result<Vec<Val<'a>>, Unknown> {
        match value {
            Val::List(list) => {
                Self::held(list)?;
                let items = list.all.borrow().clone();
                self.spend(items.len() / 4)?;
                Ok(items)
            }
            Val::Text(text) => {
                self.spend(text.units.len() / 4)?;
                let of = |unit: &u16| Val::Text(Text::of_units(vec![*unit], text.decoded));
                Ok(text.units.iter().map(of).collect())
            }
            _ => Err(Unknown),
        }
    }

    pub(super) fn property(object: &Val<'a>, key: &str) -> Result<Val<'a>, Unknown> {
        match (object, key) {
            (Val::Text(text), "length") => Ok(Val::Number(text.units.len() as f64)),
            (Val::List(list), "length") => {
                Self::held(list)?;
                Ok(Val::Number(list.all.borrow().len() as f64))
            }
            (Val::Name(name), _) => Self::global(&format!("{name}.{key}")),
            (object, key) => signs::member(object, key).ok_or(Unknown),
        }
    }

    pub(super) fn element(object: &Val<'a>, key: &Val<'a>) -> Result<Val<'a>, Unknown> {
        let at = match key {
            Val::Number(at) => *at,
            key => {
                let key = key.as_text()?.to_utf8();
                // `"10"` is a position as well
                match key.parse::<u32>() {
                    Ok(at) if at.to_string() == key => f64::from(at),
                    _ => return Self::property(object, &key),
                }
            }
        };
        match (object, index(at)) {
            (Val::Text(text), Some(at)) => Ok(text.units.get(at).map_or(Val::Undefined, |unit| {
                Val::Text(Text::of_units(vec![*unit], text.decoded))
            })),
            (Val::List(list), Some(at)) => {
                Self::held(list)?;
                Ok(list.all.borrow().get(at).cloned().unwrap_or(Val::Undefined))
            }
            (Val::Text(_) | Val::List(_), None) => Ok(Val::Undefined),
            _ => Err(Unknown),
        }
    }

    pub(super) fn set_element(
        &mut self,
        object: &Val<'a>,
        key: &Val<'a>,
        value: Val<'a>,
    ) -> Result<(), Unknown> {
        let (Val::List(list), Val::Number(at)) = (object, key) else {
            return Err(Unknown);
        };
        let at = index(*at).filter(|at| *at < MAX_LENGTH).ok_or(Unknown)?;
        self.touch(list)?;
        let mut items = list.all.borrow_mut();
        if at >= items.len() {
            let more = at - items.len();
            drop(items);
            self.spend(more)?;
            items = list.all.borrow_mut();
            items.resize(at + 1, Val::Undefined);
        }
        if let Some(slot) = items.get_mut(at) {
            *slot = value;
        }
        Ok(())
    }

    pub(super) fn method(
        &mut self,
        object: &Val<'a>,
        method: &str,
        args: Vec<Val<'a>>,
    ) -> Result<Val<'a>, Unknown> {
        self.spend(1)?;
        match object {
            Val::Text(text) => self.text_method(text, method, &args),
            Val::List(list) => {
                Self::held(list)?;
                self.list_method(list, method, args)
            }
            Val::Number(n) if method == "toString" => {
                let radix = args.first().map_or(Ok(10.0), Val::number)?;
                let whole = n.fract() == 0.0 && (0.0..1e15).contains(n);
                match (radix as u32, whole) {
                    (10, _) => Ok(Val::Text(object.as_text()?)),
                    (16, true) => Ok(Val::text(&format!("{:x}", *n as u64))),
                    (2, true) => Ok(Val::text(&format!("{:b}", *n as u64))),
                    (radix @ 3..=36, true) => Ok(Val::text(&signs::in_radix(*n as u64, radix))),
                    _ => Err(Unknown),
                }
            }
            Val::Function(_) | Val::Arrow(_) | Val::Name(_) if method == "call" => {
                self.apply(object, args.into_iter().skip(1).collect())
            }
            Val::Function(_) | Val::Arrow(_) | Val::Name(_) if method == "apply" => {
                let list = args.get(1).ok_or(Unknown)?;
                let args = self.elements(list)?;
                self.apply(object, args)
            }
            Val::Name(name) => self.call_global(&format!("{name}.{method}"), &args),
            _ => Err(Unknown),
        }
    }

    fn text_method(
        &mut self,
        text: &Text,
        method: &str,
        args: &[Val<'a>],
    ) -> Result<Val<'a>, Unknown> {
        let units = &*text.units;
        let number = |at: usize| args.get(at).map(Val::number).transpose();
        let part = |from: usize, to: usize| {
            let units = units.get(from..to.max(from)).unwrap_or(&[]).to_vec();
            Val::Text(Text::of_units(units, text.decoded))
        };
        self.spend(units.len() / 64)?;
        Ok(match method {
            "charCodeAt" | "codePointAt" => {
                let at = index(number(0)?.unwrap_or(0.0));
                let unit = at.and_then(|at| units.get(at));
                Val::Number(unit.map_or(f64::NAN, |u| f64::from(*u)))
            }
            "charAt" => {
                let at = index(number(0)?.unwrap_or(0.0)).unwrap_or(usize::MAX - 1);
                part(at, at + 1)
            }
            "slice" => {
                let from = position(number(0)?.unwrap_or(0.0), units.len());
                let to = number(1)?.map_or(units.len(), |n| position(n, units.len()));
                part(from, to)
            }
            "substring" => {
                let bound = |n: f64| position(n.max(0.0), units.len());
                let a = bound(number(0)?.unwrap_or(0.0));
                let b = number(1)?.map_or(units.len(), bound);
                part(a.min(b), a.max(b))
            }
            "substr" => {
                let from = position(number(0)?.unwrap_or(0.0), units.len());
                let length = number(1)?.map_or(units.len(), |n| index(n.max(0.0)).unwrap_or(0));
                part(from, from.saturating_add(length).min(units.len()))
            }
            "match" => match args.first() {
                Some(Val::Pattern(pattern)) => self.matches(text, pattern)?,
                _ => return Err(Unknown),
            },
            "split" => {
                let Some(separator) = args.first() else {
                    return Ok(Val::list(vec![Val::Text(text.clone())]));
                };
                if let Val::Pattern(pattern) = separator {
                    return self.split_at(text, pattern);
                }
                let Val::Text(separator) = separator else {
                    return Err(Unknown);
                };
                if separator.units.is_empty() {
                    return Ok(Val::list(self.elements(&Val::Text(text.clone()))?));
                }
                let (whole, separator) = (text.to_utf8(), separator.to_utf8());
                let parts: Vec<_> = whole
                    .split(&separator)
                    .map(|p| Val::Text(Text::new(p, text.decoded)))
                    .collect();
                self.spend(parts.len())?;
                Val::list(parts)
            }
            "indexOf" => {
                let Some(Val::Text(wanted)) = args.first() else {
                    return Err(Unknown);
                };
                self.spend(units.len() / 8)?;
                let at = match wanted.units.len() {
                    0 => Some(0),
                    length => units.windows(length).position(|w| *w == **wanted.units),
                };
                Val::Number(at.map_or(-1.0, |at| at as f64))
            }
            "replace" | "replaceAll" => {
                if let (Some(Val::Pattern(pattern)), Some(by)) = (args.first(), args.get(1)) {
                    return self.replace_matches(text, pattern, by);
                }
                let (Some(Val::Text(from)), Some(Val::Text(to))) = (args.first(), args.get(1))
                else {
                    return Err(Unknown);
                };
                let (from, to) = (from.to_utf8(), to.to_utf8());
                if from.is_empty() || to.contains('$') || to.len() > 64 {
                    return Err(Unknown);
                }
                let times = if method == "replace" { 1 } else { usize::MAX };
                let out = text.to_utf8().replacen(&from, &to, times);
                self.spend(out.len() / 16)?;
                Val::Text(Text::new(&out, text.decoded))
            }
            "concat" => {
                let mut all = text.clone();
                for arg in args {
                    all.push(&arg.as_text()?);
                }
                self.spend(all.units.len() / 16)?;
                Val::Text(all)
            }
            "toString" | "valueOf" | "toWellFormed" => Val::Text(text.clone()),
            "trim" => Val::Text(Text::new(text.to_utf8().trim(), text.decoded)),
            "toLowerCase" => Val::Text(Text::new(&text.to_utf8().to_lowercase(), text.decoded)),
            "toUpperCase" => Val::Text(Text::new(&text.to_utf8().to_uppercase(), text.decoded)),
            "repeat" => {
                let times = index(number(0)?.unwrap_or(0.0)).ok_or(Unknown)?;
                if times.saturating_mul(units.len()) > MAX_LENGTH {
                    return Err(Unknown);
                }
                self.spend(times.saturating_mul(units.len()) / 16)?;
                Val::Text(Text::of_units(units.repeat(times), text.decoded))
            }
            _ => return Err(Unknown),
        })
    }

    fn list_method(
        &mut self,
        list: &List<'a>,
        method: &str,
        args: Vec<Val<'a>>,
    ) -> Result<Val<'a>, Unknown> {
        let length = list.all.borrow().len();
        let number = |at: usize| args.get(at).map(Val::number).transpose();
        Ok(match method {
            "push" => {
                self.touch(list)?;
                if length + args.len() > MAX_LENGTH {
                    return Err(Unknown);
                }
                list.all.borrow_mut().extend(args);
                Val::Number(list.all.borrow().len() as f64)
            }
            "pop" => {
                self.touch(list)?;
                list.all.borrow_mut().pop().unwrap_or(Val::Undefined)
            }
            "shift" => {
                self.touch(list)?;
                self.spend(length / 64)?;
                let mut items = list.all.borrow_mut();
                if items.is_empty() {
                    Val::Undefined
                } else {
                    items.remove(0)
                }
            }
            "reverse" => {
                self.touch(list)?;
                self.spend(length / 4)?;
                let mut items = list.all.borrow_mut();
                items.reverse();
                // letters that are turned round are hidden text
                for item in items.iter_mut() {
                    if let Val::Text(letter) = item
                        && letter.units.len() == 1
                    {
                        letter.decoded = Runs::all(1);
                    }
                }
                drop(items);
                Val::List(list.clone())
            }
            "flat" => {
                let depth = number(0)?.unwrap_or(1.0).clamp(0.0, 8.0);
                let mut flat = self.elements(&Val::List(list.clone()))?;
                for _ in 0..depth as u32 {
                    let mut next = Vec::with_capacity(flat.len());
                    for item in flat {
                        match item {
                            Val::List(_) => next.extend(self.elements(&item)?),
                            item => next.push(item),
                        }
                        if next.len() > MAX_LENGTH {
                            return Err(Unknown);
                        }
                    }
                    flat = next;
                }
                Val::list(flat)
            }
            "entries" if args.is_empty() => Val::Opaque("[object Array Iterator]".into()),
            "slice" => {
                let from = position(number(0)?.unwrap_or(0.0), length);
                let to = number(1)?.map_or(length, |n| position(n, length));
                self.spend(length / 4)?;
                let items = list.all.borrow();
                Val::list(items.get(from..to.max(from)).unwrap_or(&[]).to_vec())
            }
            "concat" => {
                let mut items = self.elements(&Val::List(list.clone()))?;
                for arg in &args {
                    match arg {
                        Val::List(_) => items.extend(self.elements(arg)?),
                        other => items.push(other.clone()),
                    }
                }
                Val::list(items)
            }
            "join" => {
                let separator = match args.first() {
                    None | Some(Val::Undefined) => Text::plain(","),
                    Some(separator) => separator.as_text()?,
                };
                self.join(list, &separator)?
            }
            "toString" if list.bytes => self.bytes_as_text(list, &args)?,
            "map" | "filter" | "forEach" | "reduce" => self.each(list, method, &args)?,
            _ => return Err(Unknown),
        })
    }

    fn join(&mut self, list: &List<'a>, separator: &Text) -> Result<Val<'a>, Unknown> {
        let mut whole = Text::plain("");
        for (at, item) in self.elements(&Val::List(list.clone()))?.iter().enumerate() {
            if at > 0 {
                whole.push(separator);
            }
            if matches!(item, Val::Undefined | Val::Null) {
                continue;
            }
            whole.push(&item.as_text()?);
            if whole.units.len() > MAX_LENGTH {
                return Err(Unknown);
            }
        }
        self.spend(whole.units.len() / 16)?;
        Ok(Val::Text(whole))
    }

    /// Calls a function with each element.
    fn each(
        &mut self,
        list: &List<'a>,
        method: &str,
        args: &[Val<'a>],
    ) -> Result<Val<'a>, Unknown> {
        let function = args.first().ok_or(Unknown)?;
        // `map(parseInt)` and its kind take the position too
        let alone = matches!(function, Val::Name(_));
        let items = self.elements(&Val::List(list.clone()))?;
        let mut out = Vec::new();
        let mut items = items.into_iter().enumerate();
        let mut sum = match (method, args.get(1)) {
            ("reduce", Some(start)) => start.clone(),
            ("reduce", None) => items.next().ok_or(Unknown)?.1,
            _ => Val::Undefined,
        };
        self.loops += 1;
        for (at, item) in items {
            let position = Val::Number(at as f64);
            if method == "reduce" {
                sum = self.apply(function, vec![sum, item, position])?;
                continue;
            }
            let args = if alone && method == "map" && !Self::takes_one(function) {
                vec![item.clone(), position]
            } else if alone {
                vec![item.clone()]
            } else {
                vec![item.clone(), position, Val::List(list.clone())]
            };
            let result = self.apply(function, args)?;
            match method {
                "map" => out.push(result),
                "filter" if result.truth() => out.push(item),
                _ => {}
            }
        }
        self.loops -= 1;
        Ok(match method {
            "reduce" => sum,
            "forEach" => Val::Undefined,
            _ => Val::list(out),
        })
    }

    /// `buffer.toString(encoding)`.
    fn bytes_as_text(&mut self, list: &List<'a>, args: &[Val<'a>]) -> Result<Val<'a>, Unknown> {
        let encoding = match args.first() {
            None => String::new(),
            Some(encoding) => encoding.as_text()?.to_utf8(),
        };
        let mut bytes = Vec::new();
        for item in self.elements(&Val::List(list.clone()))? {
            bytes.push(super::value::to_int(item.number()?).cast_unsigned() as u8);
        }
        let text = match &*encoding {
            "" | "utf8" | "utf-8" | "ascii" => String::from_utf8_lossy(&bytes).into_owned(),
            "latin1" | "binary" => bytes.iter().map(|b| char::from(*b)).collect(),
            _ => return Err(Unknown),
        };
        Ok(Val::Text(Text::unpacked(text.encode_utf16().collect())))
    }
}

fn index(n: f64) -> Option<usize> {
    (n.fract() == 0.0 && (0.0..1e9).contains(&n)).then_some(n as usize)
}
