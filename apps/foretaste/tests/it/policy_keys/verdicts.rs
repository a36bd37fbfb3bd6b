//! `rules.*`, `thresholds.*`, `fail-on`, `trusted-publishers` and `waivers`.

use foretaste_fake_registries::FakeNpm;
use serde_json::{Value, json};

use super::Proof;
use crate::support::{Home, fixture, rules, serving};

pub(super) const PROOFS: &[Proof] = &[
    ("fail-on", || {
        assert_eq!(audit("fail-on = \"block\"", HONEST).1, 0);
        assert_eq!(audit("fail-on = \"clear\"", HONEST).1, 1);
    }),
    ("rules.<id>.enabled", || {
        let (report, _) = audit("[rules.secrets-to-network]\nenabled = false", ATTACK);
        assert!(!rules(&report["releases"][0]).contains(&"secrets-to-network"));
    }),
    ("rules.<id>.severity", || {
        let (report, _) = audit("[rules.secrets-to-network]\nseverity = \"info\"", ATTACK);
        assert_eq!(finding(&report, "secrets-to-network")["severity"], "info");
    }),
    ("rules.<id>.<option>", || {
        let needs = |n: u32| {
            let settings = format!("[rules.insufficient-readme]\ncharacters = {n}");
            let (report, _) = audit(&settings, HONEST);
            rules(&report["releases"][0]).contains(&"insufficient-readme")
        };
        assert!(!needs(0) && needs(1_000_000));
    }),
    ("thresholds.block", || {
        assert_eq!(verdict("[thresholds]\nblock = 1.0", ATTACK), "review");
    }),
    ("thresholds.review", || {
        assert_eq!(
            verdict("[thresholds]\nblock = 1.0\nreview = 1.0", ATTACK),
            "note"
        );
    }),
    ("thresholds.note", || {
        let all = "[thresholds]\nblock = 1.0\nreview = 1.0\nnote = 1.0";
        assert_eq!(verdict(all, ATTACK), "clear");
    }),
    ("trusted-publishers", || {
        serving(async || {
            let manifest = json!({"name": "acme-util", "version": "1.0.0"}).to_string();
            let fields = json!({"_npmUser": {"name": "acme-bot", "email": "bot@acme.example"}});
            let files = [
                ("package.json", &*manifest),
                ("index.js", "module.exports = 1;\n"),
            ];
            let registry = FakeNpm::new()
                .version("acme-util", "1.0.0", &fields, &files)
                .start()
                .await;
            let accused = |publisher: &str| {
                let home = Home::new();
                home.write("foretaste.toml", format!(
                    "trusted-publishers = [\"{publisher}\"]\n[indexes.npm]\nurl = \"{}\"\n[names]\ninternal = [\"acme-utils\"]\n",
                    registry.url()
                ));
                let (report, _) = home.audit(&["npm:acme-util"]);
                rules(&report["releases"][0]).contains(&"internal-name-confusion")
            };
            assert!(accused("somebody"));
            assert!(!accused("acme-bot"));
        });
    }),
    ("waivers[].purl", || {
        assert_eq!(waived("purl = \"pkg:pypi/acme-corp-util\""), Some(true));
        assert_eq!(waived("purl = \"pkg:pypi/acme-corp-*\""), Some(true));
        assert_eq!(waived("purl = \"pkg:pypi/other\""), Some(false));
    }),
    ("waivers[].rule", || {
        let other = "purl = \"pkg:pypi/acme-corp-util\"\nrule = \"reverse-shell\"";
        assert_eq!(waived(other), Some(false));
    }),
    ("waivers[].digest", || {
        let digest = format!(
            "digest = \"sha256:{}\"\npurl = \"pkg:pypi/acme-corp-util\"",
            "0".repeat(64)
        );
        assert_eq!(waived(&digest), Some(false));
    }),
    ("waivers[].expires", || {
        let late = "purl = \"pkg:pypi/acme-corp-util\"\nexpires = \"2026-10-01\"";
        assert_eq!(waived(late), Some(false));
    }),
    ("waivers[].reason", || {
        let empty = "purl = \"pkg:pypi/acme-corp-util\"\nreason = \"\"";
        assert_eq!(waived(empty), None);
    }),
];

const ATTACK: &str = "pypi/acme-corp-util-1.0.3";
const HONEST: &str = "pypi/honest-1.0";

fn audit(settings: &str, target: &str) -> (Value, i32) {
    let home = Home::new();
    home.write("foretaste.toml", settings);
    home.audit(&[&fixture(target)])
}

fn verdict(settings: &str, target: &str) -> String {
    let (report, _) = audit(settings, target);
    report["releases"][0]["verdict"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

fn finding(report: &Value, rule: &str) -> Value {
    let findings = report["releases"][0]["findings"]
        .as_array()
        .expect("a list");
    findings
        .iter()
        .find(|f| f["rule"] == rule)
        .cloned()
        .unwrap_or_default()
}

/// Whether a waiver with these keys covers the fixture's chain; none if it is refused.
fn waived(keys: &str) -> Option<bool> {
    let mut waiver = format!("[[waivers]]\n{keys}\n");
    for (key, value) in [
        ("rule", "secrets-to-network"),
        ("reason", "an exercise"),
        ("expires", "2026-12-01"),
    ] {
        if !waiver.contains(&format!("{key} =")) {
            waiver = format!("{waiver}{key} = \"{value}\"\n");
        }
    }
    let home = Home::new();
    home.write("foretaste.toml", waiver);
    let target = fixture(ATTACK);
    if home.run(&["audit", &target]).code == 2 {
        return None;
    }
    let (report, _) = home.audit(&[&target]);
    let finding = finding(&report, "secrets-to-network");
    Some(finding.is_null() || !finding["waived"].is_null())
}
