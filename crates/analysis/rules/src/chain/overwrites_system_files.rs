//! # It writes to the system's own folders
//!
//! ## What it finds
//! A file write whose constant path lies in a system folder of programs or libraries (`/usr/bin`, `/etc`, `C:\Windows`).
//!
//! ## Why it matters
//! Packages live in their own folder. Replacing a system program is how a back door survives its package.
//!
//! ## Example
//! `open("/usr/bin/ls", "wb")`
//!
//! ## What to do
//! Do not install with administrator rights.
//!
//! ## When it is wrong
//! System administration tools write to `/etc` when called.
use foretaste_engine::prelude::*;

declare_rule! {
    OverwritesSystemFiles,
    id: "overwrites-system-files",
    title: "writes to system folders",
    group: Chain,
    severity: High,
    confidence: Medium,
    needs: [Code],
    tags: ["T1554", "T1565.001"],
    since: "0.1.0",
}

/// Folders that belong to the system, lower case, with `/`.
const FOLDERS: &[&str] = &[
    "/usr/bin/",
    "/usr/sbin/",
    "/usr/local/bin/",
    "/usr/lib/",
    "/bin/",
    "/sbin/",
    "/lib/",
    "/etc/",
    "/boot/",
    "c:/windows/",
    "/system/library/",
    "/library/launchdaemons/",
];

impl FileRule for OverwritesSystemFiles {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let writes = file
            .facts
            .uses
            .iter()
            .filter(|u| matches!(u.capability, Capability::FileWrite | Capability::FileDelete));
        let mut findings: Vec<Finding> = writes
            .filter_map(|u| {
                let path = u.constants.iter().find(|c| is_system(c))?;
                let context = file.context(u.function);
                let note = format!("writes {path}");
                Some(
                    self.finding(format!(
                        "writes to the system's own folders {}",
                        context.phrase()
                    ))
                    .context(context)
                    .evidence(file.use_evidence(u, EvidenceRole::Sink, note)),
                )
            })
            .collect();
        // a path that went through an object of its own (`Path(...)`) stands in a literal of the same function
        let writes_in = |function: u32| {
            file.facts
                .uses
                .iter()
                .any(|u| u.function == function && u.capability == Capability::FileWrite)
        };
        for literal in file
            .facts
            .literals
            .iter()
            .filter(|l| is_system(&l.value) && writes_in(l.function))
        {
            if !matches!(
                literal.kind,
                LiteralKind::PersistencePath | LiteralKind::SecretPath
            ) || !findings.is_empty()
            {
                continue;
            }
            let context = file.context(literal.function);
            let message = format!("writes to the system's own folders {}", context.phrase());
            findings.push(
                self.finding(message)
                    .context(context)
                    .evidence(file.literal_evidence(literal, "system path")),
            );
        }
        findings.truncate(3);
        findings
    }
}

fn is_system(path: &str) -> bool {
    let lower = path.to_ascii_lowercase().replace('\\', "/");
    FOLDERS.iter().any(|f| lower.starts_with(f))
}
