//! What this machine allows for containment.

use std::path::{Path, PathBuf};

use foretaste_io::Environment;

use crate::host::Host;
use crate::kernel::{release, setting, version};
use crate::policy::Policy;
use crate::supervisor::{Ended, Output, Request, run};

/// How well something works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It works.
    Good,
    /// It does not, and something else stands in for it.
    Reduced,
    /// Nothing can be run without it.
    Missing,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What.
    pub name: &'static str,
    /// How well it works.
    pub state: State,
    /// In words, with what to do.
    pub words: String,
}

/// Looks at the kernel's settings, then runs `true` contained, as this user: what the kernel says then is the truth.
pub fn examine(host: &Host, binary: PathBuf) -> Vec<Check> {
    let mut checks = vec![kernel(), user_namespaces(), app_armor(), control_groups()];
    let mut request = Request {
        phases: None,
        command: vec!["true".into()],
        policy: Policy::default(),
        host: host.clone(),
        binary,
        output: Output::Inherited,
    };
    // somewhere that is a project whatever the working folder is
    request.host.environment =
        Environment::below(&std::env::temp_dir()).with("PATH", "/usr/bin:/bin");
    checks.push(match run(&request) {
        Ok(finished) if finished.ended == Ended::Code(0) => {
            let reduced: Vec<&String> = finished
                .notes
                .iter()
                .filter(|note| note.starts_with("reduced"))
                .collect();
            Check {
                name: "a contained run",
                state: if reduced.is_empty() {
                    State::Good
                } else {
                    State::Reduced
                },
                words: reduced.first().map_or_else(
                    || {
                        format!(
                            "works; a command starts after {} ms",
                            finished.start.as_millis()
                        )
                    },
                    |note| (*note).clone(),
                ),
            }
        }
        Ok(finished) => Check {
            name: "a contained run",
            state: State::Missing,
            words: format!("`true` ended with {:?}", finished.ended),
        },
        Err(error) => Check {
            name: "a contained run",
            state: State::Missing,
            words: error.to_string(),
        },
    });
    checks
}

fn kernel() -> Check {
    let release = release().unwrap_or_default();
    let (state, words) = if version(&release) >= (5, 19) {
        (State::Good, format!("Linux {release}"))
    } else {
        (
            State::Missing,
            format!(
                "Linux {release}: 5.19 or later is needed (seccomp notification that can be killed)"
            ),
        )
    };
    Check {
        name: "kernel",
        state,
        words,
    }
}

fn user_namespaces() -> Check {
    let limit = setting("/proc/sys/user/max_user_namespaces");
    let debian = setting("/proc/sys/kernel/unprivileged_userns_clone");
    let (state, words) = match (limit.as_deref(), debian.as_deref()) {
        (Some("0"), _) => (
            State::Missing,
            "none may be made: `sysctl user.max_user_namespaces=10000`".to_owned(),
        ),
        (_, Some("0")) => (
            State::Missing,
            "only root may make them: `sysctl kernel.unprivileged_userns_clone=1`".to_owned(),
        ),
        (None, _) => (
            State::Missing,
            "this kernel has none (CONFIG_USER_NS)".to_owned(),
        ),
        (Some(limit), _) => (State::Good, format!("up to {limit}")),
    };
    Check {
        name: "user namespaces",
        state,
        words,
    }
}

fn app_armor() -> Check {
    let restricts =
        setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").as_deref() == Some("1");
    let (state, words) = if restricts {
        let words = "AppArmor takes the rights in user namespaces from programs without a profile (Ubuntu 23.10 and later): \
                     install the profile that `foretaste doctor --apparmor-profile` prints as /etc/apparmor.d/foretaste, then \
                     `apparmor_parser -r /etc/apparmor.d/foretaste`";
        (State::Reduced, words.to_owned())
    } else {
        (State::Good, "does not restrict user namespaces".to_owned())
    };
    Check {
        name: "AppArmor",
        state,
        words,
    }
}

fn control_groups() -> Check {
    let can = ["/sys/fs/cgroup", "/sys/fs/cgroup/pids"]
        .iter()
        .any(|path| nix::unistd::access(*path, nix::unistd::AccessFlags::W_OK).is_ok());
    let (state, words) = if can {
        (
            State::Good,
            "memory and processes are limited for the run by control groups",
        )
    } else {
        (
            State::Reduced,
            "memory, files and time are limited for each process, processes for the user: no control group can be made",
        )
    };
    Check {
        name: "budgets",
        state,
        words: words.to_owned(),
    }
}

/// The AppArmor profile that permits this binary user namespaces.
pub fn apparmor_profile(binary: &Path) -> String {
    format!(
        "abi <abi/4.0>,\ninclude <tunables/global>\n\nprofile foretaste \"{}\" flags=(unconfined) {{\n  userns,\n  include if exists <local/foretaste>\n}}\n",
        binary.display()
    )
}
