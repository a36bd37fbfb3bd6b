//! The arguments of a command by what they are.

use foretaste_observe::table::{ArgRole, Entry};

use super::{Command, Word};

/// The arguments of a command with their roles.
pub(super) struct Arguments<'c> {
    pub(super) words: Vec<(Word, Option<ArgRole>)>,
    command: &'c Command,
}

impl<'c> Arguments<'c> {
    pub(super) fn of(command: &'c Command, entry: &'static Entry) -> Self {
        let mut words: Vec<(Word, Option<ArgRole>)> = Vec::new();
        let mut pending: Option<ArgRole> = None;
        for word in command.words.iter().skip(1) {
            if let Some(role) = pending.take() {
                words.push((word.clone(), Some(role)));
                continue;
            }
            if !word.text.starts_with('-') || word.text.len() < 2 {
                words.push((word.clone(), None));
                continue;
            }
            if let Some((flag, value)) = word.text.split_once('=')
                && let Some(role) = entry.role_of(None, flag)
            {
                words.push((
                    Word {
                        text: value.to_owned(),
                        ..word.clone()
                    },
                    Some(role),
                ));
            } else if let Some(role) = entry.role_of(None, &word.text) {
                pending = Some(role);
            } else if !word.text.starts_with("--") {
                // `-d@file` has its value attached, `-fsSLo file` ends with a flag that wants one
                for (at, flag) in word.text.char_indices().skip(1) {
                    let Some(role) = entry.role_of(None, &format!("-{flag}")) else {
                        continue;
                    };
                    match word.text.get(at + flag.len_utf8()..) {
                        Some(value) if !value.is_empty() => {
                            words.push((
                                Word {
                                    text: value.to_owned(),
                                    ..word.clone()
                                },
                                Some(role),
                            ));
                        }
                        _ => pending = Some(role),
                    }
                    break;
                }
            }
        }
        Self { words, command }
    }

    pub(super) fn role(&self, role: ArgRole) -> Option<&Word> {
        self.words
            .iter()
            .find(|(_, r)| *r == Some(role))
            .map(|(w, _)| w)
    }

    /// Where a network command goes.
    pub(super) fn address(&self, api: &str) -> Option<String> {
        let plain = |w: &&(Word, Option<ArgRole>)| w.1.is_none() && !w.0.text.is_empty();
        let url = self
            .words
            .iter()
            .filter(plain)
            .find(|(w, _)| w.text.contains("://"));
        let skip = usize::from(api.contains(' '));
        url.or_else(|| self.words.iter().filter(plain).nth(skip))
            .map(|(w, _)| w.text.clone())
    }

    /// True if data is taken from standard input.
    pub(super) fn reads_input(&self) -> bool {
        self.words.iter().any(|(w, role)| {
            matches!(
                w.text.as_str(),
                "@-" | "-" | "@/dev/stdin" | "/dev/stdin" | "."
            ) && matches!(role, Some(ArgRole::Data | ArgRole::Path))
                || w.text.ends_with("=@-")
                || w.text.ends_with("=<-")
        })
    }

    /// The file that a download is written to.
    pub(super) fn take_target(&mut self, api: &str, url: Option<&str>) -> Option<String> {
        if let Some(path) = self.role(ArgRole::Target) {
            let to_output = matches!(path.text.as_str(), "-" | "/dev/stdout");
            return (!to_output).then(|| path.text.clone());
        }
        let remote_name = match api {
            "wget" => true,
            "curl" => self.command.words.iter().any(|w| {
                w.text == "--remote-name"
                    || w.text.starts_with('-') && !w.text.starts_with("--") && w.text.contains('O')
            }),
            _ => false,
        };
        if api == "certutil" || api == "bitsadmin" {
            return self
                .words
                .iter()
                .rev()
                .find(|(w, _)| !w.text.contains("://"))
                .map(|(w, _)| w.text.clone());
        }
        let base = url?.split(['?', '#']).next()?.rsplit('/').next()?;
        (remote_name && !base.is_empty()).then(|| base.to_owned())
    }
}
