//! A gate in front of loopback upstreams, and a client that shows everything of an answer.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use foretaste_gate::{
    Alarm, Alert, Event, Gate, GateOptions, Sample, Scopes, Server, Settings, Verb, Vetted, Vetter,
};
use foretaste_io::{Environment, HttpOptions};
use foretaste_model::Verdict;
use foretaste_osv::{Advisories, Importer, Source};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::oneshot;

/// Judges by words in the bytes, and counts.
#[derive(Default)]
pub(crate) struct WordVetter {
    pub(crate) vetted: AtomicU32,
    pub(crate) delay: Duration,
    /// What the edition is called; a second edition finds `SLEEPER` bad, too.
    pub(crate) edition: AtomicU32,
    /// True while nothing can be vetted wholly.
    pub(crate) outage: AtomicBool,
}

#[async_trait]
impl Vetter for WordVetter {
    async fn vet(&self, sample: Sample) -> Vetted {
        let mut file = sample.file;
        // what never comes is no vetting
        if !file.whole().await {
            std::future::pending::<()>().await;
        }
        self.vetted.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(self.delay).await;
        let read = file.read(u64::MAX >> 1).await;
        let mut bytes = read.expect("it is here").unwrap_or_default();
        if bytes.starts_with(&[0x1f, 0x8b]) {
            let mut plain = Vec::new();
            let mut gzip = flate2::read::GzDecoder::new(bytes.as_slice());
            std::io::Read::read_to_end(&mut gzip, &mut plain).expect("it is gzip");
            bytes = plain;
        }
        let has = |word: &str| bytes.windows(word.len()).any(|w| w == word.as_bytes());
        let awake = self.edition.load(Ordering::SeqCst) > 0;
        let (verdict, reason) = if self.outage.load(Ordering::SeqCst) {
            (Verdict::Incomplete, "its registry does not answer")
        } else if has("MALICIOUS") || (awake && has("SLEEPER")) {
            (Verdict::Block, "posts the environment at install time")
        } else if has("ODD") {
            (Verdict::Incomplete, "a part could not be read")
        } else {
            (Verdict::Clear, "")
        };
        Vetted {
            verdict,
            score: 0.5,
            reasons: [reason]
                .into_iter()
                .filter(|r| !r.is_empty())
                .map(str::to_owned)
                .collect(),
            report: json!({"verdict": verdict}),
        }
    }

    async fn edition(&self) -> String {
        self.edition.load(Ordering::SeqCst).to_string()
    }
}

/// What people would have been told.
#[derive(Default)]
pub(crate) struct Heard(pub(crate) Mutex<Vec<Alert>>);

#[async_trait]
impl Alarm for Heard {
    async fn tell(&self, alert: Alert) {
        self.0.lock().expect("a lock").push(alert);
    }
}

/// A running gate.
pub(crate) struct TestGate {
    pub(crate) address: SocketAddr,
    pub(crate) gate: Arc<Gate>,
    pub(crate) vetter: Arc<WordVetter>,
    pub(crate) alarm: Arc<Heard>,
    stop: Option<oneshot::Sender<()>>,
    done: Option<tokio::task::JoinHandle<()>>,
    folder: Option<tempfile::TempDir>,
}

impl TestGate {
    /// Starts a gate. `settings` is TOML; the address and the folder are added.
    pub(crate) async fn start(settings: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self::start_in(folder, settings, WordVetter::default()).await
    }

    /// Starts a gate that knows an advisory, given as OSV has it.
    pub(crate) async fn start_advised(settings: &str, advisory: &Value) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let advisories = Advisories::at(&folder.path().join("advisories"));
        let mut importer = Importer::new(&advisories).expect("an importer");
        let source = Source {
            location: "a test".into(),
            imported: jiff::Timestamp::UNIX_EPOCH,
            as_of: None,
        };
        importer.add("one.json", advisory.to_string().as_bytes());
        importer
            .finish(&source, &[])
            .expect("the advisories are written");
        Self::start_in(folder, settings, WordVetter::default()).await
    }

    /// Starts a gate with another vetter.
    pub(crate) async fn start_with(settings: &str, vetter: WordVetter) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self::start_in(folder, settings, vetter).await
    }

    /// Stops the gate and starts one for a single command on the same folder.
    pub(crate) async fn for_one_command(mut self, settings: &str, vetter: WordVetter) -> Self {
        self.end().await;
        let folder = self.folder.take().expect("a folder");
        Self::open_in(folder, settings, vetter, true, &[]).await
    }

    /// Starts a gate with variables of its own.
    pub(crate) async fn start_among(settings: &str, variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self::open_in(folder, settings, WordVetter::default(), false, variables).await
    }

    async fn start_in(folder: tempfile::TempDir, settings: &str, vetter: WordVetter) -> Self {
        Self::open_in(folder, settings, vetter, false, &[]).await
    }

    async fn open_in(
        folder: tempfile::TempDir,
        settings: &str,
        vetter: WordVetter,
        serves_itself_alone: bool,
        variables: &[(&str, &str)],
    ) -> Self {
        let data = if settings.starts_with("data = ") {
            ""
        } else {
            "data = 'data'\n"
        };
        let shared = crate::postgres::for_everything(folder.path(), settings).await;
        let text = format!("listen = '127.0.0.1:0'\n{data}{settings}\n{shared}");
        let settings =
            Settings::parse("gate.toml", &text, folder.path()).unwrap_or_else(|e| panic!("{e}"));
        let vetter = Arc::new(vetter);
        let alarm = Arc::new(Heard::default());
        let mut environment = Environment::below(Path::new("/none"))
            .with("AWS_ACCESS_KEY_ID", "tester")
            .with("AWS_SECRET_ACCESS_KEY", "tester");
        for (name, value) in variables {
            environment = environment.with(name, value);
        }
        let gate = Gate::open(GateOptions {
            serves_itself_alone,
            settings,
            internal_names: Vec::new(),
            environment,
            http: HttpOptions {
                retries: 1,
                backoff: Duration::from_millis(10),
                longest_pause: Duration::from_millis(50),
                read_timeout: Duration::from_secs(2),
                ..HttpOptions::default()
            },
            vetter: vetter.clone(),
            alarm: Some(alarm.clone()),
            advisories: Some(Advisories::at(&folder.path().join("advisories"))),
        })
        .await
        .expect("the gate opens");
        let server = Server::bind(gate.clone()).await.expect("it listens");
        let address = server.address().expect("an address");
        let (stop, stopped) = oneshot::channel();
        let done = tokio::spawn(async move {
            let stopped = async { drop(stopped.await) };
            server.run(stopped).await.expect("it serves");
        });
        Self {
            address,
            gate,
            vetter,
            alarm,
            stop: Some(stop),
            done: Some(done),
            folder: Some(folder),
        }
    }

    /// Stops the gate and starts another one on the same folder.
    pub(crate) async fn restart(mut self, settings: &str) -> Self {
        self.end().await;
        let folder = self.folder.take().expect("a folder");
        Self::start_in(folder, settings, WordVetter::default()).await
    }

    pub(crate) async fn end(&mut self) {
        drop(self.stop.take());
        if let Some(done) = self.done.take() {
            done.await.expect("it ends");
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.as_ref().expect("a folder").path()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) async fn token_of_team(&self, team: &str) -> String {
        let scopes = Scopes {
            verbs: vec![Verb::Read],
            packages: Vec::new(),
            team: Some(team.to_owned()),
        };
        let token = self.gate.tokens().issue(team, &scopes, None).await;
        token.expect("a token")
    }

    pub(crate) async fn token(&self, verb: Verb, packages: &[&str]) -> String {
        let scopes = Scopes {
            verbs: vec![verb],
            packages: packages.iter().map(|p| (*p).to_owned()).collect(),
            team: None,
        };
        self.gate
            .tokens()
            .issue("tester", &scopes, None)
            .await
            .expect("a token")
    }

    pub(crate) async fn events(&self) -> Vec<Event> {
        self.gate.events(None, 100).await.expect("the log")
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, &[], b"").await
    }

    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Reply {
        ask(self.address, method, path, headers, body).await
    }
}

/// An answer, as it came.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) phrase: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }
}

/// One request on a connection of its own, without any cleverness of a client.
pub(crate) async fn ask(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Reply {
    let mut socket = tokio::net::TcpStream::connect(address)
        .await
        .expect("connects");
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: gate\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    if !body.is_empty() {
        head.extend(["content-length: ", &body.len().to_string(), "\r\n"]);
    }
    head.push_str("\r\n");
    socket.write_all(head.as_bytes()).await.expect("sent");
    socket.write_all(body).await.expect("sent");
    let mut answer = Vec::new();
    // a server that closes early leaves what it sent
    let _ = socket.read_to_end(&mut answer).await;
    let end = answer
        .windows(4)
        .position(|w| w == b"\r\n\r\n")
        .unwrap_or_else(|| panic!("no answer: {}", String::from_utf8_lossy(&answer)));
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let mut status = lines.next().expect("a status line").splitn(3, ' ');
    let (_, code, phrase) = (status.next(), status.next(), status.next());
    let headers: BTreeMap<String, String> = lines
        .filter_map(|l| l.split_once(": "))
        .map(|(k, v)| (k.to_ascii_lowercase(), v.to_owned()))
        .collect();
    let mut body = answer[end + 4..].to_vec();
    if headers
        .get("transfer-encoding")
        .is_some_and(|v| v == "chunked")
    {
        body = unchunk(&body);
    }
    Reply {
        status: code.expect("a status").parse().expect("a number"),
        phrase: phrase.unwrap_or_default().to_owned(),
        headers,
        body,
    }
}

fn unchunk(mut rest: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some(end) = rest.windows(2).position(|w| w == b"\r\n") {
        let size = String::from_utf8_lossy(&rest[..end]).into_owned();
        let size = usize::from_str_radix(size.trim(), 16).expect("a size");
        if size == 0 {
            break;
        }
        out.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 4 + size..];
    }
    out
}

/// A small wheel, or one with a word in it.
pub(crate) fn wheel(name: &str, version: &str, word: &str) -> Vec<u8> {
    wheel_that_says(name, version, word, "")
}

/// A wheel with further lines of metadata.
pub(crate) fn wheel_that_says(name: &str, version: &str, word: &str, more: &str) -> Vec<u8> {
    use std::io::Write as _;
    let module = name.replace('-', "_");
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let info = format!("{module}-{version}.dist-info");
    for (path, text) in [
        (
            format!("{module}/__init__.py"),
            format!("# {word}\nVALUE = {version:?}\n"),
        ),
        (
            format!("{info}/METADATA"),
            format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{more}"),
        ),
        (
            format!("{info}/WHEEL"),
            "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
                .to_owned(),
        ),
        (
            format!("{info}/RECORD"),
            format!("{module}/__init__.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n"),
        ),
    ] {
        zip.start_file(path, options).expect("an entry");
        zip.write_all(text.as_bytes()).expect("written");
    }
    zip.finish().expect("finished").into_inner()
}

/// The file name of such a wheel.
pub(crate) fn wheel_name(name: &str, version: &str) -> String {
    format!("{}-{version}-py3-none-any.whl", name.replace('-', "_"))
}

/// Runs a program to its end: whether it ended well, and what it said.
pub(crate) async fn run(mut command: std::process::Command) -> (bool, String) {
    let output = tokio::task::spawn_blocking(move || command.output().expect("starts"))
        .await
        .expect("runs");
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    (output.status.success(), text)
}

/// A program of this machine, if it is there. In CI it must be.
pub(crate) fn program(name: &str) -> Option<String> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&paths)
        .map(|dir| dir.join(name))
        .find(|p| p.is_file())
        .map(|p| p.display().to_string());
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "{name} is needed in CI");
        eprintln!("skipped: {name} is not installed");
    }
    found
}
