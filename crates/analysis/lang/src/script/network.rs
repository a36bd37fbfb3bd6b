//! Commands that speak to other machines: what they send, what they fetch.

use foretaste_model::Capability;
use foretaste_observe::table::{ArgRole, Entry};

use super::arguments::Arguments;
use super::engine::{Engine, point};
use super::trace::{Point, merge};
use super::{Command, Output, Trace, Word};

impl Engine<'_, '_> {
    pub(super) fn network(
        &mut self,
        command: &Command,
        input: &Output,
        entry: &'static Entry,
        capability: Capability,
    ) -> Output {
        let mut arguments = Arguments::of(command, entry);
        let url = arguments.address(entry.api);
        let sink = point(capability, entry.api, command, url.clone());
        // what leaves: data, files named in arguments, the address itself, and the input
        let mut sent = Vec::new();
        for (word, role) in &arguments.words {
            let header = *role == Some(ArgRole::Ignore) || *role == Some(ArgRole::Target);
            if header {
                continue;
            }
            merge(&mut sent, &word.traces);
            merge(&mut sent, &self.named_files(word, *role, command));
            for name in &word.unknown {
                if let Some(trace) = environment(name, word) {
                    merge(&mut sent, &[trace]);
                }
            }
        }
        let reads_input = !matches!(capability, Capability::NetworkDns)
            && (arguments.reads_input() || !matches!(entry.api, "curl" | "wget"));
        if reads_input {
            merge(&mut sent, &input.traces);
        }
        self.sink(&sent, &sink);
        // `nc -e /bin/sh`: the peer drives the program
        if let Some(program) = arguments.role(ArgRole::Command) {
            let trace = Trace::from(sink.clone());
            let shell = point(Capability::ProcessShell, &program.text, command, None);
            self.sink(&[trace], &shell);
        }
        let received = Trace::from(sink);
        if let Some(path) = arguments.take_target(entry.api, url.as_deref()) {
            self.write(&path, &[received]);
            return Output::default();
        }
        if matches!(
            capability,
            Capability::NetworkDownload | Capability::NetworkRemote
        ) {
            merge(&mut self.loose, std::slice::from_ref(&received));
        }
        Output {
            traces: vec![received],
            ..Output::default()
        }
    }
}

pub(super) const fn is_network(capability: Capability) -> bool {
    capability.is_network_sink()
        || capability.is_network_source()
        || matches!(capability, Capability::NetworkBlockchain)
}

/// Reading one named variable of the environment, unless it says nothing about anybody.
pub(super) fn environment(name: &str, word: &Word) -> Option<Trace> {
    Some(Trace::from(Point {
        capability: told_by_variable(name)?,
        api: "environment".to_owned(),
        range: word.range,
        constant: Some(name.to_owned()),
    }))
}

/// What reading a named variable of the environment tells; none if it says nothing about anybody.
pub(crate) fn told_by_variable(name: &str) -> Option<Capability> {
    const HARMLESS: &[&str] = &[
        "HOME",
        "PWD",
        "PATH",
        "TMPDIR",
        "TMP",
        "TEMP",
        "SHELL",
        "OLDPWD",
        "RANDOM",
        "LANG",
        "TERM",
        "BASH_SOURCE",
        "IFS",
        "OSTYPE",
        "UID",
        "PPID",
        "SECONDS",
        "LINENO",
        "ARCH",
        "VERSION",
        "OS",
        "PREFIX",
        "DESTDIR",
        "URL",
        "CI",
    ];
    let plain = name.len() >= 3
        && name
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && name.bytes().any(|b| b.is_ascii_uppercase());
    if !plain || HARMLESS.contains(&name) {
        return None;
    }
    Some(match name {
        "USER" | "USERNAME" | "LOGNAME" | "SUDO_USER" => Capability::UserInfo,
        "HOSTNAME" | "COMPUTERNAME" => Capability::HostInfo,
        _ => Capability::EnvironmentRead,
    })
}
