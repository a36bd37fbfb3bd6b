//! Classes of PHP: Composer loads a class from the file of that name (PSR-4) when it is first used, without an import.

use foretaste_model::ExecutionContext;
use foretaste_model::facts::{Callee, Language};

use super::Work;

/// Files of one plugin that are raised.
const MAX_FILES: usize = 64;

impl Work<'_> {
    /// Composer loads a plugin's class while it installs, and calls what the class says; the classes that it makes or calls
    /// are loaded with it.
    pub(super) fn raise_classes(&mut self, index: usize) {
        let mut waiting = vec![index];
        let mut done: Vec<usize> = Vec::new();
        while let Some(index) = waiting.pop() {
            if done.contains(&index) || done.len() >= MAX_FILES {
                continue;
            }
            done.push(index);
            self.raise_whole(index, ExecutionContext::Install);
            waiting.extend(self.classes_used(index));
        }
    }

    /// The files of the package's classes that a file names.
    fn classes_used(&self, index: usize) -> Vec<usize> {
        let facts = &self.artifact.files[index].facts;
        let called = facts.functions.iter().flat_map(|f| &f.calls);
        let called = called.filter_map(|callee| match callee {
            // `new A\B()` and `A\B::c()`
            Callee::External(name) => name.rsplit_once('.').map(|(class, _)| class),
            Callee::Local(_) => None,
        });
        let imported = facts.imports.iter().map(|i| &*i.module);
        let names: Vec<&str> = called
            .chain(imported)
            .map(|class| class.rsplit('.').next().unwrap_or(class))
            .filter(|class| class.len() > 1)
            .collect();
        let files = self.artifact.files.iter().enumerate();
        let php = files.filter(|(_, f)| f.facts.language == Language::Php);
        php.filter(|(at, file)| {
            let name = file.path.rsplit('/').next().unwrap_or("");
            let stem = name.strip_suffix(".php").unwrap_or(name);
            *at != index && names.iter().any(|class| class.eq_ignore_ascii_case(stem))
        })
        .map(|(at, _)| at)
        .collect()
    }
}
