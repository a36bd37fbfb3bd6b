//! From flags, environment and foretaste.toml to the policy in force.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use foretaste_io::{Environment, files};
use foretaste_model::RuleMeta;
use foretaste_policy::{Found, Policy, Search};

use crate::cli::Global;

/// The largest policy file that is read.
const MAX_POLICY: u64 = 4 << 20;

/// The policy in force, and where it came from.
#[derive(Debug)]
pub(crate) struct Configuration {
    /// The policy.
    pub(crate) policy: Policy,
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
    let Some(file) = find(global, env)? else {
        return Ok(Configuration {
            policy: Policy::default(),
            file: None,
        });
    };
    let text = files::read_text(&file, MAX_POLICY).context("cannot read the policy")?;
    let shown = shown(&file, env.working_dir());
    let mut policy = Policy::parse(&shown, &text)?;
    let rules: Vec<&RuleMeta> = foretaste_rules::all()
        .into_iter()
        .map(foretaste_engine::AnyRule::meta)
        .collect();
    policy.check(&rules)?;
    let folder = file.parent().unwrap_or(Path::new("."));
    let lists = &mut policy.popular;
    let paths = [
        &mut lists.pypi,
        &mut lists.npm,
        &mut lists.cargo,
        &mut policy.cache.dir,
    ];
    for path in paths.into_iter().flatten() {
        *path = folder.join(&path);
    }
    Ok(Configuration {
        policy,
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
