//! Advisories on this machine, from the command line to the verdict.

use foretaste_fake_registries::{Answer, FakeServer, Manners, tar_gz};
use serde_json::{Value, json};

use crate::support::{Home, rules, sdist, serving};

/// A record about versions of `honest` before 2.0.
pub(super) fn record(id: &str, modified: &str) -> Value {
    json!({"id": id, "modified": modified, "summary": "reads \u{1b}[31mtoo much",
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        "affected": [{"package": {"ecosystem": "PyPI", "name": "honest"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}]}]})
}

/// An archive of records.
pub(super) fn archive(records: &[Value]) -> Vec<u8> {
    let files: Vec<(String, String)> = records
        .iter()
        .map(|r| {
            (
                format!("{}.json", r["id"].as_str().expect("an id")),
                r.to_string(),
            )
        })
        .collect();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(n, t)| (n.as_str(), t.as_str()))
        .collect();
    tar_gz(&files)
}

#[test]
fn imported_advisories_are_listed_shown_matched_and_used_in_audits() {
    let home = Home::new();
    let dump = archive(&[
        record("PYSEC-1", "2026-10-31T21:00:00Z"),
        record("MAL-2026-1", "2026-10-01T00:00:00Z"),
    ]);
    home.write("dump.tar.gz", dump);
    let run = home.run(&["advisories", "import", "dump.tar.gz"]);
    assert_eq!(run.stdout, "dump.tar.gz: 2 added\n", "{}", run.stderr);
    let run = home.run(&["advisories", "import", "dump.tar.gz"]);
    assert_eq!(run.stdout, "dump.tar.gz: 2 unchanged\n");
    let run = home.run(&["advisories", "list"]);
    assert!(
        run.stdout.starts_with(
            "PyPI            2 advisories, 1 of malware, about 1 package · of 3 h ago"
        ),
        "{}",
        run.stdout
    );
    let run = home.run(&["advisories", "show", "pysec-1"]);
    assert!(
        run.stdout.starts_with("PYSEC-1  critical 9.8  reads"),
        "{}",
        run.stdout
    );
    assert!(!run.stdout.contains('\u{1b}'), "{}", run.stdout);
    assert_eq!(home.run(&["advisories", "show", "CVE-1"]).code, 2);

    let run = home.run(&["advisories", "match", "pypi:honest@1.0", "pypi:honest@2.0"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stdout
            .ends_with("covered by advisories: 1 of 2 releases\n"),
        "{}",
        run.stdout
    );
    assert_eq!(
        home.run(&["advisories", "match", "pypi:honest@2.0"]).code,
        0
    );
    assert_eq!(
        home.run(&["advisories", "match", "npm:honest@2.0.0"]).code,
        3
    );

    let path = home.write("honest-1.0.tar.gz", sdist("honest", "1.0"));
    let (report, code) = home.audit(&["--offline", &path.display().to_string()]);
    let found = rules(&report["releases"][0]);
    assert!(found.contains(&"known-malware") && found.contains(&"known-vulnerability"));
    assert_eq!(code, 1);
    home.write("foretaste.toml", "[advisories]\nenabled = false\n");
    let (report, _) = home.audit(&["--offline", &path.display().to_string()]);
    assert!(!rules(&report["releases"][0]).contains(&"known-malware"));
}

#[test]
fn an_update_asks_for_what_changed() {
    serving(async || {
        let server = FakeServer::start(Manners::default(), |ask, _| match ask.path.as_str() {
            "/PyPI/all.zip" => Answer::ok(
                "application/zip",
                archive(&[record("PYSEC-1", "2026-10-01T00:00:00Z")]),
            ),
            "/PyPI/modified_id.csv" => Answer::ok(
                "text/csv",
                b"2026-10-30T00:00:00Z,PYSEC-2\n2026-10-01T00:00:00Z,PYSEC-1\n".to_vec(),
            ),
            "/PyPI/PYSEC-2.json" => Answer::ok(
                "application/json",
                record("PYSEC-2", "2026-10-30T00:00:00Z")
                    .to_string()
                    .into_bytes(),
            ),
            _ => Answer::status(404, "unknown"),
        })
        .await;
        let home = Home::new();
        assert_eq!(home.run(&["advisories", "update"]).code, 2);
        let run = home.run(&[
            "advisories",
            "import",
            &format!("{}/PyPI/all.zip", server.url()),
        ]);
        assert!(
            run.stdout.ends_with(": 1 added\n"),
            "{}{}",
            run.stdout,
            run.stderr
        );
        let run = home.run(&["advisories", "update"]);
        assert!(
            run.stdout.ends_with(": 1 added (1 changed records)\n"),
            "{}{}",
            run.stdout,
            run.stderr
        );
        let run = home.run(&["advisories", "match", "pypi:honest@1.0"]);
        assert!(run.stdout.contains("PYSEC-2"), "{}", run.stdout);
    });
}
