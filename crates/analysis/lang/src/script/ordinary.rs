//! Commands that read, wrap, unwrap or change something on this machine.

use foretaste_model::Capability;
use foretaste_observe::decode;
use foretaste_observe::table::Entry;

use super::engine::{Engine, point};
use super::trace::merge;
use super::{Command, Output, Trace, Word};

impl Engine<'_, '_> {
    pub(super) fn ordinary(
        &mut self,
        command: &Command,
        input: &Output,
        entry: &'static Entry,
        capability: Capability,
    ) -> Output {
        use Capability as C;
        let inputs = self.inputs(command, input);
        let constant = command.first_argument().map(|w| w.text.clone());
        let here = point(capability, entry.api, command, constant);
        match capability {
            C::EnvironmentReadAll
            | C::HostInfo
            | C::UserInfo
            | C::ProcessList
            | C::CredentialStore
            | C::CredentialToken
            | C::Clipboard
            | C::Screen
            | C::Camera
            | C::ProcessMemory => {
                let mut here = here;
                // `printenv NAME` reads one variable
                if entry.api == "printenv" && here.constant.is_some() {
                    here.capability = C::EnvironmentRead;
                }
                let mut traces = vec![Trace::from(here)];
                merge(&mut traces, &inputs);
                Output {
                    traces,
                    ..Output::default()
                }
            }
            C::DecodeText | C::DecodeCompressed | C::DecodeCipher => {
                let traces = if inputs.is_empty() {
                    vec![Trace::from(here)]
                } else {
                    inputs.iter().map(|t| t.then(&here)).collect()
                };
                let decoded = input.text.as_deref().and_then(|text| {
                    let bytes = if entry.api.starts_with("xxd") {
                        decode::hex(text.trim().as_bytes())
                    } else if entry.api.starts_with("base32") {
                        decode::base32(text.trim().as_bytes())
                    } else {
                        decode::base64(text.trim().as_bytes())
                    };
                    String::from_utf8(bytes?).ok()
                });
                let mut steps = input.decoded.clone();
                steps.push(entry.api.split(' ').next().unwrap_or(entry.api).into());
                Output {
                    traces,
                    text: decoded,
                    decoded: steps,
                }
            }
            C::ArchiveExtract => {
                merge(&mut self.loose, &inputs);
                Output {
                    traces: inputs.iter().map(|t| t.then(&here)).collect(),
                    ..Output::default()
                }
            }
            C::EncodeText | C::EncodeCompressed | C::EncodeCipher | C::EncodeObject => {
                let traces: Vec<Trace> = inputs.iter().map(|t| t.then(&here)).collect();
                // `tar czf out.tgz ~/.ssh` and `zip out.zip ...` write what they pack
                if let Some(path) = archive_target(entry.api, command) {
                    self.write(&path, &traces);
                }
                Output {
                    traces,
                    ..Output::default()
                }
            }
            C::FileRead
                if entry.api == "cat" && (inputs.is_empty() || command.words.len() == 1) =>
            {
                Output {
                    text: input.text.clone(),
                    decoded: input.decoded.clone(),
                    traces: inputs,
                }
            }
            C::SystemPersist | C::SystemSettings => {
                self.sink(&inputs, &here);
                Output::default()
            }
            C::Hash | C::FileDelete | C::FilePermissions | C::Time => Output::default(),
            _ => Output {
                traces: inputs,
                ..Output::default()
            },
        }
    }

    /// What a command reads: its input, its arguments, and files that are secret or were written before.
    pub(super) fn inputs(&self, command: &Command, input: &Output) -> Vec<Trace> {
        let mut traces = input.traces.clone();
        for word in command.words.iter().skip(1) {
            merge(&mut traces, &word.traces);
            merge(&mut traces, &self.named_files(word, None, command));
        }
        traces
    }
}

pub(super) fn echo(command: &Command) -> Output {
    let words = command.words.get(1..).unwrap_or(&[]);
    let options = words
        .iter()
        .take_while(|w| matches!(w.text.as_str(), "-n" | "-e" | "-ne" | "-en" | "-E"))
        .count();
    let words = words.get(options..).unwrap_or(&[]);
    let known = words
        .iter()
        .all(|w| w.unknown.is_empty() && w.traces.is_empty());
    Output {
        traces: traces_of(words),
        text: known.then(|| joined(words)),
        decoded: Vec::new(),
    }
}

/// What an interpreter writes may come from anywhere: what it was given goes on.
pub(super) fn passed_on(input: &Output) -> Output {
    Output {
        traces: input.traces.clone(),
        ..Output::default()
    }
}

pub(super) fn joined(words: &[Word]) -> String {
    let texts: Vec<&str> = words.iter().map(|w| w.text.as_str()).collect();
    texts.join(" ")
}

pub(super) fn traces_of(words: &[Word]) -> Vec<Trace> {
    let mut traces = Vec::new();
    for word in words {
        merge(&mut traces, &word.traces);
    }
    traces
}

/// The archive that a packing command writes.
pub(super) fn archive_target(api: &str, command: &Command) -> Option<String> {
    let arguments: Vec<&Word> = command.words.iter().skip(1).collect();
    match api {
        "tar" => arguments
            .iter()
            .position(|w| {
                let flags = w.text.strip_prefix('-').unwrap_or(&w.text);
                w.text == "--file"
                    || !w.text.starts_with("--") && flags.len() < 8 && flags.ends_with('f')
            })
            .and_then(|i| arguments.get(i + 1)),
        "zip" | "7z" | "7za" | "rar" => arguments
            .iter()
            .find(|w| !w.text.starts_with('-') && w.text.contains('.')),
        _ => None,
    }
    .map(|w| w.text.clone())
}
