//! Command lines that start a shell, an interpreter or a downloader.

use std::borrow::Cow;

use foretaste_model::facts::LiteralKind;

use super::patterns::Patterns;

/// Lower case. A command begins the string or follows a separator of commands.
pub(super) const COMMANDS: &[&str] = &[
    "powershell",
    "pwsh -",
    "cmd.exe",
    "cmd /c",
    "cmd /k",
    "/bin/sh",
    "/bin/bash",
    "/bin/zsh",
    "/usr/bin/env ",
    "sh -c",
    "bash -c",
    "bash -i",
    "sh -i",
    "zsh -c",
    "curl -",
    "curl http",
    "curl $",
    "curl \"",
    "curl '",
    "wget -",
    "wget http",
    "wget $",
    "wget \"",
    "nc -",
    "ncat ",
    "netcat ",
    "socat ",
    "python -c",
    "python3 -c",
    "python -m http.server",
    "perl -e",
    "ruby -e",
    "php -r",
    "node -e",
    "certutil -",
    "bitsadmin ",
    "mshta ",
    "mshta.exe",
    "rundll32",
    "regsvr32",
    "wscript ",
    "cscript ",
    "schtasks",
    "reg add",
    "reg delete",
    "crontab -",
    "chmod +x",
    "chmod 777",
    "chmod 755",
    "nslookup ",
    "dig ",
    "start /b",
    "start /min",
    "wmic ",
    "systemctl ",
    "launchctl ",
    "osascript",
    "sudo ",
    "rm -rf",
    "netsh ",
    "attrib +",
    "taskkill ",
    "invoke-webrequest",
    "invoke-expression",
    "iex(",
    "iex (",
    "iwr ",
    "vssadmin ",
    "base64 -d",
    "eval \"$(",
    "nohup ",
    "mkfifo ",
    "del /f",
    "format c:",
    "net user ",
    "icacls ",
    "whoami",
    "uname -",
    "ipconfig",
    "ifconfig",
    "systeminfo",
    "pip install",
    "pip3 install",
    "npm install",
    "npm publish",
    "python -m pip",
    "git clone",
    "docker run",
    "xmrig",
    "ssh-keygen",
    "scp ",
    "tasklist",
    "getmac",
    "dscl ",
    "security find-",
    "security dump-",
    "/dev/tcp/",
    "start-process",
    "add-mppreference",
    "start /wait",
];

/// These stand for themselves wherever they are in the string.
pub(super) const ANYWHERE: &[&str] = &[
    "| sh",
    "|sh",
    "| bash",
    "|bash",
    "/dev/tcp/",
    "-encodedcommand",
    " -enc ",
    "downloadstring(",
    "downloadfile(",
    "frombase64string(",
    "invoke-expression",
    "invoke-webrequest",
    "start-bitstransfer",
    "add-mppreference",
    "-windowstyle hidden",
    "-w hidden",
    "-executionpolicy bypass",
    "-ep bypass",
    "0>&1",
    "| python",
    "|python",
    // all secrets of a workflow at once
    "tojson(secrets",
];

static PATTERNS: Patterns = Patterns::new([COMMANDS, ANYWHERE]);

pub(super) fn classify<'v>(value: &'v str, found: &mut Vec<(LiteralKind, Cow<'v, str>)>) {
    let bytes = value.as_bytes();
    for (number, start, end) in PATTERNS.find(value) {
        let word_ends = bytes
            .get(end)
            .is_none_or(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')))
            || bytes
                .get(end.wrapping_sub(1))
                .is_some_and(|b| !b.is_ascii_alphanumeric());
        let long = value.len() > 600;
        let is_command = word_ends
            && (number >= COMMANDS.len() || start == 0 || (!long && begins_command(value, start)));
        if is_command {
            found.push((LiteralKind::Command, Cow::Borrowed(value)));
            return;
        }
    }
}

/// True at the start of a string or line, or after a separator of commands.
fn begins_command(value: &str, at: usize) -> bool {
    let before = value.get(..at).unwrap_or("");
    let trimmed = before.trim_end_matches([' ', '\t', '"', '\'', '@']);
    trimmed.is_empty()
        || trimmed.ends_with(['|', ';', '&', '`', '(', '\n'])
        || trimmed.ends_with("sudo")
        || trimmed.ends_with("system32\\")
        || trimmed.ends_with("#!")
}
