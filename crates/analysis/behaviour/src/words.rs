//! What programs are called.

use crate::event::Process;
use crate::record::Record;

/// Programs that install packages.
const PACKAGE_MANAGERS: &[&str] = &[
    "pip", "pip3", "pipx", "uv", "uvx", "poetry", "pdm", "npm", "npx", "pnpm", "yarn", "bun",
    "cargo", "gem", "bundle", "go", "composer",
];

/// Programs that fetch or send files, or talk to any host.
pub const DOWNLOADERS: &[&str] = &[
    "curl",
    "wget",
    "nc",
    "ncat",
    "netcat",
    "socat",
    "telnet",
    "ftp",
    "tftp",
    "scp",
    "aria2c",
    "powershell",
    "pwsh",
];

/// The file name of a program.
pub fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// True if a process is a package manager, or a script or module of one.
pub fn is_package_manager(process: &Process) -> bool {
    let script = process
        .arguments
        .iter()
        .skip(1)
        .take(3)
        .map(|word| name(word).trim_end_matches("-cli.js"));
    std::iter::once(name(&process.program))
        .chain(process.arguments.first().map(|word| name(word)))
        .chain(script)
        .any(|word| {
            PACKAGE_MANAGERS
                .contains(&word.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.'))
                || PACKAGE_MANAGERS.contains(&word)
        })
        || process
            .arguments
            .windows(2)
            .any(|pair| pair[0] == "-m" && PACKAGE_MANAGERS.contains(&pair[1].as_str()))
}

/// True if something that the process descends from is a package manager.
pub(crate) fn is_below_package_manager(record: &Record, entry: Option<usize>) -> bool {
    record.ancestry(entry).skip(1).any(is_package_manager)
}

/// A command as one line.
pub fn line(process: &Process) -> String {
    let mut line = process.arguments.join(" ");
    if line.is_empty() {
        line.clone_from(&process.program);
    }
    if line.chars().count() > 160 {
        line = line.chars().take(159).chain(['…']).collect();
    }
    line
}
