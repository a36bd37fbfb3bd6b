//! The readings: every way in which a file can be read, with the number that stands for it in stored keys.

use foretaste_model::facts::Language;

/// Which observer reads a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    Python,
    JavaScript,
    Shell,
    PowerShell,
    Batch,
    Rust,
    /// Ruby, PHP and Go.
    Program,
    Notebook,
    Pth,
    Manifest,
    Html,
    Text,
    Data,
    Native,
    Wasm,
    Pyc,
    /// Java class files.
    Class,
    /// Python's serialised objects.
    Pickle,
    /// Byte code that is recognised and not read.
    Bytecode,
    Media,
    Archive,
    /// Binary data of no known kind.
    Opaque,
}

impl Reader {
    /// True if it reads text.
    pub(crate) const fn is_text(self) -> bool {
        matches!(
            self,
            Self::Python
                | Self::JavaScript
                | Self::Shell
                | Self::PowerShell
                | Self::Batch
                | Self::Rust
                | Self::Program
                | Self::Notebook
                | Self::Pth
                | Self::Manifest
                | Self::Html
                | Self::Text
                | Self::Data
        )
    }

    /// True if what it reads can run.
    pub(crate) const fn is_machine_code(self) -> bool {
        matches!(
            self,
            Self::Native | Self::Wasm | Self::Pyc | Self::Class | Self::Bytecode
        )
    }
}

/// One way to read a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// Its number in the keys of stored facts. Never reuse one.
    pub(crate) id: u16,
    /// The observer.
    pub(crate) reader: Reader,
    /// The language of the facts.
    pub(crate) language: Language,
    /// The path that the observer is told: all that it may know of the real one.
    pub(crate) hint: &'static str,
}

impl Reading {
    /// True if a content of the family `binary` is usual under this name.
    pub(crate) const fn admits(&self, binary: Reader) -> bool {
        match self.reader {
            // `.node`, `.pyd`, `.lib`, `.bin`: machine code of any kind
            Reader::Native | Reader::Opaque => true,
            Reader::Archive => matches!(binary, Reader::Archive | Reader::Media),
            Reader::Pth => matches!(binary, Reader::Archive | Reader::Pickle),
            Reader::Media => matches!(binary, Reader::Archive),
            _ => false,
        }
    }
}

macro_rules! readings {
    ($($id:literal $hint:literal => $reader:ident as $language:ident;)*) => {
        /// Every reading.
        pub(crate) const READINGS: &[Reading] = &[$(Reading {
            id: $id,
            reader: Reader::$reader,
            language: Language::$language,
            hint: $hint,
        }),*];
    };
}

readings! {
    1 "module.py" => Python as Python;
    2 "module.pyi" => Python as Python;
    3 "setup.py" => Python as Python;
    4 "sitecustomize.py" => Python as Python;
    5 "usercustomize.py" => Python as Python;
    6 "__init__.py" => Python as Python;
    7 "__main__.py" => Python as Python;
    8 "conftest.py" => Python as Python;
    9 "module.pyx" => Python as Python;
    10 "module.js" => JavaScript as JavaScript;
    11 "module.mjs" => JavaScript as JavaScript;
    12 "module.cjs" => JavaScript as JavaScript;
    13 "module.jsx" => JavaScript as JavaScript;
    14 "module.ts" => JavaScript as TypeScript;
    15 "module.mts" => JavaScript as TypeScript;
    16 "module.cts" => JavaScript as TypeScript;
    17 "module.tsx" => JavaScript as TypeScript;
    18 "module.d.ts" => JavaScript as TypeScript;
    20 "script.sh" => Shell as Shell;
    21 "script.ps1" => PowerShell as PowerShell;
    22 "script.bat" => Batch as Batch;
    23 "module.rs" => Rust as Rust;
    24 "notebook.ipynb" => Notebook as Notebook;
    25 "module.pth" => Pth as Pth;
    26 "page.html" => Html as Html;
    27 "module.rb" => Program as Ruby;
    28 "module.php" => Program as Php;
    29 "module.go" => Program as Go;
    30 "text.txt" => Text as Text;
    31 "data" => Data as Data;
    32 "native" => Native as Native;
    33 "wasm" => Wasm as Bytecode;
    34 "pyc" => Pyc as Bytecode;
    35 "bytecode" => Bytecode as Bytecode;
    36 "media" => Media as Media;
    37 "archive" => Archive as Archive;
    38 "opaque" => Opaque as Unknown;
    50 "package.json" => Manifest as Manifest;
    51 "binding.gyp" => Manifest as Manifest;
    52 "module.gypi" => Manifest as Manifest;
    53 "Cargo.toml" => Manifest as Manifest;
    54 ".cargo_vcs_info.json" => Manifest as Manifest;
    55 "pyproject.toml" => Manifest as Manifest;
    56 "setup.cfg" => Manifest as Manifest;
    57 "PKG-INFO" => Manifest as Manifest;
    58 "x.egg-info/PKG-INFO" => Manifest as Manifest;
    59 "EGG-INFO/PKG-INFO" => Manifest as Manifest;
    60 "x.dist-info/METADATA" => Manifest as Manifest;
    61 "x.dist-info/entry_points.txt" => Manifest as Manifest;
    62 "x.egg-info/entry_points.txt" => Manifest as Manifest;
    63 "EGG-INFO/entry_points.txt" => Manifest as Manifest;
    64 "x.egg-info/requires.txt" => Manifest as Manifest;
    65 "x.dist-info/WHEEL" => Manifest as Manifest;
    66 "x.dist-info/RECORD" => Manifest as Manifest;
    67 "metadata.gem" => Manifest as Manifest;
    68 "composer.json" => Manifest as Manifest;
    69 "go.mod" => Manifest as Manifest;
    70 "package.nuspec" => Manifest as Manifest;
    71 "build.targets" => Manifest as Manifest;
    72 "pom.xml" => Manifest as Manifest;
    73 "action.yml" => Manifest as Manifest;
    74 "tools/init.ps1" => PowerShell as PowerShell;
    75 "tools/install.ps1" => PowerShell as PowerShell;
    76 "rubygems_plugin.rb" => Program as Ruby;
    77 "class" => Class as Bytecode;
    78 "pickle" => Pickle as Unknown;
}

/// The reading with a hint. Every hint used in this crate stands in the table; the fallback keeps this total.
pub(crate) fn of_hint(hint: &str) -> &'static Reading {
    READINGS
        .iter()
        .find(|r| r.hint == hint)
        .unwrap_or(&READINGS[0])
}

/// The first reading of an observer.
pub(crate) fn of_reader(reader: Reader) -> &'static Reading {
    READINGS
        .iter()
        .find(|r| r.reader == reader)
        .unwrap_or(&READINGS[0])
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn numbers_and_hints_are_unique_and_leave_room_for_the_disguise_bit() {
        let ids: HashSet<_> = READINGS.iter().map(|r| r.id).collect();
        let hints: HashSet<_> = READINGS.iter().map(|r| r.hint).collect();
        assert_eq!((ids.len(), hints.len()), (READINGS.len(), READINGS.len()));
        assert!(READINGS.iter().all(|r| r.id < 0x8000));
    }
}
