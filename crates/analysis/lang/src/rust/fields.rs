//! Fields of the file's own types: what one method keeps in them, another one finds there.
//!
//! Which object it is does not matter, as for the files that a program writes: a field is known by its name alone, and
//! only where it is read of `self`.

use std::collections::BTreeMap;

use super::flow::{File, MAX_VALUES};
use super::lex::{Kind, Token};
use super::value::{Point, Value};

/// Fields of one file that are followed.
const MAX_FIELDS: usize = 500;

/// What fields hold, by name.
pub(super) type Fields = BTreeMap<String, Vec<Value>>;

impl File<'_, '_, '_> {
    /// `Version { parts: … }` inside of its braces, `self.parts = …`.
    pub(super) fn keep_fields(&mut self, statement: &[Token], points: &[Point], values: &[Value]) {
        let starts = match statement {
            [
                Token {
                    kind: Kind::Path(this),
                    ..
                },
                Token {
                    kind: Kind::Member(name),
                    ..
                },
                Token {
                    kind: Kind::Mark('='),
                    ..
                },
                ..,
            ] if this == "self" => {
                self.keep(name.clone(), values);
                return;
            }
            _ => starts_of_fields(statement),
        };
        for (at, start) in starts.iter().enumerate() {
            let end = starts.get(at + 1).copied().unwrap_or(statement.len());
            let field = statement.get(*start..end).unwrap_or(&[]);
            let (Some(first), Some(last)) = (field.first(), field.last()) else {
                continue;
            };
            let Kind::Path(name) = &first.kind else {
                continue;
            };
            let inside: Vec<Point> = points
                .iter()
                .filter(|p| first.range.0 <= p.range.0 && p.range.1 <= last.range.1)
                .cloned()
                .collect();
            let values = self.values(field.get(2..).unwrap_or(&[]), &inside, &[], &[]);
            self.keep(name.clone(), &values);
        }
    }

    fn keep(&mut self, field: String, values: &[Value]) {
        let fields = &mut self.summary.fields;
        let own: Vec<&Value> = values.iter().filter(|v| v.is_here()).collect();
        if own.is_empty() || (fields.len() >= MAX_FIELDS && !fields.contains_key(&field)) {
            return;
        }
        let known = fields.entry(field).or_default();
        for value in own {
            if known.len() < MAX_VALUES && !known.contains(value) {
                known.push(value.clone());
            }
        }
    }

    /// What a field of `self` holds: `self.parts`, but no method `self.parts()`.
    pub(super) fn field(&self, tokens: &[Token], at: usize) -> &[Value] {
        let is_self =
            matches!(tokens.get(at).map(|t| &t.kind), Some(Kind::Path(this)) if this == "self");
        let is_called = tokens
            .get(at + 2)
            .is_some_and(|t| t.kind == Kind::Mark('('));
        match tokens.get(at + 1).map(|t| &t.kind) {
            Some(Kind::Member(name)) if is_self && !is_called => {
                let known = [&self.summary.fields, &self.known.fields];
                known
                    .into_iter()
                    .find_map(|fields| fields.get(name))
                    .map_or(&[], Vec::as_slice)
            }
            _ => &[],
        }
    }
}

/// Where fields begin in what stands between the braces of a value: `name: …`, and after each comma.
fn starts_of_fields(statement: &[Token]) -> Vec<usize> {
    let is_mark = |at: usize, mark: char| {
        statement
            .get(at)
            .is_some_and(|t| t.kind == Kind::Mark(mark))
    };
    let begins = |at: usize| {
        matches!(statement.get(at).map(|t| &t.kind), Some(Kind::Path(name)) if !name.contains('.'))
            && is_mark(at + 1, ':')
    };
    if !begins(0) {
        return Vec::new();
    }
    let mut starts = vec![0];
    let mut depth = 0_usize;
    for (at, token) in statement.iter().enumerate() {
        match token.kind {
            Kind::Mark('(' | '[') => depth += 1,
            Kind::Mark(')' | ']') => depth = depth.saturating_sub(1),
            Kind::Mark(',') if depth == 0 && begins(at + 1) => starts.push(at + 1),
            _ => {}
        }
    }
    starts
}
