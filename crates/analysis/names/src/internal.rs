//! The organisation's own names.

use foretaste_engine::NominationKind;
use foretaste_model::Ecosystem;

use crate::cost::{allowance, cost};
use crate::popular::PopularNames;
use crate::subject::{Subject, canonical, words};

/// Internal names and patterns, as the policy gives them.
#[derive(Debug)]
pub struct InternalNames {
    patterns: Vec<String>,
    full: Vec<(Ecosystem, PopularNames)>,
}

impl InternalNames {
    /// Reads names in which `*` stands for anything.
    pub fn new(patterns: &[String]) -> Self {
        let full: Vec<&str> = patterns
            .iter()
            .map(String::as_str)
            .filter(|p| !p.contains('*'))
            .collect();
        let text = format!("# unranked\n{}", full.join("\n"));
        let lists = Ecosystem::ALL.map(|e| (e, PopularNames::from_list(e, &text)));
        Self {
            patterns: patterns.iter().map(|p| p.trim().to_lowercase()).collect(),
            full: lists.into(),
        }
    }

    /// True if this is the name of an internal package itself.
    pub fn holds(&self, ecosystem: Ecosystem, name: &str) -> bool {
        let name = canonical(ecosystem, &name.trim().to_lowercase());
        self.patterns
            .iter()
            .any(|pattern| matches_glob(&canonical(ecosystem, pattern), &name))
    }

    /// The names without wildcards.
    pub(crate) fn full(&self, ecosystem: Ecosystem) -> Option<&PopularNames> {
        self.full
            .iter()
            .find(|(e, _)| *e == ecosystem)
            .map(|(_, list)| list)
    }

    /// Patterns whose fixed beginning the subject imitates: `acmee-billing` or `acmebilling` for `acme-*`.
    pub(crate) fn imitated(&self, subject: &Subject) -> Vec<(&str, NominationKind, f32)> {
        self.patterns
            .iter()
            .filter_map(|pattern| {
                let head = pattern
                    .strip_suffix('*')
                    .filter(|head| !head.contains('*'))?;
                if head.starts_with('@') && subject.ecosystem != Ecosystem::Npm {
                    return None;
                }
                let fixed = words(head).concat();
                let separated = head.ends_with(|c: char| !c.is_alphanumeric());
                if fixed.len() < 4 || !separated || words(head).len() > subject.words.len() {
                    return None;
                }
                let mine = subject.words.get(..words(head).len())?.concat();
                if mine == fixed {
                    return Some((pattern.as_str(), NominationKind::Separator, 0.9));
                }
                if subject.words.len() == 1 && subject.squashed.starts_with(&fixed) {
                    return Some((pattern.as_str(), NominationKind::Separator, 0.8));
                }
                let cost = cost(mine.as_bytes(), fixed.as_bytes(), allowance(fixed.len()))?;
                let similarity = 1.0 - cost / fixed.len() as f32;
                (subject.words.len() > words(head).len()).then_some((
                    pattern.as_str(),
                    NominationKind::Typo,
                    similarity,
                ))
            })
            .collect()
    }
}

/// Matches a pattern in which `*` stands for anything; time grows with the product of the lengths at most.
pub fn matches_glob(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.find(part).and_then(|at| rest.get(at + part.len()..)) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_anything() {
        for (pattern, name, expected) in [
            ("acme-*", "acme-tools", true),
            ("acme-*", "acme", false),
            ("*-internal", "x-internal", true),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "acb", false),
            ("aa*aa", "aaa", false),
            ("acme", "acme", true),
            ("acme", "acmes", false),
            ("*", "", true),
        ] {
            assert_eq!(matches_glob(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn spelling_of_the_ecosystem_counts() {
        let names = InternalNames::new(&["Acme_*".to_owned(), "@acme/*".to_owned()]);
        assert!(names.holds(Ecosystem::Pypi, "acme.tools"));
        assert!(!names.holds(Ecosystem::Npm, "acme.tools"));
        assert!(names.holds(Ecosystem::Npm, "@acme/ui"));
    }
}
