//! # A data file runs code when it is loaded
//!
//! ## What it finds
//! A pickle (models of PyTorch and scikit-learn, caches, anything of `pickle.dump`), also one that is written as text in JSON,
//! that calls what starts programs, evaluates code, reaches the network or deletes files as soon as somebody loads it; a YAML
//! document whose tags do so (`!!python/object/apply:os.system`); a template that takes Python's own objects
//! (`cycler.__init__.__globals__`).
//!
//! ## Why it matters
//! Loading a pickle runs the program that it is. The packages `aliyun-ai-labs-snippets-sdk`, `ai-labs-snippets-sdk` and
//! `aliyun-ai-labs-sdk` (PyPI, May 2025) held no suspicious line of Python: their `__init__.py` loaded a PyTorch model, and the model
//! was an infostealer. Models on hubs are poisoned in the same way. Honest objects are made of their own classes; none needs
//! `os.system` to come to life.
//!
//! ## Example
//! `cos\nsystem\n(S'id'\ntR.` is a whole pickle that runs `id`.
//!
//! ## What to do
//! Do not load it, not even to look: `python -m pickletools FILE` shows it without loading. Ask for weights in a format that holds
//! numbers only (safetensors, ONNX).
//!
//! ## When it is wrong
//! Scanners of pickles carry poisoned ones as tests; those weigh little. So do the tests of template engines.
use foretaste_engine::prelude::*;
use foretaste_model::facts::{LOADED, Layer, PICKLE, RENDERED, UseKind};

declare_rule! {
    ExecutablePickle,
    id: "executable-pickle",
    title: "a data file runs code when it is loaded",
    group: Chain,
    severity: Critical,
    confidence: Certain,
    needs: [Code],
    tags: ["T1027.009", "T1059.006", "T1204.002"],
    since: "0.1.0",
}

impl FileRule for ExecutablePickle {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let layers = file.facts.layers.iter();
        let calls: Vec<_> = layers
            .filter(|l| {
                l.steps
                    .iter()
                    .any(|s| matches!(&**s, PICKLE | LOADED | RENDERED))
            })
            .filter_map(|layer| Some((layer, worst(layer)?)))
            .collect();
        let runs = calls.iter().find(|(_, u)| u.capability.is_execution());
        let Some((layer, used)) = runs.or_else(|| calls.first()).copied() else {
            return Vec::new();
        };
        let line: String = used.constants.join(" ").chars().take(80).collect();
        let is_template = layer.steps.iter().any(|s| &**s == RENDERED);
        let what = if is_template {
            format!("takes Python's own objects (`{line}`)")
        } else if line.is_empty() {
            format!("calls {}", used.api)
        } else {
            format!("calls {} (`{line}`)", used.api)
        };
        // whatever else uses the file, loading it is what it is for
        let context = match file.worst_context() {
            ExecutionContext::Asset => ExecutionContext::Called,
            context => context,
        };
        vec![
            self.finding(format!("{} {what} when it is loaded", file.path()))
                .context(context)
                .evidence(file.evidence(layer.span, EvidenceRole::Sink, &*used.api)),
        ]
    }
}

/// What of the calls does most harm.
fn worst(layer: &Layer) -> Option<&Use> {
    let runs = |u: &&Use| u.capability.is_execution();
    let uses = &layer.facts.uses;
    uses.iter()
        .find(runs)
        .or_else(|| uses.iter().find(|u| u.kind == UseKind::Call))
        .or_else(|| uses.first())
}
