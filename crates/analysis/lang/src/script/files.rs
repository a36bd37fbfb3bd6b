//! Files that one command writes and another uses; redirections.

use foretaste_model::Capability;
use foretaste_model::facts::{LiteralKind, Resolution, UseKind};
use foretaste_observe::table::ArgRole;
use foretaste_observe::{UseSite, literal};

use super::engine::{Engine, InnerLanguage, MAX_NAMES, point};
use super::lookup::interpreter;
use super::trace::{Point, merge};
use super::{Command, Output, Redirect, Trace, Word};

impl Engine<'_, '_> {
    /// The traces of files that a word names.
    pub(super) fn named_files(
        &self,
        word: &Word,
        role: Option<ArgRole>,
        command: &Command,
    ) -> Vec<Trace> {
        let mut traces = Vec::new();
        let text = word
            .text
            .rsplit(['@', '=', '<'])
            .next()
            .unwrap_or(&word.text);
        if let Some(known) = self.files.get(clean(text)) {
            merge(&mut traces, known);
        }
        let secret = literal::classify(text)
            .into_iter()
            .any(|(kind, _)| kind == LiteralKind::SecretPath);
        let stream = matches!(text, "-" | "/dev/stdin" | "");
        let sent = !stream
            && (role == Some(ArgRole::Path)
                || word.text.contains('@') && role == Some(ArgRole::Data));
        if (secret || sent) && traces.is_empty() && !text.contains("://") {
            let point = Point {
                capability: Capability::FileRead,
                api: command.name(),
                range: word.range,
                constant: Some(text.to_owned()),
            };
            traces.push(Trace::from(point));
        }
        traces
    }

    /// A program or script that is run by its path.
    pub(super) fn execute_file(
        &mut self,
        path: &Word,
        command: &Command,
        capability: Capability,
        name: &str,
        language: Option<InnerLanguage>,
    ) {
        // what this script wrote there is read as well
        if let (Some((text, steps)), Some(language)) = (self.texts.get(clean(&path.text)), language)
        {
            let (text, mut steps) = (text.clone(), steps.clone());
            steps.push(name.into());
            self.inner(language, text, steps, command.range);
        }
        let sink = point(capability, name, command, Some(path.text.clone()));
        let mut traces = path.traces.clone();
        if let Some(known) = self.files.get(clean(&path.text)) {
            merge(&mut traces, known);
        }
        if traces.is_empty() && is_program_path(&path.text) {
            traces = self.loose.clone();
            for trace in &mut traces {
                trace.loose = true;
            }
        }
        self.sink(&traces, &sink);
    }

    pub(super) fn copy(&mut self, command: &Command) {
        let paths: Vec<&Word> = command
            .words
            .iter()
            .skip(1)
            .filter(|w| !w.text.starts_with('-'))
            .collect();
        let Some((target, sources)) = paths.split_last() else {
            return;
        };
        let mut traces = Vec::new();
        for source in sources {
            merge(&mut traces, &self.named_files(source, None, command));
            merge(&mut traces, &source.traces);
        }
        let target = target.text.clone();
        self.persists(&target, command);
        if !traces.is_empty() {
            self.write(&target, &traces);
        }
    }

    /// A file that now holds something.
    pub(super) fn write(&mut self, path: &str, traces: &[Trace]) {
        let path = clean(path);
        if path.is_empty() || path.starts_with("/dev/") || traces.is_empty() {
            return;
        }
        if self.files.len() >= MAX_NAMES && !self.files.contains_key(path) {
            return;
        }
        let mut kept = Vec::new();
        for trace in traces {
            let mut trace = trace.clone();
            trace.through_file = true;
            merge(&mut kept, &[trace]);
        }
        merge(self.files.entry(path.to_owned()).or_default(), &kept);
    }

    /// A file that now holds a text that is known, or that a text was put behind.
    pub(super) fn write_text(&mut self, path: &str, output: &Output, behind: bool) {
        /// Longer scripts are not put together from lines.
        const MAX_TEXT: usize = 1 << 18;
        let path = clean(path);
        let Some(text) = output.text.as_deref() else {
            self.texts.remove(path);
            return;
        };
        if path.is_empty() || path.starts_with("/dev/") {
            return;
        }
        if self.texts.len() >= MAX_NAMES && !self.texts.contains_key(path) {
            return;
        }
        let (known, steps) = self.texts.entry(path.to_owned()).or_default();
        if !behind {
            known.clear();
            steps.clear();
        }
        if known.len() + text.len() <= MAX_TEXT {
            known.push_str(text);
            known.push('\n');
        }
        for step in &output.decoded {
            if !steps.contains(step) {
                steps.push(step.clone());
            }
        }
    }

    pub(super) fn redirect_in(&mut self, redirect: &Redirect, input: &mut Output) {
        let target = &redirect.target;
        match &*redirect.operator {
            "<<<" => {
                input.text = target.unknown.is_empty().then(|| target.text.clone());
                merge(&mut input.traces, &target.traces);
                self.facts
                    .literal(&target.text, target.range, self.function);
            }
            "<" | "<>" => {
                let command = Command {
                    words: vec![Word {
                        text: "<".to_owned(),
                        ..Word::default()
                    }],
                    ..Command::default()
                };
                let traces = self.named_files(target, None, &command);
                merge(&mut input.traces, &traces);
                merge(&mut input.traces, &target.traces);
            }
            _ => {}
        }
    }

    pub(super) fn redirect_out(&mut self, command: &Command, redirect: &Redirect, output: &Output) {
        let target = &redirect.target;
        if target.text.contains("/dev/tcp/") || target.text.contains("/dev/udp/") {
            let socket = point(
                Capability::NetworkSocket,
                "/dev/tcp",
                command,
                Some(target.text.clone()),
            );
            let site = UseSite {
                api: "/dev/tcp",
                range: command.range,
                function: self.function,
                resolution: Resolution::Direct,
                kind: UseKind::Call,
            };
            let constant: Box<str> = target.text.as_str().into();
            self.facts.uses(site, &[Capability::NetworkSocket], || {
                vec![constant.clone()]
            });
            let name = command.name();
            if interpreter(&name).is_some() {
                // a shell on a socket: the peer types, the shell runs
                let shell = point(Capability::ProcessShell, &name, command, None);
                self.sink(&[Trace::from(socket)], &shell);
            } else {
                self.sink(&output.traces, &socket);
                merge(&mut self.loose, &[Trace::from(socket)]);
            }
        } else if redirect.operator.contains('>') {
            self.facts
                .literal(&target.text, target.range, self.function);
            self.persists(&target.text, command);
            let traces = output.traces.clone();
            self.write(&target.text.clone(), &traces);
            if target.unknown.is_empty() {
                self.write_text(&target.text, output, redirect.operator.contains(">>"));
            }
        }
    }

    /// Writing to a file that makes code run again.
    pub(super) fn persists(&mut self, path: &str, command: &Command) {
        let persistent = literal::classify(path)
            .into_iter()
            .any(|(kind, _)| kind == LiteralKind::PersistencePath);
        if persistent {
            let site = UseSite {
                api: ">",
                range: command.range,
                function: self.function,
                resolution: Resolution::Direct,
                kind: UseKind::Write,
            };
            let constant: Box<str> = path.into();
            self.facts.uses(site, &[Capability::SystemPersist], || {
                vec![constant.clone()]
            });
        }
    }
}

/// A word that names a program by a path of its own.
pub(super) fn is_program_path(text: &str) -> bool {
    text.starts_with("./")
        || text.starts_with(".\\")
        || text.starts_with("/tmp/")
        || text.starts_with("/var/tmp/")
        || text.starts_with("/dev/shm/")
        || text.starts_with("~/")
        || text.to_ascii_lowercase().contains("%temp%")
        || text.to_ascii_lowercase().contains("%appdata%")
}

/// A path without what does not change it.
pub(super) fn clean(path: &str) -> &str {
    path.trim_start_matches("./").trim_start_matches(".\\")
}
