//! YAML.

use foretaste_model::Span;
use foretaste_model::facts::ProblemKind;
use foretaste_model::span::LineIndex;
use saphyr_parser::{Event, Marker, Parser, Span as Place};

use crate::document::{Document, MAX_DEPTH, head};

/// Steps that the parser may take.
const MAX_EVENTS: usize = 400_000;

/// Reads the first document of a YAML text. Aliases stay unexpanded.
pub fn yaml(text: &str) -> Document {
    let (text, cut) = head(text);
    let mut document = Document::default();
    let places = Places::new(text);
    let mut open: Vec<Open> = Vec::new();
    for event in Parser::new_from_str(text).take(MAX_EVENTS) {
        let (event, place) = match event {
            Ok(found) => found,
            Err(error) => {
                let at = places.offset(error.marker());
                let span = places.lines.span(at, at);
                document.problem(
                    ProblemKind::Malformed,
                    Some(span),
                    format!("not YAML: {}", error.info()),
                );
                break;
            }
        };
        match event {
            Event::MappingStart(..) => begin(&mut open, true),
            Event::SequenceStart(..) => begin(&mut open, false),
            Event::MappingEnd | Event::SequenceEnd => {
                open.pop();
                value_done(&mut open);
            }
            Event::Scalar(text, ..) => {
                scalar(&text, places.span(&place), &mut open, &mut document);
            }
            Event::Alias(_) => scalar("", places.span(&place), &mut open, &mut document),
            Event::DocumentEnd | Event::StreamEnd => break,
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => {}
        }
        if open.len() > MAX_DEPTH {
            document.problem(
                ProblemKind::TooDeep,
                Some(places.span(&place)),
                format!("nests deeper than {MAX_DEPTH} levels"),
            );
            break;
        }
    }
    if cut {
        document.problem(
            ProblemKind::Truncated,
            None,
            "only the beginning was read".to_owned(),
        );
    }
    document
}

/// A mapping or list that has begun.
struct Open {
    mapping: bool,
    /// The key whose value comes next.
    key: Option<String>,
    next: u32,
}

fn begin(open: &mut Vec<Open>, mapping: bool) {
    // a mapping as a key has no name
    if let Some(parent) = open.last_mut()
        && parent.mapping
        && parent.key.is_none()
    {
        parent.key = Some("?".to_owned());
    }
    open.push(Open {
        mapping,
        key: None,
        next: 0,
    });
}

/// A value has ended: the next key or number comes.
fn value_done(open: &mut [Open]) {
    if let Some(parent) = open.last_mut() {
        parent.key = None;
        parent.next = parent.next.saturating_add(1);
    }
}

fn scalar(text: &str, span: Span, open: &mut [Open], document: &mut Document) {
    if let Some(parent) = open.last_mut()
        && parent.mapping
        && parent.key.is_none()
    {
        parent.key = Some(text.chars().take(200).collect());
        return;
    }
    let path: Vec<String> = open
        .iter()
        .map(|o| o.key.clone().unwrap_or_else(|| o.next.to_string()))
        .collect();
    document.add(path.join("/"), text, span);
    value_done(open);
}

/// From the parser's places, which count characters and end lines at a lone carriage return, to ours.
struct Places<'a> {
    lines: LineIndex<'a>,
    /// Where each character begins; empty if each is one byte.
    starts: Vec<u32>,
    end: u32,
}

impl<'a> Places<'a> {
    fn new(text: &'a str) -> Self {
        let starts = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices().map(|(at, _)| at as u32).collect()
        };
        Self {
            lines: LineIndex::new(text),
            starts,
            end: text.len() as u32,
        }
    }

    /// The byte at which a mark stands.
    fn offset(&self, mark: &Marker) -> u32 {
        if self.starts.is_empty() {
            return (mark.index() as u32).min(self.end);
        }
        self.starts.get(mark.index()).copied().unwrap_or(self.end)
    }

    fn span(&self, place: &Place) -> Span {
        let start = self.offset(&place.start);
        self.lines.span(start, self.offset(&place.end).max(start))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_are_found_by_path_with_their_places() {
        let document = yaml(
            "--- !ruby/object:Gem::Specification\nname: pad\nversion: !ruby/object:Gem::Version\n  version: 1.0.0\nextensions:\n- ext/a/extconf.rb\n- 'b'\ndependencies:\n- name: rake\n  kind: runtime\nruns:\n  steps:\n    - run: |\n        echo a\n        echo b\n",
        );
        assert_eq!(document.text("name"), Some("pad"));
        assert_eq!(document.text("version/version"), Some("1.0.0"));
        assert_eq!(document.text("extensions/1"), Some("b"));
        assert_eq!(document.text("dependencies/0/name"), Some("rake"));
        assert_eq!(document.text("runs/steps/0/run"), Some("echo a\necho b"));
        assert_eq!(document.get("extensions/0").map(|e| e.span.line), Some(6));
        assert_eq!(document.items("extensions").len(), 2);
        assert_eq!(document.problems, []);
    }

    #[test]
    fn a_lone_carriage_return_begins_no_line_of_ours() {
        let document = yaml("\u{e9}: 1\ra: 2\nb: \u{e9}\n");
        let place = |path| document.get(path).map(|e| (e.span.line, e.span.column));
        assert_eq!(place("a"), Some((1, 9)));
        assert_eq!(place("b"), Some((2, 4)));
        let broken = yaml("\r\r\r[}");
        assert_eq!(broken.problems[0].span.map(|s| s.line), Some(1));
    }

    #[test]
    fn broken_and_hostile_documents_keep_what_stands_before() {
        let broken = yaml("a: 1\nb: [1, 2\nc: }\n");
        assert_eq!(broken.text("a"), Some("1"));
        assert_eq!(broken.problems[0].kind, ProblemKind::Malformed);
        let deep = yaml(&"[".repeat(100_000));
        assert!(!deep.problems.is_empty());
        let bomb = yaml("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n");
        assert!(bomb.entries.len() < 20);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,300}", parts in proptest::collection::vec(
            proptest::sample::select(vec!["a", ": ", "- ", "\n", "  ", "[", "]", "{", "}", "&a ", "*a", "!t ", "|", ">", "'", "\"", "---", "? ", "#", ","]), 0..40)) {
            let _ = (yaml(&text), yaml(&parts.concat()));
        }
    }
}
