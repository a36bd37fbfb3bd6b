//! What several rules ask of code.

use std::collections::{BTreeSet, VecDeque};

use foretaste_engine::prelude::*;
use foretaste_model::facts::{ArtifactFacts, Callee, FileEntry, FileFacts, FunctionKind, UseKind};

/// True if a use starts a program or a shell.
pub(crate) fn spawns(used: &Use) -> bool {
    matches!(
        used.capability,
        Capability::ProcessShell | Capability::ProcessSpawn
    )
}

/// True if a use sends to, or fetches from, another machine when it runs.
pub(crate) fn talks(used: &Use) -> bool {
    used.kind == UseKind::Call
        && (used.capability.is_network_sink() || used.capability.is_network_source())
}

/// True for what opens a page or document with the program that the user has for it.
pub(crate) fn opens_a_page(api: &str) -> bool {
    const OPENERS: &[&str] = &["open", "opn", "opener", "better-opn", "webbrowser"];
    OPENERS.contains(&api.split('.').next().unwrap_or(api))
}

/// So many functions are looked at from one constructor.
const MOST_REACHED: usize = 200;

/// True if a constructor of the package reaches a function of a file, through its files: making an object is enough.
pub(crate) fn is_reached_by_a_constructor(file: &FileView<'_>, function: u32) -> bool {
    let files = &file.artifact.files;
    let Some(home) = files.iter().position(|f| f.path == file.entry.path) else {
        return false;
    };
    if !file.layer.is_empty() {
        return false;
    }
    let mut seen = BTreeSet::new();
    let mut next = VecDeque::new();
    for (index, entry) in files.iter().enumerate() {
        let constructors = entry.facts.functions.iter().enumerate();
        next.extend(
            constructors
                .filter(|(_, f)| f.kind == FunctionKind::Method && is_constructor(&f.name))
                .map(|(at, _)| (index, at as u32)),
        );
        let most = seen.len() + MOST_REACHED;
        while let Some(place) = next.pop_front() {
            if place == (home, function) {
                return true;
            }
            if seen.len() >= most || !seen.insert(place) {
                continue;
            }
            let Some(view) = file.sibling(place.0) else {
                continue;
            };
            let within = view.facts.functions.get(place.1 as usize).into_iter();
            next.extend(within.flat_map(|f| &f.calls).filter_map(|c| match c {
                Callee::Local(f) => Some((place.0, *f)),
                Callee::External(_) => None,
            }));
            next.extend(view.calls_into_other_files(place.1));
        }
        next.clear();
    }
    false
}

fn is_constructor(name: &str) -> bool {
    let last = name.rsplit(['.', ':', '#']).next().unwrap_or(name);
    matches!(
        last,
        "constructor" | "__init__" | "__new__" | "__post_init__" | "__construct" | "initialize"
    )
}

/// The use that removes the very program which another one started and left running.
pub(crate) fn erased_while_running<'a>(file: &FileView<'a>, starts: &Use) -> Option<&'a Use> {
    let program = starts.constants.first()?;
    let program = program.split(' ').next().unwrap_or(program);
    let calls = &file.facts.functions.get(starts.function as usize)?.calls;
    let waits = |name: &str| {
        let last = name.rsplit('.').next().unwrap_or(name);
        matches!(
            last,
            "wait" | "communicate" | "poll" | "wait_with_output" | "join" | "on" | "once"
        )
    };
    let is_left = LEFT_RUNNING.contains(&&*starts.api)
        && !calls
            .iter()
            .any(|c| matches!(c, Callee::External(name) if waits(name)));
    file.facts.uses.iter().find(|u| {
        is_left
            && u.capability == Capability::FileDelete
            && u.function == starts.function
            && u.span.line >= starts.span.line
            && u.constants.first().is_some_and(|path| **path == *program)
    })
}

/// True for a path that is a number under which a process holds a file open: `/proc/self/fd/3`, `/dev/fd/3`.
pub(crate) fn is_open_file(path: &str) -> bool {
    let number = path.strip_prefix("/dev/fd/").or_else(|| {
        let (process, rest) = path.strip_prefix("/proc/")?.split_once('/')?;
        (!process.is_empty()).then_some(rest)?.strip_prefix("fd/")
    });
    number.is_some_and(|n| !n.is_empty() && !n.contains('/'))
}

/// True for what makes a file that exists in memory alone.
pub(crate) fn makes_memory_file(api: &str) -> bool {
    api.contains("memfd_create") || api.starts_with("memfd.Memfd")
}

/// What starts a program and does not wait for its end.
const LEFT_RUNNING: &[&str] = &[
    "subprocess.Popen",
    "child_process.spawn",
    "child_process.execFile",
    "std.process.Command.spawn",
];

/// The constant words of a use, lower case, joined by blanks: a command line as far as it is constant.
pub(crate) fn command_line(used: &Use) -> String {
    used.constants.join(" ").to_lowercase()
}

/// What a package may hold beside code and still be judged by its code alone: bytes of one file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beside {
    /// Of data and media.
    pub(crate) data: u64,
    /// Of a format that is not known.
    pub(crate) unknown: u64,
}

/// Lines of code in an artifact but for the files that are left out; none if it holds something else: native code,
/// archives, large data.
pub(crate) fn lines(
    artifact: &ArtifactFacts,
    most: Beside,
    is_left_out: impl Fn(&FileEntry) -> bool,
) -> Option<u32> {
    let mut lines = 0u32;
    for file in &artifact.files {
        let shape = &file.facts.shape;
        match file.facts.language {
            Language::Native | Language::Bytecode | Language::Archive => return None,
            Language::Data | Language::Media if shape.bytes > most.data => return None,
            Language::Unknown if shape.bytes > most.unknown => return None,
            language if language.is_program_text() && !is_left_out(file) => {
                lines = lines.saturating_add(shape.lines);
            }
            _ => {}
        }
    }
    Some(lines)
}

/// True if whoever runs a chain is asked something first, at the top of the file or where the chain ends: what waits
/// for an answer does not run by itself.
pub(crate) fn asks_first(chain: &Chain<'_>) -> bool {
    let Some(sink) = chain.sink() else {
        return false;
    };
    chain.file.facts.uses.iter().any(|u| {
        u.capability == Capability::UserInput
            && u.kind == UseKind::Call
            && (u.function == 0 || u.function == chain.flow.function)
            && matches!(
                &*u.api,
                "input" | "builtins.input" | "raw_input" | "getpass.getpass"
            )
            && (u.function != chain.flow.function || u.span < sink.span)
    })
}

/// The facts of the manifest that a file is, or of whose commands it is a layer; none of any other file.
pub(crate) fn manifest_of<'a>(file: &FileView<'a>) -> Option<&'a FileFacts> {
    let entry = file.artifact.file(file.path())?;
    (entry.facts.language == Language::Manifest).then_some(&*entry.facts)
}

/// The words of a command line, as a shell would split them, roughly.
pub(crate) fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| {
        c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | ';' | '|' | '&' | '(' | ')')
    })
    .filter(|w| !w.is_empty())
}

/// The name of a program as a command line writes it: without folder and `.exe`.
pub(crate) fn program_name(word: &str) -> &str {
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
    name.strip_suffix(".exe").unwrap_or(name)
}

/// True for a command line that configures or compiles what lies there.
pub(crate) fn is_build(line: &str) -> bool {
    const TOOLS: &[&str] = &[
        "configure",
        "make",
        "gmake",
        "nmake",
        "cmake",
        "ninja",
        "meson",
        "gcc",
        "cc",
        "clang",
        "cl",
    ];
    words(line)
        .next()
        .is_some_and(|first| TOOLS.contains(&program_name(first)))
}

/// True for a command line that no build has a use for: it only looks who and where it is, or leaves a mark. Whoever
/// wants to know whether code ran begins so.
pub(crate) fn is_aimless(line: &str) -> bool {
    const LOOKS: &[&str] = &[
        "whoami",
        "id",
        "env",
        "printenv",
        "ipconfig",
        "ifconfig",
        "systeminfo",
        "tasklist",
        "dir",
        "net",
        "calc",
        "notepad",
        "mspaint",
    ];
    let mut parts = words(line);
    let Some(first) = parts.next() else {
        return false;
    };
    let second = parts.next();
    let elsewhere = |path: &str| {
        ["/tmp/", "~/", "c:", "/home/", "/var/", "/opt/"]
            .iter()
            .any(|place| path.trim_start_matches('>').starts_with(place))
    };
    match program_name(first) {
        "ls" => second == Some("/"),
        "net" => second == Some("user"),
        "touch" | "mkdir" => second.is_some_and(elsewhere),
        "echo" => line.contains('>') && words(line).skip(1).any(elsewhere),
        "cat" => second.is_some_and(|path| path.starts_with("/etc/passwd")),
        // `env CC=gcc make` runs something, `env > file` does not
        name => {
            LOOKS.contains(&name) && second.is_none_or(|word| word.starts_with(['>', '/', '-']))
        }
    }
}

/// True for the files in which assistants are told which servers there are.
pub(crate) fn lists_servers(path: &str) -> bool {
    ["mcp.json", "mcp_config.json", "claude_desktop_config.json"]
        .iter()
        .any(|name| path.ends_with(name))
}

#[cfg(test)]
mod tests {
    use super::is_aimless;

    #[test]
    fn looking_around_is_told_from_building() {
        for line in [
            "whoami",
            "ls /",
            "env > license",
            "echo 'pwned' > /tmp/pwned",
            "touch /tmp/test.txt",
            "calc.exe",
            "cat /etc/passwd",
            "id",
        ] {
            assert!(is_aimless(line), "{line}");
        }
        for line in [
            "env cc=gcc make all",
            "ls src",
            "touch build/stamp",
            "echo done",
            "uname -m",
            "git rev-parse head",
            "id3convert file",
            "",
        ] {
            assert!(!is_aimless(line), "{line}");
        }
    }
}
