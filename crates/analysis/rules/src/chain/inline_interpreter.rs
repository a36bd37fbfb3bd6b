//! # Another interpreter is started on code in an argument
//!
//! ## What it finds
//! `python -c`, `node -e`, `sh -c` and their kin, started with source text as an argument while the package is installed
//! or imported, when that text imports, downloads, decodes or evaluates something.
//!
//! ## Why it matters
//! The code runs in a process of its own, detached from the install, where no import hook or tracer of the first one sees
//! it.
//!
//! ## Example
//! ```python
//! subprocess.Popen([sys.executable, "-c", "from helper import run"], close_fds=True)
//! ```
//!
//! ## What to do
//! Read the text that is passed.
//!
//! ## When it is wrong
//! Build scripts ask another interpreter for its include path; such questions print and end, and are not reported.
use foretaste_engine::prelude::*;

use crate::code;

declare_rule! {
    InlineInterpreter,
    id: "inline-interpreter",
    title: "starts another interpreter on hidden code",
    group: Chain,
    severity: High,
    confidence: Medium,
    needs: [Code],
    tags: ["T1059.006", "T1059.007"],
    since: "0.1.0",
}

const INTERPRETERS: &[&str] = &[
    "python", "python2", "python3", "pythonw", "py", "node", "ruby", "perl", "php",
];
const LOUD: &[&str] = &[
    "http",
    "urlopen",
    "urllib",
    "requests",
    "socket",
    "b64decode",
    "base64",
    "exec(",
    "eval(",
    "compile(",
    "marshal",
    "fromhex",
    "subprocess",
    "os.system",
    "child_process",
    "atob(",
    "curl",
];
const QUIET: &[&str] = &[
    "print",
    "sysconfig",
    "console.log",
    "sys.version",
    "get_include",
    "process.env",
    "node-addon-api",
    "nan",
    "require.resolve",
    "--version",
];

impl FileRule for InlineInterpreter {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for used in file.facts.uses.iter().filter(|u| code::spawns(u)) {
            let context = file.context(used.function);
            if context > ExecutionContext::Import {
                continue;
            }
            let Some(text) = inline_text(used) else {
                continue;
            };
            let loud = LOUD.iter().any(|l| text.contains(l));
            let quiet = QUIET.iter().any(|q| text.contains(q));
            if !loud && (quiet || !text.contains("import")) {
                continue;
            }
            let mut finding = self
                .finding(format!(
                    "starts another interpreter on code in an argument {}",
                    context.phrase()
                ))
                .context(context)
                .evidence(file.use_evidence(
                    used,
                    EvidenceRole::Site,
                    text.chars().take(60).collect::<String>(),
                ));
            if loud {
                finding = finding.confidence(Confidence::High);
            } else if waits_for_nothing(used) && only_imports(&text) {
                // who asks whether a module is there waits for the answer; this one wants what the import does
                finding = finding
                    .severity(Severity::Critical)
                    .confidence(Confidence::High);
            }
            findings.push(finding);
        }
        findings.truncate(3);
        findings
    }
}

/// True for a call that starts a process and goes on.
fn waits_for_nothing(used: &Use) -> bool {
    used.api.ends_with("Popen") || used.api.contains("spawn") && !used.api.contains("Sync")
}

/// True if a text of Python does nothing but import, and perhaps silence warnings.
fn only_imports(text: &str) -> bool {
    let text = text.trim().trim_matches(['"', '\'']);
    text.split([';', '\n']).all(|part| {
        let part = part.trim();
        part.is_empty()
            || part.starts_with("import ")
            || part.starts_with("from ")
            || part.starts_with("warnings.")
    })
}

/// What follows `-c` or `-e` of an interpreter, lower case.
fn inline_text(used: &Use) -> Option<String> {
    let line = code::command_line(used);
    let known = code::words(&line).next().is_some_and(|first| {
        let name = code::program_name(first);
        INTERPRETERS.contains(&name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.'))
            || INTERPRETERS.contains(&name)
    });
    // the interpreter itself is often not constant (`sys.executable`)
    let unnamed = used
        .constants
        .first()
        .is_some_and(|c| matches!(&**c, "-c" | "-e" | "{}"));
    let at = [" -c ", " -e ", "-c ", "-e "]
        .iter()
        .find_map(|flag| line.find(flag).map(|at| at + flag.len()))?;
    (known || unnamed).then(|| line[at..].to_owned())
}
