//! The escape probes of `escapes.md`, as the user of the tests and as one without rights.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::process::Stdio;

use super::project::{Done, Project};

const TABLE: &str = include_str!("escapes.md");

/// What every Python probe begins with.
const PRELUDE: &str = r#"
import ctypes, os, socket, ssl, sys, time
libc = ctypes.CDLL(None, use_errno=True)
def number(x86_64, aarch64):
    # those from 424 on are the same everywhere
    return aarch64 if os.uname().machine == "aarch64" else x86_64
def raw(host, port, data):
    s = socket.create_connection((host, port), 3); s.settimeout(4); s.sendall(data); got = b""
    try:
        while True:
            part = s.recv(4096)
            if not part: return got
            got += part
    except OSError: return got
def http(host, port, name):
    return raw(host, port, b"GET / HTTP/1.1\r\nHost: " + name.encode() + b"\r\nConnection: close\r\n\r\n")
def tls(host, name, port=443):
    # True only for an answer that is not the trap's
    c = ssl.create_default_context(); c.check_hostname = False; c.verify_mode = ssl.CERT_NONE
    try:
        s = c.wrap_socket(socket.create_connection((host, port), 3), server_hostname=name); s.settimeout(4)
        s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"); got = s.recv(100)
        return bool(got) and b"foretaste" not in got
    except OSError: return False
def query(name, kind):
    return b"\1\2\1\0\0\1\0\0\0\0\0\0" + b"".join(bytes([len(l)]) + l.encode() for l in name.split(".")) + b"\0" + kind.to_bytes(2, "big") + b"\0\1"
"#;

struct Probe {
    name: String,
    script: String,
    log: Option<String>,
}

fn probes(host_port: u16) -> Vec<Probe> {
    let mut probes = Vec::new();
    for part in TABLE.split("\n## ").skip(1) {
        let (name, rest) = part.split_once("\n```").expect("a fence");
        let (head, code) = rest.split_once('\n').expect("a head");
        let code = code.split("\n```").next().expect("an end");
        let said = |key: &str| {
            let (_, said) = head.split_once(&format!("{key}=\""))?;
            Some(said.split('"').next().unwrap_or(said).to_owned())
        };
        if said("only").is_some_and(|only| only != std::env::consts::ARCH) {
            continue;
        }
        let log = said("log");
        assert!(
            log.is_some() != said("silent").is_some(),
            "{name}: either the record says something of it, or the table says why not"
        );
        let script = if head.starts_with("py") {
            let code = code.replace("HOST_PORT", &host_port.to_string());
            format!("/usr/bin/python3 - <<'PROBE'\n{PRELUDE}\n{code}\nPROBE")
        } else {
            code.to_owned()
        };
        probes.push(Probe {
            name: name.to_owned(),
            script,
            log,
        });
    }
    probes
}

/// A server on the host's loopback that says so when something arrives.
fn host_server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut stream = stream;
                let _ = stream.read(&mut [0; 1000]);
                let _ = stream.write_all(
                    b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\nARRIVED",
                );
            });
        }
    });
    port
}

fn try_all(project: &Project) {
    let port = host_server();
    let name = SocketAddr::from_abstract_name("foretaste-test").expect("a name");
    // the other user's test may have it already
    let _abstract = UnixListener::bind_addr(&name);
    std::fs::create_dir_all(project.home().join(".ssh")).expect("can be made");
    std::fs::write(project.home().join(".ssh/id_rsa"), "of-the-host").expect("can be written");
    project.write(
        "policy.toml",
        &format!(
            "[network]\nallow = [\"allowed.example\"]\n\
             [network.addresses]\n\"allowed.example\" = \"127.0.0.1:{port}\"\n[limits]\nprocesses = 300\ndisk = 200000000\n"
        ),
    );
    let probes = probes(port);
    assert!(probes.len() >= 60, "{} probes", probes.len());
    let mut failed = Vec::new();
    for probe in &probes {
        let mut command = project.command(
            &["--policy", "policy.toml", "--report", "record.ndjson"],
            &probe.script,
        );
        let output = command
            .stdin(Stdio::null())
            .output()
            .expect("the binary starts");
        let run = Done::of(&output);
        let record = project.read("record.ndjson").unwrap_or_default();
        if run.stdout.contains("ESCAPED") {
            failed.push(format!("{}: got out: {run:?}", probe.name));
        } else if let Some(log) = probe
            .log
            .as_ref()
            .filter(|log| !record.contains(log.as_str()))
        {
            failed.push(format!("{}: the record lacks `{log}`: {run:?}", probe.name));
        }
    }
    assert!(
        failed.is_empty(),
        "{} of {} failed:\n{}",
        failed.len(),
        probes.len(),
        failed.join("\n")
    );
    println!("{} probes, 0 got out", probes.len());
}

#[test]
fn no_probe_gets_out_and_each_is_recorded() {
    try_all(&Project::new());
}

#[test]
fn no_probe_gets_out_for_a_user_without_rights() {
    if let Some(project) = Project::of_nobody() {
        try_all(&project);
    }
}
