//! Files in a bucket: moto's server, which speaks S3, on loopback.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use foretaste_fake_registries::{FakeFile, FakeProject, FakePypi};
use foretaste_gate::Verb;

use crate::postgres::Postgres;
use crate::support::{Reply, TestGate, ask, program, wheel, wheel_name};
use crate::upload::publish;

/// An object store with one empty bucket.
struct Store {
    server: Child,
    port: u16,
}

impl Drop for Store {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Store {
    async fn start() -> Option<Self> {
        let program = program("moto_server")?;
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let server = Command::new(program)
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let own = Self { server, port };
        let begin = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begin.elapsed() < Duration::from_mins(1), "it listens");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let made = own.ask("PUT", "", b"").await;
        assert_eq!(made.status, 200, "{}", made.text());
        Some(own)
    }

    async fn ask(&self, method: &str, key: &str, body: &[u8]) -> Reply {
        let path = format!("/acme-gate{key}");
        let address = ([127, 0, 0, 1], self.port).into();
        // moto looks whether somebody signed, not whether it was done well
        let credential = "Credential=tester/20260101/us-east-1/s3/aws4_request";
        let signed = format!("AWS4-HMAC-SHA256 {credential}");
        ask(address, method, &path, &[("authorization", &signed)], body).await
    }

    fn settings(&self) -> String {
        let port = self.port;
        format!(
            "bucket = 's3://acme-gate/files'\nendpoint = 'http://127.0.0.1:{port}'\nregion = 'us-east-1'\n"
        )
    }
}

fn file(name: &str, version: &str) -> String {
    format!("/pypi/files/{name}/{}", wheel_name(name, version))
}

/// Empties the folder that is a cache.
fn forget(gate: &TestGate) {
    let folder = gate.folder().join("data/files");
    std::fs::remove_dir_all(&folder).expect("it was there");
    std::fs::create_dir_all(folder.join("drafts")).expect("made");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_gates_share_a_bucket_and_a_database() {
    let Some(store) = Store::start().await else {
        return;
    };
    let Some(postgres) = Postgres::start() else {
        return;
    };
    let bytes = wheel("frob", "1.0", "fine");
    let upstream = FakePypi::new()
        .project(FakeProject::new("frob").file(FakeFile::new(&wheel_name("frob", "1.0"), &bytes)))
        .start()
        .await;
    let settings = format!(
        "[upstream]\npypi = ['{}/simple/']\nnpm = []\ncargo = []\n[storage]\ndatabase = '{}'\n{}",
        upstream.url(),
        postgres.url(),
        store.settings()
    );
    let (a, b) = tokio::join!(TestGate::start(&settings), TestGate::start(&settings));
    let token = a.token(Verb::Publish, &[]).await;

    // what one of them publishes the other one has, also if it goes in parts
    let large = "x".repeat(20 << 20);
    for word in ["", large.as_str()] {
        let version = if word.is_empty() { "1.0" } else { "2.0" };
        let reply = publish(&a, &token, "acme-utils", version, word).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let (path, begin) = (file("acme-utils", version), Instant::now());
        let mut reply = b.get(&path).await;
        while reply.status != 200 && begin.elapsed() < Duration::from_secs(10) {
            tokio::time::sleep(Duration::from_millis(100)).await;
            reply = b.get(&path).await;
        }
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert!(reply.body == wheel("acme-utils", version, word));
    }

    // what one of them fetched the other one has too, and so has it itself when its cache is gone
    assert_eq!(a.get(&file("frob", "1.0")).await.body, bytes);
    for _ in 0..2 {
        assert_eq!(b.get(&file("frob", "1.0")).await.body, bytes);
        forget(&a);
        forget(&b);
        assert_eq!(a.get(&file("frob", "1.0")).await.body, bytes);
    }
    let paths = upstream.paths();
    assert_eq!(paths.iter().filter(|p| p.ends_with(".whl")).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_bucket_lost_or_changed_is_never_served() {
    let Some(store) = Store::start().await else {
        return;
    };
    let settings = format!(
        "[upstream]\npypi = []\nnpm = []\ncargo = []\n[storage]\n{}",
        store.settings()
    );
    let gate = TestGate::start(&settings).await;
    let token = gate.token(Verb::Publish, &[]).await;
    let reply = publish(&gate, &token, "acme-utils", "1.0", "ours").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let path = file("acme-utils", "1.0");
    // what is whole in memory needs no store
    let reply = gate.ask("HEAD", &path, &[], b"").await;
    let digest = reply.header("etag").replace('"', "");
    let key = format!("/files/{}/{digest}", &digest[..2]);
    let whole = wheel("acme-utils", "1.0", "ours");
    assert_eq!(store.ask("GET", &key, b"").await.body, whole);

    forget(&gate);
    assert_eq!(store.ask("PUT", &key, b"theirs").await.status, 200);
    let reply = gate.get(&path).await;
    assert_eq!(reply.status, 503, "{}", reply.text());
    assert!(reply.text().contains("other bytes"), "{}", reply.text());
    store.ask("DELETE", &key, b"").await;
    assert_eq!(gate.get(&path).await.status, 503);
    assert_eq!(store.ask("PUT", &key, &whole).await.status, 200);
    assert_eq!(gate.get(&path).await.body, whole);

    // a new edition of the rules reads what only the bucket has, and leaves no copy behind
    let gate = gate.restart(&settings).await;
    forget(&gate);
    gate.vetter.edition.store(1, Ordering::SeqCst);
    assert_eq!(gate.gate.judge_again().await.expect("judged"), 1);
    let events = gate.events().await;
    assert!(!events.iter().any(|e| e.outcome == "incomplete"));
    let shard = gate.folder().join("data/files").join(&digest[..2]);
    let left = std::fs::read_dir(shard).expect("the folder").count();
    assert_eq!(left, 0, "the cache is for what clients ask for");

    // nothing is published that the bucket did not take
    drop(store);
    let reply = publish(&gate, &token, "acme-utils", "1.1", "ours").await;
    assert!(reply.status >= 500, "{}", reply.text());
    assert_eq!(gate.get(&file("acme-utils", "1.1")).await.status, 404);
}
