//! Whole files in, facts out.

use foretaste_lang::{cache_key, observe};
use foretaste_model::Limits;
use foretaste_model::facts::{
    BinaryFormat, FileFacts, Language, ParseOutcome, ProblemKind, SurfaceKind, UnicodeOddityKind,
};

fn facts(path: &str, bytes: &[u8]) -> FileFacts {
    observe(path, bytes, &Limits::default())
}

fn kinds(facts: &FileFacts) -> Vec<ProblemKind> {
    facts.problems.iter().map(|p| p.kind).collect()
}

#[test]
fn text_of_any_kind_has_a_shape() {
    let facts = facts(
        "notes.md",
        "# Notes\n\nSee https://notes.example.invalid/x for more\n".as_bytes(),
    );
    assert_eq!(facts.language, Language::Text);
    assert_eq!(facts.outcome, ParseOutcome::Scanned);
    assert_eq!((facts.shape.lines, facts.shape.longest_line), (3, 44));
    assert_eq!(&*facts.shape.encoding, "utf-8");
    assert_eq!(&*facts.literals[0].value, "https://notes.example.invalid/x");
    assert!(facts.snippet_at(facts.literals[0].span).is_some());
}

#[test]
fn manifests_are_read_by_their_ecosystems() {
    let package = facts(
        "package.json",
        br#"{"name": "a", "version": "1.0.0", "scripts": {"postinstall": "node setup.js"}}"#,
    );
    assert_eq!(package.outcome, ParseOutcome::Parsed);
    assert_eq!(
        package.manifest.as_ref().unwrap().name.as_deref(),
        Some("a")
    );
    assert_eq!(package.surfaces[0].kind, SurfaceKind::NpmLifecycle);
    let broken = facts("package.json", br#"{"name": "a", "#);
    assert!(kinds(&broken).contains(&ProblemKind::Malformed));
    let cargo = facts(
        "Cargo.toml",
        b"[package]\nname = \"a\"\nversion = \"1.0.0\"\n",
    );
    assert_eq!(cargo.manifest.as_ref().unwrap().name.as_deref(), Some("a"));
}

#[test]
fn content_under_a_false_name_is_told() {
    let script = facts(
        "logo.png",
        b"import os\nos.system('echo this is no image')\n",
    );
    assert_eq!(script.language, Language::Python);
    assert!(kinds(&script).contains(&ProblemKind::Mislabelled));
}

#[test]
fn native_code_of_this_machine_is_read() {
    // the test itself is an executable of some format
    let own = std::env::current_exe().unwrap();
    #[expect(
        clippy::disallowed_methods,
        reason = "a real binary is the best example"
    )]
    let bytes = std::fs::read(own).unwrap();
    let facts = facts("tool", &bytes);
    assert_eq!(facts.language, Language::Native);
    let binary = facts.binary.unwrap();
    assert!(binary.executable);
    assert!(!binary.libraries.is_empty());
    assert!(binary.code_entropy > 4.0);
    assert_eq!(binary.packer, None);
    if cfg!(target_os = "linux") {
        assert_eq!(binary.format, BinaryFormat::Elf);
        assert_eq!(binary.overlay, 0);
    }
}

#[test]
fn byte_code_names_its_interpreter_and_wasm_its_imports() {
    let mut pyc = b"\xa7\r\r\n\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    pyc.extend(b"\xda\x04exec\xda\tb64decode");
    let facts_pyc = facts("a.pyc", &pyc);
    let binary = facts_pyc.binary.unwrap();
    assert_eq!(&*binary.architecture, "python 3.11");
    assert_eq!(binary.symbols, ["b64decode".into(), "exec".into()]);

    let mut wasm = b"\0asm\x01\0\0\0".to_vec();
    wasm.extend(b"\x02\x22\x01\x16wasi_snapshot_preview1\x07environ\0\0");
    let wasm = facts("a.wasm", &wasm);
    assert_eq!(wasm.outcome, ParseOutcome::Parsed, "{:?}", wasm.problems);
    let binary = wasm.binary.unwrap();
    assert_eq!(binary.libraries, ["wasi_snapshot_preview1".into()]);
    assert_eq!(binary.symbols, ["environ".into()]);
}

#[test]
fn strange_characters_come_with_their_window() {
    let facts = facts("a.js", "const a = 'x\u{202e}y';\nlet b = 1;\n".as_bytes());
    assert_eq!(facts.unicode[0].kind, UnicodeOddityKind::Bidi);
    assert!(facts.snippet_at(facts.unicode[0].span).is_some());
}

#[test]
fn the_key_follows_the_reading_and_the_content_and_nothing_else() {
    let key = |path: &str| cache_key(path, b"x = 1\n");
    assert_eq!(key("a/b/setup.py"), key("setup.py"));
    assert_eq!(key("a.py"), key("other/name.py"));
    assert_ne!(key("a.py"), key("setup.py"));
    assert_ne!(key("a.py"), key("a.js"));
    assert_ne!(cache_key("a.py", b""), cache_key("a.py", b"x"));
    assert_eq!(facts("a/b.py", b"import os"), facts("c.py", b"import os"));
}
