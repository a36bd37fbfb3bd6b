//! Names: what `use` declarations say a path means.

use std::collections::BTreeMap;

use super::lex::{Kind, Token};

/// Names of one file that are kept.
const MAX_NAMES: usize = 5_000;

/// What the names of a file stand for.
#[derive(Debug, Default)]
pub(super) struct Names {
    known: BTreeMap<String, String>,
    globs: Vec<String>,
}

/// One imported path: module, name, byte range.
pub(super) type Imported = (String, String, (u32, u32));

impl Names {
    /// Reads a `use` declaration, from behind the keyword to its semicolon.
    pub(super) fn read(&mut self, tokens: &[Token]) -> Vec<Imported> {
        let mut imported = Vec::new();
        let mut prefixes: Vec<String> = vec![String::new()];
        let mut current: Option<(String, (u32, u32))> = None;
        let mut alias = false;
        for token in tokens.iter().take(2_000) {
            match &token.kind {
                Kind::Path(word) if word == "as" => alias = true,
                Kind::Path(name) if alias => {
                    alias = false;
                    if let Some((path, range)) = current.take() {
                        self.add(name, path, range, &mut imported);
                    }
                }
                Kind::Path(path) => {
                    let prefix = prefixes.last().map_or("", String::as_str);
                    let full = match path.as_str() {
                        "self" => prefix.to_owned(),
                        path => join(prefix, path),
                    };
                    current = Some((full, token.range));
                }
                Kind::Mark('{') if prefixes.len() < 32 => {
                    let prefix = current.take().map_or_else(
                        || prefixes.last().cloned().unwrap_or_default(),
                        |(path, _)| path,
                    );
                    prefixes.push(prefix);
                }
                Kind::Mark('*') => {
                    let prefix = current.take().map_or_else(
                        || prefixes.last().cloned().unwrap_or_default(),
                        |(path, _)| path,
                    );
                    if self.globs.len() < 64 {
                        imported.push((prefix.clone(), "*".to_owned(), token.range));
                        self.globs.push(prefix);
                    }
                }
                Kind::Mark(',' | '}') => {
                    if let Some((path, range)) = current.take() {
                        let name = path.rsplit('.').next().unwrap_or(&path).to_owned();
                        self.add(&name, path, range, &mut imported);
                    }
                    if token.kind == Kind::Mark('}') && prefixes.len() > 1 {
                        prefixes.pop();
                    }
                }
                _ => {}
            }
        }
        if let Some((path, range)) = current {
            let name = path.rsplit('.').next().unwrap_or(&path).to_owned();
            self.add(&name, path, range, &mut imported);
        }
        imported
    }

    /// A function of the system's libraries that the file declares itself.
    pub(super) fn declare(&mut self, name: &str, path: &str) {
        if self.known.len() < MAX_NAMES {
            self.known.insert(name.to_owned(), path.to_owned());
        }
    }

    fn add(&mut self, name: &str, path: String, range: (u32, u32), imported: &mut Vec<Imported>) {
        if self.known.len() < MAX_NAMES {
            let (module, last) = path.rsplit_once('.').unwrap_or((&path, ""));
            imported.push((module.to_owned(), last.to_owned(), range));
            self.known.insert(name.to_owned(), path);
        }
    }

    /// The full paths that a path in the code may mean, most likely first.
    pub(super) fn resolve(&self, path: &str) -> Vec<String> {
        let (first, rest) = path
            .split_once('.')
            .map_or((path, None), |(f, r)| (f, Some(r)));
        let bare = first.trim_end_matches('!');
        let mut found = Vec::new();
        if let Some(full) = self.known.get(bare) {
            let mark = if first.ends_with('!') { "!" } else { "" };
            found.push(
                rest.map_or_else(|| format!("{full}{mark}"), |rest| format!("{full}.{rest}")),
            );
        }
        found.push(path.to_owned());
        found.extend(self.globs.iter().map(|glob| join(glob, path)));
        found
    }
}

fn join(prefix: &str, path: &str) -> String {
    if prefix.is_empty() {
        path.to_owned()
    } else {
        format!("{prefix}.{path}")
    }
}
