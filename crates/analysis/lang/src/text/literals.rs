//! String constants in text that has no grammar here.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use foretaste_observe::FactsBuilder;

use super::Setting;
use crate::triggers;

/// What makes a place in a text worth a closer look.
const TRIGGERS: &[&str] = &[
    "://",
    "api/webhooks/",
    "api.telegram.org/bot",
    "PRIVATE KEY-----",
    "ghp_",
    "xoxb-",
    "AKIA",
];

/// Further triggers in data and scripts; prose is full of them for honest reasons.
const DATA_TRIGGERS: &[&str] = &[
    ".ssh/",
    ".aws/",
    "/etc/shadow",
    "/etc/passwd",
    "/dev/tcp/",
    "curl ",
    "wget ",
    "powershell",
    "Invoke-",
    "| sh",
    "|sh",
    "| bash",
    "|bash",
    "base64 -d",
    ".bashrc",
    "crontab",
    "Login Data",
    "wallet.dat",
    "/proc/self/environ",
];

/// Places that are looked at, at most.
const MAX_HITS: usize = 4_000;

/// Literals of one text that are kept: a list of links is no evidence of anything.
const MAX_LITERALS: usize = 500;

/// Text beyond this is searched for nothing: data of that size repeats itself.
const MAX_BYTES: usize = 16 << 20;

/// How much of a line around a trigger is taken.
const REACH: usize = 240;

/// Quoted strings of data files up to this size are all looked at.
const EVERY_STRING: usize = 256 << 10;

static PROSE: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| triggers::search(TRIGGERS));
static DATA: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| triggers::search(TRIGGERS.iter().chain(DATA_TRIGGERS)));

/// Adds the literals of a text. Data files give their quoted strings too.
pub(crate) fn literals(facts: &mut FactsBuilder<'_>, setting: Setting) {
    let text = facts.places().text();
    let text = text.get(..floor(text, MAX_BYTES)).unwrap_or(text);
    let given = if setting == Setting::Code && text.len() <= EVERY_STRING {
        quoted(text, facts)
    } else {
        Vec::new()
    };
    let triggers = match setting {
        Setting::Prose => &PROSE,
        Setting::Code => &DATA,
    };
    let Some(triggers) = triggers.as_ref() else {
        return;
    };
    let mut done = 0;
    for hit in triggers.find_iter(text).take(MAX_HITS) {
        let after = given.partition_point(|(start, _)| *start <= hit.start());
        let inside = after
            .checked_sub(1)
            .and_then(|i| given.get(i))
            .is_some_and(|(_, end)| hit.start() < *end);
        if facts.facts().literals.len() >= MAX_LITERALS {
            break;
        }
        if hit.start() < done || inside {
            continue;
        }
        let url = text.get(hit.start()..hit.end()) == Some("://");
        let (start, end) = around(text, hit.start(), hit.end(), url);
        done = end;
        if let Some(value) = text.get(start..end) {
            facts.literal(value, (start as u32, end as u32), 0);
        }
    }
}

/// Adds the strings between double quotes, as JSON, YAML and TOML write them, and returns their places.
fn quoted(text: &str, facts: &mut FactsBuilder<'_>) -> Vec<(usize, usize)> {
    let mut given = Vec::new();
    let bytes = text.as_bytes();
    let mut open: Option<usize> = None;
    let mut at = 0;
    while let Some(next) = memchr::memchr3(b'"', b'\\', b'\n', bytes.get(at..).unwrap_or(&[])) {
        let here = at + next;
        at = here + 1;
        match bytes.get(here) {
            Some(b'\\') => at += 1,
            Some(b'\n') => open = None,
            _ => match open.take() {
                Some(start) => {
                    if let Some(value) = text.get(start..here)
                        && value.len() >= 7
                        && facts.facts().literals.len() < MAX_LITERALS
                    {
                        given.push((start, here));
                        facts.literal(value, (start as u32, here as u32), 0);
                    }
                }
                None => open = Some(here + 1),
            },
        }
    }
    given
}

/// The word around a URL, or the line around anything else; bounded.
fn around(text: &str, start: usize, end: usize, url: bool) -> (usize, usize) {
    let low = ceil(text, start.saturating_sub(REACH));
    let high = floor(text, end.saturating_add(REACH));
    let stop = |c: char| {
        matches!(c, '\n' | '\r')
            || (url
                && (c.is_whitespace()
                    || matches!(c, '"' | '\'' | '<' | '>' | '`' | '(' | '[' | '|')))
    };
    let stop_after = |c: char| stop(c) || (url && matches!(c, ')' | ']'));
    let before = text.get(low..start).unwrap_or("");
    let from = before
        .char_indices()
        .rev()
        .find(|(_, c)| stop(*c))
        .map_or(low, |(i, c)| low + i + c.len_utf8());
    let after = text.get(end..high).unwrap_or("");
    let to = after.find(stop_after).map_or(high, |i| end + i);
    (from, to)
}

fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn ceil(text: &str, mut at: usize) -> usize {
    while at < text.len() && !text.is_char_boundary(at) {
        at += 1;
    }
    at.min(text.len())
}

#[cfg(test)]
mod tests {
    use foretaste_model::facts::{Language, LiteralKind};

    use super::*;

    fn found(text: &str, setting: Setting) -> Vec<(LiteralKind, String)> {
        let mut facts = FactsBuilder::new(Language::Data, text);
        literals(&mut facts, setting);
        let facts = facts.finish();
        facts
            .literals
            .iter()
            .map(|l| (l.kind, l.value.to_string()))
            .collect()
    }

    #[test]
    fn addresses_are_found_in_prose_and_more_in_data() {
        use LiteralKind as K;
        let prose = "See [docs](https://docs.example.invalid/a), or run `curl x`; keys are in ~/.ssh/id_rsa.";
        assert_eq!(
            found(prose, Setting::Prose),
            [(K::Url, "https://docs.example.invalid/a".to_owned())]
        );
        let data = "{\"ip\": \"203.0.113.9\", \"key\": \"~/.ssh/id_rsa\", \"n\": \"hello\"}";
        let kinds: Vec<_> = found(data, Setting::Code)
            .into_iter()
            .map(|(k, _)| k)
            .collect();
        assert_eq!(kinds, [K::IpAddress, K::SecretPath]);
    }

    #[test]
    fn no_trigger_hides_another() {
        triggers::assert_apart(&[TRIGGERS, DATA_TRIGGERS].concat());
    }

    #[test]
    fn huge_data_costs_little() {
        let text = "\"https://a.example.invalid/\",é\n".repeat(200_000);
        let started = foretaste_model::Stopwatch::start();
        assert!(!found(&text, Setting::Code).is_empty());
        assert!(started.elapsed().as_secs() < 5);
    }
}
