//! What is seen, by each source.

use foretaste_model::Verdict;

use crate::support::{Watch, connected, details, turn};

fn both(check: impl Fn(&Watch<'_>)) {
    let Some(_turn) = turn() else { return };
    for lesser in [false, true] {
        check(&Watch {
            lesser,
            ..Watch::default()
        });
    }
}

#[test]
fn programs_are_seen_with_arguments_folder_and_parents() {
    both(|watch| {
        let report = watch.run("cd /tmp && env FORETASTE_STEP=build bash -c 'sleep 0.2; true'");
        let sleep = report
            .processes
            .iter()
            .position(|process| process.program.ends_with("/sleep"));
        let sleep = sleep.expect("sleep ran");
        let process = &report.processes[sleep];
        assert_eq!(
            (
                process.arguments.join(" ").as_str(),
                process.directory.as_str()
            ),
            ("sleep 0.2", "/tmp")
        );
        assert_eq!(report.steps[sleep].as_deref(), Some("build"));
        let mut above = process.parent;
        let mut lines = Vec::new();
        while let Some(at) = above {
            lines.push(report.processes[at].arguments.join(" "));
            above = report.processes[at].parent;
        }
        assert!(
            lines.iter().any(|line| line.starts_with("bash -c sleep")),
            "{lines:?}"
        );
        assert!(report.sources.iter().all(|about| !about.blind.is_empty()));
    });
}

#[test]
fn nothing_of_other_processes_is_told() {
    both(|watch| {
        // this process itself is the monitor: what it does is not told. Both sockets live on: who sent a packet is found by
        // its socket, and nobody answers that there is none.
        let bind = || std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket");
        let (from, to) = (bind(), bind());
        let there = to.local_addr().expect("an address");
        let over = std::sync::atomic::AtomicBool::new(false);
        let report = std::thread::scope(|scope| {
            scope.spawn(|| {
                // a minute at most, should the watch not come back
                for _ in 0..12_000 {
                    if over.load(std::sync::atomic::Ordering::Relaxed) {
                        break;
                    }
                    from.send_to(b"x", there).expect("sent");
                    std::thread::sleep(std::time::Duration::from_millis(5));
                }
            });
            let report = watch.run("true");
            over.store(true, std::sync::atomic::Ordering::Relaxed);
            report
        });
        assert_eq!(report.verdict, Verdict::Clear, "{:?}", report.findings);
        assert_eq!(report.counts.connections, 0, "{:?}", report.events);
    });
}

#[test]
fn connections_are_seen_over_both_protocols_and_families() {
    both(|watch| {
        let report = watch.run(
            "/usr/bin/python3 - <<'E'\nimport socket,time\nfor f,a in ((socket.AF_INET,'127.0.0.1'),(socket.AF_INET6,'::1')):\n    t=socket.socket(f,socket.SOCK_STREAM); t.settimeout(1)\n    try: t.connect((a,47001))\n    except OSError: pass\n    u=socket.socket(f,socket.SOCK_DGRAM); u.sendto(b'x',(a,47002)); time.sleep(0.2)\nE",
        );
        for (address, port) in [("127.0.0.1", 47002), ("::1", 47002)] {
            assert!(
                connected(&report, "python", address, port),
                "{address} {port}: {:?}",
                report.events
            );
        }
        if !watch.lesser {
            assert!(
                connected(&report, "python", "127.0.0.1", 47001),
                "{:?}",
                report.events
            );
            assert!(
                connected(&report, "python", "::1", 47001),
                "{:?}",
                report.events
            );
        }
    });
}

#[test]
fn secrets_that_are_read_and_shells_below_an_installer_are_told() {
    both(|watch| {
        let folder = tempfile::tempdir().expect("a folder");
        let pip = folder.path().join("pip");
        std::os::unix::fs::symlink("/bin/bash", &pip).expect("a link");
        let report = watch.run(&format!(
            "{} -c 'bash -c \"cat /etc/shadow > /dev/null; sleep 0.1\"; true'",
            pip.display()
        ));
        assert!(
            details(&report, "credential-read")
                .iter()
                .any(|d| d.contains("/etc/shadow")),
            "{:?}",
            report.findings
        );
        assert!(
            details(&report, "unexpected-process")
                .iter()
                .any(|d| d.starts_with("bash -c cat")),
            "{:?}",
            report.processes
        );
    });
}

#[test]
fn memory_of_another_process_is_told() {
    let Some(_turn) = turn() else { return };
    let report = Watch::default().run("sleep 1 & cat /proc/$!/environ > /dev/null; /usr/bin/python3 -c \"open('/proc/$PPID/mem','rb')\"; true");
    let found = details(&report, "process-memory");
    assert!(
        found.iter().any(|d| d.contains("environ")),
        "{:?}",
        report.findings
    );
}
