//! Index pages, kept rendered and compressed until something changes or their time is over.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use axum::http::HeaderValue;
use bytes::Bytes;
use foretaste_model::ContentDigest;

use crate::flights::Flights;
use crate::gate::Gate;
use crate::record::Key;

/// Bytes of pages that are kept: with them the process stays below 60 MiB. They are made anew from what lies on this disk.
const KEPT_BYTES: usize = 20 << 20;
/// How long a page is good: ages grow, and the upstream may have changed.
const GOOD_FOR: Duration = Duration::from_secs(20);
/// Smaller pages are not worth compressing.
const COMPRESS_FROM: usize = 600;

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

/// A page ready to be sent.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) content_type: &'static str,
    pub(crate) plain: Bytes,
    pub(crate) gzip: Option<Bytes>,
    /// A strong entity tag of the plain form, in quotes.
    pub(crate) etag: HeaderValue,
    /// The one of the compressed form.
    pub(crate) gzip_etag: HeaderValue,
}

/// Why there is no page.
#[derive(Clone, Debug)]
pub(crate) enum NoPage {
    /// There is no such package, for certain.
    Absent,
    /// It cannot be told now.
    Trouble(String),
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
        let tag = |form: &str| {
            let tag = format!("\"{}{form}\"", hex.get(..32).unwrap_or_default());
            HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\""))
        };
        let gzip = (plain.len() >= COMPRESS_FROM)
            .then(|| compress(&plain))
            .flatten();
        Self {
            content_type,
            etag: tag(""),
            gzip_etag: tag("-gz"),
            gzip,
            plain: plain.into(),
        }
    }

    fn size(&self) -> usize {
        self.plain.len() + self.gzip.as_ref().map_or(0, Bytes::len)
    }
}

fn compress(plain: &[u8]) -> Option<Bytes> {
    let level = flate2::Compression::new(6);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
    encoder.write_all(plain).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

impl Pages {
    fn good(&self, key: &PageKey) -> Option<Arc<Page>> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let found = kept.get(key)?;
        (Instant::now() < found.until).then(|| Arc::clone(&found.page))
    }

    fn keep(&self, key: PageKey, page: &Arc<Page>) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        let size: usize = kept.values().map(|k| k.page.size()).sum();
        if size + page.size() > KEPT_BYTES {
            let now = Instant::now();
            kept.retain(|_, k| now < k.until);
            if kept.values().map(|k| k.page.size()).sum::<usize>() > KEPT_BYTES / 2 {
                kept.clear();
            }
        }
        let until = Instant::now() + GOOD_FOR;
        let page = Arc::clone(page);
        kept.insert(key, Kept { page, until });
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
        landed
            .await
            .unwrap_or_else(|| Err(NoPage::Trouble("building the page broke off".to_owned())))
    }
}
