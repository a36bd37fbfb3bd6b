//! Shells and interpreters: code in an argument, in a file, or on standard input.

use foretaste_model::Capability;
use foretaste_model::facts::{Resolution, UseKind};
use foretaste_observe::{UseSite, decode};

use super::engine::{Engine, InnerLanguage, point};
use super::ordinary::{joined, passed_on, traces_of};
use super::{Command, Output, Word};

impl Engine<'_, '_> {
    /// A shell or another interpreter: code in an argument, in a file, or on its input.
    pub(super) fn interpret(
        &mut self,
        command: &Command,
        input: &Output,
        name: &str,
        language: Option<InnerLanguage>,
    ) -> Output {
        let shell = language == Some(InnerLanguage::Shell);
        let capability = if shell || language == Some(InnerLanguage::PowerShell) {
            Capability::ProcessShell
        } else {
            Capability::ProcessSpawn
        };
        let mut words = command.words.iter().enumerate().skip(1);
        let mut script = None;
        while let Some((at, word)) = words.next() {
            let flag = word.text.to_ascii_lowercase();
            let inline = match language {
                Some(InnerLanguage::Shell) if matches!(name, "cmd") => {
                    matches!(&*flag, "/c" | "/k" | "/r")
                }
                Some(InnerLanguage::Shell | InnerLanguage::Python) => {
                    flag.starts_with('-') && !flag.starts_with("--") && flag.ends_with('c')
                }
                Some(InnerLanguage::PowerShell) => {
                    !flag.starts_with('-') || flag.len() > 1 && "-command".starts_with(&*flag)
                }
                Some(InnerLanguage::JavaScript) => {
                    matches!(&*flag, "-e" | "--eval" | "-p" | "--print" | "-pe")
                }
                None => matches!(&*flag, "-e" | "-r" | "-ne" | "-E"),
            };
            let encoded = language == Some(InnerLanguage::PowerShell)
                && flag.len() > 1
                && ("-encodedcommand".starts_with(&*flag) || flag == "-ec");
            if encoded {
                if let Some((_, code)) = words.next() {
                    self.encoded(code, command.range);
                }
                return Output::default();
            }
            if inline {
                let rest = if name == "cmd" || language == Some(InnerLanguage::PowerShell) {
                    let from = if flag.starts_with(['-', '/']) {
                        at + 1
                    } else {
                        at
                    };
                    joined(command.words.get(from..).unwrap_or(&[]))
                } else {
                    command
                        .words
                        .get(at + 1)
                        .map_or_else(String::new, |w| w.text.clone())
                };
                let fed = traces_of(command.words.get(at..).unwrap_or(&[]));
                let sink = point(capability, name, command, Some(rest.clone()));
                self.sink(&fed, &sink);
                match language {
                    Some(language) => {
                        self.inner(language, rest, vec![name.into()], command.range);
                    }
                    None => self.evaluated(name, &rest, command),
                }
                return passed_on(input);
            }
            let takes_value = matches!(
                &*flag,
                "-m" | "-w"
                    | "-x"
                    | "-executionpolicy"
                    | "-ep"
                    | "-windowstyle"
                    | "-version"
                    | "-v"
                    | "-r"
                    | "--require"
                    | "-o"
            );
            if flag == "-s" && language == Some(InnerLanguage::Shell) {
                break;
            }
            if flag == "-file" || flag == "-f" {
                script = words.next().map(|(_, w)| w);
                break;
            }
            if !flag.starts_with('-') || flag == "-" {
                script = Some(word);
                break;
            }
            // `-m module` runs a module; other options have a value that is no script
            if takes_value
                && (language == Some(InnerLanguage::PowerShell) || flag != "-x" && flag != "-v")
            {
                words.next();
                if language == Some(InnerLanguage::Python) && flag == "-m" {
                    return Output::default();
                }
            }
        }
        match script {
            Some(path) if path.text != "-" && path.text != "/dev/stdin" => {
                self.execute_file(path, command, capability, name, language);
            }
            _ => {
                let sink = point(capability, name, command, None);
                self.sink(&input.traces, &sink);
                if let (Some(code), Some(language)) = (&input.text, language) {
                    let mut steps = input.decoded.clone();
                    steps.push(name.into());
                    self.inner(language, code.clone(), steps, command.range);
                }
            }
        }
        passed_on(input)
    }

    /// Code of a language without an observer here.
    pub(super) fn evaluated(&mut self, name: &str, code: &str, command: &Command) {
        let site = UseSite {
            api: name,
            range: command.range,
            function: self.function,
            resolution: Resolution::Direct,
            kind: UseKind::Call,
        };
        let constant: Box<str> = code.chars().take(512).collect::<String>().into();
        self.facts
            .uses(site, &[Capability::CodeEval], || vec![constant.clone()]);
        self.facts.literal(code, command.range, self.function);
    }

    /// `-EncodedCommand`: base64 of UTF-16.
    pub(super) fn encoded(&mut self, code: &Word, range: (u32, u32)) {
        if let Some(text) = utf16_base64(&code.text) {
            self.inner(
                InnerLanguage::PowerShell,
                text,
                vec!["base64".into(), "utf-16le".into()],
                range,
            );
        }
    }
}

/// Text that PowerShell takes encoded.
pub(crate) fn utf16_base64(text: &str) -> Option<String> {
    let bytes = decode::base64(text.trim().as_bytes())?;
    let units: Vec<u16> = bytes
        .as_chunks::<2>()
        .0
        .iter()
        .map(|b| u16::from_le_bytes(*b))
        .collect();
    let text = String::from_utf16(&units).ok()?;
    let printable = text
        .chars()
        .filter(|c| !c.is_control() || c.is_whitespace())
        .count();
    (printable * 10 >= text.chars().count() * 9).then_some(text)
}
