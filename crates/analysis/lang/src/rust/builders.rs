//! Commands that are put together over several statements: `let mut c = Command::new("sh"); c.arg("-c"); c.arg(line);`.

use super::flow::{File, MAX_VALUES};
use super::lex::{Kind, Token};
use super::value::{Point, Value, clean};
use crate::script::{handles_files, quoted_line};

/// Commands of one function that are followed, and words of one of them.
const MAX_COMMANDS: usize = 100;
const MAX_WORDS: usize = 40;

/// A command behind a variable.
#[derive(Clone, Debug)]
pub(super) struct Command {
    spawn: Point,
    words: Vec<String>,
}

impl File<'_, '_, '_> {
    /// A variable holds a command from here on.
    pub(super) fn command_begins(&mut self, targets: &[&str], points: &[Point], words: &[String]) {
        let [name] = targets else { return };
        self.commands.remove(*name);
        if let Some(spawn) = points.iter().find(|p| p.spawns())
            && self.commands.len() < MAX_COMMANDS
        {
            let command = Command {
                spawn: spawn.clone(),
                words: words.to_vec(),
            };
            self.commands.insert((*name).to_owned(), command);
        }
    }

    /// A command behind a variable gets more words.
    pub(super) fn command_grows(
        &mut self,
        tokens: &[Token],
        values: &[Value],
        texts: &[(&str, (u32, u32))],
    ) {
        let [
            Token {
                kind: Kind::Path(name),
                ..
            },
            Token {
                kind: Kind::Member(method),
                ..
            },
            ..,
        ] = tokens
        else {
            return;
        };
        if !matches!(method.as_str(), "arg" | "args" | "raw_arg") {
            return;
        }
        let Some(command) = self.commands.get_mut(name) else {
            return;
        };
        let room = MAX_WORDS.saturating_sub(command.words.len());
        let more = texts.iter().map(|(text, _)| (*text).to_owned());
        command.words.extend(more.take(room));
        let command = command.clone();
        self.sink(&command.spawn, values);
        // `command.arg(&path)`: the file that it runs
        let keys = tokens.iter().skip(2).filter_map(|t| match &t.kind {
            Kind::Text(text) => Some(clean(text).to_owned()),
            Kind::Path(name) => Some(format!("${name}")),
            _ => None,
        });
        let stored = keys.filter_map(|key| self.files.get(&key));
        let mut stored: Vec<Value> = stored.flatten().cloned().collect();
        stored.truncate(MAX_VALUES);
        if !command.spawn.constant.as_deref().is_some_and(handles_files) {
            self.sink(&command.spawn, &stored);
        }
        let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
        let same = |inner: &&mut crate::script::Inner| inner.range == command.spawn.range;
        if let Some(inner) = self.inner.iter_mut().find(same) {
            inner.code = quoted_line(&words);
        }
    }
}
