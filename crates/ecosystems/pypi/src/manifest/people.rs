//! Authors and maintainers as metadata writes them.

use foretaste_model::manifest::Person;

use super::reading::{stated, value};

/// Combines an `Author`-like field (names, perhaps several) with an `Author-email`-like one (RFC 822 mailboxes).
pub(crate) fn people(names: Option<&str>, emails: Option<&str>) -> Vec<Person> {
    let mut found: Vec<Person> = emails.map(mailboxes).unwrap_or_default();
    let Some(names) = names.and_then(stated) else {
        return found;
    };
    // One name and one bare address are one person.
    if let [only] = found.as_mut_slice()
        && only.name.is_none()
    {
        only.name = Some(names);
        return found;
    }
    let known = found
        .iter()
        .any(|p| p.name.as_deref().is_some_and(|n| names.contains(n)));
    if !known {
        found.insert(
            0,
            Person {
                name: Some(names),
                email: None,
            },
        );
    }
    found
}

/// `A <a@x>, "B, C" <b@y>, d@z`.
fn mailboxes(text: &str) -> Vec<Person> {
    split_outside_quotes(text)
        .into_iter()
        .filter_map(|part| {
            let part = part.trim();
            let (name, email) = match part.rsplit_once('<') {
                Some((name, rest)) => (name.trim(), rest.trim_end_matches('>').trim()),
                None => ("", part),
            };
            let name = stated(name.trim_matches(['"', '\'']));
            let email = stated(email);
            (name.is_some() || email.is_some()).then_some(Person { name, email })
        })
        .take(200)
        .collect()
}

fn split_outside_quotes(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            ',' | ';' if !quoted => {
                parts.extend(text.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.extend(text.get(start..));
    parts
}

/// A person of a TOML table (`{name = ..., email = ...}`).
pub(super) fn person(name: Option<&str>, email: Option<&str>) -> Option<Person> {
    let name = name.and_then(stated);
    let email = email.map(str::trim).filter(|e| !e.is_empty()).map(value);
    (name.is_some() || email.is_some()).then_some(Person { name, email })
}

/// A person of poetry (`Name <mail>`).
pub(super) fn mailbox(text: &str) -> Vec<Person> {
    if text.contains('<') || text.contains('@') {
        mailboxes(text)
    } else {
        person(Some(text), None).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(names: Option<&str>, emails: Option<&str>) -> Vec<String> {
        people(names, emails)
            .iter()
            .map(|p| {
                format!(
                    "{}|{}",
                    p.name.as_deref().unwrap_or("-"),
                    p.email.as_deref().unwrap_or("-")
                )
            })
            .collect()
    }

    #[test]
    fn joins_names_and_addresses() {
        for (names, emails, expected) in [
            (Some("A B"), Some("a@x.example"), &["A B|a@x.example"][..]),
            (
                None,
                Some("A B <a@x.example>, c@y.example"),
                &["A B|a@x.example", "-|c@y.example"],
            ),
            (None, Some("\"B, A\" <a@x.example>"), &["B, A|a@x.example"]),
            (
                Some("A, B"),
                Some("A <a@x.example>, B <b@x.example>"),
                &["A|a@x.example", "B|b@x.example"],
            ),
            (Some("UNKNOWN"), Some("UNKNOWN"), &[]),
            (Some("A"), None, &["A|-"]),
            (None, Some(""), &[]),
        ] {
            assert_eq!(shown(names, emails), expected, "{names:?} {emails:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(names in "\\PC{0,30}", emails in "\\PC{0,60}") {
            let _ = people(Some(&names), Some(&emails));
        }
    }
}
