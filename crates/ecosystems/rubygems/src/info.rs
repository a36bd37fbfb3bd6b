//! `/info/<name>` of the compact index.

use foretaste_model::manifest::{Dependency, DependencyKind, DependencySource};

use crate::GemVersion;

/// One line: a version for one platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// The version, without the platform.
    pub number: Box<str>,
    /// `ruby`, or what it was built for.
    pub platform: Box<str>,
    /// Name and requirement.
    pub dependencies: Vec<(Box<str>, Box<str>)>,
    /// SHA-256 of the gem.
    pub checksum: Option<Box<str>>,
    /// When it was published, where the index tells.
    pub created: Option<Box<str>>,
}

/// Reads the lines; the second value says which were passed over.
pub(crate) fn read(text: &str) -> (Vec<Line>, Vec<Box<str>>) {
    let mut lines = Vec::new();
    let mut problems = Vec::new();
    for (at, text) in text.lines().enumerate() {
        if text.trim().is_empty() || text.starts_with("---") {
            continue;
        }
        match line(text) {
            Some(line) => lines.push(line),
            None if problems.len() < 20 => {
                problems.push(format!("line {} of the index cannot be read", at + 1).into());
            }
            None => {}
        }
    }
    (lines, problems)
}

fn line(text: &str) -> Option<Line> {
    let (version, rest) = text.split_once(' ')?;
    let (number, platform) = version.split_once('-').unwrap_or((version, "ruby"));
    number.parse::<GemVersion>().ok()?;
    let (needs, facts) = rest.split_once('|').unwrap_or((rest, ""));
    let pairs = |text: &str| -> Vec<(Box<str>, Box<str>)> {
        text.split(',')
            .filter_map(|pair| pair.split_once(':'))
            .map(|(key, value)| (key.trim().into(), value.replace('&', ", ").into()))
            .collect()
    };
    let facts = pairs(facts);
    let fact = |key: &str| {
        facts
            .iter()
            .find(|(k, _)| &**k == key)
            .map(|(_, v)| v.clone())
    };
    Some(Line {
        number: number.into(),
        platform: platform.into(),
        dependencies: pairs(needs),
        checksum: fact("checksum"),
        created: fact("created_at"),
    })
}

impl Line {
    pub(crate) fn to_model(&self) -> Vec<Dependency> {
        self.dependencies
            .iter()
            .map(|(name, requirement)| Dependency {
                name: name.clone(),
                requirement: requirement.clone(),
                kind: DependencyKind::Run,
                source: DependencySource::Registry,
                condition: "".into(),
                span: None,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_compact_index_are_read() {
        let text = "---\n1.0.0 rake:~> 13.0,json:>= 2&< 3|checksum:abc,ruby:>= 2.7,created_at:2024-01-01T00:00:00Z\n1.1.0-java |checksum:def\nbroken\n";
        let (lines, problems) = read(text);
        assert_eq!(problems.len(), 1);
        assert_eq!(&*lines[0].dependencies[1].1, ">= 2, < 3");
        assert_eq!(lines[0].created.as_deref(), Some("2024-01-01T00:00:00Z"));
        assert_eq!((&*lines[1].number, &*lines[1].platform), ("1.1.0", "java"));
    }

    proptest::proptest! {
        #[test]
        fn any_index_is_read_without_a_panic(text in "\\PC*") {
            let _ = read(&text);
        }
    }
}
