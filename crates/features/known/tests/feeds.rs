//! Feeds of every form, right and wrong and hostile.

use foretaste_clones::{Index, IndicatorKind, Versions};
use foretaste_known::feed::{self, Feed, Options};
use foretaste_model::Ecosystem;

fn read(text: &str) -> Feed {
    let options = Options {
        ecosystem: Some(Ecosystem::Pypi),
        source: "feed".into(),
    };
    feed::read("feed.txt", text.as_bytes(), &options)
}

fn problems(text: &str) -> Vec<String> {
    read(text)
        .problems
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn csv_is_read_by_the_names_of_its_columns() {
    let feed = read(
        "# exported today\npackage,versions,registry,summary,sha256,C2\nacme-evil,1.0|1.1,pypi,\"steals, and\nhides\",,\n\
         @acme/evil,*,npm,,,hxxps://evil[.]example/x\n,,,,9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08,\n",
    );
    assert_eq!(feed.problems, []);
    assert_eq!(feed.releases.len(), 2);
    assert_eq!(
        feed.releases[0].versions,
        Versions::These(vec!["1.0".into(), "1.1".into()])
    );
    assert_eq!(feed.releases[0].summary, "steals, and\nhides");
    assert_eq!(
        (feed.releases[1].ecosystem, &feed.releases[1].versions),
        (Some(Ecosystem::Npm), &Versions::All)
    );
    let kinds: Vec<_> = feed
        .indicators
        .iter()
        .map(|i| (i.kind, i.malware))
        .collect();
    assert_eq!(
        kinds,
        [(IndicatorKind::Url, true), (IndicatorKind::Sha256, true)]
    );
}

#[test]
fn mistakes_are_told_with_their_lines() {
    assert_eq!(
        problems("name,version\na,1\nb,1,2\n"),
        ["feed.txt:3: the row has 3 values, the header 2"]
    );
    assert_eq!(
        problems("ioc,type\nevil.example,domain\n,\nnot one,domain\n"),
        [
            "feed.txt:3: the entry names neither a package nor an indicator",
            "feed.txt:4: `not one` is no domain",
        ]
    );
    assert!(
        problems("foo,bar\n1,2\n")[0]
            .starts_with("feed.txt:1: no column names a package or an indicator")
    );
    assert_eq!(
        problems("name,ecosystem\na,klingon\n"),
        ["feed.txt:2: `klingon` is no ecosystem"]
    );
    assert_eq!(problems(""), ["feed.txt:1: it is empty"]);
    assert!(
        problems("{\"name\": \"a\"}\n{\"name\": }\n")[0].starts_with("feed.txt:2: column 10: ")
    );
}

#[test]
fn json_lists_lines_and_manifests_are_read() {
    assert_eq!(
        read(r#"[{"name": "a", "versions": ["1", "2"]}, {"domain": "evil.example"}]"#)
            .releases
            .len(),
        1
    );
    assert_eq!(
        read("{\"name\": \"a\"}\n{\"name\": \"b\", \"classification\": \"benign\"}\n")
            .releases
            .len(),
        1
    );
    let manifest = read(r#"{"acme-evil": null, "acme-worse": ["0.1"]}"#);
    assert_eq!(manifest.releases[0].versions, Versions::All);
    assert_eq!(
        manifest.releases[1].versions,
        Versions::These(vec!["0.1".into()])
    );
}

const OSV: &str = r#"{"id": "MAL-2026-1", "summary": "steals tokens", "affected": [
  {"package": {"name": "acme-evil", "ecosystem": "PyPI"}, "versions": ["1.0"], "ranges": []},
  {"package": {"name": "acme-evil", "ecosystem": "npm"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}]},
  {"package": {"name": "acme-evil", "ecosystem": "Hackage"}, "versions": ["1.0"]}],
  "database_specific": {"iocs": {"domains": ["evil.example"]}}}"#;

#[test]
fn osv_malware_records_are_read_and_others_passed_over() {
    let feed = read(OSV);
    assert_eq!(
        (feed.releases.len(), feed.indicators.len(), feed.passed_over),
        (2, 1, 1)
    );
    assert_eq!(feed.releases[1].versions, Versions::All);
    let other = read(r#"{"id": "PYSEC-2024-1", "affected": []}"#);
    assert_eq!((other.releases.len(), other.passed_over), (0, 1));
    let withdrawn = OSV.replace(
        "\"summary\"",
        "\"withdrawn\": \"2026-01-01T00:00:00Z\", \"summary\"",
    );
    assert_eq!(read(&withdrawn).releases.len(), 0);
    let untold = r#"{"id": "MAL-1", "affected": [{"package": {"name": "a", "ecosystem": "npm"}, "ranges": [{"events": [{"introduced": "1.0"}]}]}]}"#;
    assert_eq!(
        problems(untold),
        ["feed.txt:1: MAL-1: which versions of a are affected is not told"]
    );
}

#[test]
fn an_import_adds_only_what_is_new() {
    let mut index = Index::default();
    let added = feed::add(&mut index, read(OSV));
    assert_eq!((added.releases, added.indicators), (2, 1));
    let again = feed::add(&mut index, read(OSV));
    assert_eq!((again.releases, again.indicators), (0, 0));
}

#[test]
fn hostile_feeds_end_soon_and_are_told() {
    let deep = "[".repeat(200_000);
    assert_eq!(read(&deep).problems.len(), 1);
    let many = format!("ioc\n{}", "? ?\n".repeat(100_000));
    assert_eq!(read(&many).problems.len(), 20);
    let long = format!("name\n{}\n", "x".repeat(4 << 20));
    assert_eq!(read(&long).releases.len(), 1);
    assert_eq!(
        feed::read("f", b"name\n\xff\n", &Options::default()).problems[0].line,
        2
    );
    assert!(
        !feed::read("f.zip", b"PK\x03\x04junk", &Options::default())
            .problems
            .is_empty()
    );
    assert_eq!(read("{\"artifacts\": [], \"files\": [{\"artifact\": 3, \"path\": \"\", \"culprit\": false, \"code\": null}]}").problems.len(), 1);
}

proptest::proptest! {
    #[test]
    fn any_text_is_survived(text in "[\\[\\]{}\",:a-z0-9\n; ]{0,200}") {
        read(&text);
    }

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
        feed::read("f", &bytes, &Options::default());
    }
}
