//! YARA rules: over raw bytes and decoded layers, with hostile rules and files among them.

use std::sync::Arc;

use foretaste_model::facts::FileEntry;
use foretaste_model::{ContentDigest, Limits, PatternMatch, Severity};
use foretaste_user_rules::ByteRules;
use foretaste_user_rules::yara::Scanned;

const RULES: &str = r#"
rule Acme_Marker : campaign {
  meta:
    description = "carries the marker of a campaign"
    severity = "high"
    confidence = "high"
  strings:
    $a = "inert-marker-7f3a"
  condition:
    $a
}
private rule Helper { condition: filesize > 10 }
rule Big { condition: Helper and filesize > 1MB }
"#;

fn compile(text: &str) -> Result<ByteRules, String> {
    ByteRules::compile(&[("acme.yar".to_owned(), text.to_owned())], &["no-readme"])
}

fn scan(path: &str, bytes: &[u8]) -> Vec<PatternMatch> {
    let rules = compile(RULES).expect("compiles");
    let (path, bytes) = (path.to_owned(), bytes.to_vec());
    let work = move || {
        foretaste_lang::has_large_stack();
        let limits = Limits::default();
        let entry = FileEntry {
            path: path.as_str().into(),
            digest: ContentDigest::of(&bytes),
            executable: false,
            facts: Arc::new(foretaste_lang::observe(&path, &bytes, &limits)),
        };
        let mut scanned = Scanned::default();
        rules.scan_file("x.tar.gz", &entry, &bytes, &limits, &mut scanned);
        assert!(scanned.unfinished.is_empty());
        scanned.matches
    };
    std::thread::Builder::new()
        .stack_size(foretaste_lang::STACK_BYTES)
        .spawn(work)
        .expect("a thread")
        .join()
        .expect("no panic")
}

#[test]
fn metadata_becomes_the_declaration() {
    let rules = compile(RULES).expect("compiles");
    assert_eq!(rules.rules().len(), 2, "private rules are not reported");
    let meta = rules.meta("yara-acme-marker").expect("declared");
    assert_eq!(
        (meta.title, meta.severity, meta.tags),
        (
            "carries the marker of a campaign",
            Severity::High,
            &["campaign"][..]
        )
    );
    assert!(
        rules
            .page("yara-acme-marker")
            .is_some_and(|p| p.contains("acme.yar"))
    );
}

#[test]
fn a_match_has_its_place() {
    let found = scan("a.py", "x = 1\ny = 'é inert-marker-7f3a'\n".as_bytes());
    assert_eq!(&*found[0].rule, "yara-acme-marker");
    let place = &found[0].evidence[0];
    let span = place.span.expect("a place");
    assert_eq!((span.line, span.column, span.end_column), (2, 8, 25));
    assert!(place.snippet.contains("inert-marker") && &*place.note == "$a");
    let binary = scan("a.bin", b"\x00\xff\xfeinert-marker-7f3a");
    assert_eq!(&*binary[0].evidence[0].note, "$a at byte 3");
}

#[test]
fn decoded_layers_are_scanned_too() {
    // print("inert-marker-7f3a")
    let text = "import base64\nexec(base64.b64decode('cHJpbnQoImluZXJ0LW1hcmtlci03ZjNhIik='))\n";
    let found = scan("setup.py", text.as_bytes());
    assert_eq!(found.len(), 1, "{found:?}");
    let place = &found[0].evidence[0];
    assert!(
        place.layer.iter().any(|s| s.contains("base64")),
        "{place:?}"
    );
    assert_eq!(place.span.map(|s| s.line), Some(2));
}

#[test]
fn mistakes_in_rules_are_told_with_their_place() {
    let told = |text: &str| compile(text).expect_err("a mistake");
    let syntax = told("rule x {\n  condition: tru\n}\n");
    assert!(
        syntax.starts_with("cannot compile acme.yar:2:14:"),
        "{syntax}"
    );
    let severity = told("rule x { meta: severity = \"hihg\" condition: true }");
    assert!(
        severity.contains("`x` has severity = \"hihg\"") && severity.contains("critical"),
        "{severity}"
    );
    assert!(told("rule A_b { condition: true } rule a_B { condition: true }").contains("already"));
    let include = told("include \"/etc/passwd\"\nrule x { condition: true }");
    assert!(include.contains("acme.yar:1:1"), "{include}");
}

#[test]
fn hostile_rules_and_bytes_end_soon() {
    assert!(
        compile(&format!(
            "rule x {{ condition: {}true{} }}",
            "(".repeat(50_000),
            ")".repeat(50_000)
        ))
        .is_err()
    );
    assert!(compile("rule x { strings: $a = /(a*)*(a*)*b/ condition: $a }").is_ok());
    assert_eq!(
        scan("a.py", &b"inert-marker-7f3a ".repeat(100_000)).len(),
        2
    );
}

proptest::proptest! {
    #[test]
    fn any_rule_text_is_survived(text in "[a-z${}:=\"/*()\n 0-9]{0,120}") {
        let _ = compile(&text);
    }
}
