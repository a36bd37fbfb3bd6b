//! The client against servers on the loopback that behave well and badly.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use foretaste_fake_registries::{Answer, FakeServer, FaultKind, Manners};
use foretaste_io::{Auth, CachePolicy, HttpClient, HttpError, HttpOptions, Request, Secret, files};
use foretaste_model::Digest;
use foretaste_model::{ContentDigest, SkipKind};
use url::Url;

fn options() -> HttpOptions {
    HttpOptions {
        backoff: Duration::from_millis(1),
        longest_pause: Duration::from_secs(2),
        ..HttpOptions::default()
    }
}

fn client() -> HttpClient {
    HttpClient::new(options())
}

fn get(server: &FakeServer, path: &str) -> Request {
    Request::get(Url::parse(&format!("{}{path}", server.url())).expect("a URL"))
}

/// A server that answers "hello" to everything.
async fn hello(manners: Manners) -> FakeServer {
    FakeServer::start(manners, |_, _| {
        Answer::ok("Text/Plain; charset=utf-8", "hello")
    })
    .await
}

fn status(code: u16) -> FaultKind {
    FaultKind::Answer(Answer::status(code, "plain reason\u{7}"))
}

#[tokio::test]
async fn transient_failures_are_retried_until_they_pass() {
    for fault in [status(503), status(500), status(408), FaultKind::Truncated] {
        let shown = format!("{fault:?}");
        let server = hello(Manners::default().fault("/x", 2, fault)).await;
        let got = client().get(get(&server, "/x")).await.expect(&shown);
        assert_eq!((&*got.text(), got.media_type()), ("hello", "text/plain"));
        assert_eq!(server.log().len(), 3, "{shown}");
    }
}

#[tokio::test]
async fn failures_that_stay_are_typed_and_counted() {
    for (fault, requests, expected) in [
        (status(404), 1, "NotFound"),
        (status(410), 1, "NotFound"),
        (status(401), 1, "Unauthorized"),
        (status(403), 1, "Unauthorized"),
        (status(400), 1, "Status"),
        (status(500), 4, "Status"),
        (status(429), 4, "RateLimited"),
        (FaultKind::Truncated, 4, "Transport"),
    ] {
        let server = hello(Manners::default().fault("/x", u32::MAX, fault)).await;
        let error = client().get(get(&server, "/x")).await.expect_err(expected);
        let debug = format!("{error:?}");
        assert!(debug.starts_with(expected), "{debug}");
        assert_eq!(server.log().len(), requests, "{debug}");
        assert!(error.to_string().contains("/x"), "{error}");
        assert!(!error.to_string().contains('\u{7}'), "{error}");
    }
}

#[tokio::test]
async fn retry_after_is_honoured_and_a_long_one_is_reported_at_once() {
    let busy = |wait: &str| FaultKind::Answer(Answer::status(429, "").header("retry-after", wait));
    let server = hello(Manners::default().fault("/", 1, busy("1"))).await;
    let start = Instant::now();
    client()
        .get(get(&server, "/"))
        .await
        .expect("the second time");
    assert!(start.elapsed() >= Duration::from_secs(1));

    let server = hello(Manners::default().fault("/", u32::MAX, busy("3600"))).await;
    let error = client().get(get(&server, "/")).await.expect_err("too long");
    assert_eq!(server.log().len(), 1);
    assert_eq!(error.skip_reason().kind, SkipKind::RateLimited);
    assert!(error.to_string().contains("retry after 3600 s"), "{error}");
}

#[tokio::test]
async fn silence_ends_in_a_timeout() {
    let slow = FaultKind::Slow(Duration::from_secs(30));
    let server = hello(Manners::default().fault("/", u32::MAX, slow)).await;
    let client = HttpClient::new(HttpOptions {
        retries: 1,
        ..options()
    });
    let request = get(&server, "/").total_timeout(Duration::from_millis(100));
    let error = client.get(request).await.expect_err("silent");
    assert!(matches!(error, HttpError::Timeout { .. }), "{error:?}");
    assert_eq!(server.log().len(), 2);
}

#[tokio::test]
async fn nobody_listening_is_a_transport_error() {
    let server = hello(Manners::default()).await;
    let request = get(&server, "/");
    drop(server);
    tokio::time::sleep(Duration::from_millis(20)).await;
    let error = client().get(request).await.expect_err("closed");
    assert!(matches!(error, HttpError::Transport { .. }), "{error:?}");
}

/// `data` gzipped.
fn gzip(data: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(data).expect("memory does not fail");
    encoder.finish().expect("memory does not fail")
}

#[tokio::test]
async fn the_size_limit_holds_for_what_arrives_and_for_what_it_unpacks_to() {
    let server = FakeServer::start(Manners::default(), |ask, _| match &*ask.path {
        "/plain" => Answer::ok("text/plain", vec![b'x'; 1_001]),
        _ => {
            Answer::ok("text/plain", gzip(&vec![b'x'; 1 << 20])).header("content-encoding", "gzip")
        }
    })
    .await;
    for (path, limit, fits) in [
        ("/plain", 1_000, false),
        ("/plain", 1_001, true),
        ("/bomb", 100_000, false),
        ("/bomb", 1 << 20, true),
    ] {
        let got = client().get(get(&server, path).max_bytes(limit)).await;
        match got {
            Ok(_) => assert!(fits, "{path} {limit}"),
            Err(error) => {
                assert!(!fits, "{path} {limit}: {error}");
                assert!(matches!(error, HttpError::TooLarge { .. }), "{error:?}");
            }
        }
    }
}

#[tokio::test]
async fn an_artifact_is_taken_as_it_is_whatever_the_server_calls_its_encoding() {
    let server = FakeServer::start(Manners::default(), |_, _| {
        Answer::ok("application/x-tar", gzip(b"tar")).header("content-encoding", "gzip")
    })
    .await;
    let url = Url::parse(&server.url()).expect("a URL");
    let got = client()
        .get(Request::artifact(url, 1_000, &[]))
        .await
        .expect("got");
    assert_eq!(got.body, gzip(b"tar"));
    assert_eq!(server.log()[0].header("accept-encoding"), "identity");
}

#[tokio::test]
async fn redirects_drop_credentials_when_the_origin_changes() {
    let other = hello(Manners::default()).await;
    let elsewhere = format!("{}/landed", other.url());
    let server = FakeServer::start(Manners::default(), move |ask, _| match &*ask.path {
        "/away" => Answer::status(302, "").header("location", &elsewhere),
        "/here" => Answer::status(302, "").header("location", "/end"),
        "/loop" => Answer::status(302, "").header("location", "/loop"),
        _ => Answer::ok("text/plain", "end"),
    })
    .await;
    let auth = Some(Auth::Bearer(Secret::new("hunter2")));
    let with = |path: &str| get(&server, path).auth(auth.clone());
    let got = client().get(with("/away")).await.expect("followed");
    assert_eq!(got.url.to_string(), format!("{}/landed", other.url()));
    assert!(other.log()[0].header("authorization").is_empty());
    client().get(with("/here")).await.expect("followed");
    let last = server.log().pop().expect("asked");
    assert_eq!(
        (&*last.path, last.header("authorization")),
        ("/end", "Bearer hunter2")
    );
    let error = client().get(with("/loop")).await.expect_err("endless");
    assert!(error.to_string().contains("redirects"), "{error}");
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

#[tokio::test]
async fn user_info_of_a_url_becomes_credentials_and_is_never_shown() {
    let server = hello(Manners::default().basic("me", "hunter2")).await;
    let url = server.url().replace("http://", "http://me:hunter2@");
    let request = Request::get(Url::parse(&url).expect("a URL"));
    assert!(!format!("{request:?}").contains("hunter2"));
    client().get(request).await.expect("let in");
    let wrong = url.replace("hunter2", "hunter3");
    let error = client()
        .get(Request::get(Url::parse(&wrong).expect("a URL")))
        .await
        .expect_err("refused");
    assert!(
        !format!("{error} {error:?}").contains("hunter"),
        "{error:?}"
    );
}

struct Cached {
    dir: tempfile::TempDir,
}

impl Cached {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().expect("a folder"),
        }
    }

    fn client(&self, change: impl FnOnce(&mut HttpOptions)) -> HttpClient {
        let mut options = HttpOptions {
            cache_dir: Some(self.dir.path().into()),
            default_freshness: Duration::ZERO,
            ..options()
        };
        change(&mut options);
        HttpClient::new(options)
    }
}

/// A server whose pages differ by path in what they say about caching.
async fn pages() -> FakeServer {
    FakeServer::start(Manners::default(), |ask, _| {
        let answer = Answer::ok("text/plain", format!("page {}", ask.header("accept")));
        match &*ask.path {
            "/fresh" => answer.header("cache-control", "max-age=600"),
            "/secret" => answer.header("cache-control", "no-store"),
            "/none" => Answer::status(404, ""),
            _ => answer,
        }
    })
    .await
}

#[tokio::test]
async fn answers_are_kept_as_the_server_says() {
    let server = pages().await;
    let cached = Cached::new();
    // path, requests for two look-ups, second one from the cache
    for (path, requests, from_cache) in [
        ("/fresh", 1, true),
        ("/validated", 2, true),
        ("/secret", 2, false),
    ] {
        let before = server.log().len();
        let client = cached.client(|_| {});
        client.get(get(&server, path)).await.expect("got");
        let got = client.get(get(&server, path)).await.expect("got");
        assert_eq!(got.from_cache, from_cache, "{path}");
        assert_eq!(&*got.text(), "page */*");
        assert_eq!(server.log().len() - before, requests, "{path}");
    }
    let conditional = server
        .log()
        .iter()
        .filter(|a| !a.header("if-none-match").is_empty())
        .count();
    assert_eq!(
        conditional, 1,
        "only what was kept is asked for conditionally"
    );
}

#[tokio::test]
async fn an_answer_that_says_nothing_is_used_again_for_the_default_time_unless_refreshed() {
    let server = pages().await;
    let cached = Cached::new();
    let client = cached.client(|o| o.default_freshness = Duration::from_mins(10));
    for _ in 0..3 {
        client.get(get(&server, "/plain")).await.expect("got");
    }
    let refreshing = client.sibling(HttpOptions {
        refresh: true,
        ..client.options().clone()
    });
    refreshing.get(get(&server, "/plain")).await.expect("got");
    let counts = client.counts();
    assert_eq!((counts.asked, counts.kept, counts.unchanged), (2, 2, 1));
    assert_eq!(server.log().len(), 2);
}

#[tokio::test]
async fn absence_of_something_optional_is_remembered_for_the_default_time() {
    let server = pages().await;
    let cached = Cached::new();
    for (freshness, requests) in [(Duration::from_mins(1), 1), (Duration::ZERO, 2)] {
        let before = server.log().len();
        let client = cached.client(|o| o.default_freshness = freshness);
        for _ in 0..2 {
            let request = get(&server, "/none")
                .accept(&format!("{freshness:?}"))
                .optional();
            let error = client.get(request).await.expect_err("absent");
            assert!(error.is_not_found());
        }
        assert_eq!(server.log().len() - before, requests);
    }
}

#[tokio::test]
async fn that_a_page_is_missing_is_remembered_as_long_as_a_page_is_fresh() {
    let server = pages().await;
    let cached = Cached::new();
    let missing = async |client: &HttpClient| {
        let error = client.get(get(&server, "/none")).await.expect_err("absent");
        (error.is_not_found(), error.skip_reason().kind)
    };
    let minutes = Duration::from_mins(1);
    let client = cached.client(|o| o.default_freshness = minutes);
    for _ in 0..2 {
        assert!(missing(&client).await.0);
    }
    assert_eq!(server.log().len(), 1);
    let refreshing = cached.client(|o| {
        o.refresh = true;
        o.default_freshness = minutes;
    });
    assert!(missing(&refreshing).await.0);
    assert_eq!(server.log().len(), 2);
    // without the network, only while it is fresh
    assert!(missing(&cached.client(|o| o.offline = true)).await.0);
    let brief = cached.client(|o| {
        o.refresh = true;
        o.default_freshness = Duration::ZERO;
    });
    assert!(missing(&brief).await.0);
    let offline = missing(&cached.client(|o| o.offline = true)).await;
    assert_eq!(offline, (false, SkipKind::Offline));
    // a service keeps no file for each made-up name
    let service = Cached::new();
    let client = service.client(|o| {
        o.remember_missing = false;
        o.default_freshness = minutes;
    });
    for _ in 0..2 {
        assert!(missing(&client).await.0);
    }
    assert_eq!(server.log().len(), 5);
}

#[tokio::test]
async fn refresh_revalidates_and_never_policy_keeps_nothing() {
    let server = pages().await;
    let cached = Cached::new();
    cached
        .client(|_| {})
        .get(get(&server, "/fresh"))
        .await
        .expect("got");
    let client = cached.client(|o| o.refresh = true);
    let got = client.get(get(&server, "/fresh")).await.expect("got");
    assert!(got.from_cache);
    assert_eq!(server.log().len(), 2);
    let never = || get(&server, "/fresh").cache(CachePolicy::Never);
    assert!(!client.get(never()).await.expect("got").from_cache);
    assert!(server.log()[2].header("if-none-match").is_empty());
}

#[tokio::test]
async fn who_asks_and_for_what_makes_another_entry() {
    let server = pages().await;
    let cached = Cached::new();
    let client = cached.client(|_| {});
    let auth = || Some(Auth::Bearer(Secret::new("t")));
    for request in [
        get(&server, "/fresh"),
        get(&server, "/fresh").accept("text/html"),
        get(&server, "/fresh").auth(auth()),
    ] {
        assert!(!client.get(request).await.expect("got").from_cache);
    }
    let again = client.get(get(&server, "/fresh").auth(auth())).await;
    assert!(again.expect("got").from_cache);
    for file in files::walk(cached.dir.path(), 100, |_| false)
        .expect("walked")
        .files
    {
        let text = files::read(&file.path, 1 << 20).expect("readable");
        let text = String::from_utf8_lossy(&text).into_owned();
        assert!(!text.contains("Bearer t"), "{text}");
    }
}

#[tokio::test]
async fn offline_serves_what_is_kept_however_old_and_nothing_else() {
    let server = pages().await;
    let cached = Cached::new();
    cached
        .client(|_| {})
        .get(get(&server, "/validated"))
        .await
        .expect("got");
    let client = cached.client(|o| o.offline = true);
    let got = client.get(get(&server, "/validated")).await.expect("kept");
    assert!(got.from_cache);
    let error = client
        .get(get(&server, "/new"))
        .await
        .expect_err("not kept");
    assert_eq!(error.skip_reason().kind, SkipKind::Offline);
    assert_eq!(server.log().len(), 1);
}

#[tokio::test]
async fn damaged_files_of_the_cache_read_as_absent() {
    let server = pages().await;
    let cached = Cached::new();
    let client = cached.client(|_| {});
    let digest: Digest = format!("sha256:{}", ContentDigest::of(b"page */*").to_hex())
        .parse()
        .expect("a digest");
    let url = Url::parse(&format!("{}/artifact", server.url())).expect("a URL");
    let artifact = || Request::artifact(url.clone(), 1_000, std::slice::from_ref(&digest));
    client.get(get(&server, "/fresh")).await.expect("got");
    client.get(artifact()).await.expect("got");
    assert!(client.get(artifact()).await.expect("kept").from_cache);
    let kept = files::walk(cached.dir.path(), 100, |_| false)
        .expect("walked")
        .files;
    assert_eq!(kept.len(), 2);
    for file in kept {
        let mut bytes = files::read(&file.path, 1 << 20).expect("readable");
        if let Some(last) = bytes.last_mut() {
            *last ^= 1;
        }
        files::write(&file.path, &bytes).expect("written");
    }
    for request in [get(&server, "/fresh"), artifact()] {
        let got = client.get(request).await.expect("got");
        assert!(!got.from_cache);
        assert_eq!(&*got.text(), "page */*");
    }
}

#[tokio::test]
async fn an_artifact_with_another_digest_is_given_but_not_kept() {
    let server = pages().await;
    let cached = Cached::new();
    let client = cached.client(|_| {});
    let wrong: Digest = format!("sha256:{}", "0".repeat(64))
        .parse()
        .expect("a digest");
    let url = Url::parse(&format!("{}/artifact", server.url())).expect("a URL");
    for _ in 0..2 {
        let request = Request::artifact(url.clone(), 1_000, std::slice::from_ref(&wrong));
        assert!(!client.get(request).await.expect("got").from_cache);
    }
}

#[tokio::test]
async fn questions_in_json_are_retried_and_kept_apart_by_their_body() {
    let server = FakeServer::start(Manners::default().fault("/", 1, status(502)), |ask, _| {
        Answer::ok("application/json", ask.body.clone())
    })
    .await;
    let cached = Cached::new();
    let client = cached.client(|o| o.default_freshness = Duration::from_mins(1));
    for (number, from_cache) in [(1, false), (2, false), (1, true)] {
        let body = serde_json::json!({"number": number});
        let got = client
            .post_json(get(&server, "/"), &body)
            .await
            .expect("got");
        assert_eq!(&*got.text(), body.to_string());
        assert_eq!(got.from_cache, from_cache, "{number}");
    }
    let log = server.log();
    assert_eq!(log.len(), 3);
    assert_eq!(log[0].method, "POST");
    assert_eq!(log[0].header("content-type"), "application/json");
}

#[tokio::test]
async fn no_more_requests_at_once_than_allowed() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (inner_now, inner_most) = (Arc::clone(&now), Arc::clone(&most));
    let router = axum::Router::new().fallback(move || {
        let (now, most) = (Arc::clone(&inner_now), Arc::clone(&inner_most));
        async move {
            let running = now.fetch_add(1, Ordering::SeqCst) + 1;
            most.fetch_max(running, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
            now.fetch_sub(1, Ordering::SeqCst);
            "ok"
        }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let client = HttpClient::new(HttpOptions {
        concurrency: 3,
        ..options()
    });
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let (client, url) = (client.clone(), Url::parse(&url).expect("a URL"));
        tasks.spawn(async move { client.get(Request::get(url)).await.is_ok() });
    }
    while let Some(ok) = tasks.join_next().await {
        assert!(ok.expect("no panic"));
    }
    server.abort();
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn an_unusable_certificate_bundle_is_named() {
    let dir = tempfile::tempdir().expect("a folder");
    let bundle = dir.path().join("corp.pem");
    files::write(&bundle, b"no certificate").expect("written");
    let server = hello(Manners::default()).await;
    let client = HttpClient::new(HttpOptions {
        ca_bundles: vec![bundle.clone()],
        ..options()
    });
    let error = client.get(get(&server, "/")).await.expect_err("unusable");
    assert!(error.to_string().contains("corp.pem"), "{error}");
}
