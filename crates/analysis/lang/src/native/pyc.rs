//! Python byte code: the magic number names the interpreter.

use foretaste_model::facts::{BinaryFacts, BinaryFormat};

use super::{blank, symbols};

/// Magic numbers by release: first number of each range (`Lib/importlib/_bootstrap_external.py` lists them all).
const VERSIONS: &[(u16, &str)] = &[
    (3_000, "python 3.0"),
    (3_141, "python 3.1"),
    (3_160, "python 3.2"),
    (3_190, "python 3.3"),
    (3_250, "python 3.4"),
    (3_320, "python 3.5"),
    (3_360, "python 3.6"),
    (3_390, "python 3.7"),
    (3_400, "python 3.8"),
    (3_420, "python 3.9"),
    (3_430, "python 3.10"),
    (3_450, "python 3.11"),
    (3_500, "python 3.12"),
    (3_550, "python 3.13"),
    (3_600, "python 3.14"),
    (3_650, "python 3.15 or later"),
    (50_823, "python 2.0"),
    (60_202, "python 2.1"),
    (60_717, "python 2.2"),
    (62_011, "python 2.3"),
    (62_041, "python 2.4"),
    (62_061, "python 2.5"),
    (62_151, "python 2.6"),
    (62_171, "python 2.7"),
];

/// Names in byte code that stand for a capability. Names only: the code itself is not decompiled.
const NAMES: &[&str] = &[
    "exec",
    "eval",
    "compile",
    "__import__",
    "b64decode",
    "b85decode",
    "decompress",
    "marshal",
    "subprocess",
    "Popen",
    "system",
    "popen",
    "check_output",
    "socket",
    "urlopen",
    "urlretrieve",
    "requests",
    "environ",
    "getenv",
    "ctypes",
    "windll",
    "winreg",
    "keyring",
    "pyperclip",
    "pynput",
    "Fernet",
    "webhook",
];

/// Reads the header, and the names in the code as far as they stand for something.
pub(super) fn read(bytes: &[u8]) -> Result<BinaryFacts, String> {
    let Some(([low, high, ..], code)) = bytes.split_first_chunk::<8>() else {
        return Err("a Python byte code file without a header".to_owned());
    };
    let number = u16::from_le_bytes([*low, *high]);
    let mut facts = blank(BinaryFormat::Pyc);
    facts.architecture = VERSIONS
        .iter()
        .rev()
        .find(|(first, _)| *first <= number)
        .map_or("python", |(_, name)| *name)
        .into();
    // marshalled names: their length stands in front of them, whatever the release's type codes are
    let found = NAMES.iter().copied().filter(|name| {
        let length = name.len() as u8;
        memchr::memmem::find_iter(code, name.as_bytes()).any(|at| {
            let short = at.checked_sub(1).and_then(|i| code.get(i)) == Some(&length);
            let long = at
                .checked_sub(4)
                .and_then(|i| code.get(i..at))
                .is_some_and(|b| b == [length, 0, 0, 0]);
            short || long
        })
    });
    facts.symbols = symbols::all(found);
    Ok(facts)
}
