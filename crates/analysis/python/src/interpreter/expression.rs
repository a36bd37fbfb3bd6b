//! Expressions.

use std::borrow::Cow;

use foretaste_model::facts::{Resolution, UseKind};
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
                self.attribute(base, attribute.attr.as_str())
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
                for operand in &op.values {
                    let operand = self.eval(operand);
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
                    self.give_back(Value::tainted(value.taint));
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
        if text.len() < 4 || (self.frame.again && !self.classified.insert(range.0)) {
            return;
        }
        if !self.frame.again && self.frame.loops > 0 {
            self.classified.insert(range.0);
        }
        self.facts.literal(text, range, self.frame.fact);
        if text.len() >= 24 {
            self.layers.consider(text.as_bytes(), range);
        }
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

    /// Appends what is known of a value as text; false if part of it is unknown.
    pub(super) fn append_text(&self, out: &mut String, value: Value) -> bool {
        match value.shape {
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
        let left = self.eval(&compare.left);
        for (op, right) in compare.ops.iter().zip(&compare.comparators) {
            let value = self.resolve(right);
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

    // ── attributes, items ──

    /// `base.name`
    pub(super) fn attribute(&mut self, base: Value, name: &'a str) -> Value {
        match base.shape {
            Shape::Api(sym) => {
                if name == "__dict__" {
                    return self.namespace(base);
                }
                let sym = self.symbols.child(sym, name);
                Value {
                    shape: Shape::Api(sym),
                    ..base
                }
            }
            Shape::Object(kind) => {
                let sym = self.symbols.child(kind, name);
                Value::of(Shape::Api(sym))
                    .with(base.taint)
                    .via(Resolution::Method)
            }
            Shape::Path(_) => match name {
                "parent" | "name" | "stem" | "suffix" | "parts" => Value::tainted(base.taint),
                _ => {
                    let kind = self.symbols.path("pathlib.Path");
                    let sym = self.symbols.child(kind, name);
                    Value::of(Shape::Api(sym))
                        .with(base.taint)
                        .via(Resolution::Method)
                }
            },
            Shape::Instance(class) => {
                if name == "__dict__" {
                    return self.namespace(base);
                }
                self.attribute_of_instance(class, name, true, base.taint)
            }
            Shape::Class(class) => self.attribute_of_instance(class, name, false, base.taint),
            Shape::Partial(partial) if name == "func" => self
                .partials
                .get(partial as usize)
                .map_or(Value::UNKNOWN, |p| p.0),
            _ => Value::tainted(base.taint),
        }
    }

    /// An attribute by a name that was worked out.
    pub(super) fn attribute_named(&mut self, base: Value, name: &str) -> Value {
        let found = match base.shape {
            Shape::Api(sym) | Shape::Object(sym) => {
                let sym = self.symbols.child(sym, name);
                Value::of(Shape::Api(sym)).with(base.taint)
            }
            Shape::Instance(class) | Shape::Class(class) => {
                match self.attribute_of_class(class, name, 0) {
                    Some(Value {
                        shape: Shape::Function(f),
                        taint,
                        via,
                    }) if matches!(base.shape, Shape::Instance(_)) => Value {
                        shape: Shape::Method(f, class),
                        taint,
                        via,
                    },
                    Some(value) => value,
                    None => Value::tainted(base.taint),
                }
            }
            Shape::Path(_) => {
                let kind = self.symbols.path("pathlib.Path");
                let sym = self.symbols.child(kind, name);
                Value::of(Shape::Api(sym)).with(base.taint)
            }
            _ => Value::tainted(base.taint),
        };
        found.via(Resolution::Reflected)
    }

    pub(super) fn namespace(&mut self, of: Value) -> Value {
        self.namespaces.push(of);
        Value::of(Shape::Namespace(self.namespaces.len() as u32 - 1))
    }

    /// A name in a namespace that was worked out: `globals()["x"]`, `vars(os)["system"]`.
    pub(super) fn named_in(&mut self, namespace: u32, name: &str) -> Value {
        let of = self
            .namespaces
            .get(namespace as usize)
            .copied()
            .unwrap_or(Value::UNKNOWN);
        let value = match of.shape {
            Shape::Unknown => match name {
                "__builtins__" => Value::of(Shape::Api(self.symbols.root("builtins"))),
                _ => self.find(name).unwrap_or_else(|| self.ambient(name)),
            },
            _ => self.attribute_named(of, name),
        };
        value.via(Resolution::Reflected)
    }

    fn subscript(&mut self, subscript: &'a ast::ExprSubscript) -> Value {
        let base = self.resolve(&subscript.value);
        if let Expr::Slice(slice) = &*subscript.slice {
            let bounds = [&slice.lower, &slice.upper, &slice.step].map(|part| {
                part.as_ref().map(|e| match self.eval(e).shape {
                    Shape::Int(i) => Ok(i),
                    Shape::None => Err(true),
                    _ => Err(false),
                })
            });
            return self.slice(base, bounds, range(subscript));
        }
        let key = self.eval(&subscript.slice);
        self.item(base, key, range(subscript))
    }

    /// `base[key]`
    pub(super) fn item(&mut self, base: Value, key: Value, range: (u32, u32)) -> Value {
        match (base.shape, key.shape) {
            (Shape::Api(sym), _) => match self.symbols.special(sym) {
                Special::Environ => {
                    let sym = self.symbols.child(sym, "__getitem__");
                    self.call_api_plain(sym, base, &[key], range)
                }
                Special::SysModules => match self.text_of(key).map(str::to_owned) {
                    Some(name) => {
                        Value::of(Shape::Api(self.symbols.path(&name))).via(Resolution::Reflected)
                    }
                    None => Value::UNKNOWN,
                },
                // `__builtins__["exec"]`
                _ if self.symbols.name(sym) == "builtins" => {
                    match self.text_of(key).map(str::to_owned) {
                        Some(name) => self.attribute_named(base, &name),
                        None => Value::UNKNOWN,
                    }
                }
                _ => {
                    let value = self.read_api(sym, range, base);
                    Value::tainted(value.taint)
                }
            },
            (Shape::Namespace(namespace), Shape::Str(name)) => {
                let name = self.constants.text(name).to_owned();
                self.named_in(namespace, &name)
            }
            (Shape::List(list), Shape::Int(index)) => {
                let elements = self.elements(list);
                let at = if index < 0 {
                    usize::try_from(super::builtins::integer(elements.len()).saturating_add(index))
                        .ok()
                } else {
                    usize::try_from(index).ok()
                };
                at.and_then(|i| elements.get(i))
                    .copied()
                    .unwrap_or(Value::tainted(base.taint))
            }
            (Shape::Dict(dict), _) => self
                .dict_item(dict, key)
                .unwrap_or(Value::tainted(base.taint)),
            (Shape::Str(text), Shape::Int(index)) => {
                let text = self.constants.text(text);
                let at = if index < 0 {
                    text.chars()
                        .rev()
                        .nth(usize::try_from(-index - 1).unwrap_or(usize::MAX))
                } else if text.is_ascii() {
                    usize::try_from(index)
                        .ok()
                        .and_then(|i| text.as_bytes().get(i))
                        .map(|b| char::from(*b))
                } else {
                    text.chars()
                        .nth(usize::try_from(index).unwrap_or(usize::MAX))
                };
                match at {
                    Some(c) => self.text(c.to_string()).with(base.taint),
                    None => Value::tainted(base.taint),
                }
            }
            (Shape::Bytes(bytes), Shape::Int(index)) => usize::try_from(index)
                .ok()
                .and_then(|i| self.constants.bytes(bytes).get(i))
                .map_or(Value::tainted(base.taint), |b| {
                    Value::of(Shape::Int(i64::from(*b))).with(base.taint)
                }),
            _ => Value::tainted(base.taint),
        }
    }

    /// The value of a key of a dict, the last one that was set.
    pub(super) fn dict_item(&self, dict: u32, key: Value) -> Option<Value> {
        let items = self.dicts.get(dict as usize)?;
        items
            .iter()
            .rev()
            .find(|(k, _)| match (k.shape, key.shape) {
                (Shape::Str(a), Shape::Str(b)) => self.constants.text(a) == self.constants.text(b),
                (a @ (Shape::Int(_) | Shape::Bool(_)), b) => a == b,
                _ => false,
            })
            .map(|(_, v)| *v)
    }

    // ── comprehensions ──

    fn comprehension(
        &mut self,
        element: &'a Expr,
        key: Option<&'a Expr>,
        generators: &'a [ast::Comprehension],
    ) -> Value {
        let mut saved = Vec::new();
        let mut taint = SetId::EMPTY;
        let mut first = Value::UNKNOWN;
        for (i, generator) in generators.iter().enumerate() {
            let iterable = self.eval(&generator.iter);
            if i == 0 {
                first = iterable;
            }
            taint = self.union(taint, iterable.taint);
            self.save_names(&generator.target, &mut saved);
            self.assign_fresh(&generator.target, Value::tainted(iterable.taint));
            for test in &generator.ifs {
                self.eval(test);
            }
        }
        let mut result = None;
        if let [generator] = generators
            && generator.ifs.is_empty()
            && key.is_none()
            && let Some(elements) = self.sequence(first)
            && !elements.is_empty()
        {
            result = self.unrolled(element, &generator.target, elements);
        }
        let result = result.unwrap_or_else(|| {
            let key_taint = key.map_or(SetId::EMPTY, |k| self.eval(k).taint);
            let value = self.eval(element);
            let taint = self.union(value.taint, key_taint);
            Value::tainted(taint)
        });
        for (name, old) in saved {
            if let Some(scope) = self.scopes.get_mut(self.frame.scope as usize) {
                match old {
                    Some(old) => scope.vars.insert(name, old),
                    None => scope.vars.remove(name),
                };
            }
        }
        result
    }

    /// The elements of a comprehension over constants, if they are constants too.
    fn unrolled(
        &mut self,
        element: &'a Expr,
        target: &'a Expr,
        elements: Vec<Value>,
    ) -> Option<Value> {
        let again = self.frame.again;
        let mut values = Vec::with_capacity(elements.len());
        let mut complete = true;
        for (i, item) in elements.into_iter().enumerate() {
            self.assign_fresh(target, item);
            let value = self.eval(element);
            self.frame.again = true;
            if matches!(value.shape, Shape::Unknown | Shape::Template(_)) && i > 8
                || !self.budget.step()
            {
                complete = false;
                break;
            }
            values.push(value);
        }
        self.frame.again = again;
        complete.then(|| self.list(values))
    }

    fn save_names(&mut self, target: &'a Expr, saved: &mut Vec<(&'a str, Option<Value>)>) {
        match target {
            Expr::Name(name) => {
                let name = name.id.as_str();
                let old = self
                    .scopes
                    .get(self.frame.scope as usize)
                    .and_then(|s| s.vars.get(name))
                    .copied();
                saved.push((name, old));
            }
            Expr::Tuple(tuple) if saved.len() < 64 => {
                for element in &tuple.elts {
                    self.save_names(element, saved);
                }
            }
            _ => {}
        }
    }

    /// Binds the targets of a comprehension, whatever was there.
    fn assign_fresh(&mut self, target: &'a Expr, value: Value) {
        if let Expr::Name(name) = target {
            self.rebind(name.id.as_str(), value);
        } else {
            let branches = std::mem::take(&mut self.frame.branches);
            self.assign(target, value);
            self.frame.branches = branches;
        }
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
