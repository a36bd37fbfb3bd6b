//! What one run hears, the next one need not ask for.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use foretaste_intel::{Intel, Options};
use foretaste_io::{Environment, HttpClient, HttpOptions};
use foretaste_model::manifest::Person;
use foretaste_model::metadata::ReleaseMetadata;
use foretaste_model::{Knowledge, SkipKind};
use serde_json::json;

use crate::dns_stub::{self, Say};
use crate::server::{Server, options, record, settings};

/// Runs that share a cache.
struct Runs {
    dir: tempfile::TempDir,
    options: Options,
    url: String,
    http: HttpOptions,
}

impl Runs {
    async fn new(say: impl Fn(&str, u16) -> Say + Send + 'static, url: &str) -> Self {
        Self {
            dir: tempfile::tempdir().expect("a folder"),
            options: Options {
                resolver: Some(dns_stub::start(say).await),
                ..options()
            },
            url: url.to_owned(),
            http: HttpOptions::default(),
        }
    }

    fn next(&self) -> Intel {
        self.with(|_| ())
    }

    fn with(&self, change: impl FnOnce(&mut HttpOptions)) -> Intel {
        let mut http = HttpOptions {
            cache_dir: Some(self.dir.path().join("http")),
            ..self.http.clone()
        };
        change(&mut http);
        let env = Environment::below(Path::new("/nowhere"));
        let settings = settings(&self.url);
        Intel::with_options(
            &HttpClient::new(http),
            &settings,
            &env,
            self.options.clone(),
        )
    }
}

fn mail(address: &str) -> ReleaseMetadata {
    let mut record = record("pad");
    record.authors = Knowledge::Known(vec![Person {
        name: None,
        email: Some(address.into()),
    }]);
    record
}

fn source() -> ReleaseMetadata {
    let mut record = record("pad");
    record.repository = Some("https://github.com/acme/pad".into());
    record
}

type Log = Arc<Mutex<Vec<String>>>;

fn counted(log: &Log, say: Say) -> impl Fn(&str, u16) -> Say + Send + 'static {
    let log = Arc::clone(log);
    move |name, _| {
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push(name.to_owned());
        say
    }
}

fn count(log: &Log) -> usize {
    log.lock().unwrap_or_else(PoisonError::into_inner).len()
}

/// Waits for what nobody waits for.
async fn until(condition: impl Fn() -> bool) {
    for _ in 0..500 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never happened");
}

#[tokio::test]
async fn answers_of_the_dns_are_good_for_the_next_run_also_offline() {
    let log = Log::default();
    let runs = Runs::new(counted(&log, Say::Has), "http://127.0.0.1:1/").await;
    let record = mail("a@acme.example");
    let first = runs.next().domains(&record).await;
    assert!(first.known().is_some(), "{first:?}");
    let asked = count(&log);
    assert_eq!(runs.next().domains(&record).await, first);
    let offline = runs.with(|http| http.offline = true);
    assert_eq!(offline.domains(&record).await, first);
    let other = offline.domains(&mail("a@other.example")).await;
    assert_eq!(other.skipped().map(|s| s.kind), Some(SkipKind::Offline));
    assert_eq!(count(&log), asked);
    let anew = runs.with(|http| http.refresh = true);
    assert_eq!(anew.domains(&record).await, first);
    assert!(count(&log) > asked, "--refresh asks");
}

#[tokio::test]
async fn an_old_answer_is_used_while_it_is_asked_for_again() {
    let log = Log::default();
    let mut runs = Runs::new(counted(&log, Say::Has), "http://127.0.0.1:1/").await;
    runs.http.default_freshness = Duration::ZERO;
    let record = mail("a@brief.example");
    let first = runs.next().domains(&record).await;
    let asked = count(&log);
    let second = runs.next();
    assert_eq!(second.domains(&record).await, first);
    until(|| count(&log) > asked).await;
}

#[tokio::test]
async fn that_a_name_is_gone_is_never_said_from_an_old_answer() {
    let log = Log::default();
    let mut runs = Runs::new(counted(&log, Say::NxDomain), "http://127.0.0.1:1/").await;
    runs.http.default_freshness = Duration::ZERO;
    let record = mail("a@brief.example");
    runs.next().domains(&record).await;
    let asked = count(&log);
    runs.next().domains(&record).await;
    assert!(count(&log) > asked, "asked before it is said");
}

#[tokio::test]
async fn no_answer_is_remembered_for_a_while_as_a_skip() {
    let log = Log::default();
    let runs = Runs::new(counted(&log, Say::Silence), "http://127.0.0.1:1/").await;
    let record = mail("a@acme.example");
    let first = runs.next().domains(&record).await;
    assert!(first.skipped().is_some());
    let asked = count(&log);
    assert_eq!(runs.next().domains(&record).await, first);
    assert_eq!(count(&log), asked);
    runs.with(|http| http.refresh = true).domains(&record).await;
    assert!(count(&log) > asked);
}

#[tokio::test]
async fn a_host_that_was_not_reached_is_passed_over_and_named() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("bound");
    let url = format!("http://{}/", closed.local_addr().expect("an address"));
    drop(closed);
    let runs = Runs::new(|_, _| Say::Has, &url).await;
    let first = runs.next();
    let told = first.repository(&source()).await;
    assert_eq!(told.skipped().map(|s| s.kind), Some(SkipKind::Offline));
    assert!(first.not_asked_again().is_empty());
    let second = runs.next();
    assert_eq!(second.repository(&source()).await, told, "the same reason");
    assert_eq!(second.not_asked_again(), ["127.0.0.1"]);
    let anew = runs.with(|http| http.refresh = true);
    anew.repository(&source()).await;
    assert!(anew.not_asked_again().is_empty());
}

#[tokio::test]
async fn a_host_that_went_away_leaves_what_is_fresh_and_no_advisory_grows_old() {
    let server = Server::start(|ask| match &*ask.path {
        "/v1/query" => (200, json!({"vulns": []}).to_string()),
        _ => (200, json!({"stargazers_count": 3}).to_string()),
    })
    .await;
    let mut runs = Runs::new(|_, _| Say::Has, &server.url).await;
    runs.http.default_freshness = Duration::ZERO;
    let first = runs.next();
    let told = first.repository(&source()).await;
    assert_eq!(told.known().map(|r| r.stars), Some(3), "{told:?}");
    first.advisories(&source()).await;
    let asked = |what: &str| {
        let log = server.asked();
        log.iter().filter(|a| a.path.starts_with(what)).count()
    };
    let (repositories, advisories) = (asked("/repos"), asked("/v1/query"));
    let second = runs.next();
    assert_eq!(second.repository(&source()).await, told);
    second.advisories(&source()).await;
    assert_eq!(
        asked("/v1/query"),
        advisories + 1,
        "asked before it is said"
    );
    until(|| asked("/repos") > repositories).await;
    let impatient = runs.with(|http| http.stale_for = Duration::ZERO);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let before = asked("/repos");
    impatient.repository(&source()).await;
    assert!(asked("/repos") > before);
}
