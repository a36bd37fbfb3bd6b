//! `foretaste watch`: an advisory that arrives later is told, by Slack's shape, by mail and to a program.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

use foretaste_fake_registries::{
    Answer, Ask, FakeFile, FakeProject, FakePypi, FakeServer, Manners,
};
use serde_json::Value;

use crate::advisories::{archive, record};
use crate::support::{Home, sdist, serving};

/// A mail server that takes everything and gives each mail as it was sent.
fn mail_server() -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let (told, mails) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if let Some(mail) = take(stream) {
                let _ = told.send(mail);
            }
        }
    });
    (port, mails)
}

/// One session of RFC 5321, as a server.
fn take(stream: TcpStream) -> Option<String> {
    let mut out = stream.try_clone().ok()?;
    let mut lines = BufReader::new(stream).lines();
    let mut say = |text: &str| out.write_all(format!("{text}\r\n").as_bytes());
    say("220 loopback").ok()?;
    let mut mail = None;
    while let Some(Ok(line)) = lines.next() {
        let verb = line.get(..4).unwrap_or("").to_ascii_uppercase();
        match &*verb {
            "EHLO" => say("250-loopback\r\n250 8BITMIME").ok()?,
            "DATA" => {
                say("354 go on").ok()?;
                let mut text = String::new();
                for line in lines.by_ref().map_while(Result::ok) {
                    if line == "." {
                        break;
                    }
                    text.push_str(&line);
                    text.push('\n');
                }
                mail = Some(text);
                say("250 taken").ok()?;
            }
            "QUIT" => {
                let _ = say("221 bye");
                break;
            }
            _ => say("250 ok").ok()?,
        }
    }
    mail
}

/// An index with one release.
async fn index() -> FakeServer {
    let file = FakeFile::new("honest-1.0.tar.gz", &sdist("honest", "1.0"));
    FakePypi::new()
        .project(FakeProject::new("honest").file(file))
        .start()
        .await
}

async fn receiver() -> FakeServer {
    FakeServer::start(Manners::default(), |_, _| Answer::ok("text/plain", "ok")).await
}

fn posted<'a>(log: &'a [Ask], path: &str) -> Vec<&'a Ask> {
    log.iter().filter(|ask| ask.path == path).collect()
}

#[test]
fn an_advisory_that_arrives_later_is_told_once_to_everybody() {
    serving(async || {
        let index = index().await;
        let hooks = receiver().await;
        let (port, mails) = mail_server();
        let home = Home::new()
            .with("PIP_INDEX_URL", &format!("{}/simple", index.url()))
            .with("TEAM_HOOK", &format!("{}/slack", hooks.url()))
            .with("HOOK_SECRET", "whsec_c2VjcmV0");
        home.write("app/requirements.txt", "honest==1.0\n");
        let run = home.run(&["watch", "add", "app"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(run.stderr.contains("nobody is told yet"), "{}", run.stderr);
        let server = format!("127.0.0.1:{port}");
        let hook = format!("{}/hook", hooks.url());
        for args in [
            &["slack", "team", "--url-env", "TEAM_HOOK"][..],
            &[
                "webhook",
                "siem",
                "--url",
                &hook,
                "--secret-env",
                "HOOK_SECRET",
            ],
            &[
                "mail",
                "sec",
                "--server",
                &server,
                "--security",
                "none",
                "--from",
                "foretaste@acme.example",
                "--to",
                "security@acme.example",
            ],
            &["file", "log", "--path", "log.ndjson"],
            &["command", "cmd", "--", "tee", "told.json"],
            &[
                "slack",
                "later",
                "--url-env",
                "NOT_SET",
                "--severity",
                "block",
            ],
        ] {
            let args: Vec<&str> = ["watch", "sink", "add"]
                .iter()
                .chain(args)
                .copied()
                .collect();
            let run = home.run(&args);
            assert_eq!(run.code, 0, "{args:?}: {}", run.stderr);
        }
        // nothing happened: nothing is told
        let run = home.run(&["watch", "run", "--once"]);
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        assert!(run.stdout.ends_with("app: as before\n"), "{}", run.stdout);

        home.write(
            "dump.tar.gz",
            archive(&[record("MAL-2026-1", "2026-10-31T21:00:00Z")]),
        );
        assert_eq!(home.run(&["advisories", "import", "dump.tar.gz"]).code, 0);
        let run = home.run(&["watch", "run", "--once"]);
        // what is worse wins over a sink that could not be told
        assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
        assert!(
            run.stderr
                .contains("`later` was not told: the variable NOT_SET is not set"),
            "{}",
            run.stderr
        );
        assert!(
            run.stderr.contains("1 judged; 5 messages sent, 1 waiting"),
            "{}",
            run.stderr
        );

        let log = hooks.log();
        let slack = posted(&log, "/slack");
        assert_eq!(slack.len(), 1);
        let text: Value = serde_json::from_slice(&slack[0].body).expect("JSON");
        let text = text["text"].as_str().expect("a text");
        assert!(
            text.contains("[block]") && text.contains("pypi:honest@1.0 is worse than before"),
            "{text}"
        );
        let signed = posted(&log, "/hook");
        assert_eq!(signed.len(), 1);
        assert!(signed[0].header("webhook-signature").starts_with("v1,"));
        assert!(!signed[0].header("webhook-id").is_empty());
        let mail = mails
            .recv_timeout(std::time::Duration::from_secs(10))
            .expect("a mail");
        assert!(mail.contains("known-malware"), "{mail}");
        assert!(mail.contains("Subject: [block]"), "{mail}");
        let line = std::fs::read_to_string(home.path().join("log.ndjson")).expect("written");
        assert_eq!(line.lines().count(), 1);
        let given =
            std::fs::read_to_string(home.path().join("told.json")).expect("the program ran");
        assert_eq!(given.trim(), line.trim());

        // it is told once; the one that failed waits for its time
        let run = home.run(&["watch", "run", "--once"]);
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        assert!(
            run.stderr.contains("0 messages sent, 1 waiting"),
            "{}",
            run.stderr
        );
        let run = home.run(&["watch", "list"]);
        assert!(run.stdout.contains("worst block"), "{}", run.stdout);
        assert!(
            run.stdout.contains("tried 1 time: the variable NOT_SET"),
            "{}",
            run.stdout
        );
        let secret = run.stdout.contains("/hook");
        assert!(!secret, "{}", run.stdout);
    });
}

/// A process that is killed while a receiver holds its answer back tells again when it runs next, under the same id.
#[test]
fn a_kill_during_delivery_loses_nothing() {
    serving(async || {
        let index = index().await;
        // takes the request and never answers
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let silent = listener.local_addr().expect("bound");
        let (seen, first) = channel();
        std::thread::spawn(move || {
            let kept: Vec<TcpStream> = listener
                .incoming()
                .flatten()
                .inspect(|stream| {
                    let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
                    let mut head = String::new();
                    while reader.read_line(&mut head).is_ok_and(|n| n > 2) {}
                    let _ = seen.send(head);
                })
                .collect();
            drop(kept);
        });
        let home = Home::new().with("PIP_INDEX_URL", &format!("{}/simple", index.url()));
        home.write("app/requirements.txt", "honest==1.0\n");
        assert_eq!(home.run(&["watch", "add", "app"]).code, 0);
        let url = format!("http://{silent}/hook");
        assert_eq!(
            home.run(&["watch", "sink", "add", "webhook", "siem", "--url", &url])
                .code,
            0
        );
        home.write(
            "dump.tar.gz",
            archive(&[record("MAL-2026-1", "2026-10-31T21:00:00Z")]),
        );
        assert_eq!(home.run(&["advisories", "import", "dump.tar.gz"]).code, 0);
        let mut child = home
            .command(&["watch", "run", "--once"])
            .spawn()
            .expect("starts");
        let head = first
            .recv_timeout(std::time::Duration::from_mins(1))
            .expect("it posts");
        child.kill().expect("killed");
        child.wait().expect("ended");
        let id = |head: &str| {
            let line = head
                .lines()
                .find(|l| l.to_ascii_lowercase().starts_with("webhook-id:"));
            line.expect("an id").to_owned()
        };

        let hooks = receiver().await;
        let url = format!("{}/hook", hooks.url());
        assert_eq!(
            home.run(&["watch", "sink", "add", "webhook", "siem", "--url", &url])
                .code,
            0
        );
        let run = home.run(&["watch", "run", "--once"]);
        assert!(
            run.stderr.contains("1 message sent, 0 waiting"),
            "{}",
            run.stderr
        );
        let log = hooks.log();
        let again = posted(&log, "/hook");
        assert_eq!(again.len(), 1);
        assert!(id(&head).ends_with(again[0].header("webhook-id")));
    });
}

#[test]
fn what_cannot_be_watched_or_told_is_said() {
    let home = Home::new();
    let run = home.run(&["watch", "run", "--once"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("foretaste watch add"), "{}", run.stderr);
    let run = home.run(&["watch", "add", "./nowhere"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("does not exist"), "{}", run.stderr);
    let run = home.run(&[
        "watch",
        "sink",
        "add",
        "mail",
        "sec",
        "--server",
        "mail.acme.example",
    ]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("mail needs --to ADDRESS"),
        "{}",
        run.stderr
    );
    let run = home.run(&["watch", "install", "--cron"]);
    assert!(
        run.stdout.contains("watch run --once --quiet"),
        "{}",
        run.stdout
    );
    let run = home.run(&["watch", "install", "--dry-run"]);
    assert!(run.stdout.contains("OnUnitActiveSec=6h"), "{}", run.stdout);
    // a timer's environment is not the one in which the book was filled
    let cache = home.path().join("cache").display().to_string();
    let kept = format!("Environment=\"FORETASTE_CACHE_DIR={cache}\"");
    assert!(run.stdout.contains(&kept), "{}", run.stdout);
}

#[test]
fn an_environment_is_watched_as_what_is_installed_in_it() {
    serving(async || {
        let index = index().await;
        let home = Home::new().with("PIP_INDEX_URL", &format!("{}/simple", index.url()));
        home.write("app/.venv/pyvenv.cfg", "home = /usr/bin\n");
        let info = "app/.venv/lib/python3.12/site-packages/honest-1.0.dist-info";
        home.write(
            &format!("{info}/METADATA"),
            "Metadata-Version: 2.1\nName: honest\nVersion: 1.0\n",
        );
        home.write(
            &format!("{info}/RECORD"),
            "honest-1.0.dist-info/METADATA,,\nhonest-1.0.dist-info/RECORD,,\n",
        );
        let run = home.run(&["watch", "add", "app/.venv"]);
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        let list = home.run(&["watch", "list", "--format", "json"]);
        assert!(list.stdout.contains("honest@1.0"), "{}", list.stdout);
    });
}
