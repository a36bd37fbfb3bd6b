//! Jupyter notebooks: code cells as one program, places in the notebook's own lines.

use foretaste_model::facts::{
    FileFacts, Language, Layer, ParseOutcome, Problem, ProblemKind, Snippet,
};
use foretaste_model::{Limits, Span};
use foretaste_npm::json;

use crate::observe::language;
use crate::shell;

/// Cells that are read.
const MAX_CELLS: usize = 5_000;

/// Bytes of code that are read.
const MAX_CODE: usize = 8 << 20;

/// The code of a notebook, and where each of its lines stands.
#[derive(Debug, Default)]
struct Code {
    text: String,
    /// For each line of `text`: line and column in the notebook.
    places: Vec<(u32, u32)>,
    /// Lines and cells that a shell runs: `!curl ...`, `%%bash`.
    shell: Vec<(String, (u32, u32))>,
}

/// Reads a notebook.
pub(crate) fn observe(text: &str, limits: &Limits) -> FileFacts {
    let document = json::read(text);
    let cells = document.root.get("cells").map(json::Node::items);
    let Some(cells) = cells else {
        // notebooks before format 4 keep their cells in worksheets
        return without_cells(text, &document, limits);
    };
    let code = collect(cells, &document);
    let mut facts = language(kernel(&document.root), &code.text, limits, 0);
    facts.language = Language::Notebook;
    relocate(&mut facts, &code.places);
    for (line, place) in &code.shell {
        let inner = shell::observe(line, limits, 1);
        if !inner.uses.is_empty() || !inner.flows.is_empty() {
            facts.layers.push(Layer {
                steps: vec!["shell".into()],
                span: Span::on_line(
                    place.0,
                    place.1,
                    place.1 + line.chars().take(200).count() as u32,
                ),
                executed: true,
                facts: Box::new(inner),
            });
        }
    }
    facts.layers.sort_by_key(|l| l.span);
    facts.problems.extend(document.problems);
    if cells.len() > MAX_CELLS || code.text.len() > MAX_CODE {
        facts.problems.push(Problem {
            kind: ProblemKind::Truncated,
            span: None,
            message: "more cells than are read; the first ones were".into(),
        });
    }
    facts
}

fn without_cells(text: &str, document: &json::Document<'_>, limits: &Limits) -> FileFacts {
    let sheets = document
        .root
        .get("worksheets")
        .map_or(&[][..], json::Node::items);
    if !sheets.is_empty() {
        let mut whole = Code::default();
        for sheet in sheets.iter().take(16) {
            let code = collect(
                sheet.get("cells").map_or(&[][..], json::Node::items),
                document,
            );
            whole.text.push_str(&code.text);
            whole.places.extend(code.places);
        }
        let mut facts = language(Language::Python, &whole.text, limits, 0);
        facts.language = Language::Notebook;
        relocate(&mut facts, &whole.places);
        facts.problems.extend(document.problems.iter().cloned());
        return facts;
    }
    let mut facts = language(Language::Data, text, limits, 0);
    facts.language = Language::Notebook;
    // all of it was read, and it holds no code
    if document.problems.is_empty() && document.root.kind() == "an object" {
        return facts;
    }
    facts.outcome = ParseOutcome::Unreadable;
    facts.problems.extend(document.problems.iter().cloned());
    facts.problems.push(Problem {
        kind: ProblemKind::Malformed,
        span: None,
        message: "a notebook without cells".into(),
    });
    facts
}

/// The language of the kernel; Python unless the notebook says otherwise.
fn kernel(root: &json::Node) -> Language {
    let name = root
        .get("metadata")
        .and_then(|m| m.get("kernelspec"))
        .and_then(|k| k.get("language").or_else(|| k.get("name")))
        .and_then(json::Node::text)
        .unwrap_or("python")
        .to_ascii_lowercase();
    match &*name {
        "javascript" | "node" | "deno" => Language::JavaScript,
        "typescript" => Language::TypeScript,
        "bash" => Language::Shell,
        "rust" => Language::Rust,
        _ => Language::Python,
    }
}

fn collect(cells: &[json::Node], document: &json::Document<'_>) -> Code {
    let mut code = Code::default();
    for cell in cells.iter().take(MAX_CELLS) {
        let is_code = cell.get("cell_type").and_then(json::Node::text) == Some("code");
        let source = cell.get("source").or_else(|| cell.get("input"));
        let (true, Some(source)) = (is_code, source) else {
            continue;
        };
        if code.text.len() > MAX_CODE {
            break;
        }
        let pieces: Vec<&json::Node> = match &source.value {
            json::Value::Array(items) => items.iter().collect(),
            _ => vec![source],
        };
        add_cell(&pieces, document, &mut code);
    }
    code
}

/// Adds a cell's lines. A piece is usually one line; a whole cell may stand in one string.
fn add_cell(pieces: &[&json::Node], document: &json::Document<'_>, code: &mut Code) {
    let mut cell: Vec<(String, (u32, u32))> = Vec::new();
    let mut open = false;
    for piece in pieces {
        let Some(text) = piece.text() else { continue };
        let span = document.span(piece.start, piece.end);
        for line in text.split_inclusive('\n') {
            let bare = line.trim_end_matches(['\n', '\r']);
            match cell.last_mut() {
                Some((last, _)) if open => last.push_str(bare),
                _ => cell.push((bare.to_owned(), (span.line, span.column + 1))),
            }
            open = !line.ends_with('\n');
        }
    }
    let shell_cell = cell.first().is_some_and(|(line, _)| {
        ["%%bash", "%%sh", "%%script", "%%system", "%%!"]
            .iter()
            .any(|magic| line.trim_start().starts_with(magic))
    });
    if shell_cell && let Some((_, place)) = cell.first() {
        let lines: Vec<&str> = cell.iter().skip(1).map(|(l, _)| l.as_str()).collect();
        code.shell.push((lines.join("\n"), *place));
    }
    for (line, place) in cell {
        let bare = line.trim_start();
        let indent = line.len() - bare.len();
        let command = bare
            .strip_prefix('!')
            .or_else(|| bare.strip_prefix("%system "))
            .or_else(|| bare.strip_prefix("%sx "))
            .or_else(|| {
                bare.starts_with("%pip ")
                    .then(|| bare.trim_start_matches('%'))
            });
        if let Some(command) = command {
            code.shell
                .push((command.trim_start_matches('!').to_owned(), place));
        }
        if shell_cell || bare.starts_with(['!', '%', '?']) {
            // the line stays, so that blocks keep their bodies
            code.text.push_str(line.get(..indent).unwrap_or(""));
            code.text.push_str("pass");
        } else {
            code.text.push_str(&line);
        }
        code.text.push('\n');
        code.places.push(place);
    }
}

/// Moves every place from the collected code to the notebook.
fn relocate(facts: &mut FileFacts, places: &[(u32, u32)]) {
    let place = |line: u32, column: u32| {
        let found = line
            .checked_sub(1)
            .and_then(|i| places.get(i as usize))
            .or(places.last());
        found.map_or((line, column), |(l, c)| {
            (*l, c.saturating_add(column).saturating_sub(1))
        })
    };
    let span = |s: &mut Span| {
        (s.line, s.column) = place(s.line, s.column);
        (s.end_line, s.end_column) = place(s.end_line, s.end_column);
    };
    facts.functions.iter_mut().for_each(|f| span(&mut f.span));
    facts.uses.iter_mut().for_each(|u| span(&mut u.span));
    facts.imports.iter_mut().for_each(|i| span(&mut i.span));
    facts.literals.iter_mut().for_each(|l| span(&mut l.span));
    facts.layers.iter_mut().for_each(|l| span(&mut l.span));
    for step in facts.flows.iter_mut().flat_map(|f| f.steps.iter_mut()) {
        span(&mut step.span);
    }
    for surface in facts.surfaces.iter_mut().filter_map(|s| s.span.as_mut()) {
        span(surface);
    }
    for problem in facts.problems.iter_mut().filter_map(|p| p.span.as_mut()) {
        span(problem);
    }
    for snippet in &mut facts.snippets {
        let Snippet {
            line, first_column, ..
        } = snippet;
        (*line, *first_column) = place(*line, *first_column);
    }
    facts.snippets.sort_by_key(|s| (s.line, s.first_column));
}
