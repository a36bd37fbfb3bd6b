//! Goes through the tokens of a file: its functions, blocks and statements.

use std::collections::BTreeMap;

use foretaste_model::facts::FunctionKind;
use foretaste_observe::{Budget, FactsBuilder};

use super::calls::Summary;
use super::flow::File;
use super::fold::{Folder, Scope};
use super::lex::{Kind, Token};
use super::paths::Names;
use super::starts;
use crate::script::Inner;

/// What a pass over a file gave.
pub(super) struct Pass {
    /// False if the budget ran out.
    pub(super) complete: bool,
    /// The code that stands inside commands.
    pub(super) inner: Vec<Inner>,
    /// What the functions of the file give back and do with what they are given.
    pub(super) summary: Summary,
}

/// Goes through a file, with what an earlier pass found out about its functions.
pub(super) fn follow<'t>(
    tokens: &'t [Token],
    length: usize,
    facts: &mut FactsBuilder<'_>,
    budget: &mut Budget,
    folder: &mut Folder<'t>,
    (known, is_rust): (&Summary, bool),
) -> Pass {
    facts.function("<module>", FunctionKind::Module, (0, length as u32), None);
    let mut file = File {
        facts,
        names: Names::default(),
        function: 0,
        variables: BTreeMap::new(),
        files: BTreeMap::new(),
        opened: BTreeMap::new(),
        commands: BTreeMap::new(),
        fetched: None,
        calls: Vec::new(),
        functions: BTreeMap::new(),
        inner: Vec::new(),
        folder,
        scope: Scope::new(),
        choices: BTreeMap::new(),
        places: BTreeMap::new(),
        is_rust,
        known,
        summary: Summary::default(),
        modules: starts::modules(tokens),
        before_main: None,
    };
    for module in file.modules.clone() {
        file.facts
            .import(&format!("self.{module}"), Vec::new(), (0, 0), 0);
    }
    let mut start = 0;
    // functions that are open, with the brace depth at which each one ends
    let mut open: Vec<(u32, usize, String)> = Vec::new();
    let mut pending: Option<(u32, String, usize)> = None;
    let (mut depth, mut brackets) = (0_usize, 0_usize);
    let mut complete = true;
    let mut declares = false;
    // braces of a macro's data: `json!({ … })` holds values, no statements
    let mut data = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        if !budget.spend(4) {
            complete = false;
            break;
        }
        if declares {
            // the braces of a `use` are no blocks
            if token.kind == Kind::Mark(';') {
                file.statement(tokens.get(start..at).unwrap_or(&[]), false);
                start = at + 1;
                declares = false;
            }
            continue;
        }
        match &token.kind {
            Kind::Path(word) if word == "use" => declares = true,
            Kind::Mark('(' | '[') => brackets += 1,
            Kind::Mark(')' | ']') => brackets = brackets.saturating_sub(1),
            Kind::Path(word) if word == "fn" => {
                if let Some(Token {
                    kind: Kind::Path(name),
                    range,
                }) = tokens.get(at + 1)
                {
                    if let Some(path) = foreign(name)
                        && !has_body(tokens, at)
                    {
                        file.names.declare(name, path);
                        continue;
                    }
                    let end = body_end(tokens, at).unwrap_or(range.1);
                    let parent = open.last().map_or(0, |(f, _, _)| *f);
                    let function = file.facts.function(
                        name,
                        FunctionKind::Function,
                        (token.range.0, end),
                        Some(parent),
                    );
                    file.functions.entry(name.clone()).or_insert(function);
                    let head = tokens.get(start..at).unwrap_or(&[]);
                    if starts::is_constructor(head) {
                        file.runs_before_main(name);
                    }
                    pending = Some((function, name.clone(), at));
                }
            }
            Kind::Mark('{') if data > 0 || opens_data(tokens, at) => data += 1,
            Kind::Mark('}') if data > 0 => data -= 1,
            Kind::Mark('{') => {
                let head = tokens.get(start..at).unwrap_or(&[]);
                start = at + 1;
                depth += 1;
                if let Some((function, name, declared)) = pending.take() {
                    file.enter(function, &name);
                    file.parameters(tokens.get(declared + 2..at).unwrap_or(&[]));
                    open.push((function, depth, name));
                } else {
                    file.statement(head, false);
                }
                brackets = 0;
            }
            Kind::Mark('}') => {
                file.statement(tokens.get(start..at).unwrap_or(&[]), true);
                start = at + 1;
                if open.last().is_some_and(|(_, d, _)| *d == depth) {
                    open.pop();
                    let (function, name) = open
                        .last()
                        .map_or((0, String::new()), |(f, _, n)| (*f, n.clone()));
                    file.enter(function, &name);
                }
                depth = depth.saturating_sub(1);
            }
            Kind::Mark(';') if brackets == 0 => {
                let statement = tokens.get(start..at).unwrap_or(&[]);
                if let Some(name) = starts::linked(statement) {
                    file.runs_before_main(name);
                }
                file.statement(statement, false);
                start = at + 1;
                pending = None;
            }
            _ => {}
        }
    }
    file.statement(tokens.get(start..).unwrap_or(&[]), false);
    file.finish();
    Pass {
        complete,
        inner: file.inner,
        summary: file.summary,
    }
}

/// True for the brace of data that a macro is given.
fn opens_data(tokens: &[Token], at: usize) -> bool {
    let before = at.checked_sub(2).and_then(|from| tokens.get(from..at));
    matches!(before, Some([name, opens])
        if opens.kind == Kind::Mark('(')
            && matches!(&name.kind, Kind::Path(path) if path == "json!" || path.ends_with(".json!")))
}

/// False for a function that is declared only.
fn has_body(tokens: &[Token], from: usize) -> bool {
    tokens
        .get(from..)
        .unwrap_or(&[])
        .iter()
        .take(200)
        .find_map(|token| match token.kind {
            Kind::Mark('{') => Some(true),
            Kind::Mark(';') => Some(false),
            _ => None,
        })
        .unwrap_or(false)
}

/// What a function of the system's libraries is that a file declares itself (`extern "C" { fn system(…); }`).
fn foreign(name: &str) -> Option<&'static str> {
    Some(match name {
        "system" | "_wsystem" | "WinExec" => "libc.system",
        "popen" | "_popen" => "libc.popen",
        "execve" => "libc.execve",
        "execvp" => "libc.execvp",
        "mmap" => "libc.mmap",
        "ptrace" => "libc.ptrace",
        "dup2" => "libc.dup2",
        _ => return None,
    })
}

/// The byte after the brace that closes a function's body.
fn body_end(tokens: &[Token], from: usize) -> Option<u32> {
    let mut depth = 0_usize;
    for token in tokens.get(from..)?.iter().take(20_000) {
        match token.kind {
            Kind::Mark('{') => depth += 1,
            Kind::Mark('}') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(token.range.1);
                }
            }
            Kind::Mark(';') if depth == 0 => return Some(token.range.1),
            _ => {}
        }
    }
    None
}
