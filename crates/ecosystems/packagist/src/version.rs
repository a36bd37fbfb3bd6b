//! Versions of composer packages: normalised and ordered as `composer/semver` does
//! (<https://getcomposer.org/doc/articles/versions.md>).

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use regex::Regex;
use thiserror::Error;

/// Bytes of the longest version that is read.
const MAX_LENGTH: usize = 256;
/// What stands for `x` in a branch such as `1.x-dev`.
const ANY: &str = "9999999";

/// A version of a composer package: a release, or a branch (`dev-main`, `1.x-dev`).
#[derive(Clone, Debug)]
pub struct ComposerVersion {
    normalized: Box<str>,
    parts: Vec<Part>,
    branch: bool,
}

/// A text that is no version of a composer package.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{0}` is no version of a composer package")]
pub struct ComposerVersionError(String);

/// Words in their order; a version that ends comes between `Rc` and `Number`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// A word that means nothing.
    Unknown,
    Dev,
    Alpha,
    Beta,
    Rc,
    End,
    Number(u64),
    Patch,
}

static CLASSICAL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^v?(\d{1,5})(\.\d+)?(\.\d+)?(\.\d+)?"));
static DATED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^v?(\d{4}(?:[.:-]?\d{2}){1,6}(?:[.:-]?\d{1,3}){0,2})"));
static BRANCH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^v?(\d+)(\.(?:\d+|[x*]))?(\.(?:\d+|[x*]))?(\.(?:\d+|[x*]))?$")
        .expect("a pattern")
});

/// A pattern with the modifiers that may follow a version, in the groups `word`, `number` and `dev`.
fn pattern(start: &str) -> Regex {
    let modifier = r"[._-]?(?:(?P<word>stable|beta|b|RC|alpha|a|patch|pl|p)(?P<number>(?:[.-]?\d+)*)?)?(?P<dev>[.-]?dev)?$";
    Regex::new(&format!("{start}{modifier}")).expect("a pattern")
}

impl ComposerVersion {
    /// The normalised text, such as `1.2.0.0-beta1`.
    pub fn normalized(&self) -> &str {
        &self.normalized
    }

    /// True if it moves: a branch.
    pub const fn is_branch(&self) -> bool {
        self.branch
    }

    /// True if it is no stable release.
    pub fn is_prerelease(&self) -> bool {
        self.branch || self.parts.iter().any(|p| *p < Part::End)
    }
}

impl FromStr for ComposerVersion {
    type Err = ComposerVersionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ComposerVersionError(text.chars().take(MAX_LENGTH).collect());
        if text.len() > MAX_LENGTH {
            return Err(error());
        }
        let normalized = normalize(text.trim()).ok_or_else(error)?;
        let branch = normalized.starts_with("dev-") || normalized.ends_with("-dev");
        Ok(Self {
            parts: parts(&normalized),
            branch,
            normalized: normalized.into(),
        })
    }
}

fn normalize(text: &str) -> Option<String> {
    let mut text = text
        .split_once(" as ")
        .map_or(text, |(alias, _)| alias.trim());
    if let Some((before, flag)) = text.rsplit_once('@')
        && ["stable", "RC", "beta", "alpha", "dev"]
            .iter()
            .any(|s| s.eq_ignore_ascii_case(flag))
    {
        text = before;
    }
    if matches!(text, "master" | "trunk" | "default") {
        return Some(format!("dev-{text}"));
    }
    if let Some(prefix) = text.get(..4)
        && prefix.eq_ignore_ascii_case("dev-")
    {
        return Some(format!("dev-{}", text.get(4..)?));
    }
    if let Some((before, build)) = text.split_once('+')
        && !before.is_empty()
        && !build.is_empty()
        && !text.contains([',', ' '])
    {
        text = before;
    }
    let (mut version, groups) = if let Some(found) = CLASSICAL.captures(text) {
        let part = |i: usize| found.get(i).map_or(".0", |m| m.as_str()).to_owned();
        let first = found.get(1)?.as_str();
        (format!("{first}{}{}{}", part(2), part(3), part(4)), found)
    } else if let Some(found) = DATED.captures(text) {
        let digits = found.get(1)?.as_str();
        (digits.replace(|c: char| !c.is_ascii_digit(), "."), found)
    } else {
        let end = text.len().checked_sub(3)?;
        let name = text.get(..end)?;
        if !text.get(end..)?.eq_ignore_ascii_case("dev") {
            return None;
        }
        return branch(name.strip_suffix(['.', '-']).unwrap_or(name));
    };
    if let Some(word) = groups.name("word") {
        let word = match word.as_str().to_ascii_lowercase().as_str() {
            "stable" => return Some(version),
            "a" | "alpha" => "alpha",
            "b" | "beta" => "beta",
            "p" | "pl" | "patch" => "patch",
            _ => "RC",
        };
        let number = groups.name("number").map_or("", |m| m.as_str());
        version = format!("{version}-{word}{}", number.trim_start_matches(['.', '-']));
    }
    if groups.name("dev").is_some() {
        version.push_str("-dev");
    }
    Some(version)
}

/// A branch whose name is a number with `x` in it: `1.x` becomes `1.9999999.9999999.9999999-dev`.
fn branch(name: &str) -> Option<String> {
    let found = BRANCH.captures(name)?;
    let part = |i: usize| {
        let text = found.get(i).map_or(".x", |m| m.as_str());
        text.replace(['x', 'X', '*'], ANY)
    };
    Some(format!("{}{}{}{}-dev", part(1), part(2), part(3), part(4)))
}

/// The parts that PHP's `version_compare` sees.
fn parts(normalized: &str) -> Vec<Part> {
    let mut found = Vec::new();
    let mut rest = normalized;
    while let Some(first) = rest.chars().next() {
        let digits = first.is_ascii_digit();
        let end = rest
            .find(|c: char| c.is_ascii_digit() != digits || !c.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        let (run, behind) = rest.split_at(end.max(first.len_utf8()));
        rest = behind;
        if digits {
            found.push(Part::Number(run.parse().unwrap_or(u64::MAX)));
        } else if first.is_ascii_alphabetic() {
            found.push(match run {
                "dev" => Part::Dev,
                "alpha" => Part::Alpha,
                "beta" => Part::Beta,
                "RC" => Part::Rc,
                "patch" => Part::Patch,
                _ => Part::Unknown,
            });
        }
    }
    found
}

impl Ord for ComposerVersion {
    /// Named branches come below all releases, in the order of their names.
    fn cmp(&self, other: &Self) -> Ordering {
        let named = |v: &Self| v.normalized.starts_with("dev-");
        match (named(self), named(other)) {
            (true, true) => return self.normalized.cmp(&other.normalized),
            (true, false) => return Ordering::Less,
            (false, true) => return Ordering::Greater,
            (false, false) => {}
        }
        let longest = self.parts.len().max(other.parts.len());
        (0..longest)
            .map(|i| {
                let a = self.parts.get(i).unwrap_or(&Part::End);
                a.cmp(other.parts.get(i).unwrap_or(&Part::End))
            })
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for ComposerVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for ComposerVersion {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for ComposerVersion {}

impl fmt::Display for ComposerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.normalized)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> ComposerVersion {
        text.parse().expect(text)
    }

    #[test]
    fn texts_are_normalised_as_composer_does() {
        for (text, expected) in [
            ("1.0.0", "1.0.0.0"),
            ("v1.2", "1.2.0.0"),
            ("1.2.3.4", "1.2.3.4"),
            ("1.0.0RC1dev", "1.0.0.0-RC1-dev"),
            ("1.0.0-rC15-dev", "1.0.0.0-RC15-dev"),
            ("1.0.0.pl3-dev", "1.0.0.0-patch3-dev"),
            ("1.0-dev", "1.0.0.0-dev"),
            ("10.4.13-beta.2", "10.4.13.0-beta2"),
            ("1.0.0-alpha.2.1-dev", "1.0.0.0-alpha2.1-dev"),
            ("1.0-stable", "1.0.0.0"),
            ("1.0.0+foo@dev", "1.0.0.0"),
            ("2010.01.02", "2010.01.02.0"),
            ("2010-01-02-10-20-30.5", "2010.01.02.10.20.30.5"),
            ("20100102-203040-p1", "20100102.203040-patch1"),
            ("dev-master", "dev-master"),
            ("master", "dev-master"),
            ("1.x-dev", "1.9999999.9999999.9999999-dev"),
            ("1.2.*-dev", "1.2.9999999.9999999-dev"),
            ("dev-feature+issue-1", "dev-feature+issue-1"),
            ("1.0.0 as 2.0", "1.0.0.0"),
        ] {
            assert_eq!(version(text).normalized(), expected, "{text}");
        }
        for text in [
            "",
            "a",
            "1.0.0-meh",
            "1.0.0.0.0",
            "feature-foo",
            "foo bar-dev",
            "1.0 .2",
        ] {
            assert!(text.parse::<ComposerVersion>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_order_is_that_of_version_compare() {
        let ascending = [
            "dev-main",
            "1.0-dev",
            "1.0-alpha",
            "1.0-alpha2",
            "1.0-beta1",
            "1.0-RC1",
            "1.0",
            "1.0-patch1",
            "1.0.1",
            "1.9",
            "1.10",
            "1.x-dev",
            "2.0",
        ];
        for pair in ascending.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
        }
        assert!(version("1.0-RC1").is_prerelease() && !version("1.0-p1").is_prerelease());
        assert!(version("1.x-dev").is_branch());
    }

    proptest::proptest! {
        #[test]
        fn the_order_is_total(texts in proptest::collection::vec("v?[0-2](\\.[0-2]){0,3}(-?(alpha|b|RC|p|stable)[0-2]?)?(-dev)?", 3)) {
            let [a, b, c] = &*texts.iter().map(|t| version(t)).collect::<Vec<_>>() else { unreachable!() };
            assert_eq!(a.cmp(b), b.cmp(a).reverse());
            if a <= b && b <= c {
                assert!(a <= c);
            }
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in "\\PC*") {
            let _ = text.parse::<ComposerVersion>();
        }
    }
}
