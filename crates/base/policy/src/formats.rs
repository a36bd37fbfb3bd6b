//! What the text of a value must look like, beyond its type. The names stand as `format` in the schema.

use std::path::Path;

use foretaste_model::Digest;

use crate::sections::{Day, IndexUrl};
use crate::waiver::canonical_purl;
use crate::{ByteSize, HumanDuration};

/// What is wrong with a text of this format, and an example of a right one.
pub(crate) fn problem(format: &str, text: &str) -> Option<(String, &'static str)> {
    match format {
        "byte-size" => err(ByteSize::parse(text), "write a size such as `\"64 MiB\"`"),
        "byte-size-u32" => err(
            ByteSize::parse(text).and_then(|size| {
                u32::try_from(size.0).map_err(|_| format!("`{text}` is larger than 4 GiB"))
            }),
            "write a size such as `\"64 KiB\"`",
        ),
        "human-duration" => err(
            HumanDuration::parse(text),
            "write a duration such as `\"30 s\"`",
        ),
        "date" => err(Day::parse(text), "write a day such as `2027-03-31`"),
        "purl-pattern" => err(
            canonical_purl(text),
            "write a package URL such as `pkg:pypi/flask@3.*`",
        ),
        "digest" => err(
            text.parse::<Digest>().map_err(|e| e.to_string()),
            "write `sha256:` and 64 hexadecimal digits",
        ),
        "cargo-registry" if is_registry_name(text) => None,
        "index-url" | "cargo-registry" => url(text),
        "python-version" => (!is_python_version(text)).then(|| {
            (
                format!("`{text}` is no Python version"),
                "write a version such as `\"3.12\"`",
            )
        }),
        "non-empty" => text
            .trim()
            .is_empty()
            .then(|| ("it is empty".to_owned(), "say something")),
        "name-pattern" => name_pattern(text),
        "path" => Path::new(text.trim())
            .as_os_str()
            .is_empty()
            .then(|| ("it is empty".to_owned(), "write a path")),
        _ => None,
    }
}

fn err<T>(result: Result<T, String>, hint: &'static str) -> Option<(String, &'static str)> {
    result.err().map(|message| (message, hint))
}

fn url(text: &str) -> Option<(String, &'static str)> {
    IndexUrl::problem(text).map(|reason| {
        (
            format!("it is no usable URL: {reason}"),
            "write a URL such as `https://pkgs.acme.example/simple/`",
        )
    })
}

/// Cargo's own rule for registry names.
fn is_registry_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
}

fn is_python_version(text: &str) -> bool {
    let mut parts = text.split('.');
    let number = |part: Option<&str>| {
        part.is_some_and(|p| (1..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()))
    };
    number(parts.next()) && number(parts.next()) && parts.all(|p| number(Some(p)))
}

fn name_pattern(text: &str) -> Option<(String, &'static str)> {
    let fixed = text.chars().filter(|c| c.is_alphanumeric()).count();
    if fixed < 2 {
        let message = format!("`{text}` would match nearly every name");
        return Some((message, "name a package or a prefix such as `acme-*`"));
    }
    text.contains(char::is_whitespace).then(|| {
        (
            format!("`{text}` has a space in it"),
            "name a package or a prefix such as `acme-*`",
        )
    })
}
