//! The pages for administrators in headless Chromium, with scripts and without.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use foretaste_fake_registries::{FakeFile, FakeProject, FakePypi};
use foretaste_gate::Verb;
use serde_json::{Value, json};

use crate::support::{TestGate, program, wheel, wheel_name};

/// How long a page may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// A browser with one page, spoken to over its standard input and output.
struct Browser {
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    session: Option<String>,
    last: u64,
}

impl Browser {
    /// Without Chromium, none; in CI it must be there.
    fn start(profile: &std::path::Path) -> Option<Self> {
        let chromium = program("chromium")?;
        // it speaks on the descriptors 3 and 4
        let script = "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1";
        let mut process = Command::new("sh")
            .args(["-c", script, &chromium, "--headless", "--no-sandbox"])
            .args(["--remote-debugging-pipe", "--disable-gpu", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-dev-shm-usage"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("starts");
        let to = process.stdin.take().expect("a pipe");
        let from = BufReader::new(process.stdout.take().expect("a pipe"));
        let mut browser = Self {
            process,
            to,
            from,
            session: None,
            last: 0,
        };
        let made = browser.say("Target.createTarget", &json!({"url": "about:blank"}));
        let to = json!({"targetId": made["targetId"], "flatten": true});
        let attached = browser.say("Target.attachToTarget", &to);
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        Some(browser)
    }

    fn say(&mut self, method: &str, params: &Value) -> Value {
        self.last += 1;
        let mut message = json!({"id": self.last, "method": method, "params": params});
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        write!(self.to, "{message}\0").expect("written");
        loop {
            let mut bytes = Vec::new();
            self.from.read_until(0, &mut bytes).expect("read");
            assert_eq!(bytes.pop(), Some(0), "the browser ended at {method}");
            let answer: Value = serde_json::from_slice(&bytes).expect("JSON");
            if answer["id"] == self.last {
                assert!(answer.get("error").is_none(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    fn value(&mut self, script: &str) -> Value {
        let params = json!({"expression": script, "returnByValue": true});
        self.say("Runtime.evaluate", &params)["result"]["value"].clone()
    }

    fn until(&mut self, script: &str) {
        let begin = Instant::now();
        while self.value(script) != true {
            let page = self.value("location.href + document.body.innerText");
            assert!(begin.elapsed() < PATIENCE, "{script}: {page}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn open(&mut self, url: &str) {
        self.say("Page.navigate", &json!({"url": url}));
        let here = json!(url);
        self.until(&format!(
            "document.readyState == 'complete' && location.href == {here}"
        ));
    }

    /// A click where the element is, as a person does it.
    fn click(&mut self, selector: &str) {
        let selector = json!(selector);
        let at = self.value(&format!(
            "(e => {{ e.scrollIntoView(); let b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2] }})(document.querySelector({selector}))"
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            let event =
                json!({"type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1});
            self.say("Input.dispatchMouseEvent", &event);
        }
    }

    fn write(&mut self, selector: &str, text: &str) {
        self.click(selector);
        self.say("Input.insertText", &json!({"text": text}));
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_decides_in_a_browser_with_scripts() {
    administrate(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_decides_in_a_browser_without_scripts() {
    administrate(false).await;
}

async fn administrate(scripts: bool) {
    let bad = FakeFile::new(
        &wheel_name("frob", "1.2"),
        &wheel("frob", "1.2", "MALICIOUS"),
    );
    let project = FakeProject::new("frob").file(bad);
    let upstream = FakePypi::new().project(project).start().await;
    let file = "/pypi/files/frob/frob-1.2-py3-none-any.whl";
    let gate = TestGate::start(&format!(
        "[upstream]\npypi = ['{}/simple/']\nnpm = []\ncargo = []\n",
        upstream.url()
    ))
    .await;
    assert_eq!(gate.get(file).await.status, 403);
    let token = gate.token(Verb::Admin, &[]).await;
    let profile = tempfile::tempdir().expect("a folder");
    let Some(mut browser) = Browser::start(profile.path()) else {
        return;
    };
    browser.say(
        "Emulation.setScriptExecutionDisabled",
        &json!({"value": !scripts}),
    );
    let phone = json!({"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": true});
    browser.say("Emulation.setDeviceMetricsOverride", &phone);
    let dark = json!({"features": [{"name": "prefers-color-scheme", "value": "dark"}]});
    browser.say("Emulation.setEmulatedMedia", &dark);
    browser.open(&format!("{}/admin/login", gate.url()));
    browser.write("#token", &token);
    browser.click("main button");
    browser.until("location.pathname == '/admin/' && document.readyState == 'complete'");
    for page in ["", "queue", "log", "package/pypi/frob"] {
        browser.open(&format!("{}/admin/{page}", gate.url()));
        let wide = browser.value("document.documentElement.scrollWidth");
        assert!(wide.as_u64().is_some_and(|w| w <= 360), "{page}: {wide}");
        let paper = browser.value("getComputedStyle(document.body).backgroundColor");
        assert_eq!(paper, "rgb(13, 17, 23)", "{page} is dark");
    }
    assert_eq!(browser.value("typeof htmx == 'object'"), scripts);
    // the keyboard comes first to the link past the header, and what has the focus is marked
    for kind in ["keyDown", "keyUp"] {
        let tab = json!({"type": kind, "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9});
        browser.say("Input.dispatchKeyEvent", &tab);
    }
    browser.until("document.activeElement.className == 'skip'");
    let outline = browser.value("getComputedStyle(document.activeElement).outlineStyle");
    assert_eq!(outline, "solid");

    browser.open(&format!("{}/admin/queue", gate.url()));
    browser.write("input[name=reason]", "read it");
    browser.click("button[value=approve]");
    browser.until("location.pathname == '/admin/package/pypi/frob' && document.body.innerText.includes('read it')");
    assert_eq!(gate.get(file).await.status, 200);
    if scripts {
        browser.open(&format!("{}/admin/log?kind=alert", gate.url()));
        browser.until("document.body.innerText.includes('Nothing happened yet')");
        // a connection past the gate is an alert
        let reply = gate.ask("CONNECT", "elsewhere.example:443", &[], b"").await;
        assert_eq!(reply.status, 403);
        browser.until("document.querySelector('#live').innerText.includes('elsewhere.example')");
    }
}
