//! composer: what `composer.json` asks for, without its scripts, plug-ins and repositories.

use foretaste_io::Program;
use foretaste_io::files::{self, TemporaryDir};
use foretaste_project::{Group, Manifest, SourceKind};
use serde_json::{Map, Value, json};

use super::{made, wishes};
use crate::Locker;
use foretaste_projects::Project;

pub(super) async fn resolve(locker: &Locker, manifest: &Manifest) -> Result<Project, String> {
    let tool = locker.environment.which("composer");
    let tool = tool.ok_or("composer is not installed")?;
    let elsewhere = |s: &SourceKind| matches!(s, SourceKind::Registry | SourceKind::Index);
    if manifest.sources.iter().any(|s| elsewhere(&s.kind)) {
        return Err("it names repositories of its own, which are not asked here".to_owned());
    }
    let stage = TemporaryDir::new(None).map_err(|e| e.to_string())?;
    let text = written(manifest)?.to_string();
    let file = stage.path().join("composer.json");
    files::write(&file, text.as_bytes()).map_err(|e| e.to_string())?;
    let call = Program::new(tool)
        .args([
            "update",
            "--no-install",
            "--no-scripts",
            "--no-plugins",
            "--ignore-platform-reqs",
            "--no-interaction",
            "--no-progress",
            "--no-audit",
            "--quiet",
        ])
        .env("COMPOSER_ALLOW_SUPERUSER", "1");
    made(locker, "composer", &stage, call, "composer.lock").await
}

/// Only what is asked for: scripts, plug-ins and settings stay behind.
fn written(manifest: &Manifest) -> Result<Value, String> {
    let (mut main, mut development) = (Map::new(), Map::new());
    for (name, wish) in wishes(manifest)? {
        let table = if wish.group == Group::Dev {
            &mut development
        } else {
            &mut main
        };
        table.insert(name.to_owned(), json!(&*wish.specifier));
    }
    Ok(json!({
        "name": "foretaste/resolved",
        "require": main,
        "require-dev": development,
        "config": {"allow-plugins": false},
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_run_stays_behind() {
        let text = r#"{"require": {"php": ">=8", "acme/a": "^1"}, "require-dev": {"acme/b": "2.0.0"}, "scripts": {"pre-update-cmd": "x"}}"#;
        let read = Project::of_bytes("composer.json", text.as_bytes());
        let Some(foretaste_project::Document::Manifest(manifest)) = read.and_then(|r| r.document)
        else {
            unreachable!("a manifest")
        };
        let told = written(&manifest).expect("written");
        assert_eq!(told["require"], json!({"acme/a": "^1"}));
        assert_eq!(told["require-dev"], json!({"acme/b": "2.0.0"}));
        assert!(told.get("scripts").is_none());
    }
}
