//! Folding: arithmetic, character codes, encodings of constants.

use foretaste_model::Capability;
use foretaste_model::facts::{Resolution, UseKind};
use foretaste_observe::decode;
use foretaste_observe::table::Entry;
use foretaste_observe::taint::SetId;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use rustc_hash::FxHashMap;

use super::Evaluator;
use super::call::Site;
use crate::apis::ApiRef;
use crate::ir::{Arith, Ir, List, NodeId, Op, SymId};
use crate::special::Special;
use crate::strings::{HOLE, StrId};
use crate::values::{Value, ValueId};

/// What `encodeURIComponent` escapes (ECMA-262, 19.2.6.4).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

impl Evaluator<'_> {
    pub(super) fn arith(&mut self, op: Arith, left: NodeId, right: NodeId) -> ValueId {
        let (a, b) = (self.at(left), self.at(right));
        if let (Some(x), Some(y)) = (a.number(), b.number())
            && let Some(result) = compute(op, x, y)
        {
            return self.intern(Value {
                number: result.to_bits(),
                ..Value::default()
            });
        }
        let taints = self.taints.union(a.taints, b.taints);
        self.data(taints)
    }

    /// The numbers in the arguments, arrays spread out; nothing if one is unknown.
    fn numbers(&self, site: &Site) -> Option<Vec<f64>> {
        let mut out = Vec::new();
        for arg in &site.args {
            let value = self.value(arg.value);
            if let Some(number) = value.number() {
                out.push(number);
                continue;
            }
            let object = value.objects().next()?;
            let o = self.heap.get(object as usize)?;
            if o.shuffled || o.items.is_empty() {
                return None;
            }
            for item in &o.items {
                out.push(self.value(*item).number()?);
            }
        }
        (!out.is_empty()).then_some(out)
    }

    pub(super) fn char_codes(
        &mut self,
        api: ApiRef,
        entry: Option<&'static Entry>,
        site: &Site,
    ) -> ValueId {
        let mut spread = site.clone();
        for arg in &mut spread.args {
            if let Op::Spread(inner) = self.ir.node(arg.node).op {
                arg.value = self.value_of(inner);
            }
        }
        let text = self.numbers(&spread).map(|codes| {
            let units: Vec<u16> = codes
                .iter()
                .map(|c| to_int(*c).cast_unsigned() as u16)
                .collect();
            String::from_utf16_lossy(&units)
        });
        let mut taints = SetId::EMPTY;
        for arg in &site.args {
            let value = self.value(arg.value);
            let inner = self.deep_of_objects(&value);
            taints = self.taints.union(taints, value.taints);
            taints = self.taints.union(taints, inner);
        }
        let long = text.as_ref().is_some_and(|t| t.chars().count() >= 8);
        let text = text.map_or(StrId::NONE, |t| self.ir.strings.fold(t));
        if let (Some(entry), true) = (entry, long || text == StrId::NONE) {
            self.note_use(api, entry.capabilities, site);
        }
        if text.is_text() {
            self.record_folded(site.node, text);
            if long {
                taints = self.source(site.node, Capability::DecodeText, api.id(), text);
            }
        } else if taints.is_empty() {
            // letters counted up are names that a generator makes: there is no data in them
            if !site.args.iter().all(|arg| self.is_counted(arg.node, 0)) {
                taints = self.unknown_input(site.node, Capability::DecodeText, api);
            }
        } else {
            taints = self.through(taints, api, Capability::DecodeText, site.node);
        }
        self.intern(Value {
            text,
            taints,
            ..Value::default()
        })
    }

    /// What a decoder of the program gives: a source of hidden text, unless it is only a name.
    pub(super) fn unpacked(&mut self, node: NodeId, text: StrId) -> ValueId {
        let plain = self.ir.strings.get(text).to_owned();
        if plain.chars().count() < 8 {
            self.record_folded(node, text);
            return self.intern(Value::of_text(text));
        }
        let api = ApiRef::new(self.apis.named("String.fromCharCode"), Resolution::Direct);
        let capability = Capability::DecodeText;
        self.record_use(node, api, &[capability], UseKind::Call, Vec::new());
        self.decoded(Some(plain), SetId::EMPTY, api, capability, node)
    }

    /// True for a number that comes from constants and counters alone.
    fn is_counted(&mut self, node: NodeId, depth: u32) -> bool {
        if depth > 8 {
            return false;
        }
        match self.ir.node(node).op {
            Op::Number(_) => true,
            Op::Arith { left, right, .. } => {
                self.is_counted(left, depth + 1) && self.is_counted(right, depth + 1)
            }
            Op::Concat(parts) => {
                let parts = self.ir.items(parts).to_vec();
                parts.iter().all(|part| self.is_counted(*part, depth + 1))
            }
            Op::Sym(sym) => {
                let given = self.assigned(sym).to_vec();
                let starts = given
                    .iter()
                    .any(|value| matches!(self.ir.node(*value).op, Op::Number(_)));
                starts
                    && given.iter().all(|value| {
                        // `i++`, `i += 2`
                        *value == 0 || self.is_own_step(*value, sym, depth + 1)
                    })
            }
            _ => false,
        }
    }

    /// True for a number, or for one that a variable counts on from what it was.
    fn is_own_step(&mut self, node: NodeId, sym: SymId, depth: u32) -> bool {
        let own = |ir: &Ir<'_>, node: NodeId| matches!(ir.node(node).op, Op::Sym(s) if s == sym);
        match self.ir.node(node).op {
            Op::Arith { left, right, .. } if own(&self.ir, left) => self.is_counted(right, depth),
            Op::Concat(parts) => self.ir.items(parts).iter().all(|part| {
                own(&self.ir, *part) || matches!(self.ir.node(*part).op, Op::Number(_))
            }),
            _ => self.is_counted(node, depth),
        }
    }

    /// What a variable is given, by node.
    pub(super) fn assigned(&mut self, sym: SymId) -> &[NodeId] {
        let ir = &self.ir;
        let all = self.assigned.get_or_insert_with(|| {
            let mut all = FxHashMap::<SymId, Vec<NodeId>>::default();
            for node in &ir.nodes {
                if let Op::Bind { sym, value, .. } = node.op {
                    all.entry(sym).or_default().push(value);
                }
            }
            all
        });
        all.get(&sym).map_or(&[], Vec::as_slice)
    }

    /// One more transform behind every trail.
    pub(super) fn through(
        &mut self,
        taints: SetId,
        api: ApiRef,
        capability: Capability,
        node: NodeId,
    ) -> SetId {
        let mark = foretaste_observe::taint::Mark {
            capability,
            api: api.id(),
            constant: 0,
            range: self.ir.node(node).range,
        };
        self.taints.transform(taints, mark)
    }

    /// `Buffer.from(x)`, `Buffer.from(x, "base64")`.
    pub(super) fn buffer(
        &mut self,
        api: ApiRef,
        entry: Option<&'static Entry>,
        site: &Site,
    ) -> ValueId {
        let input = site.args.first().map_or(0, |a| a.value);
        let value = self.value(input);
        let encoding = site
            .args
            .get(1)
            .map_or(StrId::NONE, |a| self.value(a.value).text);
        let encoding = self
            .ir
            .strings
            .constant(encoding)
            .unwrap_or("")
            .to_ascii_lowercase();
        let inner = self.deep_of_objects(&value);
        let taints = self.taints.union(value.taints, inner);
        match &*encoding {
            "base64" | "base64url" | "hex" => {
                let decoded = if encoding == "hex" {
                    self.folded(value.text, decode::hex)
                } else {
                    self.folded(value.text, decode::base64)
                };
                let api = if encoding == "hex" {
                    ApiRef::new(self.apis.named("Buffer.from:hex"), api.how())
                } else {
                    api
                };
                if let Some(entry) = entry {
                    let named = ApiRef::new(self.apis.named("Buffer.from"), api.how());
                    self.note_use(named, entry.capabilities, site);
                }
                self.decoded(decoded, taints, api, Capability::DecodeText, site.node)
            }
            _ => {
                // bytes written out as numbers
                if let Some(bytes) = self.numbers(site).filter(|n| n.len() > 4) {
                    let bytes: Vec<u8> = bytes
                        .iter()
                        .map(|n| to_int(*n).cast_unsigned() as u8)
                        .collect();
                    let text = bytes_text(bytes);
                    return self.decoded(
                        Some(text),
                        taints,
                        api,
                        Capability::DecodeText,
                        site.node,
                    );
                }
                self.intern(Value {
                    taints,
                    text: value.text,
                    ..Value::default()
                })
            }
        }
    }

    pub(super) fn decode_call(
        &mut self,
        special: Special,
        api: ApiRef,
        entry: Option<&'static Entry>,
        site: &Site,
    ) -> ValueId {
        let value = site
            .args
            .first()
            .map_or_else(Value::default, |a| self.value(a.value));
        let capability = if special == Special::Inflate {
            Capability::DecodeCompressed
        } else {
            Capability::DecodeText
        };
        if let Some(entry) = entry {
            self.note_use(api, entry.capabilities, site);
        }
        let inner = self.deep_of_objects(&value);
        let taints = self.taints.union(value.taints, inner);
        let decoded = match special {
            Special::Atob => self.folded(value.text, decode::base64),
            Special::Percent => {
                let text = self.ir.strings.constant(value.text).map(str::to_owned);
                text.map(|t| {
                    let t = if t.contains("%u") {
                        decode::unescape(&t.replace("%u", "\\u"))
                    } else {
                        t
                    };
                    String::from_utf8_lossy(&decode::percent(t.as_bytes())).into_owned()
                })
            }
            _ => {
                let bytes = self.ir.strings.constant(value.text).and_then(latin1_bytes);
                bytes.and_then(|b| decode::inflate(&b)).map(bytes_text)
            }
        };
        if special == Special::Percent && (decoded.is_none() || !taints.is_empty()) {
            // an everyday helper of URLs: data passes through it
            return self.data(taints);
        }
        self.decoded(decoded, taints, api, capability, site.node)
    }

    /// The code of a `data:` URL that is put together: nothing but a constant is worth its encoded form.
    pub(super) fn escaped(&mut self, given: ValueId) -> Option<ValueId> {
        let value = self.value(given);
        let text = self.ir.strings.constant(value.text)?;
        if !value.taints.is_empty() {
            return None;
        }
        let escaped = utf8_percent_encode(text, ESCAPED).to_string();
        let text = self.ir.strings.fold(escaped);
        Some(self.intern(Value::of_text(text)))
    }

    fn folded(&self, text: StrId, decode: fn(&[u8]) -> Option<Vec<u8>>) -> Option<String> {
        let text = self.ir.strings.constant(text)?;
        decode(text.as_bytes()).map(bytes_text)
    }

    /// A decoder whose input comes from nowhere that is known. Said only once functions have told what they give.
    pub(super) fn unknown_input(
        &mut self,
        node: NodeId,
        capability: Capability,
        api: ApiRef,
    ) -> SetId {
        // bytes to text, and a character from its code, are everyday steps: a payload comes out of an encoding
        let name = self.apis.name_of(api.id());
        let everyday = capability == Capability::DecodeText
            && ![
                "atob",
                "Buffer.from",
                "64",
                "hex",
                "Hex",
                "bs58",
                "String.from",
            ]
            .iter()
            .any(|n| name.contains(n));
        if everyday {
            return SetId::EMPTY;
        }
        if self.settled < Self::SETTLED {
            self.heap.reads.restless();
            self.stale.wait(self.ir.node(node).function);
            return SetId::EMPTY;
        }
        self.source(node, capability, api.id(), StrId::NONE)
    }

    /// The result of a decoder: known text with its source, or data in another form.
    pub(super) fn decoded(
        &mut self,
        text: Option<String>,
        taints: SetId,
        api: ApiRef,
        capability: Capability,
        node: NodeId,
    ) -> ValueId {
        let text = text.map_or(StrId::NONE, |t| self.ir.strings.fold(t));
        let taints = if !taints.is_empty() {
            self.through(taints, api, capability, node)
        } else if text.is_text() {
            self.source(node, capability, api.id(), text)
        } else {
            self.unknown_input(node, capability, api)
        };
        let value = Value {
            text,
            taints,
            ..Value::default()
        };
        if text.is_text() {
            self.record_folded(node, text);
            let steps = self.decode_steps(&value);
            self.record_layer(node, text, steps, false);
        }
        self.intern(value)
    }

    /// `x.toString("base64")` and relatives.
    pub(super) fn encode(&mut self, value: &Value, encoding: &str, node: NodeId) -> ValueId {
        let capability = Capability::EncodeText;
        let api = ApiRef::new(self.apis.named("Buffer.toString"), Resolution::Method);
        self.record_use(
            node,
            api,
            &[capability],
            UseKind::Call,
            vec![encoding.to_owned()],
        );
        let inner = self.deep_of_objects(value);
        let taints = self.taints.union(value.taints, inner);
        let taints = self.through(taints, api, capability, node);
        self.data(taints)
    }
}

fn compute(op: Arith, x: f64, y: f64) -> Option<f64> {
    let (a, b) = (to_int(x), to_int(y));
    let shift = (b & 31).cast_unsigned();
    let result = match op {
        Arith::Sub => x - y,
        Arith::Mul => x * y,
        Arith::Div => x / y,
        Arith::Rem => x % y,
        Arith::Xor => f64::from(a ^ b),
        Arith::And => f64::from(a & b),
        Arith::Or => f64::from(a | b),
        Arith::Shl => f64::from(a.wrapping_shl(shift)),
        Arith::Shr => f64::from(a.wrapping_shr(shift)),
        Arith::Ushr => f64::from(a.cast_unsigned().wrapping_shr(shift)),
        Arith::Other => return None,
    };
    result.is_finite().then_some(result)
}

/// JavaScript's conversion to a 32-bit integer.
#[expect(
    clippy::cast_sign_loss,
    reason = "the value was wrapped into range before"
)]
fn to_int(x: f64) -> i32 {
    if !x.is_finite() {
        return 0;
    }
    let wrapped = x.trunc().rem_euclid(4_294_967_296.0);
    (wrapped as u32).cast_signed()
}

/// Bytes as text: UTF-8 if they are, one character per byte otherwise.
pub(super) fn bytes_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|e| e.into_bytes().into_iter().map(char::from).collect())
}

/// Text of one character per byte as bytes again.
pub(super) fn latin1_bytes(text: &str) -> Option<Vec<u8>> {
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).ok())
        .collect()
}

impl Evaluator<'_> {
    /// A text with known and unknown parts, and the data in it.
    pub(super) fn concat(&mut self, parts: List) -> ValueId {
        let mut text = String::new();
        let mut taints = SetId::EMPTY;
        let mut known = false;
        for index in 0..self.ir.items(parts).len() {
            let value = self.at(self.item(parts, index));
            taints = self.taints.union(taints, value.taints);
            if text.len() > 2 << 20 {
                continue;
            }
            match self.text_of(&value) {
                Some(part) => {
                    known |= !part.is_empty();
                    text.push_str(&part);
                }
                None => {
                    if !text.ends_with(HOLE) {
                        text.push(HOLE);
                    }
                }
            }
            let inner = self.deep_of_objects(&value);
            taints = self.taints.union(taints, inner);
        }
        let text = if known {
            self.ir.strings.fold(text)
        } else {
            StrId::NONE
        };
        self.intern(Value {
            text,
            taints,
            ..Value::default()
        })
    }

    /// The text of a value as it appears in a concatenation; may hold holes.
    pub(super) fn text_of(&self, value: &Value) -> Option<String> {
        if value.text.is_text() {
            return Some(self.ir.strings.get(value.text).to_owned());
        }
        value.number().map(|n| format!("{n}"))
    }
}
