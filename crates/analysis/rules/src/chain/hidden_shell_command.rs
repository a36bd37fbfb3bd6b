//! # A shell command line hides what it does
//!
//! ## What it finds
//! PowerShell with an encoded command or a hidden window, a download piped into a shell, `certutil`/`mshta`/`bitsadmin`
//! as downloaders, in a constant that code hands to a shell.
//!
//! ## Why it matters
//! The largest campaign ever seen on PyPI (thousands of packages) was one hidden, encoded PowerShell command in
//! `setup.py`.
//!
//! ## Example
//! `powershell -WindowStyle Hidden -EncodedCommand cABvAHcA...`
//!
//! ## What to do
//! Decode the command (the report shows the layer). Do not install.
//!
//! ## When it is wrong
//! Installation instructions quote `curl | sh` in prose; only commands that code runs are reported with weight.
use foretaste_engine::prelude::*;

declare_rule! {
    HiddenShellCommand,
    id: "hidden-shell-command",
    title: "runs a command line that hides what it does",
    group: Chain,
    severity: Critical,
    confidence: High,
    needs: [Code],
    tags: ["T1059.001", "T1564.003", "T1105"],
    since: "0.1.0",
}

const ENCODED: &str = "an encoded PowerShell command";

impl FileRule for HiddenShellCommand {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for used in file.facts.uses.iter().filter(|u| {
            matches!(
                u.capability,
                Capability::ProcessShell | Capability::ProcessSpawn
            )
        }) {
            let line = used.constants.join(" ");
            if let Some(why) = hides(&line) {
                let context = file.context(used.function);
                let mut finding = self
                    .finding(format!("runs {why} {}", context.phrase()))
                    .context(context)
                    .evidence(file.use_evidence(used, EvidenceRole::Site, why));
                if context > ExecutionContext::Entry && why == ENCODED {
                    // programs that drive PowerShell encode their commands, or would have to quote them
                    finding = finding.confidence(Confidence::Low);
                }
                findings.push(finding);
            }
        }
        let shells = file.facts.uses.iter().any(|u| {
            matches!(
                u.capability,
                Capability::ProcessShell | Capability::ProcessSpawn
            )
        });
        if findings.is_empty() && shells {
            for literal in file
                .facts
                .literals
                .iter()
                .filter(|l| l.kind == LiteralKind::Command)
            {
                let Some(why) = hides(&literal.value) else {
                    continue;
                };
                let context = file.context(literal.function);
                // nothing shows that it is run; on import it costs nothing to believe it
                let confidence = if context > ExecutionContext::Import {
                    Confidence::Low
                } else {
                    Confidence::Medium
                };
                findings.push(
                    self.finding(format!("holds {why} that runs {}", context.phrase()))
                        .confidence(confidence)
                        .context(context)
                        .evidence(file.literal_evidence(literal, why)),
                );
            }
        }
        findings.truncate(4);
        findings
    }
}

/// What is hidden about a command line, if anything.
fn hides(line: &str) -> Option<&'static str> {
    let lower = line.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| c.is_whitespace() || c == ',' || c == '"' || c == '\'')
        .filter(|w| !w.is_empty())
        .collect();
    let has = |wanted: &[&str]| words.iter().any(|w| wanted.contains(w));
    if lower.contains("powershell") || lower.contains("pwsh") {
        let encoded = words
            .iter()
            .any(|w| w.len() >= 2 && w.starts_with("-e") && "-encodedcommand".starts_with(w));
        if encoded || has(&["/enc", "/encodedcommand"]) {
            return Some(ENCODED);
        }
        if lower.contains("hidden")
            && (lower.contains("http") || lower.contains("iex") || lower.contains("downloadstring"))
        {
            return Some("a hidden PowerShell download");
        }
        if lower.contains("downloadstring") || (lower.contains("iex") && lower.contains("http")) {
            return Some("a PowerShell download cradle");
        }
    }
    let fetches = has(&["curl", "wget"]) || lower.starts_with("curl ") || lower.contains("/curl ");
    let piped = [
        "| sh", "|sh", "| bash", "|bash", "| python", "|python", "| node", "| zsh", "| sudo",
    ]
    .iter()
    .any(|p| lower.contains(p));
    if fetches && piped {
        return Some("a download piped into an interpreter");
    }
    if lower.contains("base64 -d") || lower.contains("base64 --decode") || lower.contains("xxd -r")
    {
        let runs = [
            "| sh", "|sh", "| bash", "|bash", "$(", "eval", "| python", "|python",
        ];
        if runs.iter().any(|p| lower.contains(p)) {
            return Some("an encoded script piped into a shell");
        }
        if runs_what_it_writes(&words) {
            return Some("an encoded script that it writes to a file first");
        }
    }
    let made_to_run = [
        "chmod +x",
        "chmod 777",
        "chmod 755",
        "&& ./",
        "; ./",
        "start ",
    ]
    .iter()
    .any(|p| lower.contains(p));
    if fetches && lower.contains("http") && made_to_run {
        return Some("a download that is made executable");
    }
    let system = [
        "user32", "shell32", "printui", "url.dll", "powrprof", "advpack", "inetcpl",
    ];
    if has(&["rundll32", "rundll32.exe", "regsvr32", "regsvr32.exe"])
        && !system.iter().any(|dll| lower.contains(dll))
    {
        return Some("a library through a system tool");
    }
    if (lower.contains("certutil") && lower.contains("-urlcache"))
        || (lower.contains("mshta") && lower.contains("http"))
        || lower.contains("bitsadmin /transfer")
    {
        return Some("a system tool misused as a downloader");
    }
    None
}

/// True if a file that the output goes to is named again: `… > /tmp/x && sh /tmp/x`.
fn runs_what_it_writes(words: &[&str]) -> bool {
    words.iter().enumerate().any(|(at, word)| {
        let Some(rest) = word.strip_prefix('>') else {
            return false;
        };
        let rest = rest.trim_start_matches('>');
        let (target, behind) = if rest.is_empty() {
            (words.get(at + 1).copied().unwrap_or(""), at + 2)
        } else {
            (rest, at + 1)
        };
        let target = target.trim_end_matches([';', '&']);
        let mut later = words.get(behind..).unwrap_or(&[]).iter();
        target.len() > 1
            && !target.starts_with("/dev/")
            && later.any(|w| {
                w.trim_matches([';', '&', '`', ')'])
                    .trim_start_matches("./")
                    == target
            })
    })
}
