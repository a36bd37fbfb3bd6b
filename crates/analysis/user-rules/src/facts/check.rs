//! What the schema cannot say: words that must exist, ids that must be new.

use std::collections::BTreeSet;

use foretaste_model::facts::Language;
use foretaste_model::{Capability, Ecosystem};
use foretaste_policy::{Document, PolicyError, closest};

use super::condition::Condition;
use super::file::RuleFile;

/// Languages that a rule may name.
pub(crate) const LANGUAGES: &[Language] = &[
    Language::Python,
    Language::JavaScript,
    Language::TypeScript,
    Language::Shell,
    Language::PowerShell,
    Language::Batch,
    Language::Rust,
    Language::Ruby,
    Language::Php,
    Language::Go,
    Language::Notebook,
    Language::Pth,
    Language::Manifest,
    Language::Html,
    Language::Text,
    Language::Data,
    Language::Native,
    Language::Bytecode,
    Language::Media,
    Language::Archive,
    Language::Unknown,
];

/// Every mistake in a document that its schema allows. `taken` are the ids of other rules.
pub(crate) fn mistakes(document: &Document<RuleFile>, taken: &BTreeSet<&str>) -> Vec<PolicyError> {
    let mut errors = Vec::new();
    let mut own = BTreeSet::new();
    for (number, rule) in document.value.rules.iter().enumerate() {
        let key = format!("rules[{number}]");
        let at = |name: &str| format!("{key}.{name}");
        if !is_kebab(&rule.id) {
            let message = format!("`{}` is no rule id", rule.id);
            let hint = "write lower-case words with `-` between them, such as `acme-update-server`";
            errors.push(document.mistake(&at("id"), &message, Some(hint)));
        }
        if taken.contains(rule.id.as_str()) || !own.insert(rule.id.as_str()) {
            let message = format!("there is a rule `{}` already", rule.id);
            errors.push(document.mistake(&at("id"), &message, Some("choose another id")));
        }
        if rule.title.trim().is_empty() {
            errors.push(document.mistake(&at("title"), "a rule needs a title", None));
        }
        rule.when.walk(&at("when"), &mut |key, condition| {
            condition_mistakes(document, key, condition, &mut errors);
        });
        for (case, spec) in rule.cases.iter().enumerate() {
            let Some(release) = &spec.release else {
                continue;
            };
            if super::cases::release_of(release).is_none() {
                let message = format!("`{release}` is no package URL of a release");
                let hint = "write one such as `pkg:pypi/acme@1.0`";
                let key = at(&format!("cases[{case}].release"));
                errors.push(document.mistake(&key, &message, Some(hint)));
            }
        }
    }
    errors
}

fn condition_mistakes(
    document: &Document<RuleFile>,
    key: &str,
    condition: &Condition,
    errors: &mut Vec<PolicyError>,
) {
    if condition.is_empty() {
        let hint = "name what must hold, such as `capability = \"network.*\"`";
        errors.push(document.mistake(key, "an empty condition always holds", Some(hint)));
    }
    if condition.argument.is_some() && condition.capability.is_none() && condition.api.is_none() {
        let hint = "add the `capability` or `api` whose argument it is";
        errors.push(document.mistake(
            &format!("{key}.argument"),
            "an argument of what?",
            Some(hint),
        ));
    }
    let chain = condition.chain.clone().unwrap_or_default();
    if condition
        .chain
        .as_ref()
        .is_some_and(|c| *c == super::condition::ChainCondition::default())
    {
        let hint = "name its ends: `chain = { from = \"environment.*\", to = \"network.*\" }`";
        errors.push(document.mistake(
            &format!("{key}.chain"),
            "an empty chain fits every one",
            Some(hint),
        ));
    }
    let capabilities = [
        ("capability", &condition.capability),
        ("chain.from", &chain.from),
        ("chain.through", &chain.through),
        ("chain.to", &chain.to),
    ];
    for (name, word) in capabilities {
        let Some(word) = word else { continue };
        if !fits_any_capability(word) {
            let near = closest(word, Capability::ALL.iter().map(|c| c.id()));
            let hint = near.map_or_else(
                || {
                    "the reference lists the capabilities; `network.*` stands for a group"
                        .to_owned()
                },
                |n| format!("did you mean `{n}`?"),
            );
            let message = format!("there is no capability `{word}`");
            errors.push(document.mistake(&format!("{key}.{name}"), &message, Some(&hint)));
        }
    }
    let mut word = |name: &str, value: &Option<String>, known: Vec<&str>| {
        let Some(value) = value else { return };
        if !known.contains(&value.as_str()) {
            let hint = closest(value, known.iter().copied()).map_or_else(
                || format!("the words are: {}", known.join(", ")),
                |n| format!("did you mean `{n}`?"),
            );
            let message = format!("`{value}` is no {name}");
            errors.push(document.mistake(&format!("{key}.{name}"), &message, Some(&hint)));
        }
    };
    word(
        "language",
        &condition.language,
        LANGUAGES.iter().map(|l| l.id()).collect(),
    );
    word(
        "ecosystem",
        &condition.ecosystem,
        Ecosystem::ALL.iter().map(|e| e.id()).collect(),
    );
}

fn fits_any_capability(word: &str) -> bool {
    Capability::ALL.iter().any(|c| is_capability(word, *c))
}

/// True if a word means a capability, alone or as one of a group.
pub(crate) fn is_capability(word: &str, capability: Capability) -> bool {
    match word.strip_suffix(".*") {
        Some(group) => capability
            .id()
            .strip_prefix(group)
            .is_some_and(|rest| rest.starts_with('.')),
        None => capability.id() == word,
    }
}

fn is_kebab(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= 80
        && id.split('-').all(|part| {
            !part.is_empty()
                && part
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        })
}
