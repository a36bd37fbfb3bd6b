//! Data that runs code when it is loaded: tags of YAML that call a function, pickles written as text, templates that
//! leave their language.

use foretaste_model::Limits;
use foretaste_model::facts::{FileFacts, LOADED, Language, PICKLE, RENDERED, Use};
use foretaste_observe::{FactsBuilder, decode};
use memchr::memmem;

use crate::stack;
use crate::text::{self, Setting};

/// Places of one file that are looked at.
const MAX_PLACES: usize = 64;
/// Lines below a tag that may be its arguments, and their bytes.
const MAX_LINES: usize = 24;
const MAX_ARGUMENTS: usize = 4_000;
/// Shorter texts hold no pickle that calls something.
const LEAST_PICKLE: usize = 24;

/// Reads data.
pub(crate) fn observe(
    language: Language,
    text: &str,
    setting: Setting,
    limits: &Limits,
) -> FileFacts {
    let mut builder = text::scanned(language, text, setting);
    tags(&mut builder, text, limits);
    templates(&mut builder, text, limits);
    pickles(&mut builder, text, limits);
    builder.finish()
}

/// `!!python/object/apply:os.system ["…"]`: `PyYAML`'s full loader calls the function when the document is loaded
/// (PyYAML, "YAML tags and Python types").
fn tags(builder: &mut FactsBuilder<'_>, text: &str, limits: &Limits) {
    const TAG: &str = "!!python/object/";
    for at in memmem::find_iter(text.as_bytes(), TAG).take(MAX_PLACES) {
        let rest = text.get(at + TAG.len()..).unwrap_or("");
        let Some(rest) = ["apply:", "new:"]
            .iter()
            .find_map(|kind| rest.strip_prefix(kind))
        else {
            continue;
        };
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_');
        let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        let (name, rest) = rest.split_at(end);
        let Some((module, _)) = name.split_once('.') else {
            continue;
        };
        let start = text
            .get(..at)
            .and_then(|t| t.rfind('\n'))
            .map_or(0, |n| n + 1);
        let arguments = arguments(rest, indent(text.get(start..).unwrap_or("")));
        let code = format!("import {module}\n{name}({arguments:?})\n");
        called(builder, LOADED, (at, at + TAG.len() + end), &code, limits);
    }
}

/// What stands behind a tag and below it, deeper than its line, as one text.
fn arguments(rest: &str, level: usize) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let mut length = 0;
    for (index, line) in rest.lines().take(MAX_LINES).enumerate() {
        let is_deeper = indent(line) > level || line.trim_start().starts_with("- ");
        if (index > 0 && !line.trim().is_empty() && !is_deeper) || length > MAX_ARGUMENTS {
            break;
        }
        let item = line.trim().trim_start_matches("- ");
        let listed = item.strip_prefix('[').and_then(|i| i.strip_suffix(']'));
        for part in listed.map_or(vec![item], |list| list.split(',').collect()) {
            // `!path ~/x`: a tag of the program's own
            let part = part.trim();
            let part = match part.split_once(' ') {
                Some((tag, value)) if tag.starts_with('!') => value,
                _ => part,
            };
            let part = part.trim_matches(['"', '\'', ' ']);
            if !part.is_empty() {
                length += part.len() + 1;
                parts.push(part);
            }
        }
    }
    parts.join(" ")
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// An expression of a template that takes Python's own objects: `{{ cycler.__init__.__globals__.os.popen("id") }}`. No
/// template needs them; they are how one leaves Jinja's language ("Jinja sandbox" in its documentation).
pub(crate) fn templates(builder: &mut FactsBuilder<'_>, text: &str, limits: &Limits) {
    const INNER: [&str; 3] = [".__globals__", ".__subclasses__(", "__builtins__"];
    let is_template = |mark| memmem::find(text.as_bytes(), mark).is_some();
    if !is_template(b"{{") && !is_template(b"{%") {
        return;
    }
    let found = INNER.iter().find_map(|inner| {
        memmem::find_iter(text.as_bytes(), inner).find_map(|at| {
            let before = text.get(..at)?;
            let open = before.rfind("{{").max(before.rfind("{%"))?;
            let after = text.get(open + 2..)?;
            let close = after.find("}}").into_iter().chain(after.find("%}")).min()?;
            (open + 2 + close > at).then(|| (open, after.get(..close).unwrap_or("")))
        })
    });
    if let Some((open, expression)) = found {
        let code = format!("eval({:?})\n", expression.trim_matches(['-', ' ', '\n']));
        let end = open + expression.len() + 4;
        called(builder, RENDERED, (open, end), &code, limits);
    }
}

/// A pickle in Base64 or Base85 between two quotes.
fn pickles(builder: &mut FactsBuilder<'_>, text: &str, limits: &Limits) {
    let mut looked = 0;
    let mut start = 0;
    let bytes = text.as_bytes();
    for end in memchr::memchr3_iter(b'"', b'\'', b'\n', bytes).chain([bytes.len()]) {
        let at = start;
        start = end + 1;
        let part = bytes.get(at..end).unwrap_or(&[]);
        if part.len() < LEAST_PICKLE || looked >= MAX_PLACES {
            continue;
        }
        for (name, decode) in [
            ("base64", decode::base64 as fn(&[u8]) -> Option<Vec<u8>>),
            ("base85", decode::base85),
        ] {
            let head = part.get(..40.min(part.len() / 20 * 20));
            if !head.and_then(decode).is_some_and(|h| begins_pickle(&h)) {
                continue;
            }
            looked += 1;
            let inner =
                decode(part).and_then(|b| stack::large(|| foretaste_python::pickle(&b, limits)));
            if let Some(inner) = inner.flatten() {
                let range = (at as u32, (at + part.len()) as u32);
                builder.layer(vec![name.into(), PICKLE.into()], range, true, inner);
            }
        }
    }
}

/// The head of a pickle: its version, or in the oldest one the name of a module.
fn begins_pickle(head: &[u8]) -> bool {
    match head {
        [0x80, 2..=5, ..] => true,
        [b'c', name @ ..] => {
            let end = memchr::memchr(b'\n', name).unwrap_or(0);
            let name = name.get(..end).unwrap_or(&[]);
            let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.');
            !name.is_empty() && name.iter().all(is_name)
        }
        _ => false,
    }
}

/// Notes what data calls when it is loaded or rendered, if that could harm.
fn called(
    builder: &mut FactsBuilder<'_>,
    step: &str,
    range: (usize, usize),
    code: &str,
    limits: &Limits,
) {
    let inner = stack::python("module.py", code, limits);
    let harms = |used: &Use| foretaste_python::harms_when_loaded(used.capability);
    if inner.uses.iter().any(harms) {
        let range = (range.0 as u32, range.1 as u32);
        builder.layer(vec![step.into()], range, true, inner);
    }
}
