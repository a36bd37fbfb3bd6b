//! What containment costs: a command bare against the same command contained, in pairs and in random order.
//!
//! ```text
//! cargo run --release -p foretaste-sandbox --example cost -- NAME PAIRS REMOVED -- COMMAND…
//! ```
//! prints a row of the table: median processor time and wall time of both, and the median of the pairs' ratios with
//! the least and the greatest. `REMOVED` is a path that is removed before each run, or `-`. The command runs in the
//! working folder; its changes are forgotten. As root the processor time is that of a control group, which misses
//! nothing; otherwise that of the processes that were waited for.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a tool for developers that starts commands and prints a table"
)]

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::OsString;
    use std::path::{Path, PathBuf};
    use std::process::{Command, ExitCode, Stdio};
    use std::time::{Duration, Instant};

    use foretaste_sandbox::policy::Policy;
    use foretaste_sandbox::policy::preset::Preset;
    use foretaste_sandbox::{Host, Output, Request, contained, registry_hosts};

    /// This tool again, as `foretaste run --discard`.
    const CONTAINED: &str = "__contained";
    /// Before each run: file systems without a journal (ext4) avoid the numbers of files that were deleted within the
    /// last five seconds, so that a run right after another one pays for what that one deleted.
    const PAUSE: Duration = Duration::from_secs(6);
    const GROUP: &str = "/sys/fs/cgroup/cpuacct/foretaste-cost";

    pub(crate) fn main() -> ExitCode {
        let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
        match arguments.first().and_then(|first| first.to_str()) {
            Some(contained::COMMAND) => contained::main(),
            Some(CONTAINED) => contain(arguments.get(1..).unwrap_or(&[])),
            _ => compare(&arguments),
        }
    }

    fn contain(command: &[OsString]) -> ExitCode {
        let mut policy = Policy {
            preset: Preset::of(command),
            ..Policy::default()
        };
        let host = Host::of_process();
        if let Some(preset) = policy.preset {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            let found = runtime.block_on(registry_hosts::find(preset, &host.environment));
            policy.network.registries = found.unwrap_or_default();
        }
        let request = Request {
            command: command.to_vec(),
            phases: None,
            policy,
            host,
            binary: std::env::current_exe().expect("this program has a file"),
            output: Output::Inherited,
        };
        match foretaste_sandbox::run(&request) {
            Ok(finished) => ExitCode::from(finished.ended.exit_code()),
            Err(error) => {
                println!("{error}");
                ExitCode::from(error.exit_code())
            }
        }
    }

    fn compare(arguments: &[OsString]) -> ExitCode {
        let [name, pairs, removed, dashes, command @ ..] = arguments else {
            println!("usage: cost NAME PAIRS REMOVED -- COMMAND…");
            return ExitCode::from(2);
        };
        let pairs: usize = pairs.to_str().and_then(|p| p.parse().ok()).unwrap_or(7);
        if dashes != "--" || command.is_empty() {
            println!("usage: cost NAME PAIRS REMOVED -- COMMAND…");
            return ExitCode::from(2);
        }
        let removed = (removed != "-").then(|| PathBuf::from(removed));
        let mut contained = vec![
            std::env::current_exe()
                .expect("this program has a file")
                .into_os_string(),
            CONTAINED.into(),
        ];
        contained.extend(command.iter().cloned());
        let _ = std::fs::create_dir(GROUP);
        let mut measured = Vec::new();
        for pair in 0..pairs {
            let once = |command: &[OsString]| once(command, removed.as_deref());
            // which of them goes first alternates, so that what warms up is nobody's gain
            let (bare, run) = if pair % 2 == 0 {
                let bare = once(command);
                (bare, once(&contained))
            } else {
                let run = once(&contained);
                (once(command), run)
            };
            measured.push((bare, run));
        }
        let _ = std::fs::remove_dir(GROUP);
        println!(
            "{:<14} {:>7} {:>8} {:>24} {:>8} {:>8} {:>24}",
            "command", "bare", "run", "processor time", "bare", "run", "wall"
        );
        let column = |of: fn(&(f64, f64)) -> f64| {
            let bare = median(measured.iter().map(|(bare, _)| of(bare)).collect());
            let run = median(measured.iter().map(|(_, run)| of(run)).collect());
            let mut ratios: Vec<f64> = measured.iter().map(|(b, r)| of(r) / of(b)).collect();
            ratios.sort_by(f64::total_cmp);
            let spread = format!(
                "x{:.3} ({:.2}..{:.2})",
                median(ratios.clone()),
                ratios.first().unwrap_or(&0.0),
                ratios.last().unwrap_or(&0.0)
            );
            format!("{bare:>7.3}s {run:>7.3}s {spread:>23}")
        };
        let row = [column(|m| m.0), column(|m| m.1)].join("  ");
        println!("{:<14} {row}", name.to_string_lossy());
        ExitCode::SUCCESS
    }

    /// Seconds of processor time and of wall time.
    fn once(command: &[OsString], removed: Option<&Path>) -> (f64, f64) {
        if let Some(path) = removed {
            let _ = std::fs::remove_dir_all(path);
        }
        std::thread::sleep(PAUSE);
        let before = processor_time();
        let began = Instant::now();
        // the shell enters the group before it becomes the command
        let enter = format!("echo $$ 2>/dev/null >{GROUP}/cgroup.procs; exec \"$@\"");
        let status = Command::new("sh")
            .args(["-c", &enter, "sh"])
            .args(command)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("the command starts");
        let wall = began.elapsed().as_secs_f64();
        assert!(status.success(), "{command:?} failed: {status}");
        (processor_time() - before, wall)
    }

    fn processor_time() -> f64 {
        use nix::sys::resource::{UsageWho, getrusage};
        if let Ok(text) = std::fs::read_to_string(format!("{GROUP}/cpuacct.usage")) {
            return text.trim().parse::<f64>().unwrap_or(0.0) / 1e9;
        }
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("usage can be asked");
        let seconds = |time: nix::sys::time::TimeVal| {
            time.tv_sec() as f64 + f64::from(time.tv_usec() as u32) / 1e6
        };
        seconds(usage.user_time()) + seconds(usage.system_time())
    }

    fn median(mut values: Vec<f64>) -> f64 {
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(0.0)
    }
}

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    linux::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("commands are contained on Linux alone");
}
