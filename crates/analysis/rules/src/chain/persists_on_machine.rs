//! # It installs itself to run again
//!
//! ## What it finds
//! Writes to places from which code is started again (shell start-up files, cron, systemd, LaunchAgents, the Windows Run
//! key, git hooks, editor and agent settings, the core module of Discord's client) or which let somebody in again
//! (`authorized_keys`), or calls that register services and tasks, at install or import time; and, whoever calls it, a line
//! for a shell's start-up file that fetches a program and runs it.
//!
//! ## Why it matters
//! A tenth of the malicious PyPI families persist. The 2026 npm worms wrote themselves into `.vscode/tasks.json` and
//! `.claude/settings.json`.
//!
//! ## Example
//! ```python
//! open(os.path.expanduser("~/.bashrc"), "a").write("python3 ~/.x.py &")
//! ```
//!
//! ## What to do
//! Do not install. If it was installed, look at the named place.
//!
//! ## When it is wrong
//! Shell completion installers append to start-up files when called.
use foretaste_engine::is_whole_program;
use foretaste_engine::prelude::*;
use foretaste_model::facts::SOURCE_INSTALL_ONLY;

use crate::code;

declare_rule! {
    PersistsOnMachine,
    id: "persists-on-machine",
    title: "installs itself to run again",
    group: Chain,
    severity: Critical,
    confidence: Medium,
    needs: [Code],
    tags: ["T1546.004", "T1053", "T1547.001", "T1543"],
    since: "0.1.0",
}

/// Commands that register something to run again.
const COMMANDS: &[&str] = &[
    "crontab -",
    "crontab /",
    "schtasks /create",
    "systemctl enable",
    "systemctl --user enable",
    "launchctl load",
    "launchctl bootstrap",
    "update-rc.d ",
    "currentversion\\run",
];

/// What fetches something, and what runs it: together in a text that is written, they are what will be started.
const FETCHES: &[&str] = &["curl ", "http://", "https://", "urlopen", "wget "];
const RUNS: &[&str] = &[
    "chmod +x", "eval(", "exec(", "| bash", "| python", "| sh", "|bash", "|sh",
];

/// True if a function writes a text that fetches something and runs it.
fn plants_a_fetch(file: &FileView<'_>, function: u32) -> bool {
    let uses = file.facts.uses.iter();
    let mut texts = uses
        .filter(|u| u.function == function && u.capability == Capability::FileWrite)
        .flat_map(|u| &u.constants);
    texts.any(|text| {
        let has = |of: &[&str]| of.iter().any(|part| text.contains(part));
        has(FETCHES) && has(RUNS)
    })
}

/// True if the last part of a path is named after a package.
fn names(path: &str, package: &str) -> bool {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let stem = file.split('.').next().unwrap_or(file);
    stem.len() > 2 && stem.replace('_', "-").eq_ignore_ascii_case(package)
}

/// True for the module that Discord's client starts with, a favourite of thieves of tokens.
fn is_of_client(path: &str) -> bool {
    path.contains("discord_desktop_core")
}

/// True if a use registers code to run again.
fn registers(used: &Use, file: &FileView<'_>) -> bool {
    let starts = matches!(
        used.capability,
        Capability::ProcessShell | Capability::ProcessSpawn
    );
    let line = used.constants.join(" ").to_lowercase();
    let lists_only = line.trim() == "crontab -l";
    // only a hooks path or an alias makes git run something
    let harmless_git = used.api.starts_with("git config")
        && ![
            "hookspath",
            "alias.",
            "core.editor",
            "core.pager",
            "sshcommand",
            "fsmonitor",
        ]
        .iter()
        .any(|key| line.contains(key));
    let own_hooks = || used.api.starts_with("git config") && sets_own_hooks(file);
    (used.capability == Capability::SystemPersist && !harmless_git && !own_hooks())
        || (starts && !lists_only && COMMANDS.iter().any(|c| line.contains(c)))
}

/// True for a manifest whose hooks are those of a checkout of the package: what npm runs there alone sets them up. Of what came from
/// a registry, such scripts are no surface at all.
fn sets_own_hooks(file: &FileView<'_>) -> bool {
    code::manifest_of(file).is_some_and(|manifest| {
        manifest
            .surfaces
            .iter()
            .filter(|s| s.command.to_lowercase().contains("core.hookspath"))
            .all(|s| s.name.ends_with(SOURCE_INSTALL_ONLY))
    })
}

impl FileRule for PersistsOnMachine {
    fn judge(&self, file: &FileView<'_>, scene: &Scene<'_>) -> Vec<Finding> {
        let mut findings: Vec<Finding> = Vec::new();
        let writes = |function: u32| {
            file.facts.uses.iter().any(|u| {
                u.function == function
                    && matches!(
                        u.capability,
                        Capability::FileWrite | Capability::ProcessShell | Capability::ProcessSpawn
                    )
            })
        };
        let writes_anywhere = || {
            let mut uses = file.facts.uses.iter();
            uses.any(|u| u.capability == Capability::FileWrite)
        };
        let is_place = |l: &&Literal| {
            l.kind == LiteralKind::PersistencePath
                && (writes(l.function) || (is_of_client(&l.value) && writes_anywhere()))
        };
        for literal in file.facts.literals.iter().filter(is_place) {
            let context = file.context(literal.function);
            let runs_at_login = literal.value.to_lowercase().contains("currentversion\\run");
            // the place itself is what is opened for writing, and nobody asked for it
            let is_written = file.facts.uses.iter().any(|u| {
                (u.capability == Capability::FileWrite && u.constants.contains(&literal.value))
                    || (runs_at_login
                        && u.function == literal.function
                        && u.capability == Capability::SystemSettings)
            });
            // everything is done somewhere at the top of a whole program in one file
            if literal.function == 0 && is_whole_program(file.facts) && !is_written {
                continue;
            }
            let startup = literal.value.to_lowercase().contains("startup");
            // what a shell does at its start is to fetch a program and run it: no set-up is done so, whoever calls it
            let plants = plants_a_fetch(file, literal.function);
            // nobody but the messenger itself has anything to write there
            let of_client = is_of_client(&literal.value);
            if context > ExecutionContext::Entry && !startup && !plants && !of_client {
                continue;
            }
            let finding = self
                .finding(format!(
                    "writes to a place from which code is started again {}",
                    context.phrase()
                ))
                .context(context)
                .evidence(file.literal_evidence(literal, "started again from here"));
            // a program that offers to start itself says so in the name of the file
            let mut own_names = scene.manifests().filter_map(|(_, _, m)| m.name.as_deref());
            let own = own_names.any(|name| names(&literal.value, name));
            // (that a server for assistants enters itself into their lists is told by the rule about them)
            let own = own || code::lists_servers(&literal.value);
            if own && context == ExecutionContext::Entry && !startup {
                continue;
            }
            let told = is_written || plants;
            findings.push(if plants {
                finding.confidence(Confidence::Certain)
            } else if told && context <= ExecutionContext::Import {
                finding.confidence(Confidence::High)
            } else {
                finding
            });
        }
        for used in file.facts.uses.iter().filter(|u| registers(u, file)) {
            let context = file.context(used.function);
            if context > ExecutionContext::Import {
                continue;
            }
            findings.push(
                self.finding(format!(
                    "registers itself to run again {}",
                    context.phrase()
                ))
                .context(context)
                // nobody asked for it: loading the package was enough
                .confidence(Confidence::High)
                .evidence(file.use_evidence(used, EvidenceRole::Sink, &*used.api)),
            );
        }
        findings.sort_by_key(|f| f.context);
        findings.truncate(3);
        findings
    }
}
