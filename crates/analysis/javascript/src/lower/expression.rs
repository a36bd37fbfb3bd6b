//! Expressions.

use oxc_ast::ast::{
    Argument, ArrayExpressionElement, AssignmentTarget, BinaryExpression, ChainElement, Expression,
    IdentifierReference, ObjectExpression, ObjectPropertyKind, PropertyKey, PropertyKind,
    SimpleAssignmentTarget, TemplateLiteral,
};
use oxc_span::Span;
use oxc_syntax::operator::{AssignmentOperator, BinaryOperator, UnaryOperator};

use super::{Lowerer, polyfill};
use crate::ir::{Arith, Key, List, NodeId, Op, Prop};
use crate::strings::StrId;

impl<'a> Lowerer<'a, '_> {
    pub(super) fn expression(&mut self, expression: &Expression<'a>) -> NodeId {
        match expression {
            Expression::StringLiteral(s) => self.text(s.value.as_str(), s.span),
            Expression::NumericLiteral(n) => self.push(Op::Number(n.value), n.span),
            Expression::BooleanLiteral(_)
            | Expression::NullLiteral(_)
            | Expression::BigIntLiteral(_)
            | Expression::NewTarget(_) => 0,
            Expression::RegExpLiteral(r) => {
                let text = self.name(r.regex.pattern.text.as_str());
                let flags = self.ir.strings.fold(r.regex.flags.to_string());
                self.push(Op::Pattern { text, flags }, r.span)
            }
            Expression::TemplateLiteral(t) => self.template(t),
            Expression::Identifier(id) => self.identifier(id),
            Expression::ThisExpression(e) => self.push(Op::This(self.this_function), e.span),
            Expression::Super(e) => self.push(Op::This(self.this_function), e.span),
            Expression::ArrayExpression(array) => {
                let mut items = Vec::with_capacity(array.elements.len());
                for element in &array.elements {
                    items.push(match element {
                        ArrayExpressionElement::SpreadElement(spread) => {
                            let value = self.expression(&spread.argument);
                            self.push(Op::Spread(value), spread.span)
                        }
                        ArrayExpressionElement::Elision(_) => 0,
                        element => element.as_expression().map_or(0, |e| self.expression(e)),
                    });
                }
                let list = self.ir.list(&items);
                self.push(Op::Array(list), array.span)
            }
            Expression::ObjectExpression(object) => self.object(object),
            Expression::ArrowFunctionExpression(f) => self.arrow(f, ""),
            Expression::FunctionExpression(f) => {
                let name = f.id.as_ref().map_or("", |id| id.name.as_str());
                self.function(f, name, false)
            }
            Expression::ClassExpression(class) => self.class(class, ""),
            Expression::AssignmentExpression(a) => {
                self.assignment(a.operator, &a.left, &a.right, a.span)
            }
            Expression::AwaitExpression(e) => {
                let value = self.expression(&e.argument);
                self.push(Op::Same(value), e.span)
            }
            Expression::YieldExpression(e) => {
                if let Some(argument) = &e.argument {
                    let value = self.expression(argument);
                    if self.yield_waits() {
                        return self.push(Op::Same(value), e.span);
                    }
                    if e.delegate {
                        self.push(Op::Return(value), e.span);
                    } else {
                        self.yielded(value, e.span);
                    }
                }
                0
            }
            Expression::BinaryExpression(b) => self.binary(b),
            Expression::LogicalExpression(l) => {
                let left = self.expression(&l.left);
                let absent = if l.operator.is_and() {
                    polyfill::misses(&l.left)
                } else {
                    polyfill::asks(&l.left)
                };
                self.branches += 1;
                let count = self.conditions();
                self.assume(&l.left, l.operator.is_and());
                let right = self.where_absent(absent, |lowerer| lowerer.expression(&l.right));
                self.forget_conditions(count);
                self.branches -= 1;
                if l.operator.is_and() {
                    self.push(Op::Same(right), l.span)
                } else {
                    self.either(&[left, right], l.span)
                }
            }
            Expression::ConditionalExpression(c) => {
                self.expression(&c.test);
                self.branches += 1;
                let consequent = self.where_holds(&c.test, |l| l.expression(&c.consequent));
                let alternate = self.expression(&c.alternate);
                self.branches -= 1;
                self.either(&[consequent, alternate], c.span)
            }
            Expression::CallExpression(call) => self.call(&call.callee, &call.arguments, call.span),
            Expression::NewExpression(new) => {
                let callee = self.expression(&new.callee);
                let args = self.arguments(&new.arguments);
                self.push(Op::New { callee, args }, new.span)
            }
            Expression::ImportExpression(import) => {
                let callee = self.global("import", import.span);
                let source = self.expression(&import.source);
                let args = self.ir.list(&[source]);
                self.push(Op::Call { callee, args }, import.span)
            }
            Expression::ImportMeta(e) => self.global("import.meta", e.span),
            Expression::ChainExpression(chain) => match &chain.expression {
                ChainElement::CallExpression(call) => {
                    self.call(&call.callee, &call.arguments, call.span)
                }
                ChainElement::TSNonNullExpression(e) => self.expression(&e.expression),
                element => element
                    .as_member_expression()
                    .map_or(0, |m| self.member_expression(m)),
            },
            Expression::ParenthesizedExpression(e) => self.expression(&e.expression),
            Expression::SequenceExpression(sequence) => {
                let mut last = 0;
                for e in &sequence.expressions {
                    last = self.expression(e);
                }
                last
            }
            Expression::TaggedTemplateExpression(t) => {
                let callee = self.expression(&t.tag);
                let text = self.template(&t.quasi);
                let args = self.ir.list(&[text]);
                self.push(Op::Call { callee, args }, t.span)
            }
            Expression::UnaryExpression(u) => {
                let value = self.expression(&u.argument);
                match u.operator {
                    UnaryOperator::UnaryNegation => {
                        let zero = self.push(Op::Number(0.0), u.span);
                        self.arith(Arith::Sub, zero, value, u.span)
                    }
                    UnaryOperator::UnaryPlus | UnaryOperator::BitwiseNot => {
                        self.arith(Arith::Other, value, value, u.span)
                    }
                    _ => 0,
                }
            }
            Expression::UpdateExpression(u) => {
                match &u.argument {
                    SimpleAssignmentTarget::AssignmentTargetIdentifier(id) => {
                        self.assign_identifier(id, 0, u.span);
                    }
                    target => {
                        if let Some(m) = target.as_member_expression() {
                            self.member_expression(m);
                        }
                    }
                }
                0
            }
            Expression::PrivateInExpression(e) => {
                self.expression(&e.right);
                0
            }
            Expression::JSXElement(element) => {
                self.jsx_element(element);
                0
            }
            Expression::JSXFragment(fragment) => {
                self.jsx_children(&fragment.children);
                0
            }
            Expression::TSAsExpression(e) => self.expression(&e.expression),
            Expression::TSSatisfiesExpression(e) => self.expression(&e.expression),
            Expression::TSTypeAssertion(e) => self.expression(&e.expression),
            Expression::TSNonNullExpression(e) => self.expression(&e.expression),
            Expression::TSInstantiationExpression(e) => self.expression(&e.expression),
            Expression::V8IntrinsicExpression(e) => {
                self.arguments(&e.arguments);
                0
            }
            Expression::StaticMemberExpression(m) => match self.sent(expression, m.span) {
                Some(awaited) => awaited,
                None => expression
                    .as_member_expression()
                    .map_or(0, |m| self.member_expression(m)),
            },
            Expression::ComputedMemberExpression(_) | Expression::PrivateFieldExpression(_) => {
                expression
                    .as_member_expression()
                    .map_or(0, |m| self.member_expression(m))
            }
        }
    }

    pub(super) fn identifier(&mut self, id: &IdentifierReference<'a>) -> NodeId {
        if let Some(symbol) = self.symbol(id) {
            let node = self.push(Op::Sym(symbol), id.span);
            return self.narrowed(node, (symbol, StrId::NONE), id.span);
        }
        match id.name.as_str() {
            "undefined" | "NaN" | "Infinity" => 0,
            "arguments" => self.push(Op::Arguments(self.this_function), id.span),
            name => self.global(name, id.span),
        }
    }

    fn member_expression(&mut self, member: &oxc_ast::ast::MemberExpression<'a>) -> NodeId {
        use oxc_ast::ast::MemberExpression;
        match member {
            MemberExpression::StaticMemberExpression(m) => {
                if let Some(value) = self.got(&m.object, m.property.name.as_str(), m.span) {
                    return value;
                }
                let object = self.expression(&m.object);
                let node = self.member(object, m.property.name.as_str(), m.span);
                let Op::Sym(symbol) = self.ir.node(object).op else {
                    return node;
                };
                let key = self.name(m.property.name.as_str());
                self.narrowed(node, (symbol, key), m.span)
            }
            MemberExpression::PrivateFieldExpression(m) => {
                let object = self.expression(&m.object);
                self.member(object, m.field.name.as_str(), m.span)
            }
            MemberExpression::ComputedMemberExpression(m) => {
                let object = self.expression(&m.object);
                let index = self.expression(&m.expression);
                self.push(Op::Index { object, index }, m.span)
            }
        }
    }

    fn call(&mut self, callee: &Expression<'a>, arguments: &[Argument<'a>], span: Span) -> NodeId {
        if let Some(text) = self.decoded.calls.get(&(span.start, span.end)) {
            let text = self.ir.strings.fold(text.clone());
            return self.push(Op::Text(text), span);
        }
        if let Some(value) = self.asynchronous(callee, arguments, span) {
            return value;
        }
        if let Some(value) = self.bundled(callee, arguments, span) {
            return value;
        }
        let written = callee;
        let callee = self.expression(callee);
        let args = self.arguments(arguments);
        if let Some(found) = self.unpacked.calls.get(&(span.start, span.end)) {
            let text = self.ir.strings.fold(found.text.clone());
            return self.push(
                if found.decoded {
                    Op::Unpacked(text)
                } else {
                    Op::Text(text)
                },
                span,
            );
        }
        let result = self.push(Op::Call { callee, args }, span);
        self.start_modules(span);
        self.picked(result, written, arguments, span)
    }

    fn arguments(&mut self, arguments: &[Argument<'a>]) -> List {
        let mut items = Vec::with_capacity(arguments.len());
        for argument in arguments {
            items.push(match argument {
                Argument::SpreadElement(spread) => {
                    let value = self.expression(&spread.argument);
                    self.push(Op::Spread(value), spread.span)
                }
                argument => argument.as_expression().map_or(0, |e| self.expression(e)),
            });
        }
        self.ir.list(&items)
    }

    fn template(&mut self, template: &TemplateLiteral<'a>) -> NodeId {
        let mut parts = Vec::new();
        let mut expressions = template.expressions.iter();
        for quasi in &template.quasis {
            let text = quasi.value.cooked.unwrap_or(quasi.value.raw);
            if !text.is_empty() || template.quasis.len() == 1 {
                parts.push(self.text(text.as_str(), quasi.span));
            }
            if let Some(e) = expressions.next() {
                parts.push(self.expression(e));
            }
        }
        if let [one] = parts[..]
            && template.expressions.is_empty()
        {
            return one;
        }
        let list = self.ir.list(&parts);
        self.push(Op::Concat(list), template.span)
    }

    fn binary(&mut self, binary: &BinaryExpression<'a>) -> NodeId {
        let span = binary.span;
        if let Some(text) = self.unpacked.sums.get(&(span.start, span.end)) {
            let text = self.ir.strings.fold(text.clone());
            return self.push(Op::Text(text), span);
        }
        // sums lean to the left: walk down without recursion
        if binary.operator == BinaryOperator::Addition {
            let mut operands = vec![&binary.right];
            let mut left = &binary.left;
            while let Expression::BinaryExpression(b) = left
                && b.operator == BinaryOperator::Addition
            {
                operands.push(&b.right);
                left = &b.left;
            }
            operands.push(left);
            let parts: Vec<_> = operands.iter().rev().map(|e| self.expression(e)).collect();
            let list = self.ir.list(&parts);
            return self.push(Op::Concat(list), binary.span);
        }
        let left = self.expression(&binary.left);
        let right = self.expression(&binary.right);
        match arith(binary.operator) {
            Some(op) => self.arith(op, left, right, binary.span),
            None => 0,
        }
    }

    fn arith(&mut self, op: Arith, left: NodeId, right: NodeId, span: Span) -> NodeId {
        self.push(Op::Arith { op, left, right }, span)
    }

    fn assignment(
        &mut self,
        operator: AssignmentOperator,
        left: &AssignmentTarget<'a>,
        right: &Expression<'a>,
        span: Span,
    ) -> NodeId {
        if operator == AssignmentOperator::Assign {
            let value = match target_name(left) {
                Some(name) => self.named(right, name),
                None => self.expression(right),
            };
            if !self.is_stand_in(left) {
                self.assign(left, value, span);
            }
            if let Some(name) = exported_name(left) {
                self.offer(name, value);
            }
            return value;
        }
        let old = match left {
            AssignmentTarget::AssignmentTargetIdentifier(id) => self.identifier(id),
            target => target
                .as_member_expression()
                .map_or(0, |m| self.member_expression(m)),
        };
        let logical = operator.is_logical();
        self.branches += u32::from(logical);
        let new = self.expression(right);
        let value = if logical {
            self.either(&[old, new], span)
        } else if operator == AssignmentOperator::Addition {
            let list = self.ir.list(&[old, new]);
            self.push(Op::Concat(list), span)
        } else {
            self.arith(Arith::Other, old, new, span)
        };
        self.assign(left, value, span);
        self.branches -= u32::from(logical);
        value
    }

    fn object(&mut self, object: &ObjectExpression<'a>) -> NodeId {
        let mut props = Vec::with_capacity(object.properties.len());
        for property in &object.properties {
            match property {
                ObjectPropertyKind::SpreadProperty(spread) => {
                    let value = self.expression(&spread.argument);
                    props.push(Prop {
                        key: Key::Spread,
                        value,
                    });
                }
                ObjectPropertyKind::ObjectProperty(p) => {
                    let key = self.static_key(&p.key);
                    let computed = match key {
                        None => p.key.as_expression().map(|e| self.expression(e)),
                        Some(_) => None,
                    };
                    let name = key.map(|k| self.ir.strings.get(k).to_owned());
                    let mut value = self.property_value(&p.value, name.as_deref().unwrap_or(""));
                    if p.kind == PropertyKind::Get {
                        let args = self.ir.list(&[]);
                        value = self.push(
                            Op::Call {
                                callee: value,
                                args,
                            },
                            p.span,
                        );
                    }
                    let key = match (key, computed) {
                        (Some(key), _) => Key::Name(key),
                        (None, Some(node)) => Key::Computed(node),
                        (None, None) => continue,
                    };
                    props.push(Prop { key, value });
                }
            }
        }
        let props = self.ir.props(&props);
        self.push(Op::Object(props), object.span)
    }

    fn property_value(&mut self, value: &Expression<'a>, name: &str) -> NodeId {
        match value {
            Expression::FunctionExpression(f) => {
                let own = f.id.as_ref().map_or(name, |id| id.name.as_str());
                self.function(f, own, false)
            }
            Expression::ArrowFunctionExpression(f) => self.arrow(f, name),
            _ => self.expression(value),
        }
    }

    /// The key of a property, if it is written out.
    pub(super) fn static_key(&mut self, key: &PropertyKey<'a>) -> Option<StrId> {
        match key {
            PropertyKey::StaticIdentifier(id) => Some(self.name(id.name.as_str())),
            PropertyKey::PrivateIdentifier(id) => Some(self.name(id.name.as_str())),
            PropertyKey::StringLiteral(s) => {
                self.text(s.value.as_str(), s.span);
                Some(self.name(s.value.as_str()))
            }
            PropertyKey::NumericLiteral(n) => Some(self.ir.strings.fold(number_text(n.value))),
            _ => None,
        }
    }
}

/// How JavaScript writes a number, for whole ones.
pub(crate) fn number_text(value: f64) -> String {
    format!("{value}")
}

fn arith(operator: BinaryOperator) -> Option<Arith> {
    Some(match operator {
        BinaryOperator::Subtraction => Arith::Sub,
        BinaryOperator::Multiplication => Arith::Mul,
        BinaryOperator::Division => Arith::Div,
        BinaryOperator::Remainder => Arith::Rem,
        BinaryOperator::BitwiseXOR => Arith::Xor,
        BinaryOperator::BitwiseAnd => Arith::And,
        BinaryOperator::BitwiseOR => Arith::Or,
        BinaryOperator::ShiftLeft => Arith::Shl,
        BinaryOperator::ShiftRight => Arith::Shr,
        BinaryOperator::ShiftRightZeroFill => Arith::Ushr,
        BinaryOperator::Exponential => Arith::Other,
        _ => return None,
    })
}

/// The name under which an assignment offers its value to other files: `exports.name`, `module.exports.name`, and `default` for
/// `module.exports` itself.
fn exported_name<'a>(target: &AssignmentTarget<'a>) -> Option<&'a str> {
    let AssignmentTarget::StaticMemberExpression(member) = target else {
        return None;
    };
    let named = |object: &Expression<'_>, name: &str| {
        object
            .get_identifier_reference()
            .is_some_and(|o| o.name == name)
    };
    let name = member.property.name.as_str();
    match &member.object {
        object if named(object, "exports") => Some(name),
        object if named(object, "module") && name == "exports" => Some("default"),
        Expression::StaticMemberExpression(inner)
            if inner.property.name == "exports" && named(&inner.object, "module") =>
        {
            Some(name)
        }
        _ => None,
    }
}

/// The name that an assignment gives to an anonymous function.
fn target_name<'a>(target: &AssignmentTarget<'a>) -> Option<&'a str> {
    match target {
        AssignmentTarget::AssignmentTargetIdentifier(id) => Some(id.name.as_str()),
        AssignmentTarget::StaticMemberExpression(m) => {
            let name = m.property.name.as_str();
            let of_module = m
                .object
                .get_identifier_reference()
                .is_some_and(|o| o.name == "module");
            Some(if name == "exports" && of_module {
                "default"
            } else {
                name
            })
        }
        _ => None,
    }
}
