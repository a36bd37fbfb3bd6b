//! Python packages through the gate.

use std::sync::atomic::Ordering;

use foretaste_fake_registries::{
    Answer, FakeFile, FakeProject, FakePypi, FakeServer, FaultKind, Manners,
};
use serde_json::Value;

use crate::support::{TestGate, wheel, wheel_name, wheel_that_says};

fn file(name: &str, version: &str, word: &str) -> FakeFile {
    FakeFile::new(&wheel_name(name, version), &wheel(name, version, word))
        .uploaded("2025-03-04T05:06:07.890123Z")
        .requires_python(">=3.6")
        .metadata(&format!(
            "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        ))
}

async fn upstream() -> FakeServer {
    FakePypi::new()
        .project(
            FakeProject::new("frob")
                .file(file("frob", "1.0", "").yanked("broken <build>"))
                .file(file("frob", "1.1", ""))
                .file(file("frob", "1.2", "MALICIOUS")),
        )
        .project(FakeProject::new("acme-utils").file(file("acme-utils", "99.0", "")))
        .project(
            FakeProject::new("held")
                .file(file("held", "1.0", ""))
                .status("quarantined", "malware"),
        )
        .start()
        .await
}

fn settings(upstream: &FakeServer, more: &str) -> String {
    format!(
        "{more}\n[upstream]\npypi = ['{}/simple/']\nnpm = []\ncargo = []\n",
        upstream.url()
    )
}

fn filenames(page: &Value) -> Vec<&str> {
    let files = page["files"].as_array().expect("files");
    files
        .iter()
        .filter_map(|f| f["filename"].as_str())
        .collect()
}

#[tokio::test]
async fn a_page_keeps_everything_that_the_upstream_says() {
    let upstream = upstream().await;
    let gate = TestGate::start(&settings(&upstream, "")).await;
    let reply = gate.get("/pypi/simple/frob/").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(
        reply.header("content-type"),
        "application/vnd.pypi.simple.v1+json"
    );
    assert_eq!(reply.header("vary"), "accept, accept-encoding");
    let page = reply.json();
    assert_eq!(page["meta"]["api-version"], "1.4");
    assert_eq!(page["versions"], serde_json::json!(["1.0", "1.1", "1.2"]));
    let first = &page["files"][0];
    assert_eq!(first["url"], "../../files/frob/frob-1.0-py3-none-any.whl");
    assert_eq!(first["upload-time"], "2025-03-04T05:06:07.890123Z");
    assert_eq!(first["size"], wheel("frob", "1.0", "").len());
    assert_eq!(first["requires-python"], ">=3.6");
    assert_eq!(first["yanked"], "broken <build>");
    assert!(first["core-metadata"]["sha256"].is_string());
    assert_eq!(first["core-metadata"], first["dist-info-metadata"]);
    let html = gate
        .ask("GET", "/pypi/simple/frob/", &[("accept", "text/html")], b"")
        .await;
    assert_eq!(html.header("content-type"), "text/html; charset=utf-8");
    let text = html.text();
    for part in [
        "pypi:repository-version",
        "data-requires-python=\"&gt;=3.6\"",
        "data-yanked=\"broken &lt;build&gt;\"",
        "data-core-metadata=\"sha256=",
        ">frob-1.1-py3-none-any.whl</a>",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[tokio::test]
async fn what_a_project_tracks_and_where_else_it_is_come_through_in_both_formats() {
    use foretaste_fake_registries::Pages;
    let (tracked, alternate) = (
        "https://pypi.example/simple/frob/",
        "https://mirror.example/simple/frob/",
    );
    // whichever format the upstream speaks
    for pages in [Pages::Both, Pages::Html] {
        let project = FakeProject::new("frob")
            .file(file("frob", "1.0", ""))
            .follows(tracked, alternate);
        let plain = FakeProject::new("plain").file(file("plain", "1.0", ""));
        let index = FakePypi::new().pages(pages).project(project).project(plain);
        let upstream = index.start().await;
        let gate = TestGate::start(&settings(&upstream, "")).await;
        let page = gate.get("/pypi/simple/frob/").await.json();
        assert_eq!(page["meta"]["tracks"], serde_json::json!([tracked]));
        assert_eq!(page["alternate-locations"], serde_json::json!([alternate]));
        let html = [("accept", "text/html")];
        let html = gate.ask("GET", "/pypi/simple/frob/", &html, b"").await;
        for (name, url) in [("tracks", tracked), ("alternate-locations", alternate)] {
            let meta = format!("<meta name=\"pypi:{name}\" content=\"{url}\">");
            assert!(html.text().contains(&meta), "{meta}: {}", html.text());
        }
        let page = gate.get("/pypi/simple/plain/").await.json();
        assert!(page["meta"].get("tracks").is_none() && page.get("alternate-locations").is_none());
        // what is fetched is what the gate's own upstream has: another location is told and not asked
        let asked = upstream.log();
        assert!(
            asked.iter().all(|ask| ask.path.starts_with("/simple/")),
            "{asked:?}"
        );
    }
}

#[tokio::test]
async fn pages_are_negotiated_revalidated_and_redirected() {
    let upstream = upstream().await;
    let gate = TestGate::start(&settings(&upstream, "")).await;
    let zipped = gate
        .ask(
            "GET",
            "/pypi/simple/frob/",
            &[("accept-encoding", "gzip")],
            b"",
        )
        .await;
    assert_eq!(zipped.header("content-encoding"), "gzip");
    assert_eq!(&zipped.body[..2], [0x1f, 0x8b]);
    let both = [("accept-encoding", "gzip, deflate, zstd")];
    let packed = gate.ask("GET", "/pypi/simple/frob/", &both, b"").await;
    assert_eq!(packed.header("content-encoding"), "zstd");
    assert_eq!(&packed.body[..4], [0x28, 0xb5, 0x2f, 0xfd]);
    assert_ne!(packed.header("etag"), zipped.header("etag"));
    let tag = zipped.header("etag").to_owned();
    let same = [("accept-encoding", "gzip"), ("if-none-match", tag.as_str())];
    let again = gate.ask("GET", "/pypi/simple/frob/", &same, b"").await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    let picky = [("accept", "image/png")];
    assert_eq!(
        gate.ask("GET", "/pypi/simple/frob/", &picky, b"")
            .await
            .status,
        406
    );
    let head = gate.ask("HEAD", "/pypi/simple/frob/", &[], b"").await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    for (path, to) in [
        ("/pypi/simple/frob", "frob/"),
        ("/pypi/simple", "simple/"),
        ("/pypi/simple/Frob/", "../frob/"),
    ] {
        let reply = gate.get(path).await;
        assert_eq!(
            (reply.status, reply.header("location")),
            (301, to),
            "{path}"
        );
    }
    assert_eq!(gate.get("/pypi/simple/none-of-these/").await.status, 404);
    assert_eq!(gate.get("/pypi/simple/..%2f..%2fetc/").await.status, 404);
    let held = gate.get("/pypi/simple/held/").await.json();
    assert_eq!(held["project-status"]["status"], "quarantined");
    assert_eq!(held["files"], serde_json::json!([]));
}

#[tokio::test]
async fn a_file_comes_whole_in_parts_and_from_the_disk_the_second_time() {
    let upstream = upstream().await;
    let gate = TestGate::start(&settings(&upstream, "")).await;
    let path = "/pypi/files/frob/frob-1.1-py3-none-any.whl";
    let bytes = wheel("frob", "1.1", "");
    let reply = gate.get(path).await;
    assert_eq!((reply.status, &reply.body), (200, &bytes));
    assert!(reply.header("foretaste-decision").starts_with("d-"));
    let part = gate.ask("GET", path, &[("range", "bytes=0-3")], b"").await;
    assert_eq!((part.status, part.text()), (206, "PK\u{3}\u{4}".to_owned()));
    assert_eq!(
        part.header("content-range"),
        format!("bytes 0-3/{}", bytes.len())
    );
    let past = gate
        .ask("GET", path, &[("range", "bytes=99999999-")], b"")
        .await;
    assert_eq!(past.status, 416);
    let head = gate.ask("HEAD", path, &[], b"").await;
    assert_eq!(head.header("content-length"), bytes.len().to_string());
    let fetched = upstream
        .paths()
        .iter()
        .filter(|p| p.ends_with(".whl"))
        .count();
    assert_eq!((fetched, gate.vetter.vetted.load(Ordering::SeqCst)), (1, 1));
    let metadata = gate.get(&format!("{path}.metadata")).await;
    assert!(metadata.text().starts_with("Metadata-Version"));
    assert_eq!(
        gate.get("/pypi/files/frob/frob-9.9-py3-none-any.whl")
            .await
            .status,
        404
    );
    assert_eq!(
        gate.get("/pypi/files/frob/..%2f..%2fgate.sqlite")
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn a_bad_file_is_refused_with_its_reason_and_left_out_from_then_on() {
    let upstream = upstream().await;
    let gate = TestGate::start(&settings(&upstream, "")).await;
    let path = "/pypi/files/frob/frob-1.2-py3-none-any.whl";
    let page = gate.get("/pypi/simple/frob/").await.json();
    assert_eq!(filenames(&page).len(), 3);
    for _ in 0..2 {
        let reply = gate.get(path).await;
        assert_eq!(reply.status, 403);
        assert!(
            reply.phrase.contains("posts the environment"),
            "{}",
            reply.phrase
        );
        assert!(reply.text().contains(reply.header("foretaste-decision")));
    }
    let page = gate.get("/pypi/simple/frob/").await.json();
    assert_eq!(
        filenames(&page),
        ["frob-1.0-py3-none-any.whl", "frob-1.1-py3-none-any.whl"]
    );
    let left_out = &page["_foretaste"]["left-out"][0];
    assert_eq!(left_out["outcome"], "refuse");
    assert!(
        left_out["decision"]
            .as_str()
            .is_some_and(|d| d.starts_with("d-"))
    );
    assert_eq!(gate.get(&format!("{path}.metadata")).await.status, 403);
    // also after a restart, and on the cached path
    let gate = gate.restart(&settings(&upstream, "")).await;
    assert_eq!(gate.get(path).await.status, 403);
    assert_eq!(gate.vetter.vetted.load(Ordering::SeqCst), 0);
    let events = gate.events().await;
    let refused = events
        .iter()
        .filter(|e| e.kind == "download" && e.outcome == "refuse");
    // the same within a minute is one line with a number
    assert_eq!(refused.map(|e| 1 + e.again).sum::<i64>(), 4, "{events:#?}");
}

#[tokio::test]
async fn the_explanation_shows_every_check() {
    let upstream = upstream().await;
    let gate = TestGate::start(&settings(&upstream, "")).await;
    gate.get("/pypi/files/frob/frob-1.2-py3-none-any.whl").await;
    let told = gate.get("/explain/pypi/frob/1.2").await.json();
    let decision = &told["files"][0]["decision"];
    assert_eq!(decision["outcome"], "refuse");
    assert_eq!(decision["check"], "verdict");
    let checks = decision["path"].as_array().expect("a path");
    assert_eq!(checks.len(), 7, "{checks:#?}");
    assert_eq!(told["files"][0]["verdict"], "block");
    assert_eq!(gate.get("/explain/pypi/frob/7.7").await.status, 404);
}

#[tokio::test]
async fn owned_names_are_never_asked_for_upstream() {
    let upstream = upstream().await;
    let gate = TestGate::start(&settings(&upstream, "owned = ['acme-*']")).await;
    assert_eq!(gate.get("/pypi/simple/acme-utils/").await.status, 404);
    assert_eq!(
        gate.get("/pypi/files/acme-utils/acme_utils-99.0-py3-none-any.whl")
            .await
            .status,
        404
    );
    let told = gate.get("/explain/pypi/acme-utils/99.0").await;
    assert!(
        told.text().contains("name of this organisation"),
        "{}",
        told.text()
    );
    assert_eq!(upstream.paths(), Vec::<String>::new());
}

#[tokio::test]
async fn young_releases_lists_and_dry_runs_show_in_the_page() {
    let upstream = upstream().await;
    let age = settings(&upstream, "[decide]\nminimum-age-hours = 72");
    let gate = TestGate::start(&age).await;
    let page = gate.get("/pypi/simple/frob/").await.json();
    assert_eq!(filenames(&page).len(), 3, "they are old enough");
    let deny = "[[deny]]\npackage = 'pypi:frob@1.1'\nreason = 'it ate my homework'";
    let gate = TestGate::start(&settings(&upstream, deny)).await;
    let page = gate.get("/pypi/simple/frob/").await.json();
    assert!(!filenames(&page).contains(&"frob-1.1-py3-none-any.whl"));
    let reply = gate.get("/pypi/files/frob/frob-1.1-py3-none-any.whl").await;
    assert!(
        reply.phrase.contains("it ate my homework"),
        "{}",
        reply.phrase
    );
    let dry = settings(&upstream, "[decide]\ndry-run = true");
    let gate = TestGate::start(&dry).await;
    let reply = gate.get("/pypi/files/frob/frob-1.2-py3-none-any.whl").await;
    assert_eq!(reply.status, 200);
    let events = gate.events().await;
    assert!(
        events.iter().any(|e| e.outcome == "serve (dry run)"),
        "{events:#?}"
    );
}

#[tokio::test]
async fn reading_can_need_a_token() {
    let upstream = upstream().await;
    let closed = settings(&upstream, "[access]\nanonymous-read = false");
    let gate = TestGate::start(&closed).await;
    let reply = gate.get("/pypi/simple/frob/").await;
    assert_eq!(reply.status, 401);
    assert!(reply.header("www-authenticate").starts_with("Basic"));
    let token = gate.token(foretaste_gate::Verb::Read, &[]).await;
    let bearer = format!("Bearer {token}");
    let with = [("authorization", bearer.as_str())];
    assert_eq!(
        gate.ask("GET", "/pypi/simple/frob/", &with, b"")
            .await
            .status,
        200
    );
    let id = gate.gate.tokens().list().await.expect("tokens")[0]
        .id
        .clone();
    assert!(gate.gate.tokens().revoke(&id).await.expect("revoked"));
    assert_eq!(
        gate.ask("GET", "/pypi/simple/frob/", &with, b"")
            .await
            .status,
        401
    );
    let stored = std::fs::read(gate.folder().join("data/gate.sqlite-wal")).unwrap_or_default();
    // `ftg_<id>_<secret>`, and a secret may contain underscores itself.
    let secret = token.splitn(3, '_').nth(2).expect("a secret").as_bytes();
    assert!(
        !stored.windows(secret.len()).any(|w| w == secret),
        "the secret is kept nowhere"
    );
}

#[tokio::test]
async fn metadata_is_read_out_of_wheels_whose_upstream_has_none() {
    let bare = FakeFile::new(&wheel_name("bare", "1.0"), &wheel("bare", "1.0", ""));
    let upstream = FakePypi::new()
        .project(FakeProject::new("bare").file(bare))
        .start()
        .await;
    let gate = TestGate::start(&settings(&upstream, "")).await;
    let path = "/pypi/files/bare/bare-1.0-py3-none-any.whl";
    let page = gate.get("/pypi/simple/bare/").await.json();
    assert!(page["files"][0]["core-metadata"].is_null());
    assert_eq!(gate.get(&format!("{path}.metadata")).await.status, 404);
    assert_eq!(gate.get(path).await.status, 200);
    let mut page = Value::Null;
    for _ in 0..100 {
        page = gate.get("/pypi/simple/bare/").await.json();
        if !page["files"][0]["core-metadata"].is_null() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let metadata = gate.get(&format!("{path}.metadata")).await;
    assert_eq!(
        metadata.text(),
        "Metadata-Version: 2.1\nName: bare\nVersion: 1.0\n"
    );
    let digest = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&metadata.body));
    assert_eq!(page["files"][0]["core-metadata"]["sha256"], digest);
}

#[tokio::test]
async fn advisories_on_this_machine_refuse_and_exempt() {
    let young = |version: &str| file("frob", version, "").uploaded("2999-01-01T00:00:00Z");
    let upstream = FakePypi::new()
        .project(
            FakeProject::new("frob")
                .file(file("frob", "1.0", ""))
                .file(young("1.1"))
                .file(young("1.2")),
        )
        .start()
        .await;
    let advisory = serde_json::json!({
        "id": "PYSEC-2025-1",
        "modified": "2025-05-01T00:00:00Z",
        "affected": [{
            "package": {"ecosystem": "PyPI", "name": "frob"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
        }],
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
    });
    let policy = "[decide]\nrefuse-advisories-from = 'high'\nminimum-age-hours = 8760";
    let gate = TestGate::start_advised(&settings(&upstream, policy), &advisory).await;
    let explained = gate.get("/explain/pypi/frob/1.1").await.json();
    let path = explained["files"][0]["decision"]["path"].to_string();
    assert!(path.contains("it fixes PYSEC-2025-1"), "{path}");
    assert!(path.contains("none is known here"), "{path}");
    let page = gate.get("/pypi/simple/frob/").await.json();
    assert_eq!(filenames(&page), [wheel_name("frob", "1.1")]);
    let explained = gate.get("/explain/pypi/frob/1.0").await.json();
    let decision = &explained["files"][0]["decision"];
    assert_eq!(
        (&decision["outcome"], &decision["check"]),
        (&Value::from("refuse"), &Value::from("advisories"))
    );
    assert!(
        decision["reason"]
            .to_string()
            .contains("PYSEC-2025-1 (critical)")
    );
}

#[tokio::test]
async fn a_team_sees_what_the_policy_grants_it() {
    let upstream = upstream().await;
    let policy = "[decide]\nwithout-provenance = 'refuse'\n[[override]]\nteams = ['research']\nwithout-provenance = 'serve'";
    let gate = TestGate::start(&settings(&upstream, policy)).await;
    let token = gate.token_of_team("research").await;
    let auth = format!("Bearer {token}");
    let headers = [("authorization", auth.as_str())];
    let path = "/pypi/files/frob/frob-1.1-py3-none-any.whl";
    assert_eq!(gate.ask("GET", path, &headers, b"").await.status, 200);
    assert_eq!(gate.get(path).await.status, 403);
    let page = gate.get("/pypi/simple/frob/").await.json();
    assert_eq!(page["files"], serde_json::json!([]));
    let page = gate
        .ask("GET", "/pypi/simple/frob/", &headers, b"")
        .await
        .json();
    assert_eq!(filenames(&page).len(), 3);
}

#[tokio::test]
async fn provenance_comes_through_the_gate_if_it_is_of_the_file() {
    let publisher = serde_json::json!({"kind": "GitHub", "repository": "o/r"});
    let upstream = FakePypi::new()
        .project(FakeProject::new("frob").file(file("frob", "1.0", "").provenance(publisher)))
        .start()
        .await;
    let gate = TestGate::start(&settings(&upstream, "")).await;
    let page = gate.get("/pypi/simple/frob/").await.json();
    let url = page["files"][0]["provenance"].as_str().expect("a URL");
    let path = url
        .strip_prefix("http://gate")
        .expect("a full URL of the gate");
    let reply = gate.get(path).await;
    assert_eq!(
        reply.header("content-type"),
        "application/vnd.pypi.integrity.v1+json"
    );
    let object = reply.json();
    assert_eq!(
        object["attestation_bundles"][0]["publisher"]["kind"],
        "GitHub"
    );
    assert_eq!(gate.get("/pypi/provenance/frob/none.whl").await.status, 404);
}

#[tokio::test]
async fn provenance_that_cannot_be_compared_is_no_alarm() {
    let publisher = serde_json::json!({"kind": "GitHub", "repository": "o/r"});
    let of = |version| file("frob", version, "").provenance(publisher.clone());
    let none = FaultKind::Answer(Answer::status(404, "none"));
    let upstream = FakePypi::new()
        .project(
            FakeProject::new("frob")
                .file(of("1.0").sha256(""))
                .file(of("2.0")),
        )
        .manners(Manners::default().fault("provenance/frob/frob-2.0", u32::MAX, none))
        .start()
        .await;
    let gate = TestGate::start(&settings(&upstream, "")).await;
    let (first, second) = (wheel_name("frob", "1.0"), wheel_name("frob", "2.0"));
    let path = format!("/pypi/provenance/frob/{first}");
    assert_eq!(gate.get(&path).await.status, 503, "its digest is not known");
    let file = gate.get(&format!("/pypi/files/frob/{first}")).await;
    assert_eq!(file.status, 200);
    assert_eq!(gate.get(&path).await.status, 200);
    let gone = gate.get(&format!("/pypi/provenance/frob/{second}")).await;
    assert_eq!(gone.status, 404, "the upstream has none");
}

#[tokio::test]
async fn a_licence_in_the_file_counts_where_the_index_tells_none() {
    let says = |version: &str, licence: &str| {
        let more = format!("License-Expression: {licence}\n");
        let bytes = wheel_that_says("frob", version, "", &more);
        FakeFile::new(&wheel_name("frob", version), &bytes)
    };
    let upstream = FakePypi::new()
        .project(
            FakeProject::new("frob")
                .file(says("1.0", "MIT OR SSPL-1.0"))
                .file(says("1.1", "SSPL-1.0")),
        )
        .start()
        .await;
    let policy = "[decide]\ndeny-licences = ['SSPL-1.0']";
    let gate = TestGate::start(&settings(&upstream, policy)).await;
    let file = async |version| {
        let path = format!("/pypi/files/frob/{}", wheel_name("frob", version));
        gate.get(&path).await
    };
    assert_eq!(file("1.0").await.status, 200);
    let refused = file("1.1").await;
    assert_eq!(refused.status, 403);
    assert!(
        refused.phrase.contains("licensed as SSPL-1.0"),
        "{}",
        refused.phrase
    );
    let page = gate.get("/pypi/simple/frob/").await.json();
    assert_eq!(filenames(&page), [wheel_name("frob", "1.0")]);
}

#[tokio::test]
async fn a_licence_counts_also_in_files_that_were_fetched_before_anybody_asked() {
    let bytes = wheel_that_says("frob", "1.0", "", "License-Expression: SSPL-1.0\n");
    let name = wheel_name("frob", "1.0");
    let upstream = FakePypi::new()
        .project(FakeProject::new("frob").file(FakeFile::new(&name, &bytes)))
        .start()
        .await;
    let folder = tempfile::tempdir().expect("a folder");
    let data = format!("data = '{}'\n", folder.path().join("data").display());
    let path = format!("/pypi/files/frob/{name}");
    let gate = TestGate::start(&format!("{data}{}", settings(&upstream, ""))).await;
    assert_eq!(gate.get(&path).await.status, 200);
    gate.gate.close().await;
    let policy = "[decide]\ndeny-licences = ['SSPL-1.0']";
    let gate = TestGate::start(&format!("{data}{}", settings(&upstream, policy))).await;
    for _ in 0..2 {
        let refused = gate.get(&path).await;
        assert_eq!(refused.status, 403);
        let phrase = refused.phrase;
        assert!(phrase.contains("licensed as SSPL-1.0"), "{phrase}");
    }
}
