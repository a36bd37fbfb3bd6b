//! Publishing Python packages: by hand, by twine and by uv.

use std::process::Command;
use std::sync::atomic::Ordering;

use foretaste_fake_registries::{FakeFile, FakeProject, FakePypi, FakeServer};
use foretaste_gate::Verb;
use sha2::{Digest as _, Sha256};

use crate::support::{Reply, TestGate, program, run, wheel, wheel_name};

async fn public() -> FakeServer {
    let bad = FakeFile::new(
        &wheel_name("acme-corp-util", "9.9"),
        &wheel("acme-corp-util", "9.9", "MALICIOUS"),
    );
    let shadow = FakeFile::new(
        &wheel_name("acme-corp-utils", "99.0"),
        &wheel("acme-corp-utils", "99.0", ""),
    );
    FakePypi::new()
        .project(FakeProject::new("acme-corp-util").file(bad))
        .project(FakeProject::new("acme-corp-utils").file(shadow))
        .start()
        .await
}

fn settings(upstream: &FakeServer) -> String {
    format!(
        "[upstream]\npypi = ['{}/simple/']\nnpm = []\ncargo = []\n",
        upstream.url()
    )
}

/// Posts a form as twine does.
async fn post(
    gate: &TestGate,
    token: &str,
    fields: &[(&str, &str)],
    filename: &str,
    bytes: &[u8],
) -> Reply {
    let body = multipart(fields, filename, bytes);
    let auth = format!("Bearer {token}");
    let mut headers = vec![("content-type", "multipart/form-data; boundary=b")];
    if !token.is_empty() {
        headers.push(("authorization", auth.as_str()));
    }
    gate.ask("POST", "/pypi/legacy/", &headers, &body).await
}

fn multipart(fields: &[(&str, &str)], filename: &str, bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend_from_slice(
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                .as_bytes(),
        );
    }
    body.extend_from_slice(
        format!("--b\r\nContent-Disposition: form-data; name=\"content\"; filename=\"{filename}\"\r\n\r\n").as_bytes(),
    );
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n--b--\r\n");
    body
}

/// The form of a wheel.
pub(crate) fn form(name: &str, version: &str, bytes: &[u8]) -> Vec<u8> {
    let digest = hex::encode(Sha256::digest(bytes));
    let fields = [
        (":action", "file_upload"),
        ("protocol_version", "1"),
        ("name", name),
        ("version", version),
        ("filetype", "bdist_wheel"),
        ("sha256_digest", digest.as_str()),
    ];
    multipart(&fields, &wheel_name(name, version), bytes)
}

pub(crate) async fn publish(
    gate: &TestGate,
    token: &str,
    name: &str,
    version: &str,
    word: &str,
) -> Reply {
    let body = form(name, version, &wheel(name, version, word));
    let auth = format!("Bearer {token}");
    let headers = [
        ("content-type", "multipart/form-data; boundary=b"),
        ("authorization", auth.as_str()),
    ];
    gate.ask("POST", "/pypi/legacy/", &headers, &body).await
}

#[tokio::test]
async fn what_is_published_is_there_and_stays() {
    let upstream = public().await;
    let gate = TestGate::start(&settings(&upstream)).await;
    let token = gate.token(Verb::Publish, &["pypi:acme-*"]).await;
    let reply = publish(&gate, &token, "acme-corp-utils", "1.0", "").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let again = publish(&gate, &token, "acme-corp-utils", "1.0", "").await;
    assert_eq!(again.status, 200, "the same bytes again are no error");
    let other = publish(&gate, &token, "acme-corp-utils", "1.0", "other").await;
    assert_eq!(other.status, 400);
    assert!(other.phrase.contains("already exists"), "{}", other.phrase);
    let gate = gate.restart(&settings(&upstream)).await;
    let page = gate.get("/pypi/simple/acme-corp-utils/").await.json();
    assert_eq!(
        page["versions"],
        serde_json::json!(["1.0"]),
        "99.0 of the public index is not there"
    );
    let path = "/pypi/files/acme-corp-utils/acme_corp_utils-1.0-py3-none-any.whl";
    assert_eq!(
        gate.get(path).await.body,
        wheel("acme-corp-utils", "1.0", "")
    );
    assert!(
        gate.get(&format!("{path}.metadata"))
            .await
            .text()
            .contains("acme-corp-utils")
    );
    assert_eq!(
        upstream.paths(),
        Vec::<String>::new(),
        "the name was never told to the public index"
    );
}

#[tokio::test]
async fn what_was_published_is_judged_anew_too() {
    let upstream = public().await;
    let gate = TestGate::start(&settings(&upstream)).await;
    let token = gate.token(Verb::Publish, &["pypi:acme-*"]).await;
    let reply = publish(&gate, &token, "acme-corp-utils", "1.0", "SLEEPER").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    gate.vetter.edition.store(1, Ordering::SeqCst);
    assert_eq!(gate.gate.judge_again().await.expect("judged"), 1);
    let path = "/pypi/files/acme-corp-utils/acme_corp_utils-1.0-py3-none-any.whl";
    assert_eq!(gate.get(path).await.status, 403);
    assert!(gate.events().await.iter().any(|e| e.kind == "alert"));
}

#[tokio::test]
async fn only_whoever_may_publishes() {
    let upstream = public().await;
    let gate = TestGate::start(&settings(&upstream)).await;
    assert_eq!(
        publish(&gate, "", "acme-corp-utils", "1.0", "")
            .await
            .status,
        401
    );
    let reader = gate.token(Verb::Read, &[]).await;
    assert_eq!(
        publish(&gate, &reader, "acme-corp-utils", "1.0", "")
            .await
            .status,
        403
    );
    let narrow = gate.token(Verb::Publish, &["pypi:other-*"]).await;
    assert_eq!(
        publish(&gate, &narrow, "acme-corp-utils", "1.0", "")
            .await
            .status,
        403
    );
    assert_eq!(
        publish(&gate, "ftg_000000000000_x", "acme-corp-utils", "1.0", "")
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn a_form_that_lies_is_refused() {
    let upstream = public().await;
    let gate = TestGate::start(&settings(&upstream)).await;
    let token = gate.token(Verb::Publish, &[]).await;
    let bytes = wheel("acme", "1.0", "");
    let digest = hex::encode(Sha256::digest(&bytes));
    let wrong = "0".repeat(64);
    let name = wheel_name("acme", "1.0");
    for (package, version, filename, sha256, expected) in [
        (
            "acme",
            "1.0",
            name.as_str(),
            wrong.as_str(),
            "do not have the digests",
        ),
        ("acme", "1.0", name.as_str(), "", "neither"),
        (
            "acme",
            "2.0",
            name.as_str(),
            digest.as_str(),
            "does not belong",
        ),
        (
            "other",
            "1.0",
            "other-1.0-py3-none-any.whl",
            digest.as_str(),
            "own metadata calls it",
        ),
        (
            "acme",
            "1.0",
            "../../acme-1.0-py3-none-any.whl",
            digest.as_str(),
            "no file name",
        ),
        (
            "acme",
            "not a version",
            name.as_str(),
            digest.as_str(),
            "no version",
        ),
        ("../acme", "1.0", name.as_str(), digest.as_str(), "no name"),
    ] {
        let fields = [
            (":action", "file_upload"),
            ("name", package),
            ("version", version),
            ("sha256_digest", sha256),
        ];
        let reply = post(&gate, &token, &fields, filename, &bytes).await;
        assert_eq!(reply.status, 400, "{expected}");
        assert!(
            reply.text().contains(expected),
            "{expected}: {}",
            reply.text()
        );
    }
    let bad = publish(&gate, &token, "acme", "3.0", "MALICIOUS").await;
    assert_eq!(bad.status, 403);
    assert_eq!(
        gate.get("/pypi/simple/acme/").await.status,
        404,
        "nothing of it was published"
    );
}

/// A folder with a wheel to publish.
fn dist(name: &str, version: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(wheel_name(name, version));
    std::fs::write(path, wheel(name, version, "")).expect("written");
    folder
}

fn command(program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn the_acme_scenario_with_real_clients() {
    let upstream = public().await;
    let gate = TestGate::start(&settings(&upstream)).await;
    let token = gate.token(Verb::Publish, &["pypi:acme-*"]).await;
    let dist = dist("acme-corp-utils", "1.0");
    let file = dist
        .path()
        .join(wheel_name("acme-corp-utils", "1.0"))
        .display()
        .to_string();
    let url = format!("{}/pypi/legacy/", gate.url());
    let (twine, uv) = (program("twine"), program("uv"));
    if let Some(twine) = &twine {
        let login = [
            "--non-interactive",
            "-u",
            "__token__",
            "-p",
            &token,
            "--repository-url",
            &url,
            &file,
        ];
        let (done, text) = run(command(twine, &[&["upload"], &login[..]].concat())).await;
        assert!(done, "{text}");
    }
    if let Some(uv) = &uv {
        let (done, text) = run(command(
            uv,
            &["publish", "--publish-url", &url, "--token", &token, &file],
        ))
        .await;
        assert!(done, "{text}");
    }
    if twine.is_none() && uv.is_none() {
        assert_eq!(
            publish(&gate, &token, "acme-corp-utils", "1.0", "")
                .await
                .status,
            200
        );
    }
    let index = format!("{}/pypi/simple/", gate.url());
    let folder = tempfile::tempdir().expect("a folder");
    let target = |name: &str| folder.path().join(name).display().to_string();
    if let Some(python) = program("python3") {
        let pip = [
            "-m",
            "pip",
            "install",
            "--no-cache-dir",
            "--isolated",
            "--disable-pip-version-check",
            "--index-url",
            &index,
            "--target",
        ];
        let (done, text) = run(command(
            &python,
            &[&pip[..], &[&target("bad"), "acme-corp-util"]].concat(),
        ))
        .await;
        assert!(!done, "{text}");
        assert!(
            text.contains("posts the environment at install time"),
            "{text}"
        );
        assert!(!folder.path().join("bad/acme_corp_util").exists());
        let (done, text) = run(command(
            &python,
            &[&pip[..], &[&target("good"), "acme-corp-utils"]].concat(),
        ))
        .await;
        assert!(done, "{text}");
        let module =
            std::fs::read_to_string(folder.path().join("good/acme_corp_utils/__init__.py"));
        assert!(
            module.expect("installed").contains("\"1.0\""),
            "from the inside, though the public index has 99.0"
        );
    }
    if let Some(uv) = &uv {
        let install = [
            "pip",
            "install",
            "--no-cache",
            "--no-config",
            "--default-index",
            &index,
            "--target",
        ];
        let (done, text) = run(command(
            uv,
            &[&install[..], &[&target("uv"), "acme-corp-util"]].concat(),
        ))
        .await;
        assert!(!done, "{text}");
        let (done, text) = run(command(
            uv,
            &[&install[..], &[&target("uv"), "acme-corp-utils"]].concat(),
        ))
        .await;
        assert!(done, "{text}");
    }
}

#[tokio::test]
async fn bombs_and_floods_are_refused_before_they_cost_much() {
    let upstream = public().await;
    let limited = format!("[decide]\nfile-mebibytes = 1\n{}", settings(&upstream));
    let gate = TestGate::start(&limited).await;
    let token = gate.token(Verb::Publish, &[]).await;
    let auth = format!("Bearer {token}");
    let send = async |body: Vec<u8>| {
        let headers = [
            ("content-type", "multipart/form-data; boundary=b"),
            ("authorization", auth.as_str()),
        ];
        gate.ask("POST", "/pypi/legacy/", &headers, &body).await
    };
    let large = wheel("acme", "1.0", &"x".repeat(2 << 20));
    let reply = send(form("acme", "1.0", &large)).await;
    assert_eq!(reply.status, 400);
    assert!(reply.phrase.contains("is larger than"), "{}", reply.phrase);

    // a thousand times as large when it is unpacked
    let bomb = bomb();
    assert!(bomb.len() < 1 << 20);
    let reply = send(form("acme", "1.0", &bomb)).await;
    assert_eq!(reply.status, 400);
    assert!(
        reply.phrase.contains("cannot be read whole") || reply.phrase.contains("too large"),
        "{}",
        reply.phrase
    );

    let name = wheel_name("acme", "1.0");
    let endless = "d".repeat(5 << 20);
    let fields = [
        (":action", "file_upload"),
        ("description", endless.as_str()),
    ];
    let reply = send(multipart(&fields, &name, &wheel("acme", "1.0", ""))).await;
    assert_eq!(reply.status, 400);
    assert!(reply.phrase.contains("is too long"), "{}", reply.phrase);

    assert_eq!(gate.get("/pypi/simple/acme/").await.status, 404);
    let drafts = std::fs::read_dir(gate.folder().join("data/files/drafts"));
    assert_eq!(
        drafts.expect("a folder").count(),
        0,
        "nothing is left of them"
    );
}

/// A small wheel whose metadata is hundreds of megabytes of nothing.
fn bomb() -> Vec<u8> {
    use std::io::Write as _;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated);
    zip.start_file("acme-1.0.dist-info/METADATA", options)
        .expect("an entry");
    let nothing = vec![0; 1 << 20];
    for _ in 0..300 {
        zip.write_all(&nothing).expect("written");
    }
    zip.finish().expect("finished").into_inner()
}
