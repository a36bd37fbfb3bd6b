//! The options that a requirements file may hold, as pip's `optparse` reads them.

use super::words::Word;
use crate::project::spec::Fault;

/// An option in its long form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    short: Option<char>,
    takes_value: bool,
    /// It may stand behind a requirement, and concerns only that.
    pub(super) of_requirement: bool,
}

const fn kind(name: &'static str, short: Option<char>, takes_value: bool) -> Kind {
    Kind {
        name,
        short,
        takes_value,
        of_requirement: false,
    }
}

const fn own(name: &'static str, short: Option<char>) -> Kind {
    Kind {
        name,
        short,
        takes_value: true,
        of_requirement: true,
    }
}

/// Every option. Aliases come with the name that they stand for.
const KINDS: &[(&str, Kind)] = &[
    ("--index-url", kind("--index-url", Some('i'), true)),
    ("--pypi-url", kind("--index-url", None, true)),
    ("--extra-index-url", kind("--extra-index-url", None, true)),
    ("--no-index", kind("--no-index", None, false)),
    ("--constraint", kind("--constraint", Some('c'), true)),
    ("--requirement", kind("--requirement", Some('r'), true)),
    ("--editable", kind("--editable", Some('e'), true)),
    ("--find-links", kind("--find-links", Some('f'), true)),
    ("--no-binary", kind("--no-binary", None, true)),
    ("--only-binary", kind("--only-binary", None, true)),
    ("--prefer-binary", kind("--prefer-binary", None, false)),
    ("--require-hashes", kind("--require-hashes", None, false)),
    ("--pre", kind("--pre", None, false)),
    ("--all-releases", kind("--all-releases", None, true)),
    ("--only-final", kind("--only-final", None, true)),
    ("--trusted-host", kind("--trusted-host", None, true)),
    ("--use-feature", kind("--use-feature", None, true)),
    ("--global-option", own("--global-option", None)),
    ("--hash", own("--hash", None)),
    ("--config-settings", own("--config-settings", Some('C'))),
    ("--config-setting", own("--config-settings", None)),
];

/// An option that was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Set {
    pub(super) kind: Kind,
    /// Empty for a switch.
    pub(super) value: String,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Where the value begins.
    pub(super) value_at: usize,
}

/// Reads the options of a line. What is wrong is told; the others are kept.
pub(super) fn parse(words: &[Word]) -> (Vec<Set>, Vec<Fault>) {
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    let mut rest = words.iter().peekable();
    while let Some(word) = rest.next() {
        let (kind, inline) = match look_up(&word.text) {
            Ok(Some(known)) => known,
            Ok(None) => {
                let message = format!(
                    "`{}` is neither an option nor a requirement here",
                    word.text
                );
                faults.push(Fault::new(word.start, message));
                continue;
            }
            Err((message, hint)) => {
                faults.push(Fault {
                    at: word.start,
                    message,
                    hint,
                });
                continue;
            }
        };
        let mut set = Set {
            kind,
            value: String::new(),
            start: word.start,
            end: word.end,
            value_at: word.start,
        };
        match (kind.takes_value, inline) {
            (false, None) => {}
            (false, Some(_)) => {
                faults.push(Fault::new(
                    word.start,
                    format!("`{}` takes no value", kind.name),
                ));
                continue;
            }
            (true, Some(value)) => {
                set.value_at = word.end.saturating_sub(value.len());
                set.value = value;
            }
            (true, None) => {
                let Some(next) = rest.next() else {
                    faults.push(Fault::new(
                        word.start,
                        format!("`{}` lacks its value", kind.name),
                    ));
                    continue;
                };
                set.value.clone_from(&next.text);
                set.value_at = next.start;
                set.end = next.end;
            }
        }
        found.push(set);
    }
    (found, faults)
}

type Unknown = (String, Option<String>);

/// The option of a word, and the value that it holds itself. None if the word is no option.
fn look_up(word: &str) -> Result<Option<(Kind, Option<String>)>, Unknown> {
    if let Some(long) = word.strip_prefix("--").filter(|l| !l.is_empty()) {
        let (name, value) = long
            .split_once('=')
            .map_or((long, None), |(n, v)| (n, Some(v.to_owned())));
        let name = format!("--{name}");
        if let Some((_, kind)) = KINDS.iter().find(|(k, _)| *k == name) {
            return Ok(Some((*kind, value)));
        }
        // optparse takes an unambiguous beginning for the whole
        let meant: Vec<&Kind> = KINDS
            .iter()
            .filter(|(k, _)| k.starts_with(&name))
            .map(|(_, kind)| kind)
            .collect();
        return match meant[..] {
            [only] => Ok(Some((*only, value))),
            [first, ..] if meant.iter().all(|k| k.name == first.name) => Ok(Some((*first, value))),
            [] => Err(unknown(&name)),
            _ => Err((format!("`{name}` may be several options"), None)),
        };
    }
    let mut characters = word.chars();
    if characters.next() != Some('-') {
        return Ok(None);
    }
    let Some(short) = characters.next() else {
        return Ok(None);
    };
    let Some((_, kind)) = KINDS.iter().find(|(_, k)| k.short == Some(short)) else {
        return Err(unknown(&format!("-{short}")));
    };
    let value = characters.as_str();
    Ok(Some((*kind, (!value.is_empty()).then(|| value.to_owned()))))
}

fn unknown(name: &str) -> Unknown {
    let near = KINDS
        .iter()
        .map(|(k, _)| (strsim::damerau_levenshtein(k, name), *k))
        .min()
        .filter(|(distance, k)| *distance <= 2 && k.len() > 4);
    (
        format!("unknown option `{}`", crate::project::spec::clip(name)),
        near.map(|(_, k)| format!("did you mean `{k}`?")),
    )
}
