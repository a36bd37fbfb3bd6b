//! bundler: a Gemfile is a program, so that it gets one with nothing but what was read of the project's.

use foretaste_io::Program;
use foretaste_io::files::{self, TemporaryDir};
use foretaste_project::{Manifest, SourceKind};
use foretaste_projects::Project;

use super::{made, wishes};
use crate::Locker;

pub(super) async fn resolve(locker: &Locker, manifest: &Manifest) -> Result<Project, String> {
    let tool = locker.environment.which("bundle");
    let tool = tool.ok_or("bundler is not installed")?;
    let text = written(manifest)?;
    let stage = TemporaryDir::new(None).map_err(|e| e.to_string())?;
    let gemfile = stage.path().join("Gemfile");
    files::write(&gemfile, text.as_bytes()).map_err(|e| e.to_string())?;
    let call = Program::new(tool)
        .args(["lock"])
        .env("BUNDLE_GEMFILE", &gemfile.display().to_string())
        .env("BUNDLE_APP_CONFIG", &stage.path().display().to_string());
    made(locker, "bundler", &stage, call, "Gemfile.lock").await
}

/// The program that bundler reads. What could be anything else than a name, a version or an address is not written.
fn written(manifest: &Manifest) -> Result<String, String> {
    let odd =
        |what: &str| format!("{what} of its Gemfile is written in a way that is not repeated");
    let mut text = String::new();
    for source in &manifest.sources {
        let url = source.location.expose();
        let plain = |c: char| c.is_ascii_alphanumeric() || ":/.-_~%".contains(c);
        if source.kind != SourceKind::Index {
            return Err("it binds gems to sources, which is not repeated here".to_owned());
        }
        if !url.starts_with("http") || !url.chars().all(plain) {
            return Err(odd("a source"));
        }
        text.extend(["source '", url, "'\n"]);
    }
    for (name, wish) in wishes(manifest)? {
        let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let is_version = |c: char| c.is_ascii_alphanumeric() || "-_. ,<>=~!".contains(c);
        if !name.chars().all(is_name) {
            return Err(odd("a name"));
        }
        if !wish.specifier.chars().all(is_version) {
            return Err(odd("a version"));
        }
        text.extend(["gem '", name, "'"]);
        for part in wish.specifier.split(',').map(str::trim) {
            if !part.is_empty() {
                text.extend([", '", part, "'"]);
            }
        }
        text.push('\n');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<String, String> {
        let read = Project::of_bytes("Gemfile", text.as_bytes());
        let Some(foretaste_project::Document::Manifest(manifest)) = read.and_then(|r| r.document)
        else {
            unreachable!("a manifest")
        };
        written(&manifest)
    }

    #[test]
    fn nothing_of_the_program_is_repeated_but_names_and_versions() {
        let told = of(
            "source 'https://gems.example'\nputs `id`\ngem 'rails', '~> 7.1', '>= 7.1.2', require: false\ngroup :test do\n  gem 'rspec'\nend\n",
        );
        assert_eq!(
            told.as_deref(),
            Ok("source 'https://gems.example'\ngem 'rails', '~> 7.1', '>= 7.1.2'\ngem 'rspec'\n")
        );
    }

    #[test]
    fn what_could_break_out_is_refused() {
        for text in [
            "gem \"a', `id`, '\"\n",
            "gem 'a', \"1'; `id`; '\"\n",
            "source \"https://x.example/'+`id`+'\"\n",
            "gem 'a', git: 'https://git.example/a'\n",
        ] {
            assert!(of(text).is_err(), "{text}: {:?}", of(text));
        }
    }
}
