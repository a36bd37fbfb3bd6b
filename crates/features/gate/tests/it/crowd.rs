//! A thousand clients at once, before an upstream that has a bad day.

use std::sync::Arc;
use std::time::Duration;

use foretaste_fake_registries::{Answer, FakeFile, FakeProject, FakePypi, FaultKind, Manners};
use tokio::sync::Barrier;

use crate::support::{Reply, TestGate, ask, wheel, wheel_name};

const CLIENTS: usize = 1_000;
const PACKAGES: usize = 25;
/// Packages whose wheel is bad: every fifth.
const BAD: usize = 5;
const TRIES: usize = 60;

fn name(package: usize) -> String {
    format!("mixed-{package:02}")
}

fn bytes(package: usize) -> Vec<u8> {
    let word = if package.is_multiple_of(BAD) {
        "MALICIOUS"
    } else {
        "fine"
    };
    // from some hundred bytes to a quarter of a megabyte
    let padding = "x".repeat(package * package * 400);
    wheel(
        &name(package).replace('-', "_"),
        "1.0",
        &format!("{word} {padding}"),
    )
}

fn filename(package: usize) -> String {
    wheel_name(&name(package).replace('-', "_"), "1.0")
}

/// Asks until there is a whole answer that says yes or no.
async fn patiently(gate: &TestGate, path: &str) -> Reply {
    for _ in 0..TRIES {
        let reply = ask(gate.address, "GET", path, &[], b"").await;
        // what took long comes without its last part, and is cut if that may not follow
        let whole = reply.header("content-length") == reply.body.len().to_string();
        if reply.status != 503 && whole {
            return reply;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    panic!("{path} was never answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_clients_get_the_right_bytes_or_none() {
    let mut index = FakePypi::new();
    for package in 0..PACKAGES {
        let file = FakeFile::new(&filename(package), &bytes(package));
        index = index.project(FakeProject::new(&name(package)).file(file));
    }
    let wheel_of = |package: usize| filename(package);
    let answer = |status| FaultKind::Answer(Answer::status(status, "not now"));
    let manners = Manners::default()
        .fault(&wheel_of(1), 2, FaultKind::Truncated)
        .fault(&wheel_of(2), 2, answer(500))
        .fault(&wheel_of(3), 2, answer(429))
        .fault(
            &wheel_of(4),
            1,
            FaultKind::Slow(Duration::from_millis(1500)),
        )
        .fault("simple/mixed-06/", 2, answer(500))
        .fault("simple/mixed-07/", 1, FaultKind::Truncated);
    let upstream = index.manners(manners).start().await;
    let settings = format!(
        "[upstream]\npypi = ['{}/simple/']\nnpm = []\ncargo = []\n",
        upstream.url()
    );
    let gate = Arc::new(TestGate::start(&settings).await);
    let begin = Arc::new(Barrier::new(CLIENTS));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (gate, begin) = (gate.clone(), begin.clone());
            tokio::spawn(async move {
                let package = client % PACKAGES;
                begin.wait().await;
                let page = patiently(&gate, &format!("/pypi/simple/{}/", name(package))).await;
                assert_eq!(page.status, 200, "{}", page.text());
                let path = format!("/pypi/files/{}/{}", name(package), filename(package));
                let file = patiently(&gate, &path).await;
                if package.is_multiple_of(BAD) {
                    assert_eq!(file.status, 403, "{}", file.phrase);
                } else {
                    assert_eq!(file.status, 200, "{}", file.text());
                    assert!(file.body == bytes(package), "{path}: other bytes");
                }
            })
        })
        .collect();
    let all = async {
        for client in clients {
            client.await.expect("a client");
        }
    };
    let done = tokio::time::timeout(Duration::from_mins(4), all).await;
    done.expect("nobody waits for ever");
    for package in 0..PACKAGES {
        let paths = upstream.paths();
        let fetched = paths.iter().filter(|p| p.ends_with(&filename(package)));
        let fetched = fetched.count();
        assert!((1..=6).contains(&fetched), "{}: {fetched}", name(package));
    }
}
