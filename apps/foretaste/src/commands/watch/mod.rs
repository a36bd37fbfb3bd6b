//! `foretaste watch`: what became of dependencies that were accepted before.

mod install;
mod list;
mod round;
mod sinks;

use anyhow::{Context, Result, bail};
use foretaste_io::{Environment, HttpClient, HttpOptions, files};
use foretaste_model::Target;
use foretaste_watch::{Book, Sender, Watched};

use crate::cli::Global;
use crate::cli::watch::{SinkAction, WatchAction, WatchArgs};
use crate::commands::audit::http_options;
use crate::configuration;
use crate::exit::Code;
use crate::printer::Printer;
use crate::process;

/// Runs the command.
///
/// # Errors
/// The book, the policy or a target cannot be read.
pub(crate) fn run(global: &Global, args: &WatchArgs, printer: Printer) -> Result<Code> {
    let environment = Environment::of_process();
    let book = Book::of_user(&environment)?;
    match &args.action {
        WatchAction::Add { targets } => add(global, &book, targets, &environment, printer),
        WatchAction::Remove { targets } => remove(&book, targets, &environment),
        WatchAction::List { format } => {
            let contents = book.read()?;
            Printer::data(&if format == "json" {
                list::json(&contents)?
            } else {
                list::human(&contents)
            })?;
            Ok(Code::Clear)
        }
        WatchAction::Run {
            once: _,
            every,
            fail_on,
        } => {
            let fail_on = crate::cli::verdict(fail_on).context("no such verdict")?;
            round::run(global, &book, every.as_deref(), fail_on, printer)
        }
        WatchAction::Sink { action } => match action {
            SinkAction::Add(args) => sinks::add(&book, args),
            SinkAction::Remove { name } => sinks::remove(&book, name),
            SinkAction::Test { name } => {
                let sender = sender(global, &environment)?;
                sinks::test(&book, name, &sender, process::now(&environment)?)
            }
        },
        WatchAction::Install {
            hours,
            cron,
            dry_run,
        } => install::run(*hours, *cron, *dry_run, &environment, printer),
    }
}

/// Posts without a cache.
fn sender(global: &Global, environment: &Environment) -> Result<Sender> {
    let configuration = configuration::load(global, environment)?;
    let options = HttpOptions {
        cache_dir: None,
        ..http_options(global, environment, &configuration.policy)
    };
    Ok(Sender {
        http: HttpClient::new(options),
        environment: environment.clone(),
    })
}

/// The target as it is kept: a path from the root, since the watch runs anywhere.
fn kept(text: &str, environment: &Environment) -> Result<String> {
    match text.parse::<Target>()? {
        Target::Package { .. } => Ok(text.to_owned()),
        Target::Path(path) => {
            let Some(real) = files::real_path(&environment.working_dir().join(&path)) else {
                bail!("{} does not exist", path.display());
            };
            Ok(real.display().to_string())
        }
    }
}

fn add(
    global: &Global,
    book: &Book,
    targets: &[String],
    environment: &Environment,
    printer: Printer,
) -> Result<Code> {
    let now = process::now(environment)?;
    let targets = targets
        .iter()
        .map(|text| kept(text, environment))
        .collect::<Result<Vec<_>>>()?;
    let new: Vec<String> = book.change(|contents| {
        let mut new = Vec::new();
        for target in targets {
            if contents.watched.iter().any(|w| w.target == target) {
                printer.note(&format!("{target} is watched already"));
                continue;
            }
            contents.watched.push(Watched {
                target: target.clone(),
                added: now,
                judged: None,
                state: None,
            });
            new.push(target);
        }
        new
    })?;
    let mut code = Code::Clear;
    for target in new {
        match round::judge(global, &target, now, printer) {
            Ok(report) => {
                book.change(|contents| contents.record(&target, &report, now))?;
                Printer::data(&format!("{target}: {}\n", list::summary(&report.summary)))?;
            }
            Err(error) => {
                printer.note(&format!(
                    "{target} is watched; it could not be judged yet: {error:#}"
                ));
                code = Code::Incomplete;
            }
        }
    }
    let told = !book.read()?.sinks.is_empty();
    if !told {
        printer.note("nobody is told yet; `foretaste watch sink add` adds who is");
    }
    Ok(code)
}

fn remove(book: &Book, targets: &[String], environment: &Environment) -> Result<Code> {
    let contents = book.read()?;
    let mut gone = Vec::new();
    for text in targets {
        let place = kept(text, environment).unwrap_or_else(|_| text.clone());
        let found = contents
            .watched
            .iter()
            .find(|w| w.target == *text || w.target == place);
        let Some(found) = found else {
            bail!("{text} is not watched\n  hint: `foretaste watch list` names everything");
        };
        gone.push(found.target.clone());
    }
    book.change(|contents| contents.watched.retain(|w| !gone.contains(&w.target)))?;
    Printer::data(&format!("{} watched no longer\n", gone.join(", ")))?;
    Ok(Code::Clear)
}
