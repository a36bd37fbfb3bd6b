//! A new rule from a template: its file, its cases, its lines in the group.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

/// Makes the files of a rule.
///
/// # Errors
/// The group does not exist, the id is not kebab-case, or the rule is there already.
pub(crate) fn run(group: &str, id: &str) -> Result<()> {
    let kebab = !id.is_empty()
        && id.split('-').all(|w| {
            !w.is_empty()
                && w.chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        });
    ensure!(kebab, "`{id}` is not kebab-case");
    let folder = Path::new("crates/analysis/rules/src").join(group);
    let index = folder.join("mod.rs");
    if !index.exists() {
        bail!("there is no group `{group}`: see crates/analysis/rules/src");
    }
    let module = id.replace('-', "_");
    let file = folder.join(format!("{module}.rs"));
    ensure!(!file.exists(), "{} exists already", file.display());
    let name: String = id.split('-').map(capitalised).collect();
    let group_name = capitalised(group);
    fs::write(&file, template(&name, &group_name, id))
        .with_context(|| format!("cannot write {}", file.display()))?;
    let cases = folder.join("cases").join(format!("{id}.md"));
    fs::write(&cases, case_template(id))
        .with_context(|| format!("cannot write {}", cases.display()))?;
    println!("wrote {} and {}", file.display(), cases.display());
    println!(
        "now add `mod {module};` and `AnyRule::File(&{module}::{name})` to {}",
        index.display()
    );
    Ok(())
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + chars.as_str()
    })
}

fn template(name: &str, group: &str, id: &str) -> String {
    format!(
        r#"//! # A title that says what was found
//!
//! ## What it finds
//!
//! ## Why it matters
//!
//! ## Example
//!
//! ## What to do
//!
//! ## When it is wrong
use foretaste_engine::prelude::*;

declare_rule! {{
    {name},
    id: "{id}",
    title: "",
    group: {group},
    severity: Medium,
    confidence: Medium,
    needs: [Code],
    tags: [],
    since: "{version}",
}}

impl FileRule for {name} {{
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {{
        Vec::new()
    }}
}}
"#,
        version = env!("CARGO_PKG_VERSION"),
    )
}

fn case_template(id: &str) -> String {
    format!(
        "# {id}\n\n## Fires on …\n```python path=setup.py expect={id}\n```\n\n## Silent on …\n```python path=setup.py expect=none\n```\n\n## Fires on an evasion: …\n```python path=setup.py expect={id}\n```\n"
    )
}
