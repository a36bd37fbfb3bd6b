//! Windows batch: a line scanner in front of [`crate::script`].

mod words;

use foretaste_model::Limits;
use foretaste_model::facts::{FileFacts, FunctionKind, Language, ParseOutcome, ProblemKind};
use foretaste_observe::{Budget, FactsBuilder};

use crate::script::{Command, Engine, Output, Redirect, Word};
use crate::{head, inner};
use words::{Part, Variables};

/// Scripts beyond this are cut.
const MAX_BYTES: usize = 2 << 20;

/// Reads a script. `depth` counts the layers around it.
pub(crate) fn observe(text: &str, limits: &Limits, depth: u8) -> FileFacts {
    let head = head::of(text, MAX_BYTES);
    let mut facts = FactsBuilder::new(Language::Batch, head);
    facts.set_outcome(ParseOutcome::Fallback);
    facts.function(
        "<module>",
        FunctionKind::Module,
        (0, head.len() as u32),
        None,
    );
    let mut budget = Budget::for_file(head.len(), limits);
    let mut engine = Engine::new(&mut facts);
    let mut variables = Variables::default();
    let mut start = 0;
    let mut complete = true;
    while start < head.len() {
        let stop = words::logical_end(head, start);
        let line = head.get(start..stop).unwrap_or("");
        let filled = words::substitute(line, &variables);
        if !budget.spend((line.len() + filled.len()) as u64 + 64) {
            complete = false;
            break;
        }
        let range = (start as u32, stop as u32);
        run(line, &filled, range, &mut variables, &mut engine);
        start = stop + 1;
    }
    let found = std::mem::take(&mut engine.inner);
    if !complete {
        facts.problem(
            ProblemKind::Budget,
            None,
            "too many lines; the first ones were gone through",
        );
    }
    head::tell(&mut facts, head, text);
    inner::add(&mut facts, found, limits, depth);
    facts.finish()
}

/// Goes through one line: commands joined by `&`, `&&`, `||` and `|`. `filled` is the line with its variables filled in.
fn run(
    line: &str,
    filled: &str,
    range: (u32, u32),
    variables: &mut Variables,
    engine: &mut Engine<'_, '_>,
) {
    let trimmed = line.trim_start().trim_start_matches('@');
    let lower = trimmed
        .get(..4.min(trimmed.len()))
        .unwrap_or("")
        .to_ascii_lowercase();
    if trimmed.starts_with(':') || lower == "rem " || lower == "rem" || trimmed.is_empty() {
        return;
    }
    let mut carried = Output::default();
    let mut command = Command {
        range,
        ..Command::default()
    };
    let mut redirect: Option<String> = None;
    for part in words::parts(filled) {
        match part {
            Part::Word(text) => {
                let word = Word {
                    text,
                    range,
                    ..Word::default()
                };
                if let Some(operator) = redirect.take() {
                    command.redirects.push(Redirect {
                        operator,
                        target: word,
                    });
                } else if command.words.len() < 1_000 {
                    command.words.push(word);
                }
            }
            Part::Redirect(operator) => redirect = Some(operator),
            Part::Pipe => {
                carried = finish(&mut command, range, &carried, variables, engine);
            }
            Part::Next => {
                finish(&mut command, range, &carried, variables, engine);
                carried = Output::default();
            }
        }
    }
    finish(&mut command, range, &carried, variables, engine);
}

/// Runs the command that was read, without the control words in front of it.
fn finish(
    command: &mut Command,
    range: (u32, u32),
    input: &Output,
    variables: &mut Variables,
    engine: &mut Engine<'_, '_>,
) -> Output {
    let mut command = std::mem::replace(
        command,
        Command {
            range,
            ..Command::default()
        },
    );
    words::strip_control(&mut command.words);
    let Some(first) = command.words.first() else {
        return Output::default();
    };
    if first.text.eq_ignore_ascii_case("set") {
        let texts: Vec<&str> = command
            .words
            .iter()
            .skip(1)
            .map(|w| w.text.as_str())
            .collect();
        let text = texts.join(" ");
        if let Some((name, value)) = text.split_once('=') {
            variables.set(name, value);
            engine.facts.literal(value, range, 0);
        } else if text.is_empty() {
            // `set` alone prints every variable
            first_word_is_env(&mut command);
            return engine.run(&command, input);
        }
        return Output::default();
    }
    engine.run(&command, input)
}

fn first_word_is_env(command: &mut Command) {
    if let Some(first) = command.words.first_mut() {
        "env".clone_into(&mut first.text);
    }
}
