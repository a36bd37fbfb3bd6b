//! YAML as a tree, for locks: large, of known shape, and read by path.

use std::collections::HashMap;

use foretaste_model::Span;
use foretaste_model::facts::{Problem, ProblemKind};
use saphyr_parser::{Event, Parser, Span as Place};

use crate::document::MAX_DEPTH;

/// Bytes that are read; the largest locks of monorepos are a few megabytes.
const MAX_BYTES: usize = 64 << 20;
/// Keys that stand twice of which each is a problem of its own.
const MAX_PROBLEMS: usize = 100;

/// A value with its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// Where it stands.
    pub span: Span,
    /// The value.
    pub value: Value,
}

/// A YAML value. Scalars are kept as text: no reader of locks wants `1.10` to be a number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Value {
    /// Nothing, or an alias, which is not expanded.
    #[default]
    Null,
    /// A scalar as text.
    Text(Box<str>),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in order; of equal keys the last counts.
    Map(Vec<Member>),
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The key as text.
    pub key: Box<str>,
    /// Where the key stands.
    pub span: Span,
    /// The value.
    pub node: Node,
}

impl Node {
    /// The value of a key, by linear search.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.members()
            .iter()
            .find(|m| &*m.key == key)
            .map(|m| &m.node)
    }

    /// The members of a mapping; none for anything else.
    pub fn members(&self) -> &[Member] {
        match &self.value {
            Value::Map(members) => members,
            _ => &[],
        }
    }

    /// The items of a list; none for anything else.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// A document as a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// The root.
    pub root: Node,
    /// What is wrong with the text.
    pub problems: Vec<Problem>,
}

/// A mapping or list that has begun.
enum Open {
    List(Vec<Node>),
    Map {
        members: Vec<Member>,
        seen: HashMap<Box<str>, usize>,
        key: Option<(Box<str>, Span)>,
    },
}

/// Reads every document of a YAML text (pnpm 11 writes two) and returns the last one. What stands before a break is
/// kept. Without recursion, and without aliases being expanded.
pub fn yaml_tree(text: &str) -> Tree {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let head = text
        .get(..text.floor_char_boundary(MAX_BYTES))
        .unwrap_or_default();
    let mut builder = Builder::default();
    if head.len() < text.len() {
        let message = format!("only the first {MAX_BYTES} bytes were read");
        builder.problem(ProblemKind::Truncated, None, message);
    }
    for event in Parser::new_from_str(head) {
        let (event, place) = match event {
            Ok(found) => found,
            Err(error) => {
                let marker = error.marker();
                let column = marker.col() as u32 + 1;
                let span = Span::on_line(marker.line() as u32, column, column);
                let message = format!("not YAML: {}", error.info());
                builder.problem(ProblemKind::Malformed, Some(span), message);
                break;
            }
        };
        if !builder.take(event, span(&place)) {
            break;
        }
    }
    builder.finish()
}

#[derive(Default)]
struct Builder {
    open: Vec<(Open, Span)>,
    root: Option<Node>,
    problems: Vec<Problem>,
}

impl Builder {
    /// False if nothing more is to be read.
    fn take(&mut self, event: Event<'_>, span: Span) -> bool {
        match event {
            Event::MappingStart(..) => {
                let members = Vec::new();
                self.open.push((
                    Open::Map {
                        members,
                        seen: HashMap::new(),
                        key: None,
                    },
                    span,
                ));
            }
            Event::SequenceStart(..) => self.open.push((Open::List(Vec::new()), span)),
            Event::MappingEnd | Event::SequenceEnd => self.close(span),
            Event::Scalar(text, ..) => self.scalar(&text, span),
            Event::Alias(_) => self.value(Node {
                span,
                value: Value::Null,
            }),
            Event::DocumentStart(_) => self.root = None,
            Event::Nothing | Event::StreamStart | Event::DocumentEnd | Event::StreamEnd => {}
        }
        if self.open.len() > MAX_DEPTH {
            let message = format!("nests deeper than {MAX_DEPTH} levels");
            self.problem(ProblemKind::TooDeep, Some(span), message);
            return false;
        }
        true
    }

    fn scalar(&mut self, text: &str, span: Span) {
        if let Some((
            Open::Map {
                key: key @ None, ..
            },
            _,
        )) = self.open.last_mut()
        {
            *key = Some((text.into(), span));
            return;
        }
        let value = Value::Text(text.into());
        self.value(Node { span, value });
    }

    fn value(&mut self, node: Node) {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some((Open::List(items), _)) => items.push(node),
            Some((Open::Map { members, seen, key }, _)) => {
                // a mapping or list as a key has no name
                let (key, span) = key.take().unwrap_or_else(|| ("?".into(), node.span));
                if let Some(member) = seen.get(&key).and_then(|at| members.get_mut(*at)) {
                    let message = format!("a key stands twice, first in line {}", member.span.line);
                    (member.span, member.node) = (span, node);
                    self.problem(ProblemKind::Malformed, Some(span), message);
                } else {
                    seen.insert(key.clone(), members.len());
                    members.push(Member { key, span, node });
                }
            }
        }
    }

    fn close(&mut self, end: Span) {
        let Some((open, begin)) = self.open.pop() else {
            return;
        };
        let span = Span {
            end_line: end.end_line,
            end_column: end.end_column,
            ..begin
        };
        let value = match open {
            Open::List(items) => Value::List(items),
            Open::Map { members, .. } => Value::Map(members),
        };
        self.value(Node { span, value });
    }

    fn problem(&mut self, kind: ProblemKind, span: Option<Span>, message: String) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem {
                kind,
                span,
                message: message.into(),
            });
        }
    }

    /// Closes what a break left open.
    fn finish(mut self) -> Tree {
        while let Some((_, span)) = self.open.last() {
            let span = *span;
            self.close(span);
        }
        Tree {
            root: self.root.unwrap_or_default(),
            problems: self.problems,
        }
    }
}

fn span(place: &Place) -> Span {
    Span {
        line: place.start.line() as u32,
        column: place.start.col() as u32 + 1,
        end_line: place.end.line() as u32,
        end_column: place.end.col() as u32 + 1,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_and_values_keep_their_places() {
        let tree = yaml_tree("a:\n  'b/c@1.10': {d: [x, 1.10]}\ne: ~\n");
        let b = &tree.root.get("a").unwrap().members()[0];
        assert_eq!((&*b.key, b.span.line, b.span.column), ("b/c@1.10", 2, 3));
        let items = b.node.get("d").unwrap().items();
        assert_eq!(items[1].text(), Some("1.10"));
        assert_eq!(items[1].span, Span::on_line(2, 23, 27));
        assert_eq!(tree.problems, []);
    }

    #[test]
    fn what_stands_before_a_break_is_kept_and_the_last_of_equal_keys_counts() {
        let tree = yaml_tree("a: 1\na: 2\nb:\n  c: 3\n  d: ]\n");
        assert_eq!(tree.root.get("a").and_then(Node::text), Some("2"));
        let inner = tree.root.get("b").and_then(|b| b.get("c"));
        assert_eq!(inner.and_then(Node::text), Some("3"));
        assert_eq!(tree.problems.len(), 2);
    }

    #[test]
    fn depth_and_aliases_cost_nothing() {
        let deep = yaml_tree(&"[".repeat(100_000));
        assert!(!deep.problems.is_empty());
        let bomb = yaml_tree("a: &a [x, x]\nb: [*a, *a]\n");
        assert_eq!(bomb.root.get("b").unwrap().items()[0].value, Value::Null);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,300}", parts in proptest::collection::vec(
            proptest::sample::select(vec!["a", ": ", "- ", "\n", "  ", "[", "]", "{", "}", "&a ", "*a", "!t ", "|", ">", "'", "\"", "---", "? ", "#", ","]), 0..40)) {
            let _ = (yaml_tree(&text), yaml_tree(&parts.concat()));
        }
    }
}
