//! One file from text to facts: which reading fits, within which limits.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use foretaste_model::Limits;
use foretaste_model::facts::{
    FileFacts, FunctionKind, InstallSurface, Language, Literal, ParseOutcome, ProblemKind, Snippet,
    SurfaceKind,
};
use foretaste_observe::FactsBuilder;
use foretaste_observe::nesting::{self, Shape};
use ruff_python_ast::token::{TokenKind, Tokens};
use ruff_python_ast::{Expr, ModModule, PySourceType, Stmt};
use ruff_python_parser::{Parsed, parse_unchecked_source};
use ruff_text_size::Ranged as _;
use rustc_hash::FxHashSet;

use crate::evaluator::evaluate;
use crate::interpreter::Interpreter;
use crate::layer::{Candidate, MAX_DEPTH};
use crate::{fallback, packer, pth, python2};

/// Stack on which files are parsed and interpreted. Virtual memory, touched as far as it is used.
pub const STACK_BYTES: usize = 256 << 20;

/// Observes one Python file. `path_hint` is its path or name: `setup.py`, `*.pth` and the like are read as what they are.
///
/// Runs on a thread of its own with [`STACK_BYTES`] of stack; callers that have such threads use [`observe_here`].
pub fn observe(path_hint: &str, text: &str, limits: &Limits) -> FileFacts {
    thread::scope(|scope| {
        thread::Builder::new()
            .name("python".to_owned())
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, || observe_here(path_hint, text, limits))
            .ok()
            .and_then(|worker| worker.join().ok())
            .unwrap_or_else(|| {
                unreadable(text, "no thread with a stack large enough could be started")
            })
    })
}

/// Observes one Python file on the current thread, which must have about [`STACK_BYTES`] of stack.
pub fn observe_here(path_hint: &str, text: &str, limits: &Limits) -> FileFacts {
    catch_unwind(AssertUnwindSafe(|| {
        let name = path_hint.rsplit(['/', '\\']).next().unwrap_or(path_hint);
        if name.to_ascii_lowercase().ends_with(".pth") {
            return pth::observe(text, limits);
        }
        let mut facts = read(name, text, limits, 0);
        surfaces(name, &mut facts);
        facts
    }))
    .unwrap_or_else(|_| unreadable(text, "the reader died on it; please report the file"))
}

/// What a `.pyc` file names and holds, as facts about an inventory of it: imports, APIs, constants, not their order.
/// `None` if it cannot be read. As for [`observe_here`], the current thread must have about [`STACK_BYTES`] of stack.
pub fn byte_code(bytes: &[u8], limits: &Limits) -> Option<FileFacts> {
    // magic number and flags, then date and size, or a hash: 16 bytes since 3.7, 12 since 3.3, 8 before
    let text = [16, 12, 8]
        .iter()
        .find_map(|header| crate::marshal::listing(bytes.get(*header..)?))?;
    Some(observe_here("listing.py", &text, limits))
}

/// What loading a pickle calls, as facts about a listing of it; `None` if that is nothing that could harm. As for
/// [`observe_here`], the current thread must have about [`STACK_BYTES`] of stack.
pub fn pickle(bytes: &[u8], limits: &Limits) -> Option<FileFacts> {
    let text = crate::pickle::listing(bytes)?;
    Some(observe_here("listing.py", &text, limits))
}

/// Where strings over several lines stand, quotes included; nowhere if the text is no Python. As for [`observe_here`], the
/// current thread must have about [`STACK_BYTES`] of stack.
pub fn long_strings(text: &str) -> Vec<Range<usize>> {
    let Some(parsed) = parsed(text, &Limits::default()) else {
        return Vec::new();
    };
    let strings = parsed
        .tokens()
        .iter()
        .filter(|t| t.kind() == TokenKind::String);
    strings
        .map(|t| t.range().start().to_usize()..t.range().end().to_usize())
        .filter(|range| text.get(range.clone()).is_some_and(|s| s.contains('\n')))
        .collect()
}

/// A text that is Python from end to end and nests no deeper than it may.
fn parsed(text: &str, limits: &Limits) -> Option<Parsed<ModModule>> {
    nesting::measure(text, &Shape::PYTHON)
        .fits(limits)
        .then(|| parse_unchecked_source(text, PySourceType::Python))
        .filter(|parsed| parsed.errors().is_empty())
}

/// Reads a text as Python, layers included.
pub(crate) fn read(name: &str, text: &str, limits: &Limits, depth: u8) -> FileFacts {
    let mut facts = FactsBuilder::new(Language::Python, text);
    let nesting = nesting::measure(text, &Shape::PYTHON);
    if !nesting.fits(limits) || u32::try_from(text.len()).is_err() {
        let message = format!(
            "{} brackets, {} indents or {} operators within one another; no honest source has",
            nesting.brackets, nesting.indents, nesting.run
        );
        let at = Some((nesting.offset, nesting.offset));
        facts.problem(ProblemKind::TooDeep, at, &message);
        facts.function(
            "<module>",
            FunctionKind::Module,
            (0, text.len() as u32),
            None,
        );
        let read = !nesting.is_hopeless()
            && fallback::read(text, &mut facts, FxHashSet::default(), limits);
        facts.set_outcome(if read {
            ParseOutcome::Fallback
        } else {
            ParseOutcome::Unreadable
        });
        return facts.finish();
    }
    let kind = if name
        .rsplit_once('.')
        .is_some_and(|(_, end)| end.eq_ignore_ascii_case("pyi"))
    {
        PySourceType::Stub
    } else {
        PySourceType::Python
    };
    let parsed = parse_unchecked_source(text, kind);
    if parsed.errors().is_empty() {
        return interpret(facts, &parsed, limits, depth, false);
    }
    let respelt = python2::respell(text, parsed.tokens());
    if let Some(respelt) = &respelt {
        let again = parse_unchecked_source(respelt, kind);
        if again.errors().len() < parsed.errors().len() {
            facts.set_outcome(ParseOutcome::Fallback);
            note_errors(&mut facts, &again);
            // the respelt text has the same offsets as the original: the places fit both
            let read = interpret(facts, &again, limits, depth, true);
            if again.errors().is_empty() {
                return read;
            }
            return read_on(name, read, text, again.tokens(), limits);
        }
    }
    facts.set_outcome(ParseOutcome::Fallback);
    note_errors(&mut facts, &parsed);
    let read = interpret(facts, &parsed, limits, depth, false);
    read_on(name, read, text, parsed.tokens(), limits)
}

/// Adds to the facts of a text with syntax errors what else can be found in it.
fn read_on(
    name: &str,
    first: FileFacts,
    text: &str,
    tokens: &Tokens,
    limits: &Limits,
) -> FileFacts {
    // a grammar of Python stumbles over every declaration of Cython, and finds next to nothing more: in 171 files of 24
    // packages one use of 14, in four times the time
    if is_cython(name) {
        with_texts(first, text, tokens)
    } else {
        complete(first, text, limits)
    }
}

/// True for Cython's files.
fn is_cython(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, end)| {
        ["pyx", "pxd", "pxi"]
            .iter()
            .any(|e| end.eq_ignore_ascii_case(e))
    })
}

fn note_errors(facts: &mut FactsBuilder<'_>, parsed: &Parsed<ModModule>) {
    for error in parsed.errors().iter().take(3) {
        let range = (error.location.start().into(), error.location.end().into());
        facts.problem(ProblemKind::Syntax, Some(range), &error.error.to_string());
    }
}

fn interpret<'a>(
    facts: FactsBuilder<'a>,
    parsed: &'a Parsed<ModModule>,
    limits: &Limits,
    depth: u8,
    python2: bool,
) -> FileFacts {
    let mut interpreter = Interpreter::new(facts, limits, python2);
    interpreter.run(&parsed.syntax().body);
    let exhausted = interpreter.is_exhausted();
    if interpreter.wants_evaluation() {
        let body = &parsed.syntax().body;
        let length = interpreter.facts.places().text().len();
        interpreter.absorb(evaluate(body, length, limits));
    }
    let (mut facts, mut layers, setup) = interpreter.into_parts();
    if exhausted {
        facts.problem(
            ProblemKind::Budget,
            None,
            "the analysis took too long and was cut short",
        );
    }
    if let Some(setup) = setup {
        let span = facts.places().span(setup.range.0, setup.range.1);
        for surface in setup.surfaces {
            let surface = InstallSurface {
                span: Some(span),
                ..surface
            };
            facts.surface(surface, Some(setup.range.0));
        }
        facts.set_manifest(setup.manifest);
    }
    let is_code = |at: u32| {
        let mut strings = parsed
            .tokens()
            .iter()
            .filter(|t| t.kind() == TokenKind::String);
        !strings.any(|t| t.range().contains(at.into()))
    };
    if let Some((name, range)) = packer::recognise(facts.places().text(), is_code) {
        let mut inner = FactsBuilder::new(Language::Python, "");
        inner.set_outcome(ParseOutcome::Scanned);
        let steps = vec![format!("packer {name}").into()];
        facts.layer(steps, range, true, inner.finish());
    }
    for (mut steps, range) in std::mem::take(&mut layers.opaque) {
        let mut inner = FactsBuilder::new(Language::Python, "");
        inner.set_outcome(ParseOutcome::Scanned);
        steps.push("opaque".into());
        facts.layer(steps, range, true, inner.finish());
    }
    if depth < MAX_DEPTH {
        for candidate in layers.into_candidates() {
            let Candidate {
                text,
                steps,
                range,
                executed,
                language,
            } = candidate;
            let executed = executed && !is_value(&text, limits);
            let inner = layer_facts(&text, language, limits, depth + 1);
            facts.layer(steps, range, executed, inner);
        }
    }
    facts.finish()
}

/// True for a text that only says what a value is: to evaluate `{"text": "..."}` does nothing.
fn is_value(text: &str, limits: &Limits) -> bool {
    let text = text.trim();
    let begins = text.starts_with(['{', '[', '(', '"', '\'']);
    let parsed = begins.then(|| parsed(text, limits)).flatten();
    parsed.is_some_and(|parsed| match &*parsed.syntax().body {
        [Stmt::Expr(only)] => is_literal(&only.value),
        _ => false,
    })
}

fn is_literal(value: &Expr) -> bool {
    match value {
        Expr::Dict(dict) => dict
            .items
            .iter()
            .all(|i| i.key.as_ref().is_some_and(is_literal) && is_literal(&i.value)),
        Expr::List(list) => list.elts.iter().all(is_literal),
        Expr::Tuple(tuple) => tuple.elts.iter().all(is_literal),
        Expr::UnaryOp(unary) => is_literal(&unary.operand),
        value => value.is_literal_expr(),
    }
}

/// What a layer's text is, and what is in it.
fn layer_facts(text: &str, language: Option<Language>, limits: &Limits, depth: u8) -> FileFacts {
    let language = language.or_else(|| foreign_language(text));
    match language {
        None => read("<layer>", text, limits, depth),
        Some(language) => {
            let mut facts = FactsBuilder::new(language, text);
            facts.set_outcome(ParseOutcome::Scanned);
            let mut at = 0_u32;
            for line in text.split_inclusive('\n').take(2000) {
                let trimmed = line.trim();
                facts.literal(trimmed, (at, at + line.trim_end().len() as u32), 0);
                at += line.len() as u32;
            }
            facts.finish()
        }
    }
}

/// The language of a layer, if it is plainly not Python.
fn foreign_language(text: &str) -> Option<Language> {
    let head: String = text.chars().take(4096).collect();
    let has = |signs: &[&str]| signs.iter().filter(|s| head.contains(**s)).count();
    if head.starts_with("#!/bin/")
        || head.starts_with("#!/usr/bin/env bash")
        || head.starts_with("#!/usr/bin/env sh")
    {
        return Some(Language::Shell);
    }
    if head.starts_with("@echo off") {
        return Some(Language::Batch);
    }
    if has(&[
        "$env:",
        "Invoke-",
        "New-Object",
        "-WindowStyle",
        "Start-Process",
        "IEX",
    ]) >= 2
    {
        return Some(Language::PowerShell);
    }
    if has(&[
        "require(",
        "const ",
        "=> {",
        "function(",
        "function (",
        "var ",
        "});",
        "process.env",
        "document.",
    ]) >= 3
    {
        return Some(Language::JavaScript);
    }
    if head.trim_start().starts_with("<html") || head.trim_start().starts_with("<!DOCTYPE") {
        return Some(Language::Html);
    }
    None
}

/// Adds what a tolerant grammar finds on lines about which the first reading says nothing.
fn complete(first: FileFacts, text: &str, limits: &Limits) -> FileFacts {
    let mut known: FxHashSet<u32> = first.uses.iter().map(|u| u.span.line).collect();
    known.extend(first.literals.iter().map(|l| l.span.line));
    let mut more = FactsBuilder::new(Language::Python, text);
    more.function(
        "<module>",
        FunctionKind::Module,
        (0, text.len() as u32),
        None,
    );
    if !fallback::read(text, &mut more, known, limits) {
        return first;
    }
    let more = more.finish();
    let mut facts = first;
    facts.uses.extend(more.uses);
    facts
        .uses
        .sort_by_key(|u| (u.span.line, u.span.column, u.span, u.capability));
    facts.literals.extend(more.literals);
    for import in more.imports {
        if !facts.imports.iter().any(|i| i.module == import.module) {
            facts.imports.push(import);
        }
    }
    facts.imports.sort_by_key(|i| i.span);
    in_order(facts, more.snippets)
}

/// Adds the constants on lines about which the first reading says nothing.
fn with_texts(first: FileFacts, text: &str, tokens: &Tokens) -> FileFacts {
    let known: FxHashSet<u32> = first.literals.iter().map(|l| l.span.line).collect();
    let mut more = FactsBuilder::new(Language::Python, text);
    for token in tokens.iter().filter(|t| t.kind() == TokenKind::String) {
        let (start, end): (u32, u32) = (token.start().into(), token.end().into());
        let quoted = text.get(start as usize..end as usize).unwrap_or("");
        let value = quoted.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        more.literal(value.trim_matches(['"', '\'']), (start, end), 0);
    }
    let more = more.finish();
    let mut facts = first;
    let unknown = |l: &Literal| !known.contains(&l.span.line);
    facts
        .literals
        .extend(more.literals.into_iter().filter(unknown));
    in_order(facts, more.snippets)
}

/// Facts of two readings in the order of a single one.
fn in_order(mut facts: FileFacts, more: Vec<Snippet>) -> FileFacts {
    facts.literals.sort_by_key(|l| (l.span, l.kind as u8));
    facts.snippets.extend(more);
    facts.snippets.sort_by_key(|s| (s.line, s.first_column));
    facts.snippets.dedup_by_key(|s| (s.line, s.first_column));
    facts
}

/// Files that run by their name.
fn surfaces(name: &str, facts: &mut FileFacts) {
    let kind = match name {
        "setup.py" => SurfaceKind::SetupPy,
        "sitecustomize.py" | "usercustomize.py" => SurfaceKind::SiteCustomize,
        _ => return,
    };
    let surface = InstallSurface {
        kind,
        name: name.into(),
        command: "".into(),
        target: "".into(),
        span: None,
    };
    facts.surfaces.insert(0, surface);
}

fn unreadable(text: &str, message: &str) -> FileFacts {
    let mut facts = FactsBuilder::new(Language::Python, text);
    facts.set_outcome(ParseOutcome::Unreadable);
    facts.problem(ProblemKind::ParserDied, None, message);
    facts.finish()
}
