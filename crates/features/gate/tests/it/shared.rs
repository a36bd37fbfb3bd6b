//! Several gates on one PostgreSQL database and one folder of files.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use foretaste_fake_registries::{FakeFile, FakeProject, FakePypi};
use foretaste_gate::Verb;

use crate::postgres::Postgres;
use crate::support::{Reply, TestGate, wheel, wheel_name};
use crate::upload::publish;

/// How long a gate may take to learn what another one changed.
const SOON: Duration = Duration::from_secs(10);

/// The first answer that is as it should be, or the last one.
async fn soon(gate: &TestGate, path: &str, is_right: impl Fn(&Reply) -> bool) -> Reply {
    let begin = Instant::now();
    loop {
        let reply = gate.get(path).await;
        if is_right(&reply) || begin.elapsed() > SOON {
            return reply;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn file(name: &str, version: &str) -> String {
    format!("/pypi/files/{name}/{}", wheel_name(name, version))
}

async fn call(gate: &TestGate, token: &str, method: &str, path: &str, body: &str) -> Reply {
    let auth = format!("Bearer {token}");
    let headers = [
        ("content-type", "application/json"),
        ("authorization", auth.as_str()),
    ];
    gate.ask(method, path, &headers, body.as_bytes()).await
}

fn wish(version: &str, more: &str) -> String {
    format!(
        "{{\"ecosystem\":\"pypi\",\"name\":\"frob\",\"version\":\"{version}\",\"reason\":\"read\",{more}}}"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn two_gates_on_one_database_are_one() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    let fake = |version: &str, word: &str| {
        FakeFile::new(&wheel_name("frob", version), &wheel("frob", version, word))
    };
    let upstream = FakePypi::new()
        .project(
            FakeProject::new("frob")
                .file(fake("1.0", "fine"))
                .file(fake("1.1", "MALICIOUS")),
        )
        .start()
        .await;
    let files = tempfile::tempdir().expect("a folder");
    let settings = format!(
        "[upstream]\npypi = ['{}/simple/']\nnpm = []\ncargo = []\n[storage]\ndatabase = '{}'\nfiles = '{}'\n",
        upstream.url(),
        postgres.url(),
        files.path().display()
    );
    // both bring the empty database up to date
    let (a, b) = tokio::join!(TestGate::start(&settings), TestGate::start(&settings));
    let token = a.token(Verb::Publish, &[]).await;

    // what one publishes the other serves
    assert_eq!(b.get("/pypi/simple/acme-utils/").await.status, 404);
    let reply = publish(&a, &token, "acme-utils", "1.0", "").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let page = soon(&b, "/pypi/simple/acme-utils/", |r| r.status == 200).await;
    assert!(page.text().contains("acme_utils-1.0"), "{}", page.text());
    let there = b.get(&file("acme-utils", "1.0")).await;
    assert_eq!(there.body, wheel("acme-utils", "1.0", ""));

    // one name, two contents, at the same time: one wins, everywhere
    for round in 0..5 {
        let version = format!("2.{round}");
        let (one, other) = tokio::join!(
            publish(&a, &token, "acme-utils", &version, "one"),
            publish(&b, &token, "acme-utils", &version, "other")
        );
        let words = match (one.status, other.status) {
            (200, 400..) => "one",
            (400.., 200) => "other",
            both => panic!("{both:?}: {} {}", one.text(), other.text()),
        };
        let whole = wheel("acme-utils", &version, words);
        for gate in [&a, &b] {
            let path = file("acme-utils", &version);
            let reply = soon(gate, &path, |r| r.status == 200).await;
            assert_eq!((reply.status, reply.body == whole), (200, true));
        }
    }

    // one vets, both know
    assert_eq!(a.get(&file("frob", "1.1")).await.status, 403);
    let refused = soon(&b, &file("frob", "1.1"), |r| r.status == 403).await;
    assert_eq!(refused.status, 403);
    assert_eq!(a.get(&file("frob", "1.0")).await.status, 200);
    assert_eq!(b.get(&file("frob", "1.0")).await.status, 200);
    let vetted = |gate: &TestGate| gate.vetter.vetted.load(Ordering::SeqCst);
    // each published file was vetted where it came, at the latest when somebody asked
    assert!(vetted(&a) + vetted(&b) <= 2 + 1 + 10, "verdicts are shared");

    // what people decide
    let admin = b.token(Verb::Admin, &[]).await;
    let denial = wish("1.0", "\"decision\":\"deny\"");
    let reply = call(&b, &admin, "POST", "/api/v1/decisions", &denial).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let denied = soon(&a, &file("frob", "1.0"), |r| r.status == 403).await;
    assert_eq!(denied.status, 403, "a denial counts at both");
    let queue = call(&a, &admin, "GET", "/api/v1/queue", "").await.json();
    let digest = queue[0]["sha256"].as_str().expect("a digest");
    let approval = format!("\"decision\":\"approve\",\"digests\":[\"sha256:{digest}\"]");
    let reply = call(
        &a,
        &admin,
        "POST",
        "/api/v1/decisions",
        &wish("1.1", &approval),
    )
    .await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let approved = soon(&b, &file("frob", "1.1"), |r| r.status == 200).await;
    assert_eq!(approved.status, 200, "an approval counts at both");

    // who is signed in at one is signed in at the other, until the token is revoked
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = format!("token={admin}");
    let reply = a.ask("POST", "/admin/login", &form, body.as_bytes()).await;
    let cookie = reply
        .header("set-cookie")
        .split(';')
        .next()
        .expect("a pair")
        .to_owned();
    let see = async |gate: &TestGate| {
        let headers = [("cookie", cookie.as_str())];
        gate.ask("GET", "/admin/", &headers, b"").await.status
    };
    assert_eq!((see(&a).await, see(&b).await), (200, 200));
    let tokens = call(&a, &admin, "GET", "/api/v1/tokens", "").await.json();
    let mut tokens = tokens.as_array().expect("a list").clone();
    // the one that revokes comes last
    tokens.sort_by_key(|token| token.to_string().contains("\"admin\""));
    for stored in tokens {
        let path = format!("/api/v1/tokens/{}", stored["id"].as_str().expect("an id"));
        call(&a, &admin, "DELETE", &path, "").await;
    }
    assert_eq!(
        publish(&b, &token, "acme-utils", "3.0", "").await.status,
        401
    );
    assert_eq!((see(&a).await, see(&b).await), (303, 303));

    // one log
    let events = a.events().await;
    let outcomes: Vec<&str> = events.iter().map(|e| e.outcome.as_str()).collect();
    for outcome in ["published", "denied", "approved", "token revoked"] {
        assert!(outcomes.contains(&outcome), "{outcome}: {outcomes:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_away_opens_no_door() {
    let Some(mut postgres) = Postgres::start() else {
        return;
    };
    let settings = format!(
        "[upstream]\npypi = []\nnpm = []\ncargo = []\n[storage]\ndatabase = '{}'\n",
        postgres.url()
    );
    let gate = TestGate::start(&settings).await;
    let token = gate.token(Verb::Publish, &[]).await;
    let reply = publish(&gate, &token, "acme-utils", "1.0", "").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let path = file("acme-utils", "1.0");
    assert_eq!(gate.get(&path).await.status, 200);
    postgres.stop();
    let gone = soon(&gate, &path, |r| r.status == 503).await;
    assert_eq!(gone.status, 503, "what others decided cannot be known");
    assert_eq!(gate.get("/ready").await.status, 503);
    assert_eq!(
        publish(&gate, &token, "acme-utils", "1.1", "").await.status,
        503
    );
    postgres.start_again();
    let back = soon(&gate, &path, |r| r.status == 200).await;
    assert_eq!(back.body, wheel("acme-utils", "1.0", ""));
    assert_eq!(
        publish(&gate, &token, "acme-utils", "1.1", "").await.status,
        200
    );
}
