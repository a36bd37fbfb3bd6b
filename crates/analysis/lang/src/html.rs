//! HTML and its relatives: inline scripts as layers.

use foretaste_model::Limits;
use foretaste_model::facts::{FileFacts, Language, ProblemKind};

use crate::data;
use crate::text::{self, Setting};

/// Scripts of one page that are read, and their bytes.
const MAX_SCRIPTS: usize = 64;
const MAX_SCRIPT_BYTES: usize = 4 << 20;

/// Attributes of a tag are looked at up to this length.
const MAX_TAG: usize = 2_000;

/// Reads a page. `depth` counts the layers around it.
pub(crate) fn observe(text: &str, limits: &Limits, depth: u8) -> FileFacts {
    let mut facts = text::scanned(Language::Html, text, Setting::Prose);
    data::templates(&mut facts, text, limits);
    let mut bytes_left = MAX_SCRIPT_BYTES;
    let mut count = 0;
    for (language, start, end) in scripts(text) {
        let code = text.get(start..end).unwrap_or("");
        if code.trim().is_empty() {
            continue;
        }
        if count >= MAX_SCRIPTS || code.len() > bytes_left {
            facts.problem(
                ProblemKind::Budget,
                None,
                "more scripts than are read; the first ones were",
            );
            break;
        }
        count += 1;
        bytes_left -= code.len();
        let inner = crate::observe::language(language, code, limits, depth + 1);
        let silent = inner.uses.is_empty()
            && inner.flows.is_empty()
            && inner.literals.is_empty()
            && inner.layers.is_empty()
            && inner.problems.is_empty();
        if !silent {
            facts.layer(
                vec!["script".into()],
                (start as u32, end as u32),
                true,
                inner,
            );
        }
    }
    facts.finish()
}

/// The inline scripts: language and byte range.
fn scripts(text: &str) -> Vec<(Language, usize, usize)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = find_tag(bytes, at, b"<script") {
        let attributes_start = open + 7;
        let window = bytes.get(attributes_start..).unwrap_or(&[]);
        let window = window.get(..MAX_TAG).unwrap_or(window);
        let Some(close) = memchr::memchr(b'>', window) else {
            at = attributes_start;
            continue;
        };
        let start = attributes_start + close + 1;
        let attributes = text
            .get(attributes_start..start - 1)
            .unwrap_or("")
            .to_ascii_lowercase();
        let end = find_tag(bytes, start, b"</script").unwrap_or(bytes.len());
        at = end;
        if let Some(language) = language(&attributes)
            && found.len() <= MAX_SCRIPTS
        {
            found.push((language, start, end));
        }
    }
    found
}

/// The language that the attributes of a script tag name; none for data and templates.
fn language(attributes: &str) -> Option<Language> {
    let value = |name: &str| {
        let rest = attributes
            .split_once(name)?
            .1
            .trim_start()
            .strip_prefix('=')?
            .trim_start();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        match quote {
            Some(quote) => rest.get(1..)?.split(quote).next(),
            None => rest.split(|c: char| c.is_whitespace() || c == '/').next(),
        }
    };
    if matches!(value("lang"), Some("ts" | "tsx" | "typescript")) {
        return Some(Language::TypeScript);
    }
    match value("type") {
        None
        | Some(
            ""
            | "module"
            | "text/javascript"
            | "application/javascript"
            | "text/babel"
            | "text/ecmascript",
        ) => Some(Language::JavaScript),
        Some(_) => None,
    }
}

/// The next place of a tag, whatever its case.
fn find_tag(bytes: &[u8], from: usize, tag: &[u8]) -> Option<usize> {
    let mut at = from;
    loop {
        let open = at + memchr::memchr(b'<', bytes.get(at..)?)?;
        let matches = bytes
            .get(open..open + tag.len())
            .is_some_and(|t| t.eq_ignore_ascii_case(tag));
        if matches {
            return Some(open);
        }
        at = open + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_found_with_their_language() {
        let page = "<SCRIPT>a()</ScRiPt ><script type='application/json'>{}</script>\
                    <script lang=ts>b()</script><script type=\"module\">c()";
        let found: Vec<_> = scripts(page)
            .into_iter()
            .map(|(l, s, e)| (l, &page[s..e]))
            .collect();
        assert_eq!(
            found,
            [
                (Language::JavaScript, "a()"),
                (Language::TypeScript, "b()"),
                (Language::JavaScript, "c()")
            ]
        );
    }
}
