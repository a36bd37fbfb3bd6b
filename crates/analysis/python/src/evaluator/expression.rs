//! Expressions.

use std::rc::Rc;

use ruff_python_ast::{self as ast, BoolOp, CmpOp, Expr, InterpolatedStringElement, Number};
use ruff_text_size::Ranged;

use super::order::order;
use super::statement::module_of;
use super::value::{Binding, Body, Code, Dict, Env, Val};
use super::{Eval, Evaluator, Halt, MAX_DEPTH};

impl Evaluator {
    pub(super) fn eval(&mut self, expr: &Expr, env: &Rc<Env>) -> Eval {
        self.step()?;
        if self.depth >= MAX_DEPTH {
            return Ok(Val::Unknown(0));
        }
        self.depth += 1;
        let value = self.expression(expr, env);
        self.depth -= 1;
        if matches!(value, Ok(Val::Unknown(_))) && !self.guesses.take() {
            return Err(Halt::Stop);
        }
        value
    }

    fn expression(&mut self, expr: &Expr, env: &Rc<Env>) -> Eval {
        Ok(match expr {
            Expr::Name(name) => self.lookup(name.id.as_str(), env),
            Expr::StringLiteral(literal) => {
                let text = literal.value.to_str();
                self.afford(text.len())?;
                Val::str(text)
            }
            Expr::BytesLiteral(literal) => {
                let bytes: Vec<u8> = literal.value.bytes().collect();
                self.afford(bytes.len())?;
                Val::bytes(bytes)
            }
            Expr::NumberLiteral(number) => number_of(&number.value),
            Expr::BooleanLiteral(literal) => Val::Bool(literal.value),
            Expr::NoneLiteral(_) => Val::None,
            Expr::EllipsisLiteral(_) => Val::Ellipsis,
            Expr::Call(call) => return self.call_expression(call, env),
            Expr::Attribute(attribute) => {
                let base = self.eval(&attribute.value, env)?;
                return self.attribute(&base, attribute.attr.as_str());
            }
            Expr::Subscript(subscript) => return self.subscript(subscript, env),
            Expr::BinOp(op) => {
                // a long sum nests on its left side
                let mut spine = vec![op];
                let mut left = &*op.left;
                while let Expr::BinOp(inner) = left {
                    spine.push(inner);
                    left = &inner.left;
                }
                let mut value = self.eval(left, env)?;
                for op in spine.into_iter().rev() {
                    let right = self.eval(&op.right, env)?;
                    value = self.binary(op.op, &value, &right)?;
                }
                value
            }
            Expr::UnaryOp(op) => {
                let value = self.eval(&op.operand, env)?;
                return self.unary(op.op, &value);
            }
            Expr::BoolOp(op) => return self.bool_operation(op, env),
            Expr::Compare(compare) => return self.compare(compare, env),
            Expr::If(choice) => {
                let test = self.eval(&choice.test, env)?;
                match test.truth() {
                    Some(true) => return self.eval(&choice.body, env),
                    Some(false) => return self.eval(&choice.orelse, env),
                    None => {
                        let body = self.eval(&choice.body, env)?;
                        let orelse = self.eval(&choice.orelse, env)?;
                        if orelse.is_unknown() || matches!(orelse, Val::None) {
                            body
                        } else {
                            orelse
                        }
                    }
                }
            }
            Expr::Named(named) => {
                let value = self.eval(&named.value, env)?;
                // in a comprehension the name belongs to what is around it
                self.assign(&named.target, value.clone(), env)?;
                value
            }
            Expr::Lambda(lambda) => {
                let key = std::ptr::from_ref(lambda) as usize;
                let code = match self.codes.get(&key) {
                    Some(code) => Rc::clone(code),
                    None => {
                        let code = Rc::new(Code {
                            parameters: lambda.parameters.as_deref().cloned(),
                            body: Body::Expression(lambda.body.clone()),
                            generator: false,
                        });
                        self.budget
                            .spend(u64::from(lambda.range.len().to_u32()) / 16);
                        self.codes.insert(key, Rc::clone(&code));
                        code
                    }
                };
                return self.function("<lambda>", code, Binding::Plain, env);
            }
            Expr::List(list) => Val::list(self.elements(&list.elts, env)?),
            Expr::Set(set) => {
                let items = self.elements(&set.elts, env)?;
                Val::list(unique(items))
            }
            Expr::Tuple(tuple) => Val::Tuple(self.elements(&tuple.elts, env)?.into()),
            Expr::Dict(dict) => {
                let mut made = Dict::default();
                for item in &dict.items {
                    let value = self.eval(&item.value, env)?;
                    if let Some(key) = &item.key {
                        let key = self.eval(key, env)?;
                        made.set(key, value);
                    } else if let Val::Dict(inner) = &value {
                        for (key, value) in inner.borrow().items.clone() {
                            made.set(key, value);
                        }
                    }
                }
                Val::Dict(Rc::new(made.into()))
            }
            Expr::ListComp(c) => Val::list(self.comprehension(&c.elt, &c.generators, env)?),
            Expr::SetComp(c) => {
                Val::list(unique(self.comprehension(&c.elt, &c.generators, env)?))
            }
            Expr::Generator(c) => Val::list(self.comprehension(&c.elt, &c.generators, env)?),
            Expr::DictComp(c) => {
                let inner = self.inner_env(env);
                let mut made = Dict::default();
                self.generate(&c.generators, &inner, &mut |evaluator, env| {
                    let key = match &c.key {
                        Some(key) => evaluator.eval(key, env)?,
                        None => Val::Unknown(0),
                    };
                    let value = evaluator.eval(&c.value, env)?;
                    made.set(key, value);
                    Ok(())
                })?;
                Val::Dict(Rc::new(made.into()))
            }
            Expr::FString(f) => {
                let mut text = String::new();
                let mut trace = None;
                for part in &f.value {
                    match part {
                        ast::FStringPart::Literal(literal) => text.push_str(&literal.value),
                        ast::FStringPart::FString(f) => {
                            self.interpolate(&f.elements, env, &mut text, &mut trace)?;
                        }
                    }
                }
                self.afford(text.len())?;
                trace.map_or_else(|| Val::str(text), Val::Unknown)
            }
            Expr::Await(inner) => return self.eval(&inner.value, env),
            Expr::Yield(inner) => {
                let value = match &inner.value {
                    Some(value) => self.eval(value, env)?,
                    None => Val::None,
                };
                if let Some(yields) = self.yields.last_mut() {
                    if yields.len() > 1 << 18 {
                        return Err(Halt::Stop);
                    }
                    yields.push(value);
                }
                Val::None
            }
            Expr::YieldFrom(inner) => {
                let value = self.eval(&inner.value, env)?;
                if let Some(items) = self.iterate(&value)?
                    && let Some(yields) = self.yields.last_mut()
                {
                    yields.extend(items);
                }
                Val::None
            }
            Expr::Starred(starred) => return self.eval(&starred.value, env),
            Expr::TString(_) | Expr::Slice(_) | Expr::IpyEscapeCommand(_) => Val::Unknown(0),
        })
    }

    fn interpolate(
        &mut self,
        elements: &ast::InterpolatedStringElements,
        env: &Rc<Env>,
        text: &mut String,
        trace: &mut Option<u64>,
    ) -> Eval<()> {
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(literal) => text.push_str(&literal.value),
                InterpolatedStringElement::Interpolation(part) => {
                    let value = self.eval(&part.expression, env)?;
                    let mut spec = String::new();
                    let mut unknown = None;
                    if let Some(format) = &part.format_spec {
                        self.interpolate(&format.elements, env, &mut spec, &mut unknown)?;
                    }
                    let shown = if part.conversion == ast::ConversionFlag::Repr {
                        self.repr(&value, 0)
                    } else {
                        self.format_value(&value, &spec)
                    };
                    match shown {
                        Some(shown) if unknown.is_none() => text.push_str(&shown),
                        _ => {
                            text.push_str("{}");
                            *trace = Some(trace.unwrap_or(0) | value.trace());
                        }
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) fn elements(&mut self, elements: &[Expr], env: &Rc<Env>) -> Eval<Vec<Val>> {
        let mut values = Vec::with_capacity(elements.len());
        for element in elements {
            if let Expr::Starred(starred) = element {
                let value = self.eval(&starred.value, env)?;
                match self.iterate(&value)? {
                    Some(items) => values.extend(items),
                    None => values.push(Val::Unknown(value.trace())),
                }
            } else {
                values.push(self.eval(element, env)?);
            }
        }
        self.afford(values.len() * 24)?;
        Ok(values)
    }

    pub(super) fn inner_env(&mut self, env: &Rc<Env>) -> Rc<Env> {
        Rc::new(Env {
            parent: Some(Rc::clone(env)),
            module: Some(module_of(env)),
            ..Env::default()
        })
    }

    fn comprehension(
        &mut self,
        element: &Expr,
        generators: &[ast::Comprehension],
        env: &Rc<Env>,
    ) -> Eval<Vec<Val>> {
        let inner = self.inner_env(env);
        let mut values = Vec::new();
        self.generate(generators, &inner, &mut |evaluator, env| {
            let value = evaluator.eval(element, env)?;
            evaluator.afford(24)?;
            values.push(value);
            Ok(())
        })?;
        Ok(values)
    }

    fn generate(
        &mut self,
        generators: &[ast::Comprehension],
        env: &Rc<Env>,
        each: &mut dyn FnMut(&mut Self, &Rc<Env>) -> Eval<()>,
    ) -> Eval<()> {
        let Some((first, rest)) = generators.split_first() else {
            return each(self, env);
        };
        let iterable = self.eval(&first.iter, env)?;
        let items = match self.iterate(&iterable)? {
            Some(items) => items,
            None => vec![Val::Unknown(iterable.trace())],
        };
        for item in items {
            self.step()?;
            self.assign(&first.target, item, env)?;
            let mut take = true;
            for test in &first.ifs {
                take &= self.eval(test, env)?.truth() != Some(false);
                if !take {
                    break;
                }
            }
            if take {
                self.generate(rest, env, each)?;
            }
        }
        Ok(())
    }

    fn bool_operation(&mut self, op: &ast::ExprBoolOp, env: &Rc<Env>) -> Eval {
        let stop = op.op == BoolOp::Or;
        let mut doubt = None;
        let mut last = Val::None;
        for operand in &op.values {
            last = self.eval(operand, env)?;
            match last.truth() {
                Some(truth) if truth == stop => {
                    // `unknown or x`: `x` is what is known
                    return Ok(last);
                }
                Some(_) => {}
                None => doubt = Some(doubt.unwrap_or(0) | last.trace()),
            }
        }
        Ok(match doubt {
            Some(trace)
                if op.values.len() > 1 && !matches!(last, Val::Api(..) | Val::Instance(_)) =>
            {
                Val::Unknown(trace)
            }
            _ => last,
        })
    }

    fn compare(&mut self, compare: &ast::ExprCompare, env: &Rc<Env>) -> Eval {
        let mut left = self.eval(&compare.left, env)?;
        let mut trace = None;
        for (op, right) in compare.ops.iter().zip(&compare.comparators) {
            let right = self.eval(right, env)?;
            match self.compare_values(*op, &left, &right)? {
                Some(false) => return Ok(Val::Bool(false)),
                Some(true) => {}
                None => trace = Some(trace.unwrap_or(0) | left.trace() | right.trace()),
            }
            left = right;
        }
        Ok(trace.map_or(Val::Bool(true), Val::Unknown))
    }

    fn compare_values(&mut self, op: CmpOp, a: &Val, b: &Val) -> Eval<Option<bool>> {
        Ok(match op {
            CmpOp::Eq | CmpOp::Is => self.equal(a, b),
            CmpOp::NotEq | CmpOp::IsNot => self.equal(a, b).map(|e| !e),
            CmpOp::In => self.contains(b, a)?,
            CmpOp::NotIn => self.contains(b, a)?.map(|e| !e),
            CmpOp::Lt => order(a, b).map(std::cmp::Ordering::is_lt),
            CmpOp::LtE => order(a, b).map(std::cmp::Ordering::is_le),
            CmpOp::Gt => order(a, b).map(std::cmp::Ordering::is_gt),
            CmpOp::GtE => order(a, b).map(std::cmp::Ordering::is_ge),
        })
    }

    fn subscript(&mut self, subscript: &ast::ExprSubscript, env: &Rc<Env>) -> Eval {
        let base = self.eval(&subscript.value, env)?;
        if let Expr::Slice(slice) = &*subscript.slice {
            let mut bounds = [None; 3];
            for (bound, part) in bounds
                .iter_mut()
                .zip([&slice.lower, &slice.upper, &slice.step])
            {
                if let Some(part) = part {
                    match self.eval(part, env)? {
                        Val::None => {}
                        value => match value.as_int() {
                            Some(i) => *bound = i64::try_from(i).ok(),
                            None => return Ok(Val::Unknown(base.trace())),
                        },
                    }
                }
            }
            return self.slice(&base, bounds);
        }
        let key = self.eval(&subscript.slice, env)?;
        self.item(&base, &key)
    }

    /// The place of a call in the file.
    pub(super) fn at<T>(
        &mut self,
        node: &impl Ranged,
        run: impl FnOnce(&mut Self) -> Eval<T>,
    ) -> Eval<T> {
        if self.nesting > 0 {
            return run(self);
        }
        let range = node.range();
        let outer = std::mem::replace(&mut self.place, (range.start().into(), range.end().into()));
        let result = run(self);
        self.place = outer;
        result
    }

    pub(super) fn lookup(&mut self, name: &str, env: &Rc<Env>) -> Val {
        let mut at = Some(env);
        let mut inner = true;
        while let Some(env) = at {
            if (inner || !env.is_class)
                && let Some(value) = env.get_own(name)
            {
                return value;
            }
            inner = false;
            at = env.parent.as_ref();
        }
        let module = module_of(env);
        if let Some(value) = module.get_own(name) {
            return value;
        }
        self.builtin_named(name)
    }
}

fn number_of(number: &Number) -> Val {
    match number {
        Number::Int(int) => match int.as_i64() {
            Some(i) => Val::Int(i.into()),
            None => integer_of(&int.to_string()),
        },
        Number::Float(f) => Val::Float(*f),
        Number::Complex { .. } => Val::Unknown(0),
    }
}

/// An integer as it is written.
pub(super) fn integer_of(text: &str) -> Val {
    let text = text.replace('_', "");
    let lower = text.to_ascii_lowercase();
    let (digits, radix) = match lower.get(..2) {
        Some("0x") => (lower.get(2..).unwrap_or(""), 16),
        Some("0o") => (lower.get(2..).unwrap_or(""), 8),
        Some("0b") => (lower.get(2..).unwrap_or(""), 2),
        _ => (&*lower, 10),
    };
    if let Ok(i) = i128::from_str_radix(digits, radix) {
        return Val::Int(i);
    }
    big(digits, radix).map_or(Val::Unknown(0), |bytes| Val::Big(bytes.into()))
}

/// The bytes of a large number, most significant first; quadratic, so bounded.
fn big(digits: &str, radix: u32) -> Option<Vec<u8>> {
    if digits.is_empty() || digits.len() > 20_000 {
        return None;
    }
    let mut limbs: Vec<u32> = Vec::new();
    for c in digits.chars() {
        let mut carry = u64::from(c.to_digit(radix)?);
        for limb in &mut limbs {
            carry += u64::from(*limb) * u64::from(radix);
            *limb = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            limbs.push(carry as u32);
        }
    }
    let bytes: Vec<u8> = limbs.iter().rev().flat_map(|l| l.to_be_bytes()).collect();
    let start = bytes.iter().position(|b| *b != 0).unwrap_or(bytes.len());
    bytes.get(start..).map(<[u8]>::to_vec)
}

/// Values without repetitions, as a set has them.
pub(super) fn unique(items: Vec<Val>) -> Vec<Val> {
    let mut seen = rustc_hash::FxHashSet::default();
    items
        .into_iter()
        .filter(|v| v.key().is_none_or(|k| seen.insert(k)))
        .collect()
}
