//! # It installs other packages by itself
//!
//! ## What it finds
//! A package manager (`pip`, `npm`, `gem`, `apt`, ...) is called by code that runs at install or import time.
//!
//! ## Why it matters
//! Dependencies stand in the manifest, where resolvers, lock files and auditors see them. What is installed from code is
//! pinned by nobody and vetted by nobody: every sixth malicious PyPI family does it. In 2024 a mirror that only looked like
//! the index served a stolen `colorama` to the members of a chat community: the file of a host that is no forge is the
//! gravest case.
//!
//! ## Example
//! `os.system("pip install helper")` in `__init__.py`
//!
//! ## What to do
//! Declare the dependency; look at the package that is installed.
//!
//! ## When it is wrong
//! Old build scripts install their build requirements in this way, and tools that manage environments do it when called.
use foretaste_engine::prelude::*;

use foretaste_model::manifest::DependencyKind;

use crate::code;
use crate::indicators::{self, Destination};

declare_rule! {
    InstallsAnotherPackage,
    id: "installs-another-package",
    title: "installs other packages by itself",
    group: Install,
    severity: High,
    confidence: Medium,
    needs: [Code],
    tags: ["T1195.001", "T1072"],
    since: "0.1.0",
}

impl FileRule for InstallsAnotherPackage {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        // what a manifest has run is a command of its own, not an argument of something that starts it
        let of_manifest = || code::manifest_of(file).is_some();
        let installs = |u: &&Use| {
            u.kind == foretaste_model::facts::UseKind::Call
                && ((code::spawns(u) && is_install(u))
                    || (u.capability == Capability::PackageInstall
                        && (is_pip_main(u) || (of_manifest() && is_install(u)))))
                && file.context(u.function) <= ExecutionContext::Import
        };
        let Some(used) = file
            .facts
            .uses
            .iter()
            .filter(installs)
            .min_by_key(|u| file.context(u.function))
        else {
            return Vec::new();
        };
        let context = file.context(used.function);
        let line: String = used.constants.join(" ").chars().take(80).collect();
        let mut finding = self
            .finding(format!(
                "installs other packages (`{line}`) {}",
                context.phrase()
            ))
            .context(context)
            .evidence(file.use_evidence(used, EvidenceRole::Site, &*used.api));
        if is_own_part(file, used) {
            finding = finding.severity(Severity::Low).confidence(Confidence::Low);
        }
        if let Some(index) = foreign_index(used) {
            finding = finding
                .severity(Severity::Critical)
                .confidence(Confidence::High);
            finding.message = format!("{}, from {index}", finding.message).into();
        } else if let Some(host) = foreign_file(used) {
            finding = finding
                .severity(Severity::Critical)
                .confidence(Confidence::High);
            finding.message = format!("{}, a file of {host}", finding.message).into();
        }
        vec![finding]
    }
}

/// The index of its own from which a command installs: neither the user's nor, by TLS and a name, anybody's who answers for
/// it.
fn foreign_index(used: &Use) -> Option<String> {
    let line = code::command_line(used);
    let index = code::words(&line)
        .filter_map(|w| w.rsplit_once('=').map_or(Some(w), |(_, url)| Some(url)))
        .find(|w| w.starts_with("http://") || w.starts_with("https://"))?;
    let asks = [
        "--index-url",
        "--extra-index-url",
        "--registry",
        "-i",
        "--find-links",
        "-f",
    ]
    .iter()
    .any(|option| code::words(&line).any(|w| w.split('=').next() == Some(option)));
    let bare = indicators::classify(index).is_some_and(Destination::drops);
    let unchecked = index.starts_with("http://") || line.contains("--trusted-host");
    let far = indicators::is_far(index);
    (asks && far && (bare || unchecked)).then(|| index.to_owned())
}

/// The host of a file that a command installs, past every index; none for the places where projects publish.
fn foreign_file(used: &Use) -> Option<String> {
    const FORGES: &[&str] = &[
        "bitbucket.org",
        "codeberg.org",
        "github.com",
        "githubusercontent.com",
        "gitlab.com",
        "sourceforge.net",
        "sr.ht",
    ];
    const TAKE_ADDRESSES: &[&str] = &[
        "-c",
        "-f",
        "-i",
        "-r",
        "--constraint",
        "--extra-index-url",
        "--find-links",
        "--index-url",
        "--proxy",
        "--registry",
        "--requirement",
    ];
    let line = code::command_line(used);
    let words: Vec<&str> = code::words(&line).collect();
    let of_option = |at: usize| at > 0 && TAKE_ADDRESSES.contains(&words[at - 1]);
    let (_, asked) = words
        .iter()
        .enumerate()
        .find(|(at, w)| w.contains("://") && !w.starts_with('-') && !of_option(*at))?;
    // `git+https://...`
    let scheme = asked.find("://").and_then(|end| asked[..end].rfind('+'));
    let url = scheme.map_or(*asked, |plus| &asked[plus + 1..]);
    let host = indicators::host_of(url).filter(|_| indicators::is_far(url))?;
    (!FORGES
        .iter()
        .any(|forge| indicators::is_below(&host, forge)))
    .then_some(host)
}

fn is_pip_main(used: &Use) -> bool {
    used.api.starts_with("pip")
        && used.api.contains("main")
        && used.constants.iter().any(|c| &**c == "install")
}

/// True if what is installed belongs to the package: it stands in the npm scope of the package's own name, as the builds of
/// a native program for one platform do, or is one of its optional dependencies that are called after it. Who owns the name
/// owns the scope's other packages as well, and npm installs what the manifest names without being asked again.
fn is_own_part(file: &FileView<'_>, used: &Use) -> bool {
    let manifest = file
        .artifact
        .file("package.json")
        .and_then(|f| f.facts.manifest.as_deref());
    let Some((manifest, name)) = manifest.and_then(|m| Some((m, m.name.as_deref()?))) else {
        return false;
    };
    let scope = match name.split_once('/') {
        Some((scope, _)) => format!("{scope}/"),
        None => format!("@{name}/"),
    };
    let line = code::command_line(used);
    let words = || code::words(&line).filter(|w| w.contains('@'));
    let named = format!("{}-", name.rsplit('/').next().unwrap_or(name));
    // `@cloudflare/workerd-linux-64` of `workerd`
    let is_part = |dependency: &str| {
        dependency.starts_with(&scope)
            || dependency
                .rsplit('/')
                .next()
                .is_some_and(|last| last.starts_with(&named))
    };
    // which of its optional parts is worked out when it runs
    let unnamed = || words().all(|w| w.starts_with(['…', '{']));
    let optional = || {
        let mut parts = manifest
            .dependencies
            .iter()
            .filter(|d| d.kind == DependencyKind::Optional)
            .peekable();
        parts.peek().is_some() && parts.all(|d| is_part(&d.name))
    };
    words().next().is_some()
        && (words().all(|w| w.starts_with(&scope)) || (unnamed() && optional()))
}

/// True for a command line that installs a named package (not the project itself, not its requirements file).
fn is_install(used: &Use) -> bool {
    let mut line = code::command_line(used);
    if used.capability == Capability::PackageInstall {
        let program = used.api.split(' ').next().unwrap_or_default();
        line.insert_str(0, &format!("{program} "));
    }
    let words: Vec<&str> = code::words(&line).collect();
    let manager = |w: &str| {
        matches!(
            code::program_name(w),
            "pip"
                | "pip3"
                | "pip2"
                | "npm"
                | "yarn"
                | "pnpm"
                | "gem"
                | "easy_install"
                | "uv"
                | "bun"
        )
    };
    let Some(at) = words
        .iter()
        .position(|w| matches!(*w, "install" | "add" | "i"))
    else {
        return false;
    };
    let named = words[at + 1..]
        .iter()
        .find(|w| !w.starts_with('-'))
        .is_some_and(|w| {
            !w.starts_with('.')
                && !w.ends_with(".txt")
                && !w.starts_with("{}")
                && !w.contains("build")
        });
    // facts keep a dozen words of a call: what is installed may be the next
    let named =
        named || (words[at + 1..].iter().all(|w| w.starts_with('-')) && used.constants.len() >= 12);
    let by = words[..at].iter().any(|w| manager(w)) || words.first().is_some_and(|w| *w == "-m");
    by && named && !words.contains(&"-r")
}
