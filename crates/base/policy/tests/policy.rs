//! What a policy file says, what is refused and how, and that every key is documented and takes effect.

use std::collections::BTreeSet;

use foretaste_model::{
    Confidence, Ecosystem, Limits, ReleaseId, RuleGroup, RuleId, RuleMeta, RuleOption, Severity,
    Verdict,
};
use foretaste_policy::{ArtifactChoice, Policy, reference, schema};
use jiff::civil::date;
use proptest::prelude::*;

const FULL: &str = r#"
fail-on = "review"
trusted-publishers = ["github:acme/lib"]

[thresholds]
block = 0.9
review = 0.5
note = 0.1

[rules.low-downloads]
severity = "low"
minimum = 50
[rules.no-readme]
enabled = false

[names]
internal = ["acme-*", "@acme/*"]
popular = { pypi = "lists/top.txt", npm = "/srv/npm.txt", cargo = "c.txt" }

[[waivers]]
purl = "pkg:pypi/Acme_Tools@1.*"
rule = "no-readme"
reason = "  internal tool, documented in the wiki  "
expires = 2027-03-31

[[waivers]]
purl = "pkg:npm/%40acme/ui"
rule = "low-downloads"
digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
reason = "ours"
expires = "2027-01-01"

[indexes.pypi]
url = "https://u:p@pkgs.acme.example/simple/"
extra = ["https://more.example/simple"]
[indexes.npm]
url = "https://npm.acme.example/"
downloads = "https://downloads.example/"
scopes = { "@acme" = "https://npm.acme.example/acme/" }
[indexes.cargo]
registry = "acme"

[network]
offline = true
timeout-seconds = 5
concurrency = 4
retries = 0

[limits]
artifact-bytes = "1 GiB"
unpacked-bytes = "3 GiB"
member-bytes = 1_000
ratio = 100
ratio-floor = "1 MiB"
entries = 10
depth = 1
name-bytes = 255
header-bytes = "1 KiB"
unpack-time = "2 min"
file-time = 0.5
nesting = 100

[audit]
artifacts = "all"
python = "3.12"

[history]
compare = false
settled-days = 7
dependencies = 2

[sources]
osv = { enabled = false, url = "https://osv.example/" }
github = { enabled = false, api = "https://git.example/api" }
gitlab = { enabled = false, api = "https://lab.example/api" }
dns = { enabled = false }
rdap = { enabled = false, url = "https://rdap.example/" }

[cache]
dir = ".cache"
"#;

const RULES: [RuleMeta; 2] = [rule("low-downloads"), rule("no-readme")];

const fn rule(id: &'static str) -> RuleMeta {
    RuleMeta {
        id: RuleId(id),
        title: "a rule for tests",
        group: RuleGroup::Hygiene,
        severity: Severity::Info,
        confidence: Confidence::Low,
        needs: &[],
        tags: &[],
        options: &[RuleOption {
            name: "minimum",
            default: 10.0,
            unit: "downloads",
            help: "fewer are few",
        }],
        since: "0.1.0",
    }
}

fn check(policy: &Policy) -> Result<(), String> {
    let rules: Vec<&RuleMeta> = RULES.iter().collect();
    policy.check(&rules).map_err(|e| e.to_string())
}

fn errors(text: &str) -> String {
    match Policy::parse("foretaste.toml", text) {
        Err(errors) => errors.to_string(),
        Ok(policy) => check(&policy)
            .err()
            .unwrap_or_else(|| "no error".to_owned()),
    }
}

#[test]
fn a_full_file_is_read_completely() {
    let policy = Policy::parse("conf/foretaste.toml", FULL).expect("valid");
    assert_eq!(check(&policy), Ok(()));
    assert_eq!(policy.fail_on, Verdict::Review);
    assert_eq!(policy.thresholds.block.to_bits(), 0.9_f64.to_bits());
    assert_eq!(policy.rules["no-readme"].enabled, Some(false));
    assert_eq!(policy.rules["low-downloads"].severity, Some(Severity::Low));
    assert_eq!(
        policy.rules["low-downloads"].options["minimum"].to_bits(),
        50.0_f64.to_bits()
    );
    assert_eq!(policy.internal_names, ["acme-*", "@acme/*"]);
    assert_eq!(
        policy
            .popular
            .of(Ecosystem::Pypi)
            .map(|p| p.to_string_lossy().into_owned()),
        Some("conf/lists/top.txt".to_owned())
    );
    assert_eq!(policy.waivers[0].purl, "pkg:pypi/acme-tools@1.*");
    assert_eq!(
        policy.waivers[0].reason,
        "internal tool, documented in the wiki"
    );
    assert_eq!(policy.waivers[0].expires, Some(date(2027, 3, 31)));
    assert_eq!(policy.waivers[1].expires, Some(date(2027, 1, 1)));
    assert_eq!(policy.limits.header_bytes, 1024);
    assert_eq!(policy.limits.file_time.as_millis(), 500);
    assert_eq!(policy.audit.artifacts, ArtifactChoice::All);
    assert!(policy.network.offline);
    assert!(!policy.sources.dns.enabled);
    let url = policy.indexes.pypi.url.as_ref().expect("set");
    assert!(url.expose().contains("u:p@"));
    assert!(!format!("{policy:?}").contains("u:p@"));
}

#[test]
fn an_empty_file_is_the_default_policy() {
    let mut policy = Policy::parse("foretaste.toml", "").expect("valid");
    policy.places = foretaste_policy::Places::default();
    assert_eq!(policy, Policy::default());
    assert_eq!(policy.limits, Limits::default());
}

#[test]
fn every_mistake_is_told_with_its_place_and_a_way_out() {
    insta::assert_snapshot!(errors(
        r#"
fial-on = "block"
fail-on = "blok"
[treshold]
block = 1
[thresholds]
block = 2
note = "much"
[rules.no-readme]
enable = false
severity = "hi"
[names]
internal = ["*", 3]
[[waivers]]
purl = "flask"
rule = "no-readme"
reason = " "
expires = 2027-02-01T10:00:00Z
digest = "sha256:12"
[[waivers]]
purl = "pkg:pypi/flask"
[indexes.pypi]
url = "https://me:hunter2@:x/"
[indexes.npm.scopes]
acme = "ftp://x.example/"
[network]
retries = -1
timeout-seconds = 99999999999
offline = "yes"
[limits]
artifact-bytes = "12 parsecs"
name-bytes = "9 GiB"
file-time = 0
[audit]
artifacts = "every"
python = "three"
[sources.osv]
api = "https://osv.example/"
"#
    ));
}

#[test]
fn every_syntax_error_is_told_without_what_follows_from_it() {
    insta::assert_snapshot!(errors("fail-on = \nfial = 1\n[network\noffline = true\n"));
}

#[test]
fn rules_and_options_that_do_not_exist_are_told() {
    insta::assert_snapshot!(errors(
        r#"
[rules.low-download]
enabled = false
[rules.low-downloads]
minimun = 3
[rules.something-else]
[[waivers]]
purl = "pkg:pypi/flask"
rule = "no-redme"
reason = "x"
expires = 2027-01-01
"#
    ));
}

#[test]
fn thresholds_out_of_order_are_told() {
    insta::assert_snapshot!(errors("[thresholds]\nblock = 0.3\n"));
}

#[test]
fn notes_say_which_waivers_to_look_at() {
    let entry = |name: &str, expires: &str| {
        format!(
            "[[waivers]]\npurl = 'pkg:pypi/{name}'\nrule = 'no-readme'\nreason = 'x'\nexpires = {expires}\n"
        )
    };
    let text: String = [
        ("used", "2027-01-31"),
        ("unused", "2027-01-31"),
        ("elsewhere", "2027-01-31"),
        ("lately", "2026-12-31"),
        ("long-ago", "2025-01-01"),
        ("soon", "2027-01-08"),
        ("today", "2027-01-01"),
        ("far", "2029-01-01"),
    ]
    .map(|(name, expires)| entry(name, expires))
    .concat();
    let policy = Policy::parse("foretaste.toml", &text).expect("valid");
    let tasted = ["used", "unused"].map(|name| ReleaseId::new(Ecosystem::Pypi, name, "1.0"));
    let used = BTreeSet::from([0]);
    insta::assert_snapshot!(policy.notes(&used, &tasted, date(2027, 1, 1)).join("\n"));
}

/// A value for a key that differs from its default.
fn other_value(kind: &str, default: Option<&str>) -> Option<String> {
    let value = match kind {
        "boolean" => if default == Some("true") {
            "false"
        } else {
            "true"
        }
        .to_owned(),
        "integer" => "17".to_owned(),
        "number" => match default {
            Some("0.8") => "0.9".to_owned(),
            _ => "0.3".to_owned(),
        },
        "size" => "\"3 KiB\"".to_owned(),
        "duration" => "\"3 s\"".to_owned(),
        "URL" => "\"https://a.example/\"".to_owned(),
        "URL or name" => "\"acme\"".to_owned(),
        "path" => "\"some/where\"".to_owned(),
        "string" => "\"3.9\"".to_owned(),
        "array of paths" => "[\"some/where\"]".to_owned(),
        "array of strings" => "[\"acme-*\"]".to_owned(),
        "array of URLs" => "[\"https://a.example/\"]".to_owned(),
        words if words.contains(" or ") => {
            let word = words.split(" or ").find(|w| Some(*w) != default)?;
            word.to_owned()
        }
        _ => return None,
    };
    Some(value)
}

#[test]
fn every_key_is_documented_and_changes_the_policy() {
    let default = Policy::default();
    let keys = reference();
    let mut walked = 0;
    for key in &keys {
        assert!(!key.help.is_empty(), "{} has no help", key.path);
        assert!(!key.kind.is_empty(), "{} has no kind", key.path);
        assert!(!key.path.contains('_'), "{} is not in kebab case", key.path);
        if key.path.contains("[]") || key.kind == "array of tables" {
            continue; // waivers: every entry needs several keys; `a_full_file_is_read_completely` has them
        }
        let path = key
            .path
            .replace("<id>", "x")
            .replace("<option>", "y")
            .replace("<@scope>", "\"@x\"");
        let Some(value) = other_value(&key.kind, key.default.as_deref()) else {
            assert_eq!(key.kind, "table", "{}: what is a {}?", key.path, key.kind);
            continue;
        };
        let policy = Policy::parse("foretaste.toml", &format!("{path} = {value}\n"))
            .unwrap_or_else(|e| panic!("{path} = {value}: {e}"));
        let unplaced = Policy {
            places: foretaste_policy::Places::default(),
            ..policy
        };
        assert_ne!(unplaced, default, "{path} = {value} changes nothing");
        walked += 1;
    }
    assert!(walked >= 40, "{walked} keys walked");
}

#[test]
fn the_reference_page_lists_every_key() {
    let lines: Vec<String> = reference()
        .into_iter()
        .map(|k| {
            let default = k.default.map(|d| format!(" = {d}")).unwrap_or_default();
            let required = if k.required { " (required)" } else { "" };
            format!("{}: {}{default}{required}", k.path, k.kind)
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn the_schema_knows_every_key_of_a_full_file() {
    let schema = schema();
    assert_eq!(schema["title"], "foretaste.toml");
    assert_eq!(schema["additionalProperties"], false);
    assert!(schema["properties"]["waivers"]["items"]["required"].is_array());
}

proptest! {
    #[test]
    fn no_text_makes_reading_panic(text in "\\PC*") {
        let _ = Policy::parse("foretaste.toml", &text);
    }

    #[test]
    fn no_mutation_of_a_full_file_makes_reading_panic(at in 0..FULL.len(), with in "[\\[\\]={}\"'\\n.a-z0-9*é-]{0,6}", cut in 0usize..30) {
        let mut text = String::new();
        text.push_str(FULL.get(..at).unwrap_or_default());
        text.push_str(&with);
        text.push_str(FULL.get(at + cut..).unwrap_or_default());
        if let Err(errors) = Policy::parse("foretaste.toml", &text) {
            prop_assert!(errors.iter().count() > 0);
            prop_assert!(!errors.to_string().is_empty());
        }
    }
}
