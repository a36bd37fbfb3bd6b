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
//! reported, and a command that only runs a file of the package itself weighs little where there is native source to build: that
//! file is judged where it stands.
use foretaste_engine::prelude::*;

use super::support::native_lines;

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

/// True for `if QUESTION | FILTER; then echo A; else echo B; fi` about what a library holds.
fn chooses_a_text(command: &str) -> bool {
    const ASK: &[&str] = &[
        "c++filt",
        "file",
        "grep",
        "ldd",
        "nm",
        "objdump",
        "pkg-config",
        "readelf",
    ];
    // where the library lies is asked within the question
    let asked = match command.split_once("$(") {
        None => command.to_owned(),
        Some((before, rest)) => match rest.rsplit_once(")/") {
            Some((inner, after)) if is_honest(inner) => format!("{before}/{after}"),
            _ => return false,
        },
    };
    let mut parts = asked.split(';').map(str::trim);
    let mut next = |prefix: &str| parts.next().and_then(|p| p.strip_prefix(prefix));
    let (Some(question), Some(yes), Some(no)) =
        (next("if "), next("then echo "), next("else echo "))
    else {
        return false;
    };
    let plain = |part: &str| !part.contains(['>', '<', '&', '`', '$', '\n']);
    parts.next() == Some("fi")
        && parts.next().is_none()
        && [yes, no]
            .into_iter()
            .all(|text| plain(text) && !text.contains('|'))
        && plain(question)
        && question.split('|').all(|part| {
            let tool = part.split_whitespace().next();
            tool.is_some_and(|tool| ASK.contains(&tool))
        })
}

/// True for the questions that honest native modules ask while they are configured, and for cutting the answer to size.
fn is_honest(command: &str) -> bool {
    let command = unwrapped(command);
    if asks_honestly(command) || chooses_a_text(command) {
        return true;
    }
    let mut parts = command.split('|').map(str::trim);
    parts.next().is_some_and(asks_honestly)
        && parts.all(|part| {
            let tool = part.split_whitespace().next().unwrap_or("");
            matches!(
                tool,
                "cut" | "grep" | "head" | "sed" | "sort" | "tail" | "tr" | "wc"
            ) && !part.contains(['>', '<', ';', '&', '`', '$', '\n'])
                && (tool != "sed" || substitutes(part))
        })
}

/// `sed` with one plain substitution: its other commands can write files and run programs.
fn substitutes(part: &str) -> bool {
    let script = part.trim_start_matches("sed").trim();
    let script = script.strip_prefix("-e ").unwrap_or(script);
    // the slash of `s\/-I//g` needs no escaping, and gets it
    let script = script.trim_matches(['"', '\'']).replace("\\/", "/");
    script.starts_with("s/")
        && script.matches('/').count() == 3
        && (script.ends_with('/') || script.ends_with("/g"))
}

/// The command of `sh -c "…"` and `cmd /c "…"`, or the command itself; without variables that are set for it.
fn unwrapped(command: &str) -> &str {
    let mut command = command.trim();
    // `PKG_CONFIG_PATH="…" pkg-config …`
    if let Some((variable, _)) = command.split_once("=\"")
        && variable.chars().all(|c| c.is_ascii_uppercase() || c == '_')
        && let Some((_, rest)) = command.rsplit_once("\" ")
    {
        command = rest;
    }
    for shell in ["sh -c ", "bash -c ", "cmd /c "] {
        if let Some(inner) = command.strip_prefix(shell) {
            let inner = inner.trim();
            let quote = ['"', '\'']
                .into_iter()
                .find(|q| inner.len() > 1 && inner.starts_with(*q) && inner.ends_with(*q));
            command = quote.map_or(inner, |q| inner.trim_matches(q));
        }
    }
    command
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
        || (!asks && command.contains(['|', '&']))
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

/// Lines of native source from which a package has something that `node-gyp` is for.
const SOME_SOURCE: u32 = 100;

/// True for a command that asks node for a value of a module, or runs one file of this package, and nothing else.
fn runs_own_file(command: &str, file: &FileView<'_>) -> bool {
    let command = unwrapped(command);
    // gyp's own variables, and a change of folder before the file
    let command = command
        .rsplit_once("&& ")
        .map_or(command, |(before, last)| {
            if before.trim().starts_with("cd ") && before.split_whitespace().count() == 2 {
                last
            } else {
                command
            }
        });
    if ["&&", "||", ";", "`", "$(", "|", ">>", "\n"]
        .iter()
        .any(|c| command.contains(c))
    {
        return false;
    }
    let mut words = command.split_whitespace();
    let program = words.next().unwrap_or("");
    let script = match program {
        "node" | "python" | "python3" => words.next().unwrap_or(""),
        _ if program.ends_with(".bat") || program.ends_with(".sh") => program,
        _ => return false,
    };
    if matches!(script, "-p" | "--print") {
        let question = words.collect::<Vec<_>>().join(" ");
        let quote = question.chars().next().filter(|c| matches!(c, '"' | '\''));
        let question = quote
            .and_then(|q| question.strip_prefix(q)?.strip_suffix(q))
            .unwrap_or(&question);
        // `Boolean(require(...).asks()).toString()`
        let question = question
            .strip_prefix("Boolean(")
            .and_then(|q| q.strip_suffix(").toString()"))
            .unwrap_or(question);
        let asked = question
            .strip_prefix("require(")
            .or_else(|| question.strip_prefix("require.resolve("));
        return asked.is_some_and(only_asks);
    }
    let name = script.trim_start_matches("./");
    let name = name.rsplit("../").next().unwrap_or(name);
    !name.is_empty()
        && !script.starts_with('-')
        && file.artifact.files.iter().any(|f| {
            let path = f.path.rsplit('/').next().unwrap_or(&f.path);
            let file_name = name.rsplit('/').next().unwrap_or(name);
            path == file_name || path.strip_suffix(".js") == Some(file_name)
        })
}

/// True for what follows `require(`: a module's name, members of it, calls without arguments, and a choice between texts.
///
/// What the module does then stands in its own code, where it is judged.
fn only_asks(question: &str) -> bool {
    let Some((module, rest)) = question.split_once(')') else {
        return false;
    };
    // each text becomes one letter: a call with a text is a call with an argument
    let outside = rest.split(['\'', '"']).step_by(2).collect::<Vec<_>>();
    let outside = outside.join("T");
    let plain = |c: char| c.is_alphanumeric() || " ._$?:[]()".contains(c);
    let calls = outside.matches('(').count();
    !module.contains('(')
        && rest.matches(['\'', '"']).count() % 2 == 0
        && outside.chars().all(plain)
        && calls == outside.matches("()").count()
        && calls == outside.matches(')').count()
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
                let own =
                    runs_own_file(&s.command, file) && native_lines(file.artifact) >= SOME_SOURCE;
                let evidence = s.span.map_or_else(
                    || Evidence::file(&file.artifact.filename, file.path(), s.command.clone()),
                    |span| file.evidence(span, EvidenceRole::Trigger, s.command.clone()),
                );
                let finding = self
                    .finding(format!(
                        "npm runs `{}` while it builds the package, though no script says so",
                        s.command
                    ))
                    .context(ExecutionContext::Install)
                    .evidence(evidence);
                // what that file does is judged where it stands
                if own {
                    finding
                        .severity(Severity::Medium)
                        .confidence(Confidence::Low)
                } else {
                    finding
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::only_asks;

    #[test]
    fn a_module_is_asked_for_a_value_and_nothing_else() {
        for asks in [
            "'node-addon-api').include",
            "'./lib/paths.cjs').minimumVersion()",
            "'detect-libc').isNonGlibcLinuxSync() ? '' : '-flto=auto'",
            "'../package.json').optionalDependencies['@x/lib-<(arch)']",
        ] {
            assert!(only_asks(asks), "{asks}");
        }
        for acts in [
            "'child_process').execSync('id')",
            "'./x').run(process.env)",
            "'./x'), require('./y')",
            "'./x').a = 'b",
            "'x'",
        ] {
            assert!(!only_asks(acts), "{acts}");
        }
    }
}
