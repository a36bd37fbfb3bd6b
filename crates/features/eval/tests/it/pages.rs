//! The text, the JSON and the page.

use foretaste_eval::{Report, html, human};

use crate::support::example;

#[test]
fn the_text_reads_like_this() {
    insta::assert_snapshot!(human(&example(), true));
}

#[test]
fn the_json_reads_like_this() {
    insta::assert_json_snapshot!(example());
}

#[test]
fn the_json_can_be_read_again() {
    let report = example();
    let text = serde_json::to_string(&report).expect("written");
    let read: Report = serde_json::from_str(&text).expect("read");
    assert_eq!(read, report);
}

#[test]
fn the_page_is_well_formed_and_loads_nothing() {
    let mut report = example();
    report.comparison = Some(foretaste_eval::compare(&example(), &report));
    let page = html(&report, 0.5, 0.85);
    balanced(&page);
    for word in ["<script", "http-equiv", "src=", "@import", "<link", "url("] {
        let escaped = page.replace("&lt;img src=x&gt;", "");
        assert!(!escaped.contains(word), "{word}");
    }
    assert!(!page.contains('\u{1b}') && !page.contains('\u{202e}'));
}

/// Every tag is closed in its turn.
fn balanced(page: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        let tag = &rest[at + 1..];
        let end = tag.find('>').expect("a tag ends");
        let (tag, after) = (&tag[..end], &tag[end + 1..]);
        rest = after;
        let name = tag.split_ascii_whitespace().next().expect("a name");
        match name.strip_prefix('/') {
            Some(closed) => assert_eq!(open.pop(), Some(closed), "before {after:.80}"),
            None if tag.ends_with('/') || ["!DOCTYPE", "meta", "br"].contains(&name) => {}
            None => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}
