//! What client programs answered, remembered in the cache folder: starting one takes longer than an audit.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use foretaste_io::{Environment, files};
use foretaste_model::ContentDigest;

/// For how long an answer is believed.
const LIFETIME: Duration = Duration::from_hours(7 * 24);

/// One remembered answer of one program.
pub(crate) struct Answers {
    path: Option<PathBuf>,
}

impl Answers {
    /// The answer to `question` by `program`, as it is now: another time of change, or another environment that a shim
    /// would read, is another program.
    pub(crate) fn of(env: &Environment, question: &str, program: &Path) -> Self {
        let path = env.cache_dir().and_then(|dir| {
            let changed = files::modified(program)
                .ok()?
                .duration_since(SystemTime::UNIX_EPOCH)
                .ok()?
                .as_nanos();
            let mut key = format!("1\n{question}\n{}\n{changed}", program.display());
            if program.components().any(|c| c.as_os_str() == "shims") {
                let pyenv = env.var("PYENV_VERSION").unwrap_or_default();
                key = format!("{key}\n{pyenv}\n{}", env.working_dir().display());
            }
            let name = ContentDigest::of(key.as_bytes()).to_hex();
            Some(dir.join("answers").join(format!("{question}-{name}")))
        });
        Self { path }
    }

    pub(crate) fn recall(&self) -> Option<String> {
        let path = self.path.as_ref()?;
        let age = files::modified(path).ok()?.elapsed().ok()?;
        if age > LIFETIME {
            return None;
        }
        files::read_text(path, 64 << 10).ok()
    }

    pub(crate) fn remember(&self, answer: &str) {
        if let Some(path) = &self.path
            && let Err(error) = files::write_atomic(path, answer.as_bytes())
        {
            tracing::debug!(%error, "an answer could not be remembered");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembers_by_program_and_question() {
        let dir = tempfile::tempdir().expect("a folder");
        let cache = dir.path().join("cache");
        let program = dir.path().join("python3");
        files::write(&program, b"x").expect("written");
        let env =
            Environment::below(dir.path()).with("FORETASTE_CACHE_DIR", &cache.to_string_lossy());
        assert_eq!(Answers::of(&env, "q", &program).recall(), None);
        Answers::of(&env, "q", &program).remember("a");
        assert_eq!(
            Answers::of(&env, "q", &program).recall().as_deref(),
            Some("a")
        );
        assert_eq!(Answers::of(&env, "other", &program).recall(), None);
    }
}
