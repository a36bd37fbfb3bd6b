//! What client programs and registries answered, remembered in the cache folder: starting a program, or asking a server,
//! takes longer than an audit.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use foretaste_io::{Environment, files};
use foretaste_model::ContentDigest;

/// One remembered answer.
pub struct Answers {
    path: Option<PathBuf>,
}

impl Answers {
    /// For how long a program's answer is believed: what it depends on is part of the question, as far as that is known.
    pub const OF_PROGRAM: Duration = Duration::from_hours(7 * 24);
    /// For how long a registry's answer is believed.
    pub const OF_REGISTRY: Duration = Duration::from_hours(1);

    /// The answer to `question`, for which each of `parts` decides: with another part, it is another question.
    pub fn of(env: &Environment, question: &str, parts: &[String]) -> Self {
        let path = env.cache_dir().map(|dir| {
            let key = format!("2\n{question}\n{}", parts.join("\n"));
            let name = ContentDigest::of(key.as_bytes()).to_hex();
            dir.join("answers").join(format!("{question}-{name}"))
        });
        Self { path }
    }

    /// The answer by `program`, as it is now: another time of change, or another environment that a shim would read, is
    /// another program.
    pub fn of_program(env: &Environment, question: &str, program: &Path) -> Self {
        let mut parts = vec![stamp(program)];
        if program.components().any(|c| c.as_os_str() == "shims") {
            parts.push(env.var("PYENV_VERSION").unwrap_or_default().to_owned());
            parts.push(env.working_dir().display().to_string());
        }
        Self::of(env, question, &parts)
    }

    /// The answer, unless it is older than `lifetime`.
    pub fn recall(&self, lifetime: Duration) -> Option<String> {
        let path = self.path.as_ref()?;
        let age = files::modified(path).ok()?.elapsed().ok()?;
        if age > lifetime {
            return None;
        }
        files::read_text(path, 64 << 10).ok()
    }

    /// Remembers the answer. Where that fails, it is asked for again.
    pub fn remember(&self, answer: &str) {
        if let Some(path) = &self.path
            && let Err(error) = files::write_atomic(path, answer.as_bytes())
        {
            tracing::debug!(%error, "an answer could not be remembered");
        }
    }
}

/// A file as part of a question: its path, and when it was changed.
pub(crate) fn stamp(path: &Path) -> String {
    let changed = files::modified(path).ok();
    let changed = changed.and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok());
    let changed = changed.map(|since| since.as_nanos().to_string());
    format!("{} {}", path.display(), changed.unwrap_or_default())
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
        let recall = |question, program: &Path| {
            Answers::of_program(&env, question, program).recall(Answers::OF_PROGRAM)
        };
        assert_eq!(recall("q", &program), None);
        Answers::of_program(&env, "q", &program).remember("a");
        assert_eq!(recall("q", &program).as_deref(), Some("a"));
        assert_eq!(recall("other", &program), None);
        assert_eq!(recall("q", &dir.path().join("python2")), None);
        let old = Answers::of_program(&env, "q", &program).recall(Duration::ZERO);
        assert_eq!(old, None);
    }
}
