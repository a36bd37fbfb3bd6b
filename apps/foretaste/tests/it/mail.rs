//! `foretaste watch`'s mail against a real server (aiosmtpd), over TLS, with a password. `FORETASTE_MAIL_PYTHON` names an
//! interpreter that has it; `.ci/run` installs one.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::support::{Home, Run};

/// A mail server, stopped when it is dropped.
struct Server {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
    port: u16,
}

impl Server {
    fn start(python: &str, mode: &str, certificate: &Certificate) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/mail_server.py");
        let mut child = Command::new(python)
            .arg(script)
            .args([mode.as_ref(), certificate.chain.as_path(), &certificate.key])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the interpreter starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let port = lines.next().expect("a port").expect("text");
        let port = port.parse().expect("a port");
        Self { child, lines, port }
    }

    /// The next mail; blocks until there is one.
    fn mail(&mut self) -> Value {
        let line = self.lines.next().expect("a mail").expect("text");
        serde_json::from_str(&line).expect("JSON")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A certificate for `localhost` that signs itself.
struct Certificate {
    chain: PathBuf,
    key: PathBuf,
}

impl Certificate {
    fn below(folder: &Path) -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("made");
        let (chain, key) = (folder.join("mail.pem"), folder.join("mail.key"));
        std::fs::write(&chain, made.cert.pem()).expect("written");
        std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");
        Self { chain, key }
    }
}

fn python() -> Option<String> {
    let found = std::env::var("FORETASTE_MAIL_PYTHON").ok();
    if found.is_none() {
        eprintln!("NOT TESTED: FORETASTE_MAIL_PYTHON is not set; `.ci/run` sets it");
    }
    found
}

/// Adds a mail sink and sends it a test.
fn send(home: &Home, port: u16, security: &str, more: &[&str]) -> Run {
    let server = format!("localhost:{port}");
    let add = ["watch", "sink", "add", "mail", "sec", "--server", &server];
    let people = [
        "--from",
        "Foretaste <watch@acme.example>",
        "--to",
        "sec@acme.example",
    ];
    let args: Vec<&str> = add
        .iter()
        .chain(&["--security", security])
        .chain(&people)
        .chain(more)
        .copied()
        .collect();
    let run = home.run(&args);
    assert_eq!(run.code, 0, "{}", run.stderr);
    home.run(&["watch", "sink", "test", "sec"])
}

const ACCOUNT: [&str; 4] = ["--user", "sec", "--password-env", "MAIL_PASSWORD"];

#[test]
fn mail_goes_over_tls_with_a_password_or_not_at_all() {
    let Some(python) = python() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let certificate = Certificate::below(folder.path());
    let trusted = certificate.chain.display().to_string();
    let trusting = || Home::new().with("SSL_CERT_FILE", &trusted);
    let home = trusting().with("MAIL_PASSWORD", "open sesame");
    for mode in ["starttls", "tls"] {
        let mut server = Server::start(&python, mode, &certificate);
        let run = send(&home, server.port, mode, &ACCOUNT);
        assert_eq!(run.code, 0, "{mode}: {}", run.stderr);
        let mail = server.mail();
        assert_eq!(mail["tls"], true, "{mail}");
        assert_eq!(mail["user"], "sec", "{mail}");
        assert_eq!(mail["from"], "watch@acme.example");
        assert_eq!(mail["to"], serde_json::json!(["sec@acme.example"]));
        let text = mail["text"].as_str().expect("a text");
        assert!(
            text.contains("Subject: ") && text.contains("test"),
            "{text}"
        );

        let wrong = trusting().with("MAIL_PASSWORD", "guessed");
        let run = send(&wrong, server.port, mode, &ACCOUNT);
        assert_ne!(run.code, 0, "{mode}: a wrong password");
        assert!(!run.stderr.contains("guessed"), "{}", run.stderr);

        // a certificate that nobody vouches for
        let stranger = Home::new().with("MAIL_PASSWORD", "open sesame");
        let run = send(&stranger, server.port, mode, &ACCOUNT);
        assert_ne!(run.code, 0, "{mode}: an unknown certificate");
        assert!(run.stderr.contains("did not take it"), "{}", run.stderr);
    }
    // a server that offers no TLS gets nothing, whoever took it out
    let mut plain = Server::start(&python, "plain", &certificate);
    let run = send(&home, plain.port, "starttls", &ACCOUNT);
    assert_ne!(run.code, 0, "no STARTTLS");
    let run = send(&home, plain.port, "none", &ACCOUNT);
    assert_ne!(run.code, 0, "a password without TLS");
    let run = send(&home, plain.port, "none", &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(plain.mail()["user"], Value::Null);
}
