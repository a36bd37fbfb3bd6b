//! What is meant to bring the supervisor down: full disks, floods, hostile text.

use std::process::Command;

use super::project::{Done, Project};

/// In a mount namespace of its own, where the project's folder has one MiB.
fn on_a_small_disk(project: &Project, script: &str) -> Done {
    let inner = project.command(&["--commit"], script);
    let mut outer = Command::new("unshare");
    outer
        .args(["--map-root-user", "--mount", "sh", "-c"])
        .arg("mount -t tmpfs -o size=1m none . && cd \"$PWD\" && echo before > kept && echo x > gone && \"$@\"; code=$?; cat kept gone; ls -A; exit $code")
        .arg("sh")
        .arg(inner.get_program())
        .args(inner.get_args())
        .current_dir(project.path())
        .env_clear()
        .envs(inner.get_envs().filter_map(|(k, v)| Some((k, v?))));
    Done::of(&outer.output().expect("util-linux is installed"))
}

#[test]
fn where_the_disk_is_full_nothing_is_applied_in_part() {
    let project = Project::new();
    let run = on_a_small_disk(
        &project,
        "echo after > kept; rm gone; head -c 4000000 /dev/zero > large; echo new > zz",
    );
    assert_eq!(run.code, Some(3), "{run:?}");
    assert_eq!(run.stdout, "before\nx\ngone\nkept\n", "{run:?}");
    assert!(
        run.stderr.contains("No space left on device")
            && run.stderr.contains("everything was taken back"),
        "{run:?}"
    );
}

#[test]
fn a_command_is_told_that_the_disk_is_full() {
    let project = Project::new();
    project.write("policy.toml", "[limits]\ndisk = 1000000\n");
    let run = project.run(
        &["--policy", "policy.toml"],
        "head -c 4000000 /dev/zero > /tmp/large || echo told",
    );
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.contains("told"), "{run:?}");
}

#[test]
fn a_flood_is_counted_and_the_report_says_that_it_is_not_whole() {
    let project = Project::new();
    project.write(
        "flood.py",
        "import os, socket\n\
         half = os.fork() == 0\n\
         s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n\
         for n in range(51000): s.sendto(b'x', ('10.%d.%d.%d' % (half, n >> 8, n & 255), 9))\n\
         if half: os._exit(0)\n\
         os.wait()\n",
    );
    let run = project.run(
        &["--report", "record.ndjson"],
        "/usr/bin/python3 flood.py; /bin/echo $GITHUB_TOKEN > /dev/null; exit 4",
    );
    // what weighs is told even so
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(
        run.stderr.contains("github-token in the arguments of"),
        "{run:?}"
    );
    assert!(
        run.stderr.contains("not everything was recorded"),
        "{run:?}"
    );
    let record = project.read("record.ndjson").expect("written");
    let last = record.lines().last().expect("a line");
    assert!(last.contains("\"complete\":false"), "{last}");
}

#[test]
fn hostile_words_are_shown_as_they_are_in_every_report() {
    let project = Project::new();
    // thousands of words, one of them long, with what a terminal, Markdown and HTML would take for theirs
    let script = "long=$(head -c 100000 /dev/zero | tr '\\0' a); \
                  cp /bin/cat \"$(printf 'e\\033[2Jvil')\"; \
                  \"./$(printf 'e\\033[2Jvil')\" ~/.ssh/id_rsa \"$(printf '\\033]0;own\\007\\n```\\n<img src=x>')\" \"$long\" $(seq 20000) 2> /dev/null; \
                  bash -c 'exec -a \"$(printf \"\\033[31mred\")\" true'; \
                  getent hosts \"$(printf 'a\\033[2Jb').invalid\"; true";
    let options = [
        "--report",
        "record.ndjson",
        "--also",
        "markdown=job.md",
        "--also",
        "sarif=run.sarif",
        "--also",
        "in-toto=run.json",
    ];
    let run = project.run(&options, script);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(
        run.stderr.contains("reads files that hold secrets"),
        "{run:?}"
    );
    assert!(!run.stderr.contains('\u{1b}'), "{run:?}");
    for name in ["record.ndjson", "job.md", "run.sarif", "run.json"] {
        let text = project.read(name).expect("written");
        assert!(text.contains("id_rsa"), "{name}: {text}");
        assert!(!text.contains(['\u{1b}', '\u{7}']), "{name}: {text}");
        assert!(text.len() < 1 << 17, "{name} has {} bytes", text.len());
    }
    let job = project.read("job.md").expect("written");
    let outside = outside_of_blocks(&job);
    assert!(outside.iter().all(|line| !line.contains("<img")), "{job}");
}

/// The lines of Markdown that stand in no block of code. A block ends with at least as many marks as it began with.
fn outside_of_blocks(markdown: &str) -> Vec<&str> {
    let marks = |line: &str| line.len() - line.trim_start_matches('`').len();
    let (mut outside, mut open) = (Vec::new(), None);
    for line in markdown.lines() {
        match open {
            None if marks(line) >= 3 => open = Some(marks(line)),
            None => outside.push(line),
            Some(begun) if marks(line) >= begun && line.trim_matches('`').is_empty() => open = None,
            Some(_) => {}
        }
    }
    assert_eq!(open, None, "a block does not end: {markdown}");
    outside
}
