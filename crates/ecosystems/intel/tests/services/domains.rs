//! Domains.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use foretaste_intel::{Intel, Options};
use foretaste_io::Environment;
use foretaste_model::manifest::Person;
use foretaste_model::metadata::ReleaseMetadata;
use foretaste_model::{Knowledge, SkipKind};
use serde_json::json;

use crate::dns_stub::{self, Say};
use crate::server::{Server, http, options, record, settings};

const MX: u16 = 15;

fn with(emails: &[&str], homepage: Option<&str>) -> ReleaseMetadata {
    let mut record = record("pad");
    let person = |email: &&str| Person {
        name: None,
        email: Some((*email).into()),
    };
    record.authors = Knowledge::Known(emails.iter().map(person).collect());
    record.homepage = homepage.map(Into::into);
    record
}

async fn intel(say: impl Fn(&str, u16) -> Say + Send + 'static, rdap: &str) -> Intel {
    let options = Options {
        resolver: Some(dns_stub::start(say).await),
        ..options()
    };
    let env = Environment::below(Path::new("/nowhere"));
    Intel::with_options(&http(false), &settings(rdap), &env, options)
}

#[tokio::test]
async fn names_mail_and_registration_are_told() {
    let rdap = Server::start(|ask| match &*ask.path {
        "/domain/acme.example" => (
            200,
            json!({"events": [
            {"eventAction": "registration", "eventDate": "2015-01-01T00:00:00Z"},
            {"eventAction": "expiration", "eventDate": "2030-01-01T00:00:00Z"}]})
            .to_string(),
        ),
        _ => (404, String::new()),
    })
    .await;
    let say = |name: &str, kind: u16| match (name, kind) {
        ("gone.example", _) => Say::NxDomain,
        ("mute.example", 2) | ("mail.acme.example", MX) | ("acme.example", _) => Say::Has,
        _ => Say::Empty,
    };
    let intel = intel(say, &rdap.url).await;
    let record = with(
        &[
            "ann@mail.acme.example",
            "bob@gone.example",
            "carl@mute.example",
            "dan@gmail.com",
        ],
        Some("https://www.acme.example/pad"),
    );
    let found = intel.domains(&record).await;
    let shown: Vec<String> = found
        .known()
        .expect("known")
        .iter()
        .map(|d| {
            let years = [d.registered, d.expires]
                .map(|t| t.map_or("-".into(), |t| t.to_string()[..4].to_owned()));
            format!(
                "{:?} {} {} {:?} {}",
                d.usage,
                d.domain,
                d.exists,
                d.receives_mail,
                years.join(" ")
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "Email acme.example true Some(true) 2015 2030",
            "Email gmail.com true None - -",
            "Email gone.example false Some(false) - -",
            "Email mute.example true Some(false) - -",
            "Homepage acme.example true None 2015 2030",
        ]
    );
    assert!(rdap.asked().iter().all(|a| !a.path.contains("gmail")));
}

#[tokio::test]
async fn no_definite_answer_is_a_skip_and_never_an_accusation() {
    let say = |name: &str, _: u16| match name {
        "gone.example" => Say::NxDomain,
        "broken.example" => Say::ServFail,
        _ => Say::Has,
    };
    let intel = intel(say, "http://127.0.0.1:1/").await;
    let found = intel
        .domains(&with(&["a@broken.example", "b@fine.example"], None))
        .await;
    assert_eq!(
        found.skipped().map(|s| s.kind),
        Some(SkipKind::Failed),
        "{found:?}"
    );
    // what is definite elsewhere is still said
    let found = intel
        .domains(&with(&["a@broken.example", "b@gone.example"], None))
        .await;
    assert_eq!(
        found
            .known()
            .map(|d| d.iter().map(|d| &*d.domain).collect()),
        Some(vec!["gone.example"])
    );
}

#[tokio::test]
async fn packages_that_share_a_domain_share_the_question() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let say = move |name: &str, kind: u16| {
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push((name.to_owned(), kind));
        // nothing that a resolver may keep
        Say::ServFail
    };
    let intel = Arc::new(intel(say, "http://127.0.0.1:1/").await);
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let intel = Arc::clone(&intel);
            let record = with(&["a@acme.example"], Some("https://acme.example"));
            tokio::spawn(async move { intel.domains(&record).await })
        })
        .collect();
    for task in tasks {
        assert!(task.await.expect("done").skipped().is_some());
    }
    let asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
    // a resolver may be asked once more over TCP
    assert!(asked.len() <= 2, "{asked:?}");
}

#[tokio::test]
async fn a_silent_resolver_costs_its_time_out_once() {
    let intel = Arc::new(intel(|_, _| Say::Silence, "http://127.0.0.1:1/").await);
    let start = Instant::now();
    let tasks: Vec<_> = (0..30)
        .map(|i| {
            let intel = Arc::clone(&intel);
            let address = format!("a@acme{i}.example");
            tokio::spawn(async move { intel.domains(&with(&[&address], None)).await })
        })
        .collect();
    for task in tasks {
        assert!(task.await.expect("done").skipped().is_some());
    }
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn nobody_is_asked_offline_or_without_a_domain() {
    let env = Environment::below(Path::new("/nowhere"));
    let offline = Intel::with_options(
        &http(true),
        &settings("http://127.0.0.1:1/"),
        &env,
        options(),
    );
    let kind = offline
        .domains(&with(&["a@acme.example"], None))
        .await
        .skipped()
        .map(|s| s.kind);
    assert_eq!(kind, Some(SkipKind::Offline));
    assert_eq!(
        offline.domains(&with(&["nobody"], None)).await,
        Knowledge::Known(Vec::new())
    );
}

#[tokio::test]
async fn a_service_that_is_switched_off_is_not_asked() {
    let record = with(&["a@acme.example"], None);
    for (rdap_on, dns_on) in [(true, true), (false, true), (true, false)] {
        let rdap = Server::start(|_| (404, String::new())).await;
        let questions = Arc::new(Mutex::new(0_u32));
        let counter = questions.clone();
        let options = Options {
            resolver: Some(
                dns_stub::start(move |_, _| {
                    *counter.lock().unwrap_or_else(PoisonError::into_inner) += 1;
                    Say::Has
                })
                .await,
            ),
            ..options()
        };
        let mut settings = settings(&rdap.url);
        settings.rdap.enabled = rdap_on;
        settings.dns.enabled = dns_on;
        let env = Environment::below(Path::new("/nowhere"));
        let intel = Intel::with_options(&http(false), &settings, &env, options);
        let answer = intel.domains(&record).await;
        let asked = *questions.lock().unwrap_or_else(PoisonError::into_inner);
        assert_eq!(asked > 0, dns_on, "dns {dns_on}: {asked} questions");
        assert_eq!(
            !rdap.asked().is_empty(),
            rdap_on && dns_on,
            "rdap {rdap_on}"
        );
        assert_eq!(answer.known().is_some(), dns_on, "{answer:?}");
    }
}
