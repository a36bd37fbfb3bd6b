//! Files that go to the client while they are fetched and vetted.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use foretaste_fake_registries::{
    Answer, FakeFile, FakeProject, FakePypi, FakeServer, FaultKind, Manners,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::{Reply, TestGate, WordVetter, program, run, wheel, wheel_name};

const FILE: &str = "/pypi/files/frob/frob-1.0-py3-none-any.whl";
const BYTES: usize = 600_000;
/// What the gate holds back.
const HELD: usize = 64 << 10;

/// A wheel of some size with a word at its beginning.
fn large(word: &str) -> Vec<u8> {
    wheel("frob", "1.0", &format!("{word} {}", "x".repeat(BYTES)))
}

async fn upstream(word: &str, manners: Manners) -> FakeServer {
    FakePypi::new()
        .project(
            FakeProject::new("frob").file(FakeFile::new(&wheel_name("frob", "1.0"), &large(word))),
        )
        .manners(manners)
        .start()
        .await
}

async fn gate(upstream: &FakeServer, delay: Duration) -> TestGate {
    let settings = format!(
        "[decide]\nstream-after-seconds = 0\n[upstream]\npypi = ['{}/simple/']\nnpm = []\ncargo = []\n",
        upstream.url()
    );
    let vetter = WordVetter {
        delay,
        ..WordVetter::default()
    };
    TestGate::start_with(&settings, vetter).await
}

fn fetches(upstream: &FakeServer) -> usize {
    let paths = upstream.paths();
    paths.iter().filter(|p| p.ends_with(".whl")).count()
}

/// An answer that was announced in full and ended early, with a true beginning.
fn assert_cut(reply: &Reply, whole: &[u8]) {
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-length"), whole.len().to_string());
    assert!(reply.body.len() + HELD / 2 <= whole.len());
    assert!(whole.starts_with(&reply.body));
}

#[tokio::test]
async fn all_but_the_last_part_comes_before_the_verdict() {
    let upstream = upstream("fine", Manners::default()).await;
    let gate = gate(&upstream, Duration::from_secs(2)).await;
    let begin = Instant::now();
    let mut socket = tokio::net::TcpStream::connect(gate.address).await.unwrap();
    let request = format!("GET {FILE} HTTP/1.1\r\nhost: gate\r\nconnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let whole = large("fine");
    let mut early = vec![0; whole.len() - HELD];
    socket.read_exact(&mut early).await.unwrap();
    assert!(begin.elapsed() < Duration::from_millis(1_900));
    let mut answer = early;
    socket.read_to_end(&mut answer).await.unwrap();
    assert!(begin.elapsed() >= Duration::from_secs(2));
    assert!(answer.ends_with(&whole));
    let events = gate.events().await;
    let served = events.iter().filter(|e| e.kind == "download");
    assert_eq!(served.filter(|e| e.outcome == "serve").count(), 1);
}

#[tokio::test]
async fn what_is_refused_is_cut_and_the_next_try_is_told_why() {
    let upstream = upstream("MALICIOUS", Manners::default()).await;
    let gate = gate(&upstream, Duration::from_millis(500)).await;
    let whole = large("MALICIOUS");
    let reply = gate.get(FILE).await;
    assert_cut(&reply, &whole);
    assert!(reply.body.len() + HELD == whole.len(), "it was streamed");
    // a client that goes on where it was cut, as pip does
    let rest = format!("bytes={}-", reply.body.len());
    for headers in [&[][..], &[("range", rest.as_str())]] {
        let reply = gate.ask("GET", FILE, headers, b"").await;
        assert_eq!(reply.status, 403);
        assert!(
            reply.phrase.contains("posts the environment"),
            "{}",
            reply.phrase
        );
    }
    let events = gate.events().await;
    let downloads = events.iter().filter(|e| e.kind == "download");
    assert!(downloads.clone().all(|e| e.outcome == "refuse"));
    let times: i64 = downloads.map(|e| 1 + e.again).sum();
    assert_eq!((times, fetches(&upstream)), (3, 1));
}

#[tokio::test]
async fn wrong_bytes_are_cut_and_the_next_try_is_told_why() {
    let corrupt = Manners::default().fault(".whl", u32::MAX, FaultKind::Corrupt);
    let upstream = upstream("fine", corrupt).await;
    let gate = gate(&upstream, Duration::ZERO).await;
    let first = gate.get(FILE).await;
    if first.status == 200 {
        assert!(first.body.len() < large("fine").len());
    }
    let before = fetches(&upstream);
    // a client that goes on where it was cut, as pip does, and one that begins anew
    for headers in [&[("range", "bytes=1000-")][..], &[]] {
        let reply = gate.ask("GET", FILE, headers, b"").await;
        assert_eq!(reply.status, 403);
        assert!(
            reply.phrase.contains("not those that its index names"),
            "{}",
            reply.phrase
        );
    }
    if first.status == 200 {
        assert_eq!(fetches(&upstream), before, "it is known already");
    }
}

#[tokio::test]
async fn an_upstream_that_breaks_off_once_is_asked_again_within_the_same_answer() {
    let truncated = Manners::default().fault(".whl", 1, FaultKind::Truncated);
    let upstream = upstream("fine", truncated).await;
    let gate = gate(&upstream, Duration::from_millis(100)).await;
    let reply = gate.get(FILE).await;
    assert_eq!((reply.status, reply.body == large("fine")), (200, true));
    assert_eq!(fetches(&upstream), 2);
}

#[tokio::test]
async fn the_bytes_of_two_tries_are_never_put_together() {
    let (evil, good) = (large("EVIL"), large("fine"));
    let page = FakePypi::new()
        .project(FakeProject::new("frob").file(FakeFile::new(&wheel_name("frob", "1.0"), &good)))
        .start()
        .await;
    let index = TestGate::start(&format!(
        "[upstream]\npypi = ['{}/simple/']\nnpm = []\ncargo = []\n",
        page.url()
    ))
    .await;
    // an index with true digests, and files that begin otherwise the first time
    let mut listing = index.get("/pypi/simple/frob/").await.text();
    listing = listing.replace("/pypi/files/frob/", "/files/");
    let tries = AtomicU32::new(0);
    let truncated = Manners::default().fault(".whl", 1, FaultKind::Truncated);
    let (first, second) = (evil.clone(), good.clone());
    let upstream = FakeServer::start(truncated, move |ask, _| {
        if !ask.path.ends_with(".whl") {
            return Answer::ok("application/vnd.pypi.simple.v1+json", listing.as_str());
        }
        let bytes = match tries.fetch_add(1, Ordering::SeqCst) {
            0 => &first,
            _ => &second,
        };
        Answer::ok("application/octet-stream", bytes.clone())
    })
    .await;
    let gate = gate(&upstream, Duration::from_millis(300)).await;
    let reply = gate.get(FILE).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    // the second try may have come before anything of the first was sent
    assert!(reply.body == good || reply.body.len() < good.len());
    let reply = gate.get(FILE).await;
    assert_eq!((reply.status, reply.body == good), (200, true));
}

#[tokio::test]
async fn clients_of_the_same_file_share_one_fetch_and_who_leaves_ends_nothing() {
    let upstream = upstream("fine", Manners::default()).await;
    let gate = gate(&upstream, Duration::from_millis(800)).await;
    let mut leaver = tokio::net::TcpStream::connect(gate.address).await.unwrap();
    let request = format!("GET {FILE} HTTP/1.1\r\nhost: gate\r\n\r\n");
    leaver.write_all(request.as_bytes()).await.unwrap();
    leaver.read_exact(&mut [0; 1_000]).await.unwrap();
    drop(leaver);
    let both = tokio::join!(gate.get(FILE), gate.get(FILE));
    for reply in [both.0, both.1, gate.get(FILE).await] {
        assert_eq!((reply.status, reply.body == large("fine")), (200, true));
    }
    let vetted = gate.vetter.vetted.load(Ordering::SeqCst);
    assert_eq!((fetches(&upstream), vetted), (1, 1));
}

#[tokio::test]
async fn the_metadata_of_a_wheel_that_was_streamed_is_there_for_the_next_client() {
    let upstream = upstream("fine", Manners::default()).await;
    let gate = gate(&upstream, Duration::from_millis(300)).await;
    assert_eq!(gate.get(FILE).await.body, large("fine"));
    let (path, begin) = (format!("{FILE}.metadata"), Instant::now());
    let mut reply = gate.get(&path).await;
    while reply.status != 200 && begin.elapsed() < Duration::from_secs(10) {
        tokio::time::sleep(Duration::from_millis(50)).await;
        reply = gate.get(&path).await;
    }
    assert_eq!(reply.status, 200);
    assert!(reply.text().contains("Name: frob"));
    assert_eq!(fetches(&upstream), 1);
}

/// pip and uv in front of a file that is cut: they end with the reason, and keep nothing.
#[tokio::test(flavor = "multi_thread")]
async fn pip_and_uv_show_the_reason_after_a_cut() {
    let (python, uv) = (program("python3"), program("uv"));
    let commands: [(Option<String>, &[&str]); 2] = [
        (python, &["-m", "pip", "install", "--no-compile"]),
        (uv, &["pip", "install", "--python", "python3"]),
    ];
    for (program, args) in commands {
        let Some(program) = program else { continue };
        let upstream = upstream("MALICIOUS", Manners::default()).await;
        let gate = gate(&upstream, Duration::from_millis(700)).await;
        let home = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(&program);
        command
            .args(args)
            .args(["--index-url", &format!("{}/pypi/simple/", gate.url())])
            .arg("--target")
            .arg(home.path().join("installed"))
            .arg("frob")
            .env("HOME", home.path())
            .env("UV_NO_CONFIG", "1")
            .env("PIP_CONFIG_FILE", "/dev/null")
            .env_remove("PIP_INDEX_URL")
            .env_remove("UV_DEFAULT_INDEX");
        let (worked, said) = run(command).await;
        assert!(!worked, "{said}");
        let cut = gate.events().await;
        assert!(cut.iter().any(|e| e.outcome == "refuse"), "{said}");
        // a pip between 25.1 and 25.3 does not go on by itself, and says that the file ended early
        let honest = ["posts the environment", "not enough bytes"];
        assert!(honest.iter().any(|h| said.contains(h)), "{program}: {said}");
        assert!(!said.contains("tampered"), "{program}: {said}");
        assert!(!home.path().join("installed/frob").exists());
    }
}
