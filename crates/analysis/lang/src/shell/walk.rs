//! Goes through a syntax tree without recursion and gives commands to the engine in the order in which they run.

use foretaste_model::Limits;
use foretaste_model::facts::FunctionKind;
use foretaste_observe::Budget;
use tree_sitter::{Node, Tree};

use super::word::fold;
use crate::script::{Command, Engine, Output, Redirect, Word};

/// What a frame stands for.
#[derive(Debug)]
enum Kind {
    /// The file, a body, a list of statements.
    Group,
    /// Stages whose output is the next one's input.
    Pipeline,
    /// One command; what substitutions inside it gave, with their places.
    Command(Vec<(u32, Output)>),
    /// `$(...)`, backticks, `<(...)`.
    Substitution(u32),
    /// `name=value`.
    Assignment(Vec<(u32, Output)>),
    /// A statement with redirections.
    Redirected(Vec<Redirect>, Option<(String, (u32, u32))>),
    /// A function's body; the function around it.
    Function(u32),
}

#[derive(Debug)]
struct Frame<'t> {
    kind: Kind,
    node: Node<'t>,
    input: Output,
    output: Output,
}

/// Goes through a script. False if the budget ran out before its end.
pub(super) fn walk(tree: &Tree, text: &str, engine: &mut Engine<'_, '_>, limits: &Limits) -> bool {
    let mut budget = Budget::for_file(text.len(), limits);
    let mut cursor = tree.walk();
    let mut frames = vec![Frame {
        kind: Kind::Group,
        node: tree.root_node(),
        input: Output::default(),
        output: Output::default(),
    }];
    // for every level of the tree: did its node open a frame?
    let mut opened = vec![false];
    let mut descend = true;
    loop {
        if !budget.spend(16) {
            return false;
        }
        if descend && cursor.goto_first_child() {
            opened.push(enter(cursor.node(), text, &mut frames, engine));
            continue;
        }
        if opened.pop().unwrap_or(false) {
            leave(text, &mut frames, engine);
        }
        if opened.is_empty() {
            return true;
        }
        if cursor.goto_next_sibling() {
            opened.push(enter(cursor.node(), text, &mut frames, engine));
            descend = true;
        } else {
            if !cursor.goto_parent() {
                return true;
            }
            descend = false;
        }
    }
}

/// Opens a frame for a node that needs one.
fn enter<'t>(
    node: Node<'t>,
    text: &str,
    frames: &mut Vec<Frame<'t>>,
    engine: &mut Engine<'_, '_>,
) -> bool {
    let kind = match node.kind() {
        "pipeline" => Kind::Pipeline,
        "command" | "declaration_command" | "unset_command" => Kind::Command(Vec::new()),
        "command_substitution" | "process_substitution" => {
            Kind::Substitution(node.start_byte() as u32)
        }
        "variable_assignment" => Kind::Assignment(Vec::new()),
        "redirected_statement" => {
            let (redirects, heredoc) = redirects(node, text, engine);
            Kind::Redirected(redirects, heredoc)
        }
        "function_definition" => {
            let name = node
                .child_by_field_name("name")
                .map_or("", |n| slice(text, n));
            let range = (node.start_byte() as u32, node.end_byte() as u32);
            let around = engine.function;
            let function = engine
                .facts
                .function(name, FunctionKind::Function, range, Some(around));
            engine.functions.insert(name.to_owned(), function);
            engine.function = function;
            Kind::Function(around)
        }
        _ if node.is_named() && groups(frames.last(), node) => Kind::Group,
        _ => return false,
    };
    let input = match frames.last_mut() {
        // the stage before this one wrote it
        Some(Frame {
            kind: Kind::Pipeline,
            output,
            input,
            ..
        }) => {
            let mut before = std::mem::take(output);
            before.join(std::mem::take(input));
            before
        }
        // `cat <<EOF | sh`: the grammar puts what follows the pipe into the redirection
        Some(Frame {
            kind: Kind::Redirected(..),
            output,
            ..
        }) if node
            .parent()
            .is_some_and(|p| p.kind() == "heredoc_redirect") =>
        {
            std::mem::take(output)
        }
        Some(Frame {
            kind: Kind::Redirected(redirects, _),
            input,
            ..
        }) => {
            let mut input = input.clone();
            for redirect in redirects.iter().filter(|r| r.operator == "<<<") {
                input.text = Some(redirect.target.text.clone());
            }
            input
        }
        Some(Frame {
            kind: Kind::Command(_) | Kind::Assignment(_),
            ..
        })
        | None => Output::default(),
        Some(frame) => frame.input.clone(),
    };
    frames.push(Frame {
        kind,
        node,
        input,
        output: Output::default(),
    });
    true
}

/// True if a node's commands share the streams of a pipeline's stage or of a redirection.
fn groups(parent: Option<&Frame<'_>>, node: Node<'_>) -> bool {
    match parent.map(|f| &f.kind) {
        Some(Kind::Pipeline) => true,
        Some(Kind::Redirected(..)) => {
            matches!(node.kind(), "subshell" | "compound_statement" | "list")
                || node.kind().ends_with("_statement")
        }
        _ => false,
    }
}

/// Closes the innermost frame and hands its output on.
fn leave(text: &str, frames: &mut Vec<Frame<'_>>, engine: &mut Engine<'_, '_>) {
    let Some(frame) = frames.pop() else { return };
    let Frame {
        kind,
        node,
        input,
        mut output,
    } = frame;
    match kind {
        Kind::Command(substituted) => {
            let mut command = command(node, text, &substituted, engine);
            if let Some(Frame {
                kind: Kind::Redirected(redirects, heredoc),
                ..
            }) = frames.last_mut()
            {
                command.redirects.append(redirects);
                command.heredoc = heredoc.take();
            }
            output = engine.run(&command, &input);
        }
        Kind::Assignment(substituted) => {
            let name = node
                .child_by_field_name("name")
                .map_or("", |n| slice(text, n));
            let word = node
                .child_by_field_name("value")
                .map_or_else(Word::default, |n| word(n, text, &substituted, engine));
            engine.assign(name, &word);
            return;
        }
        Kind::Substitution(place) => {
            for frame in frames.iter_mut().rev() {
                match &mut frame.kind {
                    Kind::Command(into) | Kind::Assignment(into) => {
                        into.push((place, output));
                        return;
                    }
                    Kind::Redirected(redirects, _) => {
                        if let Some(redirect) = redirects
                            .iter_mut()
                            .find(|r| r.target.range.0 <= place && place < r.target.range.1)
                        {
                            redirect.target.traces.extend(output.traces);
                        } else {
                            frame.input.join(output);
                        }
                        return;
                    }
                    Kind::Group | Kind::Pipeline | Kind::Substitution(_) | Kind::Function(_) => {}
                }
            }
            return;
        }
        Kind::Redirected(redirects, heredoc) => {
            // redirections of a group: no single command took them
            if !redirects.is_empty() || heredoc.is_some() {
                let command = Command {
                    redirects,
                    heredoc,
                    range: (node.start_byte() as u32, node.end_byte() as u32),
                    ..Command::default()
                };
                let words = vec![Word {
                    text: "cat".to_owned(),
                    ..Word::default()
                }];
                output = engine.run(&Command { words, ..command }, &output);
            }
        }
        Kind::Function(around) => {
            engine.function = around;
            return;
        }
        Kind::Group | Kind::Pipeline => {}
    }
    if let Some(parent) = frames.last_mut() {
        parent.output.join(output);
    }
}

/// Reads a command's words.
fn command(
    node: Node<'_>,
    text: &str,
    substituted: &[(u32, Output)],
    engine: &mut Engine<'_, '_>,
) -> Command {
    let mut command = Command {
        range: (node.start_byte() as u32, node.end_byte() as u32),
        ..Command::default()
    };
    let mut cursor = node.walk();
    let declares = node.kind() != "command";
    for child in node.children(&mut cursor) {
        match child.kind() {
            "variable_assignment" | "comment" => {}
            "file_redirect" | "herestring_redirect" | "heredoc_redirect" => {
                add_redirect(
                    child,
                    text,
                    engine,
                    &mut command.redirects,
                    &mut command.heredoc,
                );
            }
            _ if (child.is_named() || declares) && command.words.len() < 4_096 => {
                command.words.push(word(child, text, substituted, engine));
            }
            _ => {}
        }
    }
    command
}

fn word(
    node: Node<'_>,
    text: &str,
    substituted: &[(u32, Output)],
    engine: &Engine<'_, '_>,
) -> Word {
    let range = (node.start_byte() as u32, node.end_byte() as u32);
    let mut word = fold(slice(text, node), range, engine);
    let inside = substituted
        .iter()
        .filter(|(place, _)| range.0 <= *place && *place < range.1);
    for (_, output) in inside {
        let room = 8_usize.saturating_sub(word.traces.len());
        word.traces.extend(output.traces.iter().take(room).cloned());
        match &output.text {
            // `$(echo abc)` is abc
            Some(text) if output.traces.is_empty() => word.text.push_str(text.trim_end()),
            _ if output.traces.is_empty() => word.unknown.push("()".to_owned()),
            _ => {}
        }
    }
    word
}

/// A here-document's text, and where it stands.
type Heredoc = Option<(String, (u32, u32))>;

/// The redirections of a statement.
fn redirects(node: Node<'_>, text: &str, engine: &Engine<'_, '_>) -> (Vec<Redirect>, Heredoc) {
    let mut redirects = Vec::new();
    let mut heredoc = None;
    let mut cursor = node.walk();
    for child in node.children(&mut cursor) {
        add_redirect(child, text, engine, &mut redirects, &mut heredoc);
    }
    (redirects, heredoc)
}

fn add_redirect(
    node: Node<'_>,
    text: &str,
    engine: &Engine<'_, '_>,
    redirects: &mut Vec<Redirect>,
    heredoc: &mut Heredoc,
) {
    let mut cursor = node.walk();
    match node.kind() {
        "file_redirect" | "herestring_redirect" if redirects.len() < 64 => {
            let mut operator = String::new();
            let mut target = Word::default();
            for part in node.children(&mut cursor) {
                if part.kind() == "file_descriptor" {
                    continue;
                }
                if part.is_named() && target.text.is_empty() {
                    target = word(part, text, &[], engine);
                } else if !part.is_named() {
                    slice(text, part).clone_into(&mut operator);
                }
            }
            redirects.push(Redirect { operator, target });
        }
        "heredoc_redirect" => {
            let body = node
                .children(&mut cursor)
                .find(|c| c.kind() == "heredoc_body");
            if let Some(body) = body {
                let range = (body.start_byte() as u32, body.end_byte() as u32);
                *heredoc = Some((slice(text, body).to_owned(), range));
            }
        }
        _ => {}
    }
}

fn slice<'a>(text: &'a str, node: Node<'_>) -> &'a str {
    text.get(node.byte_range()).unwrap_or("")
}
