//! What becomes of changes.

use std::os::unix::fs::{MetadataExt, PermissionsExt};

use super::project::Project;

#[test]
fn without_a_decision_nothing_changes() {
    let project = Project::new();
    project.write("kept", "as it was");
    let run = project.run(&[], "echo other > kept; echo x > new; rm -rf .git");
    assert_eq!(project.read("kept").as_deref(), Some("as it was"));
    assert_eq!(project.read("new"), None);
    assert!(run.stderr.contains("~ kept"), "{run:?}");
    assert!(run.stderr.contains("+ new"), "{run:?}");
    assert!(
        run.stderr.contains("the changes were not applied"),
        "{run:?}"
    );
    assert_eq!(run.stdout, "", "standard output is the command's");
}

#[test]
fn applied_changes_are_what_the_command_left() {
    let project = Project::new();
    project.write("deleted", "");
    project.write("folder/inner/deleted", "");
    project.write("replaced/old", "");
    project.write("replaced/below/old", "");
    project.write("changed", "one\n");
    project.write("mode", "");
    let script = "rm deleted; rm -r folder; rm -r replaced; mkdir -p replaced/below; echo n > replaced/new; echo m > replaced/below/new; echo two >> changed; \
                  chmod 700 mode; mkdir -p new/a/b; echo x > new/a/b/c; ln -s new/a link; mv new/a new/z";
    let run = project.run(&["--commit"], script);
    assert_eq!(run.code, Some(0), "{run:?}");
    let path = project.path();
    for gone in [
        "deleted",
        "folder",
        "replaced/old",
        "replaced/below/old",
        "new/a",
    ] {
        assert!(!path.join(gone).exists(), "{gone} is still there");
    }
    assert_eq!(project.read("replaced/new").as_deref(), Some("n\n"));
    assert_eq!(project.read("changed").as_deref(), Some("one\ntwo\n"));
    assert_eq!(project.read("new/z/b/c").as_deref(), Some("x\n"));
    assert_eq!(
        std::fs::read_link(path.join("link"))
            .expect("a link")
            .to_str(),
        Some("new/a")
    );
    assert_eq!(
        path.join("mode")
            .metadata()
            .expect("is there")
            .permissions()
            .mode()
            & 0o777,
        0o700
    );
    let left: Vec<_> = std::fs::read_dir(&path)
        .expect("can be read")
        .flatten()
        .filter(|e| e.file_name().to_string_lossy().starts_with(".foretaste"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn what_leads_out_or_gives_rights_is_not_applied() {
    let project = Project::new();
    let script = "ln -s /etc/passwd out; ln -s ../../../../etc/shadow up; mkfifo pipe; cp /bin/true set; chmod 6755 set; \
                  mkdir -p .git/hooks; echo '#!/bin/sh' > .git/hooks/post-checkout; touch x.pth";
    let run = project.run(&["--commit"], script);
    let path = project.path();
    for out in ["out", "up", "pipe"] {
        assert!(
            path.join(out).symlink_metadata().is_err(),
            "{out} was applied: {run:?}"
        );
    }
    assert_eq!(
        path.join("set").metadata().expect("is there").mode() & 0o7777,
        0o755
    );
    for said in [
        "a link that leads out",
        "a device, pipe or socket",
        "another user's rights",
        "runs when git is used",
        "runs whenever Python starts",
    ] {
        assert!(run.stderr.contains(said), "{said}: {}", run.stderr);
    }
}

#[test]
fn a_link_that_was_put_in_the_way_leads_nowhere() {
    let project = Project::new();
    let victim = project.home().join("victim");
    std::fs::create_dir_all(&victim).expect("can be made");
    project.write("folder/file", "");
    let run = project.begin(
        &["--commit"],
        "echo payload > folder/new; echo begun; read go",
    );
    let folder = project.path().join("folder");
    std::fs::remove_dir_all(&folder).expect("can be removed");
    std::os::unix::fs::symlink(&victim, &folder).expect("can be made");
    run.go_on();
    assert!(
        !victim.join("new").exists(),
        "the change went through the link"
    );
}

#[test]
fn what_changed_outside_meanwhile_is_not_overwritten() {
    let project = Project::new();
    let file = project.write("file", "before");
    let other = project.write("other", "before");
    let run = project.begin(
        &["--commit"],
        "echo begun; read go; echo inside > file; echo inside > other",
    );
    std::fs::write(&other, "outside").expect("can be written");
    let run = run.go_on();
    assert_eq!(std::fs::read_to_string(other).expect("is there"), "outside");
    assert_eq!(
        std::fs::read_to_string(file).expect("is there"),
        "before",
        "all or nothing"
    );
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(
        run.stderr.contains("changed outside while the command ran"),
        "{run:?}"
    );
}

#[test]
fn a_signal_while_somebody_is_asked_ends_it_in_order() {
    let project = Project::new();
    let mut command = project.command(&["--ask"], "echo x > new");
    let mut child = command
        .stdin(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("starts");
    // an end of the input would be an answer, too
    let answers = child.stdin.take();
    // until the question stands there
    let mut said = Vec::new();
    let mut error = child.stderr.take().expect("piped");
    while !String::from_utf8_lossy(&said).contains("Apply these changes?") {
        let mut part = [0; 256];
        let length = std::io::Read::read(&mut error, &mut part).expect("can be read");
        assert!(length > 0, "it ended without a question");
        said.extend_from_slice(&part[..length]);
    }
    std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .expect("kill runs");
    let status = child.wait().expect("ends");
    drop(answers);
    assert_eq!(status.code(), Some(130));
    assert_eq!(project.read("new"), None);
    assert_eq!(project.runs(), 0, "the run's folder survived");
}

#[test]
fn a_part_can_be_applied() {
    let project = Project::new();
    project.run(
        &["--commit", "--only", "wanted/inner"],
        "mkdir -p wanted/inner; echo a > wanted/inner/a; echo b > wanted/b; echo c > c",
    );
    assert_eq!(project.read("wanted/inner/a").as_deref(), Some("a\n"));
    assert_eq!((project.read("wanted/b"), project.read("c")), (None, None));
}

#[test]
fn hostile_names_are_shown_as_they_are() {
    let project = Project::new();
    let run = project.run(&[], r"touch $(printf 'a\033[2Jb') $(printf 'x\ny')");
    assert!(!run.stderr.contains('\u{1b}'), "{:?}", run.stderr);
}
