//! `foretaste cache`: what is kept on this machine.

use foretaste_model::words::counted;
use std::fmt::Write as _;

use anyhow::{Context, Result};
use foretaste_io::{Environment, files};
use foretaste_store::{Prune, Store};

use crate::cli::{CacheAction, CacheArgs, Global};
use crate::configuration;
use crate::exit::Code;
use crate::printer::Printer;
use crate::process;

/// Runs the command.
///
/// # Errors
/// The policy cannot be read, there is no cache folder on this system, or the database cannot be read.
pub(crate) fn run(global: &Global, args: &CacheArgs) -> Result<Code> {
    let environment = Environment::of_process();
    let configuration = configuration::load(global, &environment)?;
    let folder = configuration
        .environment(environment)
        .cache_dir()
        .context("no cache folder is known on this system; set FORETASTE_CACHE_DIR")?;
    let store = Store::below(&folder);
    let runtime = process::single()?;
    let text = match &args.action {
        CacheAction::Info => {
            let info = runtime.block_on(store.info())?;
            let mut text = String::new();
            writeln!(text, "facts      {}", info.path.display())?;
            writeln!(
                text,
                "  entries  {}, {}",
                counted(info.entries, "file"),
                counted(info.artifacts, "artifact")
            )?;
            writeln!(
                text,
                "  size     {:.1} MiB ({:.1} MiB on disk)",
                mib(info.value_bytes),
                mib(info.file_bytes)
            )?;
            for version in &info.versions {
                let stale = if version.observer == foretaste_lang::OBSERVER_VERSION {
                    ""
                } else {
                    ", stale"
                };
                writeln!(
                    text,
                    "  observers {}: {}, {}, {:.1} MiB{stale}",
                    version.observer,
                    counted(version.entries, "file"),
                    counted(version.artifacts, "artifact"),
                    mib(version.value_bytes)
                )?;
            }
            writeln!(text, "downloads  {}", folder.join("http").display())?;
            writeln!(
                text,
                "  size     {:.1} MiB",
                mib(size_of(&folder.join("http")))
            )?;
            text
        }
        CacheAction::Prune { all: true, .. } => {
            let before = runtime
                .block_on(store.info())
                .map_or(0, |i| i.entries + i.artifacts);
            let downloads = size_of(&folder.join("http"));
            runtime.block_on(store.prune(Prune {
                max_bytes: Some(0),
                ..Prune::default()
            }))?;
            if files::exists(&folder.join("http")) {
                files::remove_dir(&folder.join("http"))?;
            }
            format!(
                "removed {} and {:.1} MiB of downloads\n",
                counted(before, "entry"),
                mib(downloads)
            )
        }
        CacheAction::Prune {
            max_size,
            older_than,
            ..
        } => {
            let pruned = runtime.block_on(store.prune(Prune {
                max_bytes: max_size.map(|m| m << 20),
                unused_days: *older_than,
                keep_observer: Some(foretaste_lang::OBSERVER_VERSION),
            }))?;
            format!(
                "removed {} entries, {:.1} MiB\n",
                pruned.entries,
                mib(pruned.value_bytes)
            )
        }
    };
    Printer::data(&text)?;
    Ok(Code::Clear)
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

fn size_of(folder: &std::path::Path) -> u64 {
    files::walk(folder, 1_000_000, |_| false)
        .map_or(0, |walk| walk.files.iter().map(|f| f.size).sum())
}
