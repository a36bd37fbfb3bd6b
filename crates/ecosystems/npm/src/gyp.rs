//! `binding.gyp` and the files it includes: which commands an implicit native build runs.
//!
//! A package with a `binding.gyp` and no `install` or `preinstall` script is built with `node-gyp rebuild` when it is
//! installed. GYP evaluates the file as a Python expression and runs its command expansions (`<!(cmd)`, `<!@(cmd)`)
//! while it *reads* it, before any compiler starts.

use foretaste_model::facts::{InstallSurface, Problem, ProblemKind, SurfaceKind};
use foretaste_model::span::LineIndex;

use crate::manifest::cut;

/// Bytes that are read.
const MAX_BYTES: usize = 4 << 20;
/// Commands that are kept.
const MAX_COMMANDS: usize = 500;
/// Bytes kept of a line of code.
const MAX_LINE: usize = 240;
/// Bytes kept of a command.
const MAX_COMMAND: usize = 16 << 10;
/// Tokens of one action that are read.
const MAX_ACTION: usize = 4_000;
/// Scripts that one command names.
const MAX_SCRIPTS: usize = 20;

/// Reads a `.gyp` or `.gypi` file. None if `path` is neither.
///
/// The first surface of a `binding.gyp` is the implicit build itself; then follows one for each command, with the
/// script of the package that it runs as target, if it names one.
pub fn observe(path: &str, text: &str) -> Option<(Vec<InstallSurface>, Vec<Problem>)> {
    let file = path.rsplit(['/', '!']).next()?;
    let (_, extension) = file.rsplit_once('.')?;
    if !matches!(extension, "gyp" | "gypi") {
        return None;
    }
    let whole = text;
    let text = &*cut(whole, MAX_BYTES);
    let index = LineIndex::new(text);
    let mut surfaces = Vec::new();
    let mut problems = Vec::new();
    if text.len() < whole.len() {
        problems.push(Problem {
            kind: ProblemKind::Truncated,
            span: None,
            message: format!("only the first {MAX_BYTES} bytes were read").into(),
        });
    }
    if file == "binding.gyp" {
        surfaces.push(InstallSurface {
            kind: SurfaceKind::BindingGyp,
            name: "binding.gyp".into(),
            command: "node-gyp rebuild".into(),
            target: "".into(),
            span: None,
        });
    }
    let tokens = tokens(text);
    let mut commands: Vec<(&str, String, &Token)> = Vec::new();
    let mut computes = false;
    for (position, token) in tokens.iter().enumerate() {
        if commands.len() > MAX_COMMANDS {
            break;
        }
        match &token.kind {
            TokenKind::Text(value) => {
                for command in expansions(value) {
                    commands.push(("command expansion", command, token));
                }
                if value == "action"
                    && let Some(command) = action(&tokens, position)
                {
                    commands.push(("action", command, token));
                }
            }
            // once is enough: the file computes something, and honest ones never do
            TokenKind::Name if !computes => {
                computes = true;
                let (line, _) = index.position(token.start);
                let code = cut(index.line(line).trim(), MAX_LINE);
                commands.push(("python expression", code.into(), token));
            }
            TokenKind::Unfinished => problems.push(Problem {
                kind: ProblemKind::Malformed,
                span: Some(index.span(token.start, token.end)),
                message: "a string does not end".into(),
            }),
            TokenKind::Name | TokenKind::Punctuation(_) => {}
        }
    }
    if commands.len() > MAX_COMMANDS {
        problems.push(Problem {
            kind: ProblemKind::Truncated,
            span: None,
            message: format!("only the first {MAX_COMMANDS} commands were read").into(),
        });
    }
    for (what, command, token) in commands.into_iter().take(MAX_COMMANDS) {
        let mut targets = scripts_in(&command);
        if targets.is_empty() {
            targets.push(String::new());
        }
        for target in targets {
            surfaces.push(InstallSurface {
                kind: SurfaceKind::BindingGyp,
                name: what.into(),
                command: cut(&command, MAX_COMMAND),
                target: target.into(),
                span: Some(index.span(token.start, token.end)),
            });
        }
    }
    Some((surfaces, problems))
}

struct Token {
    start: u32,
    end: u32,
    kind: TokenKind,
}

enum TokenKind {
    /// A string, adjacent ones joined, as Python does.
    Text(String),
    /// A name that is no literal: the file computes something.
    Name,
    /// Any other character.
    Punctuation(char),
    /// A string without its end.
    Unfinished,
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        match c {
            '#' => while chars.next_if(|(_, c)| *c != '\n').is_some() {},
            '\'' | '"' => {
                let mut value = String::new();
                let mut end = start + 1;
                let mut closed = false;
                while let Some((at, inner)) = chars.next() {
                    end = at + inner.len_utf8();
                    if inner == c {
                        closed = true;
                        break;
                    }
                    if inner == '\\' {
                        if let Some((at, escaped)) = chars.next() {
                            end = at + escaped.len_utf8();
                            match escaped {
                                'n' => value.push('\n'),
                                't' => value.push('\t'),
                                '\n' => {}
                                '\\' | '\'' | '"' => value.push(escaped),
                                other => value.extend(['\\', other]),
                            }
                        }
                    } else {
                        value.push(inner);
                    }
                }
                if !closed {
                    tokens.push(Token {
                        start: start as u32,
                        end: start as u32 + 1,
                        kind: TokenKind::Unfinished,
                    });
                }
                match tokens.last_mut() {
                    Some(Token {
                        kind: TokenKind::Text(before),
                        end: last,
                        ..
                    }) => {
                        before.push_str(&value);
                        *last = end as u32;
                    }
                    _ => tokens.push(Token {
                        start: start as u32,
                        end: end as u32,
                        kind: TokenKind::Text(value),
                    }),
                }
            }
            c if c.is_alphabetic() || c == '_' => {
                let mut name = String::from(c);
                let mut end = start + c.len_utf8();
                while let Some((at, c)) =
                    chars.next_if(|(_, c)| c.is_alphanumeric() || matches!(c, '_' | '.'))
                {
                    name.push(c);
                    end = at + c.len_utf8();
                }
                if !matches!(&*name, "True" | "False" | "None" | "true" | "false") {
                    tokens.push(Token {
                        start: start as u32,
                        end: end as u32,
                        kind: TokenKind::Name,
                    });
                }
            }
            c if c.is_whitespace() || c == '\u{feff}' => {}
            c => tokens.push(Token {
                start: start as u32,
                end: (start + c.len_utf8()) as u32,
                kind: TokenKind::Punctuation(c),
            }),
        }
    }
    tokens
}

/// `'action': ['node', 'x.js']` at the position of the key: the words, or the first of a list that is too long.
fn action(tokens: &[Token], position: usize) -> Option<String> {
    let mut rest = tokens.iter().skip(position + 1);
    let colon = rest.next()?;
    let bracket = rest.next()?;
    if !matches!(colon.kind, TokenKind::Punctuation(':'))
        || !matches!(bracket.kind, TokenKind::Punctuation('['))
    {
        return None;
    }
    let mut words = String::new();
    let mut closed = false;
    let mut read = 0;
    for token in rest.take(MAX_ACTION) {
        read += 1;
        match &token.kind {
            TokenKind::Text(word) => {
                if !words.is_empty() {
                    words.push(' ');
                }
                words.push_str(&cut(word, MAX_COMMAND));
            }
            TokenKind::Punctuation(']') => {
                closed = true;
                break;
            }
            _ => {}
        }
        if words.len() > MAX_COMMAND {
            break;
        }
    }
    let too_long = read == MAX_ACTION || words.len() > MAX_COMMAND;
    (closed || too_long).then_some(words)
}

/// The commands in `<!(…)`, `<!@(…)`, `>!(…)`, `^!(…)`, `<!pymod_do_main(…)` of one string.
fn expansions(value: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = value;
    while let Some(at) = rest.find(['<', '>', '^']) {
        let Some(after) = rest.get(at + 1..) else {
            break;
        };
        rest = after;
        let Some(call) = after.strip_prefix('!') else {
            continue;
        };
        let call = call.strip_prefix('@').unwrap_or(call);
        // looked for no further than a name reaches: a text of nothing but `<!` must not cost quadratic time
        let end = call
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'))
            .unwrap_or(call.len());
        let (head, body) = call.split_at(end);
        let Some(body) = body.strip_prefix('(') else {
            continue;
        };
        let mut depth = 1usize;
        let end = body
            .char_indices()
            .find(|(_, c)| {
                match c {
                    '(' => depth += 1,
                    ')' => depth -= 1,
                    _ => {}
                }
                depth == 0
            })
            .map_or(body.len(), |(end, _)| end);
        let inner = body.get(..end).unwrap_or(body).trim();
        if !inner.is_empty() {
            found.push(if head.is_empty() {
                inner.to_owned()
            } else {
                format!("{head} {inner}")
            });
        }
        rest = body.get(end..).unwrap_or("");
    }
    found
}

/// The scripts of the package itself that a command names.
fn scripts_in(command: &str) -> Vec<String> {
    const EXTENSIONS: [&str; 9] = [
        ".js", ".cjs", ".mjs", ".ts", ".py", ".sh", ".bat", ".cmd", ".ps1",
    ];
    let words = command.split(|c: char| {
        c.is_whitespace() || matches!(c, '&' | ';' | '|' | '"' | '\'' | '(' | ')' | ',')
    });
    let mut found: Vec<String> = Vec::new();
    for word in words {
        // paths in actions are often written below a variable: `<(module_root_dir)/tools/x.js`
        let word = word.trim_start_matches("<@").trim_start_matches('/');
        let is_script = EXTENSIONS.iter().any(|e| word.ends_with(e))
            || ((word.starts_with("./") || word.starts_with("../")) && word.len() > 3);
        if is_script && !word.contains("://") && !found.iter().any(|f| f == word) {
            found.push(word.to_owned());
            if found.len() == MAX_SCRIPTS {
                break;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        let (surfaces, _) = observe("binding.gyp", text).expect("a gyp file");
        surfaces
            .iter()
            .map(|s| format!("{} | {} | {}", s.name, s.command, s.target))
            .collect()
    }

    #[test]
    fn the_presence_of_a_binding_gyp_is_a_surface() {
        assert_eq!(lines("{}"), ["binding.gyp | node-gyp rebuild | "]);
        assert!(observe("deps/common.gypi", "{}").is_some_and(|(s, _)| s.is_empty()));
        assert!(observe("gyp.txt", "{}").is_none());
    }

    #[test]
    fn command_expansions_and_actions_are_surfaces() {
        let text = r#"{ # a comment with 'quotes
  "targets": [{
    'include_dirs': ["<!(node -p \"require('node-addon-api').include\")", '<!@(node tools/find.js "a(b)" && echo)'],
    'actions': [{'action_name': 'x', 'action': ['<(python)', './gen.py', '--out', 'a']}],
    'sources': ['<!(ec' 'ho src.c)'],
  }],
}"#;
        assert_eq!(
            lines(text),
            [
                "binding.gyp | node-gyp rebuild | ",
                "command expansion | node -p \"require('node-addon-api').include\" | ",
                "command expansion | node tools/find.js \"a(b)\" && echo | tools/find.js",
                "action | <(python) ./gen.py --out a | ./gen.py",
                "command expansion | echo src.c | ",
            ]
        );
    }

    #[test]
    fn code_in_the_file_is_a_surface() {
        let found = lines("{'a': [c for c in ().__class__.__base__.__subclasses__()]}");
        assert!(
            found
                .iter()
                .any(|l| l.starts_with("python expression | {'a': [c for c in"))
        );
    }

    #[test]
    fn cost_and_output_stay_small_whatever_repeats() {
        let huge = format!("'{}'", "x".repeat(1 << 20));
        for text in [
            format!("'{}'", "<!".repeat(2 << 20)),
            "'action':[".repeat(300_000),
            format!("{}{huge}]", "'action':[".repeat(300_000)),
            format!("'{}'", "<!(a)".repeat(500_000)),
            format!(
                "'<!({})'",
                (0..500_000)
                    .map(|i| format!("{i}.js "))
                    .collect::<Vec<_>>()
                    .concat()
            ),
        ] {
            let begin = std::time::Instant::now();
            let (surfaces, _) = observe("binding.gyp", &text).expect("a gyp file");
            assert!(surfaces.len() <= 1 + MAX_COMMANDS * MAX_SCRIPTS);
            assert!(begin.elapsed().as_secs() < 20);
        }
    }

    #[test]
    fn an_open_string_is_a_problem() {
        let (_, problems) = observe("binding.gyp", "{'a': 'b").expect("a gyp file");
        assert_eq!(problems.len(), 1);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_observed_without_a_panic(text in "\\PC*") {
            let _ = observe("binding.gyp", &text);
        }

        #[test]
        fn any_expansion_is_observed_without_a_panic(text in "[<>^!@()'\"a: \\[\\]]*") {
            let _ = observe("x.gypi", &text);
        }
    }
}
