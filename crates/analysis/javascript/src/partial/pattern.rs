//! Regular expressions: texts cut into pieces, and each piece decoded by a function.

use std::rc::Rc;

use oxc_ast::ast::{RegExpFlags, RegExpLiteral};
use regex::{Regex, RegexBuilder};

use super::Evaluation;
use super::expression::MAX_LENGTH;
use super::value::{Text, Unknown, Val};

/// Bytes that a compiled expression may take.
const MAX_COMPILED: usize = 256 << 10;

/// A regular expression that means the same here as in JavaScript.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    regex: Rc<Regex>,
    global: bool,
}

impl Pattern {
    /// Reads a literal. Look-around and back-references are not known here.
    pub(super) fn of(literal: &RegExpLiteral<'_>) -> Result<Self, Unknown> {
        let flags = literal.regex.flags;
        if flags.intersects(RegExpFlags::Y | RegExpFlags::D | RegExpFlags::V) {
            return Err(Unknown);
        }
        let regex = RegexBuilder::new(literal.regex.pattern.text.as_str())
            .case_insensitive(flags.contains(RegExpFlags::I))
            .multi_line(flags.contains(RegExpFlags::M))
            .dot_matches_new_line(flags.contains(RegExpFlags::S))
            .size_limit(MAX_COMPILED)
            .build()
            .map_err(|_| Unknown)?;
        Ok(Self {
            regex: Rc::new(regex),
            global: flags.contains(RegExpFlags::G),
        })
    }

    fn times(&self) -> usize {
        if self.global { usize::MAX } else { 1 }
    }
}

impl<'a> Evaluation<'a, '_> {
    /// `text.replace(pattern, by)`: by a text, or by what a function gives for each match.
    pub(super) fn replace_matches(
        &mut self,
        text: &Text,
        pattern: &Pattern,
        by: &Val<'a>,
    ) -> Result<Val<'a>, Unknown> {
        let whole = text.to_utf8();
        let piece = |part: &str| Text::new(part, text.decoded);
        let mut out = piece("");
        let mut at = 0;
        for found in pattern.regex.captures_iter(&whole).take(pattern.times()) {
            let Some(all) = found.get(0) else { break };
            self.spend(1)?;
            out.push(&piece(whole.get(at..all.start()).unwrap_or("")));
            at = all.end();
            let by = match by {
                Val::Function(_) | Val::Arrow(_) | Val::Name(_) => {
                    let groups = found.iter().map(|group| {
                        group.map_or(Val::Undefined, |g| Val::Text(piece(g.as_str())))
                    });
                    let mut args: Vec<Val<'a>> = groups.collect();
                    let before = whole.get(..all.start()).unwrap_or("");
                    args.push(Val::Number(before.encode_utf16().count() as f64));
                    self.apply(by, args)?.as_text()?
                }
                by => by.as_text()?,
            };
            // `$1`
            if by.units.contains(&u16::from(b'$')) {
                return Err(Unknown);
            }
            out.push(&by);
            if out.units.len() > MAX_LENGTH {
                return Err(Unknown);
            }
        }
        out.push(&piece(whole.get(at..).unwrap_or("")));
        self.spend(out.units.len() / 16)?;
        Ok(Val::Text(out))
    }

    /// `text.match(pattern)`.
    pub(super) fn matches(&mut self, text: &Text, pattern: &Pattern) -> Result<Val<'a>, Unknown> {
        let whole = text.to_utf8();
        let part = |found: &str| Val::Text(Text::new(found, text.decoded));
        let items: Vec<Val<'a>> = if pattern.global {
            let all = pattern.regex.find_iter(&whole).take(MAX_LENGTH);
            all.map(|m| part(m.as_str())).collect()
        } else {
            let first = pattern.regex.captures(&whole);
            let groups = first.iter().flat_map(|found| found.iter());
            groups
                .map(|group| group.map_or(Val::Undefined, |g| part(g.as_str())))
                .collect()
        };
        self.spend(items.len())?;
        Ok(if items.is_empty() {
            Val::Null
        } else {
            Val::list(items)
        })
    }

    /// `text.split(pattern)`.
    pub(super) fn split_at(&mut self, text: &Text, pattern: &Pattern) -> Result<Val<'a>, Unknown> {
        // groups would stand among the parts, and an empty match parts letters
        if pattern.regex.captures_len() > 1 || pattern.regex.is_match("") {
            return Err(Unknown);
        }
        let whole = text.to_utf8();
        let parts = pattern.regex.split(&whole).take(MAX_LENGTH);
        let parts: Vec<Val<'a>> = parts
            .map(|p| Val::Text(Text::new(p, text.decoded)))
            .collect();
        self.spend(parts.len())?;
        Ok(Val::list(parts))
    }
}
