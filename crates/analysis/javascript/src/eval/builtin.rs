//! Methods of values: strings, arrays, promises, emitters, streams.

use foretaste_model::Capability;
use foretaste_model::facts::Resolution;
use foretaste_observe::table::Entry;

use super::call::Site;
use super::{Evaluator, Role, patterns};
use crate::apis::ApiRef;
use crate::special::ERROR;
use crate::strings::StrId;
use crate::values::{Value, ValueId};

/// What a child process reads.
const STDIN: &str = "child_process.ChildProcess.stdin";
/// A stream that gives what is written to it, perhaps in another form.
pub(super) const BETWEEN: &str = "stream.Transform";

impl Evaluator<'_> {
    /// The result of a method call, and whether the method is one of the language.
    pub(super) fn call_method(
        &mut self,
        method: &str,
        receiver: ValueId,
        site: &Site,
    ) -> (ValueId, bool) {
        let value = self.value(receiver);
        if let Some(folded) = self.fold_method(method, &value, site) {
            return (folded, true);
        }
        let first = site.args.first().map_or(0, |a| a.value);
        match method {
            // promises
            "then" => {
                let mut result = 0;
                // promises and what they give are one here
                let given = receiver;
                for arg in site.args.iter().take(2) {
                    for function in self.value(arg.value).functions() {
                        let returned = self.call_back(site.node, function, &[given]);
                        result = self.join(result, returned);
                    }
                    self.hand_to_apis(arg.value, given, site);
                }
                (result, true)
            }
            "catch" | "finally" => {
                let error = ApiRef::new(self.apis.named(ERROR), Resolution::Method);
                let error = self.intern(Value::of_api(error));
                for arg in &site.args {
                    for function in self.value(arg.value).functions() {
                        self.call_back(site.node, function, &[error]);
                    }
                }
                (receiver, true)
            }
            // emitters and event targets
            "on" | "once" | "addListener" | "addEventListener" | "prependListener"
            | "subscribe" | "tap" | "onMessage" => {
                let mut event = value;
                event.text = StrId::NONE;
                let event = self.intern(event);
                for arg in &site.args {
                    for function in self.value(arg.value).functions() {
                        self.call_back(site.node, function, &[event, event]);
                    }
                    self.hand_to_apis(arg.value, event, site);
                }
                self.listen(site);
                if method == "addEventListener" {
                    self.hears_page(site);
                }
                (receiver, true)
            }
            "use" if self.is_interceptor(site) => {
                self.intercept_requests(site);
                (0, false)
            }
            "emit" => {
                self.emit(site);
                (0, false)
            }
            // streams
            "write" | "end" if self.is_between(&value) => {
                self.flow_into(&value, first);
                (0, true)
            }
            "write" | "end" if self.feeds => {
                self.feed(receiver, first, site);
                (0, false)
            }
            "getWriter" | "getReader" if self.is_between(&value) => (receiver, true),
            "pipe" | "pipeTo" | "pipeThrough" => {
                self.pipe(receiver, first, site);
                let joined = self.join(first, receiver);
                (joined, true)
            }
            // arrays
            "forEach" | "map" | "filter" | "find" | "flatMap" | "some" | "every" | "reduce"
            | "reduceRight" | "sort" | "findLast" | "findIndex" => {
                (self.iterate(method, receiver, site), true)
            }
            "push" | "unshift" | "append" | "add" | "set" | "splice" | "fill" | "enqueue" => {
                self.put_in(&value, site);
                (receiver, value.objects().next().is_some())
            }
            "concat" => {
                let mut out = receiver;
                for arg in &site.args {
                    out = self.join(out, arg.value);
                }
                let mut joined = self.value(out);
                joined.text = StrId::VARIES;
                (self.intern(joined), true)
            }
            "next" if value.objects().next().is_some() => {
                let element = self.element(receiver);
                let step = self.object_of(site.node);
                let key = self.ir.strings.fold("value".to_owned());
                self.set_prop(step, key, element);
                let step = self.object_value(step);
                (self.join(element, step), true)
            }
            "pop" | "shift" | "at" | "values" | "get" if value.objects().next().is_some() => {
                (self.element(receiver), true)
            }
            "toString" | "toJSON" | "encode" if site.args.len() == 1 => {
                let encoding = self.value(first).text;
                match self.ir.strings.constant(encoding) {
                    Some(e @ ("base64" | "hex" | "base64url")) => {
                        let e = e.to_owned();
                        (self.encode(&value, &e, site.node), true)
                    }
                    _ => (self.passed(&value), true),
                }
            }
            "join" | "reverse" | "slice" | "entries" | "keys" | "flat" | "toString" | "trim"
            | "split" | "replace" | "replaceAll" | "substring" | "substr" | "toLowerCase"
            | "toUpperCase" | "match" | "matchAll" | "exec" | "padStart" | "padEnd" | "repeat"
            | "normalize" | "charAt" | "valueOf" | "trimEnd" | "trimStart" | "toJSON"
            | "subarray" | "text" | "json" | "buffer" | "arrayBuffer" | "blob" | "read"
            | "readFile" | "toArray" | "from" => {
                let known = !value.taints.is_empty()
                    || value.objects().next().is_some()
                    || value.text != StrId::NONE;
                if !known && !site.args.is_empty() {
                    return (0, false);
                }
                self.run_callbacks(site, value.taints, 0, false);
                (self.passed(&value), true)
            }
            _ => (0, false),
        }
    }

    /// An external function given as a handler gets the data: `.then(eval)`.
    fn hand_to_apis(&mut self, handler: ValueId, given: ValueId, site: &Site) {
        let handler = self.value(handler);
        if handler.apis().next().is_none() || handler.functions().next().is_some() {
            return;
        }
        let inner = Site {
            node: site.node,
            args: vec![super::call::Arg {
                node: site.node,
                value: given,
            }],
            new: false,
            receiver: None,
        };
        for api in handler.apis() {
            if self.apis.get(api).entry.is_some() {
                self.call_external(api, &inner);
            }
        }
    }

    /// The data of a value in another shape.
    fn passed(&mut self, value: &Value) -> ValueId {
        let inner = self.deep_of_objects(value);
        let taints = self.taints.union(value.taints, inner);
        let text = if value.text == StrId::NONE {
            StrId::NONE
        } else {
            StrId::VARIES
        };
        self.intern(Value {
            text,
            taints,
            ..Value::default()
        })
    }

    /// Array methods that call a function for each element.
    fn iterate(&mut self, method: &str, receiver: ValueId, site: &Site) -> ValueId {
        let element = self.element(receiver);
        let mut result = 0;
        for arg in site.args.iter().take(1) {
            for function in self.value(arg.value).functions() {
                let values = if method.starts_with("reduce") {
                    let start = site.args.get(1).map_or(0, |a| a.value);
                    [start, element, 0]
                } else {
                    [element, 0, receiver]
                };
                let returned = self.call_back(site.node, function, &values);
                result = self.join(result, returned);
            }
        }
        match method {
            "map" | "flatMap" => {
                let object = self.object_of(site.node);
                self.set_any(object, result);
                self.shuffle(object);
                let taints = self.value(result).taints;
                self.intern(Value {
                    taints,
                    ..Value::of_object(object)
                })
            }
            "filter" | "sort" => receiver,
            "find" | "findLast" => element,
            "reduce" | "reduceRight" => {
                let start = site.args.get(1).map_or(0, |a| a.value);
                self.join(result, start)
            }
            _ => 0,
        }
    }

    fn put_in(&mut self, value: &Value, site: &Site) {
        for object in value.objects() {
            for arg in &site.args {
                self.set_any(object, arg.value);
            }
            self.shuffle(object);
        }
    }

    /// `child.stdin.end(code)`, where some child is an interpreter.
    fn feed(&mut self, receiver: ValueId, data: ValueId, site: &Site) {
        let fed = self
            .value(receiver)
            .apis()
            .find(|api| &*self.apis.get(*api).name == STDIN);
        if let Some(api) = fed {
            let data = self.value(data);
            self.sink_value(
                site.node,
                api,
                Capability::ProcessSpawn,
                &data,
                Role::Content,
                false,
            );
        }
    }

    /// `stream.pipeline(source, transform, target)`: the last one gets what the first one gives.
    pub(super) fn pipeline(&mut self, site: &Site) {
        let mut data = 0;
        for arg in &site.args {
            if data != 0 {
                self.pipe(data, arg.value, site);
            }
            data = self.join(data, arg.value);
        }
    }

    /// True for a stream of this file that gives what it is given.
    fn is_between(&self, value: &Value) -> bool {
        value.objects != [0; 2] && value.apis().any(|a| &*self.apis.get(a).name == BETWEEN)
    }

    /// Data goes into a stream of this file. What it can do beside is not what the stream can.
    fn flow_into(&mut self, stream: &Value, data: ValueId) {
        if !self.is_between(stream) {
            return;
        }
        let data = self.value(data);
        let data = self.intern(Value {
            apis: [ApiRef::NONE; 3],
            functions: [0; 3],
            ..data
        });
        for object in stream.objects() {
            self.set_any(object, data);
        }
    }

    /// `source.pipe(target)`.
    fn pipe(&mut self, source: ValueId, target: ValueId, site: &Site) {
        let data = self.value(source);
        let target = self.value(target);
        self.flow_into(&target, source);
        for api in target.apis() {
            let name = &*self.apis.get(api).name;
            let capability = match name {
                "fs.WriteStream" => Capability::FileWrite,
                "net.Socket" => Capability::NetworkSocket,
                "http.ClientRequest" => Capability::NetworkHttp,
                "WebSocket" => Capability::NetworkWebsocket,
                STDIN => Capability::ProcessSpawn,
                _ => match self.apis.get(api).entry.and_then(Entry::capability) {
                    Some(Capability::ArchiveExtract) => continue,
                    Some(c) if c.is_network_sink() => c,
                    _ => continue,
                },
            };
            self.sink_value(site.node, api, capability, &data, Role::Content, false);
        }
    }

    /// String and array methods of constants.
    fn fold_method(&mut self, method: &str, value: &Value, site: &Site) -> Option<ValueId> {
        let arg = |e: &Self, i: usize| site.args.get(i).map(|a| e.value(a.value));
        let number = |e: &Self, i: usize| arg(e, i).and_then(|v| v.number());
        match method {
            "join" => {
                let separator = match arg(self, 0) {
                    None => ",".to_owned(),
                    Some(v) => self.ir.strings.constant(v.text)?.to_owned(),
                };
                let text = self.join_texts(value, &separator)?;
                self.record_folded(site.node, text);
                let inner = self.deep_of_objects(value);
                return Some(self.intern(Value {
                    text,
                    taints: inner,
                    ..Value::default()
                }));
            }
            "reverse" => {
                let mut items = self.exact_items(value)?;
                items.reverse();
                return Some(self.make_array(site.node, items));
            }
            "slice" if value.objects().next().is_some() => {
                let items = self.exact_items(value)?;
                let (from, to) = bounds(items.len(), number(self, 0), number(self, 1));
                let part = items.get(from..to)?.to_vec();
                return Some(self.make_array(site.node, part));
            }
            "concat" if value.objects().next().is_some() => {
                let mut items = self.exact_items(value)?;
                for a in &site.args {
                    let more = self.value(a.value);
                    match self.exact_items(&more) {
                        Some(more) => items.extend(more),
                        None if more.objects().next().is_none() => items.push(a.value),
                        None => return None,
                    }
                }
                return Some(self.make_array(site.node, items));
            }
            _ => {}
        }
        let known = self.ir.strings.constant(value.text).map(str::to_owned);
        let text = if let Some(text) = known {
            text
        } else if method == "toString" {
            // numbers write themselves out: (10).toString(36)
            radix_text(value.number()?, number(self, 0)?)?
        } else {
            return None;
        };

        let folded = match method {
            // an encoding asked for is no folding
            "toString"
                if matches!(
                    arg(self, 0).map_or("", |v| self.ir.strings.get(v.text)),
                    "base64" | "base64url" | "hex"
                ) =>
            {
                return None;
            }
            "toString" | "valueOf" | "normalize" => text,
            "trim" => text.trim().to_owned(),
            "toLowerCase" => text.to_lowercase(),
            "toUpperCase" => text.to_uppercase(),
            "concat" => {
                let mut out = text;
                for a in &site.args {
                    let v = self.value(a.value);
                    out.push_str(&self.text_of(&v)?);
                }
                out
            }
            "replace" | "replaceAll" => {
                let to = self.ir.strings.constant(arg(self, 1)?.text)?.to_owned();
                if let Some((pattern, flags)) = self.pattern_at(site, 0) {
                    patterns::replaced(&pattern, &flags, &text, &to)?
                } else {
                    let from = self.ir.strings.constant(arg(self, 0)?.text)?;
                    match method {
                        "replace" => text.replacen(from, &to, 1),
                        _ if from.is_empty() => return None,
                        _ => text.replace(from, &to),
                    }
                }
            }
            "split" => {
                if let Some((pattern, flags)) = self.pattern_at(site, 0) {
                    let parts = patterns::split_at(&pattern, &flags, &text)?;
                    return Some(self.texts(site.node, parts));
                }
                let separator = self.ir.strings.constant(arg(self, 0)?.text)?.to_owned();
                if text.len() > 200_000 {
                    return None;
                }
                let parts: Vec<String> = if separator.is_empty() {
                    text.chars().map(String::from).collect()
                } else {
                    text.split(&separator).map(str::to_owned).collect()
                };
                return Some(self.texts(site.node, parts));
            }
            "slice" | "substring" | "substr" => {
                let chars: Vec<char> = text.chars().take(200_000).collect();
                let (from, to) = match method {
                    "substr" => {
                        let (from, _) = bounds(chars.len(), number(self, 0), None);
                        let length = number(self, 1).unwrap_or(f64::INFINITY);
                        let end = (from as f64 + length.max(0.0)).min(chars.len() as f64);
                        (from, index_of(end))
                    }
                    _ => bounds(chars.len(), number(self, 0), number(self, 1)),
                };
                chars.get(from..to.max(from))?.iter().collect()
            }
            "charAt" | "at" => {
                let index = index_of(number(self, 0)?);
                text.chars().nth(index)?.to_string()
            }
            "charCodeAt" | "codePointAt" => {
                let index = index_of(number(self, 0).unwrap_or(0.0));
                let unit = f64::from(text.encode_utf16().nth(index)?);
                return Some(self.intern(Value {
                    number: unit.to_bits(),
                    ..Value::default()
                }));
            }
            "repeat" => {
                let times = index_of(number(self, 0)?);
                if times.saturating_mul(text.len()) > 65_536 {
                    return None;
                }
                text.repeat(times)
            }
            _ => return None,
        };
        let text = self.ir.strings.fold(folded);
        Some(self.intern(Value {
            text,
            taints: value.taints,
            apis: [ApiRef::NONE; 3],
            ..Value::default()
        }))
    }
}

/// Start and end of a slice with negative positions counted from the end.
fn bounds(length: usize, from: Option<f64>, to: Option<f64>) -> (usize, usize) {
    let place = |n: f64| {
        let n = if n < 0.0 { length as f64 + n } else { n };
        index_of(n.min(length as f64))
    };
    let from = place(from.unwrap_or(0.0));
    let to = place(to.unwrap_or(length as f64));
    (from, to.max(from))
}

/// A number as a position: negative ones and NaN are 0.
#[expect(
    clippy::cast_sign_loss,
    reason = "the cast saturates, which is what is wanted"
)]
const fn index_of(number: f64) -> usize {
    number as usize
}

/// A whole number in a base from 2 to 36.
fn radix_text(number: f64, radix: f64) -> Option<String> {
    let radix = index_of(radix) as u32;
    if !(2..=36).contains(&radix) || number < 0.0 || number.fract() != 0.0 || number > 1e15 {
        return None;
    }
    let mut left = index_of(number) as u64;
    let mut digits = Vec::new();
    loop {
        digits.push(char::from_digit((left % u64::from(radix)) as u32, radix)?);
        left /= u64::from(radix);
        if left == 0 {
            break;
        }
    }
    Some(digits.iter().rev().collect())
}
