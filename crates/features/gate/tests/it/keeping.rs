//! Running a gate: HTTPS, rate limits, backup and restore.

use std::process::Command;

use foretaste_fake_registries::{FakeFile, FakeProject, FakePypi, FakeServer};
use foretaste_gate::Verb;

use crate::support::{TestGate, program, run, wheel, wheel_name};
use crate::upload::publish;

const NOTHING: &str = "[upstream]\npypi = []\nnpm = []\ncargo = []\n";

async fn upstream() -> FakeServer {
    let file = FakeFile::new(
        &wheel_name("frob", "1.0"),
        &wheel("frob", "1.0", "MALICIOUS"),
    );
    FakePypi::new()
        .project(FakeProject::new("frob").file(file))
        .start()
        .await
}

/// The reason of a refusal reaches pip over HTTPS as well.
#[tokio::test(flavor = "multi_thread")]
async fn https_needs_no_proxy() {
    let upstream = upstream().await;
    let folder = tempfile::tempdir().expect("a folder");
    let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
    let (certificate, key) = (
        folder.path().join("cert.pem"),
        folder.path().join("key.pem"),
    );
    std::fs::write(&certificate, made.cert.pem()).expect("written");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");
    let settings = format!(
        "[upstream]\npypi = ['{}/simple/']\nnpm = []\ncargo = []\n[tls]\ncertificate = '{}'\nkey = '{}'\n",
        upstream.url(),
        certificate.display(),
        key.display()
    );
    let gate = TestGate::start(&settings).await;
    let url = format!("https://{}", gate.address);
    // whoever speaks no TLS, or nothing at all, holds nobody up
    let _silent = tokio::net::TcpStream::connect(gate.address)
        .await
        .expect("connects");
    if let Some(curl) = program("curl") {
        let mut command = Command::new(curl);
        command.args(["-sS", "--cacert"]).arg(&certificate);
        command.arg(format!("{url}/cargo/index/config.json"));
        let (done, text) = run(command).await;
        assert!(done && text.contains(&format!("{url}/cargo/dl")), "{text}");
    }
    if let Some(python) = program("python3") {
        let mut command = Command::new(python);
        command
            .args([
                "-m",
                "pip",
                "install",
                "--isolated",
                "--no-cache-dir",
                "--cert",
            ])
            .arg(&certificate)
            .args(["--disable-pip-version-check", "--target"])
            .arg(folder.path().join("out"))
            .args(["--index-url", &format!("{url}/pypi/simple/"), "frob"])
            // it would have the last word over --cert
            .env_remove("REQUESTS_CA_BUNDLE")
            .env_remove("CURL_CA_BUNDLE");
        let (done, text) = run(command).await;
        assert!(!done && text.contains("posts the environment"), "{text}");
    }
}

#[tokio::test]
async fn whoever_asks_too_often_is_told_when_to_come_again() {
    let gate = TestGate::start(&format!("[access]\nrequests-per-minute = 30\n{NOTHING}")).await;
    let token = gate.token(Verb::Read, &[]).await;
    for _ in 0..30 {
        assert_eq!(gate.get("/pypi/simple/").await.status, 200);
    }
    let reply = gate.get("/pypi/simple/").await;
    assert_eq!((reply.status, reply.header("retry-after")), (429, "2"));
    let auth = format!("Bearer {token}");
    let headers = [("authorization", auth.as_str())];
    let reply = gate.ask("GET", "/pypi/simple/", &headers, b"").await;
    assert_eq!(reply.status, 200, "a token has its own measure");
    assert_eq!(gate.get("/health").await.status, 200);
}

#[tokio::test]
async fn what_was_saved_is_brought_back_and_damage_is_noticed() {
    if crate::postgres::is_everything() {
        return;
    }
    let gate = TestGate::start(NOTHING).await;
    let token = gate.token(Verb::Publish, &[]).await;
    let reply = publish(&gate, &token, "acme-utils", "1.0", "").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let elsewhere = tempfile::tempdir().expect("a folder");
    let copy = elsewhere.path().join("copy");
    // while it serves
    let at = |data: &std::path::Path| foretaste_gate::Settings {
        data: data.to_owned(),
        ..foretaste_gate::Settings::default()
    };
    let settings = at(&gate.folder().join("data"));
    let saved = foretaste_gate::backup(&settings, &copy).await;
    assert_eq!(saved.expect("saved").files, 1);
    let again = foretaste_gate::backup(&settings, &copy).await;
    assert!(
        again
            .expect_err("it exists")
            .to_string()
            .contains("exists already")
    );
    let settings = format!(
        "data = '{}'\n{NOTHING}",
        elsewhere.path().join("new").display()
    );
    foretaste_gate::restore(&copy, &at(&elsewhere.path().join("new")))
        .await
        .expect("restored");
    let other = TestGate::start(&settings).await;
    let path = "/pypi/files/acme-utils/acme_utils-1.0-py3-none-any.whl";
    assert_eq!(other.get(path).await.body, wheel("acme-utils", "1.0", ""));
    let auth = format!("Bearer {token}");
    let known = other
        .ask("GET", "/npm/-/whoami", &[("authorization", &auth)], b"")
        .await;
    assert_eq!(known.json()["username"], "tester", "tokens come back, too");

    let shard = std::fs::read_dir(copy.join("files")).expect("files");
    let shard = shard
        .flatten()
        .find(|e| e.file_name().len() == 2)
        .expect("a shard");
    let file = std::fs::read_dir(shard.path())
        .expect("a file")
        .flatten()
        .next();
    std::fs::write(file.expect("a file").path(), b"other bytes").expect("damaged");
    for _ in 0..2 {
        // a restore that failed can be tried again
        let damaged = foretaste_gate::restore(&copy, &at(&elsewhere.path().join("third"))).await;
        assert!(damaged.expect_err("damage").to_string().contains("damaged"));
    }
}

#[tokio::test]
async fn programs_administrate_as_the_document_says() {
    let upstream = upstream().await;
    let settings = format!(
        "[upstream]\npypi = ['{}/simple/']\nnpm = []\ncargo = []\n",
        upstream.url()
    );
    let gate = TestGate::start(&settings).await;
    let document = gate.get("/api/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    for name in ["Event", "Wish", "VerdictView", "TokenInfo"] {
        assert!(
            document["components"]["schemas"][name].is_object(),
            "{name}"
        );
    }
    let (admin, reader) = (
        gate.token(Verb::Admin, &[]).await,
        gate.token(Verb::Read, &[]).await,
    );
    let call = async |token: &str, method: &str, path: &str, body: &str| {
        let auth = format!("Bearer {token}");
        let mut headers = vec![("content-type", "application/json")];
        if !token.is_empty() {
            headers.push(("authorization", auth.as_str()));
        }
        gate.ask(method, path, &headers, body.as_bytes()).await
    };
    let paths = document["paths"].as_object().expect("paths");
    for (path, operations) in paths {
        let path = path
            .replace("{ecosystem}", "pypi")
            .replace("{name}", "frob")
            .replace("{id}", "x");
        for method in operations.as_object().expect("operations").keys() {
            let method = method.to_uppercase();
            assert_eq!(
                call("", &method, &path, "{}").await.status,
                401,
                "{method} {path}"
            );
            assert_eq!(
                call(&reader, &method, &path, "{}").await.status,
                403,
                "{method} {path}"
            );
        }
    }
    let file = "/pypi/files/frob/frob-1.0-py3-none-any.whl";
    assert_eq!(gate.get(file).await.status, 403);
    let queue = call(&admin, "GET", "/api/v1/queue", "").await.json();
    let digest = format!("sha256:{}", queue[0]["sha256"].as_str().expect("a digest"));
    let wish = |digests: &str| {
        format!(
            "{{\"ecosystem\":\"pypi\",\"name\":\"frob\",\"version\":\"1.0\",\"decision\":\"approve\",\"reason\":\"read\",\"digests\":[{digests}]}}"
        )
    };
    for bad in ["", "{}", "[]", &wish(""), &wish("\"md5:00\"")] {
        let reply = call(&admin, "POST", "/api/v1/decisions", bad).await;
        assert_eq!(reply.status, 400, "{bad}: {}", reply.text());
        assert!(reply.json()["error"].is_string());
    }
    let good = wish(&format!("\"{digest}\""));
    assert_eq!(
        call(&admin, "POST", "/api/v1/decisions", &good)
            .await
            .status,
        201
    );
    assert_eq!(gate.get(file).await.status, 200);
    let package = call(&admin, "GET", "/api/v1/packages/pypi/frob", "")
        .await
        .json();
    assert_eq!(package["decisions"][0]["digest"], digest);
    let events = call(&admin, "GET", "/api/v1/events?kind=admin&limit=5", "")
        .await
        .json();
    assert_eq!(events[0]["outcome"], "approved");
    assert_eq!(
        call(&admin, "GET", "/api/v1/events?kind=none", "")
            .await
            .status,
        400
    );
    let made =
        "{\"name\":\"ci\",\"scopes\":{\"verbs\":[\"publish\"],\"packages\":[\"pypi:acme-*\"]}}";
    let made = call(&admin, "POST", "/api/v1/tokens", made).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let token = made.json()["token"].as_str().expect("a token").to_owned();
    let reply = publish(&gate, &token, "acme-x", "1.0", "").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let tokens = call(&admin, "GET", "/api/v1/tokens", "").await.json();
    let ours = tokens
        .as_array()
        .expect("a list")
        .iter()
        .find(|t| t["name"] == "ci");
    let id = ours.expect("it is listed")["id"].as_str().expect("an id");
    let path = format!("/api/v1/tokens/{id}");
    assert_eq!(call(&admin, "DELETE", &path, "").await.status, 204);
    assert_eq!(
        publish(&gate, &token, "acme-x", "1.1", "").await.status,
        401
    );
}
