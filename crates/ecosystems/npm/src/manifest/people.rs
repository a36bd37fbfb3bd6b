//! Authors, contributors and maintainers.

use foretaste_model::manifest::{ManifestFacts, Person};

use super::{Reading, cut};
use crate::json::Node;

/// Bytes kept of a name or an address.
const MAX_NAME: usize = 320;
/// People that are kept: no rule looks at more.
const MAX_PEOPLE: usize = 200;

pub(super) fn read<'a>(reading: &mut Reading<'a>, root: &'a Node, facts: &mut ManifestFacts) {
    for field in ["author", "authors", "contributors", "maintainers"] {
        let Some(node) = root.get(field) else {
            continue;
        };
        if let Some(person) = person_of(node) {
            push(facts, person);
        } else if node.kind() == "an array" {
            for item in reading.bounded(field, node, node.items()) {
                match person_of(item) {
                    Some(person) => push(facts, person),
                    None => reading.wrong_type(field, item, "a person"),
                }
            }
        } else if !is_blank(node) {
            reading.wrong_type(field, node, "a person");
        }
    }
}

fn push(facts: &mut ManifestFacts, person: Person) {
    if facts.people.len() < MAX_PEOPLE && !facts.people.contains(&person) {
        facts.people.push(person);
    }
}

fn is_blank(node: &Node) -> bool {
    node.kind() == "null"
        || node.text().is_some_and(|t| t.trim().is_empty())
        || (node.kind() == "an object" && node.members().is_empty())
}

fn person_of(node: &Node) -> Option<Person> {
    if let Some(text) = node.text() {
        return parse_person(text);
    }
    let field = |key: &str| node.get(key).and_then(Node::text).and_then(kept);
    let person = Person {
        name: field("name"),
        email: field("email").or_else(|| field("mail")),
    };
    // `"name": "Jo <jo@x.example>"` in the object form
    match person.name.as_deref().and_then(parse_person) {
        Some(inner) if person.email.is_none() && inner.email.is_some() => Some(inner),
        _ => (person != Person::default()).then_some(person),
    }
}

/// Reads npm's string form, `Name <mail> (url)`; each part is optional. None if nothing is left.
pub fn parse_person(text: &str) -> Option<Person> {
    let text = text.trim();
    let name_end = text.find(['<', '(']).unwrap_or(text.len());
    let mut name = text.get(..name_end).unwrap_or("").trim();
    let mut email = text
        .split_once('<')
        .and_then(|(_, rest)| rest.split('>').next())
        .map(str::trim);
    if email.is_none() && name.contains('@') && !name.contains(char::is_whitespace) {
        email = Some(name);
        name = "";
    }
    let person = Person {
        name: kept(name),
        email: email.and_then(kept),
    };
    (person != Person::default()).then_some(person)
}

fn kept(text: &str) -> Option<Box<str>> {
    let text = text.trim();
    (!text.is_empty()).then(|| cut(text, MAX_NAME))
}
