//! Destructuring and assignment targets.

use oxc_ast::ast::{
    AssignmentTarget, AssignmentTargetMaybeDefault, AssignmentTargetProperty, BindingPattern,
    IdentifierReference, PropertyKey,
};
use oxc_span::{GetSpan as _, Span};

use super::Lowerer;
use crate::ir::{NodeId, Op};

/// The names `"0"`, `"1"`, ... of the first elements of a pattern.
const INDEXES: [&str; 16] = [
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15",
];

impl<'a> Lowerer<'a, '_> {
    /// Declares the variables of a pattern without a value.
    pub(super) fn pattern_declared(&mut self, pattern: &BindingPattern<'a>) {
        if let BindingPattern::BindingIdentifier(id) = pattern
            && let Some(symbol) = id.symbol_id.get()
        {
            self.declare(symbol.index() as u32, id.name.as_str());
        }
    }

    /// Declares the variables of a pattern and binds them to parts of a value.
    pub(super) fn pattern(&mut self, pattern: &BindingPattern<'a>, value: NodeId) {
        match pattern {
            BindingPattern::BindingIdentifier(id) => {
                if let Some(symbol) = id.symbol_id.get() {
                    let symbol = symbol.index() as u32;
                    self.declare(symbol, id.name.as_str());
                    self.bind(symbol, value, id.span);
                }
            }
            BindingPattern::ObjectPattern(object) => {
                for property in &object.properties {
                    let part = self.part(value, &property.key, property.span);
                    self.pattern(&property.value, part);
                }
                if let Some(rest) = &object.rest {
                    let rest_value = self.push(Op::Same(value), rest.span);
                    self.pattern(&rest.argument, rest_value);
                }
            }
            BindingPattern::ArrayPattern(array) => {
                for (index, element) in array.elements.iter().enumerate() {
                    if let Some(element) = element {
                        let part = self.element(value, index, element.span());
                        self.pattern(element, part);
                    }
                }
                if let Some(rest) = &array.rest {
                    let from = array.elements.len() as u32;
                    let rest_value = self.push(Op::Rest { value, from }, rest.span);
                    self.pattern(&rest.argument, rest_value);
                }
            }
            BindingPattern::AssignmentPattern(with_default) => {
                let default = self.expression(&with_default.right);
                let value = self.either(&[value, default], with_default.span);
                self.pattern(&with_default.left, value);
            }
        }
    }

    /// A property of a value, by the key of a pattern.
    fn part(&mut self, value: NodeId, key: &PropertyKey<'a>, span: Span) -> NodeId {
        match self.static_key(key) {
            Some(key) => {
                self.ir.taken.push((value, key));
                let part = self.push(Op::Member { object: value, key }, span);
                self.ir.destructured.push(part);
                part
            }
            None => match key.as_expression() {
                Some(e) => {
                    let index = self.expression(e);
                    self.push(
                        Op::Index {
                            object: value,
                            index,
                        },
                        span,
                    )
                }
                None => 0,
            },
        }
    }

    fn element(&mut self, value: NodeId, index: usize, span: Span) -> NodeId {
        match INDEXES.get(index) {
            Some(key) => self.member(value, key, span),
            None => self.push(Op::Element(value), span),
        }
    }

    pub(super) fn assign_identifier(
        &mut self,
        id: &IdentifierReference<'a>,
        value: NodeId,
        span: Span,
    ) {
        let symbol = if let Some(symbol) = self.symbol(id) {
            symbol
        } else {
            let name = self.name(id.name.as_str());
            self.ir.implicit_symbol(name)
        };
        self.bind(symbol, value, span);
    }

    /// Gives a value to an assignment target.
    pub(super) fn assign(&mut self, target: &AssignmentTarget<'a>, value: NodeId, span: Span) {
        match target {
            AssignmentTarget::AssignmentTargetIdentifier(id) => {
                self.assign_identifier(id, value, span);
            }
            AssignmentTarget::StaticMemberExpression(m) => {
                let object = self.expression(&m.object);
                let key = self.name(m.property.name.as_str());
                self.push(Op::SetMember { object, key, value }, span);
            }
            AssignmentTarget::PrivateFieldExpression(m) => {
                let object = self.expression(&m.object);
                let key = self.name(m.field.name.as_str());
                self.push(Op::SetMember { object, key, value }, span);
            }
            AssignmentTarget::ComputedMemberExpression(m) => {
                let object = self.expression(&m.object);
                let index = self.expression(&m.expression);
                self.push(
                    Op::SetIndex {
                        object,
                        index,
                        value,
                    },
                    span,
                );
            }
            AssignmentTarget::ArrayAssignmentTarget(array) => {
                for (index, element) in array.elements.iter().enumerate() {
                    if let Some(element) = element {
                        let part = self.element(value, index, element.span());
                        self.assign_maybe_default(element, part);
                    }
                }
                if let Some(rest) = &array.rest {
                    let from = array.elements.len() as u32;
                    let rest_value = self.push(Op::Rest { value, from }, rest.span);
                    self.assign(&rest.target, rest_value, rest.span);
                }
            }
            AssignmentTarget::ObjectAssignmentTarget(object) => {
                for property in &object.properties {
                    match property {
                        AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(p) => {
                            let key = self.name(p.binding.name.as_str());
                            self.ir.taken.push((value, key));
                            let mut part = self.push(Op::Member { object: value, key }, p.span);
                            self.ir.destructured.push(part);
                            if let Some(init) = &p.init {
                                let default = self.expression(init);
                                part = self.either(&[part, default], p.span);
                            }
                            self.assign_identifier(&p.binding, part, p.span);
                        }
                        AssignmentTargetProperty::AssignmentTargetPropertyProperty(p) => {
                            let part = self.part(value, &p.name, p.span);
                            self.assign_maybe_default(&p.binding, part);
                        }
                    }
                }
                if let Some(rest) = &object.rest {
                    let rest_value = self.push(Op::Same(value), rest.span);
                    self.assign(&rest.target, rest_value, rest.span);
                }
            }
            AssignmentTarget::TSAsExpression(_)
            | AssignmentTarget::TSSatisfiesExpression(_)
            | AssignmentTarget::TSNonNullExpression(_)
            | AssignmentTarget::TSTypeAssertion(_) => {
                if let Some(e) = target.get_expression() {
                    self.assign_to_expression(e, value, span);
                }
            }
        }
    }

    /// A cast on the left side of an assignment: `(x as any).y = value`.
    fn assign_to_expression(
        &mut self,
        expression: &oxc_ast::ast::Expression<'a>,
        value: NodeId,
        span: Span,
    ) {
        use oxc_ast::ast::Expression;
        match expression.get_inner_expression() {
            Expression::Identifier(id) => self.assign_identifier(id, value, span),
            Expression::StaticMemberExpression(m) => {
                let object = self.expression(&m.object);
                let key = self.name(m.property.name.as_str());
                self.push(Op::SetMember { object, key, value }, span);
            }
            _ => {}
        }
    }

    fn assign_maybe_default(&mut self, target: &AssignmentTargetMaybeDefault<'a>, value: NodeId) {
        match target {
            AssignmentTargetMaybeDefault::AssignmentTargetWithDefault(t) => {
                let default = self.expression(&t.init);
                let value = self.either(&[value, default], t.span);
                self.assign(&t.binding, value, t.span);
            }
            target => {
                if let Some(target) = target.as_assignment_target() {
                    self.assign(target, value, target.span());
                }
            }
        }
    }
}
