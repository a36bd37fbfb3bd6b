//! What is stopped.

use foretaste_behaviour::{Access, Action};

use crate::support::{Watch, details, turn};

const LISTENERS: &str = "/usr/bin/python3 - <<'E' &\nimport socket,select\ns=[]\nfor a in ('198.18.77.1','198.18.77.2'):\n    t=socket.create_server((a,8080)); s.append(t)\n    u=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); u.bind((a,8081)); s.append(u)\nselect.select(s,[],[],4)\nE\nsleep 0.5\n";

fn with_addresses(script: &str) -> String {
    format!(
        "ip address add 198.18.77.1/32 dev lo; ip address add 198.18.77.2/32 dev lo\n{LISTENERS}{script}\nkill %1 2>/dev/null; ip address del 198.18.77.1/32 dev lo; ip address del 198.18.77.2/32 dev lo; true"
    )
}

#[test]
fn what_is_not_on_the_list_is_stopped_and_what_is_passes() {
    let Some(_turn) = turn() else { return };
    let watch = Watch {
        policy: "mode = \"block\"\nallow = [\"198.18.77.1:8080\"]\n",
        ..Watch::default()
    };
    let report = watch.run(&with_addresses(
        "for a in 198.18.77.1 198.18.77.2; do (echo > /dev/tcp/$a/8080) 2>/dev/null && echo $a open >> /tmp/foretaste-block.$PPID || echo $a shut >> /tmp/foretaste-block.$PPID; done; cat /tmp/foretaste-block.$PPID >&2; rm -f /tmp/foretaste-block.$PPID\n",
    ));
    let access = |to: &str| {
        report.events.iter().find_map(|event| match &event.action {
            Action::Connection {
                address,
                port: 8080,
                access,
                ..
            } if address == to => Some(*access),
            _ => None,
        })
    };
    assert_eq!(
        access("198.18.77.1"),
        Some(Access::Allowed),
        "{:?}",
        report.events
    );
    assert_eq!(
        access("198.18.77.2"),
        Some(Access::Denied),
        "{:?}",
        report.events
    );
    assert!(
        details(&report, "egress-denied")
            .iter()
            .any(|d| d.contains("198.18.77.2:8080"))
    );
    assert!(report.counts.blocked > 0);
}

#[test]
fn names_that_are_not_allowed_are_not_answered_whoever_is_asked() {
    let Some(_turn) = turn() else { return };
    let watch = Watch {
        policy: "mode = \"block\"\nallow = [\"files.example\"]\n",
        ..Watch::default()
    };
    // over UDP to the machine's server, over UDP and TCP to a server that it does not use
    let report = watch.run("getent hosts secret.exfil.invalid; dig +time=2 +tries=1 @192.0.2.53 TXT tunnel.exfil.invalid; dig +tcp +time=2 +tries=1 @192.0.2.53 tcp.exfil.invalid; true");
    for name in [
        "secret.exfil.invalid",
        "tunnel.exfil.invalid",
        "tcp.exfil.invalid",
    ] {
        let seen = report.events.iter().any(|event| {
            matches!(&event.action, Action::Name { name: asked, access: Access::Denied, .. } if asked == name)
        });
        assert!(seen, "{name}: {:?}", report.events);
    }
}

#[test]
fn without_means_to_block_nothing_is_started() {
    let Some(_turn) = turn() else { return };
    let policy = crate::support::policy("mode = \"block\"\n");
    let error = foretaste_monitor::Session::open(foretaste_monitor::Settings {
        policy,
        locked: foretaste_monitor::Locked::default(),
        watched: String::new(),
        command: true,
        lesser: true,
    })
    .expect_err("refused");
    assert!(
        error.to_string().contains("nothing can be blocked"),
        "{error}"
    );
}
