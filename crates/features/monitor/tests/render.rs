//! The allow-list in each target's words, and events in each collector's protocol. These need no rights.
#![cfg(target_os = "linux")]

use foretaste_monitor::egress::{Target, render};
use foretaste_monitor::policy::Policy;

const POLICY: &str = r#"
mode = "block"
allow = ["files.example", "*.cdn.example:8443", "10.0.0.0/8:5432", "2001:db8::/32", "registry.example:443"]
expected = ["curl"]

[[only]]
program = "git"
allow = ["code.example:22"]
"#;

fn policy() -> Policy {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("monitor.toml");
    foretaste_io::files::write(&path, POLICY.as_bytes()).expect("written");
    Policy::read(&path).expect("a policy")
}

#[test]
fn every_target_is_rendered() {
    for (name, target) in Target::ALL {
        let rendered = render(&policy(), target, "CI jobs");
        let remarks: String = rendered
            .remarks
            .iter()
            .map(|remark| format!("note: {remark}\n"))
            .collect();
        insta::assert_snapshot!(name, format!("{}---\n{remarks}", rendered.text));
    }
}

#[test]
fn what_is_rendered_for_the_monitor_is_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("monitor.toml");
    let text = render(&policy(), Target::Monitor, "").text;
    foretaste_io::files::write(&path, text.as_bytes()).expect("written");
    assert_eq!(Policy::read(&path).expect("a policy"), policy());
}

#[test]
fn what_is_yaml_is_read_as_yaml() {
    for target in [Target::Kubernetes, Target::Cilium, Target::Falco] {
        let text = render(&policy(), target, "ci").text;
        for event in saphyr_parser::Parser::new_from_str(&text) {
            event.unwrap_or_else(|error| panic!("{target:?}: {error}\n{text}"));
        }
    }
}
