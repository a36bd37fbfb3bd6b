//! Code inside MSBuild files: inline tasks are compiled and run by every build that uses the package
//! (<https://learn.microsoft.com/visualstudio/msbuild/msbuild-inline-tasks>).

use foretaste_model::facts::{FileFacts, Language, Layer};
use foretaste_model::{Limits, Span};
use foretaste_observe::Places;

use crate::{observe, rust};

/// Inline tasks of one file that are read, and their bytes.
const MAX_TASKS: usize = 16;
const MAX_BYTES: usize = 1 << 20;

/// Adds the code of inline tasks as layers.
pub(crate) fn add(facts: &mut FileFacts, text: &str, limits: &Limits) {
    let places = Places::new(text);
    let mut left = MAX_BYTES;
    for (attributes, start, code) in tasks(text) {
        if code.len() > left {
            break;
        }
        left -= code.len();
        let attributes = attributes.to_ascii_lowercase();
        let inner = if attributes.contains("\"vb\"") || attributes.contains("'vb'") {
            continue;
        } else if attributes.contains("powershell") {
            observe::language(Language::PowerShell, &code, limits, 1)
        } else {
            rust::observe_csharp(&code, limits, 1)
        };
        if inner.uses.is_empty() && inner.layers.is_empty() && inner.flows.is_empty() {
            continue;
        }
        let (line, column) = places.position(start as u32);
        facts.layers.push(Layer {
            steps: vec!["inline task".into()],
            span: Span {
                line,
                column,
                ..Span::default()
            },
            executed: true,
            facts: Box::new(inner),
        });
    }
    facts.layers.sort_by_key(|l| l.span);
}

/// The inline tasks of a file: attributes, where the code starts, and the code.
fn tasks(text: &str) -> Vec<(&str, usize, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = text.get(at..).and_then(|rest| rest.find("<Code")) {
        let from = at + open + "<Code".len();
        let rest = text.get(from..).unwrap_or("");
        at = from;
        let Some((attributes, body)) = rest.split_once('>') else {
            break;
        };
        // `<CodeAnalysisRuleSet>` is another element
        let is_other = attributes.starts_with(|c: char| c.is_ascii_alphanumeric());
        if is_other || attributes.len() > 2_000 || attributes.ends_with('/') {
            continue;
        }
        let start = from + attributes.len() + 1;
        let body = body.split_once("</Code").map_or(body, |(body, _)| body);
        at = start + body.len();
        let trimmed = body.trim();
        let code = match trimmed.strip_prefix("<![CDATA[") {
            Some(code) => code.strip_suffix("]]>").unwrap_or(code).to_owned(),
            None => unescaped(trimmed),
        };
        if found.len() < MAX_TASKS {
            found.push((attributes, start, code));
        }
    }
    found
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}
