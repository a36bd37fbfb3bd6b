//! # npm builds it, though no script says so
//!
//! ## What it finds
//! A `binding.gyp` that runs commands of its own (`<!(...)` expansions, actions): npm calls `node-gyp rebuild` for it
//! without any script in `package.json`.
//!
//! ## Why it matters
//! The Phantom Gyp attacks (npm, June 2026) moved from install scripts to a 157-byte `binding.gyp`, past every tool that
//! reads scripts only.
//!
//! ## Example
//! `"sources": ["<!(node steal.js)"]`
//!
//! ## What to do
//! `npm ci --ignore-scripts`; look at the commands.
//!
//! ## When it is wrong
//! Native modules ask node for include folders in this way: `<!(node -p "require('node-addon-api').include")` is not
//! reported.
use foretaste_engine::prelude::*;

declare_rule! {
    ImplicitBuild,
    id: "implicit-build",
    title: "runs commands in an implicit build",
    group: Install,
    severity: High,
    confidence: Medium,
    needs: [Code],
    tags: ["T1195.002"],
    since: "0.1.0",
}

/// True for the questions that honest native modules ask while they are configured, and for cutting the answer to size.
fn is_honest(command: &str) -> bool {
    if asks_honestly(command) {
        return true;
    }
    let mut parts = command.split('|').map(str::trim);
    parts.next().is_some_and(asks_honestly)
        && parts.all(|part| {
            let tool = part.split_whitespace().next().unwrap_or("");
            matches!(
                tool,
                "cut" | "grep" | "head" | "sort" | "tail" | "tr" | "wc"
            ) && !part.contains(['>', '<', ';', '&', '`', '$', '\n'])
        })
}

/// `cc -dumpversion`, whatever the compiler is called: `<(name)` is a variable of gyp.
fn asks_compiler(command: &str) -> bool {
    let Some((tool, question)) = command.split_once(' ') else {
        return false;
    };
    let variable = tool.strip_prefix("<(").and_then(|t| t.strip_suffix(')'));
    let known = ["cc", "gcc", "g++", "c++", "clang", "clang++"].contains(&tool);
    (known || variable.is_some_and(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_')))
        && matches!(
            question.trim(),
            "-dumpversion" | "-dumpmachine" | "-dumpfullversion" | "--version"
        )
}

/// An include folder from node, the flags of a library, the version of a compiler: one command, no script file, nothing
/// chained to it.
fn asks_honestly(command: &str) -> bool {
    if asks_compiler(command) {
        return true;
    }
    let asks = command.starts_with("node ");
    // inside the quotes of `node -p "a || b"` these are the language's, not the shell's
    let chained = ["&&", "||", ";", "`", "$(", ">", "<(", "\n"]
        .iter()
        .any(|c| command.contains(c) && !(asks && *c == "||" && command.ends_with(['"', '\''])))
        || (asks && command.matches('|').count() != 2 * command.matches("||").count());
    let mut words = command.split_whitespace();
    let asks_node = matches!(
        (words.next(), words.next()),
        (Some("node"), Some("-p" | "-e" | "--print"))
    ) && [
        "include",
        "nan",
        "napi",
        "gyp",
        "process.versions",
        "process.env",
    ]
    .iter()
    .any(|w| command.contains(w))
        && !["child_process", "http", "eval", "exec", "fs.", "import("]
            .iter()
            .any(|w| command.contains(w));
    let tool = command.split_whitespace().next().unwrap_or("");
    !chained
        && (asks_node
            || matches!(
                tool,
                "pkg-config" | "llvm-config" | "uname" | "nproc" | "echo"
            ))
}

impl FileRule for ImplicitBuild {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let surfaces = file
            .facts
            .surfaces
            .iter()
            .filter(|s| s.kind == SurfaceKind::BindingGyp && !s.command.is_empty());
        surfaces
            .filter(|s| &*s.command != "node-gyp rebuild" && !is_honest(&s.command))
            .map(|s| {
                let evidence = s.span.map_or_else(
                    || Evidence::file(&file.artifact.filename, file.path(), s.command.clone()),
                    |span| file.evidence(span, EvidenceRole::Trigger, s.command.clone()),
                );
                self.finding(format!(
                    "npm runs `{}` while it builds the package, though no script says so",
                    s.command
                ))
                .context(ExecutionContext::Install)
                .evidence(evidence)
            })
            .collect()
    }
}
