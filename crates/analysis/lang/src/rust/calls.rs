//! Functions of the crate: what they give back, and what they do with what they are given.

use std::collections::BTreeMap;

use foretaste_model::facts::{Piece, PieceEnd, PieceStart, Step, StepRole};

use super::fields::Fields;
use super::flow::{File, MAX_VALUES};
use super::lex::{Kind, Token};
use super::secrets;
use super::sinks::is_address;
use super::value::{Origin, Point, Value};

/// Functions of one file that are known so.
const MAX_FUNCTIONS: usize = 2_000;

/// A parameter that reaches a sink: its position, what it went through, and the sink.
type Reaches = (u16, Vec<Point>, Point);

/// What is known of a file's functions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Summary {
    results: BTreeMap<String, Vec<Value>>,
    sinks: BTreeMap<String, Vec<Reaches>>,
    /// What is written to the file that a parameter names.
    written: BTreeMap<String, Vec<(u16, Value)>>,
    /// What fields of the file's types hold.
    pub(super) fields: Fields,
    current: String,
}

impl Summary {
    pub(super) fn enter(&mut self, function: &str) {
        function.clone_into(&mut self.current);
    }

    /// The name of the function that is gone through.
    fn function(&self) -> &str {
        &self.current
    }

    /// True if another pass with it would find more.
    pub(super) fn says_more_than(&self, other: &Self) -> bool {
        self.results != other.results
            || self.sinks != other.sinks
            || self.written != other.written
            || self.fields != other.fields
    }

    /// The current function writes to the file that a parameter names.
    pub(super) fn writes(&mut self, position: u16, values: &[Value]) {
        if self.current.is_empty() || self.written.len() >= MAX_FUNCTIONS {
            return;
        }
        let known = self.written.entry(self.current.clone()).or_default();
        for value in values.iter().filter(|v| v.is_here()) {
            let writes = (position, value.clone());
            if known.len() < MAX_VALUES && !known.contains(&writes) {
                known.push(writes);
            }
        }
    }
}

impl File<'_, '_, '_> {
    /// What a function is given, from the parenthesis on.
    pub(super) fn parameters(&mut self, tokens: &[Token]) {
        let mut position = 0_u16;
        let mut depth = 0_u32;
        for (at, token) in tokens.iter().enumerate() {
            match &token.kind {
                Kind::Mark('(' | '[' | '<') => depth += 1,
                Kind::Mark('>')
                    if at
                        .checked_sub(1)
                        .and_then(|b| tokens.get(b))
                        .is_some_and(|t| t.kind == Kind::Mark('-')) => {}
                Kind::Mark(')' | ']' | '>') => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 && token.kind == Kind::Mark(')') {
                        return;
                    }
                }
                Kind::Mark(',') if depth == 1 => position = position.saturating_add(1),
                Kind::Path(name) if depth == 1 => {
                    let is_name = tokens
                        .get(at + 1)
                        .is_some_and(|t| t.kind == Kind::Mark(':'));
                    if is_name && position < 12 {
                        let origin = Origin::Parameter(position, name.as_str().into());
                        let secret =
                            secrets::of_parameter(self.summary.function(), name, token.range);
                        let values = [Value::from(origin)].into_iter().chain(secret);
                        self.variables.insert(name.clone(), values.collect());
                    }
                }
                _ => {}
            }
        }
    }

    /// The function gives a value back.
    pub(super) fn given_back(&mut self, values: &[Value]) {
        let name = self.summary.current.clone();
        if name.is_empty() || self.summary.results.len() >= MAX_FUNCTIONS {
            return;
        }
        let mut kept = Vec::new();
        for value in values {
            if matches!(value.origin, Origin::Parameter(..)) {
                continue;
            }
            let from = match &value.origin {
                Origin::Outside(name) => PieceStart::Outside(name.clone()),
                _ => PieceStart::Source,
            };
            let piece = Piece {
                from,
                to: PieceEnd::Result(self.function),
                steps: self.steps(&value.points, &value.origin, None),
                function: self.function,
            };
            self.facts.piece(piece);
            if value.is_here() {
                kept.push(value.clone());
            }
        }
        if kept.is_empty() {
            return;
        }
        let known = self.summary.results.entry(name).or_default();
        for value in kept {
            if known.len() < MAX_VALUES && !known.contains(&value) {
                known.push(value);
            }
        }
    }

    /// What a call of a function gives.
    pub(super) fn results(&self, path: &str, range: (u32, u32)) -> Vec<Value> {
        if let Some(name) = self.of_other_file(path) {
            return vec![Value::from(Origin::Outside(name.into()))];
        }
        let name = path.rsplit('.').next().unwrap_or(path);
        if !self.known.results.contains_key(name) || name == self.summary.current {
            return Vec::new();
        }
        let results = self.known.results.get(name).into_iter().flatten();
        results
            .filter(|v| v.points.first().is_some_and(|p| p.range != range))
            .cloned()
            .collect()
    }

    /// A value that a caller or another file gives arrives somewhere.
    pub(super) fn joint(&mut self, sink: &Point, value: &Value) {
        let telling = sink.capability.is_network_sink() || sink.capability.is_execution();
        if !telling {
            return;
        }
        let from = match &value.origin {
            Origin::Parameter(position, name) => {
                let current = self.summary.current.clone();
                if self.summary.sinks.len() < MAX_FUNCTIONS {
                    let known = self.summary.sinks.entry(current).or_default();
                    let reaches = (*position, value.points.clone(), sink.clone());
                    if known.len() < MAX_VALUES && !known.contains(&reaches) {
                        known.push(reaches);
                    }
                }
                PieceStart::Parameter {
                    function: self.function,
                    position: *position,
                    name: name.clone(),
                }
            }
            Origin::Outside(name) => PieceStart::Outside(name.clone()),
            Origin::Here => return,
        };
        let steps = self.steps(&value.points, &value.origin, Some(sink));
        self.facts.piece(Piece {
            from,
            to: PieceEnd::Sink,
            steps,
            function: self.function,
        });
    }

    fn steps(&self, points: &[Point], origin: &Origin, sink: Option<&Point>) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        for (at, point) in points.iter().enumerate() {
            let role = if at == 0 && *origin == Origin::Here {
                StepRole::Source
            } else {
                StepRole::Transform
            };
            steps.push(self.step(role, point));
        }
        steps.extend(sink.map(|sink| self.step(StepRole::Sink, sink)));
        steps
    }

    /// Values that a statement hands to functions of the crate.
    pub(super) fn handed_over(&mut self, tokens: &[Token]) {
        for (at, token) in tokens.iter().enumerate() {
            let Kind::Path(path) = &token.kind else {
                continue;
            };
            if tokens.get(at + 1).is_none_or(|t| t.kind != Kind::Mark('(')) {
                continue;
            }
            let name = path.rsplit('.').next().unwrap_or(path).to_owned();
            let outside = self.of_other_file(path);
            let reached = self.known.sinks.get(&name);
            let written = self.known.written.get(&name);
            if outside.is_none() && reached.is_none() && written.is_none() {
                continue;
            }
            let reached = reached.cloned().unwrap_or_default();
            let written = written.cloned().unwrap_or_default();
            for (position, argument) in arguments(tokens.get(at + 1..).unwrap_or(&[]))
                .into_iter()
                .enumerate()
            {
                let position = u16::try_from(position).unwrap_or(u16::MAX);
                if outside.is_none() {
                    let there =
                        |(at, value): &(u16, Value)| (*at == position).then(|| value.clone());
                    let written: Vec<Value> = written.iter().filter_map(there).collect();
                    if !written.is_empty() {
                        self.written_by(argument, &written);
                    }
                    for (_, through, sink) in reached.iter().filter(|(p, ..)| *p == position) {
                        if let Some(value) = self.read_at_argument(argument, through) {
                            self.sink(sink, &[value]);
                        }
                    }
                }
                for value in self.held(argument) {
                    match &outside {
                        Some(callee) if value.is_here() => {
                            let piece = Piece {
                                from: PieceStart::Source,
                                to: PieceEnd::Argument {
                                    callee: callee.as_str().into(),
                                    position,
                                    keyword: None,
                                },
                                steps: self.steps(&value.points, &value.origin, None),
                                function: self.function,
                            };
                            self.facts.piece(piece);
                        }
                        Some(_) => {}
                        None => {
                            for (_, through, sink) in
                                reached.iter().filter(|(p, ..)| *p == position)
                            {
                                let sink = asked(sink, &value);
                                let mut value = value.clone();
                                value.points.extend(through.iter().cloned());
                                self.sink(&sink, &[value]);
                            }
                        }
                    }
                }
            }
        }
    }

    /// What the names in an argument hold.
    fn held(&self, tokens: &[Token]) -> Vec<Value> {
        let mut found = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            let Kind::Path(name) = &token.kind else {
                continue;
            };
            found.extend(self.variables.get(name).into_iter().flatten().cloned());
            if tokens
                .get(at + 1)
                .is_some_and(|t| t.kind == Kind::Mark('('))
            {
                found.extend(self.results(name, token.range));
            }
        }
        found.truncate(MAX_VALUES);
        found
    }

    /// The name by which a function of another file of the crate is found when the crate is judged.
    pub(super) fn of_other_file(&self, path: &str) -> Option<String> {
        let resolved = self.names.resolve(path);
        let full = resolved.first()?;
        let mut parts = full.rsplit('.');
        parts.next();
        // a type's function is looked for nowhere: types are not known
        if parts
            .next()
            .is_none_or(|of| of.starts_with(|c: char| c.is_ascii_uppercase()))
        {
            return None;
        }
        let first = full.split('.').next().unwrap_or(full);
        match first {
            "crate" | "super" | "self" => Some(full.clone()),
            first if self.modules.contains(first) => Some(format!("self.{full}")),
            _ => None,
        }
    }
}

/// A sink whose address is what the caller gives: the hidden text that arrives there.
fn asked(sink: &Point, value: &Value) -> Point {
    let mut sink = sink.clone();
    let first = value.points.first().filter(|p| p.capability.is_decoder());
    let address = first
        .and_then(|p| p.constant.as_ref())
        .filter(|text| is_address(text) && text.contains("://"));
    if sink.capability.is_network_sink() && sink.constant.is_none() {
        sink.constant = address.cloned();
    }
    sink
}

/// The arguments of a call, from its parenthesis.
fn arguments(tokens: &[Token]) -> Vec<&[Token]> {
    let (mut found, mut depth, mut from) = (Vec::new(), 0_u32, 1);
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Mark('(' | '[' | '{') => depth += 1,
            Kind::Mark(')' | ']' | '}') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    found.push(tokens.get(from..at).unwrap_or(&[]));
                    return found;
                }
            }
            Kind::Mark(',') if depth == 1 => {
                found.push(tokens.get(from..at).unwrap_or(&[]));
                from = at + 1;
            }
            _ => {}
        }
    }
    found
}
