//! # It destroys data or stops the machine
//!
//! ## What it finds
//! Command lines and calls that delete home folders or whole disks, overwrite boot records, remove backups or shadow copies,
//! or shut the machine down.
//!
//! ## Why it matters
//! Wipers and protestware: node-ipc (2022) overwrote files by location, Shai-Hulud 2 (2025) deleted the home folder of
//! whoever had no token to steal, and 2026's worms kept a dead man's switch.
//!
//! ## Example
//! `os.system("rm -rf ~")`
//!
//! ## What to do
//! Do not install.
//!
//! ## When it is wrong
//! Administration tools restart machines when called; they weigh little.
use foretaste_engine::prelude::*;

use crate::code;

declare_rule! {
    DestroysData,
    id: "destroys-data",
    title: "destroys data or stops the machine",
    group: Chain,
    severity: Critical,
    confidence: High,
    needs: [Code],
    tags: ["T1485", "T1561", "T1529", "T1490"],
    since: "0.1.0",
}

/// Parts of command lines that destroy, all of which must be there, with what they do.
const COMMANDS: &[(&[&str], &str)] = &[
    (&["rm -rf /", "no-preserve-root"], "deletes everything"),
    (&["del /", "c:\\"], "deletes files of the system disk"),
    (&["rd /s", "c:\\"], "deletes folders of the system disk"),
    (&["format c:"], "formats the system disk"),
    (&["vssadmin", "delete shadows"], "deletes backups"),
    (&["wbadmin delete"], "deletes backups"),
    (&["shadowcopy delete"], "deletes backups"),
    (&["bcdedit", "recoveryenabled no"], "prevents recovery"),
    (&["cipher /w:"], "overwrites free disk space"),
    (&["mkfs", "/dev/"], "formats a disk"),
    (&["dd ", "of=/dev/sd"], "overwrites a disk"),
    (&["dd ", "of=/dev/nvme"], "overwrites a disk"),
    (&["> /dev/sda"], "overwrites a disk"),
    (&["shred ", "$home"], "shreds the home folder"),
    (&["find ~", "-delete"], "deletes the home folder"),
    (&[":(){ :|:& };:"], "starts processes without end"),
];
const STOPS: &[&str] = &[
    "shutdown -s",
    "shutdown /s",
    "shutdown -h",
    "shutdown now",
    "shutdown /r",
    "shutdown -r",
    "poweroff",
    "shutdown.exe",
    "halt -f",
    "init 0",
];
/// What `rm -rf` may not be followed by.
const EVERYTHING: &[&str] = &[
    "/",
    "/*",
    "~",
    "~/",
    "~/*",
    "$home",
    "$home/",
    "$home/*",
    "\"$home\"",
    "/home",
    "/home/*",
    "%userprofile%",
    "/*/",
];

const WHERE_IT_RUNS: &str = "deletes everything where it runs";

impl FileRule for DestroysData {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        let deletes = || {
            let mut uses = file.facts.uses.iter();
            uses.any(|u| u.capability == Capability::FileDelete)
        };
        for used in &file.facts.uses {
            let Some((what, severity)) = destroys(used) else {
                continue;
            };
            let context = file.context(used.function);
            // remote controls stop machines; what deletes files besides is none
            if severity < Severity::Critical && context > ExecutionContext::Import && !deletes() {
                continue;
            }
            let mut finding = self
                .finding(format!("{what} {}", context.phrase()))
                .severity(severity)
                .context(context)
                .evidence(file.use_evidence(used, EvidenceRole::Sink, what));
            if context > ExecutionContext::Entry {
                // managers of environments and file servers delete what their user names, and their scripts clean up
                finding =
                    finding.confidence(if what == WHERE_IT_RUNS || severity < Severity::Critical {
                        Confidence::Medium
                    } else {
                        Confidence::Low
                    });
            }
            findings.push(finding);
        }
        findings.truncate(3);
        findings
    }
}

fn destroys(used: &Use) -> Option<(&'static str, Severity)> {
    if code::spawns(used) {
        let whole = code::command_line(used);
        let found = destroyed_by(&whole).or_else(|| match &used.constants[..] {
            [_] => None,
            // not one command in several words, but one of several commands
            several => several.iter().find_map(|c| destroyed_by(&c.to_lowercase())),
        });
        if found.is_some() {
            return found;
        }
    }
    let root = |c: &str| {
        matches!(
            c.trim_end_matches(['/', '\\']),
            "" | "~" | "C:" | "c:" | "/home" | "$HOME"
        ) && !c.is_empty()
    };
    if used.capability == Capability::FileDelete
        && used
            .constants
            .iter()
            .any(|c| root(c) || EVERYTHING.contains(&&**c))
    {
        return Some(("deletes everything it can reach", Severity::Critical));
    }
    if used.capability == Capability::FileWrite
        && used
            .constants
            .iter()
            .any(|c| c.to_ascii_lowercase().starts_with("\\\\.\\physicaldrive"))
    {
        return Some(("overwrites the boot record", Severity::Critical));
    }
    None
}

/// What a command line destroys or stops.
fn destroyed_by(line: &str) -> Option<(&'static str, Severity)> {
    let removes = line.find("rm -rf ").or_else(|| line.find("rm -fr "));
    if let Some(at) = removes {
        let mut targets = line[at + 7..]
            .split_whitespace()
            .filter(|w| !w.starts_with('-'));
        if targets
            .next()
            .is_some_and(|t| EVERYTHING.contains(&t.trim_end_matches([';', '&'])))
        {
            return Some(("deletes everything it can reach", Severity::Critical));
        }
    }
    // a clean-up changes into its own folder first
    if ["rm -rf *", "rm -rf ./*", "rd /s /q .", "rmdir /s /q ."].contains(&line.trim()) {
        return Some((WHERE_IT_RUNS, Severity::Critical));
    }
    if let Some((_, what)) = COMMANDS
        .iter()
        .find(|(parts, _)| parts.iter().all(|p| line.contains(p)))
    {
        return Some((what, Severity::Critical));
    }
    let stops = STOPS
        .iter()
        .any(|s| line.starts_with(s) || line.contains(&format!(" {s}")));
    stops.then_some(("stops the machine", Severity::High))
}
