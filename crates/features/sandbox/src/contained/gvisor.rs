//! gVisor: its program `runsc` runs the command on a kernel of its own, inside the run's namespaces.
//!
//! It takes the root as it was built, so that changes land in the same folders, and the sockets of the run's network, so
//! that every connection ends at the supervisor. It traces with ptrace, which needs neither KVM nor root.

use std::convert::Infallible;
use std::ffi::{CString, OsString};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use nix::errno::Errno;

use super::backend::Backend;
use super::channel::{Channel, Message};
use super::command;
use super::failure::{At, Failure, Stage};
use super::plan::Plan;

/// The program, in the run.
const PROGRAM: &str = "/usr/bin/runsc";
/// Where it keeps its state and the command's description, in the run.
const STATE: &str = "/dev/shm/.runsc";

pub(crate) struct Gvisor;

impl Backend for Gvisor {
    fn is_there(&self) -> Result<(), Failure> {
        let found = Path::new(PROGRAM).is_file();
        found
            .then_some(())
            .ok_or_else(|| Failure::new(Stage::Isolation, Errno::ENOENT, PROGRAM))
    }

    fn needs_privileges(&self) -> bool {
        true
    }

    fn nested(&self) -> u32 {
        16
    }

    fn become_it(
        &self,
        channel: &Channel,
        plan: &Plan,
        words: &[OsString],
    ) -> Result<Infallible, Failure> {
        let state = Path::new(STATE);
        std::fs::DirBuilder::new()
            .mode(0o700)
            .recursive(true)
            .create(state)
            .at(Stage::Isolation, state)?;
        let text = description(plan, words).to_string();
        let file = state.join("config.json");
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&file)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .at(Stage::Isolation, &file)?;
        command::plain_signals()?;
        channel
            .write(&Message::Isolated)
            .at(Stage::Isolation, "channel")?;
        command::wait_for_go(channel)?;
        let arguments = [
            PROGRAM,
            "--root",
            STATE,
            "--platform=ptrace",
            "--network=host",
            "--overlay=false",
            "--ignore-cgroups",
            "--log=/dev/null",
            "run",
            "--bundle",
            STATE,
            "command",
        ];
        let arguments: Vec<CString> = arguments
            .iter()
            .filter_map(|word| CString::new(*word).ok())
            .collect();
        let environment = [c"PATH=/usr/bin:/bin:/usr/sbin:/sbin"];
        let program = CString::new(PROGRAM).unwrap_or_default();
        nix::unistd::execve(&program, &arguments, &environment).at(Stage::Isolation, PROGRAM)
    }

    fn notes(&self) -> &'static [&'static str] {
        &[
            "isolated by gVisor: programs, files that are read, and who made a connection are not recorded, and no runner is planted; changes, network and planted secrets are",
            "isolated by gVisor: processes have no limits of their own; without the right to make control groups the run has none",
        ]
    }
}

/// The command in the words of the Open Container Initiative's runtime specification.
fn description(plan: &Plan, words: &[OsString]) -> serde_json::Value {
    let text = |value: &OsString| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let environment: Vec<String> = plan
        .environment
        .iter()
        .map(|(name, value)| format!("{}={}", text(name), text(value)))
        .collect();
    serde_json::json!({
        "ociVersion": "1.0.0",
        "process": {
            "terminal": false,
            "user": {"uid": 0, "gid": 0},
            "args": words.iter().map(text).collect::<Vec<_>>(),
            "env": environment,
            "cwd": plan.directory.to_string_lossy(),
            "capabilities": {},
            "noNewPrivileges": true,
        },
        "root": {"path": "/", "readonly": false},
        "hostname": plan.hostname,
        "mounts": [
            {"destination": "/proc", "type": "proc", "source": "proc"},
            {"destination": "/dev/shm", "type": "tmpfs", "source": "tmpfs"},
        ],
        "linux": {"namespaces": [
            {"type": "pid"}, {"type": "mount"}, {"type": "ipc"}, {"type": "uts"},
        ]},
    })
}
