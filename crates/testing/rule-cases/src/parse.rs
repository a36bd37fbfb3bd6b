//! From Markdown to cases.

use foretaste_model::Verdict;
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Parser, Tag, TagEnd};

/// One case: an artifact or a world, and what is expected of it.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// The section's title.
    pub title: String,
    /// The artifact's files.
    pub files: Vec<CaseFile>,
    /// The world around it, in TOML.
    pub scene: Option<String>,
    /// Rule ids that must fire; empty for silence.
    pub expect: Vec<String>,
    /// The worst verdict that the case may have.
    pub at_most: Option<Verdict>,
}

/// One file of a case.
#[derive(Clone, Debug)]
pub struct CaseFile {
    /// The path inside the artifact.
    pub path: String,
    /// The content as written.
    pub text: String,
    /// `hex`, `base64` or nothing for text.
    pub encoding: String,
    /// True for a file of the release before the one that is judged.
    pub before: bool,
    /// Rule ids whose evidence must stand in this file.
    pub expect: Vec<String>,
}

/// Reads the cases of one Markdown file.
///
/// # Errors
/// A block without `path=` or `scene`, a verdict that there is not, or a case that says nothing about what it expects.
pub fn parse(markdown: &str) -> Result<Vec<Case>, String> {
    let mut cases: Vec<Case> = Vec::new();
    let mut silent = Vec::new();
    let (mut heading, mut block): (Option<String>, Option<(String, String)>) = (None, None);
    for event in Parser::new(markdown) {
        match event {
            Event::Start(Tag::Heading {
                level: HeadingLevel::H2,
                ..
            }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(HeadingLevel::H2)) => {
                cases.push(Case {
                    title: heading.take().unwrap_or_default(),
                    ..Case::default()
                });
                silent.push(false);
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                block = Some((info.to_string(), String::new()));
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some((_, body)) = &mut block {
                    body.push_str(&text);
                } else if let Some(title) = &mut heading {
                    title.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                let (Some((info, body)), Some(case), Some(silent)) =
                    (block.take(), cases.last_mut(), silent.last_mut())
                else {
                    continue;
                };
                *silent |= add_block(case, &info, body)?;
            }
            _ => {}
        }
    }
    for (case, silent) in cases.iter().zip(silent) {
        if case.expect.is_empty() && !silent {
            return Err(format!(
                "case `{}` expects nothing: write expect=<rule> or expect=none",
                case.title
            ));
        }
    }
    Ok(cases)
}

/// Adds a block; true if it says `expect=none`.
fn add_block(case: &mut Case, info: &str, body: String) -> Result<bool, String> {
    let value = |key: &str| {
        info.split_whitespace()
            .find_map(|w| w.strip_prefix(key)?.strip_prefix('='))
    };
    if let Some(worst) = value("at-most") {
        let known = Verdict::ALL.into_iter().find(|v| v.id() == worst);
        let unknown = || format!("case `{}`: `{worst}` is no verdict", case.title);
        case.at_most = Some(known.ok_or_else(unknown)?);
    }
    let expected = value("expect").unwrap_or("");
    let expect: Vec<String> = expected
        .split(',')
        .filter(|e| !e.is_empty() && *e != "none")
        .map(str::to_owned)
        .collect();
    case.expect.extend(expect.iter().cloned());
    if let Some(path) = value("path") {
        let encoding = value("encoding").unwrap_or("").to_owned();
        case.files.push(CaseFile {
            path: path.to_owned(),
            text: body,
            encoding,
            before: info.split_whitespace().any(|w| w == "before"),
            expect,
        });
    } else if info.split_whitespace().any(|w| w == "scene") {
        case.scene = Some(body);
    } else {
        return Err(format!(
            "a block of case `{}` has neither path= nor `scene`: {info}",
            case.title
        ));
    }
    Ok(expected == "none")
}
