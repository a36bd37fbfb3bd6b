//! GitHub-flavoured Markdown.

use super::visible;

/// Hostile text as a code span: nothing in it is markup, a link or a mention.
pub fn code_span(text: &str) -> String {
    let text = visible(text);
    if text.is_empty() {
        return String::new();
    }
    let ticks = "`".repeat(longest_run(&text, '`') + 1);
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) {
        " "
    } else {
        ""
    };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// Hostile text as prose. Words between back-ticks become code spans, and so do words that a service would turn into a
/// link or a mention (`@name`, `#1`, addresses); all other markup is escaped.
pub fn prose(text: &str) -> String {
    let text = visible(text);
    let mut out = String::with_capacity(text.len() + 16);
    // What would begin a list or underline a heading.
    if text.starts_with(['-', '+', '=']) || starts_like_a_number(&text) {
        out.push_str("&#8203;");
    }
    let pieces: Vec<&str> = text.split('`').collect();
    let paired = pieces.len() % 2 == 1;
    for (index, piece) in pieces.iter().enumerate() {
        if paired && index % 2 == 1 {
            out.push_str(&code_span(piece));
            continue;
        }
        if !paired && index > 0 {
            out.push_str("\\`");
        }
        for (position, word) in piece.split(' ').enumerate() {
            if position > 0 {
                out.push(' ');
            }
            if is_link_like(word) {
                // what closes a sentence or an aside is no part of an address
                let core = word.trim_end_matches(['.', ',', ';', ':']);
                let core = match core.strip_suffix(')') {
                    Some(inner) if !inner.contains('(') => inner,
                    _ => core,
                };
                out.push_str(&code_span(core));
                escape_word(word.get(core.len()..).unwrap_or_default(), &mut out);
            } else {
                escape_word(word, &mut out);
            }
        }
    }
    out
}

/// Finished Markdown as the cell of a table: tables are cut at `|` before anything else is read, code spans included.
pub fn cell(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut escaped = false;
    for c in markdown.chars() {
        if c == '|' && !escaped {
            out.push('\\');
        }
        escaped = c == '\\' && !escaped;
        out.push(c);
    }
    out
}

/// `1. ` and `1) ` begin a list.
fn starts_like_a_number(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < text.len() && rest.starts_with(['.', ')'])
}

/// A fence of back-ticks that no line of `content` can close.
pub fn fence(content: &str) -> String {
    "`".repeat(longest_run(content, '`').max(2) + 1)
}

/// True if GitHub, GitLab or a CommonMark extension would link the word.
fn is_link_like(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    word.contains(['@', '#', '$'])
        || lower.contains("://")
        || lower.contains("www.")
        || lower.contains("gh-")
        || lower.contains("mailto:")
        || (word.len() >= 7
            && word.chars().filter(char::is_ascii_hexdigit).count() * 10 >= word.len() * 9
            && word.contains(|c: char| c.is_ascii_digit()))
}

fn escape_word(word: &str, out: &mut String) {
    for c in word.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // Harmless inside a line, and common in names and versions.
            '-' | '.' | ',' | '(' | ')' | '\'' | '"' | '/' | ':' | ';' | '?' | '+' | '=' | '%' => {
                out.push(c);
            }
            c if c.is_ascii_punctuation() => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
}

fn longest_run(text: &str, wanted: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == wanted { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_span_cannot_be_closed_from_inside() {
        assert_eq!(code_span("a`b``c"), "```a`b``c```");
        assert_eq!(code_span("`"), "`` ` ``");
    }

    #[test]
    fn links_images_html_and_mentions_lose_their_power() {
        for (hostile, shown) in [
            ("[x](y)", "\\[x\\](y)"),
            ("**bold** <b>", "\\*\\*bold\\*\\* &lt;b&gt;"),
            ("ask @admin now", "ask `@admin` now"),
            (
                "see https://evil.invalid/?a",
                "see `https://evil.invalid/?a`",
            ),
            ("fixes #12", "fixes `#12`"),
            (
                "(asked https://a.example/s)",
                "(asked `https://a.example/s`)",
            ),
            ("imitates `requests`", "imitates `requests`"),
            ("odd ` tick", "odd \\` tick"),
            ("a | b", "a \\| b"),
        ] {
            assert_eq!(prose(hostile), shown);
        }
    }

    #[test]
    fn no_bar_ends_a_cell() {
        for (markdown, shown) in [
            ("`a|b`", "`a\\|b`"),
            ("a \\| b", "a \\| b"),
            ("`\\\\|`", "`\\\\\\|`"),
        ] {
            assert_eq!(cell(markdown), shown);
        }
    }

    #[test]
    fn a_fence_is_longer_than_any_run_inside() {
        assert_eq!(fence("x"), "```");
        assert_eq!(fence("````\n"), "`````");
    }
}
