//! Reads one file: chooses parser and analysis, and never lets either bring the process down.

use std::panic::{AssertUnwindSafe, catch_unwind};

use foretaste_model::Limits;
use foretaste_model::facts::{FileFacts, ParseOutcome, ProblemKind};
use foretaste_observe::identifier::Identifiers;
use foretaste_observe::{Budget, FactsBuilder};
use oxc_allocator::Allocator;
use oxc_parser::{ParseOptions, Parser};
use oxc_semantic::SemanticBuilder;

use crate::bundle;
use crate::emit::{self, Found};
use crate::eval::Evaluator;
use crate::ir::Ir;
use crate::source::Reading;
use crate::{fallback, lower, nature, nesting, packed, partial, tables};

/// Stack of the parser's thread; memory is taken only as far as it is used.
const STACK: usize = 1 << 30;
/// Texts beyond this size are not parsed as a whole.
const MAX_PARSED: usize = 24 << 20;
/// How much of a text beyond that is read by the tolerant reader.
const HEAD: usize = 4 << 20;
/// Layers within layers.
const MAX_LAYERS: u32 = 4;

/// Observes a JavaScript or TypeScript file.
///
/// `path_hint` only decides the dialect, by its extension. The result depends on nothing else but the text and the
/// limits.
pub fn observe(path_hint: &str, text: &str, limits: &Limits) -> FileFacts {
    observe_layer(&Reading::of(path_hint), text, limits, Stack::Unknown, 0)
}

/// Like [`observe`], for callers on threads with at least 256 MiB of stack: no thread is made for a file that nests as
/// honest ones do.
pub fn observe_here(path_hint: &str, text: &str, limits: &Limits) -> FileFacts {
    observe_layer(&Reading::of(path_hint), text, limits, Stack::Large, 0)
}

/// What is known of the stack of the current thread.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stack {
    /// Perhaps it is small.
    Unknown,
    /// At least 256 MiB.
    Large,
}

fn observe_layer(
    reading: &Reading,
    text: &str,
    limits: &Limits,
    stack: Stack,
    depth: u32,
) -> FileFacts {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut builder = FactsBuilder::new(reading.language, text);
    let mut found = Vec::new();
    let measured = nesting::measure(text);
    if text.len() > MAX_PARSED {
        builder.problem(
            ProblemKind::Truncated,
            None,
            "the file is too large to be parsed as a whole; its beginning was read",
        );
        found = tolerant(reading, head(text, HEAD), limits, &mut builder);
    } else if !measured.fits(limits) {
        builder.problem(
            ProblemKind::TooDeep,
            Some((measured.offset, measured.offset)),
            &format!(
                "brackets nest {} deep and expressions run over {} tokens; no honest source does",
                measured.brackets, measured.run
            ),
        );
        if measured.is_hopeless() {
            builder.set_outcome(ParseOutcome::Unreadable);
        } else {
            found = tolerant(reading, text, limits, &mut builder);
        }
    } else {
        let is_here = stack == Stack::Large && measured.is_shallow();
        match parsed(reading, text, limits, is_here) {
            Parsed::Done(done) => {
                builder = done.0;
                found = done.1;
            }
            Parsed::Refused(message) => {
                builder.problem(ProblemKind::Syntax, None, &message);
                found.extend(tolerant(reading, text, limits, &mut builder));
            }
            Parsed::Died => {
                builder.problem(
                    ProblemKind::ParserDied,
                    None,
                    "the parser gave up on this file in an unexpected way",
                );
                found.extend(tolerant(reading, text, limits, &mut builder));
            }
        }
    }
    found.extend(packed::unpack(text));
    if let Some((name, range)) = packed::recognise(text) {
        let steps = vec![format!("packer {name}").into()];
        builder.layer(steps, range, true, FileFacts::default());
    }
    layers(found, limits, stack, depth, &mut builder);
    let mut facts = builder.finish();
    facts.literals.extend(nature::symbols_only(text));
    facts
}

enum Parsed<'t> {
    Done(Box<(FactsBuilder<'t>, Vec<Found>)>),
    Refused(String),
    Died,
}

/// Parses on the current thread if `is_here`, else on one of its own with a large stack.
fn parsed<'t>(reading: &Reading, text: &'t str, limits: &Limits, is_here: bool) -> Parsed<'t> {
    if is_here {
        // a thread for each file costs more than most files: its memory begins cold
        let parse = || on_large_stack(reading, text, limits);
        return catch_unwind(AssertUnwindSafe(parse)).unwrap_or(Parsed::Died);
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .name("parse-javascript".to_owned())
            .stack_size(STACK)
            .spawn_scoped(scope, || on_large_stack(reading, text, limits));
        match thread {
            Ok(handle) => handle.join().unwrap_or(Parsed::Died),
            Err(e) => Parsed::Refused(format!(
                "no thread with a large stack could be started: {e}"
            )),
        }
    })
}

fn on_large_stack<'t>(reading: &Reading, text: &'t str, limits: &Limits) -> Parsed<'t> {
    let options = ParseOptions {
        allow_return_outside_function: true,
        preserve_parens: false,
        ..ParseOptions::default()
    };
    let mut first_error = None;
    let mut allocator = Allocator::default();
    for attempt in &reading.attempts {
        allocator.reset();
        let parser = Parser::new(&allocator, text, *attempt).with_options(options);
        let result = parser.parse();
        if result.panicked || result.is_flow_language {
            first_error.get_or_insert_with(|| {
                result
                    .diagnostics
                    .errors()
                    .next()
                    .map_or_else(|| "the grammar rejects it".to_owned(), ToString::to_string)
            });
            continue;
        }
        let semantic = SemanticBuilder::new().build(&result.program).semantic;
        let scoping = semantic.scoping();
        let mut builder = FactsBuilder::new(reading.language, text);
        let mut identifiers = Identifiers::default();
        let names: Vec<&str> = scoping.symbol_names().collect();
        for name in &names {
            identifiers.add(name);
        }
        builder.set_identifiers(identifiers.stats());
        let nature = nature::judge(text, &names, identifiers.stats());
        builder.set_nature(nature);
        let decoded = tables::read(&result.program, scoping, text, limits);
        let unpacked = partial::read(&result.program, scoping, text);
        let bundle = bundle::read(&result.program, scoping, text);
        let known = lower::Known {
            decoded: &decoded,
            unpacked: &unpacked,
            bundle: &bundle,
        };
        let ir = lower::lower(&result.program, scoping, text, known);
        let found = analyse(ir, text, limits, &mut builder);
        if let Some(range) = decoded.table {
            let steps = vec!["packer javascript-obfuscator".into()];
            builder.layer(steps, range, true, FileFacts::default());
        }
        return Parsed::Done(Box::new((builder, found)));
    }
    Parsed::Refused(first_error.unwrap_or_else(|| "the grammar rejects it".to_owned()))
}

/// Reads with the tolerant parser.
fn tolerant(
    reading: &Reading,
    text: &str,
    limits: &Limits,
    builder: &mut FactsBuilder<'_>,
) -> Vec<Found> {
    builder.set_outcome(ParseOutcome::Fallback);
    if let Some(ir) = fallback::lower(text, reading.dialect, limits) {
        let mut identifiers = Identifiers::default();
        for symbol in &ir.symbols {
            identifiers.add(ir.strings.get(symbol.name));
        }
        let stats = identifiers.stats();
        drop(identifiers);
        builder.set_identifiers(stats);
        builder.set_nature(nature::judge(text, &[], stats));
        analyse(ir, text, limits, builder)
    } else {
        builder.set_outcome(ParseOutcome::Unreadable);
        builder.problem(
            ProblemKind::Budget,
            None,
            "the tolerant parser ran out of time",
        );
        Vec::new()
    }
}

fn analyse(ir: Ir<'_>, text: &str, limits: &Limits, builder: &mut FactsBuilder<'_>) -> Vec<Found> {
    let budget = Budget::for_file(text.len(), limits);
    let analysis = Evaluator::run(ir, budget);
    if analysis.is_exhausted() {
        builder.problem(
            ProblemKind::Budget,
            None,
            "the analysis of data flow ran out of its budget; chains may be missing",
        );
    }
    emit::emit(&analysis, builder)
}

/// Observes the texts that are code of their own.
fn layers(
    found: Vec<Found>,
    limits: &Limits,
    stack: Stack,
    depth: u32,
    builder: &mut FactsBuilder<'_>,
) {
    if depth >= MAX_LAYERS {
        return;
    }
    let reading = Reading::of("layer.js");
    for layer in found {
        let facts = observe_layer(&reading, &layer.text, limits, stack, depth + 1);
        // evaluated text that no grammar knows is no JavaScript: its strings were kept anyway
        builder.layer(layer.steps, layer.range, layer.executed, facts);
    }
}

fn head(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or(text)
}
