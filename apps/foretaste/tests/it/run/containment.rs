//! What the command can and cannot reach, and how it ends.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::project::{Done, Project};

#[test]
fn the_command_sees_a_system_and_its_project_and_nothing_else() {
    let project = Project::new();
    project.write("file", "of the project");
    std::fs::create_dir_all(project.home().join(".ssh")).expect("can be made");
    std::fs::write(project.home().join(".ssh/id_ed25519"), "of the host").expect("can be written");
    let run = project.run(&[], "cat file; pwd; hostname; echo; ls -A ~ /run /tmp; cat ~/.ssh/id_ed25519 /etc/shadow /proc/1/environ");
    assert!(run.stdout.starts_with("of the project"), "{run:?}");
    assert!(run.stdout.contains("build"), "{run:?}");
    assert!(!run.stdout.contains("of the host"), "{run:?}");
    assert!(!run.stdout.contains("root:"), "{run:?}");
}

#[test]
fn a_project_in_shared_memory_is_one_like_others() {
    let memory = Path::new("/dev/shm");
    if !memory.is_dir() {
        println!("left out: there is no shared memory");
        return;
    }
    let project = Project::below(memory);
    project.write("here", "");
    let script = "ls; echo new > made; ls -A /dev/shm | wc -l";
    let run = project.run(&["--commit"], script);
    assert_eq!(run.stdout, "here\n1\n", "{run:?}");
    assert_eq!(project.read("made").as_deref(), Some("new\n"), "{run:?}");
}

#[test]
fn secrets_of_the_environment_stay_outside() {
    let project = Project::new();
    let run = project.run(&[], "env");
    assert!(!run.stdout.contains("of-the-host"), "{run:?}");
    assert!(run.stdout.contains("LANG=C.UTF-8"), "{run:?}");
}

#[test]
fn what_the_caller_left_open_stays_outside() {
    let project = Project::new();
    std::fs::write(project.home().join("secret"), "of the host").expect("can be written");
    let inner = project.command(&[], "ls -l /proc/self/fd; cat <&9");
    let mut outer = Command::new("sh");
    outer
        .args(["-c", "exec 9<\"$HOME/secret\"; exec \"$@\"", "sh"])
        .arg(inner.get_program())
        .args(inner.get_args())
        .current_dir(project.path())
        .env_clear()
        .envs(inner.get_envs().filter_map(|(k, v)| Some((k, v?))));
    let run = Done::of(&outer.output().expect("the shell starts"));
    assert!(!run.stdout.contains("of the host"), "{run:?}");
    assert!(!run.stdout.contains(" 9 -> "), "{run:?}");
    assert_ne!(run.code, Some(0), "{run:?}");
}

#[test]
fn secrets_below_folders_that_are_shown_stay_outside() {
    let project = Project::new();
    for path in [".gem/credentials", ".local/share/uv/credentials/x"] {
        let path = project.home().join(path);
        std::fs::create_dir_all(path.parent().expect("has one")).expect("can be made");
        std::fs::write(&path, "of the host").expect("can be written");
    }
    let run = project.run(&[], "ls -d ~/.gem; cat ~/.gem/credentials ~/.local/share/uv/credentials/x; ls -A /etc/ssl/private");
    assert!(run.stdout.contains("/.gem"), "{run:?}");
    assert!(!run.stdout.contains("of the host"), "{run:?}");
    assert!(!run.stdout.contains(".key"), "{run:?}");
}

#[test]
fn exit_codes_are_the_commands_own() {
    let project = Project::new();
    assert_eq!(project.run(&[], "exit 7").code, Some(7));
    assert_eq!(project.run(&[], "kill -9 $$").code, Some(137));
    assert_eq!(project.run(&[], "exec nosuchprogram").code, Some(127));
}

#[test]
fn a_program_that_does_not_exist_is_named() {
    let project = Project::new();
    let output = Command::new(env!("CARGO_BIN_EXE_foretaste"))
        .args(["run", "--", "nosuchprogram"])
        .current_dir(project.path())
        .env("FORETASTE_STATE_DIR", project.top().join("state"))
        .output()
        .expect("the binary starts");
    let run = Done::of(&output);
    assert_eq!(run.code, Some(127));
    assert!(
        run.stderr
            .contains("cannot run `nosuchprogram`: No such file or directory"),
        "{run:?}"
    );
}

#[test]
fn a_user_without_rights_is_contained_as_well() {
    let Some(project) = Project::of_nobody() else {
        return;
    };
    let run = project.run(
        &["--commit"],
        "id -u; echo made > new; cat /etc/shadow; unshare -U true",
    );
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stdout.starts_with("65534"), "{run:?}");
    assert_eq!(project.read("new").as_deref(), Some("made\n"), "{run:?}");
}

#[test]
fn nothing_survives_the_run() {
    let project = Project::new();
    let (one, other) = (sleep(1), sleep(2));
    let run = project.run(
        &[],
        &format!("({one}; echo alive) & setsid {other} & exit 0"),
    );
    assert_eq!(run.code, Some(0));
    assert!(!is_running(&one) && !is_running(&other), "a child survived");
    assert_eq!(project.runs(), 0, "the run's folder survived");
}

#[test]
fn a_signal_to_the_supervisor_reaches_the_command() {
    let project = Project::new();
    let run = project.begin(
        &[],
        "trap 'echo asked; exit 5' TERM; echo begun; while :; do sleep 0.05; done",
    );
    Command::new("kill")
        .arg(run.child.id().to_string())
        .status()
        .expect("kill runs");
    let done = run.go_on();
    assert_eq!(
        (done.code, done.stdout.as_str()),
        (Some(5), "asked\n"),
        "{done:?}"
    );
}

#[test]
fn when_the_supervisor_is_killed_everything_is() {
    let project = Project::new();
    let sleep = sleep(3);
    let mut run = project.begin(&[], &format!("echo begun; exec {sleep}"));
    run.child.kill().expect("can be killed");
    run.child.wait().expect("ends");
    let began = Instant::now();
    while is_running(&sleep) && began.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(!is_running(&sleep), "the command outlived its supervisor");
    // and the next run tidies up
    project.run(&[], "true");
    assert_eq!(project.runs(), 0);
}

/// A command that nobody else on this machine runs.
fn sleep(which: u32) -> String {
    format!("sleep {}.{which}", 100_000 + std::process::id())
}

fn is_running(what: &str) -> bool {
    let list = Command::new("ps")
        .args(["-eo", "args"])
        .output()
        .expect("ps runs");
    String::from_utf8_lossy(&list.stdout)
        .lines()
        .any(|line| line == what)
}
