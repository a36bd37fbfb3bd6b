//! Expressions.

use oxc_ast::ast::{
    Argument, ArrayExpressionElement, AssignmentTarget, CallExpression, ChainElement, Expression,
    MemberExpression, SimpleAssignmentTarget, TemplateLiteral,
};
use oxc_syntax::operator::{
    AssignmentOperator, BinaryOperator, LogicalOperator, UnaryOperator, UpdateOperator,
};

use super::Evaluation;
use super::pattern::Pattern;
use super::signs;
use super::value::{Text, Unknown, Val, to_int};

/// No text or list grows longer.
pub(super) const MAX_LENGTH: usize = 4 << 20;

impl<'a> Evaluation<'a, '_> {
    pub(super) fn expression(&mut self, e: &'a Expression<'a>) -> Result<Val<'a>, Unknown> {
        self.spend(1)?;
        Ok(match e {
            Expression::StringLiteral(s) => {
                self.spend(s.value.len() / 16)?;
                Val::text(&s.value)
            }
            Expression::NumericLiteral(n) => Val::Number(n.value),
            Expression::BooleanLiteral(b) => Val::Bool(b.value),
            Expression::NullLiteral(_) => Val::Null,
            Expression::RegExpLiteral(r) => Val::Pattern(Pattern::of(r)?),
            Expression::TemplateLiteral(t) => self.template(t)?,
            Expression::Identifier(id) => match self.symbol(id) {
                Some(symbol) => self.env.get(&symbol).cloned().ok_or(Unknown)?,
                None => Self::global(&id.name)?,
            },
            Expression::ArrayExpression(array) => {
                let mut items = Vec::with_capacity(array.elements.len());
                for element in &array.elements {
                    match element {
                        ArrayExpressionElement::SpreadElement(spread) => {
                            let value = self.expression(&spread.argument)?;
                            items.extend(self.elements(&value)?);
                        }
                        ArrayExpressionElement::Elision(_) => items.push(Val::Undefined),
                        element => {
                            items.push(self.expression(element.as_expression().ok_or(Unknown)?)?);
                        }
                    }
                }
                Val::list(items)
            }
            Expression::FunctionExpression(function) => Val::Function(function),
            Expression::ArrowFunctionExpression(function) => Val::Arrow(function),
            Expression::ParenthesizedExpression(e) => self.expression(&e.expression)?,
            Expression::TSAsExpression(e) => self.expression(&e.expression)?,
            Expression::TSNonNullExpression(e) => self.expression(&e.expression)?,
            Expression::SequenceExpression(sequence) => {
                let mut last = Val::Undefined;
                for e in &sequence.expressions {
                    last = self.expression(e)?;
                }
                last
            }
            Expression::ConditionalExpression(c) => {
                if self.expression(&c.test)?.truth() {
                    self.expression(&c.consequent)?
                } else {
                    self.expression(&c.alternate)?
                }
            }
            Expression::LogicalExpression(l) => {
                let left = self.expression(&l.left)?;
                let goes_on = match l.operator {
                    LogicalOperator::Or => !left.truth(),
                    LogicalOperator::And => left.truth(),
                    LogicalOperator::Coalesce => matches!(left, Val::Undefined | Val::Null),
                };
                if goes_on {
                    self.expression(&l.right)?
                } else {
                    left
                }
            }
            Expression::UnaryExpression(u) => {
                let value = self.expression(&u.argument)?;
                match u.operator {
                    UnaryOperator::UnaryNegation => Val::Number(-value.number()?),
                    UnaryOperator::UnaryPlus => Val::Number(value.number()?),
                    UnaryOperator::LogicalNot => Val::Bool(!value.truth()),
                    UnaryOperator::BitwiseNot => Val::Number(f64::from(!to_int(value.number()?))),
                    UnaryOperator::Void => Val::Undefined,
                    _ => return Err(Unknown),
                }
            }
            Expression::BinaryExpression(b) => {
                // of a sum only the whole is of use, not what stands before each of its signs
                let is_part = std::mem::replace(&mut self.within_sum, false);
                self.within_sum = signs::is_sum(b) && signs::is_sum_of(&b.left);
                let left = self.expression(&b.left)?;
                self.within_sum = false;
                let right = self.expression(&b.right)?;
                let value = self.binary(b.operator, left, &right)?;
                if !is_part && signs::is_sum(b) {
                    self.note_sum(b, &value);
                }
                value
            }
            Expression::UpdateExpression(u) => {
                let step = match u.operator {
                    UpdateOperator::Increment => 1.0,
                    UpdateOperator::Decrement => -1.0,
                };
                let SimpleAssignmentTarget::AssignmentTargetIdentifier(id) = &u.argument else {
                    return Err(Unknown);
                };
                let symbol = self.symbol(id).ok_or(Unknown)?;
                let before = self.env.get(&symbol).ok_or(Unknown)?.number()?;
                self.assign(symbol, Val::Number(before + step));
                Val::Number(if u.prefix { before + step } else { before })
            }
            Expression::AssignmentExpression(a) => {
                self.assignment(a.operator, &a.left, &a.right)?
            }
            Expression::CallExpression(call) => self.call(call)?,
            Expression::NewExpression(new) => {
                let Val::Name(name) = self.expression(&new.callee)? else {
                    return Err(Unknown);
                };
                let args = self.arguments(&new.arguments)?;
                self.make(&name, &args)?
            }
            Expression::ChainExpression(chain) => match &chain.expression {
                ChainElement::CallExpression(call) => self.call(call)?,
                _ => return Err(Unknown),
            },
            Expression::StaticMemberExpression(m) => {
                let object = self.expression(&m.object)?;
                Self::property(&object, m.property.name.as_str())?
            }
            Expression::ComputedMemberExpression(m) => {
                let object = self.expression(&m.object)?;
                let key = self.expression(&m.expression)?;
                Self::element(&object, &key)?
            }
            _ => return Err(Unknown),
        })
    }

    fn template(&mut self, template: &'a TemplateLiteral<'a>) -> Result<Val<'a>, Unknown> {
        let mut whole = Text::plain("");
        let mut expressions = template.expressions.iter();
        for quasi in &template.quasis {
            whole.push(&Text::plain(&quasi.value.cooked.ok_or(Unknown)?));
            if let Some(e) = expressions.next() {
                whole.push(&self.expression(e)?.as_text()?);
            }
        }
        self.spend(whole.units.len() / 16)?;
        Ok(Val::Text(whole))
    }

    pub(super) fn call(&mut self, call: &'a CallExpression<'a>) -> Result<Val<'a>, Unknown> {
        let member = match &call.callee {
            Expression::StaticMemberExpression(m) => {
                Some((&m.object, Ok(m.property.name.as_str())))
            }
            Expression::ComputedMemberExpression(m) => Some((&m.object, Err(&m.expression))),
            _ => None,
        };
        let mut own = false;
        let value = if let Some((object, key)) = member {
            let object = self.expression(object)?;
            let key = match key {
                Ok(name) => name.to_owned(),
                Err(e) => self.expression(e)?.as_text()?.to_utf8(),
            };
            let args = self.arguments(&call.arguments)?;
            self.method(&object, &key, args)?
        } else {
            let callee = self.expression(&call.callee)?;
            own = matches!(callee, Val::Function(_) | Val::Arrow(_));
            let args = self.arguments(&call.arguments)?;
            self.apply(&callee, args)?
        };
        self.note_call((call.span.start, call.span.end), &value, own);
        Ok(value)
    }

    fn arguments(&mut self, arguments: &'a [Argument<'a>]) -> Result<Vec<Val<'a>>, Unknown> {
        let mut out = Vec::with_capacity(arguments.len());
        for argument in arguments {
            match argument {
                Argument::SpreadElement(spread) => {
                    let value = self.expression(&spread.argument)?;
                    out.extend(self.elements(&value)?);
                }
                argument => out.push(self.expression(argument.as_expression().ok_or(Unknown)?)?),
            }
        }
        Ok(out)
    }

    pub(super) fn binary(
        &mut self,
        operator: BinaryOperator,
        left: Val<'a>,
        right: &Val<'a>,
    ) -> Result<Val<'a>, Unknown> {
        use BinaryOperator as B;
        let reads = |v: &Val<'a>| matches!(v, Val::Text(_) | Val::List(_) | Val::Opaque(_));
        let is_text = reads(&left) || reads(right);
        let whole = |v: &Val<'a>| v.number().map(to_int);
        Ok(match operator {
            B::Addition if is_text => {
                let (mut left, right) = (left, right.as_text()?);
                let mut text = match &mut left {
                    // the text that grows is not copied
                    Val::Text(text) => Text {
                        units: std::mem::take(&mut text.units),
                        decoded: text.decoded,
                    },
                    other => other.as_text()?,
                };
                self.spend(right.units.len() / 16)?;
                if text.units.len() + right.units.len() > MAX_LENGTH {
                    return Err(Unknown);
                }
                if std::rc::Rc::strong_count(&text.units) > 1 {
                    self.spend(text.units.len() / 16)?;
                }
                text.push(&right);
                Val::Text(text)
            }
            B::Addition => Val::Number(left.number()? + right.number()?),
            B::Subtraction => Val::Number(left.number()? - right.number()?),
            B::Multiplication => Val::Number(left.number()? * right.number()?),
            B::Division => Val::Number(left.number()? / right.number()?),
            B::Remainder => Val::Number(left.number()? % right.number()?),
            B::Exponential => Val::Number(left.number()?.powf(right.number()?)),
            B::BitwiseXOR => Val::Number(f64::from(whole(&left)? ^ whole(right)?)),
            B::BitwiseAnd => Val::Number(f64::from(whole(&left)? & whole(right)?)),
            B::BitwiseOR => Val::Number(f64::from(whole(&left)? | whole(right)?)),
            B::ShiftLeft => {
                let by = (whole(right)? & 31).cast_unsigned();
                Val::Number(f64::from(whole(&left)?.wrapping_shl(by)))
            }
            B::ShiftRight => {
                let by = (whole(right)? & 31).cast_unsigned();
                Val::Number(f64::from(whole(&left)?.wrapping_shr(by)))
            }
            B::ShiftRightZeroFill => {
                let by = (whole(right)? & 31).cast_unsigned();
                Val::Number(f64::from(whole(&left)?.cast_unsigned().wrapping_shr(by)))
            }
            B::StrictEquality => Val::Bool(left.same(right)?),
            B::StrictInequality => Val::Bool(!left.same(right)?),
            B::Equality => Val::Bool(Self::alike(&left, right)?),
            B::Inequality => Val::Bool(!Self::alike(&left, right)?),
            B::LessThan | B::LessEqualThan | B::GreaterThan | B::GreaterEqualThan => {
                let order = match (&left, right) {
                    (Val::Text(a), Val::Text(b)) => a.units.cmp(&b.units),
                    _ => match left.number()?.partial_cmp(&right.number()?) {
                        Some(order) => order,
                        None => return Ok(Val::Bool(false)),
                    },
                };
                Val::Bool(match operator {
                    B::LessThan => order.is_lt(),
                    B::LessEqualThan => order.is_le(),
                    B::GreaterThan => order.is_gt(),
                    _ => order.is_ge(),
                })
            }
            _ => return Err(Unknown),
        })
    }

    /// `a == b`.
    fn alike(left: &Val<'a>, right: &Val<'a>) -> Result<bool, Unknown> {
        match (left, right) {
            (Val::Undefined | Val::Null, Val::Undefined | Val::Null) => Ok(true),
            (Val::Number(_), Val::Text(_) | Val::Bool(_))
            | (Val::Text(_) | Val::Bool(_), Val::Number(_)) => {
                Ok((left.number()? - right.number()?).abs() == 0.0)
            }
            _ => left.same(right),
        }
    }

    fn assignment(
        &mut self,
        operator: AssignmentOperator,
        target: &'a AssignmentTarget<'a>,
        right: &'a Expression<'a>,
    ) -> Result<Val<'a>, Unknown> {
        let arithmetic = operator.to_binary_operator();
        if arithmetic.is_none() && operator != AssignmentOperator::Assign {
            return Err(Unknown);
        }
        if let AssignmentTarget::AssignmentTargetIdentifier(id) = target {
            let symbol = self.symbol(id).ok_or(Unknown)?;
            let mut value = self.expression(right)?;
            if let Some(operator) = arithmetic {
                // taken out, so that a text that grows is held once
                let before = self.env.remove(&symbol).ok_or(Unknown)?;
                let known = self.undo.entry(symbol);
                known.or_insert_with(|| Some(before.clone()));
                value = self.binary(operator, before, &value)?;
                self.env.insert(symbol, value.clone());
                return Ok(value);
            }
            self.assign(symbol, value.clone());
            return Ok(value);
        }
        let (object, key) = match target.as_member_expression().ok_or(Unknown)? {
            MemberExpression::ComputedMemberExpression(m) => {
                (self.expression(&m.object)?, self.expression(&m.expression)?)
            }
            _ => return Err(Unknown),
        };
        let mut value = self.expression(right)?;
        if let Some(operator) = arithmetic {
            let before = Self::element(&object, &key)?;
            value = self.binary(operator, before, &value)?;
        }
        self.set_element(&object, &key, value.clone())?;
        Ok(value)
    }
}
