//! `foretaste monitor` and `foretaste egress`. What watches needs root and eBPF; `FORETASTE_UNPRIVILEGED=1` leaves it out, and
//! each test says so.

use std::fs;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::Home;

/// `monitor stop` takes away what any killed monitor of this machine left, so that nobody may stop one while another test looks at what is left.
static HOOKS_OF_THE_KILLED: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    HOOKS_OF_THE_KILLED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
}

fn privileged() -> bool {
    let is_left_out = std::env::var_os("FORETASTE_UNPRIVILEGED").is_some();
    if is_left_out {
        println!("left out: needs root and eBPF");
    }
    !is_left_out
}

#[test]
fn a_command_is_watched_and_its_exit_code_is_passed_on() {
    if !privileged() {
        return;
    }
    let home = Home::new();
    home.write("monitor.toml", "allow = [\"files.example\"]\n");
    let script = "getent hosts collect.example.invalid; exit 7";
    let run = home.run(&[
        "monitor",
        "run",
        "--policy",
        "monitor.toml",
        "--export",
        "file:events.ndjson",
        "--",
        "bash",
        "-c",
        script,
    ]);
    assert_eq!(run.code, 7, "{}", run.stderr);
    assert!(
        run.stderr.contains("egress-alert") && run.stderr.contains("not seen:"),
        "{}",
        run.stderr
    );
    let events = fs::read_to_string(home.path().join("events.ndjson")).expect("events");
    let lines: Vec<Value> = events
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert!(lines.iter().any(
        |line| line["dns"]["question"]["name"] == "collect.example.invalid"
            && line["event"]["kind"] == "alert"
    ));
    assert!(
        lines
            .iter()
            .all(|line| line["ecs"]["version"].is_string() && line["@timestamp"].is_string())
    );
    let run = home.run(&[
        "monitor",
        "run",
        "--policy",
        "monitor.toml",
        "--fail-on",
        "review",
        "--",
        "bash",
        "-c",
        script,
    ]);
    assert_eq!(run.code, 1, "{}", run.stderr);
}

#[test]
fn a_machine_is_watched_from_start_to_stop() {
    if !privileged() {
        return;
    }
    let _alone = alone();
    let home = Home::new();
    let state = home.path().join("state").display().to_string();
    let start = home.run(&[
        "monitor",
        "start",
        "--state",
        &state,
        "--export",
        "file:events.ndjson",
    ]);
    assert_eq!(start.code, 0, "{}{}", start.stdout, start.stderr);
    assert!(
        start.stdout.contains("watched by process"),
        "{}",
        start.stdout
    );
    let again = home.run(&["monitor", "start", "--state", &state]);
    assert!(
        again.code == 2 && again.stderr.contains("runs already"),
        "{}",
        again.stderr
    );
    let mark = format!("foretaste-test-{}", std::process::id());
    assert!(
        std::process::Command::new("/bin/echo")
            .arg(&mark)
            .output()
            .is_ok()
    );
    let report = home.run(&["monitor", "report", "--state", &state, "--format", "json"]);
    assert!(report.stdout.contains(&mark), "{}", report.stderr);
    let stop = home.run(&["monitor", "stop", "--state", &state, "--format", "json"]);
    assert!(stop.stdout.contains(&mark), "{}", stop.stderr);
    let stop = home.run(&["monitor", "stop", "--state", &state]);
    assert!(stop.stdout.contains("seen through"), "{}", stop.stdout);
}

#[test]
fn a_killed_watch_is_no_pass() {
    if !privileged() {
        return;
    }
    let _alone = alone();
    let home = Home::new();
    let state = home.path().join("state").display().to_string();
    assert_eq!(home.run(&["monitor", "start", "--state", &state]).code, 0);
    let pid = fs::read_to_string(home.path().join("state/pid")).expect("a number");
    let killed = std::process::Command::new("kill")
        .args(["-9", pid.trim()])
        .status();
    assert!(killed.is_ok_and(|status| status.success()));
    let begin = Instant::now();
    while fs::metadata(format!("/proc/{}/exe", pid.trim())).is_ok()
        && begin.elapsed() < Duration::from_secs(30)
    {
        std::thread::sleep(Duration::from_millis(20));
    }
    let stop = home.run(&["monitor", "stop", "--state", &state]);
    assert_eq!(stop.code, 3, "{}{}", stop.stdout, stop.stderr);
    assert!(stop.stderr.contains("did not live"), "{}", stop.stderr);
}

/// The command's processes stay stopped when the monitor is killed.
#[test]
fn what_was_stopped_stays_stopped_when_the_monitor_is_killed() {
    if !privileged() {
        return;
    }
    let _alone = alone();
    let home = Home::new();
    home.write("monitor.toml", "mode = \"block\"\n");
    let script = "try() { (exec 3<>/dev/tcp/192.0.2.77/9) 2> err; cat err >> out; }; try; touch ready; while [ ! -e go ]; do sleep 0.1; done; try; touch done";
    let mut monitor = home
        .command(&[
            "monitor",
            "run",
            "--policy",
            "monitor.toml",
            "--",
            "bash",
            "-c",
            script,
        ])
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("started");
    let wait = |name: &str| {
        let begin = Instant::now();
        while !home.path().join(name).exists() {
            assert!(begin.elapsed() < Duration::from_secs(30), "no {name}");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    wait("ready");
    monitor.kill().expect("killed");
    monitor.wait().expect("gone");
    home.write("go", "");
    wait("done");
    let out = fs::read_to_string(home.path().join("out")).expect("output");
    assert_eq!(
        out.matches("connect: Operation not permitted").count(),
        2,
        "{out}"
    );
    // takes the hooks away again
    let state = home.path().join("state").display().to_string();
    let stop = home.run(&["monitor", "stop", "--state", &state]);
    assert!(stop.stderr.contains("let through again"), "{}", stop.stderr);
}

#[test]
fn a_list_is_rendered_and_what_is_wrong_with_it_is_told() {
    let home = Home::new();
    home.write("monitor.toml", "allow = [\"files.example\"]\n");
    let run = home.run(&["egress", "policy", "--target", "cilium"]);
    assert!(
        run.code == 0 && run.stdout.contains("matchName: \"files.example\""),
        "{}",
        run.stderr
    );
    let run = home.run(&["egress", "policy", "--target", "k8s"]);
    assert!(run.stderr.contains("knows no names"), "{}", run.stderr);
    home.write("monitor.toml", "alow = []\n");
    let run = home.run(&["egress", "policy", "--target", "k8s"]);
    assert!(
        run.code == 2 && run.stderr.contains("alow"),
        "{}",
        run.stderr
    );
    let run = home.run(&["monitor", "run", "--export", "mail:x", "--", "true"]);
    assert!(
        run.code == 2 && run.stderr.contains("hint: stdout, file:PATH"),
        "{}",
        run.stderr
    );
}
