//! Pages for administrators.

use foretaste_fake_registries::{FakeFile, FakeProject, FakePypi, FakeServer};
use foretaste_gate::Verb;

use crate::support::{Reply, TestGate, wheel, wheel_name};

const FILE: &str = "/pypi/files/frob/frob-1.2-py3-none-any.whl";

async fn upstream() -> FakeServer {
    let bad = FakeFile::new(
        &wheel_name("frob", "1.2"),
        &wheel("frob", "1.2", "MALICIOUS"),
    );
    FakePypi::new()
        .project(FakeProject::new("frob").file(bad))
        .start()
        .await
}

fn settings(upstream: &FakeServer) -> String {
    format!(
        "[upstream]\npypi = ['{}/simple/']\nnpm = []\ncargo = []\n",
        upstream.url()
    )
}

async fn post(gate: &TestGate, path: &str, cookie: &str, form: &str) -> Reply {
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("cookie", cookie),
    ];
    gate.ask("POST", path, &headers, form.as_bytes()).await
}

/// Signs in and returns the cookie.
async fn sign_in(gate: &TestGate) -> String {
    let token = gate.token(Verb::Admin, &[]).await;
    let reply = post(gate, "/admin/login", "", &format!("token={token}")).await;
    assert_eq!(reply.status, 303, "{}", reply.text());
    let cookie = reply.header("set-cookie");
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    cookie.split(';').next().expect("a pair").to_owned()
}

async fn see(gate: &TestGate, path: &str, cookie: &str) -> String {
    let reply = gate.ask("GET", path, &[("cookie", cookie)], b"").await;
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    assert!(
        reply
            .header("content-security-policy")
            .contains("default-src 'none'"),
        "{path}"
    );
    reply.text()
}

fn csrf(page: &str) -> String {
    field(page, "csrf")
}

/// What a page's first form sends in a hidden field.
fn field(page: &str, name: &str) -> String {
    let before = format!("name=\"{name}\" value=\"");
    let from = page.split(before.as_str()).nth(1).expect("a form");
    from.split('"').next().expect("a value").to_owned()
}

#[tokio::test]
async fn nobody_sees_anything_without_signing_in() {
    let upstream = upstream().await;
    let gate = TestGate::start(&settings(&upstream)).await;
    for path in [
        "/admin/",
        "/admin/queue",
        "/admin/log",
        "/admin/search?q=x",
        "/admin/package/pypi/frob",
    ] {
        let reply = gate.get(path).await;
        assert_eq!(
            (reply.status, reply.header("location")),
            (303, "/admin/login"),
            "{path}"
        );
    }
    assert_eq!(gate.get("/admin/login").await.status, 200);
    let style = gate.get("/admin/style.css").await;
    assert_eq!(
        (style.status, style.header("content-type")),
        (200, "text/css")
    );
    let publisher = gate.token(Verb::Publish, &[]).await;
    for token in ["nonsense", &publisher] {
        assert_eq!(
            post(&gate, "/admin/login", "", &format!("token={token}"))
                .await
                .status,
            403
        );
    }
    let decided = post(
        &gate,
        "/admin/decide",
        "foretaste-gate=guessed",
        "decision=approve",
    )
    .await;
    assert_eq!(decided.status, 303);
}

#[tokio::test]
async fn a_blocked_release_is_seen_approved_and_served() {
    let upstream = upstream().await;
    let gate = TestGate::start(&settings(&upstream)).await;
    assert_eq!(gate.get(FILE).await.status, 403);
    let cookie = sign_in(&gate).await;
    let overview = see(&gate, "/admin/", &cookie).await;
    assert!(
        overview.contains("posts the environment at install time"),
        "{overview}"
    );
    assert!(
        see(&gate, "/admin/search?q=fro", &cookie)
            .await
            .contains("/admin/package/pypi/frob")
    );
    assert!(
        see(&gate, "/admin/log?kind=download", &cookie)
            .await
            .contains("frob")
    );
    let queue = see(&gate, "/admin/queue", &cookie).await;
    let csrf = csrf(&queue);
    let digests = field(&queue, "digests");
    let form = |csrf: &str| {
        format!(
            "csrf={csrf}&digests={digests}&ecosystem=pypi&name=frob&version=1.2&decision=approve&reason=%3Cb%3Eread+it%3C%2Fb%3E"
        )
    };
    assert_eq!(
        post(&gate, "/admin/decide", &cookie, &form("0000"))
            .await
            .status,
        403,
        "a forged form"
    );
    assert_eq!(gate.get(FILE).await.status, 403);
    let done = post(&gate, "/admin/decide", &cookie, &form(&csrf)).await;
    assert_eq!(
        (done.status, done.header("location")),
        (303, "/admin/package/pypi/frob")
    );
    assert_eq!(gate.get(FILE).await.status, 200);
    assert!(
        see(&gate, "/admin/queue", &cookie)
            .await
            .contains("The queue is empty")
    );
    let page = see(&gate, "/admin/package/pypi/frob", &cookie).await;
    assert!(
        page.contains("&#60;b&#62;read it") && !page.contains("<b>read it"),
        "{page}"
    );
    let left = post(&gate, "/admin/logout", &cookie, &format!("csrf={csrf}")).await;
    assert_eq!(left.status, 303);
    let reply = gate
        .ask("GET", "/admin/", &[("cookie", &cookie)], b"")
        .await;
    assert_eq!(reply.status, 303, "the session is over");
}

#[tokio::test]
async fn hostile_text_in_a_search_and_a_client_stays_text() {
    let upstream = upstream().await;
    let gate = TestGate::start(&settings(&upstream)).await;
    let hostile = [("user-agent", "<script>alert(1)</script>")];
    gate.ask("GET", FILE, &hostile, b"").await;
    let cookie = sign_in(&gate).await;
    for path in [
        "/admin/",
        "/admin/log",
        "/admin/package/pypi/frob",
        "/admin/search?q=%3Cscript%3E",
    ] {
        let page = see(&gate, path, &cookie).await;
        let rest = page.replace("<script src=\"/admin/htmx.js\" defer></script>", "");
        assert!(!rest.contains("<script"), "{path}: {page}");
    }
}

#[tokio::test]
async fn the_log_is_live_with_the_script_and_without() {
    let upstream = upstream().await;
    let gate = TestGate::start(&settings(&upstream)).await;
    let cookie = sign_in(&gate).await;
    let page = see(&gate, "/admin/log?kind=verdict", &cookie).await;
    assert!(page.contains("hx-get=\"/admin/log?kind=verdict\" hx-trigger=\"every 3s\""));
    assert!(page.contains("<noscript><meta http-equiv=\"refresh\""));
    assert!(page.contains("kind=verdict\" aria-current=\"true\""));
    let page = see(&gate, "/admin/log?kind=%22onload=x", &cookie).await;
    assert!(
        !page.contains("onload"),
        "a kind that there is none of is all"
    );
    let script = gate.get("/admin/htmx.js").await;
    assert_eq!(
        (script.status, script.header("content-type")),
        (200, "text/javascript")
    );
    let over = gate
        .ask("GET", "/admin/log", &[("hx-request", "true")], b"")
        .await;
    assert_eq!(
        (over.status, over.header("hx-redirect")),
        (200, "/admin/login"),
        "the whole page goes there"
    );
    assert!(!over.text().contains("Log"));
}

#[tokio::test]
async fn whoever_is_refused_can_ask_for_it_until_somebody_decides() {
    let upstream = upstream().await;
    let gate = TestGate::start(&settings(&upstream)).await;
    assert_eq!(gate.get(FILE).await.status, 403);
    let json = [("content-type", "application/json")];
    let wanted = br#"{"reason": "for <b>the</b> release"}"#;
    let path = "/request/pypi/frob/1.2";
    for _ in 0..2 {
        assert_eq!(gate.ask("POST", path, &json, wanted).await.status, 201);
    }
    // another site's form cannot say that it is JSON
    let form = [("content-type", "text/plain")];
    assert_eq!(gate.ask("POST", path, &form, wanted).await.status, 400);
    let unknown = "/request/pypi/frob/9.9";
    assert_eq!(gate.ask("POST", unknown, &json, wanted).await.status, 404);
    let empty = br#"{"reason": " "}"#;
    assert_eq!(gate.ask("POST", path, &json, empty).await.status, 400);

    let cookie = sign_in(&gate).await;
    let queue = see(&gate, "/admin/queue", &cookie).await;
    assert_eq!(
        queue
            .matches("for &#60;b&#62;the&#60;/b&#62; release")
            .count(),
        1,
        "{queue}"
    );
    let page = see(&gate, "/admin/package/pypi/frob", &cookie).await;
    assert!(page.contains("asked for"), "{page}");
    let sent = format!(
        "csrf={}&ecosystem=pypi&name=frob&version=1.2&digests={}&decision=approve&reason=read&days=",
        csrf(&page),
        field(&page, "digests").replace(':', "%3A")
    );
    assert_eq!(
        post(&gate, "/admin/decide", &cookie, &sent).await.status,
        303
    );
    let queue = see(&gate, "/admin/queue", &cookie).await;
    assert!(!queue.contains("Asked for"), "{queue}");
    assert_eq!(gate.ask("POST", path, &json, wanted).await.status, 409);
}

#[tokio::test]
async fn a_revoked_token_ends_its_session_at_once() {
    let upstream = upstream().await;
    let gate = TestGate::start(&settings(&upstream)).await;
    let cookie = sign_in(&gate).await;
    see(&gate, "/admin/", &cookie).await;
    let tokens = gate.gate.tokens();
    let id = tokens.list().await.expect("tokens")[0].id.clone();
    assert!(tokens.revoke(&id).await.expect("revoked"));
    let reply = gate
        .ask("GET", "/admin/", &[("cookie", &cookie)], b"")
        .await;
    assert_eq!(
        (reply.status, reply.header("location")),
        (303, "/admin/login")
    );
}

#[tokio::test]
async fn an_approval_is_good_for_the_bytes_that_were_looked_at() {
    let first = upstream().await;
    let gate = TestGate::start(&settings(&first)).await;
    assert_eq!(gate.get(FILE).await.status, 403);
    let cookie = sign_in(&gate).await;
    let approve = async |gate: &TestGate, cookie: &str, page: &str| {
        let form = format!(
            "csrf={}&digests={}&days=7&ecosystem=pypi&name=frob&version=1.2&decision=approve&reason=read",
            csrf(page),
            field(page, "digests").replace(' ', "+")
        );
        post(gate, "/admin/decide", cookie, &form).await.status
    };
    let nothing = format!(
        "csrf={}&ecosystem=pypi&name=frob&version=1.2&decision=approve&reason=read",
        csrf(&see(&gate, "/admin/queue", &cookie).await)
    );
    let refused = post(&gate, "/admin/decide", &cookie, &nothing).await;
    assert_eq!(refused.status, 400, "an approval of nothing in particular");
    let queue = see(&gate, "/admin/queue", &cookie).await;
    assert_eq!(approve(&gate, &cookie, &queue).await, 303);
    assert_eq!(gate.get(FILE).await.status, 200);

    let other = wheel("frob", "1.2", "MALICIOUS and different");
    let changed = FakePypi::new()
        .project(FakeProject::new("frob").file(FakeFile::new(&wheel_name("frob", "1.2"), &other)))
        .start()
        .await;
    let gate = gate.restart(&settings(&changed)).await;
    let reply = gate.get(FILE).await;
    assert_eq!(reply.status, 403, "the approval was of other bytes");
    assert!(reply.phrase.contains("other bytes"), "{}", reply.phrase);
    let cookie = sign_in(&gate).await;
    let page = see(&gate, "/admin/package/pypi/frob", &cookie).await;
    assert_eq!(approve(&gate, &cookie, &page).await, 303);
    assert_eq!(gate.get(FILE).await.body, other);
    let explained = gate.get("/explain/pypi/frob/1.2").await.text();
    assert!(explained.contains("approved"), "{explained}");
}
