//! A program that nobody expects below a package manager: a shell or a download tool below pip, for one.

use foretaste_behaviour::{
    Action, BehaviourFinding, DOWNLOADERS, Process, Record, is_package_manager, name,
};
use foretaste_model::Verdict;

use crate::policy::Policy;

/// Shells. npm runs the scripts of packages with `sh -c`; a Python installer runs none.
const SHELLS: &[&str] = &["sh", "bash", "dash", "zsh", "ksh", "ash", "busybox", "fish"];
/// What talks to other machines, or gets at rights, besides what fetches and sends.
const TOOLS: &[&str] = &[
    "ssh", "openssl", "dig", "nslookup", "host", "ping", "docker", "sudo",
];
/// Scripts of the system that installers and builds ask.
const KNOWN_SCRIPTS: &[&str] = &[
    "ldconfig",
    // pip names the distribution in its user agent
    "lsb_release",
    "pkg-config",
    "python-config",
    "python3-config",
    "uname",
];
/// How far up a package manager is looked for.
const MAX_DISTANCE: usize = 8;

/// Finds such programs.
pub(crate) fn unexpected(record: &Record, policy: &Policy) -> Option<BehaviourFinding> {
    let found = record.events.iter().enumerate().filter_map(|(at, event)| {
        if event.action != Action::Exec {
            return None;
        }
        let process = record.process(event)?;
        let above: Vec<&Process> = record
            .ancestry(event.process)
            .skip(1)
            .take(MAX_DISTANCE)
            .collect();
        let manager = above.iter().find(|process| is_package_manager(process))?;
        let own = own_name(process);
        let is_python = manages_python(manager);
        let is_shell = SHELLS.contains(&own) && is_python && !is_known_script(process);
        (!is_expected(process, policy)
            && !is_package_manager(process)
            && (is_shell || DOWNLOADERS.contains(&own) || TOOLS.contains(&own)))
        .then(|| {
            let package = process
                .package
                .iter()
                .chain(above.iter().filter_map(|process| process.package.as_ref()))
                .next()
                .map(|package| format!(" [{package}]"))
                .unwrap_or_default();
            (
                format!("{} below {}{package}", line(process), line(manager)),
                Some(at),
            )
        })
    });
    super::finding(
        "unexpected-process",
        "a package manager's child starts a program that installing does not need",
        Verdict::Review,
        found,
    )
}

/// True for a finding of the rules over behaviour that is about nothing but programs that the policy expects.
pub(crate) fn is_all_expected(
    finding: &BehaviourFinding,
    record: &Record,
    policy: &Policy,
) -> bool {
    finding.rule == "network-tool"
        && finding.events.iter().all(|at| {
            record
                .events
                .get(*at)
                .and_then(|event| record.process(event))
                .is_some_and(|process| is_expected(process, policy))
        })
}

fn is_expected(process: &Process, policy: &Policy) -> bool {
    let own = own_name(process);
    policy
        .expected
        .iter()
        .any(|expected| expected == own || *expected == process.program)
}

fn own_name(process: &Process) -> &str {
    let called = process.arguments.first().map_or("", String::as_str);
    let program = if process.program.is_empty() {
        called
    } else {
        &process.program
    };
    match name(program) {
        // one program with many names
        "busybox" => name(called),
        own => own,
    }
}

fn is_known_script(process: &Process) -> bool {
    let mut words = process.arguments.iter().take(2);
    words.any(|word| KNOWN_SCRIPTS.contains(&name(word)))
}

fn manages_python(process: &Process) -> bool {
    let words = std::iter::once(&process.program).chain(process.arguments.iter().take(4));
    words.into_iter().any(|word| {
        let name = name(word);
        ["pip", "uv", "poetry", "pdm", "pipx"].iter().any(|tool| {
            name.strip_prefix(tool)
                .is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '.'))
        })
    })
}

/// A command as one line.
pub(crate) fn line(process: &Process) -> String {
    let line = if process.arguments.is_empty() {
        process.program.clone()
    } else {
        process.arguments.join(" ")
    };
    if line.chars().count() > 120 {
        line.chars().take(119).chain(['…']).collect()
    } else {
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(lines: &[&str]) -> Record {
        let mut record = Record::default();
        let mut parent = None;
        for (at, line) in lines.iter().enumerate() {
            let arguments: Vec<String> = line.split(' ').map(str::to_owned).collect();
            parent = Some(record.start(
                at as u64,
                Process {
                    pid: at as u32 + 1,
                    parent,
                    program: format!("/usr/bin/{}", arguments[0]),
                    arguments,
                    ..Process::default()
                },
            ));
        }
        record
    }

    fn found(lines: &[&str]) -> Vec<String> {
        unexpected(&record(lines), &Policy::default())
            .map(|f| f.details)
            .unwrap_or_default()
    }

    #[test]
    fn a_shell_or_curl_below_pip_is_told_and_npms_own_shell_is_not() {
        let pip = "python3 -m pip install x";
        assert_eq!(
            found(&["bash", pip, "bash -c id"]),
            ["bash -c id below python3 -m pip install x"]
        );
        assert_eq!(
            found(&[pip, "python3 setup.py", "curl https://a.invalid"]).len(),
            1
        );
        assert!(found(&["bash", pip, "python3 setup.py", "gcc x.c"]).is_empty());
        for script in ["sh /sbin/ldconfig -p", "/bin/sh /usr/bin/lsb_release -a"] {
            assert!(found(&[pip, script]).is_empty(), "{script}");
        }
        assert!(found(&["npm ci", "sh -c node-gyp"]).is_empty());
        assert_eq!(
            found(&["npm ci", "sh -c x", "wget https://a.invalid"]).len(),
            1
        );
        assert!(found(&["bash ci.sh", "curl https://a.example"]).is_empty());
    }

    #[test]
    fn what_the_policy_expects_is_silent() {
        let policy = Policy {
            expected: vec!["bash".to_owned()],
            ..Policy::default()
        };
        assert!(unexpected(&record(&["pip install x", "bash -c id"]), &policy).is_none());
    }

    #[test]
    fn a_download_tool_is_told_by_the_rules_unless_each_one_is_expected() {
        let policy = |expected: &[&str]| Policy {
            expected: expected.iter().map(|name| (*name).to_owned()).collect(),
            ..Policy::default()
        };
        let record = record(&["npm ci", "curl https://a.example", "wget https://a.example"]);
        let findings = foretaste_behaviour::rules::judge(&record);
        let finding = findings
            .iter()
            .find(|finding| finding.rule == "network-tool")
            .expect("told");
        assert_eq!(finding.events.len(), 2);
        let is_silent = |expected: &[&str]| is_all_expected(finding, &record, &policy(expected));
        assert!(is_silent(&["curl", "/usr/bin/wget"]));
        assert!(!is_silent(&["curl"]) && !is_silent(&[]));
        let other = BehaviourFinding {
            rule: "publish",
            ..finding.clone()
        };
        assert!(!is_all_expected(
            &other,
            &record,
            &policy(&["curl", "wget"])
        ));
    }
}
