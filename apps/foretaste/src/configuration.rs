//! From flags, environment and foretaste.toml to the policy in force.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use foretaste_io::{Environment, files};
use foretaste_model::RuleMeta;
use foretaste_policy::{Found, Policy, Search};

use crate::cli::{Global, HowArgs};
use crate::rulebook::Rulebook;

/// The largest policy file that is read.
const MAX_POLICY: u64 = 4 << 20;

/// The policy in force, and where it came from.
#[derive(Debug)]
pub(crate) struct Configuration {
    /// The policy.
    pub(crate) policy: Policy,
    /// Every rule in force.
    pub(crate) rulebook: Rulebook,
    /// The file, if there is one.
    pub(crate) file: Option<PathBuf>,
}

impl Configuration {
    /// The environment with what the policy says in place of its variables: whoever keeps something, keeps it there.
    pub(crate) fn environment(&self, env: Environment) -> Environment {
        match &self.policy.cache.dir {
            Some(dir) => env.with("FORETASTE_CACHE_DIR", &dir.display().to_string()),
            None => env,
        }
    }
}

/// Reads and checks the policy.
///
/// # Errors
/// The file cannot be read, or says something that is not understood: every such place is named.
pub(crate) fn load(global: &Global, env: &Environment) -> Result<Configuration> {
    load_with(global, env, &Extra::default())
}

/// Reads and checks the policy, with the rules that the command line names.
///
/// # Errors
/// As [`load`].
pub(crate) fn load_for(global: &Global, env: &Environment, how: &HowArgs) -> Result<Configuration> {
    let extra = Extra {
        rules: how.rules.clone(),
        yara: how.yara.clone(),
    };
    load_with(global, env, &extra)
}

/// Rule files that are named on the command line, besides the policy's.
#[derive(Debug, Default)]
struct Extra {
    /// Rules over facts.
    rules: Vec<PathBuf>,
    /// YARA rules.
    yara: Vec<PathBuf>,
}

/// Reads and checks the policy, with further rules.
///
/// # Errors
/// As [`load`].
fn load_with(global: &Global, env: &Environment, extra: &Extra) -> Result<Configuration> {
    let Some(file) = find(global, env)? else {
        return Ok(Configuration {
            policy: Policy::default(),
            rulebook: Rulebook::load(&extra.rules, &extra.yara)?,
            file: None,
        });
    };
    let text = files::read_text(&file, MAX_POLICY).context("cannot read the policy")?;
    let shown = shown(&file, env.working_dir());
    let policy = Policy::parse(&shown, &text)?;
    let joined = |own: &[PathBuf], more: &[PathBuf]| [own, more].concat();
    let rulebook = Rulebook::load(
        &joined(&policy.rule_files, &extra.rules),
        &joined(&policy.yara_files, &extra.yara),
    )?;
    let rules: Vec<&RuleMeta> = rulebook
        .all()
        .into_iter()
        .map(foretaste_engine::AnyRule::meta)
        .collect();
    policy.check(&rules)?;
    Ok(Configuration {
        policy,
        rulebook,
        file: Some(file),
    })
}

/// The policy file in force: see [`Search::find`].
fn find(global: &Global, env: &Environment) -> Result<Option<PathBuf>> {
    let config_home = env.config_home();
    let search = Search {
        flag: global.config.as_deref(),
        environment: None,
        working_dir: Some(env.working_dir()),
        home: env.home(),
        config_dir: config_home.as_deref(),
    };
    match search.find(files::exists) {
        Found::Named { path, by } if !files::is_file(&path) => {
            bail!(
                "the policy file {} from {by} does not exist",
                path.display()
            )
        }
        Found::Named { path, .. } | Found::Discovered(path) => Ok(Some(path)),
        Found::Nothing => Ok(None),
    }
}

fn shown(file: &Path, working_dir: &Path) -> String {
    file.strip_prefix(working_dir)
        .unwrap_or(file)
        .display()
        .to_string()
}
