//! What a policy permits that another did not, and where it says so.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One thing that is permitted beyond what was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Widening {
    /// How much it matters.
    pub what: What,
    /// What is permitted, as part of a sentence ("connections to files.example"). Hostile text.
    pub told: String,
    /// Where the policy says so.
    pub at: Vec<Step>,
}

/// What kind of thing is permitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Something that could not be done, or was seen and is not any more.
    Permission,
    /// More of what was permitted: memory, time.
    Budget,
}

/// One step from the whole of a policy to a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into a table.
    Key(String),
    /// Into a list.
    Index(usize),
}

impl Widening {
    pub(crate) fn permission(told: String, keys: &[&str]) -> Self {
        Self {
            what: What::Permission,
            told,
            at: keys.iter().map(|key| Step::Key((*key).into())).collect(),
        }
    }

    pub(crate) fn nth(mut self, index: usize) -> Self {
        self.at.push(Step::Index(index));
        self
    }

    pub(crate) fn key(mut self, key: &str) -> Self {
        self.at.push(Step::Key(key.to_owned()));
        self
    }
}

/// The line of a policy's text, from 1, that says something: as far in as the text goes. None if it says nothing of it.
pub fn line(text: &str, at: &[Step]) -> Option<u32> {
    let table = DeTable::parse(text).ok()?;
    let (first, rest) = match at.split_first()? {
        (Step::Key(key), rest) => (key.as_str(), rest),
        (Step::Index(_), _) => return None,
    };
    let (key, mut value) = table
        .get_ref()
        .iter()
        .find(|(key, _)| key.get_ref() == first)?;
    let mut start = key.span().start;
    for step in rest {
        let inner: Option<(usize, &Spanned<DeValue<'_>>)> = match (step, value.get_ref()) {
            (Step::Key(key), DeValue::Table(table)) => table
                .iter()
                .find(|(own, _)| own.get_ref() == key)
                .map(|(own, value)| (own.span().start, value)),
            (Step::Index(index), DeValue::Array(list)) => {
                list.get(*index).map(|value| (value.span().start, value))
            }
            _ => None,
        };
        let Some((deeper, inner)) = inner else { break };
        (start, value) = (deeper, inner);
    }
    let lines = text.get(..start)?.split('\n').count();
    u32::try_from(lines).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_that_of_the_entry_however_it_is_written() {
        let allow = |index| {
            [
                Step::Key("network".into()),
                Step::Key("allow".into()),
                Step::Index(index),
            ]
        };
        let plain =
            "preset = \"pip\"\n[network]\nallow = [\n  \"a.example\",\n  \"b.example\",\n]\n";
        assert_eq!(line(plain, &allow(1)), Some(5));
        let inline = "# first\nnetwork = { allow = [\"a.example\", \"b.example\"] }\n";
        assert_eq!(line(inline, &allow(1)), Some(2));
        let dotted = "\nnetwork.allow = [\"a.example\",\n\"b.example\"]\n";
        assert_eq!(line(dotted, &allow(1)), Some(3));
        assert_eq!(line(dotted, &allow(7)), Some(2), "as far in as it goes");
        assert_eq!(line("preset = \"pip\"\n", &allow(0)), None);
    }
}
