//! The pull-request comment.

use foretaste_model::Ecosystem;
use foretaste_model::report::Report;
use foretaste_report::markdown;
use pulldown_cmark::{Event, Options, Parser, Tag};

use crate::human::everything;
use crate::reports::*;

fn show(report: &Report) -> String {
    markdown::render(report, &rules)
}

/// Everything in a comment that could act: links, images, HTML.
fn active(text: &str) -> Vec<String> {
    let dialect = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_MATH;
    Parser::new_ext(text, dialect)
        .filter_map(|event| match event {
            Event::Start(tag @ (Tag::Link { .. } | Tag::Image { .. } | Tag::Heading { .. })) => {
                Some(format!("{tag:?}"))
            }
            Event::Html(html) | Event::InlineHtml(html) => Some(html.trim().to_owned()),
            Event::InlineMath(text) | Event::DisplayMath(text) => Some(format!("math {text}")),
            _ => None,
        })
        .collect()
}

#[test]
fn comments() {
    insta::assert_snapshot!("everything", show(&everything()));
    insta::assert_snapshot!("hostile", show(&report(vec![hostile()])));
    insta::assert_snapshot!(
        "clear",
        show(&report(vec![clear(Ecosystem::Npm, "axios", "1.9.0")]))
    );
}

#[test]
fn hostile_strings_add_no_link_image_heading_or_html() {
    let harmless = |html: &str| {
        html.starts_with("<details")
            || html.starts_with("</details>")
            || html.starts_with("Heading { level: H3")
    };
    for line in active(&show(&report(vec![hostile()]))) {
        assert!(harmless(&line), "{line}");
    }
}

#[test]
fn mentions_and_references_stand_only_in_code() {
    let text = show(&report(vec![hostile()]));
    let mut fenced = false;
    let prose: String = Parser::new_ext(&text, Options::ENABLE_TABLES)
        .filter_map(|event| match event {
            Event::Start(Tag::CodeBlock(_)) => {
                fenced = true;
                None
            }
            Event::End(pulldown_cmark::TagEnd::CodeBlock) => {
                fenced = false;
                None
            }
            Event::Text(text) if !fenced => Some(text.to_string()),
            _ => None,
        })
        .collect();
    assert!(
        !prose.contains('@') && !prose.contains('#') && !prose.contains("://"),
        "{prose}"
    );
}

#[test]
fn a_comment_stays_below_the_limit_and_says_what_it_left_out() {
    let many = report(
        (0..400)
            .flat_map(|_| [exfiltration(), hostile(), noted()])
            .collect(),
    );
    let text = show(&many);
    assert!(text.len() <= markdown::MAX_BYTES, "{}", text.len());
    assert!(text.contains("are left out"));
    assert!(text.contains("| and "));
    assert!(text.contains("800 blocked"));
}
