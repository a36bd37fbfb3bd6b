//! A registry whose protocol is files at paths: gem servers, composer repositories, module proxies, NuGet sources and
//! Maven repositories all are.

use std::collections::BTreeMap;

use crate::{Answer, FakeServer, Manners};

/// Files by path. `{base}` in text is replaced by the server's own URL.
#[derive(Clone, Debug, Default)]
pub struct FakeFiles {
    files: BTreeMap<String, Vec<u8>>,
    manners: Manners,
}

impl FakeFiles {
    /// A server without files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how it treats visitors.
    #[must_use]
    pub fn manners(mut self, manners: Manners) -> Self {
        self.manners = manners;
        self
    }

    /// Serves bytes at a path, which begins with a slash.
    #[must_use]
    pub fn file(mut self, path: &str, content: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.to_owned(), content.into());
        self
    }

    /// Starts the server.
    pub async fn start(self) -> FakeServer {
        let files = self.files;
        FakeServer::start(self.manners, move |ask, base| {
            // go escapes the mark of a capital letter once more
            let Some(content) = files.get(&ask.path.replace("%21", "!")) else {
                return Answer::status(404, "not found");
            };
            match std::str::from_utf8(content) {
                Ok(text) => Answer::ok("text/plain", text.replace("{base}", base)),
                Err(_) => Answer::ok("application/octet-stream", content.clone()),
            }
        })
        .await
    }
}
