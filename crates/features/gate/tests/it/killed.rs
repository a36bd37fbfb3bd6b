//! `kill -9` in the middle of caching and of publishing. The gate is a process of its own: this test's program, run again.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use foretaste_fake_registries::{FakeFile, FakeProject, FakePypi, FaultKind, Manners};
use foretaste_gate::{Gate, GateOptions, Scopes, Server, Settings, Tokens, Verb};
use foretaste_io::{Environment, HttpOptions};

use crate::support::{WordVetter, ask, wheel, wheel_name};
use crate::upload::form;

const FOLDER: &str = "FORETASTE_TEST_KILLED";

/// Not a test of its own: it serves until it is killed, if it is told where.
#[tokio::test(flavor = "multi_thread")]
async fn serve_until_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let folder = Path::new(&folder);
    let text = std::fs::read_to_string(folder.join("gate.toml")).expect("settings");
    let gate = Gate::open(GateOptions {
        settings: Settings::parse("gate.toml", &text, folder).expect("settings"),
        internal_names: Vec::new(),
        environment: Environment::below(Path::new("/none")),
        http: HttpOptions::default(),
        vetter: std::sync::Arc::new(WordVetter::default()),
        alarm: None,
        advisories: None,
        serves_itself_alone: false,
    })
    .await
    .expect("it opens after a kill");
    let server = Server::bind(gate).await.expect("it listens");
    let address = server.address().expect("an address").to_string();
    std::fs::write(folder.join("address.new"), &address).expect("written");
    std::fs::rename(folder.join("address.new"), folder.join("address")).expect("renamed");
    server.run(std::future::pending()).await.expect("it serves");
}

struct Process(Child, std::net::SocketAddr);

impl Process {
    fn start(folder: &Path) -> Self {
        let address = folder.join("address");
        let _ = std::fs::remove_file(&address);
        let child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "killed::serve_until_killed", "--nocapture"])
            .env(FOLDER, folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("starts");
        let begin = Instant::now();
        let address = loop {
            if let Ok(text) = std::fs::read_to_string(&address) {
                break text.parse().expect("an address");
            }
            assert!(
                begin.elapsed() < Duration::from_mins(1),
                "it does not start"
            );
            std::thread::sleep(Duration::from_millis(10));
        };
        Self(child, address)
    }

    fn kill(&mut self) {
        self.0.kill().expect("killed");
        self.0.wait().expect("gone");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_the_middle_of_caching_leaves_no_wrong_byte() {
    let bytes = wheel("frob", "1.0", &"x".repeat(600_000));
    let slow = FaultKind::Slow(Duration::from_millis(400));
    let upstream = FakePypi::new()
        .project(FakeProject::new("frob").file(FakeFile::new(&wheel_name("frob", "1.0"), &bytes)))
        .manners(Manners::default().fault(".whl", u32::MAX, slow))
        .start()
        .await;
    let folder = tempfile::tempdir().expect("a folder");
    let settings = format!(
        "listen = '127.0.0.1:0'\ndata = 'data'\n[decide]\nstream-after-seconds = 0\n[upstream]\npypi = ['{}/simple/']\nnpm = []\ncargo = []\n",
        upstream.url()
    );
    std::fs::write(folder.path().join("gate.toml"), settings).expect("written");
    let path = "/pypi/files/frob/frob-1.0-py3-none-any.whl";
    for pause in [50, 250, 420, 600] {
        let mut gate = Process::start(folder.path());
        let address = gate.1;
        let asked = tokio::spawn(async move {
            let socket = tokio::net::TcpStream::connect(address).await;
            let request = format!("GET {path} HTTP/1.1\r\nhost: gate\r\n\r\n");
            let mut socket = socket.expect("connects");
            let _ = tokio::io::AsyncWriteExt::write_all(&mut socket, request.as_bytes()).await;
            tokio::time::sleep(Duration::from_secs(2)).await;
        });
        tokio::time::sleep(Duration::from_millis(pause)).await;
        gate.kill();
        asked.abort();
    }
    let gate = Process::start(folder.path());
    let reply = ask(gate.1, "GET", path, &[], b"").await;
    assert_eq!((reply.status, reply.body == bytes), (200, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_a_kill() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings =
        "listen = '127.0.0.1:0'\ndata = 'data'\n[upstream]\npypi = []\nnpm = []\ncargo = []\n";
    std::fs::write(folder.path().join("gate.toml"), settings).expect("written");
    let scopes = Scopes {
        verbs: vec![Verb::Publish],
        ..Scopes::default()
    };
    let settings = Settings::parse("gate.toml", settings, folder.path()).expect("settings");
    let tokens = Tokens::open(&settings).await.expect("tokens");
    let token = tokens.issue("ci", &scopes, None).await.expect("a token");
    let (mut acknowledged, mut number) = (Vec::new(), 0);
    for pause in [120, 200, 310, 430] {
        let mut gate = Process::start(folder.path());
        let address = gate.1;
        let (told, mut answers) = tokio::sync::mpsc::unbounded_channel();
        let (auth, first) = (format!("Bearer {token}"), number);
        let publishing = tokio::spawn(async move {
            for number in first.. {
                let version = format!("1.{number}");
                let bytes = wheel("acme", &version, &"y".repeat(50_000));
                let body = form("acme", &version, &bytes);
                let headers = [
                    ("content-type", "multipart/form-data; boundary=b"),
                    ("authorization", auth.as_str()),
                ];
                let reply = ask(address, "POST", "/pypi/legacy/", &headers, &body).await;
                let _ = told.send((version, reply.status));
            }
        });
        tokio::time::sleep(Duration::from_millis(pause)).await;
        gate.kill();
        // the request that was cut off has no answer, and ends the task
        let _ = publishing.await;
        while let Ok((version, status)) = answers.try_recv() {
            assert_eq!(status, 200);
            acknowledged.push(version);
        }
        number += 1_000;
    }
    assert!(!acknowledged.is_empty(), "nothing was published in time");
    let gate = Process::start(folder.path());
    let page = ask(gate.1, "GET", "/pypi/simple/acme/", &[], b"")
        .await
        .json();
    for file in page["files"].as_array().expect("files") {
        let name = file["filename"].as_str().expect("a name");
        let version = name.split('-').nth(1).expect("a version");
        let path = format!("/pypi/files/acme/{name}");
        let reply = ask(gate.1, "GET", &path, &[], b"").await;
        let whole = reply.body == wheel("acme", version, &"y".repeat(50_000));
        assert_eq!((reply.status, whole), (200, true), "{name}");
    }
    let there = page["versions"].to_string();
    for version in acknowledged {
        assert!(
            there.contains(&format!("\"{version}\"")),
            "{version} is lost"
        );
    }
}
