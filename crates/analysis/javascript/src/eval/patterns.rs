//! Regular expressions over constant texts.

use regex::{NoExpand, Regex, RegexBuilder};

use super::Evaluator;
use super::call::Site;
use crate::ir::Op;

/// Bytes of a text, and of a pattern, that are looked at.
const MAX_TEXT: usize = 200_000;
const MAX_PATTERN: usize = 400;
/// Bytes that a compiled pattern may take.
const MAX_COMPILED: usize = 1 << 18;

impl Evaluator<'_> {
    /// The regular expression that an argument is, with its flags: written there, or in the one value of a variable.
    pub(super) fn pattern_at(&mut self, site: &Site, position: usize) -> Option<(String, String)> {
        let node = site.args.get(position)?.node;
        let mut op = self.ir.node(node).op;
        if let Op::Sym(sym) = op {
            let [only] = self.assigned(sym) else {
                return None;
            };
            let only = *only;
            op = self.ir.node(only).op;
        }
        let Op::Pattern { text, flags } = op else {
            return None;
        };
        let own = |id| self.ir.strings.get(id).to_owned();
        Some((own(text), own(flags)))
    }
}

/// `text.replace(/pattern/flags, by)`; none for what the two dialects read differently.
pub(super) fn replaced(pattern: &str, flags: &str, text: &str, by: &str) -> Option<String> {
    let regex = compiled(pattern, flags, text)?;
    let limit = usize::from(!flags.contains('g'));
    // of what stands for parts of a match only numbers have the same meaning
    if !by.contains('$') {
        return Some(regex.replacen(text, limit, NoExpand(by)).into_owned());
    }
    let mut expanded = String::with_capacity(by.len() + 8);
    let mut rest = by.chars().peekable();
    while let Some(c) = rest.next() {
        match (c, rest.peek()) {
            ('$', Some(digit)) if digit.is_ascii_digit() => {
                expanded.push_str("${");
                expanded.push(*digit);
                expanded.push('}');
                rest.next();
            }
            ('$', Some('&')) => {
                expanded.push_str("${0}");
                rest.next();
            }
            ('$', _) => return None,
            _ => expanded.push(c),
        }
    }
    Some(regex.replacen(text, limit, &*expanded).into_owned())
}

/// `text.split(/pattern/)`.
pub(super) fn split_at(pattern: &str, flags: &str, text: &str) -> Option<Vec<String>> {
    // groups would stand among the parts, and an empty match splits nowhere
    if pattern.contains('(') {
        return None;
    }
    let regex = compiled(pattern, flags, text)?;
    if regex.is_match("") {
        return None;
    }
    Some(regex.split(text).map(str::to_owned).collect())
}

fn compiled(pattern: &str, flags: &str, text: &str) -> Option<Regex> {
    if pattern.len() > MAX_PATTERN || text.len() > MAX_TEXT || flags.contains('y') {
        return None;
    }
    RegexBuilder::new(pattern)
        .case_insensitive(flags.contains('i'))
        .multi_line(flags.contains('m'))
        .dot_matches_new_line(flags.contains('s'))
        .size_limit(MAX_COMPILED)
        .build()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_replace_and_split_as_in_the_language() {
        let all = |p, t, by| replaced(p, "g", t, by);
        assert_eq!(all(r"\d+", "o1s2", "").as_deref(), Some("os"));
        assert_eq!(replaced(r"\d", "", "a1b2", "-").as_deref(), Some("a-b2"));
        assert_eq!(all("(a)(b)", "abab", "$2$1").as_deref(), Some("baba"));
        assert_eq!(all("a", "banana", "[$&]").as_deref(), Some("b[a]n[a]n[a]"));
        // a name of a group, and what only one of the dialects knows
        assert_eq!(all("a", "a", "$<x>"), None);
        assert_eq!(all("(?=a)b", "ab", ""), None);
        let parts = split_at(r"[|;]", "", "a|b;c");
        assert_eq!(
            parts.as_deref(),
            Some(&["a", "b", "c"].map(str::to_owned)[..])
        );
    }
}
