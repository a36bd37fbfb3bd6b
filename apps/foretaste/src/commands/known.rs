//! `foretaste known`: the index of known-bad packages.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use foretaste_audit::Auditor;
use foretaste_clones::{Added, Index, KnownArtifact};
use foretaste_io::{Environment, files};
use foretaste_known::{Shelf, feed};
use foretaste_model::report::ReleaseReport;
use foretaste_model::words::counted;
use foretaste_model::{Ecosystem, RuleGroup};

use crate::cli::{Global, KnownAction, KnownArgs};
use crate::commands::audit;
use crate::configuration;
use crate::exit::Code;
use crate::printer::Printer;
use crate::process;

/// The largest feed or report that is read.
const MAX_FEED: u64 = 4 << 30;
/// The weight from which a finding says that the file it stands in is itself bad.
const CULPRIT_WEIGHT: f64 = 0.2;

/// Runs the command.
///
/// # Errors
/// The index, a feed or a package cannot be read, or a feed has mistakes.
pub(crate) fn run(global: &Global, args: &KnownArgs, printer: Printer) -> Result<Code> {
    let environment = Environment::of_process();
    let mut shelf = Shelf::open(args.index.as_deref(), &environment)?;
    let added = match &args.action {
        KnownAction::Add {
            paths,
            name,
            family,
            benign,
            from_report,
        } => {
            let mut added = Added::default();
            for report in from_report {
                let text = files::read_text(report, MAX_FEED)?;
                added += foretaste_known::report::add(&mut shelf.index, &text, &shown(report))
                    .map_err(anyhow::Error::msg)?;
            }
            let naming = Naming {
                name: name.as_deref(),
                family: family.as_deref(),
            };
            added += add(global, &mut shelf.index, paths, benign, naming, printer)?;
            added
        }
        KnownAction::Import { feeds, ecosystem } => {
            import(&mut shelf.index, feeds, ecosystem.as_deref(), printer)?
        }
        KnownAction::List { filter } => {
            Printer::data(&list(&shelf.index, filter.as_deref().unwrap_or(""))?)?;
            return Ok(Code::Clear);
        }
        KnownAction::Remove { what } => {
            let mut removed = 0;
            for what in what {
                let count = shelf.index.remove(what);
                if count == 0 {
                    bail!(
                        "nothing known is called `{what}`\n  hint: `foretaste known list` names everything"
                    );
                }
                removed += count;
            }
            shelf.save()?;
            Printer::data(&format!("removed {}\n", counted(removed, "entry")))?;
            return Ok(Code::Clear);
        }
        KnownAction::Export { output } => {
            let text = serde_json::to_string(&shelf.index)? + "\n";
            match output {
                Some(file) => files::write_atomic(file, text.as_bytes())?,
                None => Printer::data(&text)?,
            }
            return Ok(Code::Clear);
        }
    };
    shelf.save()?;
    Printer::data(&summary(&added, shelf.path()))?;
    Ok(Code::Clear)
}

#[derive(Clone, Copy)]
struct Naming<'a> {
    name: Option<&'a str>,
    family: Option<&'a str>,
}

fn add(
    global: &Global,
    index: &mut Index,
    paths: &[PathBuf],
    benign: &[PathBuf],
    naming: Naming<'_>,
    printer: Printer,
) -> Result<Added> {
    let mut added = Added::default();
    if paths.is_empty() && benign.is_empty() {
        return Ok(added);
    }
    let environment = Environment::of_process();
    let mut configuration = configuration::load(global, &environment)?;
    // what is known already must not decide what is new
    configuration.policy.known.enabled = false;
    let environment = configuration.environment(environment);
    let options = audit::plain_options(global, environment, configuration);
    let runtime = process::threads(1)?;
    let auditor = {
        let _inside = runtime.enter();
        Auditor::new(options)?
    };
    for path in expand(paths)? {
        match auditor.taste_local(&path) {
            Ok((facts, report)) => {
                let name = naming.name.map_or_else(|| title(&report), str::to_owned);
                let family = naming
                    .family
                    .map_or_else(|| report.name.to_string(), str::to_owned);
                let artifact = KnownArtifact {
                    name,
                    family,
                    source: shown(&path),
                    digest: None,
                };
                added += index.add(artifact, &facts, &culprits(&report));
            }
            Err(reason) => bail!("cannot add {}: {reason}", path.display()),
        }
    }
    for path in expand(benign)? {
        match auditor.taste_local(&path) {
            Ok((facts, _)) => added += index.add_benign(&facts),
            Err(reason) => printer.note(&format!("left out {}: {reason}", path.display())),
        }
    }
    drop(Arc::into_inner(auditor));
    Ok(added)
}

/// The files that findings stand in: hygiene, names and the like say nothing about a file.
fn culprits(report: &ReleaseReport) -> BTreeSet<&str> {
    let accuses = |id: &str| {
        foretaste_rules::meta(id).is_some_and(|m| {
            matches!(
                m.group,
                RuleGroup::Chain | RuleGroup::Obfuscation | RuleGroup::Install | RuleGroup::User
            )
        })
    };
    report
        .findings
        .iter()
        .filter(|f| f.weight >= CULPRIT_WEIGHT && accuses(&f.rule))
        .flat_map(|f| &f.evidence)
        .map(|e| &*e.path)
        .filter(|path| !path.is_empty())
        .collect()
}

/// A folder of artifacts stands for what lies in it; a folder with a manifest is itself an artifact.
fn expand(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    const MANIFESTS: &[&str] = &[
        "setup.py",
        "pyproject.toml",
        "PKG-INFO",
        "package.json",
        "Cargo.toml",
        "__init__.py",
        "METADATA",
    ];
    const ARCHIVES: &[&str] = &[
        ".tar.gz", ".tgz", ".zip", ".whl", ".egg", ".crate", ".tar.bz2", ".tar.xz", ".tar", ".gem",
        ".vsix", ".jar", ".nupkg",
    ];
    let mut all = Vec::new();
    for path in paths {
        if !files::exists(path) {
            bail!("{} does not exist", path.display());
        }
        let is_artifact =
            !files::is_dir(path) || MANIFESTS.iter().any(|m| files::exists(&path.join(m)));
        if is_artifact {
            all.push(path.clone());
            continue;
        }
        let walk = files::walk(path, 1_000_000, |_| false)?;
        let is_archive = |name: &str| ARCHIVES.iter().any(|end| name.ends_with(end));
        let mut found: Vec<PathBuf> = walk
            .files
            .into_iter()
            .filter(|f| is_archive(&f.relative))
            .map(|f| f.path)
            .collect();
        if found.is_empty() {
            let folders = files::list(path)?.into_iter().map(|name| path.join(name));
            found = folders.filter(|p| files::is_dir(p)).collect();
        }
        if found.is_empty() {
            found.push(path.clone());
        }
        all.extend(found);
    }
    Ok(all)
}

fn import(
    index: &mut Index,
    feeds: &[PathBuf],
    ecosystem: Option<&str>,
    printer: Printer,
) -> Result<Added> {
    let mut added = Added::default();
    let ecosystem = ecosystem
        .map(|word| {
            Ecosystem::from_prefix(word)
                .with_context(|| format!("`{word}` is no ecosystem: use pypi, npm or crates"))
        })
        .transpose()?;
    for path in feeds {
        let bytes = files::read(path, MAX_FEED)?;
        let source = path
            .file_name()
            .map_or_else(|| shown(path), |n| n.to_string_lossy().into_owned());
        let read = feed::read(&shown(path), &bytes, &feed::Options { ecosystem, source });
        if !read.problems.is_empty() {
            let told: Vec<String> = read.problems.iter().map(ToString::to_string).collect();
            bail!(
                "cannot import {}: nothing of it was taken\n  {}",
                path.display(),
                told.join("\n  ")
            );
        }
        if read.passed_over > 0 {
            printer.note(&format!(
                "{}: passed over {}, nothing about malware here",
                path.display(),
                counted(read.passed_over, "entry")
            ));
        }
        added += feed::add(index, read);
    }
    Ok(added)
}

fn list(index: &Index, filter: &str) -> Result<String> {
    let mut text = String::new();
    let mut files = vec![0_u32; index.artifacts.len()];
    for file in &index.files {
        if let Some(count) = files.get_mut(file.artifact as usize) {
            *count += 1;
        }
    }
    for (artifact, files) in index.artifacts.iter().zip(files) {
        let digest = artifact
            .digest
            .map_or_else(|| "-".to_owned(), foretaste_model::ContentDigest::to_hex);
        let line = format!(
            "artifact  {}  {}  {}  {digest}  {}",
            artifact.name,
            artifact.family,
            counted(files, "file"),
            artifact.source
        );
        push(&mut text, &line, filter)?;
    }
    for r in &index.releases {
        let versions = match &r.versions {
            foretaste_clones::Versions::All => "*".to_owned(),
            foretaste_clones::Versions::These(these) => these.join(","),
        };
        let ecosystem = r.ecosystem.map_or("any", Ecosystem::id);
        let line = format!(
            "release  {ecosystem}:{}@{versions}  {}  {}",
            r.name, r.id, r.source
        );
        push(&mut text, &line, filter)?;
    }
    for i in &index.indicators {
        let line = format!("{}  {}  {}  {}", i.kind.id(), i.value, i.note, i.source);
        push(&mut text, &line, filter)?;
    }
    Ok(text)
}

/// Feeds are hostile text too.
fn push(text: &mut String, line: &str, filter: &str) -> Result<()> {
    if line.contains(filter) {
        writeln!(text, "{}", foretaste_report::escape::visible(line))?;
    }
    Ok(())
}

fn summary(added: &Added, path: &Path) -> String {
    let parts = [
        (added.artifacts, "artifacts"),
        (added.files, "files"),
        (added.releases, "releases"),
        (added.indicators, "indicators"),
        (added.benign, "pieces of benign code"),
    ];
    let told: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let told = if told.is_empty() {
        "nothing new".to_owned()
    } else {
        told.join(", ")
    };
    let known = if added.known > 0 {
        format!("; {} known before", counted(added.known, "artifact"))
    } else {
        String::new()
    };
    format!("added {told}{known} to {}\n", path.display())
}

fn title(report: &ReleaseReport) -> String {
    match &report.version {
        Some(version) => format!("{} {version}", report.name),
        None => report.name.to_string(),
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
