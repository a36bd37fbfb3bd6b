//! # It asks for administrator rights
//!
//! ## What it finds
//! `sudo`, `runas` and the like in command lines, and calls that change user or privileges.
//!
//! ## Why it matters
//! A package that needs root can change everything.
//!
//! ## Example
//! `os.system("sudo make install")`
//!
//! ## What to do
//! Run it as an ordinary user in a container.
//!
//! ## When it is wrong
//! System tools need it when called.
use foretaste_engine::prelude::*;
use foretaste_model::facts::UseKind;

declare_rule! {
    PrivilegeUse,
    id: "privilege-use",
    title: "asks for administrator rights",
    group: Install,
    severity: Medium,
    confidence: Medium,
    needs: [Code],
    tags: ["T1548"],
    since: "0.1.0",
}

/// Commands that raise privileges.
const COMMANDS: &[&str] = &["sudo ", "doas ", "runas /", "pkexec "];

impl FileRule for PrivilegeUse {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let asks = |u: &&Use| {
            let starts = matches!(
                u.capability,
                Capability::ProcessShell | Capability::ProcessSpawn
            );
            let line = u.constants.join(" ");
            // a name that is only handed on asks for nothing; what a compiled program imports is all that is seen of it
            (u.capability == Capability::SystemPrivilege
                && (u.kind == UseKind::Call || file.facts.language == Language::Native))
                || (starts
                    && COMMANDS
                        .iter()
                        .any(|c| line.starts_with(c) || line.contains(&format!(" {c}"))))
        };
        let mut sites: Vec<&Use> = file.facts.uses.iter().filter(asks).collect();
        sites.sort_by_key(|u| file.context(u.function));
        let Some(used) = sites.first() else {
            return Vec::new();
        };
        let context = file.context(used.function);
        let mut finding = self
            .finding(format!(
                "asks for administrator rights {}",
                context.phrase()
            ))
            .context(context)
            .evidence(file.use_evidence(used, EvidenceRole::Site, &*used.api));
        // what a compiled program imports may never be called
        if file.facts.language == Language::Native {
            finding = finding.severity(Severity::Low);
        }
        vec![finding]
    }
}
