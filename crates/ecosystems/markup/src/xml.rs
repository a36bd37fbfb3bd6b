//! XML.

use foretaste_model::Span;
use foretaste_model::facts::ProblemKind;
use foretaste_model::span::LineIndex;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::document::{Document, MAX_DEPTH, head};

/// Reads XML. Repeated elements of a name get numbers behind the first: `dependency`, `dependency[1]`; prefixes of
/// names are dropped. Entities other than the five of XML stay as they are written.
pub fn xml(text: &str) -> Document {
    let (text, cut) = head(text);
    let mut document = Document::default();
    let index = LineIndex::new(text);
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.allow_dangling_amp = true;
    config.allow_unmatched_ends = true;
    config.check_end_names = false;
    let mut open: Vec<Open> = Vec::new();
    let mut too_deep = false;
    loop {
        let at = reader.buffer_position() as u32;
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                let span = index.span(at, at);
                document.problem(
                    ProblemKind::Malformed,
                    Some(span),
                    format!("not XML: {error}"),
                );
                break;
            }
        };
        let end = reader.buffer_position() as u32;
        match event {
            Event::Eof => break,
            Event::Start(start) => {
                if open.len() >= MAX_DEPTH {
                    too_deep = true;
                }
                let element = begin(&start, &mut open, at);
                attributes(&start, &element, index.span(at, end), &mut document);
                open.push(element);
            }
            Event::Empty(start) => {
                let element = begin(&start, &mut open, at);
                let span = index.span(at, end);
                attributes(&start, &element, span, &mut document);
                document.add(element.path, "", span);
            }
            Event::End(_) => {
                if let Some(element) = open.pop()
                    && (!element.text.trim().is_empty() || element.children.is_empty())
                {
                    let span = index.span(element.at, end);
                    document.add(element.path, element.text.trim(), span);
                }
            }
            Event::Text(text) => push(&mut open, &text),
            Event::CData(text) => push(&mut open, &text),
            Event::GeneralRef(entity) => {
                let name: &str = &entity;
                let text = match name {
                    "lt" => "<".to_owned(),
                    "gt" => ">".to_owned(),
                    "amp" => "&".to_owned(),
                    "quot" => "\"".to_owned(),
                    "apos" => "'".to_owned(),
                    _ => entity
                        .resolve_char_ref()
                        .ok()
                        .flatten()
                        .map_or_else(|| format!("&{name};"), String::from),
                };
                push(&mut open, &text);
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
        if too_deep {
            let span = index.span(at, at);
            document.problem(
                ProblemKind::TooDeep,
                Some(span),
                format!("nests deeper than {MAX_DEPTH} elements"),
            );
            break;
        }
    }
    // what was open when it broke off
    while let Some(element) = open.pop() {
        if !element.text.trim().is_empty() {
            let span = index.span(element.at, element.at);
            document.add(element.path, element.text.trim(), span);
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

/// An element that has begun.
struct Open {
    path: String,
    text: String,
    at: u32,
    /// Names of its elements, with how often each was seen.
    children: Vec<(String, u32)>,
}

/// Bytes of text in one element that are kept.
const MAX_TEXT: usize = 64 << 10;

fn push(open: &mut [Open], text: &str) {
    if let Some(element) = open.last_mut()
        && element.text.len() + text.len() <= MAX_TEXT
    {
        element.text.push_str(text);
    }
}

fn begin(start: &BytesStart<'_>, open: &mut [Open], at: u32) -> Open {
    let name = local(start.name().as_ref()).to_owned();
    let mut path = name.clone();
    if let Some(parent) = open.last_mut() {
        let known = parent.children.iter_mut().find(|(n, _)| *n == name);
        let count = if let Some((_, count)) = known {
            *count += 1;
            *count
        } else {
            if parent.children.len() < 256 {
                parent.children.push((name.clone(), 0));
            }
            0
        };
        path = if count == 0 {
            format!("{}/{name}", parent.path)
        } else {
            format!("{}/{name}[{count}]", parent.path)
        };
    }
    Open {
        path,
        text: String::new(),
        at,
        children: Vec::new(),
    }
}

fn attributes(start: &BytesStart<'_>, element: &Open, span: Span, document: &mut Document) {
    for attribute in start.attributes().flatten().take(64) {
        let name = local(attribute.key.as_ref()).to_owned();
        let value = attribute
            .normalized_value(quick_xml::XmlVersion::Implicit1_0)
            .map_or_else(|_| String::new(), std::borrow::Cow::into_owned);
        document.add(format!("{}/@{name}", element.path), &value, span);
    }
}

/// A name without its prefix.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_are_found_by_path_with_their_places() {
        let document = xml(
            "<?xml version='1.0'?>\n<p xmlns:x='u'>\n <id>a &amp; b</id>\n <x:d v='1'/>\n <d><n>y</n></d><![CDATA[z]]>\n</p>",
        );
        assert_eq!(document.text("p/id"), Some("a & b"));
        assert_eq!(document.text("p/d/@v"), Some("1"));
        assert_eq!(document.text("p/d[1]/n"), Some("y"));
        assert_eq!(document.text("p"), Some("z"));
        assert_eq!(
            document.get("p/id").map(|e| (e.span.line, e.span.column)),
            Some((3, 2))
        );
        assert_eq!(document.items("p").len(), 4);
        assert_eq!(document.problems, []);
    }

    #[test]
    fn broken_and_hostile_documents_keep_what_stands_before() {
        let broken = xml("<p><id>a</id><q <");
        assert_eq!(broken.text("p/id"), Some("a"));
        assert_eq!(broken.problems.len(), 1);
        let deep = xml(&"<a>".repeat(100_000));
        assert_eq!(deep.problems[0].kind, ProblemKind::TooDeep);
        let bomb = xml("<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><x>&b;</x>");
        assert_eq!(bomb.text("x"), Some("&b;"));
        let wide = xml(&format!("<a>{}</a>", "<b/>".repeat(200_000)));
        assert_eq!(wide.problems[0].kind, ProblemKind::Truncated);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,300}", parts in proptest::collection::vec(
            proptest::sample::select(vec!["<a", ">", "</a>", "/>", " b='", "'", "&", ";", "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>", "x"]), 0..40)) {
            let _ = (xml(&text), xml(&parts.concat()));
        }
    }
}
