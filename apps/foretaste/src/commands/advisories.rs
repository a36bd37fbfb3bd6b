//! `foretaste advisories`: the advisories on this machine.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context, Result, bail};
use foretaste_advisories::{How, Keeper, Place};
use foretaste_io::{Environment, HttpClient, files};
use foretaste_model::intel::AdvisoryMatch;
use foretaste_model::words::counted;
use foretaste_model::{Ecosystem, Knowledge, ReleaseId, Target};
use foretaste_osv::{Advisories, Database, Event, Import, Record, age, level};
use foretaste_project::Constraint;
use foretaste_projects::Project;
use foretaste_report::escape::visible as escape;
use jiff::Timestamp;
use serde_json::json;

use crate::cli::{AdvisoriesAction, AdvisoriesArgs, Global};
use crate::commands::audit::http_options;
use crate::configuration;
use crate::exit::Code;
use crate::printer::Printer;
use crate::process;

/// The largest list of releases that is read.
const MAX_LIST: u64 = 64 << 20;

/// Runs the command.
///
/// # Errors
/// No data folder is known, a place cannot be read, or a database cannot be used.
pub(crate) fn run(global: &Global, args: &AdvisoriesArgs, printer: Printer) -> Result<Code> {
    let environment = Environment::of_process();
    let configuration = configuration::load(global, &environment)?;
    let environment = configuration.environment(environment);
    let advisories = Advisories::of_user(&environment)
        .context("no data folder is known on this system; set FORETASTE_DATA_DIR")?;
    let now = process::now(&environment)?;
    let json = args.format == "json";
    match &args.action {
        AdvisoriesAction::Import { places, ecosystem } => {
            let complete = ecosystem
                .iter()
                .map(|name| {
                    Ecosystem::from_prefix(name)
                        .with_context(|| format!("`{name}` is no ecosystem"))
                })
                .collect::<Result<Vec<_>>>()?;
            let http = HttpClient::new(http_options(global, &environment, &configuration.policy));
            let keeper = Keeper::new(&advisories, &http, now);
            import(&keeper, places, &complete, printer)
        }
        AdvisoriesAction::Update => {
            let http = HttpClient::new(http_options(global, &environment, &configuration.policy));
            update(&Keeper::new(&advisories, &http, now))
        }
        AdvisoriesAction::List => {
            Printer::data(&if json {
                list_json(&advisories, now)?
            } else {
                list(&advisories, now)
            })?;
            Ok(Code::Clear)
        }
        AdvisoriesAction::Show { id } => show(&advisories, id, json),
        AdvisoriesAction::Match { targets } => {
            let releases = releases(targets, &environment)?;
            matches(&advisories, &releases, json, printer)
        }
    }
}

fn import(
    keeper: &Keeper<'_>,
    places: &[String],
    complete: &[Ecosystem],
    printer: Printer,
) -> Result<Code> {
    let runtime = process::threads(2)?;
    let mut code = Code::Clear;
    for text in places {
        let place = Place::read(text);
        let done = runtime.block_on(keeper.import(&place, complete))?;
        for problem in &done.problems {
            printer.note(&escape(&problem.to_string()));
            code = Code::Incomplete;
        }
        Printer::data(&format!("{}: {}\n", place.shown(), summary(&done)))?;
    }
    Ok(code)
}

fn summary(done: &Import) -> String {
    let parts = [
        (done.added, "added"),
        (done.changed, "changed"),
        (done.unchanged, "unchanged"),
        (done.withdrawn, "withdrawn"),
        (done.other, "of other ecosystems"),
        (done.problems.len(), "unreadable"),
    ];
    let told: Vec<String> = parts
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{n} {what}"))
        .collect();
    if told.is_empty() {
        "nothing new".to_owned()
    } else {
        told.join(", ")
    }
}

fn update(keeper: &Keeper<'_>) -> Result<Code> {
    let updated = process::threads(2)?.block_on(keeper.update());
    if updated.is_empty() {
        bail!(
            "nothing was imported from a service, so nothing can be asked for what changed\n  \
             hint: `foretaste advisories import URL`; the archives of the OSV project are at {}",
            "https://osv-vulnerabilities.storage.googleapis.com/<ecosystem>/all.zip"
        );
    }
    let mut code = Code::Clear;
    let mut text = String::new();
    for source in updated {
        let place = format!("{} from {}", source.ecosystem, source.location);
        match source.result {
            Ok((how, done)) => {
                let how = match how {
                    How::Changes(n) => format!("{n} changed records"),
                    How::Archive => "the whole archive".to_owned(),
                };
                writeln!(text, "{place}: {} ({how})", summary(&done))?;
            }
            Err(error) => {
                Printer::error(
                    &anyhow::Error::new(error).context(format!("cannot update {place}")),
                );
                code = Code::Incomplete;
            }
        }
    }
    Printer::data(&text)?;
    Ok(code)
}

fn list(advisories: &Advisories, now: Timestamp) -> String {
    let mut text = String::new();
    for ecosystem in Ecosystem::ALL {
        match advisories.of(ecosystem) {
            Ok(None) => {}
            Err(reason) => {
                let _ = writeln!(text, "{ecosystem:<15} {reason}");
            }
            Ok(Some(database)) => {
                let _ = writeln!(
                    text,
                    "{:<15} {}, {} of malware, about {} · {} · {:.1} MB",
                    ecosystem.title(),
                    counted(database.len(), "advisory"),
                    database.malware(),
                    counted(database.packages(), "package"),
                    as_of(database, now),
                    database.size() as f64 / 1e6,
                );
                for source in database.sources() {
                    let _ = writeln!(
                        text,
                        "  from {}, imported {} ago",
                        escape(&source.location),
                        age(now.duration_since(source.imported))
                    );
                }
            }
        }
    }
    if text.is_empty() {
        text = format!(
            "no advisories are on this machine ({})\n",
            advisories.folder().display()
        );
    }
    text
}

fn as_of(database: &Database, now: Timestamp) -> String {
    database.as_of().map_or_else(
        || "single records".to_owned(),
        |time| format!("of {} ago", age(now.duration_since(time))),
    )
}

fn list_json(advisories: &Advisories, now: Timestamp) -> Result<String> {
    let databases: Vec<_> = advisories
        .all()
        .map(|d| {
            json!({
                "ecosystem": d.ecosystem().id(),
                "advisories": d.len(),
                "malware": d.malware(),
                "packages": d.packages(),
                "as_of": d.as_of(),
                "age_seconds": d.as_of().map(|t| now.duration_since(t).as_secs()),
                "bytes": d.size(),
                "sources": d.sources(),
            })
        })
        .collect();
    Ok(serde_json::to_string_pretty(&databases)? + "\n")
}

fn show(advisories: &Advisories, id: &str, json: bool) -> Result<Code> {
    let mut found: Vec<Record> = Vec::new();
    for database in advisories.all() {
        for record in database.find(id)? {
            // one record may lie in the databases of several ecosystems
            match found.iter_mut().find(|r| r.id == record.id) {
                Some(known) => known.affected.extend(record.affected),
                None => found.push(record),
            }
        }
    }
    if found.is_empty() {
        bail!("no advisory on this machine has the id or alias `{id}`");
    }
    if json {
        Printer::data(&(serde_json::to_string_pretty(&found)? + "\n"))?;
        return Ok(Code::Clear);
    }
    let mut text = String::new();
    for record in &found {
        describe(&mut text, record)?;
    }
    Printer::data(&text)?;
    Ok(Code::Clear)
}

fn describe(text: &mut String, record: &Record) -> Result<()> {
    let score = record.score(&record.affected);
    let kind = if record.malware {
        "malware".to_owned()
    } else {
        let word = level(score).id();
        score.map_or_else(|| word.to_owned(), |s| format!("{word} {s:.1}"))
    };
    writeln!(text, "{}  {kind}  {}", record.id, escape(&record.summary))?;
    if !record.aliases.is_empty() {
        writeln!(text, "  also     {}", record.aliases.join(" "))?;
    }
    for affected in &record.affected {
        let mut parts: Vec<String> = Vec::new();
        for range in &affected.ranges {
            let events: Vec<String> = range.events.iter().map(event).collect();
            parts.push(escape(&events.join(", ")));
        }
        if !affected.versions.is_empty() {
            parts.push(format!(
                "{} by name",
                counted(affected.versions.len(), "version")
            ));
        }
        writeln!(
            text,
            "  covers   {}:{}  {}",
            affected.ecosystem.id(),
            escape(&affected.name),
            parts.join("; ")
        )?;
        for symbols in &affected.symbols {
            let names = symbols.names.join(", ");
            let place = format!("{} {names}", symbols.path);
            writeln!(text, "  where    {}", escape(place.trim()))?;
        }
    }
    if let Some(modified) = record.modified {
        writeln!(text, "  changed  {modified}")?;
    }
    for reference in &record.references {
        writeln!(text, "  see      {}", escape(reference))?;
    }
    if !record.details.is_empty() {
        writeln!(text)?;
        for line in record.details.lines() {
            writeln!(text, "  {}", escape(line))?;
        }
    }
    Ok(())
}

fn event(event: &Event) -> String {
    match event {
        Event::Introduced(v) => format!("from {v}"),
        Event::Fixed(v) => format!("fixed in {v}"),
        Event::LastAffected(v) => format!("up to {v}"),
        Event::Limit(v) => format!("before {v}"),
    }
}

/// The releases that a lock, or a list of requirements, fixes.
fn held(project: &Project) -> Vec<ReleaseId> {
    let locked = project.locks.iter().flat_map(|lock| {
        let packages = lock.packages.iter();
        packages.filter_map(|package| package.release(lock.ecosystem))
    });
    let listed = project.manifests.iter().flat_map(|manifest| {
        let wishes = manifest.requirements.iter();
        wishes.filter_map(|wish| match (&wish.constraint, &wish.name) {
            (Constraint::Pinned(version), Some(name)) => {
                Some(ReleaseId::new(manifest.ecosystem, name, version))
            }
            _ => None,
        })
    });
    locked.chain(listed).collect()
}

/// Reads releases from arguments, from locks, and from files with one a line; `#` begins a comment.
fn releases(targets: &[String], environment: &Environment) -> Result<Vec<ReleaseId>> {
    let mut found = Vec::new();
    for text in targets {
        let path = Path::new(text);
        if files::is_file(path) && foretaste_projects::reader_of(text).is_some() {
            found.extend(held(&Project::of_file(path, environment)?));
            continue;
        }
        let list = if text == "-" {
            let mut list = String::new();
            std::io::stdin()
                .take(MAX_LIST)
                .read_to_string(&mut list)
                .context("cannot read standard input")?;
            list
        } else if files::is_file(Path::new(text)) {
            files::read_text(Path::new(text), MAX_LIST)?
        } else {
            text.clone()
        };
        for (index, line) in list.lines().enumerate() {
            let line = line.split(" #").next().unwrap_or_default().trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let place = || format!("{text}:{}", index + 1);
            match line.parse::<Target>().with_context(place)? {
                Target::Package {
                    ecosystem,
                    name,
                    version: Some(version),
                } => found.push(ReleaseId::new(ecosystem, name.as_str(), &version)),
                Target::Package { .. } => bail!("{}: `{line}` names no version", place()),
                Target::Path(_) => bail!(
                    "{}: `{line}` is no release; write `pypi:NAME@VERSION` or a package URL",
                    place()
                ),
            }
        }
    }
    Ok(found)
}

fn matches(
    advisories: &Advisories,
    releases: &[ReleaseId],
    json: bool,
    printer: Printer,
) -> Result<Code> {
    let mut told: Vec<(&ReleaseId, Vec<AdvisoryMatch>)> = Vec::new();
    let mut unknown: Vec<String> = Vec::new();
    for release in releases {
        match advisories.answer(release) {
            Knowledge::Known((found, _)) => told.push((release, found)),
            Knowledge::Skipped(reason) => {
                if !unknown.contains(&reason.to_string()) {
                    unknown.push(reason.to_string());
                }
            }
        }
    }
    for reason in &unknown {
        printer.note(reason);
    }
    let covered = told.iter().filter(|(_, found)| !found.is_empty());
    if json {
        let rows: Vec<_> = covered
            .clone()
            .map(|(release, found)| json!({"purl": release.purl(), "advisories": found}))
            .collect();
        Printer::data(&(serde_json::to_string_pretty(&rows)? + "\n"))?;
    } else {
        let mut text = String::new();
        for (release, found) in covered.clone() {
            writeln!(
                text,
                "{}:{}@{}",
                release.ecosystem.id(),
                release.name,
                release.version
            )?;
            for advisory in found {
                writeln!(text, "{}", line(advisory))?;
            }
        }
        writeln!(
            text,
            "covered by advisories: {} of {}",
            covered.clone().count(),
            counted(told.len(), "release")
        )?;
        Printer::data(&text)?;
    }
    Ok(if covered.count() > 0 {
        Code::Findings
    } else if unknown.is_empty() {
        Code::Clear
    } else {
        Code::Incomplete
    })
}

fn line(advisory: &AdvisoryMatch) -> String {
    let kind = if advisory.malware {
        "malware"
    } else {
        level(advisory.cvss).id()
    };
    let fixed = match advisory.fixed.first() {
        _ if advisory.malware => String::new(),
        Some(version) => format!(" (fixed in {version})"),
        None => " (no fixed version is known)".to_owned(),
    };
    let line = format!(
        "  {:<20} {kind:<9} {}{fixed}",
        advisory.id, advisory.summary
    );
    escape(&line)
}
