//! Every rule in force: the built-in ones, and the user's own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, bail};
use foretaste_audit::OwnRules;
use foretaste_behaviour::rules as behaviour;
use foretaste_engine::AnyRule;
use foretaste_io::files;
use foretaste_model::RuleMeta;
use foretaste_report::RuleInfo;
use foretaste_user_rules::{ByteRules, UserRules};

/// The largest rule file that is read.
const MAX_RULES: u64 = 64 << 20;

/// Every rule in force.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rulebook {
    facts: UserRules,
    bytes: Option<Arc<ByteRules>>,
}

impl Rulebook {
    /// Reads the user's rules: files with rules over facts, files and folders with YARA rules.
    ///
    /// # Errors
    /// A file cannot be read, or has mistakes: each is named with its place.
    pub(crate) fn load(rule_files: &[PathBuf], yara: &[PathBuf]) -> Result<Self> {
        let built_in: Vec<&str> = built_in().map(|meta| meta.id.0).collect();
        let mut facts = UserRules::default();
        for file in rule_files {
            let text = files::read_text(file, MAX_RULES)?;
            facts.add(&file.display().to_string(), &text, &built_in)?;
        }
        let sources = yara_sources(yara)?;
        let bytes = if sources.is_empty() {
            None
        } else {
            let own: Vec<&str> = facts.rules().iter().map(|r| r.meta().id.0).collect();
            let compiled = ByteRules::compile(&sources, &own).map_err(anyhow::Error::msg)?;
            Some(Arc::new(compiled))
        };
        Ok(Self { facts, bytes })
    }

    /// The declaration of every rule, those over behaviour included.
    pub(crate) fn metas(&self) -> Vec<&'static RuleMeta> {
        let own = self.own().rules;
        built_in()
            .chain(own.iter().map(|rule| rule.meta()))
            .collect()
    }

    /// Every rule over what packages hold.
    pub(crate) fn all(&self) -> Vec<AnyRule> {
        let mut all = foretaste_rules::all();
        all.extend(self.own().rules);
        all
    }

    /// The user's own rules, for an audit.
    pub(crate) fn own(&self) -> OwnRules {
        let mut rules = self.facts.rules();
        rules.extend(self.bytes.iter().flat_map(|b| b.rules()));
        OwnRules {
            rules,
            bytes: self.bytes.clone(),
        }
    }

    /// The declaration of a rule.
    pub(crate) fn meta(&self, id: &str) -> Option<&'static RuleMeta> {
        foretaste_rules::meta(id)
            .or_else(|| behaviour::declared(id))
            .or_else(|| self.facts.meta(id))
            .or_else(|| self.bytes.as_ref()?.meta(id))
    }

    /// The page of a rule, in Markdown.
    pub(crate) fn page(&self, id: &str) -> Option<&'static str> {
        foretaste_rules::page(id)
            .or_else(|| behaviour::page(id))
            .or_else(|| self.facts.page(id))
            .or_else(|| self.bytes.as_ref()?.page(id))
    }

    /// What a report shows of a rule.
    pub(crate) fn info(&self, id: &str) -> Option<RuleInfo> {
        Some(RuleInfo {
            meta: self.meta(id)?,
            page: self.page(id).unwrap_or_default(),
        })
    }

    /// The user's rules over facts.
    pub(crate) const fn facts(&self) -> &UserRules {
        &self.facts
    }
}

/// The rules that need no file.
fn built_in() -> impl Iterator<Item = &'static RuleMeta> {
    let static_ones = foretaste_rules::all().into_iter().map(AnyRule::meta);
    static_ones.chain(behaviour::RULES.iter().map(|rule| &rule.meta))
}

/// The texts of YARA files, and of those in folders, in the order of their names.
fn yara_sources(paths: &[PathBuf]) -> Result<Vec<(String, String)>> {
    let mut sources = Vec::new();
    let mut read = |path: &Path| -> Result<()> {
        let text = files::read_text(path, MAX_RULES)?;
        sources.push((path.display().to_string(), text));
        Ok(())
    };
    for path in paths {
        if !files::is_dir(path) {
            read(path)?;
            continue;
        }
        let walk = files::walk(path, 100_000, |_| false)?;
        let is_yara = |name: &str| name.ends_with(".yar") || name.ends_with(".yara");
        let found: Vec<_> = walk.files.iter().filter(|f| is_yara(&f.relative)).collect();
        if found.is_empty() {
            bail!(
                "{} holds no YARA rules\n  hint: their files end with `.yar` or `.yara`",
                path.display()
            );
        }
        for file in found {
            read(&file.path)?;
        }
    }
    Ok(sources)
}
