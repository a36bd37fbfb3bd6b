//! A disk that is full: what is refused, what goes on, and who is told where. The disk is a small one in memory, in
//! namespaces of its own, and the gate runs in this test's program started anew.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use foretaste_fake_registries::{FakeFile, FakeProject, FakePypi, FakeServer};
use foretaste_gate::Verb;

use crate::support::{Reply, TestGate, program, run, wheel, wheel_name};
use crate::upload::form;

const DISK: &str = "FORETASTE_TEST_DISK";
/// Room for the database and the small files.
const BYTES: u32 = 3 << 20;
/// What no disk may be left with if files of this size must not fit.
const LARGE: usize = 400_000;

/// Runs a test of this file on a small disk of its own, and returns what it said.
async fn on_a_small_disk(test: &str, folder: &Path) -> Option<String> {
    program("unshare")?;
    let mut command = Command::new("unshare");
    command
        .args(["--user", "--map-root-user", "--mount", "sh", "-ec"])
        .arg(format!(
            "mount -t tmpfs -o size={BYTES} none \"$1\"; exec \"$2\" --exact disk::{test} --nocapture"
        ))
        .args(["sh".as_ref(), folder.as_os_str()])
        .arg(std::env::current_exe().expect("this program"))
        .env(DISK, folder);
    let (well, said) = run(command).await;
    assert!(well, "{said}");
    assert!(said.contains("1 passed"), "it ran: {said}");
    Some(said)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_loses_nothing_and_shows_no_path() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(said) = on_a_small_disk("fill_it", folder.path()).await else {
        return;
    };
    // whoever runs the gate reads the path
    let place = folder.path().join("data").display().to_string();
    let logged = |what: &str| {
        let mut lines = said.lines();
        lines.any(|l| l.contains("ERROR") && l.contains(what) && l.contains(&place))
    };
    assert!(logged("cannot write"), "{said}");
    assert!(logged("cannot save http"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_waits_for_room_and_nothing_is_published_meanwhile() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(said) = on_a_small_disk("fill_the_log", folder.path()).await else {
        return;
    };
    // an outage is told when it begins and when it ends, however many requests come
    let told = |what: &str| said.lines().filter(|l| l.contains(what)).count();
    assert_eq!(
        told("the log cannot be written; its lines wait"),
        1,
        "{said}"
    );
    assert_eq!(told("the log is written again"), 1, "{said}");
}

/// The small disk, if this runs on one, with the log of the process on standard error.
fn disk() -> Option<PathBuf> {
    let disk = std::env::var_os(DISK)?;
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::ERROR)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    Some(PathBuf::from(disk))
}

fn settings(disk: &Path, upstream: &FakeServer) -> String {
    format!(
        "data = '{}/data'\n[decide]\nstream-after-seconds = 0\n[upstream]\npypi = ['{}/simple/']\nnpm = []\ncargo = []\n",
        disk.display(),
        upstream.url()
    )
}

/// Not a test of its own: it runs on the small disk, if it is told where.
#[tokio::test(flavor = "multi_thread")]
async fn fill_the_log() {
    let Some(disk) = disk() else {
        return;
    };
    let upstream = upstream().await;
    let gate = TestGate::start(&settings(&disk, &upstream)).await;
    let token = gate.token(Verb::Publish, &[]).await;
    assert_eq!(gate.get(&file("kept")).await.status, 200);
    assert_eq!(gate.get("/ready").await.status, 200);
    let filler = disk.join("filler");
    fill(&filler, 0);
    // clients differ, so that each has a line: until one does not fit
    let ask = async |number: usize| {
        let agent = format!("client-{number}/1.0");
        gate.ask("GET", &file("kept"), &[("user-agent", &agent)], b"")
            .await
    };
    let mut asked = 0;
    while gate.get("/ready").await.status == 200 {
        assert_eq!(ask(asked).await.status, 200, "what is there is served");
        asked += 1;
        assert!(asked < 5_000, "the log still fits");
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    refused(&gate.get("/ready").await, &disk);
    let small = wheel("acme", "1.0", "");
    refused(&publish(&gate, &token, "1.0", &small).await, &disk);
    for number in asked..asked + 100 {
        assert_eq!(ask(number).await.status, 200);
    }
    asked += 100;
    // whoever reads the log waits until everything was tried
    gate.events().await;
    let metrics = gate.get("/metrics").await.text();
    let figure = |name: &str| -> u64 {
        let mut lines = metrics.lines();
        let found = lines.find_map(|l| l.strip_prefix(name)?.strip_prefix(' '));
        found.expect("a figure").parse().expect("a number")
    };
    assert!(figure("foretaste_gate_log_waiting") >= 100, "{metrics}");
    assert_eq!(figure("foretaste_gate_log_lost_total"), 0);

    fs::remove_file(&filler).expect("removed");
    let reply = publish(&gate, &token, "1.0", &small).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(gate.get("/ready").await.status, 200);
    let events = gate.gate.events(None, 10_000).await.expect("the log");
    for number in 0..asked {
        let client = format!("127.0.0.1 client-{number}/1.0");
        let lines = events.iter().filter(|e| e.client == client).count();
        assert_eq!(lines, 1, "{client}");
    }
    assert_eq!(
        events.iter().filter(|e| e.outcome == "published").count(),
        1
    );
}

/// Not a test of its own: it runs on the small disk, if it is told where.
#[tokio::test(flavor = "multi_thread")]
async fn fill_it() {
    let Some(disk) = disk() else {
        return;
    };
    let upstream = upstream().await;
    let disk = disk.as_path();
    let settings = settings(disk, &upstream);
    let gate = TestGate::start(&settings).await;
    let token = gate.token(Verb::Publish, &[]).await;
    let small = |version: &str| wheel("acme", version, &"y".repeat(3_000));
    assert_eq!(gate.get(&file("kept")).await.status, 200);
    assert_eq!(gate.get("/pypi/simple/large/").await.status, 200);
    assert_eq!(
        publish(&gate, &token, "1.0", &small("1.0")).await.status,
        200
    );
    let mut acknowledged = vec!["1.0".to_owned()];

    let filler = disk.join("filler");
    fill(&filler, 128 << 10);
    let big = wheel("acme", "2.0", &"z".repeat(LARGE));
    refused(&publish(&gate, &token, "2.0", &big).await, disk);
    // an answer that has begun can only be cut
    let streams = [("user-agent", "uv/0.9.1")];
    let cut = gate.ask("GET", &file("large"), &streams, b"").await;
    assert!(large().starts_with(&cut.body) || cut.status == 503);
    assert!(cut.body.len() < LARGE, "it was not all there");
    refused(&gate.get(&file("large")).await, disk);
    // little files fit until the database does not
    let mut last = None;
    for number in 0..60 {
        let version = format!("1.{}", number + 1);
        let reply = publish(&gate, &token, &version, &small(&version)).await;
        if reply.status == 200 {
            acknowledged.push(version);
        } else {
            last = Some(reply);
        }
    }
    refused(&last.expect("something does not fit"), disk);
    serves(&gate, &acknowledged).await;
    assert_eq!(gate.get(&file("kept")).await.body, kept());

    // it opens on the full disk too, and with room again everything goes on
    let gate = gate.restart(&settings).await;
    serves(&gate, &acknowledged).await;
    fs::remove_file(&filler).expect("removed");
    assert_eq!(publish(&gate, &token, "2.0", &big).await.status, 200);
    let reply = gate.get(&file("large")).await;
    assert_eq!((reply.status, reply.body == large()), (200, true));
    let gate = gate.restart(&settings).await;
    acknowledged.push("2.0".to_owned());
    serves(&gate, &acknowledged).await;
}

async fn upstream() -> FakeServer {
    let offer = |name: &str, bytes: &[u8]| {
        let file = FakeFile::new(&wheel_name(name, "1.0"), bytes);
        FakeProject::new(name).file(file)
    };
    FakePypi::new()
        .project(offer("kept", &kept()))
        .project(offer("large", &large()))
        .start()
        .await
}

fn kept() -> Vec<u8> {
    wheel("kept", "1.0", "")
}

fn large() -> Vec<u8> {
    wheel("large", "1.0", &"x".repeat(LARGE))
}

fn file(name: &str) -> String {
    format!("/pypi/files/{name}/{}", wheel_name(name, "1.0"))
}

async fn publish(gate: &TestGate, token: &str, version: &str, bytes: &[u8]) -> Reply {
    let auth = format!("Bearer {token}");
    let headers = [
        ("content-type", "multipart/form-data; boundary=b"),
        ("authorization", auth.as_str()),
    ];
    let body = form("acme", version, bytes);
    gate.ask("POST", "/pypi/legacy/", &headers, &body).await
}

/// Fills the disk with a file, but for so many bytes.
fn fill(filler: &Path, leave: usize) {
    use std::io::Write as _;
    let mut file = fs::File::create(filler).expect("made");
    let mut written = 0_u64;
    while let Ok(count @ 1..) = file.write(&[b'f'; 4096]) {
        written += count as u64;
    }
    file.set_len(written.saturating_sub(leave as u64))
        .expect("cut");
}

/// "Come again", with what failed and not where.
fn refused(reply: &Reply, disk: &Path) {
    let said = format!("{} {}", reply.phrase, reply.text());
    assert_eq!(reply.status, 503, "{said}");
    assert_eq!(reply.header("retry-after"), "2");
    let told = ["No space left", "disk is full", "disk I/O error"];
    assert!(told.iter().any(|what| said.contains(what)), "{said}");
    assert!(!said.contains(&disk.display().to_string()), "{said}");
}

/// Exactly what was acknowledged is listed, and every byte of it comes.
async fn serves(gate: &TestGate, acknowledged: &[String]) {
    let page = gate.get("/pypi/simple/acme/").await.json();
    let mut listed: Vec<_> = page["versions"].as_array().expect("versions").clone();
    let mut wanted = acknowledged.to_vec();
    listed.sort_by_key(ToString::to_string);
    wanted.sort();
    assert_eq!(listed, wanted);
    for version in acknowledged {
        let path = format!("/pypi/files/acme/{}", wheel_name("acme", version));
        let reply = gate.get(&path).await;
        let filling = if version == "2.0" {
            "z".repeat(LARGE)
        } else {
            "y".repeat(3_000)
        };
        let whole = reply.body == wheel("acme", version, &filling);
        assert_eq!((reply.status, whole), (200, true), "{version}");
    }
}
