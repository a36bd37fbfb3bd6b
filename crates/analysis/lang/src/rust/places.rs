//! Places on the disk: which secret file a path leads to before anything reads it, and what a caller's path does.

use foretaste_model::Capability;
use foretaste_model::facts::LiteralKind;
use foretaste_observe::literal;

use super::flow::{File, MAX_NAMES};
use super::lex::{Kind, Token};
use super::value::{Point, Value, clean};

/// The longest path that is followed.
const MAX_PATH: usize = 300;

/// A path that is known in part, and where it is written.
pub(super) type Place = (String, (u32, u32));

/// Texts of a statement with their places.
type Texts<'t> = [(&'t str, (u32, u32))];

impl File<'_, '_, '_> {
    /// A variable holds a path from here on: `let keys = home.join(".ssh")`.
    pub(super) fn let_places(&mut self, targets: &[&str], tokens: &[Token], texts: &Texts<'_>) {
        if targets.is_empty() || (targets.len() > 1 && self.places.is_empty()) {
            return;
        }
        let place = match targets {
            [_] => self.place(tokens, texts),
            _ => None,
        };
        for name in targets {
            self.places.remove(*name);
        }
        if let ([name], Some(place)) = (targets, place)
            && self.places.len() < MAX_NAMES
        {
            self.places.insert((*name).to_owned(), place);
        }
    }

    /// `path.push(".ssh")`
    pub(super) fn place_grows(&mut self, tokens: &[Token], texts: &Texts<'_>) {
        let [
            Token {
                kind: Kind::Path(name),
                ..
            },
            Token {
                kind: Kind::Member(method),
                ..
            },
            rest @ ..,
        ] = tokens
        else {
            return;
        };
        if method != "push" || texts.len() != 1 || self.places.len() >= MAX_NAMES {
            return;
        }
        let Some((part, range)) = self.place(rest, texts) else {
            return;
        };
        let (mut path, range) = self
            .places
            .get(name)
            .cloned()
            .unwrap_or_else(|| (String::new(), range));
        if path.len() + part.len() < MAX_PATH {
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(&part);
            self.places.insert(name.clone(), (path, range));
        }
    }

    /// The path that an expression amounts to: what its first variable holds, and the parts that are joined to it.
    pub(super) fn place(&self, tokens: &[Token], texts: &Texts<'_>) -> Option<Place> {
        let mut path = String::new();
        let mut at = None;
        let (first, last) = (tokens.first()?.range.0, tokens.last()?.range.1);
        for token in tokens {
            if let Kind::Path(name) = &token.kind
                && let Some((known, range)) = self.places.get(name)
            {
                path.clone_from(known);
                at = Some(*range);
                break;
            }
        }
        for (text, range) in texts.iter().filter(|(_, r)| first <= r.0 && r.1 <= last) {
            let part = text.trim_matches('/');
            let is_variable = part.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
            let is_part = !is_variable
                && path.len() + part.len() < MAX_PATH
                && !part.contains(|c: char| c.is_whitespace() || c == ':');
            if is_part {
                if !path.is_empty() {
                    path.push('/');
                }
                path.push_str(part);
                at.get_or_insert(*range);
            }
        }
        Some((path, at?))
    }

    /// What reading the secret file that a statement names gives.
    pub(super) fn secret_read(
        &self,
        tokens: &[Token],
        points: &[Point],
        texts: &Texts<'_>,
    ) -> Option<Value> {
        let read = points.iter().find(|p| reads(p))?;
        // what stands there in one text is known without this
        let listed = points.iter().any(|p| p.capability == Capability::FileList);
        if !listed && texts.iter().any(|(text, _)| is_kept(text)) {
            return None;
        }
        let (path, range) = self.place(tokens, texts)?;
        is_secret(&path).then(|| Value::of(read_of(path, range, read)))
    }

    /// A path that a caller gives is read: what arrives is the file behind it.
    pub(super) fn read_for_caller(values: &mut [Value], points: &[Point]) {
        let Some(read) = points.iter().find(|p| reads(p)) else {
            return;
        };
        for value in values.iter_mut().filter(|v| v.is_given()) {
            if value.points.is_empty() {
                value.points.push(read.clone());
            }
        }
    }

    /// What a function of this file reads at the place that an argument names, and what it did with it.
    pub(super) fn read_at_argument(&self, argument: &[Token], through: &[Point]) -> Option<Value> {
        let (read, rest) = through.split_first()?;
        if !reads(read) {
            return None;
        }
        let texts: Vec<(&str, (u32, u32))> = argument
            .iter()
            .filter_map(|t| match &t.kind {
                Kind::Text(text) => Some((text.as_str(), t.range)),
                _ => None,
            })
            .collect();
        let (path, range) = self.place(argument, &texts)?;
        if !is_secret(&path) {
            return None;
        }
        let mut value = Value::of(read_of(path, range, read));
        value.points.extend(rest.iter().cloned());
        Some(value)
    }

    /// What a function writes to the file that a caller names.
    pub(super) fn writes_for_caller(&mut self, places: &[String], stored: &[Value]) {
        for place in places {
            let Some(name) = place.strip_prefix('$') else {
                continue;
            };
            let given = self.variables.get(name).into_iter().flatten();
            let position = given
                .filter(|v| v.points.is_empty())
                .find_map(Value::position);
            if let Some(position) = position {
                self.summary.writes(position, stored);
            }
        }
    }

    /// A call of a function that writes to the file that an argument names.
    pub(super) fn written_by(&mut self, argument: &[Token], written: &[Value]) {
        let keys = argument.iter().filter_map(|t| match &t.kind {
            Kind::Text(text) => Some(clean(text).to_owned()),
            Kind::Path(name) if name != "mut" => Some(format!("${name}")),
            _ => None,
        });
        for key in keys.take(4) {
            if self.files.len() < MAX_NAMES {
                self.files.insert(key, written.to_vec());
            }
        }
    }
}

/// Methods that read what they are called on, or the file that they are given: `path.read_dir()`, `part.file(path)`.
pub(super) fn method_reads(tokens: &[Token]) -> Vec<Point> {
    let sends_parts = tokens.iter().any(|t| match &t.kind {
        Kind::Member(name) => matches!(name.as_str(), "part" | "multipart"),
        Kind::Path(path) => {
            path.contains("Form.") || path.contains("Part.") || path.contains("multipart.")
        }
        _ => false,
    });
    let mut found = Vec::new();
    for token in tokens {
        let (capability, api) = match &token.kind {
            Kind::Member(name) if name == "read_dir" => {
                (Capability::FileList, "std::path::Path::read_dir")
            }
            Kind::Member(name) if sends_parts && name == "file" => (Capability::FileRead, "file"),
            Kind::Path(path) if sends_parts && path.ends_with("Part.file") => {
                (Capability::FileRead, "file")
            }
            _ => continue,
        };
        if found.len() < 4 {
            found.push(Point {
                capability,
                api: api.to_owned(),
                range: token.range,
                constant: None,
            });
        }
    }
    found
}

const fn reads(point: &Point) -> bool {
    matches!(
        point.capability,
        Capability::FileRead | Capability::FileList
    )
}

/// Reading a secret file; of a folder, whatever lies in it.
fn read_of(path: String, range: (u32, u32), read: &Point) -> Point {
    let constant = if read.capability == Capability::FileList {
        format!("{path}/{{}}")
    } else {
        path
    };
    Point {
        capability: Capability::FileRead,
        api: read.api.clone(),
        range,
        constant: Some(constant),
    }
}

fn is_secret(path: &str) -> bool {
    // what a project keeps out of its repository
    let settings = path == ".env" || path.ends_with("/.env");
    settings || is_kept(path)
}

fn is_kept(path: &str) -> bool {
    literal::classify(path)
        .into_iter()
        .any(|(kind, _)| kind == LiteralKind::SecretPath)
}
