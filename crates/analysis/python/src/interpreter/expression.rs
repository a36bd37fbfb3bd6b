//! Expressions.

use std::borrow::Cow;

use foretaste_model::facts::UseKind;
use foretaste_observe::taint::SetId;
use ruff_python_ast::{
    self as ast, CmpOp, Expr, InterpolatedStringElement, Number, Operator, UnaryOp,
};
use ruff_text_size::Ranged;

use super::{Interpreter, MAX_DEPTH};
use crate::symbols::Special;
use crate::value::{Shape, Value};

/// The byte range of a node.
pub(super) fn range(node: &impl Ranged) -> (u32, u32) {
    let range = node.range();
    (range.start().into(), range.end().into())
}

/// Elements of a comprehension that are worked out one by one.
const MAX_ELEMENTS: usize = 65_536;

impl<'a> Interpreter<'a> {
    /// The value of an expression that is read here: naming an API is a use of it.
    pub(super) fn eval(&mut self, expr: &'a Expr) -> Value {
        let value = self.resolve(expr);
        if let (Shape::Api(sym), Expr::Name(_) | Expr::Attribute(_)) = (value.shape, expr) {
            return self.read_api(sym, range(expr), value);
        }
        value
    }

    /// The value of an expression on the way to something else: an attribute, a call.
    pub(super) fn resolve(&mut self, expr: &'a Expr) -> Value {
        if self.depth >= MAX_DEPTH || !self.budget.step() {
            return Value::UNKNOWN;
        }
        self.depth += 1;
        let value = self.expression(expr);
        self.depth -= 1;
        value
    }

    fn expression(&mut self, expr: &'a Expr) -> Value {
        match expr {
            Expr::Name(name) => self.lookup(name.id.as_str()),
            Expr::Attribute(attribute) => {
                let base = self.resolve(&attribute.value);
                let name = attribute.attr.as_str();
                match base.shape {
                    Shape::Str(_) | Shape::Bytes(_) => self.bound_method(base, name),
                    Shape::Api(_) | Shape::Function(_) | Shape::Method(..) => {
                        self.attribute(base, name)
                    }
                    _ => {
                        let value = self.attribute(base, name);
                        let told = self.telling_member(base, attribute);
                        let taint = self.union(value.taint, told);
                        value.with(taint)
                    }
                }
            }
            Expr::Call(call) => self.call(call),
            Expr::StringLiteral(literal) => {
                let text = literal.value.to_str();
                self.literal(text, range(literal));
                Value::of(Shape::Str(self.constants.borrow_text(text)))
            }
            Expr::BytesLiteral(literal) => self.bytes_literal(literal),
            Expr::NumberLiteral(number) => match &number.value {
                Number::Int(int) => int
                    .as_i64()
                    .map_or(Value::UNKNOWN, |i| Value::of(Shape::Int(i))),
                _ => Value::UNKNOWN,
            },
            Expr::BooleanLiteral(literal) => Value::of(Shape::Bool(literal.value)),
            Expr::NoneLiteral(_) => Value::of(Shape::None),
            Expr::EllipsisLiteral(_) | Expr::IpyEscapeCommand(_) => Value::UNKNOWN,
            Expr::FString(f) => self.interpolated(
                f.value
                    .iter()
                    .flat_map(|part| match part {
                        ast::FStringPart::Literal(text) => vec![Piece::Text(&text.value)],
                        ast::FStringPart::FString(f) => {
                            f.elements.iter().map(Piece::Element).collect()
                        }
                    })
                    .collect(),
                range(f),
            ),
            Expr::TString(t) => {
                let pieces = t.value.elements().map(Piece::Element).collect();
                self.interpolated(pieces, range(t))
            }
            Expr::BinOp(op) => self.binary_operation(op),
            Expr::BoolOp(op) => {
                let mut value = Value::UNKNOWN;
                for expression in &op.values {
                    let operand = self.eval(expression);
                    // what a caller passes is there, whatever it is: the constant behind it is for those who pass nothing
                    if op.op == ast::BoolOp::Or
                        && operand.shape == Shape::Unknown
                        && self.is_passed(expression)
                    {
                        let taint = self.union(value.taint, operand.taint);
                        return operand.with(taint);
                    }
                    // `a or b`: the first one that tells something
                    let taint = self.union(value.taint, operand.taint);
                    value = if value.shape.is_telling() {
                        value
                    } else {
                        operand
                    }
                    .with(taint);
                }
                value
            }
            Expr::UnaryOp(op) => {
                let value = self.eval(&op.operand);
                match (op.op, value.shape) {
                    (UnaryOp::USub, Shape::Int(i)) => Value::of(Shape::Int(i.wrapping_neg())),
                    (UnaryOp::Invert, Shape::Int(i)) => Value::of(Shape::Int(!i)),
                    (UnaryOp::Not, _) => Value::UNKNOWN,
                    _ => Value::tainted(value.taint),
                }
            }
            Expr::Named(named) => {
                let value = self.eval(&named.value);
                self.assign(&named.target, super::statement::rebound(value));
                value
            }
            Expr::Lambda(lambda) => self.lambda(lambda),
            Expr::If(choice) => {
                self.eval(&choice.test);
                let body = self.eval(&choice.body);
                let orelse = self.eval(&choice.orelse);
                self.join(orelse, body)
            }
            Expr::Dict(dict) => self.dict(dict),
            Expr::Set(set) => self.sequence_literal(&set.elts),
            Expr::List(list) => self.sequence_literal(&list.elts),
            Expr::Tuple(tuple) => self.sequence_literal(&tuple.elts),
            Expr::ListComp(c) => self.comprehension(&c.elt, None, &c.generators),
            Expr::SetComp(c) => self.comprehension(&c.elt, None, &c.generators),
            Expr::Generator(c) => self.comprehension(&c.elt, None, &c.generators),
            Expr::DictComp(c) => self.comprehension(&c.value, c.key.as_deref(), &c.generators),
            Expr::Await(inner) => self.eval(&inner.value),
            Expr::Yield(inner) => {
                if let Some(value) = &inner.value {
                    let value = self.eval(value);
                    // what `with` gets of a generator that manages a context
                    self.give_back(match value.shape {
                        Shape::Object(_) | Shape::Instance(_) => value,
                        _ => Value::tainted(value.taint),
                    });
                }
                Value::UNKNOWN
            }
            Expr::YieldFrom(inner) => {
                let value = self.eval(&inner.value);
                self.give_back(Value::tainted(value.taint));
                Value::tainted(value.taint)
            }
            Expr::Compare(compare) => self.compare(compare),
            Expr::Subscript(subscript) => self.subscript(subscript),
            Expr::Starred(starred) => self.eval(&starred.value),
            Expr::Slice(slice) => {
                for part in [&slice.lower, &slice.upper, &slice.step]
                    .into_iter()
                    .flatten()
                {
                    self.eval(part);
                }
                Value::UNKNOWN
            }
        }
    }

    // ── literals ──

    /// Looks at a string constant, once for each place.
    pub(super) fn literal(&mut self, text: &str, range: (u32, u32)) {
        if !self.is_fresh(text, range) {
            return;
        }
        self.facts.literal(text, range, self.frame.fact);
        if text.len() >= 24 {
            self.layers.consider(text.as_bytes(), range);
        }
    }

    /// True for a constant that can matter, the first time that its place is come to.
    fn is_fresh(&mut self, text: &str, range: (u32, u32)) -> bool {
        if text.len() < 4 || (self.frame.again && !self.classified.insert(range.0)) {
            return false;
        }
        if !self.frame.again && self.frame.loops > 0 {
            self.classified.insert(range.0);
        }
        true
    }

    /// A constant that something is compared with.
    fn compared(&mut self, literal: &'a ast::ExprStringLiteral) -> Value {
        let (text, at) = (literal.value.to_str(), range(literal));
        if self.is_fresh(text, at) {
            self.facts.compared(text, at, self.frame.fact);
        }
        Value::of(Shape::Str(self.constants.borrow_text(text)))
    }

    /// A constant that was put together: looked at like a literal.
    pub(super) fn folded(&mut self, value: Value, range: (u32, u32)) {
        match value.shape {
            Shape::Str(id) | Shape::Template(id) | Shape::Path(id) => {
                let text = self.constants.text(id).to_owned();
                self.facts.literal(&text, range, self.frame.fact);
                if text.len() >= 24 && matches!(value.shape, Shape::Str(_)) {
                    self.layers.consider(text.as_bytes(), range);
                }
            }
            Shape::Bytes(id) => {
                let bytes = self.constants.bytes(id).to_owned();
                self.facts.bytes_literal(&bytes, range, self.frame.fact);
            }
            _ => {}
        }
    }

    fn bytes_literal(&mut self, literal: &'a ast::ExprBytesLiteral) -> Value {
        let parts = literal.value.as_slice();
        let bytes: Cow<'a, [u8]> = match parts {
            [one] => Cow::Borrowed(one.as_slice()),
            many => Cow::Owned(
                many.iter()
                    .flat_map(ruff_python_ast::BytesLiteral::as_slice)
                    .copied()
                    .collect(),
            ),
        };
        let range = range(literal);
        if bytes.len() >= 4 && (!self.frame.again || self.classified.insert(range.0)) {
            self.facts.bytes_literal(&bytes, range, self.frame.fact);
            if bytes.len() >= 24 {
                self.layers.consider(&bytes, range);
            }
        }
        Value::of(Shape::Bytes(self.constants.borrow_bytes(bytes)))
    }

    fn interpolated(&mut self, pieces: Vec<Piece<'a>>, range: (u32, u32)) -> Value {
        let mut text = String::new();
        let mut taint = SetId::EMPTY;
        let mut whole = true;
        for piece in pieces {
            match piece {
                Piece::Text(part) => text.push_str(part),
                Piece::Element(InterpolatedStringElement::Literal(part)) => {
                    text.push_str(&part.value);
                }
                Piece::Element(InterpolatedStringElement::Interpolation(part)) => {
                    let value = self.eval(&part.expression);
                    taint = self.union(taint, value.taint);
                    if let Some(spec) = &part.format_spec {
                        for element in &spec.elements {
                            if let InterpolatedStringElement::Interpolation(inner) = element {
                                self.eval(&inner.expression);
                            }
                        }
                    }
                    if part.format_spec.is_none() || !matches!(value.shape, Shape::Int(_)) {
                        whole &= self.append_text(&mut text, value);
                    } else {
                        text.push_str("{}");
                        whole = false;
                    }
                }
            }
        }
        self.composed(text, whole, taint, range)
    }

    /// True for a constant that only one branch gives, where another gives data, behind some text: what stands there is
    /// data, not the constant. The host of a URL stays an address, whoever may set another.
    fn may_be_other(&self, before: &str, value: Value) -> bool {
        !before.is_empty()
            && !before.ends_with("://")
            && self.taints.trails(value.taint).iter().any(|trail| {
                matches!(
                    self.taints.origin_of(*trail),
                    Some(foretaste_observe::taint::Origin::Source(mark))
                        if !mark.capability.is_decoder()
                )
            })
    }

    /// Appends what is known of a value as text; false if part of it is unknown.
    pub(super) fn append_text(&self, out: &mut String, value: Value) -> bool {
        match value.shape {
            Shape::Str(_) if self.may_be_other(out, value) => {
                out.push_str("{}");
                false
            }
            Shape::Str(id) => {
                out.push_str(self.constants.text(id));
                true
            }
            Shape::Template(id) | Shape::Path(id) => {
                let text = self.constants.text(id);
                out.push_str(text);
                !text.contains("{}")
            }
            Shape::Int(i) => {
                out.push_str(&i.to_string());
                true
            }
            Shape::Bytes(id) => {
                if let Ok(text) = std::str::from_utf8(self.constants.bytes(id)) {
                    out.push_str(text);
                    true
                } else {
                    out.push_str("{}");
                    false
                }
            }
            _ => {
                out.push_str("{}");
                false
            }
        }
    }

    /// A text that was put together.
    pub(super) fn composed(
        &mut self,
        text: String,
        whole: bool,
        taint: SetId,
        range: (u32, u32),
    ) -> Value {
        if text == "{}" {
            return Value::tainted(taint);
        }
        let value = match self.constants.make_text(text) {
            Some(id) if whole => Value::of(Shape::Str(id)),
            Some(id) => Value::of(Shape::Template(id)),
            None => Value::UNKNOWN,
        };
        if !self.frame.again || self.classified.insert(range.1) {
            self.folded(value, range);
        }
        value.with(taint)
    }

    fn sequence_literal(&mut self, elements: &'a [Expr]) -> Value {
        let mut values = Vec::with_capacity(elements.len().min(MAX_ELEMENTS));
        let mut taint = SetId::EMPTY;
        let mut known = true;
        for element in elements {
            let value = self.eval(element);
            taint = self.union(taint, value.taint);
            if let (Expr::Starred(_), Shape::List(list)) = (element, value.shape) {
                values.extend_from_slice(self.lists.get(list as usize).map_or(&[], |l| l));
            } else if element.is_starred_expr() {
                known = false;
            } else if values.len() < MAX_ELEMENTS {
                values.push(value);
            }
        }
        if !known || values.len() >= MAX_ELEMENTS {
            return Value::tainted(taint);
        }
        self.list(values).with(taint)
    }

    fn dict(&mut self, dict: &'a ast::ExprDict) -> Value {
        let mut items = Vec::with_capacity(dict.items.len().min(4096));
        let mut taint = SetId::EMPTY;
        for item in &dict.items {
            let key = item.key.as_ref().map(|k| self.eval(k));
            let value = self.eval(&item.value);
            taint = self.union(taint, value.taint);
            match (key, value.shape) {
                (Some(key), _) => {
                    self.note_hidden_copy(key, value, range(&item.value));
                    taint = self.union(taint, key.taint);
                    if items.len() < 4096 {
                        items.push((key, value));
                    }
                }
                (None, Shape::Dict(inner)) => {
                    items.extend_from_slice(self.dicts.get(inner as usize).map_or(&[], |d| d));
                }
                (None, _) => {}
            }
        }
        self.note_payee_of(&items, range(dict));
        self.dicts.push(items);
        Value::of(Shape::Dict(self.dicts.len() as u32 - 1)).with(taint)
    }

    // ── operators ──

    /// `a + b + c …` as one: obfuscated code has thousands of operands.
    fn binary_operation(&mut self, op: &'a ast::ExprBinOp) -> Value {
        let mut spine = vec![op];
        let mut left = &*op.left;
        while let Expr::BinOp(inner) = left {
            spine.push(inner);
            left = &inner.left;
        }
        let mut value = self.eval(left);
        let bottom = range(op).0;
        for op in spine.into_iter().rev() {
            let right = self.eval(&op.right);
            value = self.binary(op.op, value, right);
            if !self.budget.step() {
                break;
            }
        }
        if matches!(
            value.shape,
            Shape::Str(_) | Shape::Template(_) | Shape::Path(_)
        ) && (!self.frame.again || self.classified.insert(range(op).1))
        {
            self.folded(value, (bottom, range(op).1));
        }
        value
    }

    pub(super) fn binary(&mut self, op: Operator, left: Value, right: Value) -> Value {
        let taint = self.union(left.taint, right.taint);
        let value = match (op, left.shape, right.shape) {
            (Operator::Add, Shape::Bytes(a), Shape::Bytes(b)) => {
                let mut bytes = self.constants.bytes(a).to_vec();
                bytes.extend_from_slice(self.constants.bytes(b));
                self.bytes(bytes)
            }
            (Operator::Add, Shape::List(a), Shape::List(b)) => {
                let mut values = self.elements(a).to_vec();
                values.extend_from_slice(self.elements(b));
                if values.len() > MAX_ELEMENTS {
                    Value::UNKNOWN
                } else {
                    self.list(values)
                }
            }
            (Operator::Add, a, b) if is_text(a) || is_text(b) => {
                let mut text = String::new();
                let first = self.append_text(&mut text, left);
                let whole = self.append_text(&mut text, right) && first;
                match self.constants.make_text(text) {
                    Some(id) if whole => Value::of(Shape::Str(id)),
                    Some(id) => Value::of(Shape::Template(id)),
                    None => Value::UNKNOWN,
                }
            }
            (Operator::Mod, Shape::Str(format) | Shape::Template(format), _) => {
                self.percent_format(format, right)
            }
            (Operator::Div, Shape::Path(_) | Shape::Object(_) | Shape::Unknown, _)
            | (Operator::Div, _, Shape::Path(_))
                if self.is_path(left) || self.is_path(right) =>
            {
                self.join_paths(&[left, right])
            }
            (Operator::Mult, Shape::Str(text), Shape::Int(n))
            | (Operator::Mult, Shape::Int(n), Shape::Str(text)) => {
                let text = self.constants.text(text);
                match usize::try_from(n) {
                    Ok(n) if n.saturating_mul(text.len()) < 1 << 16 => {
                        let text = text.repeat(n);
                        self.text(text)
                    }
                    _ => Value::UNKNOWN,
                }
            }
            (op, Shape::Int(a), Shape::Int(b)) => {
                arithmetic(op, a, b).map_or(Value::UNKNOWN, |i| Value::of(Shape::Int(i)))
            }
            _ => Value::UNKNOWN,
        };
        value.with(taint)
    }

    fn compare(&mut self, compare: &'a ast::ExprCompare) -> Value {
        let equals = |op: Option<&CmpOp>| matches!(op, Some(CmpOp::Eq | CmpOp::NotEq));
        let left = match &*compare.left {
            Expr::StringLiteral(text) if equals(compare.ops.first()) => self.compared(text),
            left => self.eval(left),
        };
        for (op, right) in compare.ops.iter().zip(&compare.comparators) {
            let value = match right {
                Expr::StringLiteral(text) if equals(Some(op)) => self.compared(text),
                right => self.resolve(right),
            };
            if let Shape::Api(sym) = value.shape {
                if self.symbols.special(sym) == Special::Environ
                    && matches!(op, CmpOp::In | CmpOp::NotIn)
                {
                    let sym = self.symbols.child(sym, "__getitem__");
                    self.report_use(sym, range(compare), UseKind::Read, value.via, &[left]);
                } else {
                    self.read_api(sym, range(right), value);
                }
            }
        }
        Value::UNKNOWN
    }

    /// True for the name of a parameter in a function that is run once more with what a call passes.
    pub(super) fn is_passed(&self, expression: &Expr) -> bool {
        let Expr::Name(name) = expression else {
            return false;
        };
        let running = self.frame.func.filter(|_| self.frame.again);
        running
            .and_then(|index| self.functions.get(index as usize))
            .is_some_and(|function| function.params.contains(&name.id.as_str()))
    }
}

enum Piece<'a> {
    Text(&'a str),
    Element(&'a InterpolatedStringElement),
}

const fn is_text(shape: Shape) -> bool {
    matches!(shape, Shape::Str(_) | Shape::Template(_))
}

fn arithmetic(op: Operator, a: i64, b: i64) -> Option<i64> {
    match op {
        Operator::Add => a.checked_add(b),
        Operator::Sub => a.checked_sub(b),
        Operator::Mult => a.checked_mul(b),
        Operator::FloorDiv | Operator::Div => a.checked_div_euclid(b),
        Operator::Mod => a.checked_rem_euclid(b),
        Operator::Pow => u32::try_from(b).ok().and_then(|b| a.checked_pow(b)),
        Operator::LShift => u32::try_from(b)
            .ok()
            .filter(|b| *b < 40)
            .and_then(|b| a.checked_shl(b)),
        Operator::RShift => u32::try_from(b).ok().and_then(|b| a.checked_shr(b)),
        Operator::BitOr => Some(a | b),
        Operator::BitXor => Some(a ^ b),
        Operator::BitAnd => Some(a & b),
        Operator::MatMult => None,
    }
}
