//! What a file is: by its name, and by its content where names lie.

mod content;
mod name;
mod reading;

pub(crate) use reading::{Reader, Reading};

/// How a file is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Detected {
    /// The reading.
    pub(crate) reading: &'static Reading,
    /// The content is something else than the name says.
    pub(crate) disguised: bool,
}

impl Detected {
    /// The number that stands for it in the key of stored facts.
    pub(crate) const fn id(self) -> u16 {
        self.reading.id | if self.disguised { 0x8000 } else { 0 }
    }
}

/// Decides how to read a file. Depends on the file name, the name of its folder and the content only.
pub(crate) fn detect(path: &str, bytes: &[u8]) -> Detected {
    let by_name = name::of(path);
    let plain = |reading| Detected {
        reading,
        disguised: false,
    };
    if let Some(binary) = content::binary(bytes) {
        let agrees = match by_name {
            None => true,
            Some(named) => named.reader == binary || named.admits(binary),
        };
        // `.ico` files that are PNG, `.npz` that are zip: one binary family under another's name is no disguise,
        // except for code
        let disguised =
            !agrees && (binary.is_machine_code() || by_name.is_some_and(|n| n.reader.is_text()));
        return Detected {
            reading: reading::of_reader(binary),
            disguised,
        };
    }
    match by_name {
        Some(named) if named.reader == Reader::Media => match content::disguised_text(bytes) {
            Some(reading) => Detected {
                reading,
                disguised: true,
            },
            None => plain(named),
        },
        Some(named) if named.reader == Reader::Text => {
            plain(content::shebang(bytes).unwrap_or(named))
        }
        // PyTorch weights share the extension of path files, Qt translations that of TypeScript
        Some(named) if named.reader == Reader::Pth && content::is_binary(bytes) => {
            plain(reading::of_reader(Reader::Opaque))
        }
        Some(named) if named.hint == "module.ts" && bytes.trim_ascii_start().starts_with(b"<") => {
            plain(reading::of_reader(Reader::Data))
        }
        Some(named) if named.reader.is_text() || named.reader == Reader::Bytecode => plain(named),
        // a name that promises a binary, and a content without its magic
        Some(named) if named.reader != Reader::Opaque => match content::disguised_text(bytes) {
            Some(reading) => Detected {
                reading,
                disguised: named.reader.is_machine_code(),
            },
            None => plain(reading::of_reader(Reader::Opaque)),
        },
        _ => plain(content::shebang(bytes).unwrap_or_else(|| {
            reading::of_reader(if content::is_binary(bytes) {
                Reader::Opaque
            } else {
                Reader::Text
            })
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(path: &str, bytes: &[u8]) -> (&'static str, bool) {
        let detected = detect(path, bytes);
        (detected.reading.hint, detected.disguised)
    }

    #[test]
    fn names_and_contents_decide_together() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        let elf = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0";
        let pe = {
            let mut pe = vec![0; 0x84];
            pe[..2].copy_from_slice(b"MZ");
            pe[0x3c] = 0x80;
            pe[0x80..0x84].copy_from_slice(b"PE\0\0");
            pe
        };
        let cases: &[(&str, &[u8], &str, bool)] = &[
            ("pkg/a.py", b"x = 1", "module.py", false),
            ("setup.py", b"", "setup.py", false),
            ("deep/down/setup.py", b"", "setup.py", false),
            ("a/__init__.pyi", b"", "module.pyi", false),
            ("a/_loop.pyx", b"", "module.pyx", false),
            ("bin/tool", b"#!/usr/bin/env python3\nx", "module.py", false),
            ("bin/tool", b"#!/bin/bash -e\nx", "script.sh", false),
            ("bin/tool", b"#!/usr/bin/env -S node --x\n", "module.js", false),
            ("run.txt", b"#! /bin/sh\ncurl", "script.sh", false),
            ("notes.txt", b"import os", "text.txt", false),
            ("a.d.ts", b"", "module.d.ts", false),
            ("x.MJS", b"", "module.mjs", false),
            ("logo.png", png, "media", false),
            ("logo.ico", png, "media", false),
            ("logo.jpg", b"import os\nos.system('x')\n", "module.py", true),
            ("logo.jpg", b"", "media", false),
            ("logo.jpg", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "media", false),
            ("logo.jpg", b"\x01\x02\x03\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "media", false),
            ("logo.jpg", elf, "native", true),
            ("module.py", elf, "native", true),
            ("module.so", elf, "native", false),
            ("libx.so.6", elf, "native", false),
            ("tool", &pe, "native", false),
            ("words.txt", b"MZ is how this begins, and it is long enough to be looked at closely by anybody who cares", "text.txt", false),
            ("lib.so", b"#!/bin/sh\necho a library that is none\n", "script.sh", true),
            ("package.json", b"{}", "package.json", false),
            ("node_modules/x/package.json", b"{}", "package.json", false),
            ("x.dist-info/METADATA", b"", "x.dist-info/METADATA", false),
            ("docs/METADATA", b"a: b", "text.txt", false),
            ("x.egg-info/PKG-INFO", b"", "x.egg-info/PKG-INFO", false),
            ("PKG-INFO", b"", "PKG-INFO", false),
            ("a.zip", b"PK\x03\x04....", "archive", false),
            ("a.docx", b"PK\x03\x04....", "archive", false),
            ("a.py", b"PK\x03\x04....", "archive", true),
            ("a.wasm", b"\0asm\x01\0\0\0", "wasm", false),
            ("A.class", b"\xca\xfe\xba\xbe\0\0\0\x34", "class", false),
            ("fat", b"\xca\xfe\xba\xbe\0\0\0\x02\x01\0\0\x07", "native", false),
            ("a.pyc", b"\xa7\r\r\n\0\0\0\0", "pyc", false),
            ("weights.bin", b"\0\x01\x02\x03\0\0\0\0\0\0\0\0\0\0", "opaque", false),
            ("unknown.xyz", b"plain words", "text.txt", false),
            ("a.zip!/inner.py", b"", "module.py", false),
            ("weights.pth", b"PK\x03\x04....", "archive", false),
            ("weights.pth", b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.", "pickle", false),
            ("weights.pth", b"\x01\x02\x80\x04\0\0\0\0\0", "opaque", false),
            ("cache", b"cos\nsystem\n(S'true'\ntR.", "pickle", false),
            ("c.txt", b"code\nof conduct\nas agreed.", "text.txt", false),
            ("de.ts", b"<?xml version='1.0'?><!DOCTYPE TS>", "data", false),
        ];
        for (path, bytes, reading, disguised) in cases {
            assert_eq!(hint(path, bytes), (*reading, *disguised), "{path}");
        }
    }
}
