//! Files while a program is gone through: by which names they are known, and what only handles them.

use std::rc::Rc;

use foretaste_model::Capability;
use foretaste_observe::table::ArgRole;

use super::call::Call;
use super::effects::Given;
use super::value::Value;
use crate::script;

/// The name by which a file is known while a program is gone through.
pub(super) fn key_of(value: &Value) -> Option<Rc<str>> {
    if let Some(file) = &value.file {
        return Some(file.clone());
    }
    let said = value
        .said()
        .filter(|s| s.len() > 1 && s.len() < 1_000 && s != "*")?;
    Some(clean(&said).into())
}

fn clean(path: &str) -> &str {
    path.trim_start_matches("./")
}

/// True for a command line that checks, moves or unpacks files, and does nothing else: `system("tar", "xzf", path)`.
pub(super) fn only_handles_files(given: &[Given<'_>]) -> bool {
    let first = given.first().map(|(_, value)| *value);
    let program = first.and_then(|value| match &value.items {
        Some(items) => items.first().and_then(|(_, v)| v.said()),
        None => value.said(),
    });
    let several = given.iter().any(|(_, value)| {
        value
            .said()
            .is_some_and(|text| text.contains([';', '&', '|', '\n', '`']))
    });
    let words = program.as_deref().map(str::split_whitespace);
    !several
        && words
            .and_then(|mut words| words.next())
            .is_some_and(script::handles_files)
}

/// What lies in a folder, or is meant by a pattern.
pub(super) fn within(folder: &str) -> Value {
    let folder = folder.trim_end_matches('*').trim_end_matches('/');
    Value {
        shape: Some(format!("{folder}/{{}}").into()),
        ..Value::default()
    }
}

/// The file that the result of a call stands for.
pub(super) fn file_of(call: &Call<'_>, given: &[Given<'_>]) -> Option<Rc<str>> {
    let named = given
        .iter()
        .find(|(role, _)| matches!(role, Some(ArgRole::Target)))
        .or_else(|| given.iter().find(|(role, _)| *role == Some(ArgRole::Path)));
    if let Some((_, value)) = named {
        return key_of(value).or_else(|| Some(format!("@{}", call.range.0).into()));
    }
    let opened = || {
        let makes = call.entry.capabilities.contains(&Capability::FileWrite);
        (makes && !call.entry.returns.is_empty()).then(|| format!("@{}", call.range.0).into())
    };
    call.receiver
        .and_then(|r| r.file.clone())
        .or_else(|| given.iter().find_map(|(_, v)| v.file.clone()))
        .or_else(opened)
}

/// The files that a call's arguments and receiver name.
pub(super) fn keys(call: &Call<'_>, given: &[Given<'_>]) -> Vec<Rc<str>> {
    let mut keys: Vec<Rc<str>> = Vec::new();
    let mut add = |key: Rc<str>| {
        if keys.len() < 64 && !keys.contains(&key) {
            keys.push(key);
        }
    };
    for value in call
        .receiver
        .into_iter()
        .chain(given.iter().map(|(_, v)| *v))
    {
        value.file.iter().cloned().for_each(&mut add);
        key_of(value).into_iter().for_each(&mut add);
        for (_, item) in value.items.iter().flat_map(|i| i.iter()).take(32) {
            item.file.iter().cloned().for_each(&mut add);
            key_of(item).into_iter().for_each(&mut add);
        }
        // the words of a command line
        if let Some(line) = value.said().filter(|l| l.len() < 2_000) {
            let words = line
                .split(|c: char| c.is_whitespace() || matches!(c, ';' | '&' | '|' | '"' | '\''));
            words
                .filter(|w| w.len() > 1 && *w != "*")
                .take(32)
                .map(|w| clean(w).into())
                .for_each(&mut add);
        }
    }
    keys
}
