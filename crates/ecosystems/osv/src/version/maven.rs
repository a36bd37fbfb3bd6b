//! Maven's `ComparableVersion` (<https://maven.apache.org/pom.html#version-order-specification>).

use std::cmp::Ordering;

use super::dotted::numbers;

/// Tokens with the separator before each, trailing null values trimmed.
#[derive(Clone, Debug)]
pub struct Maven(Vec<(char, Token)>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Number(Box<str>),
    Word(Box<str>),
}

impl Token {
    /// Zero, nothing, `final`, `ga` and `release` are as good as absent.
    fn is_null(&self) -> bool {
        match self {
            Self::Number(n) => n.is_empty(),
            Self::Word(w) => w.is_empty(),
        }
    }

    /// The order of the well-known words; others come after them.
    fn rank(word: &str) -> u8 {
        match word {
            "alpha" => 0,
            "beta" => 1,
            "milestone" => 2,
            "rc" => 3,
            "snapshot" => 4,
            "" => 5,
            "sp" => 6,
            _ => 7,
        }
    }
}

impl Maven {
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
        if text.is_empty() || !text.chars().all(plain) {
            return None;
        }
        let mut tokens: Vec<(char, Token)> = Vec::new();
        let mut separator = '.';
        let mut rest = text.as_str();
        while let Some(first) = rest.chars().next() {
            if matches!(first, '.' | '-') {
                // two separators in a row stand around an empty token
                if rest.len() == text.len() || tokens.is_empty() {
                    tokens.push((separator, Token::Number("".into())));
                }
                separator = first;
                rest = &rest[1..];
                if rest.starts_with(['.', '-']) {
                    tokens.push((separator, Token::Number("".into())));
                }
                continue;
            }
            let digits = first.is_ascii_digit();
            let end = rest
                .find(|c: char| c.is_ascii_digit() != digits || matches!(c, '.' | '-'))
                .unwrap_or(rest.len());
            let (token, after) = rest.split_at(end);
            let before_digit = after.starts_with(|c: char| c.is_ascii_digit());
            tokens.push((
                separator,
                if digits {
                    Token::Number(token.trim_start_matches('0').into())
                } else {
                    Token::Word(alias(token, before_digit).into())
                },
            ));
            rest = after;
            // between a digit and a letter stands a hyphen
            separator = '-';
        }
        Some(Self(trimmed(tokens)))
    }
}

fn alias(word: &str, before_digit: bool) -> &str {
    match (word, before_digit) {
        ("a", true) => "alpha",
        ("b", true) => "beta",
        ("m", true) => "milestone",
        ("cr", _) => "rc",
        ("final" | "ga" | "release", _) => "",
        _ => word,
    }
}

/// Null values before a hyphen, before a word, and at the end go.
fn trimmed(tokens: Vec<(char, Token)>) -> Vec<(char, Token)> {
    let mut kept: Vec<(char, Token)> = Vec::with_capacity(tokens.len());
    for (separator, token) in tokens {
        if separator == '-' || matches!(token, Token::Word(_)) {
            while kept.len() > 1 && kept.last().is_some_and(|(_, t)| t.is_null()) {
                kept.pop();
            }
        }
        kept.push((separator, token));
    }
    while kept.len() > 1 && kept.last().is_some_and(|(_, t)| t.is_null()) {
        kept.pop();
    }
    kept
}

/// The order of a token against another one, or against the end of the other version.
fn token(a: Option<&(char, Token)>, b: Option<&(char, Token)>) -> Ordering {
    // `.word` = `-word` < `-number` < `.number`
    let class = |t: &(char, Token)| match t {
        (_, Token::Word(_)) => 0,
        ('-', Token::Number(_)) => 1,
        _ => 2,
    };
    match (a, b) {
        (Some(a), Some(b)) => class(a).cmp(&class(b)).then_with(|| match (&a.1, &b.1) {
            (Token::Number(x), Token::Number(y)) => numbers(x, y),
            (Token::Word(x), Token::Word(y)) => {
                Token::rank(x).cmp(&Token::rank(y)).then_with(|| x.cmp(y))
            }
            _ => Ordering::Equal,
        }),
        (Some((_, Token::Number(n))), None) => {
            if n.is_empty() {
                Ordering::Equal
            } else {
                Ordering::Greater
            }
        }
        (Some((_, Token::Word(w))), None) => Token::rank(w).cmp(&Token::rank("")),
        (None, Some(_)) => token(b, a).reverse(),
        (None, None) => Ordering::Equal,
    }
}

impl Ord for Maven {
    fn cmp(&self, other: &Self) -> Ordering {
        (0..self.0.len().max(other.0.len()))
            .map(|i| token(self.0.get(i), other.0.get(i)))
            .find(|o| o.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for Maven {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Maven {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Maven {}
