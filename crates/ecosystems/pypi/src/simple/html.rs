//! HTML pages: the anchors and `meta` elements that PEP 503 and its successors define, found by a small tolerant
//! scanner. Scripts, comments and everything else are passed over.

use foretaste_model::Digest;
use url::Url;

use super::page::{MAX_FILES, is_file_name, strongest_first};
use super::{CoreMetadata, PageError, SimpleFile, SimplePage};

/// Reads an HTML page that came from `base`.
///
/// # Errors
/// When it states a later major version, or holds no markup at all.
pub fn parse_html(base: &Url, text: &str) -> Result<SimplePage, PageError> {
    let mut page = SimplePage {
        version: (1, 0),
        ..SimplePage::default()
    };
    let mut base = base.clone();
    let mut status: (Option<String>, Option<String>) = (None, None);
    let mut seen_tag = false;
    let mut scanner = Scanner::new(text);
    while let Some(tag) = scanner.next_tag() {
        seen_tag = true;
        match tag.name.as_str() {
            "base" => {
                if let Some(found) = tag.attribute("href").and_then(|href| base.join(href).ok()) {
                    base = found;
                }
            }
            "meta" => {
                let content = tag.attribute("content").unwrap_or_default();
                match tag.attribute("name").unwrap_or_default() {
                    "pypi:repository-version" => page.set_version(content)?,
                    "pypi:project-status" => status.0 = Some(content.to_owned()),
                    "pypi:project-status-reason" => status.1 = Some(content.to_owned()),
                    "pypi:tracks" => page.tracks.push(content.into()),
                    "pypi:alternate-locations" => page.alternate_locations.push(content.into()),
                    _ => {}
                }
            }
            "a" => {
                if page.files.len() >= MAX_FILES {
                    page.problem(format!("only the first {MAX_FILES} files were read"));
                    break;
                }
                if let Some(file) = anchor(&base, &tag, &mut page) {
                    page.files.push(file);
                }
            }
            _ => {}
        }
    }
    if let Some(found) = &status.0 {
        page.set_status(found, status.1.as_deref());
    }
    if !seen_tag && !text.trim().is_empty() {
        return Err(PageError::NotAPage("it has no markup".into()));
    }
    Ok(page)
}

fn anchor(base: &Url, tag: &Tag, page: &mut SimplePage) -> Option<SimpleFile> {
    let href = tag.attribute("href")?;
    let Ok(mut url) = base.join(href.trim()) else {
        page.problem(format!("the link {href:?} cannot be read"));
        return None;
    };
    let fragment = url.fragment().unwrap_or_default().to_owned();
    url.set_fragment(None);
    // The file name is the last part of the path (PEP 503); the anchor's text is only for people.
    let last = url.path_segments()?.next_back()?;
    let filename = percent_encoding::percent_decode_str(last)
        .decode_utf8()
        .ok()?
        .into_owned();
    if filename.is_empty() {
        return None;
    }
    if !is_file_name(&filename) {
        page.problem(format!("{filename:?} is a path, not a file name"));
        return None;
    }
    let mut digests = Vec::new();
    for part in fragment.split('&') {
        let is_digest = part.split_once('=').is_some_and(|(key, _)| {
            ["md5", "sha1", "sha256", "sha384", "sha512"]
                .contains(&key.to_ascii_lowercase().as_str())
        });
        if !is_digest {
            continue;
        }
        match part.parse::<Digest>() {
            Ok(digest) => digests.push(digest),
            Err(_) => page.problem(format!("the hash of {filename:?} is no digest")),
        }
    }
    strongest_first(&mut digests);
    let core_metadata = tag
        .attribute("data-core-metadata")
        .or_else(|| tag.attribute("data-dist-info-metadata"));
    Some(SimpleFile {
        filename: filename.into(),
        url,
        digests,
        requires_python: tag
            .attribute("data-requires-python")
            .filter(|v| !v.trim().is_empty())
            .map(Into::into),
        core_metadata: match core_metadata.map(str::trim) {
            None | Some("false") => CoreMetadata::Absent,
            Some(value) => CoreMetadata::Offered(value.parse().into_iter().collect()),
        },
        yanked: tag.attribute("data-yanked").map(Into::into),
        size: None,
        uploaded: None,
        // An attribute proves provenance; its absence proves nothing, since HTML is frozen and many indexes lack it.
        provenance_url: tag
            .attribute("data-provenance")
            .and_then(|text| base.join(text).ok()),
        provenance: tag.attribute("data-provenance").map(|_| true),
    })
}

/// A start tag.
struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Attributes of one tag that are read.
const MAX_ATTRIBUTES: usize = 32;

/// Finds start tags.
struct Scanner<'a> {
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    const fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    fn next_tag(&mut self) -> Option<Tag> {
        loop {
            let open = self.rest.find('<')?;
            self.rest = self.rest.get(open + 1..)?;
            if let Some(comment) = self.rest.strip_prefix("!--") {
                self.rest = after(comment, "-->");
                continue;
            }
            if !self.rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
                continue;
            }
            let tag = self.tag();
            if matches!(tag.name.as_str(), "script" | "style") {
                let end = format!("</{}", tag.name);
                self.rest = after_ignoring_case(self.rest, &end);
                continue;
            }
            return Some(tag);
        }
    }

    fn tag(&mut self) -> Tag {
        let name = self
            .take_while(|c| !c.is_ascii_whitespace() && !matches!(c, '>' | '/'))
            .to_ascii_lowercase();
        let mut attributes = Vec::new();
        loop {
            self.take_while(|c| c.is_ascii_whitespace() || c == '/');
            match self.rest.chars().next() {
                None => break,
                Some('>') => {
                    self.rest = self.rest.get(1..).unwrap_or_default();
                    break;
                }
                Some(_) => {}
            }
            let key = self
                .take_while(|c| !c.is_ascii_whitespace() && !matches!(c, '>' | '/' | '='))
                .to_ascii_lowercase();
            self.take_while(|c| c.is_ascii_whitespace());
            let value = if let Some(rest) = self.rest.strip_prefix('=') {
                self.rest = rest;
                self.value()
            } else {
                ""
            };
            if attributes.len() < MAX_ATTRIBUTES {
                attributes.push((key, unescape(value)));
            }
        }
        Tag { name, attributes }
    }

    fn value(&mut self) -> &'a str {
        self.take_while(|c| c.is_ascii_whitespace());
        for quote in ['"', '\''] {
            if let Some(rest) = self.rest.strip_prefix(quote) {
                self.rest = rest;
                let value = self.take_while(|c| c != quote);
                self.rest = self.rest.strip_prefix(quote).unwrap_or_default();
                return value;
            }
        }
        self.take_while(|c| !c.is_ascii_whitespace() && c != '>')
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }
}

fn after<'a>(text: &'a str, end: &str) -> &'a str {
    text.split_once(end).map_or("", |(_, rest)| rest)
}

fn after_ignoring_case<'a>(text: &'a str, end: &str) -> &'a str {
    text.match_indices('<')
        .find_map(|(at, _)| {
            let found = text.get(at..at + end.len())?;
            found
                .eq_ignore_ascii_case(end)
                .then(|| text.get(at + end.len()..))?
        })
        .unwrap_or("")
}

/// Resolves the character references that occur in such pages; others stay as written.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        // Looked for in a short window only: a page of nothing but `&` must not cost quadratic time.
        let end = after.bytes().take(9).position(|b| b == b';');
        let reference =
            end.and_then(|end| Some((reference(after.get(..end)?)?, after.get(end + 1..)?)));
        if let Some((c, after)) = reference {
            out.push(c);
            rest = after;
        } else {
            out.push('&');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

fn reference(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use foretaste_model::metadata::ProjectStatus;
    use proptest::prelude::*;

    fn read(text: &str) -> SimplePage {
        let base = Url::parse("https://pkgs.example/simple/frob/").expect("a URL");
        parse_html(&base, text).expect("a page")
    }

    #[test]
    fn an_encoded_separator_makes_no_path_of_a_file_name() {
        let page = read(
            r#"<a href="/f/..%2F..%2Fetc%2Fx-1.0.tar.gz">x</a><a href="/f/%5Cx-1.0.zip">x</a>"#,
        );
        assert_eq!((page.files.len(), page.problems.len()), (0, 2), "{page:?}");
    }

    #[test]
    fn reads_everything_the_peps_define() {
        let sha = "c".repeat(64);
        let page = read(&format!(
            r#"<!DOCTYPE html><html><head>
            <meta name="pypi:repository-version" content="1.4">
            <meta name="pypi:project-status" content="archived">
            <meta name="pypi:project-status-reason" content="done &amp; dusted">
            <meta name="pypi:tracks" content="https://up.example/simple/frob/">
            <title>Links for frob</title></head><body>
            <!-- <a href="/commented-1.0.tar.gz">no</a> -->
            <script>"<a href='/scripted-1.0.tar.gz'>"</SCRIPT>
            <a href="../../files/frob-1.0.tar.gz#sha256={sha}" data-requires-python="&gt;=3.6,&#x3c;4"
               data-yanked="bad &quot;build&quot;" data-gpg-sig="true">frob-1.0.tar.gz</a><br />
            <A HREF='https://files.example/frob-1.0%2Blocal-py3-none-any.whl#md5={md5}'
               data-core-metadata="sha256={sha}" data-dist-info-metadata="true" data-yanked>x</A>
            <a href=frob-2.0.zip data-dist-info-metadata="true" data-provenance="https://p.example/1">y</a>
            <a href="/">up</a><a name="here">nothing</a>
            </body></html>"#,
            md5 = "d".repeat(32),
        ));
        assert_eq!(page.version, (1, 4));
        assert_eq!(page.status, ProjectStatus::Archived);
        assert_eq!(page.status_reason.as_deref(), Some("done & dusted"));
        assert_eq!(page.tracks.len(), 1);
        let [sdist, wheel, zip] = page.files.as_slice() else {
            panic!("three files: {page:#?}");
        };
        assert_eq!(
            sdist.url.as_str(),
            "https://pkgs.example/files/frob-1.0.tar.gz"
        );
        assert_eq!(sdist.digests[0].to_string(), format!("sha256:{sha}"));
        assert_eq!(sdist.requires_python.as_deref(), Some(">=3.6,<4"));
        assert_eq!(sdist.yanked.as_deref(), Some("bad \"build\""));
        assert_eq!(sdist.core_metadata, CoreMetadata::Absent);
        assert_eq!(&*wheel.filename, "frob-1.0+local-py3-none-any.whl");
        assert_eq!(wheel.yanked.as_deref(), Some(""));
        assert!(matches!(&wheel.core_metadata, CoreMetadata::Offered(d) if d.len() == 1));
        assert_eq!(
            zip.url.as_str(),
            "https://pkgs.example/simple/frob/frob-2.0.zip"
        );
        assert_eq!(zip.core_metadata, CoreMetadata::Offered(vec![]));
        assert_eq!((zip.provenance, sdist.provenance), (Some(true), None));
    }

    #[test]
    fn a_base_element_moves_relative_links() {
        let page = read("<base href='https://cdn.example/x/'><a href='frob-1.tar.gz'>f</a>");
        assert_eq!(
            page.files[0].url.as_str(),
            "https://cdn.example/x/frob-1.tar.gz"
        );
    }

    #[test]
    fn a_later_major_version_is_refused_and_a_wrong_hash_is_noted() {
        let base = Url::parse("https://pkgs.example/simple/frob/").expect("a URL");
        assert_eq!(
            parse_html(&base, "<meta name='pypi:repository-version' content='2.1'>"),
            Err(PageError::Version(2, 1))
        );
        assert!(parse_html(&base, "plain words").is_err());
        let page = read("<a href='frob-1.tar.gz#sha256=xyz'>f</a>");
        assert_eq!((page.files.len(), page.problems.len()), (1, 1));
    }

    #[test]
    fn unfinished_markup_ends_quietly() {
        for text in [
            "<a href='x",
            "<a",
            "<",
            "<a href",
            "<a href=",
            "<!--",
            "<script>",
            "&#x110000;",
        ] {
            let _ = parse_html(&Url::parse("http://127.0.0.1/").expect("a URL"), text);
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "(<a |href=|'|\"|>|<|&|#|;|sha256=|é|[a-z0-9]{1,3}| |<script|<!--|-->){0,60}") {
            let base = Url::parse("https://pkgs.example/simple/frob/").expect("a URL");
            let _ = parse_html(&base, &text);
        }

        #[test]
        fn attributes_survive_escaping(reason in "\\PC{0,40}") {
            let escaped: Vec<String> = reason
                .chars()
                .map(|c| format!("&#{};", u32::from(c)))
                .collect();
            let escaped = escaped.concat();
            let page = read(&format!("<a href='frob-1.tar.gz' data-yanked=\"{escaped}\">f</a>"));
            prop_assert_eq!(page.files[0].yanked.as_deref(), Some(reason.as_str()));
        }
    }
}
