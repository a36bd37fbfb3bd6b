//! Upstreams that misbehave, and clients that come at once.

use std::sync::atomic::Ordering;
use std::time::Duration;

use foretaste_fake_registries::{
    Answer, FakeFile, FakeProject, FakePypi, FakeServer, FaultKind, Manners,
};
use foretaste_model::Verdict;

use crate::support::{TestGate, WordVetter, wheel, wheel_name};

const FILE: &str = "/pypi/files/frob/frob-1.0-py3-none-any.whl";

async fn upstream(manners: Manners) -> FakeServer {
    let file = FakeFile::new(&wheel_name("frob", "1.0"), &wheel("frob", "1.0", "SLEEPER"));
    FakePypi::new()
        .project(FakeProject::new("frob").file(file))
        .manners(manners)
        .start()
        .await
}

fn settings(upstream: &FakeServer, more: &str) -> String {
    format!(
        "{more}\n[upstream]\npypi = ['{}/simple/']\nnpm = []\ncargo = []\n",
        upstream.url()
    )
}

#[tokio::test]
async fn what_is_not_known_now_is_never_called_absent() {
    for status in [500, 502, 403, 429] {
        let fault = FaultKind::Answer(Answer::status(status, "no"));
        let upstream = upstream(Manners::default().fault("/simple/", u32::MAX, fault)).await;
        let gate = TestGate::start(&settings(&upstream, "")).await;
        let reply = gate.get("/pypi/simple/frob/").await;
        assert_eq!(reply.status, 503, "{status}");
        assert_eq!(reply.header("retry-after"), "2");
    }
}

#[tokio::test]
async fn the_last_page_is_good_enough_while_the_upstream_is_down() {
    let upstream = upstream(Manners::default()).await;
    let config = settings(&upstream, "[decide]\nfresh-seconds = 0");
    let gate = TestGate::start(&config).await;
    assert_eq!(gate.get(FILE).await.status, 200);
    drop(upstream);
    let gate = gate.restart(&config).await;
    assert_eq!(gate.get("/pypi/simple/frob/").await.status, 200);
    assert_eq!(gate.get(FILE).await.status, 200);
}

#[tokio::test]
async fn bytes_that_are_cut_off_or_changed_are_never_served() {
    for kind in [FaultKind::Corrupt, FaultKind::Truncated] {
        let is_corrupt = matches!(kind, FaultKind::Corrupt);
        let upstream = upstream(Manners::default().fault(".whl", 2, kind)).await;
        let gate = TestGate::start(&settings(&upstream, "")).await;
        let reply = gate.get(FILE).await;
        if is_corrupt {
            assert_eq!(reply.status, 403);
            assert!(
                reply.phrase.contains("not those that its index names"),
                "{}",
                reply.phrase
            );
            let metrics = gate.get("/metrics").await.text();
            assert!(metrics.contains("digest_mismatches_total 1"), "{metrics}");
            gate.get(FILE).await;
        } else {
            assert_eq!(reply.status, 503);
        }
        // once the upstream is sane again, the file is served
        let reply = gate.get(FILE).await;
        assert_eq!(
            (reply.status, reply.body),
            (200, wheel("frob", "1.0", "SLEEPER"))
        );
    }
}

#[tokio::test]
async fn other_bytes_under_a_known_name_are_refused() {
    let upstream = upstream(Manners::default()).await;
    let gate = TestGate::start(&settings(&upstream, "")).await;
    assert_eq!(gate.get(FILE).await.status, 200);
    let other = FakeFile::new(
        &wheel_name("frob", "1.0"),
        &wheel("frob", "1.0", "replaced"),
    );
    let replaced = FakePypi::new()
        .project(FakeProject::new("frob").file(other))
        .start()
        .await;
    let gate = gate.restart(&settings(&replaced, "")).await;
    let reply = gate.get(FILE).await;
    assert_eq!(reply.status, 403);
    assert!(reply.phrase.contains("other bytes"), "{}", reply.phrase);
}

#[tokio::test]
async fn redirects_are_not_followed_into_the_private_network() {
    let inner = FakeServer::start(Manners::default(), |_, _| {
        Answer::ok("text/plain", "secret")
    })
    .await;
    let to = FaultKind::Answer(Answer::status(302, "").header("location", &inner.url()));
    let upstream = upstream(Manners::default().fault(".whl", u32::MAX, to)).await;
    let gate = TestGate::start(&settings(&upstream, "")).await;
    let reply = gate.get(FILE).await;
    assert_eq!(reply.status, 503, "{}", reply.text());
    assert!(reply.text().contains("private network"), "{}", reply.text());
    assert_eq!(inner.paths(), Vec::<String>::new());
}

#[tokio::test]
async fn a_redirect_loop_ends() {
    let to = FaultKind::Answer(Answer::status(302, "").header("location", "/simple/frob/"));
    let upstream = upstream(Manners::default().fault("/simple/", u32::MAX, to)).await;
    let gate = TestGate::start(&settings(&upstream, "")).await;
    assert_eq!(gate.get("/pypi/simple/frob/").await.status, 503);
}

#[tokio::test]
async fn clients_that_come_at_once_cause_one_fetch_and_one_vetting() {
    let slow = FaultKind::Slow(Duration::from_millis(200));
    let upstream = upstream(Manners::default().fault(".whl", u32::MAX, slow)).await;
    let gate = TestGate::start(&settings(&upstream, "")).await;
    let replies = tokio::join!(
        gate.get(FILE),
        gate.get(FILE),
        gate.get(FILE),
        gate.get(FILE)
    );
    for reply in [replies.0, replies.1, replies.2, replies.3] {
        assert_eq!(reply.status, 200);
    }
    let fetched = upstream
        .paths()
        .iter()
        .filter(|p| p.ends_with(".whl"))
        .count();
    assert_eq!((fetched, gate.vetter.vetted.load(Ordering::SeqCst)), (1, 1));
}

#[tokio::test]
async fn who_cannot_wait_is_told_to_come_again_and_the_work_goes_on() {
    let upstream = upstream(Manners::default()).await;
    let vetter = WordVetter {
        delay: Duration::from_millis(1500),
        ..WordVetter::default()
    };
    let config = settings(&upstream, "[decide]\nwait-seconds = 1");
    let gate = TestGate::start_with(&config, vetter).await;
    let reply = gate.get(FILE).await;
    assert_eq!((reply.status, reply.header("retry-after")), (503, "2"));
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_eq!(gate.get(FILE).await.status, 200);
    assert_eq!(gate.vetter.vetted.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_new_edition_of_the_rules_names_whoever_was_served() {
    let upstream = upstream(Manners::default()).await;
    let gate = TestGate::start(&settings(&upstream, "")).await;
    assert_eq!(gate.get(FILE).await.status, 200);
    gate.vetter.edition.store(1, Ordering::SeqCst);
    assert_eq!(gate.gate.judge_again().await.expect("judged"), 1);
    assert_eq!(gate.get(FILE).await.status, 403);
    let events = gate.events().await;
    let alert = events.iter().find(|e| e.kind == "alert").expect("an alert");
    assert!(
        alert.reason.contains("anonymous 127.0.0.1"),
        "{}",
        alert.reason
    );
    let told = gate.alarm.0.lock().expect("a lock").clone();
    let [told] = &told[..] else {
        panic!("people hear of it once: {told:?}")
    };
    assert_eq!((told.before, told.now), (Verdict::Clear, Verdict::Block));
    assert!(told.served_to[0].contains("anonymous 127.0.0.1"));
}

#[tokio::test]
async fn an_outage_takes_no_verdict_away() {
    let upstream = upstream(Manners::default()).await;
    let gate = TestGate::start(&settings(&upstream, "")).await;
    assert_eq!(gate.get(FILE).await.status, 200);
    gate.vetter.edition.store(1, Ordering::SeqCst);
    gate.vetter.outage.store(true, Ordering::SeqCst);
    assert_eq!(gate.gate.judge_again().await.expect("judged"), 1);
    assert_eq!(
        gate.get(FILE).await.status,
        200,
        "it was vetted wholly before"
    );
    assert_eq!(
        gate.gate.judge_again().await.expect("judged"),
        0,
        "what was tried in vain is not tried without end"
    );
    gate.vetter.outage.store(false, Ordering::SeqCst);
    let later = i64::MAX;
    assert_eq!(
        gate.gate
            .judge_again_tried_before(later)
            .await
            .expect("judged"),
        1
    );
    assert_eq!(
        gate.get(FILE).await.status,
        403,
        "the new edition counts now"
    );
}

#[tokio::test]
async fn one_command_is_not_held_to_what_an_earlier_one_could_not_vet_or_vetted_by_older_rules() {
    let upstream = upstream(Manners::default()).await;
    let config = settings(&upstream, "");
    let vetter = |edition: u32, outage: bool| WordVetter {
        edition: edition.into(),
        outage: outage.into(),
        ..WordVetter::default()
    };
    let gate = TestGate::start(&config).await;
    let gate = gate.for_one_command(&config, vetter(0, true)).await;
    assert_eq!(gate.get(FILE).await.status, 403);
    // verdicts are as old as their second
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let gate = gate.for_one_command(&config, vetter(0, false)).await;
    let page = gate.get("/pypi/simple/frob/").await.text();
    assert!(page.contains("frob-1.0"), "the index offers it: {page}");
    assert_eq!(gate.get(FILE).await.status, 200);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let gate = gate.for_one_command(&config, vetter(0, false)).await;
    assert_eq!(gate.get(FILE).await.status, 200);
    assert_eq!(gate.vetter.vetted.load(Ordering::SeqCst), 0, "it is known");
    let gate = gate.for_one_command(&config, vetter(1, false)).await;
    assert_eq!(
        gate.get(FILE).await.status,
        403,
        "the new rules know better"
    );
    let left_out = gate.gate.left_out();
    assert!(left_out.is_empty(), "no index was read: {left_out:?}");
    gate.get("/pypi/simple/frob/").await;
    assert_eq!(gate.gate.left_out()[0].outcome, "refuse");
}

#[tokio::test]
async fn what_an_outage_left_incomplete_heals() {
    let upstream = upstream(Manners::default()).await;
    let gate = TestGate::start(&settings(&upstream, "")).await;
    gate.vetter.outage.store(true, Ordering::SeqCst);
    assert_eq!(gate.get(FILE).await.status, 403);
    gate.vetter.outage.store(false, Ordering::SeqCst);
    assert_eq!(
        gate.gate
            .judge_again_tried_before(i64::MAX)
            .await
            .expect("judged"),
        1
    );
    assert_eq!(gate.get(FILE).await.status, 200);
}

#[tokio::test]
async fn one_command_can_tell_that_an_index_was_not_reached() {
    let fault = FaultKind::Answer(Answer::status(500, "no"));
    let upstream = upstream(Manners::default().fault("/simple/", u32::MAX, fault)).await;
    let config = settings(&upstream, "");
    let gate = TestGate::start(&config).await;
    assert_eq!(gate.get("/pypi/simple/frob/").await.status, 503);
    assert!(
        gate.gate.troubles().is_empty(),
        "a server tells its clients"
    );
    let gate = gate.for_one_command(&config, WordVetter::default()).await;
    for _ in 0..2 {
        assert_eq!(gate.get("/pypi/simple/frob/").await.status, 503);
    }
    let troubles = gate.gate.troubles();
    assert_eq!(troubles.len(), 1, "{troubles:?}");
    assert!(troubles[0].contains("answered 500"), "{troubles:?}");
}
