//! Index pages, kept rendered and compressed until something changes or their time is over.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use axum::http::HeaderValue;
use bytes::Bytes;
use foretaste_model::ContentDigest;

use crate::flights::Flights;
use crate::gate::Gate;
use crate::outage::{self, Outage};
use crate::record::Key;

/// Bytes of pages that are kept: with them the process stays below 60 MiB. They are made anew from what lies on this disk.
const KEPT_BYTES: usize = 8 << 20;
/// How long a page is good: ages grow, and the upstream may have changed.
const GOOD_FOR: Duration = Duration::from_secs(20);
/// Smaller pages are not worth compressing.
const COMPRESS_FROM: usize = 600;
/// The one that costs little, since pages are made anew every few seconds, and the usual one.
const ZSTD_LEVEL: i32 = 3;
const GZIP_LEVEL: u32 = 6;

/// What a page is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    /// A Python project, PEP 691.
    SimpleJson,
    /// A Python project, PEP 503.
    SimpleHtml,
    /// An npm package with everything.
    Packument,
    /// An npm package for installers.
    Abbreviated,
    /// A crate of a sparse index.
    Crate,
}

/// How the bytes of a page are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Plain,
    Gzip,
    Zstd,
}

impl Encoding {
    /// Its name in HTTP; none for the plain one.
    pub(crate) const fn id(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Gzip => Some("gzip"),
            Self::Zstd => Some("zstd"),
        }
    }
}

/// A page ready to be sent. It is compressed for the first who takes it so, and then kept in that form too.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) content_type: &'static str,
    plain: Bytes,
    gzip: OnceLock<Option<Bytes>>,
    zstd: OnceLock<Option<Bytes>>,
    /// What tells the content from any other.
    tag: Box<str>,
}

/// Why there is no page.
#[derive(Clone, Debug)]
pub(crate) enum NoPage {
    /// There is no such package, for certain.
    Absent,
    /// It cannot be told now.
    Trouble(String),
}

impl<E: Outage> From<E> for NoPage {
    fn from(error: E) -> Self {
        Self::Trouble(outage::told(&error))
    }
}

/// What a page is for, and for which team.
type View = (Form, String);

/// Package, view, and the URL under which the client reaches the gate, where the page holds it.
type PageKey = (Key, View, Box<str>);

struct Kept {
    page: Arc<Page>,
    until: Instant,
}

/// Pages in memory.
#[derive(Default)]
pub(crate) struct Pages {
    kept: RwLock<HashMap<PageKey, Kept>>,
    flights: Flights<PageKey, Result<Arc<Page>, NoPage>>,
}

impl Page {
    pub(crate) fn new(content_type: &'static str, plain: Vec<u8>) -> Self {
        let hex = ContentDigest::of(&plain).to_hex();
        Self {
            content_type,
            tag: hex.get(..32).unwrap_or_default().into(),
            gzip: OnceLock::new(),
            zstd: OnceLock::new(),
            plain: plain.into(),
        }
    }

    /// Its bytes in the first of these encodings that is worth the trouble, and a strong entity tag of that form, in quotes: two
    /// encodings are two representations.
    pub(crate) fn encoded(&self, liked: &[Encoding]) -> (&Bytes, Encoding, HeaderValue) {
        let small = self.plain.len() < COMPRESS_FROM;
        let liked = if small { &[] } else { liked };
        let made = liked.iter().find_map(|encoding| {
            let body = match encoding {
                Encoding::Plain => Some(&self.plain),
                Encoding::Gzip => self.gzip.get_or_init(|| gzipped(&self.plain)).as_ref(),
                Encoding::Zstd => self.zstd.get_or_init(|| in_zstd(&self.plain)).as_ref(),
            };
            body.map(|body| (body, *encoding))
        });
        let (body, encoding) = made.unwrap_or((&self.plain, Encoding::Plain));
        let form = match encoding {
            Encoding::Plain => "",
            Encoding::Gzip => "-gz",
            Encoding::Zstd => "-zst",
        };
        let tag = HeaderValue::from_str(&format!("\"{}{form}\"", self.tag));
        let tag = tag.unwrap_or(HeaderValue::from_static("\"\""));
        (body, encoding, tag)
    }

    fn size(&self) -> usize {
        let made = |form: &OnceLock<Option<Bytes>>| {
            let bytes = form.get().and_then(Option::as_ref);
            bytes.map_or(0, Bytes::len)
        };
        self.plain.len() + made(&self.gzip) + made(&self.zstd)
    }
}

fn gzipped(plain: &[u8]) -> Option<Bytes> {
    let level = flate2::Compression::new(GZIP_LEVEL);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
    encoder.write_all(plain).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

fn in_zstd(plain: &[u8]) -> Option<Bytes> {
    let packed = zstd::bulk::compress(plain, ZSTD_LEVEL);
    packed.ok().map(Bytes::from)
}

impl Pages {
    fn good(&self, key: &PageKey) -> Option<Arc<Page>> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let found = kept.get(key)?;
        (Instant::now() < found.until).then(|| Arc::clone(&found.page))
    }

    fn keep(&self, key: PageKey, page: &Arc<Page>) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        kept.retain(|_, k| now < k.until);
        let size: usize = kept.values().map(|k| k.page.size()).sum();
        if size + page.size() > KEPT_BYTES {
            kept.clear();
        }
        let until = Instant::now() + GOOD_FOR;
        let page = Arc::clone(page);
        kept.insert(key, Kept { page, until });
    }

    /// Lets go of what is out of date.
    pub(crate) fn sweep(&self) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        kept.retain(|_, k| now < k.until);
    }

    /// Forgets every page.
    pub(crate) fn clear(&self) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        kept.clear();
    }

    /// Forgets the pages of a package.
    pub(crate) fn forget(&self, key: &Key) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(of, _, _), _| of != key);
    }
}

impl Gate {
    /// A page, from memory or built; several who want it build it once.
    pub(crate) async fn page<F>(
        self: &Arc<Self>,
        key: Key,
        view: View,
        base: &str,
        build: impl FnOnce(Arc<Self>) -> F,
    ) -> Result<Arc<Page>, NoPage>
    where
        F: Future<Output = Result<Page, NoPage>> + Send + 'static,
    {
        self.metrics.page(key.0);
        let id = (key, view, base.into());
        if let Some(page) = self.pages.good(&id) {
            return Ok(page);
        }
        let landed = self.pages.flights.join(id.clone(), || {
            let gate = Arc::clone(self);
            let epoch = self.records.epoch();
            let work = build(Arc::clone(self));
            async move {
                let page = Arc::new(work.await?);
                if gate.records.epoch() == epoch {
                    gate.pages.keep(id, &page);
                }
                Ok(page)
            }
        });
        let page = landed
            .await
            .unwrap_or_else(|| Err(NoPage::Trouble("building the page broke off".to_owned())));
        if let (Some(left_out), Err(NoPage::Trouble(reason))) = (&self.left_out, &page) {
            left_out.note_trouble(reason);
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn a_page_is_compressed_for_those_who_take_it_and_each_form_has_its_tag() {
        let text = "a line of an index, again and again\n"
            .repeat(500)
            .into_bytes();
        let page = Page::new("text/plain", text.clone());
        assert_eq!(
            page.size(),
            text.len(),
            "nobody asked for a packed form yet"
        );
        let (plain, encoding, plain_tag) = page.encoded(&[]);
        assert_eq!((plain.as_ref(), encoding), (&text[..], Encoding::Plain));
        let (packed, encoding, gzip_tag) = page.encoded(&[Encoding::Gzip]);
        assert_eq!(encoding.id(), Some("gzip"));
        let mut back = Vec::new();
        let mut reader = flate2::read::GzDecoder::new(packed.as_ref());
        reader.read_to_end(&mut back).expect("gzip");
        assert_eq!(back, text);
        let (packed, encoding, zstd_tag) = page.encoded(&[Encoding::Zstd, Encoding::Gzip]);
        assert_eq!(encoding.id(), Some("zstd"));
        let back = zstd::bulk::decompress(packed, text.len()).expect("zstd");
        assert_eq!(back, text);
        assert!(plain_tag != gzip_tag && gzip_tag != zstd_tag);
        assert!(page.size() > text.len());
    }

    #[test]
    fn small_pages_are_sent_as_they_are() {
        let page = Page::new("text/plain", b"little".to_vec());
        let (body, encoding, _) = page.encoded(&[Encoding::Zstd, Encoding::Gzip]);
        assert_eq!((body.as_ref(), encoding), (&b"little"[..], Encoding::Plain));
    }
}
